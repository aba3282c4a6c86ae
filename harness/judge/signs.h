/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sign flips of a paired comparison. If the two kernels are alike, which of a block's two
 * boots was called the patched one is chance, and so is the sign of the block's log ratio: each
 * of the 2^n ways to turn blocks is as likely as what was seen.
 *
 * Turning all blocks changes no two-sided statistic, so a flip stands here for itself and its
 * mirror image, and the first block is never turned: there are 2^(n - 1). Up to SIGNS_EXACT
 * blocks these are gone through one by one. Beyond, flips are drawn at random with replacement,
 * after the identity, which is what was seen: with it a p-value of count / total is valid for any
 * number of draws (Phipson and Smyth, 2010; Hemerik and Goeman, TEST 27, 2018, 811-825).
 */
#ifndef HARNESS_JUDGE_SIGNS_H
#define HARNESS_JUDGE_SIGNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SIGNS_EXACT = 20 };

/* How flips are drawn where there are too many: the same numbers, the same flips, on any machine. */
struct chance {
	uint32_t draws;		/* besides the identity; 0: SIGNS_DRAWS */
	uint32_t seed;
};

enum { SIGNS_DRAWS = 99999 };

struct signs;

struct signs *signs_new(size_t blocks, const struct chance *chance);
void signs_free(struct signs *s);

bool signs_exact(const struct signs *s);
/* How many flips signs_next() gives, the identity among them; never 0. */
uint64_t signs_total(const struct signs *s);

/*
 * The next flip: 1 or -1 for each block, until the next call; NULL after the last. The first is
 * the identity. *from is the first block whose sign may differ from the call before (0 at first):
 * sums up to it still hold, and in an exact enumeration two blocks are new on the average.
 */
const double *signs_next(struct signs *s, size_t *from);

/* The fewest blocks for which a two-sided p-value can be alpha or less: 8 for 0.01. 0 < alpha <= 1. */
uint32_t signs_blocks_needed(double alpha);

#endif
