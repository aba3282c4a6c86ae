/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A unified diff found in a text, checked, and written anew with a/ and b/
 * prefixes: whatever stands before, between and after its files is gone. Pure.
 */
#ifndef HARNESS_KERNEL_DIFF_H
#define HARNESS_KERNEL_DIFF_H

#include <stddef.h>

#include "lib/buf.h"

struct diff_hunk {
	unsigned old_line, old_n, new_line, new_n;	/* as its @@ line says */
	size_t at, len;		/* in diff.text, the @@ line included */
};

struct diff_file {
	char *old, *new;	/* paths without prefix; NULL for /dev/null; never both NULL */
	struct diff_hunk *hunk;
	size_t nhunks;		/* 0: only renamed, or its mode changed */
};

struct diff {
	struct diff_file *file;
	size_t n;		/* 0: there is no diff in the text */
	struct buf text;
};

/*
 * line: how many lines stand before the text in what `name` names. Paths may have a
 * prefix of one directory (a/, b/, linux.orig/), none where they begin with a directory of the
 * kernel's, and -mm's `~name` after the old one; in quotes they are refused. 0, or -1 with one complaint in why, place first:
 * "fix.patch:12: ...". The caller releases in both cases.
 */
int diff_parse(const char *name, unsigned line, const char *text, size_t len, struct diff *d,
	       struct buf *why);
void diff_release(struct diff *d);

/* The path a file of a diff has in messages: the new one where there is one. */
const char *diff_path(const struct diff_file *f);

#endif
