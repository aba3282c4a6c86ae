/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fields of JSON that nobody vouches for: every one is checked for kind, range
 * and length before it is used. Each function appends its complaint to why,
 * without a place: the caller knows what holds the field. Pure.
 */
#ifndef HARNESS_PLAN_FIELD_H
#define HARNESS_PLAN_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/json.h"

struct buf;

#define FIELD_TEXTS_MAX 100000	/* of any one list */

/* Puts what into why. -1. */
int field_bad(struct buf *why, const char *what);

/* A text of reasonable length without NUL and other control characters, borrowed; NULL where v is none. */
const char *field_text_of(const json_t *v);

/* A text that is not empty, or NULL for null. 0 with *out the caller's to free, or -1 and why. */
int field_optional(const json_t *o, const char *key, char **out, struct buf *why);

/* A text that is not empty. 0 with *out the caller's to free, or -1 and why. */
int field_text(const json_t *o, const char *key, char **out, struct buf *why);

struct field_range {
	uint64_t min, max;
};
int field_number(const json_t *o, const char *key, struct field_range range, uint64_t *out,
		 struct buf *why);

/* true or false. */
int field_bool(const json_t *o, const char *key, bool *out, struct buf *why);

struct field_texts {
	char **text;	/* room for one NULL at the end */
	size_t n;
};
/* An array of 1 to FIELD_TEXTS_MAX texts; empty ones only where allowed. What there is in *out is the caller's also after -1. */
int field_texts(const json_t *o, const char *key, bool empty, struct field_texts *out,
		struct buf *why);

/* An array of n integers from min to below `below`: why says "an entry is not `what`" of another. */
struct field_indices {
	size_t n;
	int min;
	size_t below;
	const char *what;
};
int field_indices(const json_t *array, const struct field_indices *expect, int *out,
		  struct buf *why);

/* Every number below n, once, as an order has them. Else why says `twice`, or as field_indices(). */
struct field_order {
	size_t n;
	const char *what, *twice;
};
int field_order(const json_t *array, const struct field_order *expect, uint32_t *out,
		struct buf *why);

#endif
