/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/judge/tail.h"

#include <float.h>
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdbool.h>

double tail_student(double t, double df)
{
	return 2 * gsl_cdf_tdist_Q(fabs(t), df);
}

/*
 * Bisection over the exponent and then the value, not gsl_cdf_tdist_Qinv(): that one stops at
 * 1e-7 or so, and calls the error handler, which aborts, where it does not converge.
 */
double tail_student_quantile(double alpha, double df)
{
	double low = 0, high = 1, middle;

	while (tail_student(high, df) > alpha && high < DBL_MAX / 4)
		high *= 2;
	for (;;) {
		middle = low + (high - low) / 2;
		if (middle <= low || middle >= high)
			return middle;
		if (tail_student(middle, df) > alpha)
			low = middle;
		else
			high = middle;
	}
}

/* The p where the binomial's tail, falling in p or growing, crosses the level. */
static double cross(uint64_t hits, uint64_t draws, double level, bool upper)
{
	double low = 0, high = 1, p, tail;

	for (;;) {
		p = low + (high - low) / 2;
		if (p <= low || p >= high)
			return p;
		/* P(X <= hits) falls with p, P(X >= hits) grows. */
		tail = upper ? gsl_cdf_beta_Q(p, (double)hits + 1, (double)(draws - hits)) :
			       gsl_cdf_beta_P(p, (double)hits, (double)(draws - hits) + 1);
		if (upper ? tail > level : tail < level)
			low = p;
		else
			high = p;
	}
}

struct tail_bounds tail_binomial(uint64_t hits, uint64_t draws, double alpha)
{
	return (struct tail_bounds){
		.low = hits ? cross(hits, draws, alpha / 2, false) : 0,
		.high = hits < draws ? cross(hits, draws, alpha / 2, true) : 1,
	};
}
