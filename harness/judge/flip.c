/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/judge/flip.h"

#include <math.h>
#include <stdlib.h>

#include "harness/judge/summary.h"
#include "harness/judge/tail.h"
#include "lib/alloc.h"

double flip_shrink(double effect, double blur)
{
	return fabs(effect) > blur ? effect - copysign(blur, effect) : 0;
}

/* One pass over the flips. */
struct pass {
	const double *x;	/* n log ratios, shifted */
	size_t n;
	double total, tie;
	double seen;		/* the sum that flips are held against */
	double *sum;		/* [i]: of those of x[0] to x[i - 1] that are turned */
	uint32_t *turned;	/* how many these are */
	double *mean;		/* of what is turned, and of what is not, for each flip; none of no number */
	uint64_t means, as_far;	/* as_far: flips whose sum is as far from 0 as what was seen */
};

static void add_mean(struct pass *s, double sum, size_t count)
{
	if (count)
		s->mean[s->means++] = sum / (double)count;
}

static void take(struct pass *s, const double *sign, size_t from)
{
	double turned;
	size_t i;

	for (i = from; i < s->n; i++) {
		s->sum[i + 1] = s->sum[i] + (sign[i] < 0 ? s->x[i] : 0);
		s->turned[i + 1] = s->turned[i] + (sign[i] < 0);
	}
	turned = s->sum[s->n];
	if (fabs(s->total - 2 * turned) >= fabs(s->seen) - s->tie)
		s->as_far++;
	add_mean(s, turned, s->turned[s->n]);
	add_mean(s, s->total - turned, s->n - s->turned[s->n]);
}

static void pass_init(struct pass *s, const double *x, size_t n, uint64_t flips)
{
	size_t i;

	*s = (struct pass){ .x = x, .n = n };
	s->sum = xcalloc(n + 1, sizeof(*s->sum));
	s->turned = xcalloc(n + 1, sizeof(*s->turned));
	s->mean = xcalloc(2 * flips, sizeof(*s->mean));
	for (i = 0; i < n; i++) {
		s->total += x[i];
		s->tie += FLIP_TIE * fabs(x[i]);
	}
	s->seen = s->total;
}

static void pass_release(struct pass *s)
{
	free(s->sum);
	free(s->turned);
	free(s->mean);
}

static void swap(double *a, double *b)
{
	double t = *a;

	*a = *b;
	*b = t;
}

/* Hoare's selection: the k-th smallest, from 0, of n > k; reorders. */
static double kth(double *x, int64_t n, int64_t k)
{
	int64_t first = 0, last = n - 1, i, j;
	double pivot;

	while (first < last) {
		pivot = x[first + (last - first) / 2];
		for (i = first, j = last; i <= j; ) {
			while (x[i] < pivot)
				i++;
			while (x[j] > pivot)
				j--;
			if (i <= j)
				swap(&x[i++], &x[j--]);
		}
		/* Up to j none is above the pivot, from i none below, and between them is the pivot. */
		if (k <= j)
			last = j;
		else if (k >= i)
			first = i;
		else
			break;
	}
	return x[k];
}

/*
 * Typical values (Hartigan, JASA 64, 1969, 1303-1317): with a shift of c, turning a set of
 * blocks makes the sum no smaller exactly where the mean of the set is no larger than c. So the
 * shifts that are not rejected lie between two order statistics of these means; a flip that turns
 * nothing counts against either bound.
 */
static void bound(struct flip *f, struct pass *s, uint64_t flips, double alpha)
{
	uint64_t allowed = (uint64_t)(alpha * (double)flips * (1 + 1e-12));
	uint64_t nothing = 2 * flips - s->means;
	int64_t past;

	f->low = (double)-INFINITY;
	f->high = (double)INFINITY;
	if (allowed < nothing)
		return;
	past = (int64_t)(allowed - nothing);
	f->low = kth(s->mean, (int64_t)s->means, past);
	f->high = kth(s->mean, (int64_t)s->means, (int64_t)s->means - 1 - past);
}

static void set_p(struct flip *f, uint64_t as_far, uint64_t flips)
{
	struct tail_bounds b;

	f->p = f->p_low = f->p_high = (double)as_far / (double)flips;
	if (f->exact)
		return;
	b = tail_binomial(as_far - 1, flips - 1, 0.01);	/* the identity was not drawn */
	f->p_low = b.low;
	f->p_high = b.high;
}

static void run(struct flip *f, double *x, const struct flip_how *how)
{
	double towards_0 = f->effect - flip_shrink(f->effect, how->blur);
	struct signs *signs = signs_new(f->n, &how->chance);
	uint64_t flips = signs_total(signs);
	const double *sign;
	struct pass s;
	size_t from, i;

	for (i = 0; i < f->n; i++)
		x[i] -= towards_0;
	pass_init(&s, x, f->n, flips);
	if (fabs(f->effect) <= how->blur)
		s.seen = 0;	/* not what rounding left of it */
	while ((sign = signs_next(signs, &from)))
		take(&s, sign, from);
	f->exact = signs_exact(signs);
	f->p_least = 1 / (double)flips;
	set_p(f, s.as_far, flips);
	bound(f, &s, flips, how->alpha);
	f->low += towards_0 - how->blur;
	f->high += towards_0 + how->blur;
	pass_release(&s);
	signs_free(signs);
}

struct flip flip_test(const double *d, size_t n, const struct flip_how *how)
{
	struct flip f = { .exact = true, .effect = (double)NAN, .sd = (double)NAN,
			  .low = (double)-INFINITY, .high = (double)INFINITY,
			  .p = 1, .p_low = 1, .p_high = 1, .p_least = 1 };
	double *x = xcalloc(n + 1, sizeof(*x));
	struct summary s;
	size_t i;

	for (i = 0; i < n; i++)
		if (isfinite(d[i]))
			x[f.n++] = d[i];
	if (f.n) {
		s = summary_of(x, f.n);
		f.effect = s.mean;
		f.sd = s.sd;
		run(&f, x, how);
	}
	free(x);
	return f;
}
