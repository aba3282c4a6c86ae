/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Our own rules, by the code that judges real runs. */
#include <math.h>
#include <stdlib.h>

#include "harness/judge/flip.h"
#include "harness/judge/looks.h"
#include "harness/judge/maxt.h"
#include "harness/judge/ratio.h"
#include "harness/judge/signs.h"
#include "harness/judge/verdict.h"
#include "tests/power/rule.h"

static const double alpha = 0.01;

struct look {
	uint32_t n;
	struct limits limits;
	double ratio[CELLS * MOST_BLOCKS];	/* [cell * n + block] */
	double mean[CELLS], blur[CELLS];
	struct adjusted adjusted[CELLS];
};

static void look_ratios(struct look *k, const struct draw *d)
{
	double a[MOST_BLOCKS], b[MOST_BLOCKS], *x;
	uint32_t c, i;

	for (c = 0; c < CELLS; c++) {
		const struct paired p = { .baseline = a, .patched = b, .n = k->n };

		for (i = 0; i < k->n; i++) {
			a[i] = d->median[BASELINE][i][c];
			b[i] = d->median[PATCHED][i][c];
		}
		x = k->ratio + c * k->n;
		k->blur[c] = ratio_of(&p, x).blur;
		k->mean[c] = 0;
		for (i = 0; i < k->n; i++)
			k->mean[c] += x[i] / k->n;
	}
}

/* Where no effect is beyond the minimum none can be called, whatever its p: 1 will do. */
static void look_adjust(struct look *k)
{
	const struct family f = { .blocks = k->n, .cells = CELLS, .ratio = k->ratio, .blur = k->blur };
	bool any = false;
	uint32_t c;

	for (c = 0; c < CELLS; c++) {
		k->adjusted[c] = (struct adjusted){ .n = k->n, .p = 1, .adjusted = 1 };
		any = any || fabs(k->mean[c]) > ratio_log(k->limits.minimum);
	}
	if (any)
		maxt_adjust(&f, k->adjusted);
}

static void look_init(struct look *k, struct draw *d, uint32_t n, const struct limits *limits)
{
	draw_blocks(d, n);
	k->n = n;
	k->limits = *limits;
	look_ratios(k, d);
	look_adjust(k);
}

/* What is called without an interval need not have one: they are dear. */
static enum verdict look_verdict(const struct look *k, uint32_t cell)
{
	const struct flip_how how = { .alpha = k->limits.alpha, .blur = k->blur[cell] };
	struct evidence e = { .blocks = k->n, .effect = k->mean[cell], .low = (double)-INFINITY,
			      .high = (double)INFINITY, .p = k->adjusted[cell].adjusted };
	struct flip f;

	e.p_least = ldexp(1, 1 - (int)k->n);
	if (verdict_of(&e, &k->limits).verdict != VERDICT_INCONCLUSIVE)
		return verdict_of(&e, &k->limits).verdict;
	f = flip_test(k->ratio + cell * k->n, k->n, &how);
	e.low = f.low;
	e.high = f.high;
	return verdict_of(&e, &k->limits).verdict;
}

struct hard {
	uint32_t cell;
	double far;
};

static int by_far(const void *va, const void *vb)
{
	const struct hard *a = va, *b = vb;

	return (a->far < b->far) - (a->far > b->far);
}

/* The cell that is least likely to be decided comes first: mostly it is the only one to be looked at. */
static bool look_decided(const struct look *k)
{
	struct hard order[CELLS];
	double far;
	uint32_t c, i;

	for (c = 0; c < CELLS; c++) {
		for (far = i = 0; i < k->n; i++)
			far = fmax(far, fabs(k->ratio[c * k->n + i]));
		order[c] = (struct hard){ c, k->adjusted[c].adjusted <= k->limits.alpha ? 0 : far };
	}
	qsort(order, CELLS, sizeof(order[0]), by_far);
	for (c = 0; c < CELLS; c++)
		if (look_verdict(k, order[c].cell) == VERDICT_INCONCLUSIVE)
			return false;
	return true;
}

static void conclude(const struct look *k, struct ruling *r)
{
	enum verdict v;
	uint32_t c;

	r->blocks = k->n;
	for (c = 0; c < CELLS; c++) {
		r->call[c] = 0;
		if (c && c != CELLS - 1 && k->adjusted[c].adjusted > k->limits.alpha)
			continue;	/* unchanged or inconclusive: nobody asks */
		v = look_verdict(k, c);
		r->call[c] = (int8_t)((v == VERDICT_IMPROVED) - (v == VERDICT_REGRESSED));
		if (!c)
			r->open_first = v == VERDICT_INCONCLUSIVE;
		r->open_last = v == VERDICT_INCONCLUSIVE;
	}
}

static void fixed(struct draw *d, double minimum, struct ruling *r)
{
	const struct limits limits = { .alpha = alpha, .minimum = minimum, .better = HIGHER_IS_BETTER };
	struct look k;

	look_init(&k, d, FIXED_BLOCKS, &limits);
	conclude(&k, r);
}

void ours_fixed(struct draw *d, struct ruling *r)
{
	fixed(d, 0.02, r);
}

void ours_fixed_no_minimum(struct draw *d, struct ruling *r)
{
	fixed(d, 0, r);
}

void ours_sequential(struct draw *d, struct ruling *r)
{
	const struct looks looks = { .alpha = alpha, .first = 12, .step = 4, .cap = MOST_BLOCKS };
	struct limits limits = { .minimum = 0.02, .better = HIGHER_IS_BETTER };
	struct look k;
	uint32_t n;

	for (n = looks_next(&looks, 0); n; n = looks_next(&looks, n)) {
		limits.alpha = looks_level(&looks, n);
		look_init(&k, d, n, &limits);
		if (n < looks.cap && look_decided(&k))
			break;
	}
	conclude(&k, r);
}
