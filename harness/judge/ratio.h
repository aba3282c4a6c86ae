/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a block says of one cell and metric: the natural log of patched / baseline, each the
 * median of its boot's windows. Logs make a change of a figure and of its reciprocal (ops/s,
 * ns/op) the same change with another sign, and a cell of 10 MiB/s comparable to one of 400,000.
 */
#ifndef HARNESS_JUDGE_RATIO_H
#define HARNESS_JUDGE_RATIO_H

#include <stddef.h>
#include <stdint.h>

struct paired {
	const double *baseline, *patched;	/* one number a block; NAN: absent */
	size_t n;
	/*
	 * The step in which these numbers come, in their own unit: 1000 for 102000 read off as
	 * "102 GB/s". 0: not known. Then it is guessed where one side's numbers are all the
	 * same (two or more): by resolution_of(), since a deviation of 0 tells of coarse
	 * numbers and not of certainty. Numbers that differ show their noise themselves.
	 */
	double resolution;
};

struct ratio {
	uint32_t present;	/* blocks where both sides are positive and finite: these have a log ratio */
	/*
	 * Blocks where both sides were measured, and one is 0, negative or infinite: a kernel
	 * that did nothing for most of a boot has no log ratio, and must not vanish either.
	 */
	uint32_t unusable;
	/*
	 * By how much any of the log ratios, and with them each mean of some, may be off for
	 * the resolution alone, to either side. INFINITY: a number is no larger than half a step.
	 */
	double blur;
};

/* Fills d[p->n], NAN in blocks without a log ratio. */
struct ratio ratio_of(const struct paired *p, double *d);

/*
 * The largest power of ten of which all are whole multiples, as far as their first nine digits
 * tell; 0 where there is no number but 0. All are finite.
 */
double resolution_of(const double *x, size_t n);

/* A log ratio as a change, and back: 0.02 is 2 % more. log1p(-1) is -INFINITY. */
double ratio_change(double log_ratio);
double ratio_log(double change);

#endif
