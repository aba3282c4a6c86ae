/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/report/finding_text.h"

#include <math.h>

#include "harness/report/number.h"
#include "lib/buf.h"

#define MANY 100	/* of a count: a share of it says something too */

size_t finding_run(const struct judged *j, size_t i)
{
	const struct finding *f = &j->finding[i];
	size_t n = 1;

	while (i + n < j->n && f[n].kernel == f->kernel && f[n].cell == f->cell)
		n++;
	return n;
}

/* The finding of the same kernel and cell by another count, or NULL. They stand close together. */
static const struct finding *beside(const struct judged *j, size_t i, enum count count)
{
	const struct finding *f = &j->finding[i];

	while (i && j->finding[i - 1].kernel == f->kernel && j->finding[i - 1].cell == f->cell)
		i--;
	for (; i < j->n && j->finding[i].kernel == f->kernel && j->finding[i].cell == f->cell; i++)
		if (j->finding[i].yardstick.exact && j->finding[i].yardstick.which == (int)count)
			return &j->finding[i];
	return NULL;
}

static bool is_count(const struct finding *f, enum count count)
{
	return f->yardstick.exact && f->yardstick.which == (int)count;
}

/* Numbers that are not known are not alike. */
static bool alike(const struct finding *a, const struct finding *b)
{
	return b && a->old == b->old && a->new == b->new && a->gating == b->gating &&
	       a->judgement.verdict == b->judgement.verdict;
}

bool finding_is_pair(const struct judged *j, size_t i)
{
	const struct finding *f = &j->finding[i];

	return is_count(f, COUNT_STAC) && alike(f, beside(j, i, COUNT_CLAC));
}

bool finding_is_half(const struct judged *j, size_t i)
{
	const struct finding *f = &j->finding[i];

	return is_count(f, COUNT_CLAC) && alike(f, beside(j, i, COUNT_STAC));
}

bool finding_decided(const struct judged *j, size_t i)
{
	size_t rank;

	for (rank = 0; rank < j->ndecided; rank++)
		if (j->ranked[rank] == i)
			return true;
	return false;
}

const char *finding_label(struct yardstick y)
{
	/* The judge's words for it are too long for a column. */
	return y.exact && y.which == COUNT_KERNEL_INSNS ? "kernel insns" : yardstick_label(y);
}

void finding_metric(const struct judged *j, size_t i, struct buf *out)
{
	buf_str(out, finding_is_pair(j, i) ? "STAC/CLAC pairs" : finding_label(j->finding[i].yardstick));
}

/* Whole counts as such, means over threads with two decimals; transfers are no whole numbers even where one is. */
static void add_count(struct yardstick y, double x, bool sign, struct buf *out)
{
	bool whole = x == floor(x) && y.which != YARDSTICK_TRANSFERS;

	if (fabs(x) < 0.005)
		buf_ch(out, '0');
	else
		buf_fmt(out, sign ? "%+.*f" : "%.*f", whole ? 0 : 2, x);
}

void finding_value(const struct finding *f, double value, struct buf *out)
{
	if (isnan(value))
		buf_ch(out, '-');
	else if (f->yardstick.exact)
		add_count(f->yardstick, value, false, out);
	else
		number_mean(value / metric_scale((enum metric)f->yardstick.which), out);
}

void finding_change(const struct finding *f, struct buf *out)
{
	double moved = f->new - f->old;

	if (!f->yardstick.exact) {
		number_percent(1, exp(f->effect), out);
	} else if (isnan(moved)) {
		buf_ch(out, '-');
	} else {
		add_count(f->yardstick, moved, true, out);
		if (f->old >= MANY && fabs(moved) >= 0.005) {
			buf_str(out, " (");
			number_percent(f->old, f->new, out);
			buf_ch(out, ')');
		}
	}
}

void finding_interval(const struct finding *f, struct buf *out)
{
	if (f->yardstick.exact || isnan(f->effect) || isnan(f->low) || isnan(f->high))
		return;
	if (isinf(f->low) && isinf(f->high)) {
		buf_str(out, "no bound");
		return;
	}
	number_percent(1, exp(f->low), out);
	buf_str(out, " to ");
	number_percent(1, exp(f->high), out);
}
