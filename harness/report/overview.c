/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/report/overview.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "harness/judge/judged.h"
#include "harness/plan/brief.h"
#include "harness/plan/plan.h"
#include "harness/report/decided.h"
#include "harness/report/finding_text.h"
#include "harness/report/grid.h"
#include "harness/report/prose.h"
#include "harness/report/report.h"
#include "lib/alloc.h"
#include "lib/buf.h"

enum { FIRST_BARS = 4, BARS = 4 };	/* beside a column: blanks and bars */

/* Findings of one kernel by cell: in each run they are by the gate's metrics, in its order. */
struct overview {
	const struct report_input *in;
	size_t *run, nruns;	/* where those of a cell begin */
	size_t nmetrics;
	size_t name;		/* characters of the longest cell's name */
};

static bool is_shown(const size_t *cell, size_t n, size_t wanted)
{
	while (n--)
		if (cell[n] == wanted)
			return true;
	return false;
}

static void add_run(struct overview *o, size_t i, size_t n)
{
	struct buf name = BUF_INIT;

	o->run = xrealloc(o->run, o->nruns + 1, sizeof(o->run[0]));
	o->run[o->nruns++] = i;
	o->nmetrics = o->nruns == 1 ? n : n < o->nmetrics ? n : o->nmetrics;
	brief_add(o->in->plan, o->in->judged->finding[i].cell, &name);
	if (grid_length(buf_text(&name)) > o->name)
		o->name = grid_length(buf_text(&name));
	buf_release(&name);
}

static void collect(struct overview *o, size_t kernel)
{
	size_t shown[DECIDED_CELLS], n = decided_cells(o->in->judged, kernel, shown), i, step;
	const struct judged *j = o->in->judged;

	for (i = 0; i < j->n; i += step) {
		step = finding_run(j, i);
		if (j->finding[i].kernel == kernel && !is_shown(shown, n, j->finding[i].cell))
			add_run(o, i, step);
	}
}

static const struct finding *finding_at(const struct overview *o, size_t row, size_t metric)
{
	return &o->in->judged->finding[o->run[row] + metric];
}

static void add_entry(const struct overview *o, size_t row, size_t metric, struct buf *out)
{
	const struct finding *f = finding_at(o, row, metric);
	bool known = !isnan(f->new - f->old);

	if (!known)
		buf_ch(out, '-');
	else if (f->yardstick.exact && fabs(f->new - f->old) < 0.005)
		buf_ch(out, '=');
	else
		finding_change(f, out);
	if (known && !f->yardstick.exact)
		buf_fmt(out, " %s", verdict_name(f->judgement.verdict));
	else if (known && f->judgement.verdict == VERDICT_INCONCLUSIVE)
		buf_ch(out, '?');
	if (finding_decided(o->in->judged, o->run[row] + metric))
		buf_ch(out, '*');
}

/* Are these findings pairs in all rows, or the other half of one? */
static bool all_rows(const struct overview *o, size_t metric, bool (*is)(const struct judged *j, size_t i))
{
	size_t row;

	for (row = 0; row < o->nruns; row++)
		if (!is(o->in->judged, o->run[row] + metric))
			return false;
	return true;
}

static bool gates(const struct overview *o, size_t metric)
{
	size_t row;

	for (row = 0; row < o->nruns; row++)
		if (finding_at(o, row, metric)->gating)
			return true;
	return false;
}

static void add_head(const struct overview *o, size_t metric, struct buf head[GRID_HEADS])
{
	buf_str(&head[0], all_rows(o, metric, finding_is_pair) ? "STAC/CLAC"
							       : finding_label(finding_at(o, 0, metric)->yardstick));
	if (!gates(o, metric))
		buf_str(&head[1], "(no gate)");
}

static void add_column(const struct overview *o, size_t metric, struct grid *g)
{
	bool exact = finding_at(o, 0, metric)->yardstick.exact;
	struct grid_column *c = grid_add(g, exact ? GRID_TEXT : GRID_POINT);
	size_t row;

	add_head(o, metric, c->head);
	for (row = 0; row < o->nruns; row++)
		add_entry(o, row, metric, &c->text[row]);
}

/* How wide that column is going to be, or a little less. */
static size_t column_width(const struct overview *o, size_t metric)
{
	struct buf head[GRID_HEADS] = { BUF_INIT, BUF_INIT }, text = BUF_INIT;
	size_t width, row;

	add_head(o, metric, head);
	width = grid_length(buf_text(&head[0]));
	for (row = 0; row < o->nruns; row++) {
		buf_reset(&text);
		add_entry(o, row, metric, &text);
		if (grid_length(buf_text(&text)) > width)
			width = grid_length(buf_text(&text));
	}
	buf_release(&head[0]);
	buf_release(&head[1]);
	buf_release(&text);
	return width + BARS;
}

/* As many columns as a line has room for, from one on; the next that is left. */
static size_t add_columns(const struct overview *o, size_t metric, struct grid *g)
{
	size_t width = o->name + FIRST_BARS;

	for (; metric < o->nmetrics; metric++) {
		if (all_rows(o, metric, finding_is_half))
			continue;
		width += column_width(o, metric);
		if (g->ncolumns && width > PROSE_TERMINAL)
			break;
		add_column(o, metric, g);
	}
	return metric;
}

static void add_tables(const struct overview *o, struct buf *out)
{
	size_t metric = 0, row;
	bool first = true;
	struct grid g;

	for (; metric < o->nmetrics; first = false) {
		buf_str(out, first ? "" : "\n");
		grid_init(&g, o->nruns, 1);
		buf_str(&g.head[0], "Cell");
		for (row = 0; row < o->nruns; row++)
			brief_add(o->in->plan, finding_at(o, row, 0)->cell, &g.row[row]);
		metric = add_columns(o, metric, &g);
		if (g.ncolumns)
			grid_render(&g, out);
		grid_release(&g);
	}
}

void overview_render(const struct report_input *in, struct buf *out)
{
	size_t shown[DECIDED_CELLS], k;
	bool any = false;

	for (k = 1; k < in->plan->nkernels; k++) {
		struct overview o = { .in = in };

		collect(&o, k);
		if (o.nruns) {
			buf_fmt(out, "%s%s, %s against %s\n\n", any ? "\n" : "",
				decided_cells(in->judged, k, shown) ? "The other cells" : "All cells",
				in->plan->kernel[k].name, in->plan->kernel[0].name);
			add_tables(&o, out);
			any = true;
		}
		free(o.run);
	}
}
