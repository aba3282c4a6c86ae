/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/commands/drawings.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/commands/metric_option.h"
#include "harness/plan/plan.h"
#include "harness/report/plot.h"
#include "harness/report/table.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/err.h"

static bool is_measured(const struct drawings *d, size_t table)
{
	const struct plan_table *t = &d->plan->table[table];
	size_t k, i;

	for (k = 0; k < d->plan->nkernels; k++)
		for (i = 0; i < t->nrows * t->ncolumns; i++)
			if (t->cell[i] >= 0 && d->figures[k * d->plan->ncells + (size_t)t->cell[i]]
						       .metric[METRIC_OPS_PER_S]
						       .n)
				return true;
	return false;
}

/* The caller frees; NULL for a drawing of characters. */
static char *file_of(const struct drawings *d, size_t table, enum metric metric)
{
	static const char *const what[NMETRICS] = {
		[METRIC_BYTES_PER_S] = "throughput", [METRIC_OPS_PER_S] = "ops", [METRIC_NS_PER_OP] = "ns",
	};

	if (!strcmp(d->terminal, "dumb"))
		return NULL;
	return xasprintf("%s/%s-by-%s-%zu.%s", d->dir, what[metric], d->plan->table[table].rows,
			 table + 1, d->terminal);
}

static int draw(const struct drawings *d, size_t table, const char *script)
{
	enum metric metric = metric_for_table(d->metric, d->plan, table, d->figures);
	struct buf data = BUF_INIT, title = BUF_INIT;
	char *file = file_of(d, table, metric);
	int ret;

	plot_data(d->plan, table, d->figures, metric, &data);
	table_title(d->plan, table, &title);
	fflush(stdout);		/* gnuplot writes to the same place */
	ret = plot_draw(script, buf_text(&data), buf_text(&title), metric_unit(metric), d->terminal,
			file);
	if (!ret)
		printf("%s\n", file ? file : "");
	free(file);
	buf_release(&data);
	buf_release(&title);
	return ret;
}

int drawings_make(const struct drawings *d)
{
	char *dir = plot_scripts_dir(), *path;
	const char *script;
	int ret = dir ? 0 : -1;
	size_t i;

	for (i = 0; i < d->plan->ntables && !ret; i++) {
		script = plot_script(d->plan, i);
		if (!script) {
			info("table %zu: rows of %s are not drawn, only block and threads are",
			     i + 1, d->plan->table[i].rows);
		} else if (!is_measured(d, i)) {
			info("table %zu: nothing was measured, nothing is drawn", i + 1);
		} else {
			path = xasprintf("%s/%s", dir, script);
			ret = draw(d, i, path);
			free(path);
		}
	}
	free(dir);
	return ret;
}
