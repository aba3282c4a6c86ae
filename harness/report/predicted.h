/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the coherence model says of a run's cells on one machine, as the same table
 * that measured figures have. Throughput is a calibrated model's, and always comes with
 * its range. Pure.
 */
#ifndef HARNESS_REPORT_PREDICTED_H
#define HARNESS_REPORT_PREDICTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/judge/summary.h"
#include "harness/store/samples.h"

struct buf;
struct plan;
struct table_style;

/* What was counted, and predicted for one machine. */
struct predicted {
	const struct plan *plan;
	const struct samples *samples;
	const char *machine;		/* NULL: counts only */
};

/* One cell of the plan on one kernel; NULL where there is none. */
const struct count_record *predicted_count(const struct predicted *p, size_t kernel, size_t cell);
const struct prediction_record *predicted_cell(const struct predicted *p, size_t kernel,
					       size_t cell);

/* In base units. Rates are those of all threads. */
struct predicted_range {
	double value, low, high;
};

/* 0, or -1 where there is no prediction, or bytes are asked for and nobody counted them. */
int predicted_range(const struct predicted *p, size_t kernel, size_t cell, enum metric m,
		    struct predicted_range *out);

/* Was any of a table's cells counted, on any kernel? */
bool predicted_table(const struct predicted *p, size_t table);
/* MiB/s, but ops/s for a table whose counted ops moved no bytes. */
enum metric predicted_metric(const struct predicted *p, size_t table);
/* How many threads all of its predictions are for, or 0 where that differs. */
uint32_t predicted_threads(const struct predicted *p, size_t table);

/* The table, its title, and a line on what it is; nothing where nothing was predicted for the machine. */
void predicted_render(const struct predicted *p, size_t table, const struct table_style *style,
		      struct buf *out);

/* What "*" stands for, a line; nothing where no count of the table is unstable. */
void predicted_unstable(const struct predicted *p, size_t table, struct buf *out);

#endif
