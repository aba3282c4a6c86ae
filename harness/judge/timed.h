/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A family of times judged together, at the last look that there was (harness/judge/looks.h). Pure.
 */
#ifndef HARNESS_JUDGE_TIMED_H
#define HARNESS_JUDGE_TIMED_H

#include <stddef.h>
#include <stdint.h>

#include "harness/judge/finding.h"
#include "harness/judge/looks.h"

struct timed {
	struct finding *finding;	/* minimum is set, what is found is filled in */
	const double *old, *new;	/* [blocks], one number a boot; NAN: absent */
	enum better better;
};

struct timed_call {
	struct looks looks;
	uint32_t blocks;		/* complete ones */
	uint32_t seed;			/* of flips drawn at random */
};

struct timed_look {
	uint32_t blocks;	/* that were looked at; later ones were not */
	double level;		/* 0: no look was due yet, or it could decide nothing: all is inconclusive, with its figures so far */
};

/* The last look that there was. */
struct timed_look timed_judge(const struct timed *t, size_t n, const struct timed_call *call);

#endif
