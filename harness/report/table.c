/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/report/table.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "harness/plan/plan.h"
#include "harness/report/number.h"
#include "lib/alloc.h"
#include "lib/buf.h"

enum { LINES = 2 };	/* of the header, and of a row: the figure and its deviation */

/* One column of figures as text, before it is laid out. */
struct column {
	struct buf head[LINES];
	struct buf *text;		/* [row * LINES + line] */
	size_t whole, part;		/* widest left of the point, and from the point on */
	size_t left, width;		/* blanks before the widest whole part; all, without the bars */
};

struct layout {
	struct buf head[LINES];		/* of the first column */
	struct buf *row;		/* its values */
	size_t width;
	struct column *column;
	size_t nrows, ncolumns;
};

/* Characters, not bytes: kernels and titles may be named in any script. */
static size_t length(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

/* An opening parenthesis belongs to the integer part, a closing one to what follows it. */
static size_t whole_length(const char *s)
{
	return strcspn(s, ".)");
}

static size_t larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

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

/* The next free column, its texts empty. */
static struct column *add_column(struct layout *l)
{
	struct column *c;

	l->column = xrealloc(l->column, l->ncolumns + 1, sizeof(*c));
	c = &l->column[l->ncolumns++];
	*c = (struct column){ .text = xcalloc(l->nrows * LINES + 1, sizeof(*c->text)) };
	return c;
}

static void add_figures(struct layout *l, const struct plan *plan, const struct plan_table *t,
			const struct figure *figures, enum metric m, size_t kernel, size_t column)
{
	struct column *c = add_column(l);
	const struct summary *s;
	const struct figure *f;
	size_t row;

	table_kernel(plan->kernel[kernel].name, &c->head[0]);
	if (t->columns)
		table_label(t->columns, t->column[column], &c->head[1]);
	for (row = 0; row < l->nrows; row++) {
		f = figure_at(plan, t, figures, kernel, row, column);
		s = f ? &f->metric[m] : NULL;
		if (!s || !s->n) {
			buf_ch(&c->text[row * LINES], '-');
			continue;
		}
		if (f->withheld) {
			buf_str(&c->text[row * LINES], "emulated");
			continue;
		}
		number_mean(s->mean / metric_scale(m), &c->text[row * LINES]);
		number_deviation(s->sd / metric_scale(m), &c->text[row * LINES + 1]);
	}
}

/* Where a compared figure stands. */
struct place {
	size_t kernel, column;
};

static void add_percent(struct layout *l, const struct plan *plan, const struct plan_table *t,
			const struct figure *figures, enum metric m, struct place from,
			struct place to)
{
	struct column *c = add_column(l);
	const struct figure *a, *b;
	size_t row;

	buf_str(&c->head[0], "%change");
	if (from.kernel == to.kernel)
		buf_fmt(&c->head[1], "%s to %s", t->column[from.column], t->column[to.column]);
	else if (t->columns)
		table_label(t->columns, t->column[to.column], &c->head[1]);
	for (row = 0; row < l->nrows; row++) {
		a = figure_at(plan, t, figures, from.kernel, row, from.column);
		b = figure_at(plan, t, figures, to.kernel, row, to.column);
		if (a && b && a->metric[m].n && b->metric[m].n)
			number_percent(a->metric[m].mean, b->metric[m].mean, &c->text[row * LINES]);
		else
			buf_ch(&c->text[row * LINES], '-');
	}
}

static void add_percents(struct layout *l, const struct plan *plan, const struct plan_table *t,
			 const struct figure *figures, enum metric m)
{
	size_t k, c;

	if (plan->nkernels == 1)
		for (c = 1; c < t->ncolumns; c++)
			add_percent(l, plan, t, figures, m, (struct place){ 0, 0 },
				    (struct place){ 0, c });
	for (k = 1; k < plan->nkernels; k++)
		for (c = 0; c < t->ncolumns; c++)
			add_percent(l, plan, t, figures, m, (struct place){ 0, c },
				    (struct place){ k, c });
}

/* The first column: "Block" over "size", and others by their names, at most a word a line. */
static void add_rows(struct layout *l, const struct plan_table *t)
{
	const char *name = strcmp(t->rows, "block") ? t->rows : "block_size";
	const char *gap = strchrnul(name, '_');
	size_t row, width;
	uint64_t n;

	buf_ch(&l->head[0], (char)toupper((unsigned char)*name));
	buf_add(&l->head[0], name + 1, (size_t)(gap - name - 1));
	if (*gap)
		add_spaced(&l->head[1], gap + 1);
	width = larger(length(buf_text(&l->head[0])), length(buf_text(&l->head[1])));
	for (row = 0; row < l->nrows; row++) {
		if (!strcmp(t->rows, "block") && number_parameter(t->rows, t->row[row], &n))
			buf_fmt(&l->row[row], "%" PRIu64, n);
		else if (!strcmp(t->rows, "sharing"))
			table_label(t->rows, t->row[row], &l->row[row]);
		else
			buf_str(&l->row[row], t->row[row]);
		width = larger(width, length(buf_text(&l->row[row])));
	}
	l->width = width + 2;
}

/*
 * A column is as wide as its widest integer part, its widest fraction and a
 * blank on either side; more if a header needs it, numbers then in the middle.
 */
static void fit(struct column *c, size_t nrows)
{
	size_t i, all, whole, need, head;

	for (i = 0; i < nrows * LINES; i++) {
		all = length(buf_text(&c->text[i]));
		whole = whole_length(buf_text(&c->text[i]));
		c->whole = larger(c->whole, whole);
		c->part = larger(c->part, all - whole);
	}
	need = 1 + c->whole + c->part + 1;
	head = larger(length(buf_text(&c->head[0])), length(buf_text(&c->head[1])));
	c->width = larger(need, 2 + head + 1);
	c->left = 1 + (c->width - need + 1) / 2;
}

static void layout_make(struct layout *l, const struct plan *plan, const struct plan_table *t,
			const struct figure *figures, const struct table_style *style)
{
	size_t k, c;

	*l = (struct layout){ .nrows = t->nrows };
	l->row = xcalloc(l->nrows + 1, sizeof(*l->row));
	add_rows(l, t);
	for (k = 0; k < plan->nkernels; k++)
		for (c = 0; c < t->ncolumns; c++)
			add_figures(l, plan, t, figures, style->metric, k, c);
	if (style->percent && !(plan->ncells && figures[0].withheld))
		add_percents(l, plan, t, figures, style->metric);
	for (c = 0; c < l->ncolumns; c++)
		fit(&l->column[c], l->nrows);
}

static void layout_release(struct layout *l)
{
	size_t c, i;

	for (c = 0; c < l->ncolumns; c++) {
		for (i = 0; i < l->nrows * LINES; i++)
			buf_release(&l->column[c].text[i]);
		for (i = 0; i < LINES; i++)
			buf_release(&l->column[c].head[i]);
		free(l->column[c].text);
	}
	for (i = 0; i < l->nrows; i++)
		buf_release(&l->row[i]);
	for (i = 0; i < LINES; i++)
		buf_release(&l->head[i]);
	free(l->column);
	free(l->row);
}

/* Text with so many blanks before it, filled up to the width, and the bar after it. */
static void add_text(struct buf *out, const char *s, size_t left, size_t width)
{
	buf_pad(out, ' ', left);
	buf_str(out, s);
	buf_pad(out, ' ', width - left - length(s));
	buf_ch(out, '|');
}

static void add_rule(const struct layout *l, struct buf *out)
{
	size_t width = 2 + l->width, c;		/* with the outer bars */

	for (c = 0; c < l->ncolumns; c++)
		width += l->column[c].width + 1;
	buf_ch(out, ' ');
	buf_pad(out, '-', width - 2);
	buf_ch(out, '\n');
}

static void add_header(const struct layout *l, struct buf *out)
{
	size_t line, c, used;

	for (line = 0; line < LINES; line++) {
		used = l->head[line].len;
		for (c = 0; c < l->ncolumns; c++)
			used += l->column[c].head[line].len;
		if (!used)
			continue;
		buf_ch(out, '|');
		add_text(out, buf_text(&l->head[line]), 1, l->width);
		for (c = 0; c < l->ncolumns; c++)
			add_text(out, buf_text(&l->column[c].head[line]), 2, l->column[c].width);
		buf_ch(out, '\n');
	}
}

static void add_row(const struct layout *l, size_t row, struct buf *out)
{
	const char *text, *name = buf_text(&l->row[row]);
	const struct column *c;
	size_t line, i;

	for (line = 0; line < LINES; line++) {
		buf_ch(out, '|');
		/* Numbers stand to the right, words to the left. */
		if (line)
			add_text(out, "", 0, l->width);
		else
			add_text(out, name,
				 isdigit((unsigned char)*name) ? l->width - 1 - length(name) : 1,
				 l->width);
		for (i = 0; i < l->ncolumns; i++) {
			c = &l->column[i];
			text = buf_text(&c->text[row * LINES + line]);
			add_text(out, text, c->left + c->whole - whole_length(text), c->width);
		}
		buf_ch(out, '\n');
	}
}

void table_render(const struct plan *plan, size_t table, const struct figure *figures,
		  const struct table_style *style, struct buf *out)
{
	struct layout l;
	size_t row;

	layout_make(&l, plan, &plan->table[table], figures, style);
	table_title(plan, table, out);
	buf_fmt(out, ", mean %s (StdDev)%s\n\n", metric_unit(style->metric),
		style->emulated_times ? TABLE_EMULATED : "");
	add_rule(&l, out);
	add_header(&l, out);
	add_rule(&l, out);
	for (row = 0; row < l.nrows; row++)
		add_row(&l, row, out);
	add_rule(&l, out);
	layout_release(&l);
}
