/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is found of one cell by one metric, on one kernel against the first. Pure.
 */
#ifndef HARNESS_JUDGE_FINDING_H
#define HARNESS_JUDGE_FINDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/judge/yardstick.h"

struct buf;
struct count_record;
struct prediction_record;

struct finding {
	size_t kernel, cell;		/* in the plan; kernel is 1 or more: compared with kernel 0 */
	struct yardstick yardstick;
	bool gating;			/* else it decides nothing */
	bool control;			/* the kernel is the first one, rebuilt: a change is a fault of foliobench */
	struct judgement judgement;
	/*
	 * Base units (bytes/s, ops/s, ns) or per op. Of times the geometric mean over the blocks
	 * that have both sides. NAN: not known.
	 */
	double old, new;
	/* Times: see struct flip; of counts effect alone, log(new / old), NAN where either is 0. */
	double effect, low, high;
	double p;			/* adjusted for the family; NAN for counts */
	double minimum;			/* the gate's; see relative */
	bool relative;
	uint32_t blocks;		/* 0 for counts */
};

/* A finding's two numbers as counts: sets old, new, effect and the judgement by the finding's minimum and `better`. */
struct exact_sides {
	const struct count_record *old, *new;
	const struct prediction_record *predicted_old, *predicted_new;	/* for transfers alone */
};
/* Where the counts of both are unstable the finding does not gate; a patch that makes them so is undecided. */
void finding_exact(struct finding *f, const struct exact_sides *s, enum better better);

/* How far a count may move and still be called unchanged, per op. */
double finding_allowance(const struct finding *f);

/*
 * "+1 STAC per op (2 -> 3)", "-4.5% MiB/s (p 0.008), between -7.1% and -2.0%". Appended; of one that has no
 * numbers the reason alone.
 */
void finding_say(const struct finding *f, struct buf *out);

#endif
