/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/report/moved.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "harness/plan/plan.h"
#include "harness/report/grid.h"
#include "harness/report/predicted.h"
#include "harness/report/span.h"
#include "harness/report/table.h"
#include "lib/buf.h"

#define SHOWN_TOUCHES 5	/* of a kind */
#define SHOWN_OFFSETS 3	/* of a function */
#define WIDTH 100
#define INDENT 8

/* "1.97", "1.87-1.90" */
static void add_extent(struct extent e, struct buf *out)
{
	size_t start = out->len, len;

	buf_fmt(out, "%.2f", e.least);
	len = out->len - start;
	buf_fmt(out, "-%.2f", e.most);
	if (out->len - start == 2 * len + 1 && !memcmp(out->s + start, out->s + start + len + 1, len)) {
		out->len = start + len;
		out->s[out->len] = '\0';
	}
}

/* "block 1 to 4k, same file, baseline: " */
static void add_place(const struct plan *plan, const struct plan_table *t, const struct span *s,
		      struct buf *out)
{
	table_label(t->rows, t->row[s->first], out);
	if (s->last > s->first)
		buf_fmt(out, " to %s", t->row[s->last]);
	buf_str(out, ", ");
	if (t->columns) {
		table_label(t->columns, t->column[s->column], out);
		buf_str(out, ", ");
	}
	buf_fmt(out, "%s: ", plan->kernel[s->kernel].name);
}

/* "15% atomic filemap_get_read_batch+0xd3/+0xe8" */
static void add_share(const struct kind *k, const struct touch *t, struct buf *out)
{
	size_t i;

	buf_fmt(out, "%.0f%% %s ", k->sum > 0 ? 100 * t->per_op / k->sum : 0, t->access);
	if (touch_is_unnamed(t->function)) {
		buf_fmt(out, "0x%" PRIx64, t->offset[0]);
		return;
	}
	buf_str(out, t->function);
	for (i = 0; i < t->noffsets && i < SHOWN_OFFSETS; i++)
		buf_fmt(out, "%s+0x%" PRIx64, i ? "/" : "", t->offset[i]);
	buf_str(out, t->noffsets > SHOWN_OFFSETS ? "/..." : "");
}

/* How many of a kind's touches, sorted, are worth a word. */
static size_t shown_touches(const struct kind *k)
{
	size_t n = 0;

	while (n < k->ntouches && n < SHOWN_TOUCHES && (!n || k->touch[n].per_op >= 0.01 * k->sum))
		n++;
	return n;
}

/* Who moved the lines, as many to a row of text as fit. */
static void add_touches(const struct kind *k, struct buf *out)
{
	size_t i, shown = shown_touches(k), used = WIDTH, len;
	struct buf one = BUF_INIT;

	for (i = 0; i < shown; i++) {
		buf_reset(&one);
		add_share(k, &k->touch[i], &one);
		if (i + 1 == shown && k->ntouches > shown)
			buf_fmt(&one, ", and %zu more", k->ntouches - shown);
		len = grid_length(buf_text(&one));
		if (used + 2 + len > WIDTH) {
			buf_str(out, i ? ",\n" : "");
			buf_pad(out, ' ', INDENT);
			used = INDENT;
		} else {
			buf_str(out, ", ");
			used += 2;
		}
		buf_str(out, buf_text(&one));
		used += len;
	}
	buf_str(out, shown ? "\n" : "");
	buf_release(&one);
}

/* "folio: reference count, 16 lines, 16 threads" */
static void add_what(const struct kind *k, struct buf *out)
{
	buf_add(out, k->what, k->several ? k->len : strlen(k->what));
	if (k->lines > 1)
		buf_fmt(out, ", %zu lines", k->lines);
	buf_fmt(out, ", %" PRIu32 " thread%s", k->threads, k->threads == 1 ? "" : "s");
}

/* A row's first two fields: texts that are as wide in all rows. */
struct margin {
	size_t figure, place;
};

static void add_margin(struct extent e, const char *place, struct margin m, struct buf *out)
{
	struct buf figure = BUF_INIT;

	add_extent(e, &figure);
	buf_pad(out, ' ', 2 + m.figure - figure.len);
	buf_fmt(out, "%s  %s", buf_text(&figure), place);
	buf_pad(out, ' ', m.place - grid_length(place));
	buf_release(&figure);
}

static void add_span(const struct span *s, const char *place, struct margin m, struct buf *out)
{
	size_t i;

	for (i = 0; i < span_kinds(s); i++) {
		add_margin(s->kind[i].per_op, place, m, out);
		add_what(&s->kind[i], out);
		buf_ch(out, '\n');
		add_touches(&s->kind[i], out);
	}
	if (!span_has_rest(s))
		return;
	add_margin(s->rest, place, m, out);
	buf_fmt(out, "%s%" PRIu64 " %sline%s\n", s->first < s->last ? "up to " : "", s->more,
		s->nkinds ? "more " : "", s->more == 1 ? "" : "s");
}

static struct margin margin_of(const struct predicted *p, const struct plan_table *t,
			       const struct spans *all)
{
	struct buf text = BUF_INIT;
	struct margin m = { 0 };
	const struct span *s;
	size_t i, len;

	for (s = all->span; s < all->span + all->n; s++) {
		buf_reset(&text);
		add_place(p->plan, t, s, &text);
		len = grid_length(buf_text(&text));
		m.place = len > m.place ? len : m.place;
		for (i = 0; i < span_kinds(s) + span_has_rest(s); i++) {
			buf_reset(&text);
			add_extent(i < span_kinds(s) ? s->kind[i].per_op : s->rest, &text);
			m.figure = text.len > m.figure ? text.len : m.figure;
		}
	}
	buf_release(&text);
	return m;
}

static void add_spans(const struct predicted *p, size_t table, const struct spans *all,
		      struct buf *out)
{
	const struct plan_table *t = &p->plan->table[table];
	const struct margin margin = margin_of(p, t, all);
	uint32_t threads = predicted_threads(p, table);
	struct buf place = BUF_INIT;
	size_t i;

	buf_fmt(out, "Lines that move most, transfers per op (%s", p->machine);
	if (threads)
		buf_fmt(out, ", %" PRIu32 " thread%s", threads, threads == 1 ? "" : "s");
	buf_str(out, "):\n");
	for (i = 0; i < all->n; i++) {
		buf_reset(&place);
		add_place(p->plan, t, &all->span[i], &place);
		add_span(&all->span[i], buf_text(&place), margin, out);
	}
	buf_release(&place);
}

/* What does not move */

/*
 * How many of a kernel's cells in the column (t->ncolumns: in all) were predicted, and in how many
 * lines move.
 */
static void tally(const struct predicted *p, const struct plan_table *t, size_t kernel,
		  size_t column, size_t n[2])
{
	const struct prediction_record *r;
	size_t i;

	n[0] = n[1] = 0;
	for (i = 0; i < t->nrows * t->ncolumns; i++) {
		r = column == t->ncolumns || i % t->ncolumns == column ? span_cell(p, t, kernel, i)
								       : NULL;
		n[0] += r != NULL;
		n[1] += r && r->transfers >= MOVED;
	}
}

/* The rows of a column without a line that moves: "same file (block 1 to 1k)". */
static void add_still(const struct predicted *p, const struct plan_table *t, size_t kernel,
		      size_t column, struct buf *out)
{
	const struct prediction_record *r;
	size_t row, first = t->nrows, end;
	bool any = false;

	if (t->columns)
		table_label(t->columns, t->column[column], out);
	buf_fmt(out, "%s%s ", t->columns ? " (" : "", t->rows);
	for (row = 0; row <= t->nrows; row++) {
		r = row < t->nrows ? span_cell(p, t, kernel, row * t->ncolumns + column) : NULL;
		if (r && r->transfers < MOVED) {
			first = first < t->nrows ? first : row;
			continue;
		}
		if (first == t->nrows)
			continue;
		end = row - 1;
		buf_fmt(out, "%s%s", any ? ", " : "", t->row[first]);
		if (end > first)
			buf_fmt(out, " to %s", t->row[end]);
		any = true;
		first = t->nrows;
	}
	buf_str(out, t->columns ? ")" : "");
}

/* "patched: no line moves with diff files, nor with same file (block 1 to 1k)" */
static void note_still(const struct predicted *p, const struct plan_table *t, size_t kernel,
		       struct buf *out)
{
	const char *name = p->plan->kernel[kernel].name, *lead = "no line moves with";
	size_t n[2], column;

	tally(p, t, kernel, t->ncolumns, n);
	if (n[0] == n[1])
		return;
	if (!n[1]) {
		buf_fmt(out, "%s: no line moves in any cell\n", name);
		return;
	}
	buf_fmt(out, "%s: ", name);
	for (column = 0; column < t->ncolumns; column++) {
		tally(p, t, kernel, column, n);
		if (n[0] == n[1])
			continue;
		buf_fmt(out, "%s ", lead);
		if (t->columns && !n[1])
			table_label(t->columns, t->column[column], out);
		else
			add_still(p, t, kernel, column, out);
		lead = ", nor with";
	}
	buf_ch(out, '\n');
}

void moved_render(const struct predicted *p, size_t table, struct buf *out)
{
	const struct plan_table *t = &p->plan->table[table];
	struct spans all = spans_make(p, t);
	size_t k;

	if (all.n)
		add_spans(p, table, &all, out);
	for (k = 0; k < p->plan->nkernels; k++)
		note_still(p, t, k, out);
	spans_release(&all);
}
