/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Many cells judged at once: p-values adjusted so that, where alpha is the limit for each, the
 * probability of even one false alarm in the family is alpha at most. Westfall and Young's
 * step-down max-T (Resampling-Based Multiple Testing, 1993, algorithm 4.1; Ge, Dudoit and Speed,
 * Test 12, 2003, 1-77): a flip turns a whole block, all its cells together, so cells that rise
 * and fall with their boot cost no more than one. Nothing is assumed of how they hang together.
 */
#ifndef HARNESS_JUDGE_MAXT_H
#define HARNESS_JUDGE_MAXT_H

#include <stddef.h>
#include <stdint.h>

#include "harness/judge/signs.h"

struct family {
	size_t blocks, cells;
	const double *ratio;	/* log ratios, [cell * blocks + block]; what is not finite is absent */
	const double *blur;	/* [cell], see struct ratio; NULL: all 0 */
	struct chance chance;
};

struct adjusted {
	uint32_t n;		/* blocks that the cell has; 0: both p are 1 */
	/*
	 * sum / sqrt(sum of squares): of variance 1 under flips whatever the cell's noise and
	 * number of blocks, sqrt(n) at most, and for the same n in Student's order:
	 * t = z * sqrt((n - 1) / (n - z * z)).
	 */
	double z;
	double p;		/* of the cell alone, two-sided */
	double adjusted;	/* never below p */
};

/*
 * Fills out[cells]. With up to SIGNS_EXACT blocks all flips are gone through: 2^(blocks - 1) * cells * 3
 * additions or so, which is 0.1 s for 44 cells of 20 blocks and nothing for 8; beyond,
 * draws * blocks * cells. Memory is 4 * blocks * cells numbers.
 */
void maxt_adjust(const struct family *f, struct adjusted *out);

#endif
