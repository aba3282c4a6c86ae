/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JSON for both programs: the only place that includes jansson. Everyone else
 * includes this and uses jansson's own API, with these few helpers beside it.
 */
#ifndef LIB_JSON_H
#define LIB_JSON_H

#include <jansson.h>
#include <stdint.h>

struct buf;

/* Appends one line without its newline: keys in the order they were set, no blanks. */
void json_line(struct buf *out, const json_t *value);
/* The same over several indented lines, newline at the end. */
void json_pretty(struct buf *out, const json_t *value);

/* An object's unsigned number. 0, or -1 where it is absent, no integer, or negative. */
int json_get_u64(const json_t *object, const char *key, uint64_t *out);
/* An object's string, borrowed; NULL where it is absent or no string. */
const char *json_get_text(const json_t *object, const char *key);

json_t *json_u64(uint64_t n);			/* n must fit 63 bits: larger is a BUG() */
json_t *json_u64_array(const uint64_t *n, size_t count);
/* object[key] = value, which is consumed. Text that is not UTF-8 is escaped byte-wise, never lost. */
void json_put(json_t *object, const char *key, json_t *value);
json_t *json_text(const char *s);		/* NULL gives null */

#endif
