/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/report/tables.h"

#include <ctype.h>
#include <string.h>

#include "harness/report/exact.h"
#include "harness/report/moved.h"
#include "harness/report/notes.h"
#include "harness/report/predicted.h"
#include "harness/report/prose.h"
#include "harness/report/report.h"
#include "harness/report/table.h"
#include "lib/buf.h"

/* Are there times to show of a table, which were measured and are no emulator's? */
static bool has_times(const struct report_input *in, size_t table)
{
	const struct plan *plan = in->plan;
	const struct plan_table *t = &plan->table[table];
	const struct figure *f;
	size_t k, i;

	for (k = 0; k < plan->nkernels; k++)
		for (i = 0; i < t->nrows * t->ncolumns; i++) {
			if (t->cell[i] < 0)
				continue;
			f = &in->figures[k * plan->ncells + (size_t)t->cell[i]];
			if (f->windows && !f->withheld)
				return true;
		}
	return false;
}

/* A part of the output, a blank line before it unless it is the first. */
static void add_part(struct buf *part, struct buf *out)
{
	if (part->len)
		buf_fmt(out, "%s%s", out->len ? "\n" : "", buf_text(part));
	buf_reset(part);
}

/* A sentence, that is: tables and lists have bars or more than one blank somewhere. */
static bool is_prose(const char *line)
{
	return isalnum((unsigned char)*line) && !strstr(line, "  ") && !strchr(line, '|');
}

static void add_broken(struct buf *text, size_t width, struct buf *out)
{
	const struct prose prose = { .width = width };
	char *at = text->s, *line;

	while (at && (line = strsep(&at, "\n")) && (at || *line))
		if (is_prose(line))
			prose_add(&prose, line, out);
		else
			buf_fmt(out, "%s\n", line);
}

static void add_measured(const struct report_input *in, size_t table,
			 const struct tables_style *style, struct buf *out)
{
	const struct table_style measured = {
		.metric = style->metric == TABLES_METRIC ? table_metric(in->plan, table, in->figures)
							 : (enum metric)style->metric,
		.percent = style->percent,
		.emulated_times = in->emulated && in->show_emulated_times,
	};

	table_render(in->plan, table, in->figures, &measured, out);
}

static void add_predicted(const struct report_input *in, size_t table,
			  const struct tables_style *style, struct buf *out)
{
	struct predicted p = { .plan = in->plan, .samples = in->samples };
	struct table_style predicted = { .percent = style->percent };
	struct buf part = BUF_INIT;
	size_t i;

	predicted.metric = style->metric == TABLES_METRIC ? predicted_metric(&p, table)
							  : (enum metric)style->metric;
	for (i = 0; (p.machine = samples_machine(in->samples, i)); i++) {
		if (in->machine && strcmp(in->machine, p.machine))
			continue;
		predicted_render(&p, table, &predicted, &part);
		add_part(&part, out);
	}
	p.machine = in->machine ? in->machine : samples_machine(in->samples, 0);
	exact_render(&p, table, &part);
	add_part(&part, out);
	moved_render(&p, table, &part);
	add_part(&part, out);
	buf_release(&part);
}

void tables_render(const struct report_input *in, const struct tables_style *style, struct buf *out)
{
	const struct predicted counts = { .plan = in->plan, .samples = in->samples };
	struct buf all = BUF_INIT, part = BUF_INIT;
	size_t i;

	for (i = 0; i < in->plan->ntables; i++) {
		if (has_times(in, i) || !predicted_table(&counts, i)) {
			add_measured(in, i, style, &part);
			add_part(&part, &all);
		}
		add_predicted(in, i, style, &all);
	}
	notes_render(in, &part);
	add_part(&part, &all);
	add_broken(&all, style->width ? style->width : TABLES_WIDTH, out);
	buf_release(&all);
	buf_release(&part);
}
