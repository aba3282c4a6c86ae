/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/commands/metric_option.h"

#include "harness/report/table.h"
#include "lib/err.h"

int metric_option(const char *text, int *metric)
{
	*metric = METRIC_OF_TABLE;
	if (!text)
		return 0;
	*metric = metric_parse(text);
	if (*metric < 0)
		return err("--metric '%s' is not one of mib|ops|ns", text);
	return 0;
}

enum metric metric_for_table(int metric, const struct plan *plan, size_t table,
			     const struct figure *figures)
{
	return metric == METRIC_OF_TABLE ? table_metric(plan, table, figures) : (enum metric)metric;
}
