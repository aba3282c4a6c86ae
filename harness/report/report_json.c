/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One object. Base units. What was not measured, what is no number and what is
 * withheld is null. docs/tables.md describes the keys.
 */
#include "harness/report/report_formats.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "harness/report/number.h"
#include "harness/report/predicted.h"
#include "harness/report/report.h"
#include "harness/report/table.h"
#include "lib/buf.h"
#include "lib/json.h"

#define SCHEMA 1

static json_t *number(double x)
{
	return isfinite(x) ? json_real(x) : json_null();
}

static json_t *texts(char *const *text, size_t n)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < n; i++)
		json_array_append_new(array, json_text(text[i]));
	return array;
}

static json_t *summary_json(const struct summary *s)
{
	json_t *json;

	if (!s->n)
		return json_null();
	json = json_object();
	json_put(json, "over", json_text(s->blocks ? "blocks" : "windows"));
	json_put(json, "n", json_u64(s->n));
	json_put(json, "mean", number(s->mean));
	json_put(json, "sd", number(s->sd));
	json_put(json, "median", number(s->median));
	json_put(json, "min", number(s->min));
	json_put(json, "max", number(s->max));
	return json;
}

/* What is known of the place already is not said again. */
static void drop_place(json_t *record)
{
	static const char *const keys[] = { "kernel", "cell", "name" };
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		json_object_del(record, keys[i]);
}

static json_t *count_json(const struct predicted *p, size_t kernel, size_t cell)
{
	const struct count_record *c = predicted_count(p, kernel, cell);
	json_t *json;

	if (!c)
		return json_null();
	json = count_record_json(c);
	drop_place(json);
	return json;
}

/* The record and what follows from it: the rates of all threads, which are named in the tables. */
static json_t *prediction_json(const struct predicted *p, size_t kernel, size_t cell)
{
	json_t *json = prediction_record_json(predicted_cell(p, kernel, cell)), *rate;
	struct predicted_range range;
	int m;

	drop_place(json);
	for (m = 0; m < NMETRICS; m++) {
		if (m == METRIC_NS_PER_OP)	/* the record's own */
			continue;
		if (predicted_range(p, kernel, cell, (enum metric)m, &range)) {
			json_put(json, metric_name((enum metric)m), json_null());
			continue;
		}
		rate = json_object();
		json_put(rate, "value", number(range.value));
		json_put(rate, "low", number(range.low));
		json_put(rate, "high", number(range.high));
		json_put(json, metric_name((enum metric)m), rate);
	}
	return json;
}

static json_t *predictions_json(const struct report_input *in, size_t kernel, size_t cell)
{
	struct predicted p = { .plan = in->plan, .samples = in->samples };
	json_t *array = json_array();
	size_t i;

	for (i = 0; (p.machine = samples_machine(in->samples, i)); i++)
		if ((!in->machine || !strcmp(in->machine, p.machine)) &&
		    predicted_cell(&p, kernel, cell))
			json_array_append_new(array, prediction_json(&p, kernel, cell));
	return array;
}

static json_t *figure_json(const struct report_input *in, size_t kernel, size_t cell)
{
	const struct predicted p = { .plan = in->plan, .samples = in->samples };
	const struct figure *f = &in->figures[kernel * in->plan->ncells + cell];
	json_t *json = json_object();
	int m;

	json_put(json, "kernel", json_text(in->plan->kernel[kernel].name));
	json_put(json, "windows", json_u64(f->windows));
	json_put(json, "blocks", json_u64(f->blocks));
	json_put(json, "oversubscribed",
		 f->windows ? json_boolean(f->oversubscribed) : json_null());
	json_put(json, "worst_skew", f->windows ? number(f->worst_skew) : json_null());
	json_put(json, "ops", f->windows && !f->withheld && f->ops <= INT64_MAX ? json_u64(f->ops) : json_null());
	for (m = 0; m < NMETRICS; m++)
		json_put(json, metric_name((enum metric)m),
			 f->withheld ? json_null() : summary_json(&f->metric[m]));
	json_put(json, "count", count_json(&p, kernel, cell));
	json_put(json, "predictions", predictions_json(in, kernel, cell));
	return json;
}

static json_t *parameters_json(const char *name)
{
	struct buf key = BUF_INIT, value = BUF_INIT;
	json_t *json = json_object();
	const char *at;
	uint64_t n;

	for (at = strchrnul(name, ' '); *at; at = strchrnul(at, ' ')) {
		at++;
		buf_reset(&key);
		buf_add(&key, at, strcspn(at, "= "));
		cell_field(name, buf_text(&key), &value);
		if (number_parameter(buf_text(&key), buf_text(&value), &n) && n <= INT64_MAX)
			json_put(json, buf_text(&key), json_u64(n));
		else
			json_put(json, buf_text(&key), json_text(buf_text(&value)));
	}
	buf_release(&key);
	buf_release(&value);
	return json;
}

static json_t *cell_json(const struct report_input *in, size_t c)
{
	const struct plan *plan = in->plan;
	json_t *json = json_object(), *kernels = json_array();
	struct buf workload = BUF_INIT;
	size_t k;

	cell_field(plan->cell[c].name, "workload", &workload);
	for (k = 0; k < plan->nkernels; k++)
		if (in->figures)
			json_array_append_new(kernels, figure_json(in, k, c));
	json_put(json, "id", json_text(plan->cell[c].id));
	json_put(json, "name", json_text(plan->cell[c].name));
	json_put(json, "workload", json_text(buf_text(&workload)));
	json_put(json, "parameters", parameters_json(plan->cell[c].name));
	json_put(json, "kernels", kernels);
	buf_release(&workload);
	return json;
}

static json_t *table_json(const struct plan *plan, size_t table)
{
	const struct plan_table *t = &plan->table[table];
	json_t *json = json_object(), *rows = json_array(), *row;
	struct buf title = BUF_INIT;
	size_t r, c;
	int cell;

	table_title(plan, table, &title);
	json_put(json, "title", json_text(buf_text(&title)));
	json_put(json, "rows", json_text(t->rows));
	json_put(json, "columns", json_text(t->columns));
	json_put(json, "row_values", texts(t->row, t->nrows));
	json_put(json, "column_values", t->columns ? texts(t->column, t->ncolumns) : json_array());
	for (r = 0; r < t->nrows; r++) {
		row = json_array();
		for (c = 0; c < t->ncolumns; c++) {
			cell = t->cell[r * t->ncolumns + c];
			json_array_append_new(row, cell < 0 ? json_null()
							    : json_text(plan->cell[cell].id));
		}
		json_array_append_new(rows, row);
	}
	json_put(json, "cells", rows);
	buf_release(&title);
	return json;
}

static json_t *names(const struct plan *plan)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < plan->nkernels; i++)
		json_array_append_new(array, json_text(plan->kernel[i].name));
	return array;
}

/* The lines themselves, but for how long an emulated guest took to boot. */
static json_t *environments(const struct report_input *in)
{
	json_t *all = in->samples->environments ? json_deep_copy(in->samples->environments)
						: json_array(), *line, *env;
	size_t i;

	if (!in->emulated || in->show_emulated_times)
		return all;
	json_array_foreach(all, i, line) {
		env = json_object_get(line, "environment");
		json_object_del(json_object_get(line, "guest"), "boot_ns");
		json_object_del(json_object_get(env, "boot"), "uptime_s");
	}
	return all;
}

void report_json(const struct report_input *in, struct buf *out)
{
	const struct plan *plan = in->plan;
	json_t *json = json_object(), *cells = json_array(), *tables = json_array();
	size_t i;

	for (i = 0; i < plan->ncells; i++)
		json_array_append_new(cells, cell_json(in, i));
	for (i = 0; i < plan->ntables; i++)
		json_array_append_new(tables, table_json(plan, i));
	json_put(json, "schema", json_u64(SCHEMA));
	json_put(json, "kind", json_text("report"));
	json_put(json, "run", json_text(in->run));
	json_put(json, "job", json_text(plan->job));
	json_put(json, "warmup_ns", json_u64(plan->warmup_ns));
	json_put(json, "window_ns", json_u64(plan->window_ns));
	json_put(json, "windows", json_u64(plan->windows));
	json_put(json, "blocks", json_u64(plan->blocks));
	json_put(json, "emulated", json_boolean(in->emulated));
	json_put(json, "kernels", names(plan));
	json_put(json, "verdict", in->judged ? judged_json(plan, in->judged) : json_null());
	json_put(json, "incidents", in->samples->incidents ? json_deep_copy(in->samples->incidents)
							   : json_array());
	json_put(json, "tables", tables);
	json_put(json, "cells", cells);
	json_put(json, "environments", environments(in));
	json_pretty(out, json);
	json_decref(json);
}
