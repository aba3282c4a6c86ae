/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What counting a cell gave, as lines of samples.jsonl. Pure.
 *
 *	{"schema":1,"kind":"count","kernel":"baseline","cell":"9f..","name":"read ...","threads":16,
 *	 "ops":960,"at_mode":958,"interrupted":2,"modes":1,"paths":1,"share":0.9979,"stable":true,
 *	 "bytes_per_op":1,"arm64":false,"qemu":"7.2.22",
 *	 "counts":{"kernel_instructions":1035,"stac":1,...}}		(per op; those the architecture has)
 *	{"schema":1,"kind":"prediction","kernel":"baseline","cell":"9f..","machine":"xeon-..",
 *	 "machine_id":"5a..","threads":16,
 *	 "ns_per_op":553.1,"low":410.0,"high":640.2,"waited_ns":0,"spread":0.004,"transfers":1.97,"lines_moved":1,
 *	 "sensitivity":{"instruction_ns":[480.1,600.3],...},	(ns per op with that constant at its low and high end)
 *	 "lines":[{"what":"folio: reference count (page frame 0x1234)","per_op":1.97,"threads":16,
 *		   "movers":[{"function":"filemap_get_read_batch","offset":211,"access":"atomic","per_op":0.99}]}],
 *	 "curve":[[1,1808000.1],[2,3600000.2],...],		(threads, ops/s of all of them)
 *	 "knee":3}
 *
 * A later line for the same kernel, cell (and machine) takes the place of an earlier one. Of counts
 * and constants only those that the writer knew are there. A whole number above 63 bits, as the
 * address of an instruction, is text: "0xffffffff81000000".
 */
#ifndef HARNESS_STORE_COUNTED_H
#define HARNESS_STORE_COUNTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/count/op.h"
#include "harness/plan/processor.h"
#include "lib/json.h"
#include "lib/param.h"

struct count_record {
	char *kernel, *name;
	char *qemu;			/* its version, or NULL */
	char cell[CELL_ID_LEN + 1];
	uint32_t threads, modes, paths;
	uint64_t ops, at_mode, interrupted, bytes_per_op;
	double share;
	bool stable, arm64;
	json_t *by_thread;		/* where their modes differ: see docs/formats.md; else NULL */
	double count[NCOUNTS];		/* per op; NAN where the architecture does not have it, or nobody counted it */
};

struct mover_record {
	char *function;			/* "?" where no symbol covers it */
	uint64_t offset;		/* of the instruction in it; its address without a symbol */
	char *access;			/* "load", "store", "atomic" */
	double per_op;
};

struct line_record {
	char *what;
	double per_op;
	uint32_t threads;
	struct mover_record *mover;
	size_t nmovers;
};

struct curve_point {
	uint32_t threads;
	double ops_per_s;
};

struct prediction_record {
	char *kernel, *machine;
	char *machine_id;		/* struct processor's; NULL in records of before there were any */
	char cell[CELL_ID_LEN + 1];
	uint32_t threads, knee;		/* knee: see predict_knee(); 0 without a curve, as of one thread */
	double ns_per_op, low, high, waited_ns, spread, transfers;	/* see struct prediction */
	double at_low[NCONSTANTS], at_high[NCONSTANTS];	/* ns per op; NAN where nobody tried */
	uint64_t lines_moved;
	struct line_record *line;
	size_t nlines;
	struct curve_point *curve;
	size_t npoints;
};

/* As an object, without schema and kind. The caller owns it. */
json_t *count_record_json(const struct count_record *c);
json_t *prediction_record_json(const struct prediction_record *p);
/* The line without its newline, appended. */
void count_record_line(const struct count_record *c, struct buf *out);
void prediction_record_line(const struct prediction_record *p, struct buf *out);
/* From a parsed line of that kind: 0, or -1 and why. The caller releases in both cases. */
int count_record_from_json(const json_t *line, struct count_record *c, struct buf *why);
int prediction_record_from_json(const json_t *line, struct prediction_record *p, struct buf *why);
void count_record_release(struct count_record *c);
void prediction_record_release(struct prediction_record *p);

#endif
