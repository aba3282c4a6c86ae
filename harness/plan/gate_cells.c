/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/plan/gate.h"

#include <stdlib.h>
#include <string.h>

#include "harness/plan/catalogue.h"
#include "harness/plan/yaml.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/near.h"
#include "lib/param.h"
#include "lib/units.h"

static const struct param *find_row(const struct param *row, const char *name)
{
	for (; row->name; row++)
		if (!strcmp(row->name, name))
			return row;
	return NULL;
}

static const struct gate_where *find_where(const struct gate_cells *c, const char *name)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (!strcmp(c->where[i].name.text, name))
			return &c->where[i];
	return NULL;
}

/* Some cells of a gate, checked against the workloads that they may be of. */
struct check {
	const struct gate *gate;
	const struct catalogue *catalogue;
	struct gate_cells *cells;
	struct buf *why;
};

/* May these cells be of that workload? */
static bool takes_workload(const struct check *c, const char *workload)
{
	const struct gate_where *w = find_where(c->cells, "workload");
	size_t i;

	for (i = 0; w && i < w->n; i++)
		if (!strcmp(w->value[i].text, workload))
			return true;
	return !w;
}

/*
 * Rows of that name, one at a time: those of the workloads in question, then the common one. at begins at 0; NULL
 * when there are no more.
 */
static const struct param *next_row(const struct check *c, const char *name, size_t *at)
{
	const struct catalogue_workload *w;
	const struct param *row;

	while (*at < c->catalogue->n) {
		w = &c->catalogue->workload[(*at)++];
		row = takes_workload(c, w->name) ? find_row(w->params, name) : NULL;
		if (row)
			return row;
	}
	return (*at)++ == c->catalogue->n ? find_row(c->catalogue->common, name) : NULL;
}

static int complain(const struct check *c, const struct schema_text *at, const char *what)
{
	yaml_place(c->gate->file, at->line, at->column, c->why);
	buf_str(c->why, what);
	return -1;
}

static int unknown_workload(const struct check *c, const struct schema_text *value)
{
	struct near near;
	size_t i;

	complain(c, value, "unknown workload ");
	yaml_quote(value->text, c->why);
	near_init(&near, value->text);
	for (i = 0; i < c->catalogue->n; i++)
		near_offer(&near, c->catalogue->workload[i].name);
	near_hint(&near, c->why);
	for (i = 0; i < c->catalogue->n && !near.best; i++)
		buf_fmt(c->why, "%s%s", i ? ", " : "; there are: ", c->catalogue->workload[i].name);
	return -1;
}

static void offer_rows(struct near *near, const struct param *row)
{
	for (; row->name; row++)
		if (!row->where)
			near_offer(near, row->name);
}

static int unknown_parameter(const struct check *c, const struct schema_text *name)
{
	const struct gate_where *w = find_where(c->cells, "workload");
	struct near near;
	size_t i;

	complain(c, name, "unknown parameter ");
	yaml_quote(name->text, c->why);
	if (w)
		buf_fmt(c->why, " of workload%s ", w->n > 1 ? "s" : "");
	for (i = 0; w && i < w->n; i++)
		buf_fmt(c->why, "%s'%s'", i ? ", " : "", w->value[i].text);
	near_init(&near, name->text);
	near_offer(&near, "workload");
	offer_rows(&near, c->catalogue->common);
	for (i = 0; i < c->catalogue->n; i++)
		if (takes_workload(c, c->catalogue->workload[i].name))
			offer_rows(&near, c->catalogue->workload[i].params);
	near_hint(&near, c->why);
	return -1;
}

/* Makes a value what it is called in cells' names, by the first row that takes it. */
static int check_value(const struct check *c, const char *name, struct schema_text *value)
{
	struct param_value v = { .text = value->text };
	struct buf reason = BUF_INIT, canonical = BUF_INIT;
	const struct param *row;
	size_t at = 0;
	int ret = -1;

	while (ret && (row = next_row(c, name, &at))) {
		buf_reset(&reason);
		ret = param_check(row, value->text, &v.n, &reason);
		if (!ret)
			param_canonical(row, &v, &canonical);
	}
	if (ret) {
		complain(c, value, buf_text(&reason));
	} else {
		free(value->text);
		value->text = buf_detach(&canonical);
	}
	buf_release(&reason);
	return ret;
}

static int refuse_twice(const struct check *c, const struct gate_where *w)
{
	size_t i, k;

	for (i = 0; i < w->n; i++)
		for (k = 0; k < i; k++)
			if (!strcmp(w->value[i].text, w->value[k].text)) {
				complain(c, &w->value[i], w->name.text);
				buf_fmt(c->why, ": %s is given twice", w->value[i].text);
				return -1;
			}
	return 0;
}

static int check_workloads(const struct check *c, const struct gate_where *w)
{
	size_t i;

	for (i = 0; i < w->n; i++)
		if (!catalogue_find(c->catalogue, w->value[i].text))
			return unknown_workload(c, &w->value[i]);
	return refuse_twice(c, w);
}

static int check_parameter(const struct check *c, struct gate_where *w)
{
	const struct param *row;
	size_t at = 0, i;

	row = next_row(c, w->name.text, &at);
	if (!row)
		return unknown_parameter(c, &w->name);
	if (row->where) {
		complain(c, &w->name, w->name.text);
		buf_str(c->why, ": says where or how long to measure, and tells no cells apart");
		return -1;
	}
	for (i = 0; i < w->n; i++)
		if (check_value(c, w->name.text, &w->value[i]))
			return -1;
	return refuse_twice(c, w);
}

/* Workloads first: they say whose parameters the others are. */
static int check_cells(const struct check *c)
{
	const struct gate_where *workloads = find_where(c->cells, "workload");
	size_t i;

	if (workloads && check_workloads(c, workloads))
		return -1;
	for (i = 0; i < c->cells->n; i++)
		if (&c->cells->where[i] != workloads && check_parameter(c, &c->cells->where[i]))
			return -1;
	return 0;
}

static int check_choice(struct check *c, const struct gate_choice *choice)
{
	size_t i;

	for (i = 0; i < choice->n; i++) {
		c->cells = &choice->cells[i];
		if (check_cells(c))
			return -1;
	}
	return 0;
}

int gate_check_cells(struct gate *g, const struct catalogue *catalogue, struct buf *why)
{
	struct check c = { .gate = g, .catalogue = catalogue, .why = why };
	size_t i;

	for (i = 0; i < g->nmetrics; i++)
		if (check_choice(&c, &g->metric[i].choice))
			return -1;
	return check_choice(&c, &g->choice);
}

/*
 * A gate that is kept with a run may be read where no driver is, so that gate_check_cells() has not made its
 * values canonical: numbers are told by what they are.
 */
static bool same_value(const char *a, const char *b)
{
	uint64_t x, y;

	if (!strcmp(a, b))
		return true;
	if (!units_size(a, &x) && !units_size(b, &y))
		return x == y;
	return !units_duration(a, &x) && !units_duration(b, &y) && x == y;
}

static bool has_value(const struct gate_where *w, const char *cell_name)
{
	struct buf value = BUF_INIT;
	bool found = false;
	size_t i;

	if (!cell_field(cell_name, w->name.text, &value))
		for (i = 0; i < w->n && !found; i++)
			found = same_value(w->value[i].text, buf_text(&value));
	buf_release(&value);
	return found;
}

static bool is_among(const struct gate_choice *c, const char *cell_name)
{
	size_t i, k;

	for (i = 0; i < c->n; i++) {
		for (k = 0; k < c->cells[i].n && has_value(&c->cells[i].where[k], cell_name); k++)
			;
		if (k == c->cells[i].n)
			return true;
	}
	return !c->n;
}

bool gate_selects(const struct gate *g, const char *cell_name)
{
	return is_among(&g->choice, cell_name);
}

bool gate_selects_for(const struct gate *g, const struct gate_metric *m, const char *cell_name)
{
	return m->gating && is_among(&g->choice, cell_name) && is_among(&m->choice, cell_name);
}
