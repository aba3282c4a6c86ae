/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/judge/maxt.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "harness/judge/flip.h"
#include "lib/alloc.h"

/* A cell, scaled so that its sum under a flip is its z. */
struct column {
	size_t cell;
	double z;
	double *x;		/* [block], 0 where absent */
	uint64_t alone, within;	/* flips as far out: the cell's own z, and the largest from this rank down */
};

struct walk {
	size_t blocks, cells;	/* blocks that any cell has */
	struct column *column;	/* by falling |z| */
	double *x;		/* [block * cells + rank] */
	double *sum;		/* [level * cells + rank]: over the first `level` blocks */
};

static double largest(const double *x, size_t n)
{
	double most = 0;
	size_t i;

	for (i = 0; i < n; i++)
		most = fmax(most, fabs(x[i]));
	return most;
}

/* Divided by the largest first: squares neither vanish nor overflow. */
static double scale(double *x, size_t n)
{
	double most = largest(x, n), squares = 0, sum = 0;
	size_t i;

	if (!(most > 0))
		return 0;
	for (i = 0; i < n; i++) {
		x[i] /= most;
		squares += x[i] * x[i];
	}
	for (i = 0; i < n; i++) {
		x[i] /= sqrt(squares);
		sum += x[i];
	}
	return sum;
}

/*
 * Towards no change by the blur; a change no larger than that is none, but the cell's noise stays and
 * competes with other cells. False: there is none left.
 */
static bool shrink(double *x, size_t n, uint32_t present, double blur)
{
	double mean = 0, towards_0;
	size_t i;

	for (i = 0; i < n; i++)
		mean += isfinite(x[i]) ? x[i] / present : 0;
	towards_0 = mean - flip_shrink(mean, blur);
	for (i = 0; i < n; i++)
		x[i] = isfinite(x[i]) ? x[i] - towards_0 : 0;
	return fabs(mean) > blur;
}

static void column_init(struct column *c, const struct family *f, size_t cell, struct adjusted *out)
{
	const double *ratio = f->ratio + cell * f->blocks;
	bool changed;
	size_t i;

	*c = (struct column){ .cell = cell, .x = xcalloc(f->blocks + 1, sizeof(*c->x)) };
	out->n = 0;
	for (i = 0; i < f->blocks; i++) {
		c->x[i] = ratio[i];
		out->n += isfinite(ratio[i]);
	}
	changed = shrink(c->x, f->blocks, out->n, f->blur ? f->blur[cell] : 0);
	c->z = scale(c->x, f->blocks);
	if (!changed)
		c->z = 0;
	out->z = c->z;
}

static int by_distance(const void *va, const void *vb)
{
	const struct column *a = va, *b = vb;

	if (fabs(a->z) != fabs(b->z))
		return fabs(a->z) > fabs(b->z) ? -1 : 1;
	return a->cell < b->cell ? -1 : a->cell > b->cell;
}

static bool block_is_used(const struct family *f, size_t block)
{
	size_t c;

	for (c = 0; c < f->cells; c++)
		if (isfinite(f->ratio[c * f->blocks + block]))
			return true;
	return false;
}

static void walk_init(struct walk *w, const struct family *f, struct adjusted *out)
{
	size_t i, c;

	*w = (struct walk){ .cells = f->cells };
	w->column = xcalloc(f->cells + 1, sizeof(*w->column));
	w->x = xcalloc(f->blocks * f->cells + 1, sizeof(*w->x));
	w->sum = xcalloc((f->blocks + 1) * f->cells + 1, sizeof(*w->sum));
	for (c = 0; c < f->cells; c++)
		column_init(&w->column[c], f, c, &out[c]);
	qsort(w->column, w->cells, sizeof(*w->column), by_distance);
	for (i = 0; i < f->blocks; i++) {
		if (!block_is_used(f, i))
			continue;
		for (c = 0; c < f->cells; c++)
			w->x[w->blocks * w->cells + c] = w->column[c].x[i];
		w->blocks++;
	}
}

static void walk_release(struct walk *w)
{
	size_t c;

	for (c = 0; c < w->cells; c++)
		free(w->column[c].x);
	free(w->column);
	free(w->x);
	free(w->sum);
}

static void add_block(double *restrict to, const double *restrict sum, const double *restrict x,
		      double sign, size_t n)
{
	size_t c;

	for (c = 0; c < n; c++)
		to[c] = sum[c] + sign * x[c];
}

/* From the last rank up: a cell competes with itself and with those that look less changed. */
static void count(struct walk *w, double tie)
{
	const double *z = w->sum + w->blocks * w->cells;
	double most = 0, own, needed;
	size_t c = w->cells;

	while (c--) {
		own = fabs(z[c]);
		if (own > most)
			most = own;
		needed = fabs(w->column[c].z) - tie;
		w->column[c].alone += own >= needed;
		w->column[c].within += most >= needed;
	}
}

static void conclude(const struct walk *w, double flips, struct adjusted *out)
{
	double adjusted = 0;
	struct adjusted *a;
	size_t c;

	for (c = 0; c < w->cells; c++) {
		a = &out[w->column[c].cell];
		a->p = (double)w->column[c].alone / flips;
		adjusted = fmax(adjusted, (double)w->column[c].within / flips);
		a->adjusted = adjusted;
	}
}

void maxt_adjust(const struct family *f, struct adjusted *out)
{
	struct signs *signs;
	const double *sign;
	struct walk w;
	size_t from;

	walk_init(&w, f, out);
	signs = signs_new(w.blocks, &f->chance);
	while ((sign = signs_next(signs, &from))) {
		for (; from < w.blocks; from++)
			add_block(w.sum + (from + 1) * w.cells, w.sum + from * w.cells,
				  w.x + from * w.cells, sign[from], w.cells);
		count(&w, FLIP_TIE * sqrt((double)w.blocks));
	}
	conclude(&w, (double)signs_total(signs), out);
	signs_free(signs);
	walk_release(&w);
}
