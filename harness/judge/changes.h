/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Change points of a series as long as a machine's life: E-divisive means (judge/divisive.h) in
 * windows, and of what is found only what is large enough to matter. Pure.
 *
 * A window holds `window` points. The next one begins at the last change point found, or half a
 * window on; what lies in the last quarter of a window is left to the next, which sees more of
 * what came after. So the work grows with the series and not with its square, an old verdict does
 * not hang on what came years later, and a change that was undone after weeks is not drowned in
 * years without. The price: each window is a test of its own at the level, and a shift so small
 * that a window does not show it is not found. docs/history.md has the figures.
 *
 * Then the medians of the segments between the points are compared, and points go, the least
 * first, until each changes the median by the minimum magnitude.
 *
 * A count without noise needs no test. Where `exact`, and each run of equal values has the least
 * number of points (the newest one excepted: it may have begun last night), every step is a change.
 */
#ifndef HARNESS_JUDGE_CHANGES_H
#define HARNESS_JUDGE_CHANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct changes_how {
	uint32_t window;	/* points, twice CHANGES_LEAST or more; 0: all at once */
	double magnitude;	/* least change of the median, relatively: 0.02 */
	bool exact;		/* a count */
	uint32_t seed;
};

enum { CHANGES_LEAST = 5, CHANGES_PERMUTATIONS = 999, CHANGES_WINDOW = 100 };
#define CHANGES_LEVEL 0.001
#define CHANGES_MAGNITUDE 0.02

struct change {
	size_t at;		/* the first point after it */
	double before, after;	/* medians of the segments on both sides */
	double p;		/* NAN: a step of an exact count */
};

/* after / before - 1; an infinity where it was 0. */
double change_magnitude(const struct change *c);

/* In the order of the series, into *changes, which the caller frees. x holds finite numbers. */
size_t changes_find(const double *x, size_t n, const struct changes_how *how, struct change **changes);

#endif
