/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * E-divisive means: where the distribution of a series changes (Matteson and James, A nonparametric
 * approach for multiple change point analysis of multivariate data, JASA 109, 2014, 334-345), for
 * numbers and with the exponent 1. Pure.
 *
 * Of a segment of n points, the m from its begin up to `at` and the k from there up to `end`
 * differ by
 *
 *	Q = mk / (m + k) * (2 * mean |x - y| - mean |x - x'| - mean |y - y'|)
 *
 * with means over the pairs of different points; the best split has the largest Q over both `at`
 * and `end`. The segment whose best split is best of all is split there, if few of R random
 * orders of the points within each segment have a split as good: p = (1 + those) / (1 + R). Then
 * the same again, until p is above the level.
 *
 * Time: of one split and of each order O(n^2).
 */
#ifndef HARNESS_JUDGE_DIVISIVE_H
#define HARNESS_JUDGE_DIVISIVE_H

#include <stddef.h>
#include <stdint.h>

struct split {
	size_t at;	/* the first point of the right part; 0: too short to be split */
	size_t end;	/* one behind the last point of the right part */
	double q;
};

/* The best split of a whole series into parts of `least` (2 or more) points; the leftmost of those as good. */
struct split divisive_split(const double *x, size_t n, size_t least);

struct divisive_how {
	size_t least;		/* points of a segment, 2 or more */
	uint32_t permutations;	/* R; 0: nothing is tested, and `most` points are found */
	double level;		/* of each test; with R = 999 it can be 0.001 */
	uint32_t seed;
	size_t most;		/* points to find; 0: as many as there are */
};

struct divisive_point {
	size_t at;
	double q;
	double p;	/* NAN where nothing was tested */
};

/*
 * The points found, in the order in which they were, into *points, which the caller frees. A test
 * ends with the first order that makes its p exceed the level: that changes no answer, as the p
 * of what is no change point is not kept.
 */
size_t divisive_points(const double *x, size_t n, const struct divisive_how *how, struct divisive_point **points);

#endif
