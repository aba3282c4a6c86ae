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
static char *file_of(const struct drawings *d, size_t table, enum metric metric,
		     const char *terminal)
{
	static const char *const what[NMETRICS] = {
		[METRIC_BYTES_PER_S] = "throughput", [METRIC_OPS_PER_S] = "ops", [METRIC_NS_PER_OP] = "ns",
	};

	if (!strcmp(terminal, "dumb"))
		return NULL;
	return xasprintf("%s/%s-by-%s-%zu.%s", d->dir, what[metric], d->plan->table[table].rows,
			 table + 1, terminal);
}

static int draw(const struct drawings *d, size_t table, const char *script, const char *terminal)
{
	enum metric metric = metric_for_table(d->metric, d->plan, table, d->figures);
	struct buf data = BUF_INIT, title = BUF_INIT;
	char *file = file_of(d, table, metric, terminal);
	int ret;

	plot_data(d->plan, table, d->figures, metric, &data);
	table_title(d->plan, table, &title);
	buf_str(&title, d->emulated ? TABLE_EMULATED : "");
	fflush(stdout);		/* gnuplot writes to the same place */
	ret = plot_draw(script, buf_text(&data), buf_text(&title), metric_unit(metric), terminal,
			file);
	if (!ret)
		printf("%s\n", file ? file : "");
	free(file);
	buf_release(&data);
	buf_release(&title);
	return ret;
}

/* What draws a table; NULL after saying why nothing does. */
static const char *script_for(const struct drawings *d, size_t table)
{
	const char *script = plot_script(d->plan, table);

	if (!script)
		info("table %zu: rows of %s are not drawn, only block and threads are", table + 1,
		     d->plan->table[table].rows);
	else if (!is_measured(d, table))
		info("table %zu: nothing was measured, nothing is drawn", table + 1);
	else
		return script;
	return NULL;
}

int drawings_make(const struct drawings *d)
{
	const char *const terminals[] = { d->terminal ? d->terminal : "svg",
					  d->terminal ? NULL : "png" };
	size_t n = d->plan->ntables, i, t;
	const char **script;
	char *dir, *path;
	int ret = 0;

	if (d->emulated && !d->show_emulated_times) {
		info("measured in emulation: times there are no performance, and nothing is drawn "
		     "(--show-emulated-times draws them)");
		return 0;
	}
	dir = plot_scripts_dir();
	if (!dir)
		return -1;
	script = xcalloc(n + 1, sizeof(script[0]));
	for (i = 0; i < n; i++)
		script[i] = script_for(d, i);
	for (t = 0; t < 2 && terminals[t]; t++)
		for (i = 0; i < n && !ret; i++) {
			if (!script[i])
				continue;
			path = xasprintf("%s/%s", dir, script[i]);
			ret = draw(d, i, path, terminals[t]);
			free(path);
		}
	free(script);
	free(dir);
	return ret;
}
