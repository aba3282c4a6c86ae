/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * --metric, where it may be left out: every table then has its own.
 */
#ifndef HARNESS_COMMANDS_METRIC_OPTION_H
#define HARNESS_COMMANDS_METRIC_OPTION_H

#include "harness/judge/summary.h"
#include "harness/report/tables.h"

#define METRIC_OF_TABLE TABLES_METRIC

/* An enum metric, or METRIC_OF_TABLE, into *metric. text may be NULL. 0, or -1 after reporting. */
int metric_option(const char *text, int *metric);

struct plan;
enum metric metric_for_table(int metric, const struct plan *plan, size_t table,
			     const struct figure *figures);

#endif
