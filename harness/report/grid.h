/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Columns between bars: how tables of figures look, whatever is in them.
 * docs/tables.md states the layout. Pure: text into a buffer.
 */
#ifndef HARNESS_REPORT_GRID_H
#define HARNESS_REPORT_GRID_H

#include <stddef.h>

#include "lib/buf.h"

enum { GRID_HEADS = 2 };	/* lines of a heading */

enum grid_align {
	GRID_POINT,	/* all lines of a row on the point */
	GRID_RANGE,	/* the first line on the point, the second to the right */
	GRID_TEXT,	/* to the left, as headings */
};

struct grid_column {
	struct buf head[GRID_HEADS];
	struct buf *text;		/* [row * lines + line] */
	enum grid_align align;
	/* The layout, by grid_render(): */
	size_t whole, part;		/* widest left of the point, and from the point on */
	size_t below;			/* widest second line of a GRID_RANGE */
	size_t left, width;		/* blanks before all text; all, without the bars */
};

struct grid {
	struct buf head[GRID_HEADS];	/* of the first column */
	struct buf *row;		/* its values: numbers stand to the right, words to the left */
	size_t width;			/* by grid_render() */
	struct grid_column *column;
	size_t nrows, lines, ncolumns;
};

/* All texts empty; fill them with buf_*(). The caller releases. */
void grid_init(struct grid *g, size_t nrows, size_t lines);
/* The next column, until the next is added. */
struct grid_column *grid_add(struct grid *g, enum grid_align align);
/* Rules included, newline at the end. */
void grid_render(struct grid *g, struct buf *out);
void grid_release(struct grid *g);

/* Characters, not bytes: kernels and titles may be named in any script. */
size_t grid_length(const char *s);

#endif
