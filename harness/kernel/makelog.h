/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What make says while it builds a kernel, read line by line: the steps it
 * takes ("  CC      mm/filemap.o"), and of a build that failed the few lines that say
 * why, which stand anywhere among thousands. Prints nothing, opens nothing.
 */
#ifndef HARNESS_KERNEL_MAKELOG_H
#define HARNESS_KERNEL_MAKELOG_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/buf.h"

#define MAKELOG_SHOWN 40	/* lines of complaints at most */
#define MAKELOG_LAST 15		/* lines shown where nothing looks like a complaint */

struct makelog {
	const char *strip;	/* taken off wherever it occurs: "/.../place/src/"; borrowed */
	unsigned steps;
	char step[96];		/* the last one: "CC mm/filemap.o" */
	/* The rest is the module's own. */
	struct buf context;	/* "In file included from", "In function": shown once an error follows */
	bool context_open, context_shown;
	bool in_block;		/* the last line belongs to a complaint */
	struct buf shown;
	unsigned lines, errors, errors_shown;
	char *last[MAKELOG_LAST];
	size_t nlast;
	bool failed;		/* make has given up on a target: what comes after says nothing new */
};

void makelog_init(struct makelog *l, const char *strip);
void makelog_release(struct makelog *l);

/* One line without its newline. true: a step begins, which is in l->step. */
bool makelog_line(struct makelog *l, const char *text, size_t len);

/*
 * Appends why the build failed, newline at the end of each line: blocks of the compiler with source lines
 * and carets, the linker's and make's own complaints; where there is none of these the last
 * lines before make gave up.
 */
void makelog_complaints(const struct makelog *l, struct buf *out);

#endif
