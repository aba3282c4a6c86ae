/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Plans and figures made by hand, for tests of what is printed from them.
 */
#ifndef TESTS_UNIT_MADE_PLAN_H
#define TESTS_UNIT_MADE_PLAN_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/judge/summary.h"
#include "harness/plan/plan.h"
#include "harness/store/samples.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/json.h"

struct made {
	struct plan plan;
	struct figure *figures;		/* once all tables are there: made_figures() */
};

/* "a b c" to a list, NULL at the end; "" is one empty word. */
static inline char **made_words(const char *text, size_t *n)
{
	char *copy = xstrdup(text), *at = copy, *word, **list = NULL;

	*n = 0;
	while ((word = strsep(&at, " "))) {
		list = xrealloc(list, *n + 2, sizeof(*list));
		list[(*n)++] = xstrdup(word);
		list[*n] = NULL;
	}
	free(copy);
	return list;
}

static inline void made_free_words(char **list, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		free(list[i]);
	free(list);
}

static inline void made_init(struct made *m, const char *kernels)
{
	char **name;
	size_t i;

	*m = (struct made){ .plan = { .job = xstrdup("made"), .seed = 1, .windows = 5, .blocks = 1,
				      .warmup_ns = 1000000000, .window_ns = 1000000000 } };
	name = made_words(kernels, &m->plan.nkernels);
	m->plan.kernel = xcalloc(m->plan.nkernels, sizeof(m->plan.kernel[0]));
	for (i = 0; i < m->plan.nkernels; i++)
		m->plan.kernel[i].name = name[i];
	free(name);
}

/* As if its kernels were booted in guests. */
static inline void made_guests(struct made *m)
{
	size_t i;

	for (i = 0; i < m->plan.nkernels; i++)
		m->plan.kernel[i].spec = xstrdup("6.12");
}

static inline void made_release(struct made *m)
{
	struct plan_table *t;
	size_t i;

	for (i = 0; i < m->plan.ntables; i++) {
		t = &m->plan.table[i];
		free(t->title);
		free(t->rows);
		free(t->columns);
		made_free_words(t->row, t->nrows);
		made_free_words(t->column, t->ncolumns);
		free(t->cell);
	}
	for (i = 0; i < m->plan.ncells; i++)
		free(m->plan.cell[i].name);
	for (i = 0; i < m->plan.nkernels; i++) {
		free(m->plan.kernel[i].name);
		free(m->plan.kernel[i].spec);
	}
	free(m->plan.kernel);
	free(m->plan.table);
	free(m->plan.cell);
	free(m->plan.job);
	free(m->figures);
}

/* Replaces ROW and COLUMN in a pattern such as "read block=ROW sharing=COLUMN threads=16". */
static inline char *made_name(const char *pattern, const char *row, const char *column)
{
	struct buf name = BUF_INIT;

	while (*pattern) {
		if (!strncmp(pattern, "ROW", 3)) {
			buf_str(&name, row);
			pattern += 3;
		} else if (!strncmp(pattern, "COLUMN", 6)) {
			buf_str(&name, column);
			pattern += 6;
		} else {
			buf_ch(&name, *pattern++);
		}
	}
	return buf_detach(&name);
}

/* A table and its cells; columns NULL: one column. */
static inline struct plan_table *made_table(struct made *m, const char *pattern, const char *rows,
					    const char *row_values, const char *columns, const char *column_values)
{
	struct plan *p = &m->plan;
	struct plan_table *t;
	size_t i;

	p->table = xrealloc(p->table, p->ntables + 1, sizeof(*p->table));
	t = &p->table[p->ntables++];
	*t = (struct plan_table){ .rows = xstrdup(rows), .columns = xstrdup(columns) };
	t->row = made_words(row_values, &t->nrows);
	t->column = made_words(columns ? column_values : "", &t->ncolumns);
	t->cell = xcalloc(t->nrows * t->ncolumns, sizeof(int));
	for (i = 0; i < t->nrows * t->ncolumns; i++) {
		t->cell[i] = (int)p->ncells;
		p->cell = xrealloc(p->cell, p->ncells + 1, sizeof(*p->cell));
		p->cell[p->ncells] = (struct plan_cell){
			.name = made_name(pattern, t->row[i / t->ncolumns], t->column[i % t->ncolumns])
		};
		cell_id(p->cell[p->ncells].name, p->cell[p->ncells].id);
		p->ncells++;
	}
	return t;
}

static inline void made_figures(struct made *m)
{
	m->figures = xcalloc(m->plan.nkernels * m->plan.ncells + 1, sizeof(*m->figures));
}

/* One figure, in the units that tables show; n = 1 gives no deviation. */
static inline struct figure *made_set(struct made *m, size_t table, size_t kernel, size_t row, size_t column,
				      enum metric metric, double mean, double sd)
{
	const struct plan_table *t = &m->plan.table[table];
	int cell = t->cell[row * t->ncolumns + column];
	struct figure *f = &m->figures[kernel * m->plan.ncells + (size_t)cell];

	mean *= metric_scale(metric);
	sd *= metric_scale(metric);
	f->windows = m->plan.windows;
	f->blocks = 1;
	f->metric[metric] = (struct summary){ .n = isnan(sd) ? 1 : m->plan.windows, .mean = mean, .sd = sd,
					      .median = mean, .min = mean, .max = mean };
	return f;
}

/* The published tables of tests/published/short-reads.json: table 0 of 4k files, table 1 of 1M files. */
static inline void made_published(struct made *m)
{
	static const char *const size[] = { "4k", "1M" };
	static const char *const blocks[] = { "1 32 256 1k 4k", "1 32 256 1k 4k 32k" };
	static const char *const pattern[] = {
		"read block=ROW file_size=4k sharing=COLUMN pattern=fixed call=pread threads=16",
		"read block=ROW file_size=1M sharing=COLUMN pattern=random call=pread threads=16",
	};
	json_t *json = json_load_file("tests/published/short-reads.json", 0, NULL), *line, *mean, *sd;
	size_t i, row, k;

	if (!json)
		BUG("tests/published/short-reads.json: run from the root of the tree");
	made_init(m, "baseline patched");
	for (i = 0; i < 2; i++)
		made_table(m, pattern[i], "block", blocks[i], "sharing", "same diff");
	made_figures(m);
	for (i = 0; i < 2; i++)
		json_array_foreach(json_object_get(json, size[i]), row, line) {
			if (strcmp(json_get_text(line, "block"), m->plan.table[i].row[row]))
				BUG("row %zu of %s is another block", row, size[i]);
			mean = json_object_get(line, "mean");
			sd = json_object_get(line, "sd");
			for (k = 0; k < 4; k++)
				made_set(m, i, k / 2, row, k % 2, METRIC_BYTES_PER_S,
					 json_number_value(json_array_get(mean, k)),
					 json_number_value(json_array_get(sd, k)));
		}
	json_decref(json);
}

#endif
