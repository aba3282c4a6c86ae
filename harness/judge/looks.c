/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/judge/looks.h"

#include <math.h>

#include "harness/judge/signs.h"

uint32_t looks_next(const struct looks *l, uint32_t blocks)
{
	uint32_t first = l->first ? l->first : l->step;
	uint64_t next;

	if (blocks >= l->cap)
		return 0;
	if (!first || first >= l->cap)
		return l->cap;
	if (blocks < first)
		return first;
	if (!l->step)
		return l->cap;
	next = first + ((uint64_t)(blocks - first) / l->step + 1) * l->step;
	return next < l->cap ? (uint32_t)next : l->cap;
}

bool looks_at(const struct looks *l, uint32_t blocks)
{
	return blocks && looks_next(l, blocks - 1) == blocks;
}

static double may_be_spent(const struct looks *l, uint32_t blocks)
{
	return l->alpha * blocks / l->cap;
}

/*
 * p-values are whole multiples of one flip's share, so no test spends what lies between two of
 * them, and later looks can.
 */
static double attainable(double level, uint32_t blocks)
{
	double flips = blocks > SIGNS_EXACT ? SIGNS_DRAWS + 1.0 : ldexp(1, (int)blocks - 1);

	return floor(fmax(level, 0) * (1 + 1e-12) * flips) / flips;
}

double looks_level(const struct looks *l, uint32_t blocks)
{
	double spent = 0;
	uint32_t at;

	if (!looks_at(l, blocks))
		return 0;
	for (at = looks_next(l, 0); at < blocks; at = looks_next(l, at))
		spent += attainable(may_be_spent(l, at) - spent, at);
	if (blocks == l->cap)
		return l->alpha - spent;
	return attainable(may_be_spent(l, blocks) - spent, blocks);
}
