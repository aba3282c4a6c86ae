/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/judge/ratio.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>

static bool has_log(double x)
{
	return x > 0 && isfinite(x);
}

static bool all_multiples(const double *x, size_t n, double step)
{
	double steps;
	size_t i;

	for (i = 0; i < n; i++) {
		steps = fabs(x[i]) / step;
		if (fabs(steps - round(steps)) > 1e-9 * fmax(steps, 1))
			return false;
	}
	return true;
}

/* Powers below the least that a double holds with all its digits would be 0. */
double resolution_of(const double *x, size_t n)
{
	double largest = 0;
	int power;
	size_t i;

	for (i = 0; i < n; i++)
		largest = fmax(largest, fabs(x[i]));
	if (!(largest >= DBL_MIN))
		return 0;
	for (power = (int)floor(log10(largest)); power > DBL_MIN_10_EXP; power--)
		if (all_multiples(x, n, pow(10, power)))
			return pow(10, power);
	return 0;
}

/* One side's numbers in the blocks that count: their step if they are all the same. */
static double guess(const double *x, const double *d, size_t n)
{
	const double *first = NULL;
	uint32_t seen = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		if (isnan(d[i]))
			continue;
		if (!first)
			first = &x[i];
		if (x[i] != *first)
			return 0;
		seen++;
	}
	return seen > 1 ? resolution_of(first, 1) : 0;
}

static double off_by(double x, double step)
{
	double half = step / 2 / x;

	return half < 1 ? -log1p(-half) : (double)INFINITY;
}

struct ratio ratio_of(const struct paired *p, double *d)
{
	double step = p->resolution;
	struct ratio r = { 0 };
	size_t i;

	for (i = 0; i < p->n; i++) {
		d[i] = (double)NAN;
		if (isnan(p->baseline[i]) || isnan(p->patched[i]))
			continue;
		if (!has_log(p->baseline[i]) || !has_log(p->patched[i])) {
			r.unusable++;
			continue;
		}
		/* Not the log of the quotient: turned round, the numbers give exactly the opposite. */
		d[i] = log(p->patched[i]) - log(p->baseline[i]);
		r.present++;
	}
	if (!(step > 0))
		step = fmax(guess(p->baseline, d, p->n), guess(p->patched, d, p->n));
	for (i = 0; step > 0 && i < p->n; i++)
		if (!isnan(d[i]))
			r.blur = fmax(r.blur, off_by(p->baseline[i], step) + off_by(p->patched[i], step));
	return r;
}

double ratio_change(double log_ratio)
{
	return expm1(log_ratio);
}

double ratio_log(double change)
{
	return log1p(change);
}
