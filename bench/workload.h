/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The whole contract of a workload. A workload is one file under
 * bench/workloads/ that includes this header and libc only, and one line in
 * bench/workloads/list.c.
 *
 * Who calls what, and where:
 *
 *	check()		before anything else, once: do the parameters go together?
 *	setup()		the first thread, pinned, its memory policy set, alone
 *	task_setup()	every thread, pinned, its memory policy set, all at once
 *	run()		every thread, once in windows of time, or once a window in
 *			windows of a fixed number of ops
 *	task_verify()	every thread, after the last window, all at once
 *	verify()	the first thread, alone
 *	task_teardown(), teardown()
 *			always, also after a failure half-way through setup
 *
 * Any of them may fail: it says why with task_fail() and returns -1. The first
 * failure ends the cell with EXIT_CANNOT and no further sample, or with EXIT_REJECT
 * where what was read or written is not what it must be.
 */
#ifndef BENCH_WORKLOAD_H
#define BENCH_WORKLOAD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/fileset.h"
#include "bench/testfile.h"
#include "lib/buf.h"
#include "lib/param.h"

/* What all threads of a cell share; constant while they run. */
struct bench {
	const struct params *params;
	unsigned threads;
	const char *dir;	/* where test files go */
	const char *fs;		/* the file system that dir must be on, or "any" */
	uint64_t seed;
	uint64_t bytes_per_op;	/* set by setup(); 0 where an op moves no bytes */
	void *state;		/* the workload's own: setup() to teardown() */
};

#define BENCH_NEVER UINT64_MAX	/* a goal that no counter reaches */

/*
 * One per thread. The first line is all that the measured loop touches: the
 * owner writes ops, the coordinator writes goal once a window or less, so the
 * line stays in the owner's cache. 128 bytes, because x86 prefetches lines in
 * pairs (Intel SDM, "spatial prefetcher") and some arm64 lines are that long.
 */
struct task {
	_Alignas(128) _Atomic uint64_t ops;	/* done since the thread started */
	_Atomic uint64_t goal;			/* stop when ops reaches it */

	_Alignas(128) struct bench *bench;
	unsigned index;		/* from 0 */
	uint64_t random;	/* state for random_below(); differs by thread, fixed by seed */
	void *state;		/* the workload's own: task_setup() to task_teardown() */
	struct buf why;		/* of a failure; empty while all is well */
	bool wrong;		/* it is of the kind that task_wrong() tells of */
	/* The rest is the coordinator's. */
	uint64_t began_ns, ended_ns;	/* of the last run() */
	uint64_t to_count;	/* ops that are still to do between markers; see lib/roi.h */
	bool in_counted_op;
};

/*
 * At the goal. Where ops are counted, ends one and begins the next between markers
 * that the emulator's plugin knows; else, and after the last, false. Not cold: gcc 12
 * would then end small loops in a jump more.
 */
bool task_more(struct task *t);

/*
 * The measured loop, with the operation in plain sight:
 *
 *	while (task_next(t)) {
 *		if (pread(fd, buf, block, 0) != block)
 *			return task_fail(t, "...");
 *		task_done(t);
 *	}
 *	return 0;
 */
static inline bool task_next(struct task *t)
{
	return __builtin_expect(atomic_load_explicit(&t->ops, memory_order_relaxed) <
				atomic_load_explicit(&t->goal, memory_order_relaxed), 1) ||
	       task_more(t);
}

static inline void task_done(struct task *t)
{
	/* the owner alone writes: no locked instruction needed */
	atomic_store_explicit(&t->ops, atomic_load_explicit(&t->ops, memory_order_relaxed) + 1,
			      memory_order_relaxed);
}

/* Says why, once: a later call adds nothing. Always -1. `%m` is the failed call's errno. */
int task_fail(struct task *t, const char *fmt, ...) __attribute__((cold, format(printf, 2, 3)));
/* The same where the system under test gave wrong data or a wrong count: the cell then ends with EXIT_REJECT. */
int task_wrong(struct task *t, const char *fmt, ...) __attribute__((cold, format(printf, 2, 3)));

struct workload {
	const char *name;
	const char *summary;		/* one line, no full stop */
	const char *about;		/* which cache line or instruction is in question */
	const struct param *params;	/* own ones, PARAM_END at the end */
	uint64_t (*default_ops)(const struct params *p);
					/* ops a window where the user sets none; NULL or 0: windows of time */
	int (*check)(const struct params *p, struct buf *why);
	int (*setup)(struct task *first);
	int (*task_setup)(struct task *t);
	int (*run)(struct task *t);	/* the only one that must be there */
	int (*task_verify)(struct task *t);
	int (*verify)(struct task *first);
	void (*task_teardown)(struct task *t);
	void (*teardown)(struct bench *b);
};

/* bench/workloads/list.c: NULL at the end, sorted by name. */
extern const struct workload *const workloads[];

/* NULL where there is none of that name. */
const struct workload *workload_find(const char *name);

#endif
