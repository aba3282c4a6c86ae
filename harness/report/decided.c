/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/report/decided.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "harness/judge/judged.h"
#include "harness/plan/brief.h"
#include "harness/plan/plan.h"
#include "harness/report/finding_text.h"
#include "harness/report/grid.h"
#include "harness/report/report.h"
#include "lib/alloc.h"
#include "lib/buf.h"

enum { METRIC, OLD, NEW, CHANGE, VERDICT, NCOLUMNS };

static const char *const heads[NCOLUMNS] = { "Metric", "Old", "New", "Change", "Verdict" };

/* A cell's name has what the other columns leave of a line, but not less. */
enum { LINE = 100, LEAST_NAME = 16, BARS = 3, FIRST_BARS = 4 };

struct line {
	struct buf name, text[NCOLUMNS];
};

/* The table of one kernel as it grows. */
struct decided {
	const struct report_input *in;
	size_t kernel;
	size_t width[NCOLUMNS];	/* of the widest text */
	size_t name;		/* characters of a cell's name in one line */
	struct line *line;
	size_t nlines;
};

static bool has(const size_t *cell, size_t n, size_t wanted)
{
	while (n--)
		if (cell[n] == wanted)
			return true;
	return false;
}

size_t decided_cells(const struct judged *j, size_t kernel, size_t cell[DECIDED_CELLS])
{
	const struct finding *f;
	size_t n = 0, rank;

	for (rank = 0; rank < j->ndecided && n < DECIDED_CELLS; rank++) {
		f = &j->finding[j->ranked[rank]];
		if (f->kernel == kernel && !has(cell, n, f->cell))
			cell[n++] = f->cell;
	}
	return n;
}

/* The next line, once `at` has come to the end. */
static struct line *line_at(struct decided *d, size_t at)
{
	if (at == d->nlines) {
		d->line = xrealloc(d->line, ++d->nlines, sizeof(*d->line));
		d->line[at] = (struct line){ 0 };
	}
	return &d->line[at];
}

/* From line `at` on; the line after it. */
static size_t add_finding(struct decided *d, size_t i, size_t at)
{
	const struct judged *j = d->in->judged;
	const struct finding *f = &j->finding[i];
	struct line *line = line_at(d, at);

	finding_metric(j, i, &line->text[METRIC]);
	finding_value(f, f->old, &line->text[OLD]);
	finding_value(f, f->new, &line->text[NEW]);
	finding_change(f, &line->text[CHANGE]);
	buf_fmt(&line->text[VERDICT], "%s%s", verdict_name(f->judgement.verdict), finding_decided(j, i) ? "*" : "");
	if (f->yardstick.exact || isnan(f->effect))
		return at + 1;
	line = line_at(d, at + 1);
	finding_interval(f, &line->text[CHANGE]);
	if (!isnan(f->p))
		buf_fmt(&line->text[VERDICT], "p %.2g", f->p);
	return at + 2;
}

/* Is a finding that decided nothing worth a line beside those that did? */
static bool is_telling(const struct finding *f)
{
	return !f->yardstick.exact || fabs(f->new - f->old) >= 0.005;
}

/* A name that is too long goes on below, broken after a slash. */
static void add_name(struct decided *d, size_t cell, size_t at)
{
	struct buf name = BUF_INIT, *line;
	const char *s, *end;
	size_t len;

	brief_add(d->in->plan, cell, &name);
	line = &line_at(d, at)->name;
	for (s = buf_text(&name); *s; s += len) {
		end = strchrnul(s, '/');
		len = (size_t)(end - s) + (*end == '/');
		if (line->len && line->len + len > d->name)
			line = &line_at(d, ++at)->name;
		buf_add(line, s, len);
	}
	buf_release(&name);
}

/* What decided comes first, in its rank; then the rest of the cell, in the gate's order. */
static void add_cell(struct decided *d, size_t cell)
{
	const struct judged *j = d->in->judged;
	size_t at = d->nlines, rank, i;
	const struct finding *f;

	add_name(d, cell, at);
	for (rank = 0; rank < j->ndecided; rank++) {
		i = j->ranked[rank];
		f = &j->finding[i];
		if (f->kernel == d->kernel && f->cell == cell && !finding_is_half(j, i))
			at = add_finding(d, i, at);
	}
	for (i = 0; i < j->n; i++) {
		f = &j->finding[i];
		if (f->kernel == d->kernel && f->cell == cell && is_telling(f) && !finding_decided(j, i) &&
		    !finding_is_half(j, i))
			at = add_finding(d, i, at);
	}
}

static void release(struct decided *d)
{
	size_t i, c;

	for (i = 0; i < d->nlines; i++) {
		buf_release(&d->line[i].name);
		for (c = 0; c < NCOLUMNS; c++)
			buf_release(&d->line[i].text[c]);
	}
	free(d->line);
	d->line = NULL;
	d->nlines = 0;
}

static void make(struct decided *d, const size_t *cell, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		add_cell(d, cell[i]);
}

/* How wide all columns become, and so what is left for names. */
static void measure(struct decided *d)
{
	size_t used = FIRST_BARS, i, c, length;

	for (c = 0; c < NCOLUMNS; c++) {
		d->width[c] = strlen(heads[c]);
		for (i = 0; i < d->nlines; i++) {
			length = grid_length(buf_text(&d->line[i].text[c]));
			d->width[c] = length > d->width[c] ? length : d->width[c];
		}
		used += d->width[c] + BARS;
	}
	d->name = used + LEAST_NAME < LINE ? LINE - used : LEAST_NAME;
}

/* Figures stand to the right: those of different metrics have no point in common. */
static void add_text(struct grid_column *column, size_t i, const struct buf *text, size_t width)
{
	if (text->len)
		buf_pad(&column->text[i], ' ', width - grid_length(buf_text(text)));
	buf_str(&column->text[i], buf_text(text));
}

static void render(const struct decided *d, struct buf *out)
{
	struct grid_column *column;
	const struct buf *text;
	struct grid g;
	size_t i, c;

	grid_init(&g, d->nlines, 1);
	buf_str(&g.head[0], "Cell");
	for (i = 0; i < d->nlines; i++)
		buf_str(&g.row[i], buf_text(&d->line[i].name));
	for (c = 0; c < NCOLUMNS; c++) {
		column = grid_add(&g, GRID_TEXT);
		buf_str(&column->head[0], heads[c]);
		for (i = 0; i < d->nlines; i++) {
			text = &d->line[i].text[c];
			add_text(column, i, text,
				 c == OLD || c == NEW ? d->width[c] : grid_length(buf_text(text)));
		}
	}
	grid_render(&g, out);
	grid_release(&g);
}

void decided_render(const struct report_input *in, struct buf *out)
{
	const struct plan *plan = in->plan;
	size_t cell[DECIDED_CELLS], n, k;
	bool any = false;

	for (k = 1; k < plan->nkernels; k++) {
		struct decided d = { .in = in, .kernel = k, .name = SIZE_MAX };

		n = decided_cells(in->judged, k, cell);
		if (!n)
			continue;
		make(&d, cell, n);
		measure(&d);
		release(&d);
		make(&d, cell, n);
		buf_fmt(out, "%sWhat decided it: %s (old), %s (new)\n\n", any ? "\n" : "",
			plan->kernel[0].name, plan->kernel[k].name);
		render(&d, out);
		release(&d);
		any = true;
	}
}
