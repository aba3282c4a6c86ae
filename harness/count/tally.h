/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The exact counts of one cell from its region: the mode of each thread over its
 * ops, and how many ops are at it. What a tick, an exception or a migration broke
 * into is not at the mode. Pure.
 */
#ifndef HARNESS_COUNT_TALLY_H
#define HARNESS_COUNT_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/count/op.h"

#define TALLY_STABLE 0.95	/* share of ops at the mode; below it a count does not gate */

/* One thread's mode. */
struct tally_thread {
	uint32_t vcpu;
	uint32_t ops, at_mode;
	uint32_t count[NCOUNTS];
};

struct tally {
	double count[NCOUNTS];	/* per op: the mode; the mean over threads where their modes differ */
	uint32_t threads;	/* vCPUs that did ops */
	size_t ops, at_mode;
	size_t interrupted;	/* ops with an exception or interrupt that ops at the mode do not have */
	uint32_t modes;		/* different ones among the threads */
	uint32_t paths;		/* different paths among the ops at the mode */
	double share;		/* at_mode / ops; 0 where there are no ops */
	bool stable;		/* share >= TALLY_STABLE */
	bool *mode;		/* [nops]: is op i at its thread's mode; the caller frees with tally_release() */
	struct tally_thread *thread;	/* [threads], by vCPU; likewise */
};

/* Two ops are alike where all counts are. Among modes equally frequent the one seen first. */
void tally_make(const struct region *r, struct tally *t);
void tally_release(struct tally *t);

#endif
