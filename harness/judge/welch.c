/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/judge/welch.h"

#include <math.h>

#include "harness/judge/flip.h"
#include "harness/judge/ratio.h"
#include "harness/judge/tail.h"

static double step_of(const struct published_mean *m)
{
	if (m->resolution > 0)
		return m->resolution;
	return m->sd > 0 ? 0 : resolution_of(&m->mean, 1);
}

/* Of the mean. */
static double variance(const struct published_mean *m, double step)
{
	return fmax(m->sd * m->sd, step * step / 12) / m->n;
}

/* A difference as a log ratio; what would take away all there was is no number's log. */
static double as_log(double difference, double mean)
{
	return difference > -mean ? ratio_log(difference / mean) : (double)-INFINITY;
}

struct welch welch_test(const struct published_mean *baseline,
			const struct published_mean *patched, double alpha)
{
	double step = fmax(step_of(baseline), step_of(patched));
	double difference = patched->mean - baseline->mean, error, reach, a, b;
	struct welch w = { .t = (double)NAN, .df = (double)NAN, .p = 1,
			   .effect = log(patched->mean) - log(baseline->mean),
			   .low = (double)-INFINITY, .high = (double)INFINITY };

	if (baseline->n < 2 || patched->n < 2)
		return w;
	a = variance(baseline, step);
	b = variance(patched, step);
	error = sqrt(a + b);
	w.t = flip_shrink(difference, step) / error;
	w.df = (a + b) * (a + b) / (a * a / (baseline->n - 1) + b * b / (patched->n - 1));
	w.p = tail_student(w.t, w.df);
	reach = tail_student_quantile(alpha, w.df) * error + step;
	w.low = as_log(difference - reach, baseline->mean);
	w.high = as_log(difference + reach, baseline->mean);
	return w;
}
