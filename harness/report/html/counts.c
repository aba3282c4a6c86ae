/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/report/html/tables.h"

#include <math.h>
#include <stdbool.h>

#include "harness/plan/plan.h"
#include "harness/report/html/findings.h"
#include "harness/report/html/section.h"
#include "harness/report/html/sheet.h"
#include "harness/report/predicted.h"
#include "harness/report/report.h"
#include "harness/report/table.h"
#include "lib/buf.h"

enum { NONE = -1 };

/* What a table of counts has columns for. */
static const int counts_x86[] = { COUNT_KERNEL_INSNS, COUNT_STAC, COUNT_CLAC, COUNT_ATOMICS, YARDSTICK_TRANSFERS, NONE };
static const int counts_arm64[] = { COUNT_KERNEL_INSNS, COUNT_PAN, COUNT_LDTR, COUNT_STTR, COUNT_LSE,
				    COUNT_EXCLUSIVES, YARDSTICK_TRANSFERS, NONE };

struct counted {
	const struct report_input *in;
	const struct plan_table *table;
	const struct predicted *predicted;
	size_t kernel;			/* beside the first; 0: alone */
	struct yardstick yardstick;
};

/* NAN where it is not known. */
static double count_of(const struct counted *c, size_t kernel, int cell)
{
	const struct predicted *p = c->predicted;
	const struct prediction_record *r;
	const struct count_record *n;

	if (cell < 0)
		return (double)NAN;
	if (c->yardstick.which == YARDSTICK_TRANSFERS) {
		r = predicted_cell(p, kernel, (size_t)cell);
		return r ? r->transfers : (double)NAN;
	}
	n = predicted_count(p, kernel, (size_t)cell);
	return n ? n->count[c->yardstick.which] : (double)NAN;
}

/* Whole numbers as such, others with two decimals, as transfers always but for 0. */
static void add_number(double x, bool sign, bool decimals, struct buf *out)
{
	if (isnan(x))
		buf_ch(out, '-');
	else if (fabs(x) < 0.005)
		buf_ch(out, '0');
	else
		buf_fmt(out, sign ? "%+.*f" : "%.*f", x == floor(x) && !decimals ? 0 : 2, x);
}

static bool is_stable(const struct counted *c, size_t kernel, int cell)
{
	const struct count_record *n = cell < 0 ? NULL : predicted_count(c->predicted, kernel, (size_t)cell);

	return !n || n->stable;
}

static void add_count_column(const struct counted *c, size_t kernel, const char *head, struct sheet *sheet)
{
	struct sheet_column *column = sheet_add(sheet);
	struct buf *text;
	size_t row;
	int cell;

	buf_str(&column->head[0], yardstick_label(c->yardstick));
	buf_str(&column->head[1], head);
	for (row = 0; row < sheet->nrows; row++) {
		cell = c->table->cell[row];
		text = &column->cell[row].figure;
		add_number(count_of(c, kernel, cell), false, c->yardstick.which == YARDSTICK_TRANSFERS, text);
		if (c->yardstick.which == COUNT_KERNEL_INSNS && !is_stable(c, kernel, cell))
			buf_ch(text, '*');
	}
}

static void add_difference_column(const struct counted *c, struct sheet *sheet)
{
	struct sheet_column *column = sheet_add(sheet);
	const struct finding *found;
	size_t row;
	int cell;

	buf_str(&column->head[0], yardstick_label(c->yardstick));
	buf_str(&column->head[1], "diff");
	for (row = 0; row < sheet->nrows; row++) {
		cell = c->table->cell[row];
		add_number(count_of(c, c->kernel, cell) - count_of(c, 0, cell), true,
			   c->yardstick.which == YARDSTICK_TRANSFERS, &column->cell[row].figure);
		found = html_finding(c->in, c->kernel, cell, &c->yardstick);
		column->cell[row].judged = found;
		if (found)
			column->cell[row].verdict = found->judgement.verdict;
	}
}

static void add_count(const struct counted *c, struct sheet *sheet)
{
	if (!c->kernel) {
		add_count_column(c, 0, "", sheet);
		return;
	}
	add_count_column(c, 0, "old", sheet);
	add_count_column(c, c->kernel, "new", sheet);
	add_difference_column(c, sheet);
}

static void add_labels(const struct plan_table *t, struct sheet *sheet)
{
	struct sheet_column *c;
	size_t i;

	sheet_rows(sheet, t, t->ncolumns);
	if (!t->columns)
		return;
	c = sheet_add(sheet);
	c->heads = true;
	table_kernel(t->columns, &c->head[0]);
	for (i = 0; i < sheet->nrows; i++)
		table_label(t->columns, t->column[i % t->ncolumns], &c->cell[i].figure);
}

static void add_title(const struct counted *c, size_t table, struct buf *out)
{
	const struct plan *plan = c->in->plan;

	table_title(plan, table, out);
	buf_fmt(out, ": %s", plan->kernel[0].name);
	if (c->kernel)
		buf_fmt(out, " (old), %s (new)", plan->kernel[c->kernel].name);
}

static void add_table(struct counted *c, size_t table, struct buf *out)
{
	bool arm64 = c->in->samples->count[0].arm64;	/* all are of one architecture */
	const int *which = arm64 ? counts_arm64 : counts_x86;
	struct buf title = BUF_INIT, remarks = BUF_INIT;
	struct sheet sheet;

	add_title(c, table, &title);
	sheet_init(&sheet, c->table->nrows * c->table->ncolumns);
	add_labels(c->table, &sheet);
	for (; *which != NONE; which++) {
		c->yardstick = (struct yardstick){ true, *which };
		add_count(c, &sheet);
	}
	sheet_render(&sheet, buf_text(&title), out);
	predicted_unstable(c->predicted, table, &remarks);
	section_paragraphs(&remarks, "remark", out);
	sheet_release(&sheet);
	buf_release(&title);
}

void html_counts(const struct report_input *in, struct buf *out)
{
	const struct predicted p = {
		.plan = in->plan, .samples = in->samples,
		.machine = in->machine ? in->machine : samples_machine(in->samples, 0),
	};
	struct counted c = { .in = in, .predicted = &p };
	size_t from = out->len, content, i;

	section_begin("counts", "Exact counts per op",
		      "Counted in emulation, the same on every machine. Transfers are cache lines that move between "
		      "cores, by the coherence model.",
		      out);
	content = out->len;
	for (i = 0; i < in->plan->ntables; i++) {
		if (!predicted_table(&p, i))
			continue;
		c.table = &in->plan->table[i];
		for (c.kernel = in->plan->nkernels > 1; c.kernel < in->plan->nkernels; c.kernel++)
			add_table(&c, i, out);	/* a single kernel is told alone */
	}
	section_end(from, content, out);
}
