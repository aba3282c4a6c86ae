/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan.json:
 *
 *	{"schema":1, "job":"quick", "seed":1, "warmup_ns":..., "window_ns":..., "windows":5, "blocks":1,
 *	 "kernels":["running"],
 *	 "cells":[{"id":"...","name":"read block=4k ...","argv":["read","block=4k",...]}, ...],
 *	 "tables":[{"title":"..."|null,"rows":"block","columns":"sharing"|null,
 *		    "row":["1","4k"],"column":["same","diff"],"cell":[[0,1],[2,3]]}, ...],
 *	 "order":[[3,0,1,2], ...]}
 *
 * A cell of -1 in a table stands for none. Reading trusts nothing: a file may be
 * damaged, or written by hand.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "harness/plan/job.h"
#include "harness/plan/plan.h"
#include "lib/alloc.h"
#include "lib/buf.h"

#define SCHEMA 1
#define TEXTS_MAX PLAN_CELLS_MAX	/* of any one list */

static json_t *texts_json(char *const *text, size_t n)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < n; i++)
		json_array_append_new(array, json_text(text[i]));
	return array;
}

static json_t *cell_json(const struct plan_cell *c)
{
	json_t *o = json_object();
	size_t n = 0;

	while (c->argv[n])
		n++;
	json_put(o, "id", json_text(c->id));
	json_put(o, "name", json_text(c->name));
	json_put(o, "argv", texts_json(c->argv, n));
	return o;
}

static json_t *table_json(const struct plan_table *t)
{
	json_t *o = json_object(), *grid = json_array(), *row;
	size_t i, j;

	for (i = 0; i < t->nrows; i++) {
		row = json_array();
		for (j = 0; j < t->ncolumns; j++)
			json_array_append_new(row, json_integer(t->cell[i * t->ncolumns + j]));
		json_array_append_new(grid, row);
	}
	json_put(o, "title", json_text(t->title));
	json_put(o, "rows", json_text(t->rows));
	json_put(o, "columns", json_text(t->columns));
	json_put(o, "row", texts_json(t->row, t->nrows));
	json_put(o, "column", texts_json(t->column, t->ncolumns));
	json_put(o, "cell", grid);
	return o;
}

static json_t *order_json(const struct plan *plan)
{
	json_t *all = json_array(), *one;
	uint32_t block;
	size_t i;

	for (block = 0; block < plan->blocks; block++) {
		one = json_array();
		for (i = 0; i < plan->ncells; i++)
			json_array_append_new(one, json_u64(plan->order[block * plan->ncells + i]));
		json_array_append_new(all, one);
	}
	return all;
}

json_t *plan_json(const struct plan *plan)
{
	json_t *o = json_object(), *cells = json_array(), *tables = json_array();
	size_t i;

	for (i = 0; i < plan->ncells; i++)
		json_array_append_new(cells, cell_json(&plan->cell[i]));
	for (i = 0; i < plan->ntables; i++)
		json_array_append_new(tables, table_json(&plan->table[i]));
	json_put(o, "schema", json_u64(SCHEMA));
	json_put(o, "job", json_text(plan->job));
	json_put(o, "seed", json_u64(plan->seed));
	json_put(o, "warmup_ns", json_u64(plan->warmup_ns));
	json_put(o, "window_ns", json_u64(plan->window_ns));
	json_put(o, "windows", json_u64(plan->windows));
	json_put(o, "blocks", json_u64(plan->blocks));
	json_put(o, "kernels", texts_json(plan->kernel, plan->nkernels));
	json_put(o, "cells", cells);
	json_put(o, "tables", tables);
	json_put(o, "order", order_json(plan));
	return o;
}

static int bad(struct buf *why, const char *what)
{
	buf_str(why, what);
	return -1;
}

/* A text of reasonable length without NUL and other control characters; NULL where it is none. Borrowed. */
static const char *text_of(const json_t *v)
{
	const char *s = json_string_value(v), *at;

	if (!s || strlen(s) != json_string_length(v) || strlen(s) > 65536)
		return NULL;
	for (at = s; *at; at++)
		if ((unsigned char)*at < 0x20 || *at == 0x7f)
			return NULL;
	return s;
}

/* An array of texts, at least one; empty ones only where allowed. */
static int read_texts(const json_t *o, const char *key, bool empty, char ***out, size_t *count,
		      struct buf *why)
{
	const json_t *array = json_object_get(o, key);
	size_t n = json_array_size(array), i;
	const char *s;

	if (!n || n > TEXTS_MAX) {
		buf_fmt(why, "%s: missing, or not 1 to %d texts", key, TEXTS_MAX);
		return -1;
	}
	*out = xcalloc(n + 1, sizeof(**out));
	for (i = 0; i < n; i++) {
		s = text_of(json_array_get(array, i));
		if (!s || (!*s && !empty)) {
			buf_fmt(why, "%s: entry %zu is no text", key, i);
			return -1;
		}
		(*out)[(*count)++] = xstrdup(s);
	}
	return 0;
}

static int get_number(const json_t *o, const char *key, uint64_t min, uint64_t max, uint64_t *out,
		      struct buf *why)
{
	if (!json_get_u64(o, key, out) && *out >= min && *out <= max)
		return 0;
	buf_fmt(why, "%s: missing, or not %" PRIu64 " to %" PRIu64, key, min, max);
	return -1;
}

/* One of the job's numbers, held to the range that job files are held to. */
static int get_job_number(const json_t *o, const char *field, const char *key, uint64_t *out,
			  struct buf *why)
{
	const struct schema_key *row = schema_find(&job_schema, key);

	return get_number(o, field, row->param.min, row->param.max, out, why);
}

static int read_numbers(const json_t *o, struct plan *plan, struct buf *why)
{
	uint64_t schema, windows, blocks;

	if (get_number(o, "schema", SCHEMA, SCHEMA, &schema, why) ||
	    get_job_number(o, "seed", "seed", &plan->seed, why) ||
	    get_job_number(o, "warmup_ns", "warmup", &plan->warmup_ns, why) ||
	    get_job_number(o, "window_ns", "window", &plan->window_ns, why) ||
	    get_job_number(o, "windows", "windows", &windows, why) ||
	    get_job_number(o, "blocks", "blocks", &blocks, why))
		return -1;
	plan->windows = (uint32_t)windows;
	plan->blocks = (uint32_t)blocks;
	return 0;
}

/* Do the arguments begin with the words of the name? */
static bool argv_fits(const struct plan_cell *c, size_t n)
{
	const char *at = c->name;
	size_t i, len;

	for (i = 0; *at && i < n; i++) {
		len = strcspn(at, " ");
		if (strlen(c->argv[i]) != len || strncmp(c->argv[i], at, len))
			return false;
		at += len + (at[len] == ' ');
	}
	for (; !*at && i < n; i++)
		if (!strchr(c->argv[i], '='))
			return false;
	return !*at && c->name[strlen(c->name) - 1] != ' ';
}

static int read_cell(const json_t *o, struct plan_cell *c, struct buf *why)
{
	const char *name = text_of(json_object_get(o, "name")),
		   *id = text_of(json_object_get(o, "id"));
	size_t n = 0;

	if (!name || !*name)
		return bad(why, "name: missing, or no text");
	c->name = xstrdup(name);
	cell_id(name, c->id);
	if (!id || strcmp(id, c->id))
		return bad(why, "id: missing, or not that of the name");
	if (read_texts(o, "argv", false, &c->argv, &n, why))
		return -1;
	return argv_fits(c, n) ? 0 : bad(why, "argv: does not fit the name");
}

static int read_cells(const json_t *o, struct plan *plan, struct buf *why)
{
	const json_t *array = json_object_get(o, "cells");
	size_t n = json_array_size(array), i;
	struct buf reason = BUF_INIT;
	int ret = 0;

	if (!n || n > PLAN_CELLS_MAX) {
		buf_fmt(why, "cells: missing, or not 1 to %d", PLAN_CELLS_MAX);
		return -1;
	}
	plan->cell = xcalloc(n, sizeof(plan->cell[0]));
	for (i = 0; i < n && !ret; i++) {
		plan->ncells++;
		ret = read_cell(json_array_get(array, i), &plan->cell[i], &reason);
		if (ret)
			buf_fmt(why, "cells: %zu: %s", i, buf_text(&reason));
	}
	buf_release(&reason);
	if (!ret && plan_sort(plan))
		return bad(why, "cells: one is given twice");
	return ret;
}

/* An array of n integers from min to below the number of cells. */
static int read_indices(const json_t *array, size_t n, int min, const struct plan *plan, int *out,
			struct buf *why)
{
	const json_t *v;
	size_t i;

	if (!json_is_array(array) || json_array_size(array) != n)
		return bad(why, "not an array of the right length");
	for (i = 0; i < n; i++) {
		v = json_array_get(array, i);
		if (!json_is_integer(v) || json_integer_value(v) < min ||
		    json_integer_value(v) >= (json_int_t)plan->ncells)
			return bad(why, "an entry is not a cell's number");
		out[i] = (int)json_integer_value(v);
	}
	return 0;
}

static int read_grid(const json_t *grid, const struct plan *plan, struct plan_table *t,
		     struct buf *why)
{
	size_t i;

	if (!json_is_array(grid) || json_array_size(grid) != t->nrows)
		return bad(why, "cell: not as many arrays as rows");
	if (t->nrows * t->ncolumns > PLAN_CELLS_MAX)	/* neither is above TEXTS_MAX: no overflow */
		return bad(why, "more rows and columns than a plan may have cells");
	t->cell = xcalloc(t->nrows * t->ncolumns, sizeof(t->cell[0]));
	for (i = 0; i < t->nrows; i++)
		if (read_indices(json_array_get(grid, i), t->ncolumns, -1, plan,
				 t->cell + i * t->ncolumns, why))
			return -1;
	return 0;
}

/* A text, or NULL for null. */
static int read_optional(const json_t *o, const char *key, char **out, struct buf *why)
{
	const json_t *v = json_object_get(o, key);

	if (json_is_null(v))
		return 0;
	if (!text_of(v) || !*text_of(v)) {
		buf_fmt(why, "%s: missing, or neither a text nor null", key);
		return -1;
	}
	*out = xstrdup(text_of(v));
	return 0;
}

static int read_table(const json_t *o, const struct plan *plan, struct plan_table *t,
		      struct buf *why)
{
	const char *rows = text_of(json_object_get(o, "rows"));

	if (!rows || !*rows)
		return bad(why, "rows: missing, or no text");
	t->rows = xstrdup(rows);
	if (read_optional(o, "title", &t->title, why) ||
	    read_optional(o, "columns", &t->columns, why) ||
	    read_texts(o, "row", false, &t->row, &t->nrows, why) ||
	    read_texts(o, "column", !t->columns, &t->column, &t->ncolumns, why))
		return -1;
	if (!t->columns && (t->ncolumns != 1 || *t->column[0]))
		return bad(why, "column: not one empty text, though there are no columns");
	return read_grid(json_object_get(o, "cell"), plan, t, why);
}

static int read_tables(const json_t *o, struct plan *plan, struct buf *why)
{
	const json_t *array = json_object_get(o, "tables");
	size_t n = json_array_size(array), i;
	struct buf reason = BUF_INIT;
	int ret = 0;

	if (!n || n > PLAN_CELLS_MAX) {
		buf_fmt(why, "tables: missing, or not 1 to %d", PLAN_CELLS_MAX);
		return -1;
	}
	plan->table = xcalloc(n, sizeof(plan->table[0]));
	for (i = 0; i < n && !ret; i++) {
		plan->ntables++;
		ret = read_table(json_array_get(array, i), plan, &plan->table[i], &reason);
		if (ret)
			buf_fmt(why, "tables: %zu: %s", i, buf_text(&reason));
	}
	buf_release(&reason);
	return ret;
}

/* One block: every cell, once. */
static int read_block(const json_t *array, const struct plan *plan, uint32_t *order,
		      struct buf *why)
{
	int *index = xcalloc(plan->ncells, sizeof(index[0]));
	bool *seen = xcalloc(plan->ncells, sizeof(seen[0]));
	size_t i;
	int ret;

	ret = read_indices(array, plan->ncells, 0, plan, index, why);
	for (i = 0; i < plan->ncells && !ret; i++) {
		if (seen[index[i]])
			ret = bad(why, "a cell is measured twice in one block");
		seen[index[i]] = true;
		order[i] = (uint32_t)index[i];
	}
	free(seen);
	free(index);
	return ret;
}

static int read_order(const json_t *o, struct plan *plan, struct buf *why)
{
	const json_t *array = json_object_get(o, "order");
	struct buf reason = BUF_INIT;
	uint32_t block;
	int ret = 0;

	if (!json_is_array(array) || json_array_size(array) != plan->blocks)
		return bad(why, "order: missing, or not an array for every block");
	if ((uint64_t)plan->blocks * plan->ncells > PLAN_ORDER_MAX)
		return bad(why, "order: more blocks and cells than a plan may have");
	plan->order = xcalloc((size_t)plan->blocks * plan->ncells, sizeof(plan->order[0]));
	for (block = 0; block < plan->blocks && !ret; block++) {
		ret = read_block(json_array_get(array, block), plan,
				 plan->order + (size_t)block * plan->ncells, &reason);
		if (ret)
			buf_fmt(why, "order: block %" PRIu32 ": %s", block, buf_text(&reason));
	}
	buf_release(&reason);
	return ret;
}

static int read_kernels(const json_t *o, struct plan *plan, struct buf *why)
{
	size_t i, j;

	if (read_texts(o, "kernels", false, &plan->kernel, &plan->nkernels, why))
		return -1;
	if (plan->nkernels > 64)
		return bad(why, "kernels: more than 64");
	for (i = 0; i < plan->nkernels; i++)
		for (j = 0; j < i; j++)
			if (!strcmp(plan->kernel[i], plan->kernel[j]))
				return bad(why, "kernels: one is given twice");
	return 0;
}

static int read_plan(const json_t *o, struct plan *plan, struct buf *why)
{
	const char *job = text_of(json_object_get(o, "job"));

	if (!json_is_object(o))
		return bad(why, "no object");
	if (read_numbers(o, plan, why))
		return -1;
	if (!job || job_check_name(job, why))
		return job ? -1 : bad(why, "job: missing, or no text");
	plan->job = xstrdup(job);
	if (read_kernels(o, plan, why) || read_cells(o, plan, why) || read_tables(o, plan, why))
		return -1;
	return read_order(o, plan, why);
}

int plan_from_json(const json_t *json, struct plan *plan, struct buf *why)
{
	struct buf reason = BUF_INIT;
	int ret;

	*plan = (struct plan){ 0 };
	ret = read_plan(json, plan, &reason);
	if (ret) {
		buf_fmt(why, "not a plan: %s", buf_text(&reason));
		plan_release(plan);
	}
	buf_release(&reason);
	return ret;
}
