/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One cell's verdict on one metric:
 *
 *	regressed	the change is significant, to the worse, and beyond the minimum effect
 *	improved	likewise, to the better
 *	unchanged	the whole interval lies within plus or minus the minimum effect
 *	inconclusive	anything else
 *
 * What the whole run is worth is not decided here.
 */
#ifndef HARNESS_JUDGE_VERDICT_H
#define HARNESS_JUDGE_VERDICT_H

#include <stdint.h>

#include "harness/judge/summary.h"

enum better { HIGHER_IS_BETTER, LOWER_IS_BETTER };

enum better metric_better(enum metric m);

/* Fixed for good, as names are: "inconclusive", "unchanged", "improved", "regressed". */
enum verdict { VERDICT_INCONCLUSIVE, VERDICT_UNCHANGED, VERDICT_IMPROVED, VERDICT_REGRESSED, NVERDICTS };

const char *verdict_name(enum verdict v);
/* -1 where there is none of that name. */
int verdict_parse(const char *name);

enum because {
	BECAUSE_ABSENT,		/* no block has both sides */
	BECAUSE_UNUSABLE,	/* some block has a number that is 0, negative or infinite */
	BECAUSE_FEW,		/* no change whatever could be significant with so few blocks */
	BECAUSE_BEYOND,		/* significant, and beyond the minimum effect */
	BECAUSE_WITHIN,		/* the interval lies within the minimum effect */
	BECAUSE_SMALL,		/* significant, but no larger than the minimum effect, and the interval is */
	BECAUSE_WIDE,		/* not significant, and the interval reaches beyond the minimum effect */
	/* Of exact counts: */
	BECAUSE_EQUAL,		/* the same on both kernels */
	BECAUSE_ALLOWED,	/* no further apart than the gate allows */
	BECAUSE_APART,		/* further apart than that */
	BECAUSE_UNSTABLE,	/* too few ops have the same counts, on one of the kernels */
	BECAUSE_UNCOUNTED,	/* one of the kernels was not counted, or not predicted for */
	NBECAUSE
};

/* Words for a report, to follow "since " or a colon. */
const char *because_text(enum because b);

struct evidence {
	uint32_t blocks, unusable;	/* see struct ratio */
	double effect, low, high;	/* log ratios, patched to baseline */
	double p;			/* adjusted for all cells that are judged with this one */
	double p_least;			/* see struct flip; 0 where it is not by blocks */
};

struct limits {
	double alpha;
	/*
	 * As a change of the larger figure: 0.02 is 2 %, a ratio from 1 / 1.02 to 1.02. The same to
	 * both sides in logs, so ops/s and ns/op, and a patch and its revert, are judged alike.
	 */
	double minimum;
	enum better better;
};

struct judgement {
	enum verdict verdict;
	enum because because;
};

struct judgement verdict_of(const struct evidence *e, const struct limits *l);

#endif
