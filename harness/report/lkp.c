/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/report/lkp.h"

#include <math.h>
#include <string.h>

#include "harness/judge/judged.h"
#include "harness/plan/brief.h"
#include "harness/plan/plan.h"
#include "harness/report/report.h"
#include "harness/report/table.h"
#include "lib/buf.h"

/* The robot's widths, of a value, its deviation and the change between two of them. */
enum { VALUE = 10, DEVIATION = 6, CHANGE = 10, OLD = VALUE + DEVIATION, NEW = OLD + CHANGE + 1 };

#define SHOWN 2			/* percent: a smaller deviation is none */
#define FRACTIONS 1000		/* below: with two decimals */
#define LARGE 1e8		/* above: with an exponent */
#define WIDE_CHANGE 100000	/* percent, likewise */

/* One side of a row. */
struct side {
	double value, sd;	/* sd 0: none */
};

static void add_value(const struct side *s, struct buf *out)
{
	double percent = s->value == 0 ? 0 : 100 * s->sd / fabs(s->value);

	if (fabs(s->value) < FRACTIONS)
		buf_fmt(out, "%*.2f", VALUE, s->value);
	else if (fabs(s->value) > LARGE)
		buf_fmt(out, "%*.4g", VALUE, s->value);
	else
		buf_fmt(out, "%*.0f", VALUE, s->value);
	if (percent > SHOWN)
		buf_fmt(out, " ±%*.0f%%", DEVIATION - 3, trunc(percent));
	else
		buf_pad(out, ' ', DEVIATION);
}

/* In percent; where there is nothing to take percents of, the difference. */
static void add_change(double old, double new, struct buf *out)
{
	double percent = 100 * (new / old - 1);

	if (old == 0)
		buf_fmt(out, "%+*.1f  ", CHANGE, new);
	else if (fabs(percent) < WIDE_CHANGE)
		buf_fmt(out, "%+*.1f%% ", CHANGE, fabs(percent) < 0.05 ? 0 : percent);
	else
		buf_fmt(out, "%+*.2g%% ", CHANGE, percent);
}

/* A table with its two kernels, as it grows. */
struct lkp {
	const struct report_input *in;
	size_t kernel;
	const char *machine;
	struct buf rows;
};

static void add_row(struct lkp *l, size_t cell, const struct side side[2], const char *metric)
{
	struct buf name = BUF_INIT;
	char *c;

	brief_add(l->in->plan, cell, &name);
	for (c = name.s; *c; c++)
		*c = *c == '/' ? '.' : *c;
	add_value(&side[0], &l->rows);
	add_change(side[0].value, side[1].value, &l->rows);
	add_value(&side[1], &l->rows);
	buf_fmt(&l->rows, "  foliobench.%s.%s\n", name.s, metric);
	buf_release(&name);
}

/* The metric that the table of a cell shows. */
static enum metric metric_of(const struct report_input *in, size_t cell)
{
	const struct plan_table *t;
	size_t i, at;

	for (i = 0; i < in->plan->ntables; i++) {
		t = &in->plan->table[i];
		for (at = 0; at < t->nrows * t->ncolumns; at++)
			if (t->cell[at] == (int)cell)
				return table_metric(in->plan, i, in->figures);
	}
	return METRIC_OPS_PER_S;
}

static void add_time(struct lkp *l, size_t cell)
{
	static const char *const names[] = { "MiB_per_s", "ops_per_s", "ns_per_op" };
	const struct report_input *in = l->in;
	const enum metric metric = metric_of(in, cell);
	const struct summary *s;
	struct side side[2];
	size_t i;

	for (i = 0; i < 2; i++) {
		s = &in->figures[(i ? l->kernel : 0) * in->plan->ncells + cell].metric[metric];
		if (!s->n || !isfinite(s->mean))
			return;
		side[i].value = s->mean / metric_scale(metric);
		side[i].sd = isfinite(s->sd) ? s->sd / metric_scale(metric) : 0;
	}
	add_row(l, cell, side, names[metric]);
}

/* NAN where nobody counted. */
static double exact(const struct lkp *l, size_t kernel, size_t cell, struct yardstick y)
{
	const struct plan *plan = l->in->plan;
	const struct prediction_record *p;
	const struct count_record *c;

	if (y.which == YARDSTICK_TRANSFERS) {
		p = l->machine ? samples_prediction(l->in->samples, plan->kernel[kernel].name,
						    plan->cell[cell].id, l->machine)
			       : NULL;
		return p ? p->transfers : (double)NAN;
	}
	c = samples_count(l->in->samples, plan->kernel[kernel].name, plan->cell[cell].id);
	return c ? c->count[y.which] : (double)NAN;
}

static void add_counts(struct lkp *l, size_t cell)
{
	static const int which[] = { COUNT_KERNEL_INSNS, COUNT_STAC, COUNT_CLAC, COUNT_PAN, COUNT_LDTR,
				     COUNT_STTR, COUNT_ATOMICS, YARDSTICK_TRANSFERS };
	struct side side[2];
	struct yardstick y;
	size_t i;

	for (i = 0; i < sizeof(which) / sizeof(which[0]); i++) {
		y = (struct yardstick){ .exact = true, .which = which[i] };
		side[0] = (struct side){ .value = exact(l, 0, cell, y) };
		side[1] = (struct side){ .value = exact(l, l->kernel, cell, y) };
		/* Two digits are shown. */
		if (fabs(side[1].value - side[0].value) >= 0.005)
			add_row(l, cell, side, yardstick_name(y));
	}
}

/* At the right of its column; of a name that is too long the beginning. */
static void add_name(const char *name, size_t width, char end, struct buf *out)
{
	size_t length = grid_length(name), len = strlen(name);

	while (length > width) {
		while (len && ((unsigned char)name[--len] & 0xc0) == 0x80)
			;
		length--;
	}
	buf_pad(out, ' ', width - length);
	buf_add(out, name, len);
	buf_ch(out, end);
}

static void add_head(const struct lkp *l, struct buf *out)
{
	const struct plan_kernel *kernel = l->in->plan->kernel;

	add_name(kernel[0].name, OLD, ' ', out);
	add_name(kernel[l->kernel].name, NEW, '\n', out);
	buf_pad(out, '-', OLD);
	buf_ch(out, ' ');
	buf_pad(out, '-', NEW);
	buf_str(out, "\n         %stddev     %change         %stddev\n"
		     "             \\          |                \\\n");
}

static void add_table(struct lkp *l, struct buf *out)
{
	size_t cell;

	for (cell = 0; l->in->figures && cell < l->in->plan->ncells; cell++)
		add_time(l, cell);
	for (cell = 0; cell < l->in->plan->ncells; cell++)
		add_counts(l, cell);
	if (l->rows.len) {
		buf_str(out, out->len ? "\n" : "");
		add_head(l, out);
		buf_str(out, buf_text(&l->rows));
	}
	buf_reset(&l->rows);
}

void lkp_render(const struct report_input *in, struct buf *out)
{
	struct lkp l = { .in = in, .kernel = 1 };
	struct buf all = BUF_INIT;

	l.machine = in->machine ? in->machine : samples_machine(in->samples, 0);
	for (; l.kernel < in->plan->nkernels; l.kernel++)
		add_table(&l, &all);
	buf_str(out, buf_text(&all));
	buf_release(&l.rows);
	buf_release(&all);
}
