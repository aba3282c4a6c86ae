/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/report/html/moved.h"

#include <inttypes.h>
#include <string.h>

#include "harness/plan/plan.h"
#include "harness/report/html/html.h"
#include "harness/report/html/section.h"
#include "harness/report/html/sheet.h"
#include "harness/report/predicted.h"
#include "harness/report/report.h"
#include "harness/report/span.h"
#include "harness/report/table.h"
#include "lib/buf.h"

#define TOUCHES 5	/* of a kind */

/* "block 1 to 4k, same file" */
static void add_place(const struct plan_table *t, const struct span *s, struct buf *out)
{
	struct buf place = BUF_INIT;

	table_label(t->rows, t->row[s->first], &place);
	if (s->last > s->first)
		buf_fmt(&place, " to %s", t->row[s->last]);
	if (t->columns) {
		buf_str(&place, ", ");
		table_label(t->columns, t->column[s->column], &place);
	}
	html_element(out, "th", buf_text(&place), "scope", "row", NULL);
	buf_release(&place);
}

/* "1.97", "1.87 to 1.90" */
static void add_extent(struct extent e, struct buf *out)
{
	html_open(out, "td", "class", "number", NULL);
	buf_fmt(out, "%.2f", e.least);
	if (e.most - e.least >= 0.005)
		buf_fmt(out, " to %.2f", e.most);
	html_close(out, "td");
}

/* "folio: reference count, 16 lines, 16 threads" */
static void add_what(const struct kind *k, struct buf *out)
{
	buf_str(out, "<td>");
	html_fmt(out, "%.*s", k->several ? (int)k->len : (int)strlen(k->what), k->what);
	buf_str(out, "<small>");
	if (k->lines > 1)
		buf_fmt(out, "%zu lines, ", k->lines);
	buf_fmt(out, "%" PRIu32 " thread%s</small></td>", k->threads, k->threads == 1 ? "" : "s");
}

/* "49% atomic filemap_get_read_batch+0xe6" */
static void add_touch(const struct kind *k, const struct touch *t, struct buf *out)
{
	struct buf where = BUF_INIT;

	if (touch_is_unnamed(t->function))
		buf_fmt(&where, "0x%" PRIx64, t->offset[0]);
	else
		buf_fmt(&where, "%s+0x%" PRIx64 "%s", t->function, t->offset[0], t->noffsets > 1 ? ", ..." : "");
	buf_fmt(out, "<li>%.0f%% ", k->sum > 0 ? 100 * t->per_op / k->sum : 0);
	html_fmt(out, "%s ", t->access);
	html_element(out, "code", buf_text(&where), NULL);
	buf_str(out, "</li>");
	buf_release(&where);
}

static void add_touches(const struct kind *k, struct buf *out)
{
	size_t i;

	buf_str(out, "<td><ul class=\"plain\">");
	for (i = 0; i < k->ntouches && i < TOUCHES && (!i || k->touch[i].per_op >= 0.01 * k->sum); i++)
		add_touch(k, &k->touch[i], out);
	if (i < k->ntouches)
		buf_fmt(out, "<li>and %zu more</li>", k->ntouches - i);
	buf_str(out, "</ul></td>");
}

static void begin_row(const struct predicted *p, const struct plan_table *t, const struct span *s, struct buf *out)
{
	buf_str(out, "<tr>");
	add_place(t, s, out);
	html_element(out, "td", p->plan->kernel[s->kernel].name, NULL);
}

static void add_span(const struct predicted *p, const struct plan_table *t, const struct span *s, struct buf *out)
{
	size_t i;

	for (i = 0; i < span_kinds(s); i++) {
		begin_row(p, t, s, out);
		add_extent(s->kind[i].per_op, out);
		add_what(&s->kind[i], out);
		add_touches(&s->kind[i], out);
		buf_str(out, "</tr>\n");
	}
	if (!span_has_rest(s))
		return;
	begin_row(p, t, s, out);
	add_extent(s->rest, out);
	buf_fmt(out, "<td>%s%" PRIu64 " other line%s</td><td></td></tr>\n", s->first < s->last ? "up to " : "", s->more,
		s->more == 1 ? "" : "s");
}

static void add_table(const struct predicted *p, size_t table, struct buf *out)
{
	const struct plan_table *t = &p->plan->table[table];
	struct spans all = spans_make(p, t);
	struct buf title = BUF_INIT;
	size_t i;

	if (all.n) {
		table_title(p->plan, table, &title);
		html_element(out, "h3", buf_text(&title), NULL);
		sheet_box(buf_text(&title), out);
		buf_str(out, "<table class=\"moved\"><thead><tr><th scope=\"col\">cells</th><th scope=\"col\">kernel</th>"
			     "<th scope=\"col\" class=\"number\">transfers per op</th><th scope=\"col\">line</th>"
			     "<th scope=\"col\">fetched by</th></tr></thead>\n<tbody>\n");
		for (i = 0; i < all.n; i++)
			add_span(p, t, &all.span[i], out);
		buf_str(out, "</tbody></table></div>\n");
	}
	buf_release(&title);
	spans_release(&all);
}

void html_moved(const struct report_input *in, struct buf *out)
{
	const struct predicted p = {
		.plan = in->plan, .samples = in->samples,
		.machine = in->machine ? in->machine : samples_machine(in->samples, 0),
	};
	size_t from = out->len, content, i;
	struct buf about = BUF_INIT;

	buf_fmt(&about,
		"The cache lines that travel from core to core most, by the model of %s. Cells that are not here move none.",
		p.machine ? p.machine : "no machine");
	section_begin("moved", "What moves", buf_text(&about), out);
	content = out->len;
	for (i = 0; p.machine && i < in->plan->ntables; i++)
		add_table(&p, i, out);
	section_end(from, content, out);
	buf_release(&about);
}
