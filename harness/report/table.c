/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/report/table.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "harness/plan/plan.h"
#include "harness/report/number.h"
#include "lib/buf.h"

enum { LINES = 2 };	/* of a row: the figure, and its deviation or range */

/* "file_size" -> "file size" */
static void add_spaced(struct buf *out, const char *name)
{
	for (; *name; name++)
		buf_ch(out, *name == '_' ? ' ' : *name);
}

void table_kernel(const char *name, struct buf *out)
{
	if (*name)
		buf_ch(out, (char)toupper((unsigned char)*name));
	buf_str(out, *name ? name + 1 : "");
}

void table_label(const char *axis, const char *value, struct buf *out)
{
	uint64_t n;

	if (!strcmp(axis, "sharing") && (!strcmp(value, "same") || !strcmp(value, "diff"))) {
		buf_fmt(out, "%s file%s", value, strcmp(value, "diff") ? "" : "s");
	} else if (!strcmp(axis, "threads")) {
		buf_fmt(out, "%s thread%s", value, strcmp(value, "1") ? "s" : "");
	} else if (number_parameter(axis, value, &n)) {
		add_spaced(out, axis);
		buf_fmt(out, " %s", value);
	} else {
		buf_str(out, value);
	}
}

static const struct figure *figure_at(const struct plan *plan, const struct plan_table *t,
				      const struct figure *figures, size_t kernel, size_t row,
				      size_t column)
{
	int cell = t->cell[row * t->ncolumns + column];

	return cell < 0 ? NULL : &figures[kernel * plan->ncells + (size_t)cell];
}

enum metric table_metric(const struct plan *plan, size_t table, const struct figure *figures)
{
	const struct plan_table *t = &plan->table[table];
	const struct figure *f;
	bool measured = false;
	size_t k, i;

	for (k = 0; k < plan->nkernels; k++)
		for (i = 0; i < t->nrows * t->ncolumns; i++) {
			f = figure_at(plan, t, figures, k, i / t->ncolumns, i % t->ncolumns);
			if (!f || !f->metric[METRIC_BYTES_PER_S].n)
				continue;
			if (f->metric[METRIC_BYTES_PER_S].max > 0 || f->bytes)
				return METRIC_BYTES_PER_S;
			measured = true;
		}
	return measured ? METRIC_OPS_PER_S : METRIC_BYTES_PER_S;
}

/* What a table shows, and where in it. */
struct content {
	const struct plan *plan;
	const struct plan_table *table;
	const struct table_source *source;
};

struct place {
	size_t kernel, column;
};

/* The texts of one entry and what it is worth, as source->entry(). */
static double entry_at(const struct content *c, struct place at, size_t row, struct buf text[LINES])
{
	int cell = c->table->cell[row * c->table->ncolumns + at.column];
	struct table_entry entry = { .figure = &text[0], .below = &text[1], .value = (double)NAN };

	if (cell >= 0)
		c->source->entry(c->source->data, at.kernel, (size_t)cell, &entry);
	if (!text[0].len)
		buf_ch(&text[0], '-');
	return entry.value;
}

static void add_figures(const struct content *c, struct place at, struct grid *g)
{
	struct grid_column *column = grid_add(g, c->source->align);
	size_t row;

	table_kernel(c->plan->kernel[at.kernel].name, &column->head[0]);
	if (c->table->columns)
		table_label(c->table->columns, c->table->column[at.column], &column->head[1]);
	for (row = 0; row < g->nrows; row++)
		entry_at(c, at, row, &column->text[row * LINES]);
}

static double value_at(const struct content *c, struct place at, size_t row)
{
	struct buf text[LINES] = { BUF_INIT, BUF_INIT };
	double value = entry_at(c, at, row, text);

	buf_release(&text[0]);
	buf_release(&text[1]);
	return value;
}

static void add_percent(const struct content *c, struct place from, struct place to, struct grid *g)
{
	const struct plan_table *t = c->table;
	struct grid_column *column = grid_add(g, GRID_POINT);
	size_t row;

	buf_str(&column->head[0], "%change");
	if (from.kernel == to.kernel)
		buf_fmt(&column->head[1], "%s to %s", t->column[from.column], t->column[to.column]);
	else if (t->columns)
		table_label(t->columns, t->column[to.column], &column->head[1]);
	for (row = 0; row < g->nrows; row++)
		number_percent(value_at(c, from, row), value_at(c, to, row),
			       &column->text[row * LINES]);
}

static void add_percents(const struct content *content, struct grid *g)
{
	const struct plan *plan = content->plan;
	size_t k, c, ncolumns = content->table->ncolumns;

	if (plan->nkernels == 1)
		for (c = 1; c < ncolumns; c++)
			add_percent(content, (struct place){ 0, 0 }, (struct place){ 0, c }, g);
	for (k = 1; k < plan->nkernels; k++)
		for (c = 0; c < ncolumns; c++)
			add_percent(content, (struct place){ 0, c }, (struct place){ k, c }, g);
}

void table_rows(const struct plan_table *t, size_t every, struct grid *g)
{
	const char *name = strcmp(t->rows, "block") ? t->rows : "block_size";
	const char *gap = strchrnul(name, '_');
	struct buf *text;
	size_t row;
	uint64_t n;

	buf_ch(&g->head[0], (char)toupper((unsigned char)*name));
	buf_add(&g->head[0], name + 1, (size_t)(gap - name - 1));
	if (*gap)
		add_spaced(&g->head[1], gap + 1);
	for (row = 0; row < t->nrows; row++) {
		text = &g->row[row * every];
		if (!strcmp(t->rows, "block") && number_parameter(t->rows, t->row[row], &n))
			buf_fmt(text, "%" PRIu64, n);
		else if (!strcmp(t->rows, "sharing"))
			table_label(t->rows, t->row[row], text);
		else
			buf_str(text, t->row[row]);
	}
}

void table_grid(const struct plan *plan, size_t table, const struct table_source *source,
		struct buf *out)
{
	const struct content content = { plan, &plan->table[table], source };
	struct grid g;
	size_t k, c;

	grid_init(&g, plan->table[table].nrows, LINES);
	table_rows(&plan->table[table], 1, &g);
	for (k = 0; k < plan->nkernels; k++)
		for (c = 0; c < plan->table[table].ncolumns; c++)
			add_figures(&content, (struct place){ k, c }, &g);
	if (source->percent)
		add_percents(&content, &g);
	grid_render(&g, out);
	grid_release(&g);
}

/* What table_render() takes its entries from. */
struct measured {
	const struct plan *plan;
	const struct figure *figures;
	enum metric metric;
};

static void measured_entry(const void *data, size_t kernel, size_t cell, struct table_entry *entry)
{
	const struct measured *m = data;
	const struct figure *f = &m->figures[kernel * m->plan->ncells + cell];
	const struct summary *s = &f->metric[m->metric];

	if (!s->n)
		return;
	if (f->withheld) {
		buf_str(entry->figure, "emulated");
		return;
	}
	number_mean(s->mean / metric_scale(m->metric), entry->figure);
	number_deviation(s->sd / metric_scale(m->metric), entry->below);
	entry->value = s->mean;
}

void table_render(const struct plan *plan, size_t table, const struct figure *figures,
		  const struct table_style *style, struct buf *out)
{
	const struct measured measured = { plan, figures, style->metric };
	const struct table_source source = {
		.entry = measured_entry, .data = &measured, .align = GRID_POINT,
		.percent = style->percent && !(plan->ncells && figures[0].withheld),
	};

	table_title(plan, table, out);
	buf_fmt(out, ", mean %s (StdDev)%s\n\n", metric_unit(style->metric),
		style->emulated_times ? TABLE_EMULATED : "");
	table_grid(plan, table, &source, out);
}
