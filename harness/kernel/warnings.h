/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the compiler and its like warned of while a kernel was built: read from make's output, kept in
 * the kernel's cache entry (warnings.json), compared with what the baseline's build had.
 *
 * A patched kernel is built from the baseline's objects, and its make speaks of few files: what the
 * baseline's build said of all others holds for it as well, and is kept with it.
 */
#ifndef HARNESS_KERNEL_WARNINGS_H
#define HARNESS_KERNEL_WARNINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/json.h"

struct kernel;

struct warning {
	char *file;		/* relative to the source: "mm/filemap.c"; "vmlinux.o", "ld": who else has warned */
	unsigned line, column;	/* from 1; 0: not told */
	char *text;		/* "unused variable 'x' [-Wunused-variable]" */
	char *object;		/* the target being made, without its suffix: "mm/filemap"; may be "" */
};

/* A zeroed one is empty and not known. */
struct warnings {
	struct warning *w;	/* no two with one place and one text */
	size_t n;
	bool known;		/* false: nobody has written down what there were */
	bool whole;		/* of all of the kernel; false: only of what its last make has made */
};

/*
 * Of a kernel in the cache; of entries that were made before warnings were kept from the build's log, where
 * that is still there. Not known: as of a distribution's image. 0, or -1 after reporting. The
 * caller releases in both cases.
 */
int warnings_of(const struct kernel *k, struct warnings *w);

/*
 * Those of `patched` that `base` has not, compared by file and text: one that has only moved is not new, nor
 * is one of which only numbers differ (the size of a frame). One more of the same in a file is new. Not known where
 * either is not, or the base is not whole and might have had them. The caller releases.
 */
void warnings_new(const struct warnings *base, const struct warnings *patched, struct warnings *out);
void warnings_release(struct warnings *w);
/* A copy of one more, unless it is there already. */
void warnings_add(struct warnings *w, const struct warning *more);
/* An array of objects with "file", "line", "column", "text". */
json_t *warnings_list_json(const struct warnings *w);

/* Make's whole output of one build. */
struct warnings_log {
	struct warnings said;
	char **made;		/* targets, as struct warning.object; sorted */
	size_t nmade;
	unsigned steps;
};

void warnings_log_read(const char *text, size_t len, struct warnings_log *l);
/* Adds what `base` says of targets that were not made here: the build began with base's objects. */
void warnings_log_complete(struct warnings_log *l, const struct warnings *base);
void warnings_log_release(struct warnings_log *l);

#define WARNINGS_FILE "warnings.json"	/* in a kernel's entry */

/* As it is kept, and back. warnings_from_json(): what is no such thing is not known. The caller releases. */
json_t *warnings_json(const struct warnings *w);
void warnings_from_json(const json_t *o, struct warnings *w);

#endif
