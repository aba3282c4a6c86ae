/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A run's directory under results/: made, locked, found again. One process
 * writes a run at a time; any number may read it meanwhile.
 *
 *	job.yaml  plan.json  samples.jsonl  logs/  report/
 *
 * samples.jsonl is the truth. It is only ever appended to, a whole line in one
 * write(2), so that kill -9 costs at most the line under way; whoever opens the
 * run to go on cuts such a torn tail off first.
 */
#ifndef HARNESS_STORE_RUN_H
#define HARNESS_STORE_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct buf;

struct run {
	char *id;		/* "2026-11-21T11-02-03-short-reads" (UTC), "-2" and so on after it where taken */
	char *path;		/* of the directory */
	int dir;		/* its fd */
	int samples;		/* append fd; -1 when open for reading only */
	int lock;		/* -1 when open for reading only */
	off_t end;		/* of the last whole line; meaningless when open for reading only */
	const char *command;	/* that goes on with it, for messages; NULL: run. Set by whoever opened it */
	bool torn;		/* part of a line is behind it, because taking it back failed */
};

/* $FOLIOBENCH_RESULTS, or "results". */
const char *run_results_dir(void);

/* All of these: 0, or -1 after reporting the error. The caller closes what succeeded. */

/*
 * A new directory, locked. results_dir is made if missing. This and run_resume()
 * ignore SIGXFSZ from then on, so that a file size limit is an error of
 * run_append() and not the program's end; programs started later inherit that.
 */
int run_create(struct run *r, const char *results_dir, const char *job_name);
/*
 * what: an id or the unambiguous beginning of one, a path of a run directory, or
 * "last" (the newest id). Reading only.
 */
int run_open(struct run *r, const char *results_dir, const char *what);
/* The same, locked, torn tail cut (and said). Another process that writes it: an error that names its pid. */
int run_resume(struct run *r, const char *results_dir, const char *what);
void run_close(struct run *r);

/*
 * One line; adds the newline. A failed or short write takes back what was
 * written of it: "results/ID/samples.jsonl: No space left on device: 57 samples
 * kept; make room, then `foliogate run --resume ID`".
 */
int run_append(struct run *r, const char *line, size_t len);
/*
 * To the disk; called between cells, never while one is measured. An error where
 * samples.jsonl was removed: what came after would be lost.
 */
int run_sync(struct run *r);

/* A whole file beside the samples, replaced atomically (temporary file, fsync, rename). */
int run_write_file(const struct run *r, const char *name, const void *data, size_t len);
int run_read_file(const struct run *r, const char *name, struct buf *out);
/* The path of a file of the run, made for messages and for other programs. The caller frees. */
char *run_path(const struct run *r, const char *name);

/*
 * Ids under results_dir, oldest first: runs are directories with a plan.json.
 * None where results_dir is missing. Names that do not start with a time, of
 * directories renamed by hand, come before all others: "last" is never one of
 * them while there is another. The caller frees each and the array.
 */
int run_list(const char *results_dir, char ***ids, size_t *n);
/* Directories of runs that ended before their plan was written, or whose removal was stopped half-way. */
int run_leftovers(const char *results_dir, char ***ids, size_t *n);
/* Removes a run directory, or such a leftover, and all in it; a run being written is refused. */
int run_remove(const char *results_dir, const char *id);

/* Who writes a run now: a pid, 0 for nobody, -1 for a process that left no pid. Disturbs nobody. */
pid_t run_writer(const char *results_dir, const char *id);
/* In the order of run_list(): below 0 where a is older than b. Pure. */
int run_compare(const char *a, const char *b);
/* When an id says that its run began, in seconds since 1970; -1 where it does not start with a time. Pure. */
int64_t run_started(const char *id);

#endif
