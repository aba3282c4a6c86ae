/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A cell's ops for one size of private cache: an op is a row of steps, each an
 * access to a line that moves between cores and what the core does before it; the
 * last one is the op's end. A load is no step of its own where the core has an
 * earlier access to the line under way with it. Counted once, and priced for each processor and each
 * setting of its constants. Private to predict_*.c. Pure.
 */
#ifndef HARNESS_COUNT_STEPS_H
#define HARNESS_COUNT_STEPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/count/op.h"
#include "harness/plan/processor.h"

struct predict_cell;

#define STEP_END UINT32_MAX

/* What is done before a step's access, none of which waits for another core. */
struct step_work {
	uint32_t insns, looped;		/* looped ones are among them */
	float atomics, strings;		/* instructions of these kinds: what they cost beyond an instruction */
	float near_bytes, far_bytes;	/* copied, with the source in the private cache and not */
	float far_loads, far_atomics;	/* accesses for which the private cache had no room any more */
	uint32_t stores;
	uint32_t syscalls, exceptions, switches;
};

struct step {
	uint32_t line;		/* number among the lines that move; STEP_END */
	uint32_t insn;
	uint8_t kind;		/* enum access_kind */
	bool string;
	bool first;		/* of its string instruction */
	bool evicted;		/* the private cache had no room for it any more */
	float bytes;		/* copied by the access */
	struct step_work work;
};

struct steps {
	uint32_t sets, ways;	/* of the private cache */
	uint32_t window;
	struct step *step;
	size_t n;
	size_t *op;		/* [nops]: an op's first step; they end with STEP_END */
	size_t longest;		/* op, in steps */
};

/* For p's private cache and window: made at the first call and whenever they differ. Owned by the cell. */
const struct steps *steps_of(const struct predict_cell *c, const struct processor *p);
void steps_free(struct steps *s);	/* NULL is fine */

/* ns before each step's access, [n]; the caller frees. threads decides what the shared level must hold. */
double *steps_price(const struct predict_cell *c, const struct steps *s, const struct processor *p,
		    uint32_t threads);

#endif
