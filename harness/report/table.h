/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table as page-cache patches print it: block sizes down, same file and
 * different files across, a pair of columns a kernel, the mean over its standard
 * deviation in parentheses, numbers aligned on the point. Pure: text into a buffer.
 */
#ifndef HARNESS_REPORT_TABLE_H
#define HARNESS_REPORT_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/judge/summary.h"
#include "harness/report/grid.h"

struct buf;
struct plan;
struct plan_table;

struct table_style {
	enum metric metric;
	bool percent;		/* columns of differences at the right end, see table_render() */
	bool emulated_times;	/* figures are of emulation and shown nevertheless: the title says so */
};

/*
 * One of the plan's tables, title and rules included, newline at the end. What
 * was not measured is "-", what is withheld "emulated". With percent: with one kernel a column of difference
 * for every column after the first, against the first; with more, for every later
 * kernel and column, against the first kernel; none where figures are withheld. docs/tables.md states the layout.
 */
void table_render(const struct plan *plan, size_t table, const struct figure *figures,
		  const struct table_style *style, struct buf *out);

/* What stands in a cell of the table, filled by a table_source. */
struct table_entry {
	struct buf *figure, *below;	/* its two lines; a figure left empty becomes "-" */
	double value;			/* for columns of differences; NAN, as it is set, where there is none */
};

/* What such a table shows if not means of samples. */
struct table_source {
	void (*entry)(const void *data, size_t kernel, size_t cell, struct table_entry *entry);
	const void *data;
	enum grid_align align;
	bool percent;		/* columns of differences, as in table_render() */
};

/* The table without its title. */
void table_grid(const struct plan *plan, size_t table, const struct table_source *source,
		struct buf *out);
/* The heading and the values of a table's rows, each at every so many rows of the grid. */
void table_rows(const struct plan_table *t, size_t every, struct grid *g);

/* "16 threads, reads from 4k file(s)": the job's title, or one made from what the table's cells share. */
void table_title(const struct plan *plan, size_t table, struct buf *out);

/* A value of an axis as columns are headed: "same file", "16 threads", "block 4k", "cold". */
void table_label(const char *axis, const char *value, struct buf *out);
/* A kernel's name as columns are headed: its first letter in upper case. */
void table_kernel(const char *name, struct buf *out);

/* What follows a title over emulated times. */
#define TABLE_EMULATED " (emulated times, no performance)"

/* MiB/s, but ops/s for a table that was measured and moved no bytes at all. */
enum metric table_metric(const struct plan *plan, size_t table, const struct figure *figures);

#endif
