/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A job as written: no derived values, every value with its place in the file.
 * Pure: takes text. docs/jobs.md describes the keys.
 *
 *	job: short-reads                # required; letters, digits, '-', '_', '.'; at most 64
 *	about: what for                 # optional text
 *	seed: 1                         # order of cells; 0 to 4294967295, default 1
 *	blocks: 1                       # how often all cells are measured; 1 to 10000, default 1
 *	warmup: 1s                      # 0 to 1h, default 1s
 *	window: 1s                      # 1ms to 1h, default 1s
 *	windows: 5                      # 1 to 100000, default 5
 *	dir: /mnt/test                  # optional, for all groups
 *	cells:                          # required, at least one group
 *	  - workload: read              # required; every other key of a group is one of the workload's
 *	    threads: 16                 #   parameters, or:
 *	    file_size: 4k
 *	    block: [1, 32, 256, 1k, 4k] # a list is an axis of the matrix
 *	    sharing: [same, diff]
 *	    title: ...                  # optional; default made from the cells
 *	    rows: block                 # optional; default: the first axis as written
 *	    columns: sharing            # optional; default: the second axis, if any
 */
#ifndef HARNESS_PLAN_JOB_H
#define HARNESS_PLAN_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/plan/schema.h"

struct buf;

struct job_key {		/* one parameter of a group: a scalar, or an axis */
	struct schema_text name;
	struct schema_text *value;
	size_t n;		/* 1 or more */
	bool is_list;		/* written as a list, even of one */
};

struct job_group {
	struct schema_text workload, title, rows, columns;	/* text NULL: not given */
	struct job_key *key;
	size_t nkeys;
};

struct job {
	char *file;		/* as named, for messages */
	struct schema_text name;
	char *about;		/* or NULL */
	char *dir;		/* or NULL */
	uint64_t seed, warmup_ns, window_ns;
	uint32_t windows, blocks;
	struct job_group *group;
	size_t ngroups;
};

/* The keys of a job, and those of a group that are not parameters. */
extern const struct schema job_schema, job_group_schema;

/* Can a job be called that? 0, or -1 and why. */
int job_check_name(const char *name, struct buf *why);

/* 0, or -1 with the complaint, place first; the caller releases in both cases. */
int job_parse(const char *file, const char *text, size_t len, struct job *job, struct buf *why);
/*
 * `--set key=value`: replaces a top-level scalar (blocks, windows, dir, ...), or else the
 * key in every group that has it or whose workload knows it; a value may be a list, `[a, b]`
 * or `a,b` where the key's own syntax has no comma. What was an axis stays one, with the
 * values given. `dir` replaces those of the groups too. 0, or -1 and why, with the job
 * unchanged; whether a parameter's value fits is seen by plan_make(), which is called later.
 */
struct catalogue;
int job_set(struct job *job, const struct catalogue *catalogue, const char *assignment,
	    struct buf *why);
void job_release(struct job *job);

/*
 * Appends the place of a parameter's value, or of the key itself where value is NULL, as
 * every message begins: "FILE:LINE:COLUMN: ", or "--set key=value: " for what was set.
 */
void job_place(const struct job *job, const struct job_key *key, const struct schema_text *value,
	       struct buf *out);

#endif
