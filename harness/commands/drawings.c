/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/commands/drawings.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/commands/metric_option.h"
#include "harness/plan/plan.h"
#include "harness/report/plot.h"
#include "harness/report/predicted.h"
#include "harness/report/scaling.h"
#include "harness/report/table.h"
#include "harness/store/samples.h"
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

/* One picture: what a table has of it. */
struct picture {
	const struct drawings *drawings;
	size_t table;
	const char *script;	/* in plots/; NULL: there is nothing to draw */
	bool scaling;		/* the model's curves; else what was measured */
};

static struct predicted predicted_of(const struct drawings *d)
{
	return (struct predicted){ .plan = d->plan, .samples = d->samples, .machine = d->machine };
}

/* A machine's name as part of a file's. The caller frees. */
static char *plain_name(const char *name)
{
	char *plain = xstrdup(name), *c;

	for (c = plain; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("-_.", *c))
			*c = '-';
	return plain;
}

/* The caller frees; NULL for a drawing of characters. */
static char *file_of(const struct picture *p, enum metric metric, const char *terminal)
{
	static const char *const what[NMETRICS] = {
		[METRIC_BYTES_PER_S] = "throughput", [METRIC_OPS_PER_S] = "ops", [METRIC_NS_PER_OP] = "ns",
	};
	const struct drawings *d = p->drawings;
	char *machine, *file;

	if (!strcmp(terminal, "dumb"))
		return NULL;
	if (!p->scaling)
		return xasprintf("%s/%s-by-%s-%zu.%s", d->dir, what[metric],
				 d->plan->table[p->table].rows, p->table + 1, terminal);
	machine = plain_name(d->machine);
	file = xasprintf("%s/scaling-%s-%zu.%s", d->dir, machine, p->table + 1, terminal);
	free(machine);
	return file;
}

/* Fills data and title; what is on the vertical axis. */
static enum metric prepare(const struct picture *p, struct buf *data, struct buf *title)
{
	const struct drawings *d = p->drawings;
	const struct predicted predicted = predicted_of(d);
	enum metric metric;

	if (p->scaling) {
		metric = d->metric == METRIC_OF_TABLE ? predicted_metric(&predicted, p->table)
						      : (enum metric)d->metric;
		scaling_data(&predicted, p->table, metric, data);
		scaling_title(&predicted, p->table, title);
		return metric;
	}
	metric = metric_for_table(d->metric, d->plan, p->table, d->figures);
	plot_data(d->plan, p->table, d->figures, metric, data);
	table_title(d->plan, p->table, title);
	buf_str(title, d->emulated ? TABLE_EMULATED : "");
	return metric;
}

static int draw(const struct picture *p, const char *dir, const char *terminal)
{
	const struct drawings *d = p->drawings;
	struct buf data = BUF_INIT, title = BUF_INIT;
	enum metric metric = prepare(p, &data, &title);
	char *file = file_of(p, metric, terminal), *script = xasprintf("%s/%s", dir, p->script);
	int ret;

	fflush(stdout);		/* gnuplot writes to the same place */
	ret = plot_draw(script, buf_text(&data), buf_text(&title), metric_unit(metric), terminal,
			file);
	if (!ret && d->paths)
		buf_fmt(d->paths, "%s\n", file ? file : "");
	else if (!ret)
		printf("%s\n", file ? file : "");
	free(script);
	free(file);
	buf_release(&data);
	buf_release(&title);
	return ret;
}

/* What draws a table's figures; NULL, after saying why, where nothing does. */
static const char *script_for(const struct drawings *d, size_t table)
{
	const char *script = plot_script(d->plan, table);
	const struct predicted predicted = predicted_of(d);

	if (!is_measured(d, table) && predicted_table(&predicted, table))
		return NULL;	/* it was not to be measured */
	if (!script)
		info("table %zu: rows of %s are not drawn, only block and threads are", table + 1,
		     d->plan->table[table].rows);
	else if (!is_measured(d, table))
		info("table %zu: nothing was measured, nothing is drawn", table + 1);
	else
		return script;
	return NULL;
}

/* Two a table. The caller frees. */
static struct picture *pictures_of(const struct drawings *d)
{
	const struct predicted predicted = predicted_of(d);
	struct picture *all = xcalloc(2 * d->plan->ntables + 1, sizeof(all[0])), *p = all;
	bool withheld = d->emulated && !d->show_emulated_times;
	size_t i;

	if (withheld && (d->samples->n || !d->samples->ncounts))
		info("measured in emulation: times there are no performance, and nothing is drawn "
		     "(--show-emulated-times draws them)");
	for (i = 0; i < d->plan->ntables; i++) {
		*p++ = (struct picture){ d, i, withheld ? NULL : script_for(d, i), false };
		*p++ = (struct picture){ d, i, scaling_table(&predicted, i) ? SCALING_SCRIPT : NULL,
					 true };
	}
	return all;
}

int drawings_make(const struct drawings *d)
{
	const char *const terminals[] = { d->terminal ? d->terminal : "svg",
					  d->terminal ? NULL : "png" };
	struct picture *picture = pictures_of(d);
	size_t i, t, n = 0;
	char *dir = NULL;
	int ret = 0;

	for (i = 0; i < 2 * d->plan->ntables; i++)
		if (picture[i].script)
			picture[n++] = picture[i];
	if (n) {
		dir = plot_scripts_dir();
		ret = dir ? 0 : -1;
	}
	for (t = 0; t < 2 && terminals[t]; t++)
		for (i = 0; i < n && !ret; i++)
			ret = draw(&picture[i], dir, terminals[t]);
	free(picture);
	free(dir);
	return ret;
}
