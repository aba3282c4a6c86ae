/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/plan/field.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/alloc.h"
#include "lib/buf.h"

int field_bad(struct buf *why, const char *what)
{
	buf_str(why, what);
	return -1;
}

const char *field_text_of(const json_t *v)
{
	const char *s = json_string_value(v), *at;

	if (!s || strlen(s) != json_string_length(v) || strlen(s) > 65536)
		return NULL;
	for (at = s; *at; at++)
		if ((unsigned char)*at < 0x20 || *at == 0x7f)
			return NULL;
	return s;
}

int field_optional(const json_t *o, const char *key, char **out, struct buf *why)
{
	const json_t *v = json_object_get(o, key);
	const char *s = field_text_of(v);

	if (json_is_null(v))
		return 0;
	if (!s || !*s) {
		buf_fmt(why, "%s: missing, or neither a text nor null", key);
		return -1;
	}
	*out = xstrdup(s);
	return 0;
}

int field_text(const json_t *o, const char *key, char **out, struct buf *why)
{
	const char *s = field_text_of(json_object_get(o, key));

	if (!s || !*s) {
		buf_fmt(why, "%s: missing, or no text", key);
		return -1;
	}
	*out = xstrdup(s);
	return 0;
}

int field_number(const json_t *o, const char *key, struct field_range range, uint64_t *out,
		 struct buf *why)
{
	if (!json_get_u64(o, key, out) && *out >= range.min && *out <= range.max)
		return 0;
	buf_fmt(why, "%s: missing, or not %" PRIu64 " to %" PRIu64, key, range.min, range.max);
	return -1;
}

int field_bool(const json_t *o, const char *key, bool *out, struct buf *why)
{
	const json_t *v = json_object_get(o, key);

	*out = json_is_true(v);
	if (json_is_boolean(v))
		return 0;
	buf_fmt(why, "%s: missing, or neither true nor false", key);
	return -1;
}

int field_texts(const json_t *o, const char *key, bool empty, struct field_texts *out,
		struct buf *why)
{
	const json_t *array = json_object_get(o, key);
	size_t n = json_array_size(array), i;
	const char *s;

	if (!n || n > FIELD_TEXTS_MAX) {
		buf_fmt(why, "%s: missing, or not 1 to %d texts", key, FIELD_TEXTS_MAX);
		return -1;
	}
	out->text = xcalloc(n + 1, sizeof(out->text[0]));
	for (i = 0; i < n; i++) {
		s = field_text_of(json_array_get(array, i));
		if (!s || (!*s && !empty)) {
			buf_fmt(why, "%s: entry %zu is no text", key, i);
			return -1;
		}
		out->text[out->n++] = xstrdup(s);
	}
	return 0;
}

int field_indices(const json_t *array, const struct field_indices *expect, int *out,
		  struct buf *why)
{
	const json_t *v;
	size_t i;

	if (!json_is_array(array) || json_array_size(array) != expect->n)
		return field_bad(why, "not an array of the right length");
	for (i = 0; i < expect->n; i++) {
		v = json_array_get(array, i);
		if (!json_is_integer(v) || json_integer_value(v) < expect->min ||
		    json_integer_value(v) >= (json_int_t)expect->below) {
			buf_fmt(why, "an entry is not %s", expect->what);
			return -1;
		}
		out[i] = (int)json_integer_value(v);
	}
	return 0;
}

int field_order(const json_t *array, const struct field_order *expect, uint32_t *out,
		struct buf *why)
{
	const struct field_indices numbers = { .n = expect->n, .below = expect->n,
					       .what = expect->what };
	int *index = xcalloc(expect->n, sizeof(index[0]));
	bool *seen = xcalloc(expect->n, sizeof(seen[0]));
	size_t i;
	int ret;

	ret = field_indices(array, &numbers, index, why);
	for (i = 0; i < expect->n && !ret; i++) {
		if (seen[index[i]])
			ret = field_bad(why, expect->twice);
		seen[index[i]] = true;
		out[i] = (uint32_t)index[i];
	}
	free(seen);
	free(index);
	return ret;
}
