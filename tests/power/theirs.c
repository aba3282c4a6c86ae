/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Other tools' rules, from their descriptions: docs/power.md has the sources. */
#include <math.h>

#include "harness/judge/summary.h"
#include "harness/judge/tail.h"
#include "tests/power/rule.h"

static int sign(double x)
{
	return (x > 0) - (x < 0);
}

/* The runs of one lie all beyond those of the other, and the gap is more than half of the means' distance. */
int call_lkp_apart(const struct sides *s)
{
	struct summary a = summary_of(s->a, s->n), b = summary_of(s->b, s->n);

	if (b.min > a.max && b.min - a.max > (b.mean - a.mean) / 2)
		return 1;
	return a.min > b.max && a.min - b.max > (a.mean - b.mean) / 2 ? -1 : 0;
}

/* All of one lie beyond the mean of the other, and its mean beyond all of the other. */
int call_lkp_listed(const struct sides *s)
{
	struct summary a = summary_of(s->a, s->n), b = summary_of(s->b, s->n);

	if (b.min > a.mean && b.mean > a.max)
		return 1;
	return a.min > b.mean && a.mean > b.max ? -1 : 0;
}

int call_mmtests(const struct sides *s)
{
	struct summary a = summary_of(s->a, s->n), b = summary_of(s->b, s->n);
	double va = a.sd * a.sd / a.n, vb = b.sd * b.sd / b.n, v = va + vb;
	double df = v * v / (va * va / (a.n - 1) + vb * vb / (b.n - 1));

	return tail_student((b.mean - a.mean) / sqrt(v), df) < 0.05 ? sign(b.mean - a.mean) : 0;
}

static int pooled_t(const struct sides *s, double level)
{
	struct summary a = summary_of(s->a, s->n), b = summary_of(s->b, s->n);
	double error = sqrt((a.sd * a.sd + b.sd * b.sd) / (double)s->n);

	if (tail_student((b.mean - a.mean) / error, 2 * (double)s->n - 2) > level)
		return 0;
	return sign(b.mean - a.mean);
}

int call_ministat(const struct sides *s)
{
	return pooled_t(s, 0.05);
}

int call_student(const struct sides *s)
{
	return pooled_t(s, 0.01);
}

int call_paired(const struct sides *s)
{
	double d[MOST_BLOCKS];
	struct summary m;
	size_t i;

	for (i = 0; i < s->n; i++)
		d[i] = log(s->b[i] / s->a[i]);
	m = summary_of(d, s->n);
	if (tail_student(m.mean / m.sd * sqrt(m.n), m.n - 1) > 0.01 / CELLS)
		return 0;
	return sign(m.mean);
}

/*
 * In which share of the orders of 2n different figures, n of either kind, so many pairs or fewer have b above a.
 * Orders are counted by the generating function: the product, i from 1 to n, of (1 - q^(n + i)) / (1 - q^i).
 */
static double share_of_orders(size_t n, size_t pairs)
{
	double count[LONG_BOOT * LONG_BOOT + 1] = { 1 }, all = 0, some = 0;
	size_t most = n * n, i, u;

	for (i = 1; i <= n; i++) {
		for (u = most; u >= n + i; u--)
			count[u] -= count[u - n - i];
		for (u = i; u <= most; u++)
			count[u] += count[u - i];
	}
	for (u = 0; u <= most; u++) {
		all += count[u];
		some += u <= pairs ? count[u] : 0;
	}
	return some / all;
}

/* With more than LONG_BOOT figures the number of pairs is as good as normal. */
static double mann_whitney(size_t n, size_t pairs)
{
	double middle = (double)(n * n) / 2, sd = sqrt((double)(n * n) * (2 * (double)n + 1) / 12);
	size_t fewer = pairs < n * n - pairs ? pairs : n * n - pairs;

	if (n <= LONG_BOOT)
		return fmin(1, 2 * share_of_orders(n, fewer));
	return fmin(1, erfc((middle - (double)fewer - 0.5) / sd / sqrt(2)));
}

int call_benchstat(const struct sides *s)
{
	size_t pairs = 0, i, j;

	for (i = 0; i < s->n; i++)
		for (j = 0; j < s->n; j++)
			pairs += s->b[j] > s->a[i];
	if (mann_whitney(s->n, pairs) >= 0.05)
		return 0;
	return sign((double)pairs - (double)(s->n * s->n) / 2);
}
