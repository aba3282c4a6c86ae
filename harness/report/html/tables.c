/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/report/html/tables.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "harness/plan/plan.h"
#include "harness/report/html/findings.h"
#include "harness/report/html/section.h"
#include "harness/report/html/sheet.h"
#include "harness/report/number.h"
#include "harness/report/predicted.h"
#include "harness/report/report.h"
#include "harness/report/table.h"
#include "lib/buf.h"

/* One table of the plan, and what it is to show. */
struct shown {
	const struct report_input *in;
	const struct plan *plan;
	const struct plan_table *table;
	struct predicted predicted;	/* where it is of the model */
	enum metric metric;
	/* A cell's texts, and what differences are made of: NAN where there is nothing. */
	double (*fill)(const struct shown *s, size_t kernel, size_t cell, struct sheet_cell *to);
	bool judged;			/* the differences are those that the verdicts speak of */
};

static struct shown shown_of(const struct report_input *in, size_t table)
{
	return (struct shown){
		.in = in, .plan = in->plan, .table = &in->plan->table[table],
		.predicted = { .plan = in->plan, .samples = in->samples },
	};
}

static int cell_at(const struct plan_table *t, size_t row, size_t column)
{
	return t->cell[row * t->ncolumns + column];
}

static double fill_at(const struct shown *s, size_t kernel, int cell, struct sheet_cell *to)
{
	double value = cell < 0 ? (double)NAN : s->fill(s, kernel, (size_t)cell, to);

	if (!to->figure.len)
		buf_ch(&to->figure, '-');
	return value;
}

static double value_of(const struct shown *s, size_t kernel, int cell)
{
	struct sheet_cell scratch = { .figure = BUF_INIT };
	double value = fill_at(s, kernel, cell, &scratch);

	buf_release(&scratch.figure);
	buf_release(&scratch.below);
	return value;
}

static void add_figures(const struct shown *s, size_t kernel, size_t column, struct sheet *sheet)
{
	struct sheet_column *c = sheet_add(sheet);
	size_t row;

	table_kernel(s->plan->kernel[kernel].name, &c->head[0]);
	if (s->table->columns)
		table_label(s->table->columns, s->table->column[column], &c->head[1]);
	for (row = 0; row < sheet->nrows; row++)
		fill_at(s, kernel, cell_at(s->table, row, column), &c->cell[row]);
}

static void add_percents(const struct shown *s, size_t kernel, size_t column, struct sheet *sheet)
{
	struct sheet_column *c = sheet_add(sheet);
	const struct finding *found;
	size_t row;
	int cell;

	buf_str(&c->head[0], s->plan->nkernels > 2 ? "%change, " : "%change");
	if (s->plan->nkernels > 2)
		buf_str(&c->head[0], s->plan->kernel[kernel].name);
	if (s->table->columns)
		table_label(s->table->columns, s->table->column[column], &c->head[1]);
	for (row = 0; row < sheet->nrows; row++) {
		cell = cell_at(s->table, row, column);
		number_percent(value_of(s, 0, cell), value_of(s, kernel, cell), &c->cell[row].figure);
		found = s->judged ? html_finding(s->in, kernel, cell, NULL) : NULL;
		c->cell[row].judged = found;
		if (found)
			c->cell[row].verdict = found->judgement.verdict;
	}
}

static void add_sheet(const struct shown *s, const char *title, struct buf *out)
{
	struct sheet sheet;
	size_t k, c;

	sheet_init(&sheet, s->table->nrows);
	sheet_rows(&sheet, s->table, 1);
	for (k = 0; k < s->plan->nkernels; k++)
		for (c = 0; c < s->table->ncolumns; c++)
			add_figures(s, k, c, &sheet);
	for (k = 1; k < s->plan->nkernels; k++)
		for (c = 0; c < s->table->ncolumns; c++)
			add_percents(s, k, c, &sheet);
	sheet_render(&sheet, title, out);
	sheet_release(&sheet);
}

static double measured(const struct shown *s, size_t kernel, size_t cell, struct sheet_cell *to)
{
	const struct figure *f = &s->in->figures[kernel * s->plan->ncells + cell];
	const struct summary *m = &f->metric[s->metric];

	if (!m->n)
		return (double)NAN;
	if (f->withheld) {
		buf_str(&to->figure, "emulated");
		return (double)NAN;
	}
	number_mean(m->mean / metric_scale(s->metric), &to->figure);
	number_deviation(m->sd / metric_scale(s->metric), &to->below);
	return m->mean;
}

/* Are there times to show, which were measured and are no emulator's? */
static bool has_times(const struct shown *s)
{
	const struct plan_table *t = s->table;
	const struct figure *f;
	size_t k, i;

	for (k = 0; k < s->plan->nkernels; k++)
		for (i = 0; i < t->nrows * t->ncolumns; i++) {
			f = t->cell[i] < 0 ? NULL : &s->in->figures[k * s->plan->ncells + (size_t)t->cell[i]];
			if (f && f->windows && !f->withheld)
				return true;
		}
	return false;
}

void html_measured(const struct report_input *in, struct buf *out)
{
	size_t from = out->len, content, i;
	struct buf title = BUF_INIT;
	struct shown s;

	section_begin("measured", "Measured", "The mean over its standard deviation.", out);
	content = out->len;
	for (i = 0; i < in->plan->ntables; i++) {
		s = shown_of(in, i);
		if (!has_times(&s))
			continue;
		s.fill = measured;
		s.judged = true;
		s.metric = table_metric(in->plan, i, in->figures);
		buf_reset(&title);
		table_title(in->plan, i, &title);
		buf_fmt(&title, ", mean %s (StdDev)%s", metric_unit(s.metric), in->emulated ? TABLE_EMULATED : "");
		add_sheet(&s, buf_text(&title), out);
	}
	section_end(from, content, out);
	buf_release(&title);
}

static double modelled(const struct shown *s, size_t kernel, size_t cell, struct sheet_cell *to)
{
	const struct count_record *c = predicted_count(&s->predicted, kernel, cell);
	double scale = metric_scale(s->metric);
	struct predicted_range range;

	if (predicted_range(&s->predicted, kernel, cell, s->metric, &range))
		return (double)NAN;
	number_mean(number_rounded(range.value / scale), &to->figure);
	buf_str(&to->figure, c && !c->stable ? "*" : "");
	number_range(range.low / scale, range.high / scale, &to->below);
	return range.value;
}

static bool is_predicted(const struct shown *s)
{
	const struct plan_table *t = s->table;
	size_t k, i;

	for (k = 0; k < s->plan->nkernels; k++)
		for (i = 0; i < t->nrows * t->ncolumns; i++)
			if (t->cell[i] >= 0 && predicted_cell(&s->predicted, k, (size_t)t->cell[i]))
				return true;
	return false;
}

static void add_predicted(struct shown *s, size_t table, struct buf *out)
{
	uint32_t threads = predicted_threads(&s->predicted, table);
	struct buf title = BUF_INIT, remarks = BUF_INIT;

	s->fill = modelled;
	s->metric = predicted_metric(&s->predicted, table);
	table_title(s->plan, table, &title);
	buf_fmt(&title, ", %s predicted for %s", metric_unit(s->metric), s->predicted.machine);
	if (threads)
		buf_fmt(&title, ", %" PRIu32 " thread%s", threads, threads == 1 ? "" : "s");
	add_sheet(s, buf_text(&title), out);
	predicted_unstable(&s->predicted, table, &remarks);
	section_paragraphs(&remarks, "remark", out);
	buf_release(&title);
}

void html_predicted(const struct report_input *in, struct buf *out)
{
	size_t from = out->len, content, i, m;
	const char *machine;
	struct shown s;

	section_begin("predicted", "Predicted",
	      "What the calibrated model makes of the exact counts; in parentheses its range over the machine "
	      "file's plausible constants.",
	      out);
	content = out->len;
	for (i = 0; i < in->plan->ntables; i++)
		for (m = 0; (machine = samples_machine(in->samples, m)); m++) {
			s = shown_of(in, i);
			s.predicted.machine = machine;
			if ((!in->machine || !strcmp(in->machine, machine)) && is_predicted(&s))
				add_predicted(&s, i, out);
		}
	section_end(from, content, out);
}
