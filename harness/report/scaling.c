/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/report/scaling.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/plan/plan.h"
#include "harness/report/plot.h"
#include "harness/report/predicted.h"
#include "harness/report/table.h"
#include "lib/alloc.h"
#include "lib/buf.h"

/* What of a table is drawn. */
struct drawn {
	const struct predicted *predicted;
	const struct plan_table *table;
	enum metric metric;
	size_t kernels, columns;	/* the first so many */
	size_t row;			/* the panel's */
};

static const struct prediction_record *curve_at(const struct drawn *d, size_t kernel, size_t column)
{
	int cell = d->table->cell[d->row * d->table->ncolumns + column];
	const struct prediction_record *r =
		cell < 0 ? NULL : predicted_cell(d->predicted, kernel, (size_t)cell);

	return r && r->npoints ? r : NULL;
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

static struct drawn drawn_of(const struct predicted *p, size_t table, enum metric metric)
{
	struct drawn d = { .predicted = p, .table = &p->plan->table[table], .metric = metric };

	d.kernels = smaller(p->plan->nkernels, SCALING_CURVES);
	d.columns = smaller(d.table->ncolumns, SCALING_CURVES / d.kernels);
	return d;
}

static bool has_curves(const struct drawn *d)
{
	size_t k, c;

	for (k = 0; k < d->kernels; k++)
		for (c = 0; c < d->columns; c++)
			if (curve_at(d, k, c))
				return true;
	return false;
}

bool scaling_table(const struct predicted *p, size_t table)
{
	struct drawn d = drawn_of(p, table, METRIC_OPS_PER_S);

	for (; d.row < d.table->nrows; d.row++)
		if (has_curves(&d))
			return true;
	return false;
}

static int by_number(const void *va, const void *vb)
{
	const uint32_t *a = va, *b = vb;

	return *a < *b ? -1 : *a > *b;
}

/* All numbers of threads that some curve of the panel has, ascending, 0 at the end. The caller frees. */
static uint32_t *threads_of(const struct drawn *d)
{
	const struct prediction_record *r;
	uint32_t *all = xcalloc(1, sizeof(*all));
	size_t k, c, i, n = 0, kept = 0;

	for (k = 0; k < d->kernels; k++)
		for (c = 0; c < d->columns; c++) {
			r = curve_at(d, k, c);
			all = xrealloc(all, n + (r ? r->npoints : 0) + 1, sizeof(*all));
			for (i = 0; r && i < r->npoints; i++)
				all[n++] = r->curve[i].threads;
		}
	qsort(all, n, sizeof(*all), by_number);
	for (i = 0; i < n; i++)
		if (!kept || all[kept - 1] != all[i])
			all[kept++] = all[i];
	all[kept] = 0;
	return all;
}

/* The curve's value at so many threads in the metric's unit; NAN where it has none. */
static double value_at(const struct drawn *d, size_t kernel, size_t column, uint32_t threads)
{
	const struct prediction_record *r = curve_at(d, kernel, column);
	const struct count_record *c;
	double ops = (double)NAN;
	size_t i;

	for (i = 0; r && i < r->npoints; i++)
		if (r->curve[i].threads == threads)
			ops = r->curve[i].ops_per_s;
	if (d->metric == METRIC_NS_PER_OP)
		return threads * 1e9 / ops;
	if (d->metric == METRIC_OPS_PER_S || isnan(ops))
		return ops;
	c = predicted_count(d->predicted, kernel,
			    (size_t)d->table->cell[d->row * d->table->ncolumns + column]);
	return c ? ops * (double)c->bytes_per_op / metric_scale(d->metric) : (double)NAN;
}

static void add_number(double x, struct buf *out)
{
	if (isfinite(x))
		buf_fmt(out, " %.9g", x);
	else
		buf_str(out, " NaN");
}

static void add_heading(const struct drawn *d, size_t kernel, struct buf *out)
{
	struct buf head = BUF_INIT;
	size_t c;

	buf_str(out, "\"threads\" \"panel\"");
	for (c = 0; c < d->columns; c++) {
		buf_reset(&head);
		table_kernel(d->predicted->plan->kernel[kernel].name, &head);
		if (d->table->columns) {
			buf_str(&head, ", ");
			table_label(d->table->columns, d->table->column[c], &head);
		}
		buf_ch(out, ' ');
		plot_quote(buf_text(&head), out);
		buf_str(out, " \"-\" \"-\" \"knee\" \"-\" \"-\"");
	}
	buf_ch(out, '\n');
	buf_release(&head);
}

/* Is a curve of the panel from counts that are not stable? */
static bool is_unstable(const struct drawn *d)
{
	const struct count_record *r;
	size_t k, c;
	int cell;

	for (k = 0; k < d->kernels; k++)
		for (c = 0; c < d->columns; c++) {
			cell = d->table->cell[d->row * d->table->ncolumns + c];
			r = cell < 0 ? NULL : predicted_count(d->predicted, k, (size_t)cell);
			if (curve_at(d, k, c) && r && !r->stable)
				return true;
		}
	return false;
}

static void add_threads(const struct drawn *d, size_t kernel, uint32_t threads, struct buf *out)
{
	const struct prediction_record *r;
	struct buf panel = BUF_INIT;
	double value;
	size_t c;

	table_label(d->table->rows, d->table->row[d->row], &panel);
	buf_str(&panel, is_unstable(d) ? " (unstable counts)" : "");
	buf_fmt(out, "%" PRIu32 " ", threads);
	plot_quote(buf_text(&panel), out);
	for (c = 0; c < d->columns; c++) {
		r = curve_at(d, kernel, c);
		value = value_at(d, kernel, c, threads);
		add_number(value, out);
		buf_str(out, " NaN NaN");
		add_number(r && r->knee == threads ? value : (double)NAN, out);
		buf_str(out, " NaN NaN");
	}
	buf_ch(out, '\n');
	buf_release(&panel);
}

static void add_panel(const struct drawn *d, struct buf *out)
{
	uint32_t *threads = threads_of(d);
	size_t k, i;

	for (k = 0; k < d->kernels; k++) {
		buf_str(out, out->len ? "\n\n" : "");
		add_heading(d, k, out);
		for (i = 0; threads[i]; i++)
			add_threads(d, k, threads[i], out);
	}
	free(threads);
}

/* Of more rows than panels those that lie evenly between the first and the last. */
void scaling_data(const struct predicted *p, size_t table, enum metric metric, struct buf *out)
{
	struct drawn d = drawn_of(p, table, metric);
	size_t panels = smaller(d.table->nrows, SCALING_PANELS), i;

	for (i = 0; i < panels; i++) {
		d.row = panels < 2 ? 0 : i * (d.table->nrows - 1) / (panels - 1);
		if (has_curves(&d))
			add_panel(&d, out);
	}
}

/* What a title says of threads is not so for a curve over them. */
static const char *without_threads(const char *title)
{
	const char *at = title + strspn(title, "0123456789");

	if (at == title || strncmp(at, " thread", 7))
		return title;
	at += 7;
	at += *at == 's';
	return strncmp(at, ", ", 2) ? title : at + 2;
}

void scaling_title(const struct predicted *p, size_t table, struct buf *out)
{
	struct buf title = BUF_INIT;

	table_title(p->plan, table, &title);
	buf_fmt(out, "%s, calibrated model for %s", without_threads(buf_text(&title)), p->machine);
	buf_release(&title);
}
