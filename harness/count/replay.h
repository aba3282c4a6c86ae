/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Threads doing a cell's ops side by side in virtual time: at every moment the one
 * that is furthest behind goes on, up to its next access to a line that moves
 * between cores. Private to predict_*.c. Pure.
 */
#ifndef HARNESS_COUNT_REPLAY_H
#define HARNESS_COUNT_REPLAY_H

#include <stdint.h>

struct predict_cell;
struct processor;
struct steps;

struct replay {
	uint64_t ops;		/* whole ones, done by all threads within the measured part */
	double ops_per_ns;	/* of all threads together */
	double waited_ns;	/* by all threads, in those ops */
	uint64_t *moves;	/* [steps]: transfers in those ops, by the step that made them; the caller frees */
};

struct replay_call {
	const struct predict_cell *cell;
	const struct steps *steps;
	const struct processor *processor;
	uint32_t threads;
	uint64_t seed;
};

void replay_run(const struct replay_call *call, struct replay *out);

#endif
