/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a cell's counted ops would do on a processor: how many lines move between
 * its cores per op and which, and how fast it would go. The first is bookkeeping
 * (the ops' accesses, interleaved by virtual time, through MESI caches), the second
 * depends on what things cost. Pure.
 */
#ifndef HARNESS_COUNT_PREDICT_H
#define HARNESS_COUNT_PREDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/count/op.h"
#include "harness/count/tally.h"
#include "harness/plan/processor.h"

/* Who moved a line: accesses of one instruction that had to fetch it. */
struct mover {
	uint32_t insn;		/* index in the trace */
	uint8_t kind;		/* enum access_kind */
	double per_op;		/* transfers it caused per op */
};

/* A line that moved, the one that moved most first. */
struct moved_line {
	uint64_t line;		/* physical address, a multiple of OP_LINE */
	uint64_t virt;		/* a virtual address of an access to it */
	double per_op;		/* transfers per op, of all threads' ops */
	uint32_t threads;	/* that accessed it */
	struct mover *mover;	/* the one that caused most first */
	size_t nmovers;
};

struct prediction {
	uint32_t threads;
	double ns_per_op;	/* of one thread */
	double ops_per_s;	/* of all threads */
	double transfers;	/* per op: lines fetched because another core wrote them, and upgrades that took a line from others */
	double waited_ns;	/* per op: of ns_per_op, time spent waiting for lines on the way */
	double spread;		/* of ns_per_op over the seeds: standard deviation / mean; 0 where no line moves */
	struct moved_line *moved;	/* at most PREDICT_LINES */
	size_t nmoved;
	size_t nlines;		/* that moved at all */
};
#define PREDICT_LINES 256
#define PREDICT_SEEDS 5

struct predict_cell;

/*
 * What of a region matters, made once and then run with many constants and numbers of threads. Ops
 * that are not at the mode are left out. NULL where no thread has an op at the mode.
 */
struct predict_cell *predict_cell_new(const struct region *r, const struct tally *t);
void predict_cell_free(struct predict_cell *c);

/*
 * threads: 1 to 1024; those beyond the region's threads do the ops of thread i modulo that number, on
 * private lines of their own. Deterministic: seed decides the jitter of ops and nothing else. Where lines
 * are contended who comes before whom decides much, so all figures are means over PREDICT_SEEDS seeds made from it. The
 * caller releases.
 */
void predict_run(const struct predict_cell *c, const struct processor *p, uint32_t threads, uint64_t seed,
		 struct prediction *out);
void prediction_release(struct prediction *p);

/* The same, where only ns_per_op matters. */
double predict_ns(const struct predict_cell *c, const struct processor *p, uint32_t threads, uint64_t seed);

/* ns_per_op over the plausible range of every constant, one at a time and the worst way together. */
struct predict_range {
	double low, high;	/* ns per op: the smallest and largest of all */
	double at_low[NCONSTANTS], at_high[NCONSTANTS];	/* ns per op with that one constant there */
};
void predict_range(const struct predict_cell *c, const struct processor *p, uint32_t threads, uint64_t seed,
		   struct predict_range *out);

/* Where adding threads stops to help: the smallest count of `threads` (ascending) with at least 95 % of the
 * highest ops_per_s; 0 where n is 0. */
uint32_t predict_knee(const uint32_t *threads, const double *ops_per_s, size_t n);

#endif
