/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/report/predicted.h"

#include <inttypes.h>

#include "harness/plan/plan.h"
#include "harness/report/number.h"
#include "harness/report/table.h"
#include "lib/buf.h"

const struct count_record *predicted_count(const struct predicted *p, size_t kernel, size_t cell)
{
	return samples_count(p->samples, p->plan->kernel[kernel].name, p->plan->cell[cell].id);
}

const struct prediction_record *predicted_cell(const struct predicted *p, size_t kernel, size_t cell)
{
	if (!p->machine)
		return NULL;
	return samples_prediction(p->samples, p->plan->kernel[kernel].name,
				  p->plan->cell[cell].id, p->machine);
}

/* What takes so many ns an op, in the metric. */
static double in_metric(enum metric m, double ns, uint32_t threads, uint64_t bytes)
{
	double ops = threads * 1e9 / ns;

	return m == METRIC_NS_PER_OP ? ns : m == METRIC_OPS_PER_S ? ops : ops * (double)bytes;
}

int predicted_range(const struct predicted *p, size_t kernel, size_t cell, enum metric m,
		    struct predicted_range *out)
{
	const struct prediction_record *r = predicted_cell(p, kernel, cell);
	const struct count_record *c = predicted_count(p, kernel, cell);
	uint64_t bytes = c ? c->bytes_per_op : 0;
	bool rate = m != METRIC_NS_PER_OP;

	if (!r || (m == METRIC_BYTES_PER_S && !c))
		return -1;
	out->value = in_metric(m, r->ns_per_op, r->threads, bytes);
	out->low = in_metric(m, rate ? r->high : r->low, r->threads, bytes);
	out->high = in_metric(m, rate ? r->low : r->high, r->threads, bytes);
	return 0;
}

/* Entries of a table: every cell that it has on every kernel, one after the other. False at the end. */
struct walk {
	size_t at, kernel, cell;
};

static bool next(const struct predicted *p, size_t table, struct walk *w)
{
	const struct plan_table *t = &p->plan->table[table];
	size_t n = t->nrows * t->ncolumns, at;

	while (w->at < n * p->plan->nkernels) {
		at = w->at++;
		if (t->cell[at % n] < 0)
			continue;
		w->kernel = at / n;
		w->cell = (size_t)t->cell[at % n];
		return true;
	}
	return false;
}

bool predicted_table(const struct predicted *p, size_t table)
{
	struct walk w = { 0 };

	while (next(p, table, &w))
		if (predicted_count(p, w.kernel, w.cell))
			return true;
	return false;
}

enum metric predicted_metric(const struct predicted *p, size_t table)
{
	const struct count_record *c;
	struct walk w = { 0 };

	while (next(p, table, &w)) {
		c = predicted_count(p, w.kernel, w.cell);
		if (c && c->bytes_per_op)
			return METRIC_BYTES_PER_S;
	}
	return METRIC_OPS_PER_S;
}

uint32_t predicted_threads(const struct predicted *p, size_t table)
{
	const struct prediction_record *r;
	struct walk w = { 0 };
	uint32_t threads = 0;

	while (next(p, table, &w)) {
		r = predicted_cell(p, w.kernel, w.cell);
		if (r && threads && r->threads != threads)
			return 0;
		if (r)
			threads = r->threads;
	}
	return threads;
}

/* What the table's entries are taken from. */
struct modelled {
	const struct predicted *predicted;
	enum metric metric;
};

static void predicted_entry(const void *data, size_t kernel, size_t cell, struct table_entry *entry)
{
	const struct modelled *m = data;
	const struct count_record *c = predicted_count(m->predicted, kernel, cell);
	double scale = metric_scale(m->metric);
	struct predicted_range range;

	if (predicted_range(m->predicted, kernel, cell, m->metric, &range))
		return;
	number_mean(number_rounded(range.value / scale), entry->figure);
	buf_str(entry->figure, c && !c->stable ? "*" : "");
	number_range(range.low / scale, range.high / scale, entry->below);
	entry->value = range.value;
}

static bool any_prediction(const struct predicted *p, size_t table)
{
	struct walk w = { 0 };

	while (next(p, table, &w))
		if (predicted_cell(p, w.kernel, w.cell))
			return true;
	return false;
}

void predicted_unstable(const struct predicted *p, size_t table, struct buf *out)
{
	const struct count_record *c;
	struct walk w = { 0 };

	while (next(p, table, &w)) {
		c = predicted_count(p, w.kernel, w.cell);
		if (!c || c->stable)
			continue;
		buf_str(out, "* unstable: less than 95% of the ops have the most frequent counts; does not gate\n");
		return;
	}
}

#define SPREAD_SHOWN 0.005

/* What the order of threads decides, no change of a kernel has to explain. */
static void add_spread(const struct predicted *p, size_t table, struct buf *out)
{
	const struct prediction_record *r;
	struct walk w = { 0 };
	double most = 0;

	while (next(p, table, &w)) {
		r = predicted_cell(p, w.kernel, w.cell);
		if (r && r->spread > most)
			most = r->spread;
	}
	if (most >= SPREAD_SHOWN)
		buf_fmt(out, "Contended cells depend on which thread comes first: over several orders they scatter by up to "
			     "%.1f%% (StdDev). Changes of that size say nothing there.\n", most * 100);
}

/* The knees of one column of one kernel, the least and the largest, and the most threads tried. False: none is known. */
static bool knees_of(const struct predicted *p, const struct plan_table *t, size_t kernel, size_t column,
		     uint32_t knee[3])
{
	const struct prediction_record *r;
	size_t row;
	int cell;

	knee[0] = UINT32_MAX;
	knee[1] = knee[2] = 0;
	for (row = 0; row < t->nrows; row++) {
		cell = t->cell[row * t->ncolumns + column];
		r = cell < 0 ? NULL : predicted_cell(p, kernel, (size_t)cell);
		if (!r || !r->knee)
			continue;
		knee[0] = r->knee < knee[0] ? r->knee : knee[0];
		knee[1] = r->knee > knee[1] ? r->knee : knee[1];
		knee[2] = r->npoints ? r->curve[r->npoints - 1].threads : r->knee;
	}
	return knee[1] > 0;
}

/* Where scaling ends, a line a kernel. */
static void add_knees(const struct predicted *p, size_t table, struct buf *out)
{
	const struct plan_table *t = &p->plan->table[table];
	bool any = false, begun;
	uint32_t knee[3];
	size_t k, j;

	for (k = 0; k < p->plan->nkernels; k++) {
		begun = false;
		for (j = 0; j < t->ncolumns; j++) {
			if (!knees_of(p, t, k, j, knee))
				continue;
			if (!any)
				buf_fmt(out, "Fewest threads with 95%% of the highest throughput, of 1 to %" PRIu32 ":\n", knee[2]);
			any = true;
			buf_fmt(out, begun ? ", " : "  %s: ", p->plan->kernel[k].name);
			begun = true;
			if (t->columns) {
				table_label(t->columns, t->column[j], out);
				buf_ch(out, ' ');
			}
			buf_fmt(out, knee[0] == knee[1] ? "%" PRIu32 : "%" PRIu32 " to %" PRIu32, knee[0], knee[1]);
		}
		buf_str(out, begun ? "\n" : "");
	}
}

void predicted_render(const struct predicted *p, size_t table, const struct table_style *style,
		      struct buf *out)
{
	const struct modelled modelled = { p, style->metric };
	const struct table_source source = {
		.entry = predicted_entry, .data = &modelled, .align = GRID_RANGE, .percent = style->percent,
	};
	uint32_t threads = predicted_threads(p, table);

	if (!any_prediction(p, table))
		return;
	table_title(p->plan, table, out);
	buf_fmt(out, ", %s predicted for %s", metric_unit(style->metric), p->machine);
	if (threads)
		buf_fmt(out, ", %" PRIu32 " thread%s", threads, threads == 1 ? "" : "s");
	buf_str(out, ", from exact counts\n"
		"calibrated model: figures in parentheses are the range over the machine file's plausible constants\n\n");
	table_grid(p->plan, table, &source, out);
	predicted_unstable(p, table, out);
	add_spread(p, table, out);
	add_knees(p, table, out);
}
