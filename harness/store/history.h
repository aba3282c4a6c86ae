/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The nights of a machine: in the index a row for each run, kernel and metric, with the values of
 * all cells in it; from there, series.
 */
#ifndef HARNESS_STORE_HISTORY_H
#define HARNESS_STORE_HISTORY_H

#include <stddef.h>
#include <stdint.h>

#include "harness/store/nightly.h"

struct db;
struct index;

/*
 * SQL that makes the tables. A lineup is what a row's values stand for: machine, job, kernel and
 * cells, in their order. Values are 8 bytes each, IEEE 754 and little-endian, a NaN where there is none.
 */
#define HISTORY_SCHEMA \
	"CREATE TABLE machine(machine INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL);" \
	"CREATE TABLE lineup(" \
	"	lineup INTEGER PRIMARY KEY," \
	"	machine INTEGER NOT NULL REFERENCES machine," \
	"	job TEXT NOT NULL," \
	"	kernel TEXT NOT NULL," \
	"	cells TEXT NOT NULL," \
	"	UNIQUE(machine, job, kernel, cells));" \
	"CREATE TABLE lineup_cell(" \
	"	lineup INTEGER NOT NULL REFERENCES lineup," \
	"	place INTEGER NOT NULL," \
	"	id TEXT NOT NULL," \
	"	name TEXT NOT NULL," \
	"	PRIMARY KEY(lineup, place)) WITHOUT ROWID;" \
	"CREATE TABLE night(" \
	"	lineup INTEGER NOT NULL REFERENCES lineup," \
	"	metric TEXT NOT NULL," \
	"	at INTEGER NOT NULL," \
	"	run INTEGER NOT NULL REFERENCES run," \
	"	kernel INTEGER NOT NULL REFERENCES kernel," \
	"	value BLOB NOT NULL," \
	"	PRIMARY KEY(lineup, metric, at, run)) WITHOUT ROWID;" \
	"CREATE INDEX night_by_run ON night(run);"

struct history_put {
	const struct plan *plan;
	const struct samples *samples;
	size_t kernel;			/* in the plan */
	const json_t *environment;	/* the line of that kernel, or NULL */
	int64_t run, kernel_key;	/* keys of their rows */
	int64_t at;			/* when the run began, in seconds since 1970; below 0: as the line says */
};

/* Rows of one kernel of a run; none where it is not known when it was. 0, or -1 after reporting. */
int history_put(struct db *db, const struct history_put *h);

/* What is wanted; NULL: all. */
struct history_filter {
	const char *metric;	/* the whole name */
	const char *job, *kernel;
	const char *machine;	/* a part of its name, or the beginning of its id */
	const char *cell;	/* words that its name holds, "read block=4k", or the beginning of its id */
	int64_t since;		/* seconds since 1970; INT64_MIN: ever */
};

struct history_revision {
	const char *release, *build_id, *source, *patches;	/* "" if not known; patches: a JSON array */
};

struct history_point {
	double value;		/* in base units */
	int64_t at;
	uint32_t run, revision;	/* in struct history */
};

struct history_series {
	struct nightly_metric metric;
	const char *machine, *machine_id, *job, *kernel, *cell, *cell_id;
	struct history_point *point;	/* oldest first */
	size_t n;			/* never 0 */
};

struct history {
	struct history_series *series;	/* by metric, then machines, jobs, kernels and cells as they came */
	size_t n;
	char **run;			/* ids */
	size_t nruns;
	struct history_revision *revision;
	size_t nrevisions;
	size_t without;			/* runs without a night: not complete, in trouble, emulated and not counted */
	struct history_texts *texts;	/* what the strings lie in */
};

/* 0, or -1 after reporting. The caller releases in both cases. */
int history_load(struct index *ix, const struct history_filter *filter, struct history *h);
void history_release(struct history *h);

#endif
