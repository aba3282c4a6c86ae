/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One cell's change, from one log ratio a block (harness/judge/ratio.h): how large, between what
 * bounds, and whether it could be chance. docs/statistics.md has the reasons.
 *
 * The only assumption is that without a change a block's log ratio is as likely x as -x, which
 * the random order of the two boots within the block brings about. The statistic is the mean:
 * under flips it orders as Student's t does. The effect is that mean, the log of a geometric mean
 * of ratios, and the interval are all shifts that the test does not reject.
 */
#ifndef HARNESS_JUDGE_FLIP_H
#define HARNESS_JUDGE_FLIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/judge/signs.h"

struct flip_how {
	double alpha;		/* the interval covers with 1 - alpha; 0 < alpha < 1 */
	/*
	 * See struct ratio: bounds move out by so much, and p is the largest that numbers
	 * so far from those given could have. 0 or more.
	 */
	double blur;
	struct chance chance;
};

struct flip {
	uint32_t n;		/* blocks with a log ratio; 0: effect is NAN */
	bool exact;		/* all flips were gone through, else chance drew some */
	double effect;		/* mean log ratio */
	double sd;		/* of the log ratios, n - 1; NAN below two */
	double low, high;	/* -INFINITY and INFINITY where so few blocks can rule nothing out */
	double p;		/* two-sided, above 0; valid whether exact or not */
	/* Where p of all flips lies, with 99 % (Clopper and Pearson); both are p where exact. */
	double p_low, p_high;
	double p_least;		/* the least that p could have been with so many blocks */
};

/*
 * Of d[n]; what is not finite counts as absent. p <= alpha exactly where the bounds leave out 0.
 * Time and memory grow as 2^n up to SIGNS_EXACT blocks (8 MiB there, some 10 ms), then as n * draws.
 */
struct flip flip_test(const double *d, size_t n, const struct flip_how *how);

/* How far two sums may lie apart, relative to what was added up, and still be called equal. */
#define FLIP_TIE 1e-10

/* Shifts an effect towards 0 by blur, and not past it. */
double flip_shrink(double effect, double blur);

#endif
