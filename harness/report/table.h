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
	bool percent;		/* a column of difference after each pair: second column against the first */
};

/* One of the plan's tables, title and rules included, newline at the end. */
void table_render(const struct plan *plan, size_t table, const struct figure *figures,
		  const struct table_style *style, struct buf *out);

/* "16 threads, reads from 4k file(s)": the job's title, or one made from what the table's cells share. */
void table_title(const struct plan *plan, size_t table, struct buf *out);

#endif
