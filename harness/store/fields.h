/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records as JSON objects by a table of their fields, from which both directions
 * follow. Pure.
 */
#ifndef HARNESS_STORE_FIELDS_H
#define HARNESS_STORE_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/json.h"

struct buf;

enum field_kind {
	FIELD_TEXT,		/* char *, not empty */
	FIELD_TEXT_OR_NULL,
	FIELD_CELL,		/* char[CELL_ID_LEN + 1] */
	FIELD_FLAG,		/* bool */
	FIELD_U32,
	FIELD_U64,		/* above 63 bits text, "0xffffffff81000000": see fields_put() */
	FIELD_REAL,		/* double, from 0 */
};

struct field {
	const char *key;
	enum field_kind kind;
	size_t at;		/* in the record */
	bool positive;		/* numbers: 0 is none */
};

/* A row of the table for a member, which has the key's name. */
#define FIELD(kind, type, member) { #member, FIELD_##kind, offsetof(struct type, member), false }
#define POSITIVE(kind, type, member) { #member, FIELD_##kind, offsetof(struct type, member), true }
#define NFIELDS(table) (sizeof(table) / sizeof((table)[0]))

/* Sets n fields of an object, in their order. */
void fields_put(json_t *o, const struct field *f, size_t n, const void *record);
/* A number as such a field: whole where it is whole, null where it is not finite. */
json_t *fields_real(double x);

/*
 * Reads n fields into a record that is all zeros: 0, or -1 and why, which names the field. Texts are
 * the caller's in both cases.
 */
int fields_get(const json_t *o, const struct field *f, size_t n, void *record, struct buf *why);
/* Appends "KEY: missing or not WHAT": -1. */
int fields_bad(struct buf *why, const char *key, const char *what);

#endif
