/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When a run that adds blocks looks at its figures, and at which level each look may judge, so
 * that all looks together raise a false alarm with probability alpha at most. The error is spent
 * as in Lan and DeMets, Biometrika 70, 1983, 659-663, in proportion to the blocks: after n of them
 * alpha * n / cap may be gone. What the looks spend adds up, with no account taken of how alike
 * they are: so any test that holds its level serves at a look, step-down max-T too, and a run may
 * also end before the cap for any other reason. docs/statistics.md says what that costs, and why so.
 *
 * Pure functions of the struct: the same schedule, the same levels, whatever was measured.
 */
#ifndef HARNESS_JUDGE_LOOKS_H
#define HARNESS_JUDGE_LOOKS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Looks come after `first` blocks, after each `step` more, and after `cap`, the last. Nothing is
 * refused: first 0 is first = step; with first above the cap, or both 0, there is one look, at the
 * cap; with step 0 there are two, after first and at the cap; with cap 0 none. 0 < alpha <= 1.
 *
 * For a job of 8 blocks that may be given more: 12, 4, 20. At 1 % that is 0.59, 0.21 and 0.20 %;
 * a look after 8 blocks could decide nothing.
 */
struct looks {
	double alpha;
	uint32_t first, step, cap;
};

/* Is a look due when so many blocks are complete? Beyond the cap none is. */
bool looks_at(const struct looks *l, uint32_t blocks);

/*
 * The level of tests and intervals alike at that look, for struct limits and struct flip_how. 0:
 * no look is due, or what may be spent by then is less than the least p of so few blocks; nothing
 * is decided then, and nothing spent. The last look has all that is left: a single one, alpha.
 */
double looks_level(const struct looks *l, uint32_t blocks);

/* The next look that comes after so many blocks, 0: none. */
uint32_t looks_next(const struct looks *l, uint32_t blocks);

#endif
