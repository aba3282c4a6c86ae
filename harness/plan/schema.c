/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/plan/schema.h"

#include <stdlib.h>
#include <string.h>

#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/near.h"

#define TEXT_MAX 4096	/* bytes of one value: a path's length, and bounds what messages repeat */

int schema_check_text(const char *name, const char *text, bool lines, struct buf *why)
{
	size_t len = strlen(text);
	const char *s;

	if (!len) {
		buf_fmt(why, "%s: no value", name);
		return -1;
	}
	if (len > TEXT_MAX) {
		buf_fmt(why, "%s: a value of %zu bytes is too long (at most %d)", name, len,
			TEXT_MAX);
		return -1;
	}
	for (s = text; *s; s++) {
		if ((unsigned char)*s >= 0x20 && *s != 0x7f)
			continue;
		if (lines && (*s == '\n' || *s == '\t'))
			continue;
		buf_fmt(why, "%s: ", name);
		yaml_quote(text, why);
		buf_fmt(why, " holds the control character \\x%02x", (unsigned char)*s);
		return -1;
	}
	return 0;
}

static void store_number(void *at, size_t size, uint64_t n)
{
	uint32_t narrow = (uint32_t)n;

	if (size == sizeof(n))
		memcpy(at, &n, sizeof(n));
	else if (size == sizeof(narrow) && n == narrow)
		memcpy(at, &narrow, sizeof(narrow));
	else
		BUG("a schema's number does not fit its destination of %zu bytes", size);
}

static void store_text(void *at, size_t size, const char *text, unsigned line, unsigned column)
{
	struct schema_text *placed = at;
	char **plain = at;

	if (size == sizeof(*placed)) {
		free(placed->text);
		*placed = (struct schema_text){ xstrdup(text), line, column };
	} else if (size == sizeof(*plain)) {
		free(*plain);
		*plain = xstrdup(text);
	} else {
		BUG("a schema's text does not fit its destination of %zu bytes", size);
	}
}

static int set_scalar(const struct schema_key *key, const char *text, unsigned line,
		      unsigned column, void *out, struct buf *why)
{
	char *at = (char *)out + key->offset;
	uint64_t n;

	if (schema_check_text(key->param.name, text, key->lines, why) ||
	    param_check(&key->param, text, &n, why))
		return -1;
	if (key->param.kind == PARAM_TEXT)
		store_text(at, key->size, text, line, column);
	else
		store_number(at, key->size, n);
	return 0;
}

int schema_set(const struct schema_key *key, const char *text, void *out, struct buf *why)
{
	if (key->form == SCHEMA_SCALAR)
		return set_scalar(key, text, 0, 0, out, why);
	buf_fmt(why, "%s: is %s, and cannot be given as a text", key->param.name,
		key->form == SCHEMA_LIST ? "a list" : "a mapping");
	return -1;
}

const struct schema_key *schema_find(const struct schema *schema, const char *name)
{
	const struct schema_key *key;

	for (key = schema->keys; key->param.name; key++)
		if (!strcmp(key->param.name, name))
			return key;
	return NULL;
}

/* What would be right: "1 to 100000", "a list". */
static void expected(const struct schema_key *key, struct buf *out)
{
	if (key->form == SCHEMA_SCALAR)
		param_range(&key->param, out);
	else
		buf_str(out, yaml_kind_name(key->form == SCHEMA_LIST ? YAML_LIST : YAML_MAPPING));
}

static int wrong_kind(const struct schema_key *key, const struct yaml_value *v, struct buf *why)
{
	buf_fmt(why, "%s: expected ", key->param.name);
	expected(key, why);
	if (v->kind == YAML_TEXT && !*v->text)
		buf_str(why, ", found no value");
	else
		buf_fmt(why, ", found %s", yaml_kind_name(v->kind));
	return -1;
}

static int take(const struct schema_key *key, const struct yaml_value *v, void *out,
		struct buf *why)
{
	static const enum yaml_kind kinds[] = {
		[SCHEMA_SCALAR] = YAML_TEXT, [SCHEMA_LIST] = YAML_LIST, [SCHEMA_MAPPING] = YAML_MAPPING,
	};

	if (v->kind != kinds[key->form] || (v->kind == YAML_TEXT && !*v->text))
		return wrong_kind(key, v, why);
	if (key->form != SCHEMA_SCALAR)
		return 0;
	return set_scalar(key, v->text, v->line, v->column, out, why);
}

/* One pair; a complaint names the place of what is wrong. */
static int take_pair(const struct schema *schema, const char *file, const struct yaml_value *name,
		     const struct yaml_value *v, void *out, struct buf *why)
{
	const struct schema_key *key = schema_find(schema, name->text), *other;
	struct buf reason = BUF_INIT;
	struct near near;
	int ret = 0;

	if (key) {
		ret = take(key, v, out, &reason);
		if (ret) {
			yaml_place(file, v->line, v->column, why);
			buf_str(why, buf_text(&reason));
		}
	} else if (!schema->open) {
		yaml_place(file, name->line, name->column, why);
		buf_str(why, "unknown key ");
		yaml_quote(name->text, why);
		near_init(&near, name->text);
		for (other = schema->keys; other->param.name; other++)
			near_offer(&near, other->param.name);
		near_hint(&near, why);
		ret = -1;
	}
	buf_release(&reason);
	return ret;
}

static int fill_missing(const struct schema *schema, const char *file,
			const struct yaml_value *mapping, void *out, struct buf *why)
{
	const struct schema_key *key;
	struct buf reason = BUF_INIT;

	for (key = schema->keys; key->param.name; key++) {
		if (key->optional || yaml_find(mapping, key->param.name))
			continue;
		if (key->form == SCHEMA_SCALAR && key->param.def) {
			if (set_scalar(key, key->param.def, 0, 0, out, &reason))
				BUG("a schema's default is wrong: %s", buf_text(&reason));
			continue;
		}
		yaml_place(file, mapping->line, mapping->column, why);
		buf_fmt(why, "%s lacks the key '%s' (", schema->what, key->param.name);
		expected(key, why);
		buf_fmt(why, ": %s)", key->param.help);
		return -1;
	}
	return 0;
}

int schema_read(const struct schema *schema, const char *file, const struct yaml_value *mapping,
		void *out, struct buf *why)
{
	size_t i;

	if (mapping->kind != YAML_MAPPING) {
		yaml_place(file, mapping->line, mapping->column, why);
		buf_fmt(why, "%s is a mapping (`key: value`), found %s", schema->what,
			yaml_kind_name(mapping->kind));
		return -1;
	}
	for (i = 0; i < mapping->n; i++)
		if (take_pair(schema, file, &mapping->key[i], &mapping->item[i], out, why))
			return -1;
	return fill_missing(schema, file, mapping, out, why);
}

/* "auto, kvm": between the bars of a table there can be none of choices. */
static void add_values(const struct schema_key *key, struct buf *out)
{
	struct buf values = BUF_INIT;
	const char *at;

	expected(key, &values);
	for (at = buf_text(&values); *at; at++) {
		if (*at == '|')
			buf_str(out, ", ");
		else
			buf_ch(out, *at);
	}
	buf_release(&values);
}

void schema_describe(const struct schema *schema, struct buf *out)
{
	const struct schema_key *key;

	buf_str(out, "| key | value | default | meaning |\n|---|---|---|---|\n");
	for (key = schema->keys; key->param.name; key++) {
		buf_fmt(out, "| `%s` | ", key->param.name);
		add_values(key, out);
		buf_fmt(out, " | %s | %s |\n",
			key->optional				       ? "none"
			: key->param.def && key->form == SCHEMA_SCALAR ? key->param.def
								       : "must be given",
			key->param.help);
	}
}
