/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A table of figures in a page: headings in two lines, of which equal neighbours in the upper one are put
 * together; in each cell a figure over what belongs to it (a deviation, a range), points under each
 * other, and a verdict's sign. Pure.
 */
#ifndef HARNESS_REPORT_HTML_SHEET_H
#define HARNESS_REPORT_HTML_SHEET_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/judge/verdict.h"
#include "lib/buf.h"

struct plan_table;

struct sheet_cell {
	struct buf figure, below;
	bool judged;
	enum verdict verdict;		/* where it was */
};

struct sheet_column {
	struct buf head[2];
	bool heads;			/* its cells are headings of rows; such columns come first */
	struct sheet_cell *cell;	/* [nrows] */
	size_t part;			/* by sheet_render(): the widest from the point on, */
	bool judged;			/* and is any of its cells? */
};

struct sheet {
	struct sheet_column *column;
	size_t ncolumns, nrows;
};

/* All texts empty; fill them with buf_*(). The caller releases. */
void sheet_init(struct sheet *s, size_t nrows);
/* The next column, until the next is added. */
struct sheet_column *sheet_add(struct sheet *s);
/* A first column with the rows of a table of the plan, each at every so many rows of the sheet. */
void sheet_rows(struct sheet *s, const struct plan_table *t, size_t every);
/* title is a heading over the table, and what the box that it scrolls in is called. */
void sheet_render(struct sheet *s, const char *title, struct buf *out);
void sheet_release(struct sheet *s);

/* The box in which wide things scroll, so that the page never does: begin, content, html_close(out, "div"). */
void sheet_box(const char *label, struct buf *out);

#endif
