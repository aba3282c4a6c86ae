/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The files that a cell's threads work on: one for all, or one each, in blocks.
 * The parameters that say so, and what they become.
 */
#ifndef BENCH_FILESET_H
#define BENCH_FILESET_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/random.h"
#include "bench/testfile.h"
#include "lib/param.h"

struct buf;
struct task;

enum fileset_pattern { FILESET_FIXED, FILESET_SEQUENTIAL, FILESET_RANDOM, FILESET_PATTERNS };

/*
 * Where the next op of a loop goes: the start of one of a file's blocks. next is
 * the sequential pattern's and starts at 0, random is the task's. Inlined with a
 * constant pattern: what that does not need costs nothing. It takes a number of
 * blocks, not a size: no division in a measured loop.
 */
static inline __attribute__((always_inline)) uint64_t
fileset_offset(enum fileset_pattern pattern, uint64_t blocks, uint64_t block, uint64_t *next,
	       uint64_t *random)
{
	uint64_t at = 0;

	if (pattern == FILESET_SEQUENTIAL) {
		at = *next;
		*next = at + 1 < blocks ? at + 1 : 0;
	}
	if (pattern == FILESET_RANDOM)
		at = random_below(random, blocks);
	return at * block;
}

/* The rows of a workload's table, and fileset_check() for its check(). */
#define FILESET_PARAMS \
	{ .name = "block", .kind = PARAM_SIZE, .def = "4k", .min = 1, .max = 1 << 20, \
	  .help = "bytes of one call" }, \
	{ .name = "file_size", .kind = PARAM_SIZE, .def = "4k", .min = 1, .max = 1ull << 40, \
	  .help = "bytes of each file" }, \
	{ .name = "sharing", .kind = PARAM_CHOICE, .def = "same", \
	  .choices = (const char *const[]){ "same", "diff", NULL }, \
	  .help = "one file for all threads, or one each; always an open file description a thread" }
int fileset_check(const struct params *p, struct buf *why);

struct fileset {
	struct testfile shared;		/* fd -1 where each thread has its own */
	struct stamp stamp;		/* of the shared file; an own one's key is that of its thread */
};

/* In setup(), which zeroes the set before; period is that of the stamp. 0, or -1 with the task's why filled. */
int fileset_setup(struct fileset *s, struct task *first, uint64_t period);
void fileset_release(struct fileset *s);

/* One thread's share, valid as long as the set. */
struct fileset_member {
	struct testfile own;		/* fd -1 with sharing=same */
	const struct testfile *file;	/* the one to work on */
	struct stamp stamp;		/* what it holds */
	int fd;				/* an open file description of this thread's alone */
	bool responsible;		/* for looking at the whole file at the end: one thread a file */
};

/* In task_setup(), with m zeroed before; flags: O_RDONLY or O_RDWR. 0, or -1 with the task's why filled. */
int fileset_join(struct fileset_member *m, const struct fileset *s, struct task *t, int flags);
void fileset_leave(struct fileset_member *m);

#endif
