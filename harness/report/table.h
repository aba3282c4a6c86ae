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

struct buf;
struct plan;

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
