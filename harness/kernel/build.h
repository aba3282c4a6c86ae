/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One kernel built in a place: source, patches, configuration, make. Knows
 * nothing of keys and of what is kept.
 */
#ifndef HARNESS_KERNEL_BUILD_H
#define HARNESS_KERNEL_BUILD_H

#include <stdbool.h>
#include <stddef.h>

struct kernel_call;
struct place;
struct series;
struct source;
struct wish;

struct build {
	const struct kernel_call *call;
	const struct place *place;	/* open, and empty */
	const struct source *source;
	const struct wish *wish;
	const struct series *series;	/* nseries of them, put in in order */
	size_t nseries;
	const char *objects;		/* an object tree of the unpatched source to start from; NULL: from nothing */
	const char *log;		/* make's output; written anew */
	const char *phase;		/* before each `what` of the progress: "baseline: ", or "" */
	unsigned expected;		/* steps from nothing, as far as known; 0: not known */
	/* Filled: */
	char *release;			/* as uname says it; the caller frees */
	unsigned steps;
	bool reused;			/* objects were, */
	bool configured;		/* and the configuration that came with them */
};

/*
 * Afterwards the object tree is in place->obj. An enum exitcode, as
 * kernel_get(). Objects are not reused where that could give another kernel than
 * a build from nothing; that is said.
 */
int build_run(struct build *b);

#endif
