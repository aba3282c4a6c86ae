/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the index holds of one run: rows in its tables.
 */
#ifndef HARNESS_STORE_ROWS_H
#define HARNESS_STORE_ROWS_H

#include <stdint.h>

#include "harness/store/outcome.h"

struct db;
struct plan;
struct samples;

/* The run's files when they were read: tells a run that has grown, or was judged, since. -1: there is none. */
struct stamp {
	int64_t bytes, mtime_ns;	/* samples.jsonl */
	int64_t verdict_ns;		/* mtime of verdict.json */
};

struct run_rows {
	const char *id;
	const struct plan *plan;
	const struct samples *samples;
	struct stamp stamp;
	struct outcome outcome;
};

/* SQL that makes the tables, those of the history too: see docs/store.md. */
extern const char rows_schema[];

/* Replaces all that is known of a run. Both within a transaction: 0, or -1 after reporting. */
int rows_put(struct db *db, const struct run_rows *run);
int rows_remove(struct db *db, const char *id);

#endif
