/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/plan/catalogue.h"

#include <stdlib.h>
#include <string.h>

#include "harness/plan/schema.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/json.h"

#define SCHEMA 1	/* of the text; the driver and this rise together */

/* Names become words of a cell's name and keys of a job. */
static bool is_name(const char *s)
{
	return s && *s && strlen(s) <= 64 &&
	       !s[strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")];
}

static void free_rows(struct param *row)
{
	struct param *r;
	size_t i;

	for (r = row; r && r->name; r++) {
		free((char *)r->name);
		free((char *)r->def);
		free((char *)r->help);
		for (i = 0; r->choices && r->choices[i]; i++)
			free((char *)r->choices[i]);
		free((char **)r->choices);
	}
	free(row);
}

void catalogue_release(struct catalogue *c)
{
	size_t i;

	for (i = 0; i < c->n; i++) {
		free(c->workload[i].name);
		free(c->workload[i].summary);
		free_rows(c->workload[i].params);
	}
	free(c->workload);
	free_rows(c->common);
	*c = (struct catalogue){ 0 };
}

const struct catalogue_workload *catalogue_find(const struct catalogue *c, const char *name)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (!strcmp(c->workload[i].name, name))
			return &c->workload[i];
	return NULL;
}

static int find_kind(const char *name)
{
	static const char *const kinds[] = {
		[PARAM_COUNT] = "count", [PARAM_SIZE] = "size", [PARAM_DURATION] = "duration",
		[PARAM_CHOICE] = "choice", [PARAM_TEXT] = "text",
	};
	size_t i;

	for (i = 0; name && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(kinds[i], name))
			return (int)i;
	return -1;
}

static int bad(const char *row, const char *what, struct buf *why)
{
	buf_fmt(why, "parameter '%s': %s", row, what);
	return -1;
}

static int read_choices(const json_t *array, struct param *row, struct buf *why)
{
	size_t n = json_array_size(array), i;
	struct buf unused = BUF_INIT;
	const char **choices;

	if (!n)
		return bad(row->name, "a choice without a list of choices", why);
	choices = xcalloc(n + 1, sizeof(choices[0]));
	row->choices = choices;
	for (i = 0; i < n; i++) {
		const char *text = json_string_value(json_array_get(array, i));

		if (!text || schema_check_text(row->name, text, false, &unused) ||
		    strchr(text, ' ')) {
			buf_release(&unused);
			return bad(row->name, "a choice is not a word", why);
		}
		choices[i] = xstrdup(text);
	}
	return 0;
}

/* An absent bound leaves *out alone. */
static int read_bound(const json_t *o, const char *key, struct param *row, uint64_t *out,
		      struct buf *why)
{
	if (json_object_get(o, key) && json_get_u64(o, key, out))
		return bad(row->name, "min or max is not a number", why);
	return 0;
}

static int read_numbers(const json_t *o, struct param *row, struct buf *why)
{
	row->max = UINT64_MAX;
	if (read_bound(o, "min", row, &row->min, why) || read_bound(o, "max", row, &row->max, why))
		return -1;
	return row->min > row->max ? bad(row->name, "min is above max", why) : 0;
}

static int read_default(const json_t *o, struct param *row, struct buf *why)
{
	const json_t *def = json_object_get(o, "default");

	if (!def || json_is_null(def))
		return 0;
	if (!json_is_string(def))
		return bad(row->name, "the default is not a text", why);
	row->def = xstrdup(json_string_value(def));
	if (schema_check_text(row->name, row->def, false, why))
		return -1;
	return param_check(row, row->def, NULL, why);
}

/* The row has a name as soon as it owns anything: free_rows() stops at the first without. */
static int read_row(const json_t *o, struct param *row, struct buf *why)
{
	const char *name = json_get_text(o, "name"), *help = json_get_text(o, "help");
	int kind = find_kind(json_get_text(o, "kind"));

	if (!is_name(name)) {
		buf_str(why, "a parameter without a name of letters, digits, '-' and '_'");
		return -1;
	}
	row->name = xstrdup(name);
	row->help = xstrdup(help ? help : "");
	if (kind < 0)
		return bad(name, "kind is none of count, size, duration, choice, text", why);
	row->kind = (enum param_kind)kind;
	row->where = json_is_true(json_object_get(o, "where"));
	if (kind == PARAM_CHOICE && read_choices(json_object_get(o, "choices"), row, why))
		return -1;
	if (kind != PARAM_CHOICE && kind != PARAM_TEXT && read_numbers(o, row, why))
		return -1;
	return read_default(o, row, why);
}

static const struct param *find_row(const struct param *row, const char *name)
{
	for (; row && row->name; row++)
		if (!strcmp(row->name, name))
			return row;
	return NULL;
}

/* A table whose names differ from each other and from those in `other`. */
static int read_rows(const json_t *array, const struct param *other, struct param **rows,
		     struct buf *why)
{
	size_t n = json_array_size(array), i;
	const char *name;

	if (!json_is_array(array)) {
		buf_str(why, "a table of parameters is missing");
		return -1;
	}
	*rows = xcalloc(n + 1, sizeof(**rows));
	for (i = 0; i < n; i++) {
		name = json_get_text(json_array_get(array, i), "name");
		if (name && (find_row(*rows, name) || find_row(other, name)))
			return bad(name, "given twice", why);
		if (read_row(json_array_get(array, i), &(*rows)[i], why))
			return -1;
	}
	return 0;
}

static int read_workload(const json_t *o, struct catalogue *c, struct buf *why)
{
	const char *name = json_get_text(o, "name"), *summary = json_get_text(o, "summary");
	struct catalogue_workload *w = &c->workload[c->n];
	struct buf reason = BUF_INIT;
	int ret;

	if (!is_name(name)) {
		buf_str(why, "a workload without a name of letters, digits, '-' and '_'");
		return -1;
	}
	if (catalogue_find(c, name)) {
		buf_fmt(why, "workload '%s' is given twice", name);
		return -1;
	}
	c->n++;
	w->name = xstrdup(name);
	w->summary = xstrdup(summary ? summary : "");
	ret = read_rows(json_object_get(o, "params"), c->common, &w->params, &reason);
	if (ret)
		buf_fmt(why, "workload '%s': %s", name, buf_text(&reason));
	buf_release(&reason);
	return ret;
}

static int read_catalogue(const json_t *o, struct catalogue *c, struct buf *why)
{
	const json_t *workloads = json_object_get(o, "workloads");
	size_t n = json_array_size(workloads), i;
	uint64_t schema;

	if (json_get_u64(o, "schema", &schema) || schema != SCHEMA) {
		buf_fmt(why, "schema is missing or not %d", SCHEMA);
		return -1;
	}
	if (!n) {
		buf_str(why, "no workloads");
		return -1;
	}
	if (read_rows(json_object_get(o, "common"), NULL, &c->common, why))
		return -1;
	c->workload = xcalloc(n, sizeof(c->workload[0]));
	for (i = 0; i < n; i++)
		if (read_workload(json_array_get(workloads, i), c, why))
			return -1;
	return 0;
}

int catalogue_parse(const char *text, size_t len, struct catalogue *c, struct buf *why)
{
	struct buf reason = BUF_INIT;
	json_error_t error;
	json_t *o;
	int ret;

	*c = (struct catalogue){ 0 };
	o = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
	if (o) {
		ret = read_catalogue(o, c, &reason);
	} else {
		buf_fmt(&reason, "line %d: %s", error.line, error.text);
		ret = -1;
	}
	if (ret)
		buf_fmt(why, "the driver's list of workloads: %s", buf_text(&reason));
	json_decref(o);
	buf_release(&reason);
	return ret;
}
