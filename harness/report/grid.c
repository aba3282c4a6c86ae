/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/report/grid.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "lib/alloc.h"

size_t grid_length(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

/* An opening parenthesis belongs to the integer part, a closing one and a mark to what follows it. */
static size_t whole_length(const char *s)
{
	return strcspn(s, ".)*");
}

static size_t larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

static size_t head_length(const struct buf head[GRID_HEADS])
{
	return larger(grid_length(buf_text(&head[0])), grid_length(buf_text(&head[1])));
}

void grid_init(struct grid *g, size_t nrows, size_t lines)
{
	*g = (struct grid){ .nrows = nrows, .lines = lines };
	g->row = xcalloc(nrows + 1, sizeof(*g->row));
}

struct grid_column *grid_add(struct grid *g, enum grid_align align)
{
	struct grid_column *c;

	g->column = xrealloc(g->column, g->ncolumns + 1, sizeof(*c));
	c = &g->column[g->ncolumns++];
	*c = (struct grid_column){ .align = align };
	c->text = xcalloc(g->nrows * g->lines + 1, sizeof(*c->text));
	return c;
}

static void fit_rows(struct grid *g)
{
	size_t i, width = head_length(g->head);

	for (i = 0; i < g->nrows; i++)
		width = larger(width, grid_length(buf_text(&g->row[i])));
	g->width = width + 2;
}

/* What of a text stands left of the point; of a word all does but for what follows it. */
static size_t left_of_point(const struct grid_column *c, const char *text)
{
	return c->align == GRID_TEXT ? 0 : whole_length(text);
}

/* Blanks before a heading; words stand right below it. */
static size_t head_left(const struct grid_column *c)
{
	return c->align == GRID_TEXT ? 1 : 2;
}

/* How wide the widest text is, laid out. */
static size_t inner(const struct grid_column *c)
{
	return larger(c->whole + c->part, c->below);
}

/*
 * A column is as wide as its widest integer part, its widest fraction and a
 * blank on either side; more if a header needs it, numbers then in the middle.
 */
static void fit(const struct grid *g, struct grid_column *c)
{
	size_t i, all, whole, need;

	for (i = 0; i < g->nrows * g->lines; i++) {
		all = grid_length(buf_text(&c->text[i]));
		whole = left_of_point(c, buf_text(&c->text[i]));
		if (c->align == GRID_RANGE && i % g->lines) {
			c->below = larger(c->below, all);
			continue;
		}
		c->whole = larger(c->whole, whole);
		c->part = larger(c->part, all - whole);
	}
	need = inner(c) + 2;
	c->width = larger(need, head_left(c) + head_length(c->head) + 1);
	c->left = c->align == GRID_TEXT ? head_left(c) : 1 + (c->width - need + 1) / 2;
}

/* Blanks before a text. */
static size_t place(const struct grid_column *c, const char *text, size_t line)
{
	if (c->align == GRID_RANGE && line)
		return c->left + inner(c) - grid_length(text);
	return c->left + (inner(c) - c->whole - c->part) / 2 + c->whole - left_of_point(c, text);
}

/* Text with so many blanks before it, filled up to the width, and the bar after it. */
static void add_text(struct buf *out, const char *s, size_t left, size_t width)
{
	buf_pad(out, ' ', left);
	buf_str(out, s);
	buf_pad(out, ' ', width - left - grid_length(s));
	buf_ch(out, '|');
}

static void add_rule(const struct grid *g, struct buf *out)
{
	size_t width = 2 + g->width, c;		/* with the outer bars */

	for (c = 0; c < g->ncolumns; c++)
		width += g->column[c].width + 1;
	buf_ch(out, ' ');
	buf_pad(out, '-', width - 2);
	buf_ch(out, '\n');
}

static void add_header(const struct grid *g, struct buf *out)
{
	size_t line, c, used;

	for (line = 0; line < GRID_HEADS; line++) {
		used = g->head[line].len;
		for (c = 0; c < g->ncolumns; c++)
			used += g->column[c].head[line].len;
		if (!used)
			continue;
		buf_ch(out, '|');
		add_text(out, buf_text(&g->head[line]), 1, g->width);
		for (c = 0; c < g->ncolumns; c++)
			add_text(out, buf_text(&g->column[c].head[line]), head_left(&g->column[c]),
				 g->column[c].width);
		buf_ch(out, '\n');
	}
}

static void add_row(const struct grid *g, size_t row, struct buf *out)
{
	const char *text, *name = buf_text(&g->row[row]);
	size_t line, i;

	for (line = 0; line < g->lines; line++) {
		buf_ch(out, '|');
		/* Numbers stand to the right, words to the left. */
		if (line)
			add_text(out, "", 0, g->width);
		else
			add_text(out, name,
				 isdigit((unsigned char)*name) ? g->width - 1 - grid_length(name) : 1,
				 g->width);
		for (i = 0; i < g->ncolumns; i++) {
			text = buf_text(&g->column[i].text[row * g->lines + line]);
			add_text(out, text, place(&g->column[i], text, line), g->column[i].width);
		}
		buf_ch(out, '\n');
	}
}

void grid_render(struct grid *g, struct buf *out)
{
	size_t i;

	fit_rows(g);
	for (i = 0; i < g->ncolumns; i++)
		fit(g, &g->column[i]);
	add_rule(g, out);
	add_header(g, out);
	add_rule(g, out);
	for (i = 0; i < g->nrows; i++)
		add_row(g, i, out);
	add_rule(g, out);
}

void grid_release(struct grid *g)
{
	size_t c, i;

	for (c = 0; c < g->ncolumns; c++) {
		for (i = 0; i < g->nrows * g->lines; i++)
			buf_release(&g->column[c].text[i]);
		for (i = 0; i < GRID_HEADS; i++)
			buf_release(&g->column[c].head[i]);
		free(g->column[c].text);
	}
	for (i = 0; i < g->nrows; i++)
		buf_release(&g->row[i]);
	for (i = 0; i < GRID_HEADS; i++)
		buf_release(&g->head[i]);
	free(g->column);
	free(g->row);
	*g = (struct grid){ 0 };
}
