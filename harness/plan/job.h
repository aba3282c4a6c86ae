/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A job as written: no derived values, every value with its place in the file.
 * Pure: takes text. docs/jobs.md describes the keys.
 *
 *	job: short-reads                # required; letters, digits, '-', '_', '.'
 *	about: what for                 # optional text
 *	seed: 1                         # order of cells; default 1
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

#include <stddef.h>
#include <stdint.h>

struct buf;

struct job_value {
	char *text;
	unsigned line, column;	/* from 1; 0: not from the file (--set) */
};

struct job_key {		/* one parameter of a group: a scalar, or an axis */
	struct job_value name;
	struct job_value *value;
	size_t n;
	int is_list;		/* written as a list, even of one */
};

struct job_group {
	struct job_value workload, title, rows, columns;	/* text NULL: not given */
	struct job_key *key;
	size_t nkeys;
};

struct job {
	char *file;		/* as named, for messages */
	struct job_value name;
	char *about;		/* or NULL */
	char *dir;		/* or NULL */
	uint64_t seed, warmup_ns, window_ns;
	uint32_t windows, blocks;
	struct job_group *group;
	size_t ngroups;
};

/* 0, or -1 with the complaint, place first; the caller releases in both cases. */
int job_parse(const char *file, const char *text, size_t len, struct job *job, struct buf *why);
/*
 * `--set key=value`: replaces a top-level scalar (blocks, windows, dir, ...), or else the
 * key in every group that has it or whose workload knows it; a value may be a list, `[a, b]`
 * or `a,b` where the key's own syntax has no comma. 0, or -1 and why. Call before plan_make().
 */
struct catalogue;
int job_set(struct job *job, const struct catalogue *catalogue, const char *assignment, struct buf *why);
void job_release(struct job *job);

#endif
