/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/json.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/buf.h"
#include "lib/err.h"

#define REALS JSON_REAL_PRECISION(15)	/* 0.14 stays 0.14; no figure here has more digits than that */

static int add(const char *data, size_t len, void *out)
{
	buf_add(out, data, len);
	return 0;
}

void json_line(struct buf *out, const json_t *value)
{
	if (json_dump_callback(value, add, out, JSON_COMPACT | JSON_ENCODE_ANY | REALS))
		BUG("cannot write JSON");
}

void json_pretty(struct buf *out, const json_t *value)
{
	if (json_dump_callback(value, add, out, JSON_INDENT(2) | JSON_ENCODE_ANY | REALS))
		BUG("cannot write JSON");
	buf_ch(out, '\n');
}

int json_get_u64(const json_t *object, const char *key, uint64_t *out)
{
	const json_t *v = json_object_get(object, key);

	if (!json_is_integer(v) || json_integer_value(v) < 0)
		return -1;
	*out = (uint64_t)json_integer_value(v);
	return 0;
}

const char *json_get_text(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

json_t *json_u64(uint64_t n)
{
	if (n > INT64_MAX)
		BUG("%llu does not fit a JSON integer", (unsigned long long)n);
	return json_integer((json_int_t)n);
}

json_t *json_u64_array(const uint64_t *n, size_t count)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < count; i++)
		json_array_append_new(array, json_u64(n[i]));
	return array;
}

void json_put(json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value))
		BUG("cannot set JSON key \"%s\"", key);
}

json_t *json_text(const char *s)
{
	struct buf escaped = BUF_INIT;
	json_t *text;

	if (!s)
		return json_null();
	text = json_string(s);
	if (text)
		return text;
	for (; *s; s++) {
		if ((unsigned char)*s < 0x80)
			buf_ch(&escaped, *s);
		else
			buf_fmt(&escaped, "\\x%02x", (unsigned char)*s);
	}
	text = json_string(buf_text(&escaped));
	buf_release(&escaped);
	return text;
}
