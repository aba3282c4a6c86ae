/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cells made by hand for the model, with what is predicted of them. The round
 * constants of made_processor() make paper enough: an instruction 0.5 ns, an atomic
 * 5 more, a transfer 60, a line busy 25, an upgrade 40, the shared level 30, memory
 * 100, half of a load's latency waited for.
 */
#ifndef TESTS_UNIT_MADE_CELL_H
#define TESTS_UNIT_MADE_CELL_H

#include <math.h>
#include <string.h>

#include "harness/count/predict.h"
#include "tests/unit/made_region.h"

#define A UINT64_C(0x10000)	/* a shared line */
#define OWN(thread) (UINT64_C(0x1000000) + (thread) * UINT64_C(0x10000))
#define OPS 20u			/* of each thread */
#define EXACT 1e-9

/* A region, its tally and its cell together. */
struct made {
	struct region region;
	struct tally tally;
	struct predict_cell *cell;
	struct processor processor;
};

static inline void make(struct made *m)
{
	tally_make(&m->region, &m->tally);
	m->cell = predict_cell_new(&m->region, &m->tally);
	m->processor = made_processor();
	assert_non_null(m->cell);
}

static inline void unmake(struct made *m)
{
	predict_cell_free(m->cell);
	tally_release(&m->tally);
	made_release(&m->region);
}

static inline void near(double found, double expected, double tolerance)
{
	if (!(fabs(found - expected) <= tolerance))
		fail_msg("%.17g is not %g, give or take %g", found, expected, tolerance);
}

/* Means over 256 ops a thread of what a jitter of 5 % moves. */
static inline void about(double found, double expected)
{
	near(found, expected, 0.01 * expected);
}

static inline void between(double found, double low, double high)
{
	if (!(low <= found && found <= high))
		fail_msg("%.17g is not between %g and %g", found, low, high);
}

static inline double transfers(struct made *m, uint32_t threads)
{
	struct prediction p;
	double n;

	predict_run(m->cell, &m->processor, threads, 1, &p);
	n = p.transfers;
	prediction_release(&p);
	return n;
}

static inline double ns(struct made *m, uint32_t threads)
{
	return predict_ns(m->cell, &m->processor, threads, 1);
}

/* Each thread increments its counter by an atomic, once an op of 5 instructions: 2.5 + 5 ns where nobody disturbs it. */
static inline void make_increments(struct made *m, uint32_t threads, uint64_t apart)
{
	uint32_t op, i;

	memset(m, 0, sizeof(*m));
	for (op = 0; op < OPS; op++)
		for (i = 0; i < threads; i++) {
			made_op(&m->region, i);
			made_access(&m->region, ACCESS_RMW, A + i * apart, 3);
			made_rest(&m->region, 2);
		}
	make(m);
}

/*
 * Like a short read: 1000 instructions of the kernel, a private atomic at the
 * begin and at the end, and in the middle two atomics on the folio's line, 200
 * instructions apart: of one folio for all, or of one for each thread.
 */
static inline void make_reads(struct made *m, uint32_t threads, bool same)
{
	uint64_t folio;
	struct op *op;
	uint32_t n, i;

	memset(m, 0, sizeof(*m));
	for (n = 0; n < OPS; n++)
		for (i = 0; i < threads; i++) {
			made_op(&m->region, i);
			folio = same ? A : OWN(i) + 0x1000;
			made_access(&m->region, ACCESS_RMW, OWN(i), 150);
			made_access(&m->region, ACCESS_RMW, folio, 300);
			made_access(&m->region, ACCESS_RMW, folio + 8, 200);
			made_access(&m->region, ACCESS_RMW, OWN(i), 200);
			made_rest(&m->region, 150);
			op = made_last(&m->region);
			op->count[COUNT_KERNEL_INSNS] = 1000;
			op->count[COUNT_SYSCALLS] = 1;
			op->count[COUNT_USER_INSNS] = 0;
			op->count[COUNT_STAC] = op->count[COUNT_CLAC] = 1;
		}
	make(m);
}

#endif
