/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why a diff does not fit a tree: the hunks whose lines are not there, and what
 * stands in their place.
 */
#ifndef HARNESS_KERNEL_MISMATCH_H
#define HARNESS_KERNEL_MISMATCH_H

#include <stdbool.h>

struct buf;
struct diff;

/*
 * Appends, for each file of the diff that does not fit (at most three hunks in
 * all), indented lines for people: file, hunk, the first lines that differ, what the tree has
 * there. Nothing where every hunk is found: then something else is wrong.
 */
void mismatch_find(const struct diff *d, bool reverse, const char *tree, struct buf *out);

#endif
