/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/plan/plan.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "harness/plan/axis.h"
#include "harness/plan/brief.h"
#include "harness/plan/catalogue.h"
#include "harness/plan/job.h"
#include "harness/plan/order.h"
#include "harness/plan/plan_kernels.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/near.h"

/* A plan being made. Cells that occur twice stand twice in it until join_cells(). */
struct maker {
	const struct job *job;
	const struct catalogue *catalogue;
	const struct plan_machine *machine;
	struct plan *plan;
	const struct job_group **group;	/* parallel to plan->cell */
	struct buf *why;
};

/* One group, its words understood. */
struct matrix {
	const struct job_group *group;
	const struct catalogue_workload *workload;
	struct params params;	/* the cell at hand */
	struct axis *axis;	/* in the order written */
	size_t n;
	int rows, columns;	/* which axis; -1: none */
	const char *row_name;	/* a parameter, also where no axis is the rows */
};

static int complain(const struct maker *m, const struct schema_text *at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static int complain(const struct maker *m, const struct schema_text *at, const char *fmt, ...)
{
	va_list ap;

	yaml_place(m->job->file, at->line, at->column, m->why);
	va_start(ap, fmt);
	buf_vfmt(m->why, fmt, ap);
	va_end(ap);
	return -1;
}

static int find_workload(const struct maker *m, struct matrix *x)
{
	const struct schema_text *name = &x->group->workload;
	const struct catalogue *c = m->catalogue;
	struct near near;
	size_t i;

	x->workload = catalogue_find(c, name->text);
	if (x->workload)
		return 0;
	complain(m, name, "unknown workload ");
	yaml_quote(name->text, m->why);
	near_init(&near, name->text);
	for (i = 0; i < c->n; i++)
		near_offer(&near, c->workload[i].name);
	near_hint(&near, m->why);
	for (i = 0; i < c->n && !near.best; i++)
		buf_fmt(m->why, "%s%s", i ? ", " : "; there are: ", c->workload[i].name);
	return -1;
}

/* What a group may set: no row that the job itself has, or the harness fills. */
static bool is_settable(const char *name)
{
	return !job_reserved(name) &&
	       (!schema_find(&job_schema, name) || !strcmp(name, "dir") || !strcmp(name, "seed"));
}

static int unknown_key(const struct maker *m, const struct matrix *x, const struct job_key *key)
{
	const struct schema_key *fixed;
	const char *separator = "";
	struct near near;
	size_t i;

	job_place(m->job, key, NULL, m->why);
	buf_str(m->why, "unknown key ");
	yaml_quote(key->name.text, m->why);
	near_init(&near, key->name.text);
	for (i = 0; i < x->params.n; i++)
		if (is_settable(x->params.row[i]->name))
			near_offer(&near, x->params.row[i]->name);
	for (fixed = job_group_schema.keys; fixed->param.name; fixed++)
		near_offer(&near, fixed->param.name);
	near_hint(&near, m->why);
	if (near.best)
		return -1;
	buf_fmt(m->why, "; workload '%s' takes: ", x->workload->name);
	for (i = 0; i < x->params.n; i++)
		if (is_settable(x->params.row[i]->name)) {
			buf_fmt(m->why, "%s%s", separator, x->params.row[i]->name);
			separator = ", ";
		}
	return -1;
}

/* A value that was checked. */
static void set(struct matrix *x, const char *name, const char *value)
{
	struct buf why = BUF_INIT;

	if (params_set(&x->params, name, value, &why))
		BUG("a checked value is refused: %s", buf_text(&why));
	buf_release(&why);
}

static int refuse_dir(const struct maker *m, const struct schema_text *at)
{
	yaml_place(m->job->file, at->line, at->column, m->why);
	return job_refuse_dir(m->why);
}

/* What only guests restrict. */
static int check_for_guests(const struct maker *m, const struct job_key *key)
{
	struct buf reason = BUF_INIT;
	size_t i = 0;

	if (!strcmp(key->name.text, "dir"))
		return refuse_dir(m, &key->name);
	if (strcmp(key->name.text, "fs"))
		return 0;
	while (i < key->n && !plan_check_fs(key->value[i].text, &reason))
		i++;
	if (i == key->n)
		return 0;
	job_place(m->job, key, &key->value[i], m->why);
	buf_str(m->why, buf_text(&reason));
	buf_release(&reason);
	return -1;
}

/* `cpus` is the guests' own count where there are any. */
static uint32_t cpus_of(const struct maker *m)
{
	return m->job->nkernels ? m->job->guest.cpus : m->machine->cpus;
}

static int take_key(const struct maker *m, struct matrix *x, const struct job_key *key)
{
	int at = params_find(&x->params, key->name.text);
	struct axis *a = &x->axis[x->n];
	int ret;

	if (at < 0)
		return unknown_key(m, x, key);
	ret = axis_make(a, m->job, key, x->params.row[at], cpus_of(m), m->why);
	if (!ret && m->job->nkernels)
		ret = check_for_guests(m, key);
	if (!ret)
		set(x, key->name.text, a->value[0]);
	if (!ret && a->is_axis)
		x->n++;
	else
		axis_release(a);
	return ret;
}

static int take_dir(const struct maker *m, struct matrix *x)
{
	int at = params_find(&x->params, "dir");

	if (!m->job->dir.text)
		return 0;
	if (at < 0)
		return complain(m, &x->group->workload, "dir: the driver has no such parameter");
	if (!x->params.value[at].set)
		set(x, "dir", m->job->dir.text);
	return 0;
}

static int take_keys(const struct maker *m, struct matrix *x)
{
	const struct schema_text *workload = &x->group->workload;
	struct buf reason = BUF_INIT;
	size_t i;
	int ret;

	x->axis = xcalloc(x->group->nkeys, sizeof(x->axis[0]));
	for (i = 0; i < x->group->nkeys; i++)
		if (take_key(m, x, &x->group->key[i]))
			return -1;
	if (take_dir(m, x))
		return -1;
	ret = params_complete(&x->params, &reason);
	if (ret)
		complain(m, workload, "%s", buf_text(&reason));
	buf_release(&reason);
	return ret;
}

static int find_axis(const struct maker *m, const struct matrix *x, const char *what,
		     const struct schema_text *name, int *axis)
{
	struct near near;
	size_t i;

	near_init(&near, name->text);
	for (i = 0; i < x->n; i++) {
		if (!strcmp(x->axis[i].row->name, name->text)) {
			*axis = (int)i;
			return 0;
		}
		near_offer(&near, x->axis[i].row->name);
	}
	complain(m, name, "%s: ", what);
	yaml_quote(name->text, m->why);
	buf_str(m->why, " is no axis of this group");
	near_hint(&near, m->why);
	for (i = 0; i < x->n && !near.best; i++)
		buf_fmt(m->why, "%s%s", i ? ", " : "; its axes are: ", x->axis[i].row->name);
	if (!x->n)
		buf_str(m->why, ", which has none (an axis is a list of values)");
	return -1;
}

static int first_but(const struct matrix *x, int axis)
{
	int first = axis == 0 ? 1 : 0;

	return first < (int)x->n ? first : -1;
}

/* What to call the only row of a table without an axis for it. */
static const char *lone_row(const struct matrix *x)
{
	static const char *const usual[] = { "block", "threads" };
	const char *across = x->columns < 0 ? "" : x->axis[x->columns].row->name;
	size_t i;

	for (i = 0; i < 2; i++)
		if (params_find(&x->params, usual[i]) >= 0 && strcmp(usual[i], across))
			return usual[i];
	for (i = 0; i < x->params.n; i++)
		if (!x->params.row[i]->where && strcmp(x->params.row[i]->name, across))
			return x->params.row[i]->name;
	return NULL;
}

static int choose_layout(const struct maker *m, struct matrix *x)
{
	const struct job_group *g = x->group;

	x->rows = x->columns = -1;
	if (g->rows.text && find_axis(m, x, "rows", &g->rows, &x->rows))
		return -1;
	if (g->columns.text && find_axis(m, x, "columns", &g->columns, &x->columns))
		return -1;
	if (x->rows >= 0 && x->rows == x->columns)
		return complain(m, &g->columns, "columns: '%s' is already the rows",
				g->columns.text);
	if (x->rows < 0)
		x->rows = first_but(x, x->columns);
	if (x->columns < 0)
		x->columns = first_but(x, x->rows);
	x->row_name = x->rows < 0 ? lone_row(x) : x->axis[x->rows].row->name;
	if (!x->row_name)
		return complain(m, &g->workload,
				"workload '%s' has no parameter to make a table of",
				x->workload->name);
	return 0;
}

static size_t length(const struct matrix *x, int axis)
{
	return axis < 0 ? 1 : x->axis[axis].n;
}

/* A cell's arguments: what it is, then where to measure it. */
static char **make_argv(const struct matrix *x)
{
	const struct params *p = &x->params;
	char **argv = xcalloc(p->n + 2, sizeof(argv[0]));
	struct buf word = BUF_INIT;
	size_t i, n = 0;
	int where;

	argv[n++] = xstrdup(x->workload->name);
	for (where = 0; where < 2; where++)
		for (i = 0; i < p->n; i++) {
			if (p->row[i]->where != where || (where && !p->value[i].set))
				continue;
			buf_fmt(&word, "%s=", p->row[i]->name);
			param_canonical(p->row[i], &p->value[i], &word);
			argv[n++] = buf_detach(&word);
		}
	return argv;
}

static int add_cell(struct maker *m, const struct matrix *x)
{
	struct plan *plan = m->plan;
	struct plan_cell *cell = &plan->cell[plan->ncells];
	struct buf name = BUF_INIT;

	cell_name(x->workload->name, &x->params, &name);
	*cell = (struct plan_cell){ .name = buf_detach(&name), .argv = make_argv(x) };
	cell_id(cell->name, cell->id);
	m->group[plan->ncells] = x->group;
	return (int)plan->ncells++;
}

/* The job's title, with the values that tell this table from the group's others. */
static char *make_title(const struct matrix *x)
{
	struct buf title = BUF_INIT;
	int i;

	if (!x->group->title.text)
		return NULL;
	buf_str(&title, x->group->title.text);
	for (i = 0; i < (int)x->n; i++) {
		if (i == x->rows || i == x->columns || x->axis[i].n == 1)
			continue;
		buf_fmt(&title, ", %s=%s", x->axis[i].row->name,
			params_text(&x->params, x->axis[i].row->name));
	}
	return buf_detach(&title);
}

static char **copy_values(const struct matrix *x, int axis, const char *alone)
{
	char **value = xcalloc(length(x, axis), sizeof(value[0]));
	size_t i;

	for (i = 0; i < length(x, axis); i++)
		value[i] = xstrdup(axis < 0 ? alone : x->axis[axis].value[i]);
	return value;
}

static void set_axis(struct matrix *x, int axis, size_t i)
{
	if (axis >= 0)
		set(x, x->axis[axis].row->name, x->axis[axis].value[i]);
}

static void add_table(struct maker *m, struct matrix *x)
{
	int row = params_find(&x->params, x->row_name);
	struct buf alone = BUF_INIT;
	struct plan_table *t;
	size_t i, j;

	m->plan->table = xrealloc(m->plan->table, m->plan->ntables + 1, sizeof(*t));
	t = &m->plan->table[m->plan->ntables++];
	param_canonical(x->params.row[row], &x->params.value[row], &alone);
	*t = (struct plan_table){
		.title = make_title(x), .rows = xstrdup(x->row_name),
		.columns = x->columns < 0 ? NULL : xstrdup(x->axis[x->columns].row->name),
		.row = copy_values(x, x->rows, buf_text(&alone)), .nrows = length(x, x->rows),
		.column = copy_values(x, x->columns, ""), .ncolumns = length(x, x->columns),
	};
	t->cell = xcalloc(t->nrows * t->ncolumns, sizeof(t->cell[0]));
	for (i = 0; i < t->nrows; i++) {
		set_axis(x, x->rows, i);
		for (j = 0; j < t->ncolumns; j++) {
			set_axis(x, x->columns, j);
			t->cell[i * t->ncolumns + j] = add_cell(m, x);
		}
	}
	buf_release(&alone);
}

/* A table for every combination of the axes that are neither rows nor columns. */
static void add_tables(struct maker *m, struct matrix *x, int axis)
{
	size_t i;

	while (axis < (int)x->n && (axis == x->rows || axis == x->columns))
		axis++;
	if (axis == (int)x->n) {
		add_table(m, x);
		return;
	}
	for (i = 0; i < x->axis[axis].n; i++) {
		set_axis(x, axis, i);
		add_tables(m, x, axis + 1);
	}
}

static int make_room(struct maker *m, const struct matrix *x)
{
	size_t cells = 1, total, i;

	for (i = 0; i < x->n && cells <= PLAN_CELLS_MAX; i++)	/* 1000 a factor: no overflow */
		cells *= x->axis[i].n;
	total = m->plan->ncells + cells;
	if (total > PLAN_CELLS_MAX)
		return complain(
			m, &x->group->workload,
			"with this group the job has %s%zu cells; at most %d can be planned",
			i < x->n ? "more than " : "", total, PLAN_CELLS_MAX);
	m->plan->cell = xrealloc(m->plan->cell, total, sizeof(m->plan->cell[0]));
	m->group = xrealloc(m->group, total, sizeof(m->group[0]));
	return 0;
}

static int add_group(struct maker *m, const struct job_group *g)
{
	struct matrix x = { .group = g };
	int ret = -1;
	size_t i;

	if (find_workload(m, &x))
		return -1;
	params_init(&x.params, x.workload->params, m->catalogue->common);
	if (!take_keys(m, &x) && !choose_layout(m, &x) && !make_room(m, &x)) {
		add_tables(m, &x, 0);
		ret = 0;
	}
	for (i = 0; i < x.n; i++)
		axis_release(&x.axis[i]);
	free(x.axis);
	params_release(&x.params);
	return ret;
}

static bool same_argv(char *const *a, char *const *b)
{
	while (*a && *b && !strcmp(*a, *b)) {
		a++;
		b++;
	}
	return !*a && !*b;
}

static int by_id(const void *a, const void *b, void *data)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	const struct plan *plan = data;
	int order = strcmp(plan->cell[x].id, plan->cell[y].id);

	return order ? order : (x > y) - (x < y);
}

/* Sorted by id, and where ids are equal by index. The caller frees. */
static uint32_t *sort_cells(struct plan *plan)
{
	uint32_t *index = xcalloc(plan->ncells, sizeof(index[0])), i;

	for (i = 0; i < plan->ncells; i++)
		index[i] = i;
	qsort_r(index, plan->ncells, sizeof(index[0]), by_id, plan);
	return index;
}

int plan_sort(struct plan *plan)
{
	size_t i;

	free(plan->by_id);
	plan->by_id = sort_cells(plan);
	for (i = 1; i < plan->ncells; i++)
		if (!strcmp(plan->cell[plan->by_id[i - 1]].id, plan->cell[plan->by_id[i]].id))
			return -1;
	return 0;
}

int plan_find(const struct plan *plan, const char *id)
{
	size_t lo = 0, hi = plan->ncells, mid;
	int order;

	if (!plan->by_id) {
		for (mid = 0; mid < plan->ncells; mid++)
			if (!strcmp(plan->cell[mid].id, id))
				return (int)mid;
		return -1;
	}
	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		order = strcmp(plan->cell[plan->by_id[mid]].id, id);
		if (!order)
			return (int)plan->by_id[mid];
		if (order < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return -1;
}

static void release_cell(struct plan_cell *c)
{
	size_t i;

	free(c->name);
	free(c->brief);
	for (i = 0; c->argv && c->argv[i]; i++)
		free(c->argv[i]);
	free(c->argv);
}

static int check_same(const struct maker *m, uint32_t first, uint32_t again)
{
	const struct plan_cell *a = &m->plan->cell[first], *b = &m->plan->cell[again];

	if (strcmp(a->name, b->name))
		return complain(m, &m->group[again]->workload, "cells '%s' and '%s' have one id",
				a->name, b->name);
	if (!same_argv(a->argv, b->argv))
		return complain(m, &m->group[again]->workload,
				"cell '%s' is also in the group at line %u, with another dir or seed: a cell is "
				"measured in one way only", a->name, m->group[first]->workload.line);
	return 0;
}

/* first[i]: the first cell that is the same as cell i. */
static int find_twins(struct maker *m, uint32_t *first)
{
	struct plan *plan = m->plan;
	uint32_t *sorted = sort_cells(plan), i;
	int ret = 0;

	for (i = 0; i < plan->ncells && !ret; i++) {
		first[sorted[i]] = sorted[i];
		if (!i || strcmp(plan->cell[sorted[i - 1]].id, plan->cell[sorted[i]].id))
			continue;
		first[sorted[i]] = first[sorted[i - 1]];
		ret = check_same(m, first[sorted[i]], sorted[i]);
	}
	free(sorted);
	return ret;
}

/* Cells that occur in several tables are measured once. */
static int join_cells(struct maker *m)
{
	struct plan *plan = m->plan;
	uint32_t *first = xcalloc(plan->ncells, sizeof(first[0])), *moved, i, n = 0;
	struct plan_table *t;
	size_t k;

	if (find_twins(m, first)) {
		free(first);
		return -1;
	}
	moved = xcalloc(plan->ncells, sizeof(moved[0]));
	for (i = 0; i < plan->ncells; i++) {
		if (first[i] == i) {
			moved[i] = n;
			plan->cell[n++] = plan->cell[i];
		} else {
			moved[i] = moved[first[i]];
			release_cell(&plan->cell[i]);
		}
	}
	plan->ncells = n;
	for (t = plan->table; t < plan->table + plan->ntables; t++)
		for (k = 0; k < t->nrows * t->ncolumns; k++)
			t->cell[k] = (int)moved[t->cell[k]];
	free(moved);
	free(first);
	brief_make(plan);
	return plan_sort(plan);
}

/* Are there more blocks to come than the first ones? Not where they are emulated. */
static int take_blocks_max(struct maker *m)
{
	const struct job *job = m->job;
	struct plan *plan = m->plan;

	plan->first = plan->blocks;
	if (!job->blocks_max || plan->emulated)
		return 0;
	if (job->nkernels < 2) {
		buf_fmt(m->why, "%s: blocks_max: blocks are added until kernels are told apart, and there are not two",
			job->file);
		return -1;
	}
	if (job->blocks_max < job->blocks) {
		buf_fmt(m->why, "%s: blocks_max: %" PRIu32 " is less than `blocks`, which is %" PRIu32, job->file,
			job->blocks_max, job->blocks);
		return -1;
	}
	plan->blocks = job->blocks_max;
	return 0;
}

static int make_orders(struct maker *m)
{
	struct plan *plan = m->plan;

	if ((uint64_t)plan->blocks * plan->ncells > PLAN_ORDER_MAX) {
		buf_fmt(m->why,
			"%s: %" PRIu32 " blocks of %zu cells; their product can be %d at most",
			m->job->file, plan->blocks, plan->ncells, PLAN_ORDER_MAX);
		return -1;
	}
	plan->order = order_make(plan->seed, ORDER_CELLS, plan->blocks, (uint32_t)plan->ncells);
	plan->kernel_order =
		order_make(plan->seed, ORDER_KERNELS, plan->blocks, (uint32_t)plan->nkernels);
	return 0;
}

static int make(struct maker *m)
{
	size_t i;

	if (m->job->nkernels && m->job->dir.text)
		return refuse_dir(m, &m->job->dir);
	if (plan_take_kernels(m->plan, m->job, m->machine, m->why) || take_blocks_max(m))
		return -1;
	for (i = 0; i < m->job->ngroups; i++)
		if (add_group(m, &m->job->group[i]))
			return -1;
	if (join_cells(m))
		return -1;
	return make_orders(m);
}

int plan_make(const struct job *job, const struct catalogue *catalogue,
	      const struct plan_machine *machine, struct plan *plan, struct buf *why)
{
	struct maker m = {
		.job = job, .catalogue = catalogue, .machine = machine, .plan = plan, .why = why
	};
	int ret;

	*plan = (struct plan){
		.job = xstrdup(job->name.text), .seed = job->seed, .warmup_ns = job->warmup_ns,
		.window_ns = job->window_ns, .windows = job->windows, .blocks = job->blocks,
		.first = job->blocks, .step = job->blocks_step,
	};
	ret = make(&m);
	free(m.group);
	if (ret)
		plan_release(plan);
	return ret;
}

static void release_texts(char **text, size_t n)
{
	size_t i;

	for (i = 0; text && i < n; i++)
		free(text[i]);
	free(text);
}

static void release_table(struct plan_table *t)
{
	free(t->title);
	free(t->rows);
	free(t->columns);
	release_texts(t->row, t->nrows);
	release_texts(t->column, t->ncolumns);
	free(t->cell);
}

void plan_release(struct plan *plan)
{
	size_t i;

	free(plan->job);
	release_texts(plan->option, plan->noptions);
	plan_release_kernels(plan);
	for (i = 0; i < plan->ncells; i++)
		release_cell(&plan->cell[i]);
	free(plan->cell);
	for (i = 0; i < plan->ntables; i++)
		release_table(&plan->table[i]);
	free(plan->table);
	free(plan->order);
	free(plan->kernel_order);
	free(plan->by_id);
	*plan = (struct plan){ 0 };
}
