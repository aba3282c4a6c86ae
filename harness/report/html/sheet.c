/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/report/html/sheet.h"

#include <stdlib.h>
#include <string.h>

#include "harness/report/grid.h"
#include "harness/report/html/html.h"
#include "harness/report/html/mark.h"
#include "harness/report/table.h"
#include "lib/alloc.h"

void sheet_init(struct sheet *s, size_t nrows)
{
	*s = (struct sheet){ .nrows = nrows };
}

struct sheet_column *sheet_add(struct sheet *s)
{
	struct sheet_column *c;

	s->column = xrealloc(s->column, s->ncolumns + 1, sizeof(s->column[0]));
	c = &s->column[s->ncolumns++];
	*c = (struct sheet_column){ .cell = xcalloc(s->nrows + 1, sizeof(c->cell[0])) };
	return c;
}

void sheet_release(struct sheet *s)
{
	struct sheet_column *c;
	size_t i;

	for (c = s->column; c < s->column + s->ncolumns; c++) {
		for (i = 0; i < s->nrows; i++) {
			buf_release(&c->cell[i].figure);
			buf_release(&c->cell[i].below);
		}
		free(c->cell);
		buf_release(&c->head[0]);
		buf_release(&c->head[1]);
	}
	free(s->column);
	*s = (struct sheet){ 0 };
}

/* Said in each of these rows: each stands alone, for readers that go cell by cell. */
void sheet_rows(struct sheet *s, const struct plan_table *t, size_t every)
{
	struct sheet_column *c = sheet_add(s);
	struct grid g;
	size_t i;

	c->heads = true;
	grid_init(&g, s->nrows, 1);
	table_rows(t, every, &g);
	for (i = 0; i < GRID_HEADS; i++)
		buf_str(&c->head[i], buf_text(&g.head[i]));
	for (i = 0; i < s->nrows; i++)
		buf_str(&c->cell[i].figure, buf_text(&g.row[i - i % every]));
	grid_release(&g);
}

void sheet_box(const char *label, struct buf *out)
{
	html_open(out, "div", "class", "box", "tabindex", "0", "role", "region", "aria-label", label, NULL);
}

/* From the point on, or from a mark, or from the parenthesis that closes a deviation. */
static size_t part_length(const char *text)
{
	return grid_length(text + strcspn(text, text[0] == '(' ? ".)" : ".%*"));
}

/* Ranges have two points, and stand to the right. */
static bool has_point(const char *text)
{
	return text[0] != '(' || !strchr(text, '-') || !strcmp(text, "(-)");
}

static void measure(struct sheet_column *c, size_t nrows)
{
	const struct buf *text;
	size_t i, line, part;

	c->part = 0;
	c->judged = false;
	for (i = 0; i < nrows; i++) {
		c->judged |= c->cell[i].judged;
		for (line = 0; line < 2; line++) {
			text = line ? &c->cell[i].below : &c->cell[i].figure;
			part = text->len && has_point(text->s) ? part_length(text->s) : 0;
			c->part = part > c->part ? part : c->part;
		}
	}
}

/* Blanks behind it bring its point under the others'. */
static void add_figure(const struct sheet_column *c, const struct buf *text, struct buf *out)
{
	html_text(out, buf_text(text));
	if (text->len && has_point(text->s))
		buf_pad(out, ' ', c->part - part_length(text->s));
}

static void add_cell(const struct sheet_column *c, const struct sheet_cell *cell, struct buf *out)
{
	if (c->heads) {
		html_element(out, "th", buf_text(&cell->figure), "scope", "row", NULL);
		return;
	}
	html_open(out, "td", "class", cell->judged ? verdict_name(cell->verdict) : NULL, NULL);
	add_figure(c, &cell->figure, out);
	if (cell->judged)
		html_mark_short(out, cell->verdict);
	else if (c->judged)
		buf_str(out, "<span class=\"mark\"></span>");
	if (cell->below.len) {
		buf_str(out, "\n<small>");
		add_figure(c, &cell->below, out);
		buf_str(out, "</small>");
	}
	html_close(out, "td");
}

static bool same_head(const struct sheet *s, size_t a, size_t b)
{
	return !s->column[a].heads && !s->column[b].heads &&
	       !strcmp(buf_text(&s->column[a].head[0]), buf_text(&s->column[b].head[0]));
}

static bool has_second_line(const struct sheet *s)
{
	size_t i;

	for (i = 0; i < s->ncolumns; i++)
		if (s->column[i].head[1].len && !s->column[i].heads)
			return true;
	return false;
}

/* n columns under one heading; it goes through both lines where there is nothing to put into the second. */
static void add_head(const struct sheet_column *c, size_t n, bool through, struct buf *out)
{
	char *span = n > 1 ? xasprintf("%zu", n) : NULL;

	html_open(out, "th", "scope", span ? "colgroup" : "col", "colspan", span, "rowspan", through ? "2" : NULL,
		  NULL);
	html_text(out, buf_text(&c->head[0]));
	if (c->heads && c->head[1].len)
		html_fmt(out, " %s", buf_text(&c->head[1]));
	html_close(out, "th");
	free(span);
}

static void add_heads(const struct sheet *s, struct buf *out)
{
	bool two = has_second_line(s), through;
	struct buf second = BUF_INIT;
	size_t i, n, k;

	buf_str(out, "<thead><tr>");
	for (i = 0; i < s->ncolumns; i += n) {
		for (n = 1; i + n < s->ncolumns && same_head(s, i, i + n); n++)
			;
		through = two && n == 1 && (s->column[i].heads || !s->column[i].head[1].len);
		add_head(&s->column[i], n, through, out);
		for (k = i; k < i + n && two && !through; k++)
			html_element(&second, "th", buf_text(&s->column[k].head[1]), "scope", "col", NULL);
	}
	buf_str(out, "</tr>");
	if (two)
		buf_fmt(out, "\n<tr>%s</tr>", buf_text(&second));
	buf_str(out, "</thead>\n");
	buf_release(&second);
}

void sheet_render(struct sheet *s, const char *title, struct buf *out)
{
	size_t i, row;

	for (i = 0; i < s->ncolumns; i++)
		measure(&s->column[i], s->nrows);
	html_element(out, "h3", title, NULL);
	buf_ch(out, '\n');
	sheet_box(title, out);
	buf_str(out, "<table class=\"figures\">\n");
	add_heads(s, out);
	buf_str(out, "<tbody>\n");
	for (row = 0; row < s->nrows; row++) {
		buf_str(out, "<tr>");
		for (i = 0; i < s->ncolumns; i++)
			add_cell(&s->column[i], &s->column[i].cell[row], out);
		buf_str(out, "</tr>\n");
	}
	buf_str(out, "</tbody></table></div>\n");
}
