/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All of a run's tables, measured, predicted and counted, and the notes under the
 * last of them: what `compare` prints and the text report holds. Pure.
 */
#ifndef HARNESS_REPORT_TABLES_H
#define HARNESS_REPORT_TABLES_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct report_input;

struct tables_style {
	int metric;		/* an enum metric, or TABLES_METRIC: every table has its own */
	bool percent;
	size_t width;		/* sentences and titles are broken at it; 0: TABLES_WIDTH */
};
#define TABLES_WIDTH 100
#define TABLES_METRIC (-1)

void tables_render(const struct report_input *in, const struct tables_style *style,
		   struct buf *out);

#endif
