/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/store/fields.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/param.h"

/* Most of what is counted is whole, and a whole number is written as one. */
json_t *fields_real(double x)
{
	if (!isfinite(x))
		return json_null();
	return x == floor(x) && fabs(x) < 1e15 ? json_integer((json_int_t)x) : json_real(x);
}

/* Addresses of kernels do not fit the 63 bits of a JSON integer: those are text. */
static json_t *whole(uint64_t n)
{
	char text[32];

	if (n <= INT64_MAX)
		return json_u64(n);
	snprintf(text, sizeof(text), "0x%" PRIx64, n);
	return json_text(text);
}

static json_t *field_json(const struct field *f, const void *record)
{
	const char *at = (const char *)record + f->at;

	switch (f->kind) {
	case FIELD_TEXT:
	case FIELD_TEXT_OR_NULL:
		return json_text(*(char *const *)(const void *)at);
	case FIELD_CELL:
		return json_text(at);
	case FIELD_FLAG:
		return json_boolean(*(const bool *)at);
	case FIELD_U32:
		return json_u64(*(const uint32_t *)(const void *)at);
	case FIELD_U64:
		return whole(*(const uint64_t *)(const void *)at);
	default:
		return fields_real(*(const double *)(const void *)at);
	}
}

void fields_put(json_t *o, const struct field *f, size_t n, const void *record)
{
	for (; n--; f++)
		json_put(o, f->key, field_json(f, record));
}

int fields_bad(struct buf *why, const char *key, const char *what)
{
	buf_fmt(why, "%s: missing or not %s", key, what);
	return -1;
}

static int get_text(const json_t *o, const struct field *f, char **text, struct buf *why)
{
	const json_t *value = json_object_get(o, f->key);

	if (f->kind == FIELD_TEXT_OR_NULL && (!value || json_is_null(value)))
		return 0;
	if (!json_string_length(value))
		return fields_bad(why, f->key, "a text");
	*text = xstrdup(json_string_value(value));
	return 0;
}

static int get_cell(const json_t *o, const struct field *f, char *cell, struct buf *why)
{
	const char *text = json_get_text(o, f->key);

	if (!text || strlen(text) != CELL_ID_LEN ||
	    strspn(text, "0123456789abcdef") != CELL_ID_LEN)
		return fields_bad(why, f->key, "the hash of a cell's name");
	memcpy(cell, text, CELL_ID_LEN + 1);
	return 0;
}

/* As whole() writes it. 0 or -1. */
static int get_whole(const json_t *o, const char *key, uint64_t *n)
{
	const char *text = json_get_text(o, key);
	char *end;

	if (!text)
		return json_get_u64(o, key, n);
	if (strncmp(text, "0x", 2) || !text[2] || strlen(text) > 18)
		return -1;
	*n = strtoull(text + 2, &end, 16);
	return *end ? -1 : 0;
}

static int get_number(const json_t *o, const struct field *f, void *at, struct buf *why)
{
	const char *what = f->positive ? "a number above 0" : "a number in range";
	const json_t *value = json_object_get(o, f->key);
	uint64_t n = 0;
	double x = 0;

	if (f->kind == FIELD_REAL) {
		x = json_is_number(value) ? json_number_value(value) : -1;
		if (x < 0 || (f->positive && x == 0))
			return fields_bad(why, f->key, what);
		*(double *)at = x;
		return 0;
	}
	if (get_whole(o, f->key, &n) || (f->positive && !n) || (f->kind == FIELD_U32 && n >= UINT32_MAX))
		return fields_bad(why, f->key, what);
	if (f->kind == FIELD_U32)
		*(uint32_t *)at = (uint32_t)n;
	else
		*(uint64_t *)at = n;
	return 0;
}

static int get_flag(const json_t *o, const struct field *f, bool *flag, struct buf *why)
{
	const json_t *value = json_object_get(o, f->key);

	if (!json_is_boolean(value))
		return fields_bad(why, f->key, "true or false");
	*flag = json_is_true(value);
	return 0;
}

int fields_get(const json_t *o, const struct field *f, size_t n, void *record, struct buf *why)
{
	void *at;
	int ret = 0;

	for (; n-- && !ret; f++) {
		at = (char *)record + f->at;
		if (f->kind == FIELD_TEXT || f->kind == FIELD_TEXT_OR_NULL)
			ret = get_text(o, f, at, why);
		else if (f->kind == FIELD_CELL)
			ret = get_cell(o, f, at, why);
		else if (f->kind == FIELD_FLAG)
			ret = get_flag(o, f, at, why);
		else
			ret = get_number(o, f, at, why);
	}
	return ret;
}
