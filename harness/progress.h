/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How far a long command is and how long it will take, on stderr: one line that
 * changes on a terminal, a plain line a step elsewhere. Silent under -q.
 */
#ifndef HARNESS_PROGRESS_H
#define HARNESS_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress {
	size_t steps, done;
	uint64_t step_ns;	/* what a step is thought to take, until one has been seen */
	uint64_t began_ns;	/* of the first step */
	size_t before;		/* steps done before began_ns */
	bool terminal;
	bool shown;		/* a changing line stands on the terminal */
};

/* done: steps that need not be done again. */
void progress_init(struct progress *p, size_t steps, size_t done, uint64_t step_ns);
/* A step begins. */
void progress_step(struct progress *p, const char *what);
/* It has ended. */
void progress_done(struct progress *p);
/*
 * Takes the changing line off the terminal, before anything else is printed.
 * Not after an error: the line then tells where it happened.
 */
void progress_clear(struct progress *p);

#endif
