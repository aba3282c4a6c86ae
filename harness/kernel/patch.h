/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Patches as people have them, made into plain diffs and put into a tree: a
 * plain diff, `git format-patch`, a mail or an mbox with a whole series (any
 * transfer encoding, format=flowed), the -mm style (`--- a/mm/filemap.c~name`).
 * git mailsplit and git mailinfo take mails apart.
 */
#ifndef HARNESS_KERNEL_PATCH_H
#define HARNESS_KERNEL_PATCH_H

#include <stdbool.h>
#include <stddef.h>

struct spec_patch;

/* One change of a series. */
struct patch {
	char *subject;		/* "mm: ...", without [PATCH n/m]; NULL where there is none */
	char *author;		/* "Name <address>", or NULL */
	char *message_id;	/* of the mail, without <>, or NULL */
	char *diff;		/* a plain diff with a/ and b/ prefixes and nothing before it */
	size_t len;
	unsigned number, of;	/* of [PATCH n/m]; 0 where there is none */
};

struct series {
	char *name;		/* the file, for messages; "standard input" */
	struct patch *patch;	/* in the order to be applied: by n of n/m where all have one */
	size_t n;
	bool reverse;
};

/*
 * From a file's text. A cover letter and answers without a diff are passed over. 0,
 * or -1 after reporting: no diff in it (says what it looks like instead), a
 * series with a part missing or twice (names it; one patch alone is none), a damaged mail (a hunk whose
 * lines do not add up: line number; wrapped lines or tabs lost are said to be so), binary
 * diffs, paths that leave the tree. The caller releases in both cases.
 */
int series_parse(const struct spec_patch *file, struct series *s);
void series_release(struct series *s);

/* Files that the series touches, sorted, no two the same; the caller frees each and the array. */
void series_files(const struct series *s, char ***file, size_t *n);

enum patch_outcome { PATCH_APPLIED, PATCH_ALREADY, PATCH_FAILED, PATCH_ERROR };

/*
 * Puts the series into a tree (reversed: takes it out, last first). Files are
 * replaced, never written in place: hard links to them keep what they hold.
 * It is tried on copies first, and the tree is changed only where all of it fits.
 * Offsets are taken and said, fuzz is not taken.
 *
 * PATCH_ALREADY: all of it is in the tree already. PATCH_FAILED: reported, with
 * patch, file, hunk, the lines that it wants, and those that stand there instead.
 * PATCH_ERROR: reported, no fault of the patch.
 */
enum patch_outcome series_apply(const struct series *s, const char *tree);

#endif
