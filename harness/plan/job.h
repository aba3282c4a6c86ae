/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A job as written: no derived values, every value with its place in the file.
 * Pure: takes text. docs/jobs.md describes the keys.
 *
 *	job: short-reads                # required; letters, digits, '-', '_', '.'; at most 64
 *	about: what for                 # optional text
 *	seed: 1                         # order of cells; 0 to 4294967295, default 1
 *	blocks: 1                       # how often all cells are measured; 1 to 10000, default 1
 *	blocks_max: 20                  # optional, with kernels only: until all is decided, but not more than so many
 *	blocks_step: 4                  # looked at after so many more; default 4
 *	warmup: 1s                      # 0 to 1h, default 1s
 *	window: 1s                      # 1ms to 1h, default 1s
 *	windows: 5                      # 1 to 100000, default 5
 *	dir: /mnt/test                  # optional, for all groups; never with kernels
 *	gate: short-reads               # optional, with kernels only
 *	kernels:                        # optional; else the kernel that runs here is measured
 *	  - name: baseline              # required; as a job's name; no two the same
 *	    kernel: "6.12"              # required: a kernel spec's name or path
 *	    patches: [a.patch]          # optional: put in; "-" is standard input
 *	    reverse: [b.patch]          # optional: taken out, after those were put in
 *	    cmdline: clearcpuid=smap    # optional
 *	    rebuild: no                 # optional
 *	guest:                          # optional, with kernels only; see job_guest_schema
 *	  cpus: 16
 *	emulated:                       # optional, with kernels only: these in place of the job's own
 *	  blocks: 1                     #   where guests are emulated, where times say nothing
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

/* A path whose place is in the job's file is relative to that file's directory; another to the working directory. */
struct job_patch {
	struct schema_text path;	/* "-": standard input */
	bool reverse;
};

struct job_kernel {
	struct schema_text name, spec;
	struct job_patch *patch;
	size_t npatches;
	char *cmdline;		/* or NULL */
	uint32_t rebuild;	/* 0 or 1 */
};

struct job_guest {
	uint32_t cpus;
	uint32_t accel, disk;	/* indices in job_accels, job_disks */
	uint32_t overcommit, huge_pages;	/* 0 or 1 */
	uint64_t memory, disk_size;
	char *numa_node;	/* "any", or a checked number */
	char *cmdline;		/* or NULL */
};

/* Of values, here and in `emulated`; times in nanoseconds. */
#define JOB_BLOCKS_MAX 10000
#define JOB_WINDOWS_MAX 100000
#define JOB_WINDOW_MIN 1000000ull
#define JOB_TIME_MAX 3600000000000ull

#define JOB_SAME UINT64_MAX	/* not given: as without emulation */
struct job_emulated {
	uint64_t blocks, warmup_ns, window_ns, windows;
};

struct job {
	char *file;		/* as named, for messages */
	struct schema_text name;
	char *about;		/* or NULL */
	struct schema_text dir;	/* text NULL: not given */
	char *gate;		/* or NULL; a path is relative to the job's file */
	uint64_t seed, warmup_ns, window_ns;
	uint32_t windows, blocks;
	uint32_t blocks_max, blocks_step;	/* max 0: not given, no more than `blocks` */
	struct job_kernel *kernel;
	size_t nkernels;	/* 0: no guests; the two below mean nothing */
	struct job_guest guest;
	struct job_emulated emulated;
	struct job_group *group;
	size_t ngroups;
};

/* The keys of a job, and those of a group that are not parameters. */
extern const struct schema job_schema, job_group_schema;
/* Those of one of its kernels, of `guest` and of `emulated`. */
extern const struct schema job_kernel_schema, job_guest_schema, job_emulated_schema;
extern const char *const job_accels[], *const job_disks[];	/* NULL at the end */

/* Can a job, or one of its kernels, be called that? 0, or -1 and why, which begins with `key`. */
int job_check_name(const char *key, const char *name, struct buf *why);
/* Says that with kernels there is no `dir`. -1. */
int job_refuse_dir(struct buf *why);

/* 0, or -1 with the complaint, place first; the caller releases in both cases. */
int job_parse(const char *file, const char *text, size_t len, struct job *job, struct buf *why);
/*
 * `--set key=value`: replaces a top-level scalar (blocks, windows, dir, ...), or else the
 * key in every group that has it or whose workload knows it; a value may be a list, `[a, b]`
 * or `a,b` where the key's own syntax has no comma. What was an axis stays one, with the
 * values given. `blocks` takes `blocks_max` away, `dir` replaces those of the groups too, and what `emulated` may replace is
 * replaced there too. `guest.cpus=4` and `emulated.windows=2` set keys of those two; kernels are
 * the file's alone. 0, or -1 and why, with the job unchanged; whether a parameter's value
 * fits is seen by plan_make(), which is called later.
 */
struct catalogue;
int job_set(struct job *job, const struct catalogue *catalogue, const char *assignment,
	    struct buf *why);
void job_release(struct job *job);

/*
 * For `foliogate try`, whose job compares two kernels. job_level_kernels() makes the second
 * what the first is (spec, patches, command line), but for its name; job_add_patch() adds a
 * patch to the second: a path relative to the working directory, or "-". Both copy. 0, or -1
 * and why where the job has not two kernels, or nothing can be at that path.
 */
int job_level_kernels(struct job *job, struct buf *why);
int job_add_patch(struct job *job, const char *path, bool reverse, struct buf *why);

/*
 * For A/A: another kernel, "again", that is the first one rebuilt; alone: in place of all others but the first.
 * 0, or -1 and why where the job has no kernels, or one of that name.
 */
int job_add_control(struct job *job, bool alone, struct buf *why);

/*
 * Appends the place of a parameter's value, or of the key itself where value is NULL, as
 * every message begins: "FILE:LINE:COLUMN: ", or "--set key=value: " for what was set.
 */
void job_place(const struct job *job, const struct job_key *key, const struct schema_text *value,
	       struct buf *out);

/* Why a parameter of the driver is the harness's own and no job's to set; NULL where it is not. */
const char *job_reserved(const char *name);

#endif
