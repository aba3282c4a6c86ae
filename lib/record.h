/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A sample, and the JSON line it travels as: printed by the driver, completed
 * and stored by the harness, read back by everything after it. docs/formats.md
 * describes the line. Pure.
 */
#ifndef LIB_RECORD_H
#define LIB_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/json.h"
#include "lib/param.h"

#define RECORD_SCHEMA 1		/* of every line; raised when a field changes its meaning */

#define RECORD_NO_CPU UINT32_MAX	/* in cpus: a thread that was not pinned */

struct sample {
	char cell[CELL_ID_LEN + 1];
	char *name;		/* of the cell, see cell_name() */
	uint32_t window;	/* from 0 */
	uint32_t threads;	/* the length of the next three */
	uint64_t *ops;		/* per thread, in this window */
	uint64_t *bytes;
	uint32_t *cpus;		/* OS number, or RECORD_NO_CPU */
	uint64_t elapsed_ns;	/* CLOCK_MONOTONIC, read at both ends; > 0 */
	uint64_t skew_ns;	/* how long reading all threads' counters took, the longer of both ends */
	bool oversubscribed;	/* more threads than CPUs */
	/* Set by the harness; NULL and 0 on the driver's own lines. */
	char *kernel;		/* which of the job's kernels */
	uint32_t block;		/* from 0 */
};

void sample_release(struct sample *s);
/* The line without its newline. */
void sample_line(const struct sample *s, struct buf *out);
/*
 * From one parsed line of kind "sample"; s is filled and owned by the caller,
 * who releases it. 0, or -1 with the reason in why: "elapsed_ns: missing or not
 * above 0".
 */
int sample_from_json(const json_t *line, struct sample *s, struct buf *why);
/* The same from text. */
int sample_parse(const char *text, size_t len, struct sample *s, struct buf *why);

/* Over all threads. */
double sample_ops_per_s(const struct sample *s);
double sample_bytes_per_s(const struct sample *s);
/* Wall-clock nanoseconds a thread spends on one op: threads * elapsed / ops. 0 ops give infinity. */
double sample_ns_per_op(const struct sample *s);

#endif
