/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan.json:
 *
 *	{"schema":1, "job":"quick", "seed":1, "warmup_ns":..., "window_ns":..., "windows":5, "blocks":1,
 *	 "kernels":["running"],				(with guests: see plan_kernels_json.c)
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

#include "harness/plan/brief.h"
#include "harness/plan/field.h"
#include "harness/plan/job.h"
#include "harness/plan/plan.h"
#include "harness/plan/plan_kernels.h"
#include "lib/alloc.h"
#include "lib/buf.h"

#define SCHEMA 1

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
	if (plan->noptions)
		json_put(o, "options", texts_json(plan->option, plan->noptions));
	json_put(o, "seed", json_u64(plan->seed));
	json_put(o, "warmup_ns", json_u64(plan->warmup_ns));
	json_put(o, "window_ns", json_u64(plan->window_ns));
	json_put(o, "windows", json_u64(plan->windows));
	json_put(o, "blocks", json_u64(plan->blocks));
	if (plan->first < plan->blocks && plan->first) {
		json_put(o, "blocks_first", json_u64(plan->first));
		json_put(o, "blocks_step", json_u64(plan->step));
	}
	plan_put_kernels(plan, o);
	json_put(o, "cells", cells);
	json_put(o, "tables", tables);
	json_put(o, "order", order_json(plan));
	return o;
}

/* One of the job's numbers, held to the range that job files are held to. */
static int get_job_number(const json_t *o, const char *field, const char *key, uint64_t *out,
			  struct buf *why)
{
	const struct schema_key *row = schema_find(&job_schema, key);

	return field_number(o, field, (struct field_range){ row->param.min, row->param.max }, out,
			    why);
}

/* Plans of before runs could end early have neither. */
static int read_looks(const json_t *o, struct plan *plan, struct buf *why)
{
	uint64_t first = plan->blocks, step = 1;

	if ((json_object_get(o, "blocks_first") && get_job_number(o, "blocks_first", "blocks", &first, why)) ||
	    (json_object_get(o, "blocks_step") && get_job_number(o, "blocks_step", "blocks_step", &step, why)))
		return -1;
	plan->first = (uint32_t)first;
	plan->step = (uint32_t)step;
	return 0;
}

static int read_options(const json_t *o, struct plan *plan, struct buf *why)
{
	struct field_texts options = { 0 };
	int ret = json_object_get(o, "options") ? field_texts(o, "options", false, &options, why) : 0;

	plan->option = options.text;
	plan->noptions = options.n;
	return ret;
}

static int read_numbers(const json_t *o, struct plan *plan, struct buf *why)
{
	uint64_t schema, windows, blocks;

	if (field_number(o, "schema", (struct field_range){ SCHEMA, SCHEMA }, &schema, why) ||
	    get_job_number(o, "seed", "seed", &plan->seed, why) ||
	    get_job_number(o, "warmup_ns", "warmup", &plan->warmup_ns, why) ||
	    get_job_number(o, "window_ns", "window", &plan->window_ns, why) ||
	    get_job_number(o, "windows", "windows", &windows, why) ||
	    get_job_number(o, "blocks", "blocks", &blocks, why))
		return -1;
	plan->windows = (uint32_t)windows;
	plan->blocks = (uint32_t)blocks;
	return read_looks(o, plan, why) || read_options(o, plan, why) ? -1 : 0;
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
	const char *name = field_text_of(json_object_get(o, "name")),
		   *id = field_text_of(json_object_get(o, "id"));
	struct field_texts argv = { 0 };
	int ret;

	if (!name || !*name)
		return field_bad(why, "name: missing, or no text");
	c->name = xstrdup(name);
	cell_id(name, c->id);
	if (!id || strcmp(id, c->id))
		return field_bad(why, "id: missing, or not that of the name");
	ret = field_texts(o, "argv", false, &argv, why);
	c->argv = argv.text;
	if (ret)
		return -1;
	return argv_fits(c, argv.n) ? 0 : field_bad(why, "argv: does not fit the name");
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
		return field_bad(why, "cells: one is given twice");
	if (!ret)
		brief_make(plan);
	return ret;
}

static int read_grid(const json_t *grid, const struct plan *plan, struct plan_table *t,
		     struct buf *why)
{
	const struct field_indices expect = { .n = t->ncolumns, .min = -1, .below = plan->ncells,
					      .what = "a cell's number" };
	size_t i;

	if (!json_is_array(grid) || json_array_size(grid) != t->nrows)
		return field_bad(why, "cell: not as many arrays as rows");
	if (t->nrows * t->ncolumns > PLAN_CELLS_MAX)	/* neither is above FIELD_TEXTS_MAX: no overflow */
		return field_bad(why, "more rows and columns than a plan may have cells");
	t->cell = xcalloc(t->nrows * t->ncolumns, sizeof(t->cell[0]));
	for (i = 0; i < t->nrows; i++)
		if (field_indices(json_array_get(grid, i), &expect, t->cell + i * t->ncolumns, why))
			return -1;
	return 0;
}

/* The values of "row" or "column". */
static int read_values(const json_t *o, const char *key, bool empty, struct plan_table *t,
		       struct buf *why)
{
	struct field_texts values = { 0 };
	int ret = field_texts(o, key, empty, &values, why);

	if (!strcmp(key, "row")) {
		t->row = values.text;
		t->nrows = values.n;
	} else {
		t->column = values.text;
		t->ncolumns = values.n;
	}
	return ret;
}

static int read_table(const json_t *o, const struct plan *plan, struct plan_table *t,
		      struct buf *why)
{
	const char *rows = field_text_of(json_object_get(o, "rows"));

	if (!rows || !*rows)
		return field_bad(why, "rows: missing, or no text");
	t->rows = xstrdup(rows);
	if (field_optional(o, "title", &t->title, why) ||
	    field_optional(o, "columns", &t->columns, why) ||
	    read_values(o, "row", false, t, why) || read_values(o, "column", !t->columns, t, why))
		return -1;
	if (!t->columns && (t->ncolumns != 1 || *t->column[0]))
		return field_bad(why, "column: not one empty text, though there are no columns");
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

static int read_order(const json_t *o, struct plan *plan, struct buf *why)
{
	const struct field_order expect = { .n = plan->ncells, .what = "a cell's number",
					    .twice = "a cell is measured twice in one block" };
	const json_t *array = json_object_get(o, "order");
	struct buf reason = BUF_INIT;
	uint32_t block;
	int ret = 0;

	if (!json_is_array(array) || json_array_size(array) != plan->blocks)
		return field_bad(why, "order: missing, or not an array for every block");
	if ((uint64_t)plan->blocks * plan->ncells > PLAN_ORDER_MAX)
		return field_bad(why, "order: more blocks and cells than a plan may have");
	plan->order = xcalloc((size_t)plan->blocks * plan->ncells, sizeof(plan->order[0]));
	for (block = 0; block < plan->blocks && !ret; block++) {
		ret = field_order(json_array_get(array, block), &expect,
				  plan->order + (size_t)block * plan->ncells, &reason);
		if (ret)
			buf_fmt(why, "order: block %" PRIu32 ": %s", block, buf_text(&reason));
	}
	buf_release(&reason);
	return ret;
}

static int read_plan(const json_t *o, struct plan *plan, struct buf *why)
{
	const char *job = field_text_of(json_object_get(o, "job"));

	if (!json_is_object(o))
		return field_bad(why, "no object");
	if (read_numbers(o, plan, why))
		return -1;
	if (!job || job_check_name("job", job, why))
		return job ? -1 : field_bad(why, "job: missing, or no text");
	plan->job = xstrdup(job);
	if (plan_get_kernels(o, plan, why) || read_cells(o, plan, why) || read_tables(o, plan, why))
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
