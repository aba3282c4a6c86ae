/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "did you mean": the nearest of some known words. Pure.
 */
#ifndef LIB_NEAR_H
#define LIB_NEAR_H

#include <stddef.h>

struct buf;

/* Feeds candidates one at a time, remembers the best. Words are borrowed, not copied. */
struct near {
	const char *word;	/* what was written */
	const char *best;	/* NULL: nothing near enough */
	unsigned distance;
};

void near_init(struct near *n, const char *word);
void near_offer(struct near *n, const char *candidate);
/* Appends " (did you mean 'X'?)", or nothing. */
void near_hint(const struct near *n, struct buf *out);

#endif
