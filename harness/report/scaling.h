/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The model's curves over the number of threads as data for gnuplot: a panel a row
 * of the table, in it a curve for each kernel and column. Pure.
 */
#ifndef HARNESS_REPORT_SCALING_H
#define HARNESS_REPORT_SCALING_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/judge/summary.h"

struct buf;
struct predicted;

#define SCALING_SCRIPT "scaling.gp"
#define SCALING_PANELS 6	/* of a picture, and curves of a panel: the rest is left out */
#define SCALING_CURVES 6

/* Are there curves of a table? */
bool scaling_table(const struct predicted *p, size_t table);

/*
 * The data: panel after panel a data set for each kernel; in it threads, the panel's name,
 * then for each column its value, two NaN, the value once more where the curve has its knee, and
 * two NaN again. Throughput is in the unit of the metric. A panel with a curve from unstable counts says so in its name.
 */
void scaling_data(const struct predicted *p, size_t table, enum metric metric, struct buf *out);

/* "reads from 4k file(s), calibrated model for xeon-8480" */
void scaling_title(const struct predicted *p, size_t table, struct buf *out);

#endif
