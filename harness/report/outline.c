/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/report/outline.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "harness/report/number.h"
#include "harness/report/report.h"
#include "harness/report/table.h"
#include "lib/alloc.h"
#include "lib/buf.h"

#define WITHHELD "times of an emulated guest are no performance"

/* What is under way: the cells that have found their place already, for each kernel anew. */
struct making {
	const struct report_input *in;
	bool *placed;			/* [plan->ncells] */
	struct outline_kernel *kernel;
};

static bool withheld(const struct report_input *in)
{
	return in->emulated && !in->show_emulated_times;
}

static struct outline_test *add_test(struct outline_group *g, size_t cell, const char *metric)
{
	struct outline_test *t;

	g->test = xrealloc(g->test, g->n + 1, sizeof(*g->test));
	t = &g->test[g->n++];
	*t = (struct outline_test){ .cell = cell, .metric = metric };
	return t;
}

static void judge(struct outline_test *t)
{
	enum verdict v = t->finding->judgement.verdict;
	struct buf reason = BUF_INIT;

	if (v == VERDICT_INCONCLUSIVE) {
		t->result = TEST_SKIPPED;
		buf_fmt(&reason, "%s: %s", verdict_name(v),
			because_text(t->finding->judgement.because));
	} else {
		t->result = v == VERDICT_REGRESSED && t->finding->gating ? TEST_FAILED : TEST_PASSED;
		buf_str(&reason, verdict_name(v));
	}
	if (!t->finding->gating)
		buf_str(&reason, ", does not gate");
	t->reason = buf_detach(&reason);
}

static void add_finding(const struct making *m, struct outline_group *g, const struct finding *f)
{
	struct outline_test *t = add_test(g, f->cell, yardstick_name(f->yardstick));
	struct buf say = BUF_INIT;

	t->finding = f;
	if (!f->yardstick.exact && withheld(m->in)) {
		t->result = TEST_SKIPPED;
		t->reason = xstrdup(WITHHELD);
		return;
	}
	judge(t);
	finding_say(f, &say);
	t->say = buf_detach(&say);
}

static bool is_before(const struct finding *f, size_t kernel, size_t cell)
{
	return f->kernel < kernel || (f->kernel == kernel && f->cell < cell);
}

/* Findings are sorted by kernel and cell: by halves to the first that is not before that cell's. */
static size_t findings_from(const struct judged *j, size_t kernel, size_t cell)
{
	size_t low = 0, high = j->n, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (is_before(&j->finding[middle], kernel, cell))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void add_findings(const struct making *m, struct outline_group *g, size_t cell)
{
	const struct judged *j = m->in->judged;
	size_t kernel = m->kernel->kernel, i = findings_from(j, kernel, cell);

	for (; i < j->n && is_before(&j->finding[i], kernel, cell + 1); i++)
		add_finding(m, g, &j->finding[i]);
}

const struct finding *outline_finding(const struct judged *j, size_t kernel, size_t cell, struct yardstick y)
{
	size_t i = j ? findings_from(j, kernel, cell) : 0;

	for (; j && i < j->n && is_before(&j->finding[i], kernel, cell + 1); i++)
		if (yardstick_same(j->finding[i].yardstick, y))
			return &j->finding[i];
	return NULL;
}

static void add_figure(struct outline_group *g, size_t cell, const struct summary *s, enum metric m)
{
	struct buf say = BUF_INIT;
	double scale = metric_scale(m);

	if (!s->n || !isfinite(s->mean) || !(s->mean > 0))
		return;
	number_mean(s->mean / scale, &say);
	buf_fmt(&say, " %s", metric_unit(m));
	if (isfinite(s->sd)) {
		buf_str(&say, ", deviation ");
		number_mean(s->sd / scale, &say);
		buf_fmt(&say, " over %u %s", s->n, s->blocks ? "blocks" : "windows");
	}
	add_test(g, cell, metric_name(m))->say = buf_detach(&say);
}

static void add_count(struct outline_group *g, size_t cell, enum count c, double value)
{
	struct buf say = BUF_INIT;

	if (isnan(value))
		return;
	buf_fmt(&say, "%.10g %s per op", value,
		yardstick_label((struct yardstick){ .exact = true, .which = (int)c }));
	add_test(g, cell, count_name(c))->say = buf_detach(&say);
}

/* Of a run that nobody judged: whatever there is. */
static void add_measured(const struct making *m, struct outline_group *g, size_t cell)
{
	const struct report_input *in = m->in;
	const struct plan *plan = in->plan;
	const struct figure *f = in->figures ? &in->figures[m->kernel->kernel * plan->ncells + cell] : NULL;
	const struct count_record *c = samples_count(
		in->samples, plan->kernel[m->kernel->kernel].name, plan->cell[cell].id);
	size_t before = g->n;
	struct outline_test *t;
	int i;

	for (i = 0; f && !f->withheld && i < NMETRICS; i++)
		add_figure(g, cell, &f->metric[i], (enum metric)i);
	for (i = 0; c && i < NCOUNTS; i++)
		add_count(g, cell, (enum count)i, c->count[i]);
	if (g->n > before)
		return;
	t = add_test(g, cell, metric_name(METRIC_OPS_PER_S));
	t->result = TEST_SKIPPED;
	t->reason = xstrdup(f && f->windows && withheld(in) ? WITHHELD : "not measured");
}

static void add_cell(struct making *m, struct outline_group *g, size_t cell)
{
	if (m->placed[cell])
		return;
	m->placed[cell] = true;
	if (m->in->judged)
		add_findings(m, g, cell);
	else
		add_measured(m, g, cell);
}

static bool title_taken(const struct outline_kernel *k, const char *title)
{
	size_t i;

	for (i = 0; i < k->n; i++)
		if (!strcmp(k->group[i].title, title))
			return true;
	return false;
}

/* A group without tests is none. */
static void keep_group(struct outline_kernel *k, struct outline_group *g, const char *title)
{
	struct buf name = BUF_INIT;
	unsigned int n;

	if (!g->n)
		return;
	buf_str(&name, title);
	for (n = 2; title_taken(k, buf_text(&name)); n++) {
		buf_reset(&name);
		buf_fmt(&name, "%s (%u)", title, n);
	}
	g->title = buf_detach(&name);
	k->group = xrealloc(k->group, k->n + 1, sizeof(*k->group));
	k->group[k->n++] = *g;
}

static void add_table(struct making *m, size_t table)
{
	const struct plan_table *t = &m->in->plan->table[table];
	struct outline_group g = { 0 };
	struct buf title = BUF_INIT;
	size_t i;

	for (i = 0; i < t->nrows * t->ncolumns; i++)
		if (t->cell[i] >= 0)
			add_cell(m, &g, (size_t)t->cell[i]);
	table_title(m->in->plan, table, &title);
	keep_group(m->kernel, &g, buf_text(&title));
	buf_release(&title);
}

static void add_rest(struct making *m)
{
	struct outline_group g = { 0 };
	size_t i;

	for (i = 0; i < m->in->plan->ncells; i++)
		add_cell(m, &g, i);
	keep_group(m->kernel, &g, "cells of no table");
}

static const json_t *incident_of(const struct report_input *in, const char *kernel)
{
	const json_t *line;
	const char *name;
	size_t i;

	json_array_foreach(in->samples->incidents, i, line) {
		name = json_get_text(line, "kernel");
		if (name && !strcmp(name, kernel))
			return line;
	}
	return NULL;
}

static void add_kernel(struct outline *o, struct making *m, size_t kernel)
{
	const json_t *incident = incident_of(m->in, m->in->plan->kernel[kernel].name);
	size_t i;

	if (m->in->judged && !kernel && m->in->plan->nkernels > 1 && !incident)
		return;
	o->kernel = xrealloc(o->kernel, o->n + 1, sizeof(*o->kernel));
	m->kernel = &o->kernel[o->n++];
	*m->kernel = (struct outline_kernel){ .kernel = kernel, .incident = incident };
	if (json_array_size(m->in->samples->incidents))
		return;
	memset(m->placed, 0, m->in->plan->ncells * sizeof(*m->placed));
	for (i = 0; i < m->in->plan->ntables; i++)
		add_table(m, i);
	add_rest(m);
}

void outline_make(const struct report_input *in, struct outline *o)
{
	struct making m = { .in = in, .placed = xcalloc(in->plan->ncells + 1, sizeof(*m.placed)) };
	size_t i;

	*o = (struct outline){ 0 };
	for (i = 0; i < in->plan->nkernels; i++)
		add_kernel(o, &m, i);
	free(m.placed);
}

static void group_release(struct outline_group *g)
{
	size_t i;

	for (i = 0; i < g->n; i++) {
		free(g->test[i].reason);
		free(g->test[i].say);
	}
	free(g->test);
	free(g->title);
}

void outline_release(struct outline *o)
{
	size_t i, k;

	for (k = 0; k < o->n; k++) {
		for (i = 0; i < o->kernel[k].n; i++)
			group_release(&o->kernel[k].group[i]);
		free(o->kernel[k].group);
	}
	free(o->kernel);
}

void outline_count(const struct outline_group *g, size_t from, size_t to, struct outline_counts *c)
{
	size_t i;

	for (i = from; i < to; i++) {
		c->tests++;
		c->failed += g->test[i].result == TEST_FAILED;
		c->skipped += g->test[i].result == TEST_SKIPPED;
	}
}

size_t outline_cell_end(const struct outline_group *g, size_t from)
{
	size_t end = from;

	while (end < g->n && g->test[end].cell == g->test[from].cell)
		end++;
	return end;
}

double outline_seconds(const struct report_input *in, size_t kernel, size_t cell)
{
	const struct figure *f = in->figures ? &in->figures[kernel * in->plan->ncells + cell] : NULL;

	return f ? (double)f->elapsed_ns / 1e9 : 0;
}
