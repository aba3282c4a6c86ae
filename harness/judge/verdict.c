/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/judge/verdict.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "harness/judge/ratio.h"

static const char *const names[NVERDICTS] = {
	[VERDICT_INCONCLUSIVE] = "inconclusive",
	[VERDICT_UNCHANGED] = "unchanged",
	[VERDICT_IMPROVED] = "improved",
	[VERDICT_REGRESSED] = "regressed",
};

static const char *const reasons[NBECAUSE] = {
	[BECAUSE_ABSENT] = "no block has both kernels' figures",
	[BECAUSE_UNUSABLE] = "a block's figure is 0, negative or infinite",
	[BECAUSE_FEW] = "there are too few blocks for any change to be significant",
	[BECAUSE_BEYOND] = "the change is significant and beyond the minimum effect",
	[BECAUSE_WITHIN] = "the interval lies within the minimum effect",
	[BECAUSE_SMALL] = "the change is significant, but may lie on either side of the minimum effect",
	[BECAUSE_WIDE] = "the change is not significant, and the interval reaches beyond the minimum effect",
	[BECAUSE_EQUAL] = "the counts are the same",
	[BECAUSE_ALLOWED] = "the counts are no further apart than the gate allows",
	[BECAUSE_APART] = "the counts are further apart than the gate allows",
	[BECAUSE_UNSTABLE] = "too few ops have the same counts",
	[BECAUSE_UNCOUNTED] = "it was not counted on both kernels",
};

enum better metric_better(enum metric m)
{
	return m == METRIC_NS_PER_OP ? LOWER_IS_BETTER : HIGHER_IS_BETTER;
}

const char *verdict_name(enum verdict v)
{
	return names[v];
}

int verdict_parse(const char *name)
{
	int v;

	for (v = 0; v < NVERDICTS; v++)
		if (!strcmp(name, names[v]))
			return v;
	return -1;
}

const char *because_text(enum because b)
{
	return reasons[b];
}

static enum verdict direction(double effect, enum better better)
{
	return (effect > 0) == (better == HIGHER_IS_BETTER) ? VERDICT_IMPROVED : VERDICT_REGRESSED;
}

/* p and alpha are both made by dividing: 2 / 200 is 0.01, whatever the last bit says. */
static bool at_most(double p, double alpha)
{
	return p <= alpha * (1 + 1e-12);
}

struct judgement verdict_of(const struct evidence *e, const struct limits *l)
{
	double minimum = ratio_log(l->minimum);
	bool significant = at_most(e->p, l->alpha);

	if (!e->blocks && !e->unusable)
		return (struct judgement){ VERDICT_INCONCLUSIVE, BECAUSE_ABSENT };
	if (e->unusable)
		return (struct judgement){ VERDICT_INCONCLUSIVE, BECAUSE_UNUSABLE };
	if (!at_most(e->p_least, l->alpha))
		return (struct judgement){ VERDICT_INCONCLUSIVE, BECAUSE_FEW };
	if (significant && fabs(e->effect) > minimum)
		return (struct judgement){ direction(e->effect, l->better), BECAUSE_BEYOND };
	if (e->low >= -minimum && e->high <= minimum)
		return (struct judgement){ VERDICT_UNCHANGED, BECAUSE_WITHIN };
	return (struct judgement){ VERDICT_INCONCLUSIVE, significant ? BECAUSE_SMALL : BECAUSE_WIDE };
}
