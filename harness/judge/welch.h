/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A change between two published figures of which only mean, deviation and number are known
 * (Welch, Biometrika 34, 1947, 28-35). For replaying other people's tables and nothing else: what
 * lies within one boot, and how runs were paired, is lost in such figures.
 */
#ifndef HARNESS_JUDGE_WELCH_H
#define HARNESS_JUDGE_WELCH_H

#include <stdint.h>

struct published_mean {
	uint32_t n;		/* runs; below 2 nothing is known */
	double mean, sd;	/* mean above 0; sd: n - 1, 0 or more */
	/*
	 * The step in which the runs were read off, as in struct paired. 0: not known; then it
	 * is guessed from the mean's own digits where sd is 0.
	 */
	double resolution;
};

struct welch {
	double t, df;		/* NAN where either side's n is below 2 */
	double p;		/* two-sided; 1 where t is NAN */
	double effect;		/* log(patched / baseline) */
	double low, high;	/* of the log ratio, from those of the difference by the baseline's mean */
};

/*
 * Means may be off by half a step to either side, so the difference counts less by a step; a
 * deviation is never less than that of numbers spread evenly over a step, step / sqrt(12). The
 * coarser side's step counts for both: it is one instrument. Without any step, deviations of 0
 * on both sides are compared as if printed so. alpha as in struct flip_how.
 */
struct welch welch_test(const struct published_mean *baseline,
			const struct published_mean *patched, double alpha);

#endif
