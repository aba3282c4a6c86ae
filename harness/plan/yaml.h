/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * YAML text as a tree in which everything has its place. This module alone
 * includes libyaml and knows nothing of what the keys mean. Pure: takes text.
 *
 * Understood is what configuration needs: one document of mappings, lists and
 * scalars, in UTF-8. A scalar is always text here, so `null`, `yes` and `08` mean
 * themselves. Anchors, aliases and tags are errors, as are a key given twice,
 * a second document and NUL.
 */
#ifndef HARNESS_PLAN_YAML_H
#define HARNESS_PLAN_YAML_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

enum yaml_kind { YAML_TEXT, YAML_LIST, YAML_MAPPING };

struct yaml_value {
	enum yaml_kind kind;
	unsigned line, column;		/* from 1, in characters */
	char *text;			/* YAML_TEXT: never NULL, holds no NUL; "" also where nothing was written */
	struct yaml_value *key;		/* YAML_MAPPING: n texts */
	struct yaml_value *item;	/* n values */
	size_t n;
};

/*
 * `file` is only named in messages. 0, or -1 with "FILE:LINE:COLUMN: what" in
 * why; the caller releases in both cases.
 */
int yaml_read(const char *file, const char *text, size_t len, struct yaml_value *root,
	      struct buf *why);
void yaml_release(struct yaml_value *v);

/* The value of a mapping's key, or NULL. */
const struct yaml_value *yaml_find(const struct yaml_value *mapping, const char *key);

/* "text", "a list" or "a mapping": what a value is, for messages. */
const char *yaml_kind_name(enum yaml_kind kind);

/* Appends "FILE:LINE:COLUMN: ". */
void yaml_place(const char *file, unsigned line, unsigned column, struct buf *out);

/* Appends a foreign text in quotes, control characters escaped, cut where it is long. */
void yaml_quote(const char *text, struct buf *out);

#endif
