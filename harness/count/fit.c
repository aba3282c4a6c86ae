/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One constant after the other by bisection, over and over until none moves any
 * more: what one figure settles also changes the others' times, but less.
 */
#include "harness/count/fit.h"

#include <math.h>

#include "lib/buf.h"

#define SEED 1		/* the model's answer wavers a little from one seed to another; the fit must not */
#define HALVINGS 20	/* a millionth of the range */
#define ROUNDS 12
#define STILL 1e-4	/* of a constant's range: nothing moves any more */

static double ns_with(const struct fit_figure *f, struct processor *p, double value)
{
	p->constant[f->constant].value = value;
	return predict_ns(f->cell, p, f->threads, SEED);
}

/* The value that gives the figure with all others as they are: the nearer end of its range where none does. */
static void settle(const struct fit_figure *f, struct processor *p)
{
	double low = p->constant[f->constant].low, high = p->constant[f->constant].high, middle;
	const double at_low = ns_with(f, p, low), at_high = ns_with(f, p, high);
	const bool rises = at_high >= at_low;
	int i;

	for (i = 0; i < HALVINGS; i++) {
		middle = (low + high) / 2;
		if ((ns_with(f, p, middle) < f->ns_per_op) == rises)
			low = middle;
		else
			high = middle;
	}
	/* An end that was never left is the answer itself, not what is next to it. */
	if (high == p->constant[f->constant].high)
		low = high;
	if (low == p->constant[f->constant].low)
		high = low;
	p->constant[f->constant].value = (low + high) / 2;
}

/* How far the constant that moved most did, as a share of its range. */
static double settle_all(const struct fit_figure *figure, size_t n, struct processor *p)
{
	const struct constant_value *c;
	double moved = 0, before, range;
	size_t i;

	for (i = 0; i < n; i++) {
		c = &p->constant[figure[i].constant];
		range = c->high - c->low;
		before = c->value;
		settle(&figure[i], p);
		if (range > 0)
			moved = fmax(moved, fabs(c->value - before) / range);
	}
	return moved;
}

static int check_figures(const struct fit_figure *figure, size_t n, struct buf *why)
{
	size_t i, j;

	if (n > FIT_FIGURES_MAX) {
		buf_fmt(why, "%zu figures to fit to: more than %d leave nothing to predict", n, FIT_FIGURES_MAX);
		return -1;
	}
	for (i = 0; i < n; i++) {
		if (!(figure[i].ns_per_op > 0) || isinf(figure[i].ns_per_op)) {
			buf_fmt(why, "%s: %g ns per op is no time to fit to", constant_name(figure[i].constant),
				figure[i].ns_per_op);
			return -1;
		}
		for (j = 0; j < i; j++)
			if (figure[i].constant == figure[j].constant) {
				buf_fmt(why, "%s: two figures cannot settle one constant",
					constant_name(figure[i].constant));
				return -1;
			}
	}
	return 0;
}

static int out_of_reach(const struct fit_figure *f, const struct processor *p, struct buf *why)
{
	const struct constant_value *c = &p->constant[f->constant];
	struct processor ends = *p;
	const double at_low = ns_with(f, &ends, c->low), at_high = ns_with(f, &ends, c->high);

	buf_fmt(why, "%s: %.1f ns per op is out of reach", constant_name(f->constant), f->ns_per_op);
	if (at_low == at_high)
		buf_fmt(why, ": the cell's %.1f do not depend on this constant", at_low);
	else
		buf_fmt(why, ": %.1f at its low %g, %.1f at its high %g", at_low, c->low, at_high, c->high);
	return -1;
}

int fit_run(const struct fit_figure *figure, size_t n, struct processor *p, struct fit_result *result,
	    struct buf *why)
{
	size_t i;
	int round;

	if (check_figures(figure, n, why))
		return -1;
	for (round = 0; round < ROUNDS && settle_all(figure, n, p) > STILL; round++)
		;
	for (i = 0; i < n; i++) {
		result[i].value = p->constant[figure[i].constant].value;
		result[i].ns_per_op = predict_ns(figure[i].cell, p, figure[i].threads, SEED);
		result[i].error = result[i].ns_per_op / figure[i].ns_per_op - 1;
	}
	for (i = 0; i < n; i++)
		if (fabs(result[i].error) > FIT_TOLERANCE)
			return out_of_reach(&figure[i], p, why);
	return 0;
}
