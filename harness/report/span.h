/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lines of a table's cells that move, what is alike put together: of a cell lines
 * of one kind, of a column and kernel the rows that follow each other and move the same
 * kinds about as often. Pure.
 */
#ifndef HARNESS_REPORT_SPAN_H
#define HARNESS_REPORT_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct plan_table;
struct predicted;
struct prediction_record;

#define MOVED 0.01	/* transfers per op: less is none */

/* From .. to of what several cells have. */
struct extent {
	double least, most;
};

/* One function's accesses of one sort to lines of a kind. */
struct touch {
	const char *function, *access;
	uint64_t *offset;		/* of its instructions, each once */
	size_t noffsets;
	double per_op;			/* sum */
};

struct kind {
	const char *what;
	size_t len;		/* of what, without which one it is */
	bool several;		/* of what is not the same for all of them */
	struct extent per_op;
	double sum;		/* of per_op, over lines and cells */
	size_t lines;		/* the most in a cell */
	uint32_t threads;	/* likewise, that touched one of them */
	struct touch *touch;	/* that with most first */
	size_t ntouches;
};

/* Rows of one column that move lines of the same kinds, on one kernel. */
struct span {
	size_t kernel, column, first, last;
	struct kind *kind;
	size_t nkinds;
	struct extent rest;	/* transfers of lines that have no record */
	uint64_t more;		/* such lines, the most in a cell */
};

struct spans {
	struct span *span;
	size_t n;
};

/* All of a table's, by kernel, column and row. They borrow from the predictions. The caller releases. */
struct spans spans_make(const struct predicted *p, const struct plan_table *t);
void spans_release(struct spans *all);

/* How many of its kinds are worth a word, the first ones; and are there other lines that are? */
size_t span_kinds(const struct span *s);
bool span_has_rest(const struct span *s);

/* Is nothing known of an instruction's function? It is told from others by its address alone. */
bool touch_is_unnamed(const char *function);

/* The prediction of a kernel at row * ncolumns + column of a table; NULL where there is none. */
const struct prediction_record *span_cell(const struct predicted *p, const struct plan_table *t,
					  size_t kernel, size_t at);

#endif
