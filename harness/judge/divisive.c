/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/judge/divisive.h"

#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/alloc.h"

#define TIE 1e-9	/* of Q, relatively: the same sums in another order differ by rounding */

/*
 * With A, B and T the sums of distances within the left part, within the right part, and within
 * both together, each pair once, and e = m + k
 *
 *	Q = 2 (e - 1) / e * (T / (e - 1) - A / (m - 1) - B / (k - 1)).
 *
 * T depends on the end alone and A on `at` alone. When the right part loses its first point, its B
 * loses that point's distances to the rest, whose sums for all ends are made in one go.
 */

struct split divisive_split(const double *x, size_t n, size_t least)
{
	double *total = xcalloc(2 * (n + 1), sizeof(*total)), *within = total + n + 1, a = 0, sum, q;
	struct split best = { .q = -INFINITY };
	size_t at, e, i;

	for (e = 1; e < n; e++) {
		for (sum = 0, i = 0; i < e; i++)
			sum += fabs(x[e] - x[i]);
		within[e + 1] = total[e + 1] = total[e] + sum;
	}
	for (at = 1; at + least <= n; at++) {
		a = total[at];
		for (sum = 0, e = at + 1; e <= n; e++) {
			sum += fabs(x[at - 1] - x[e - 1]);
			within[e] -= sum;
			if (at < least || e < at + least)
				continue;
			q = total[e] / (double)(e - 1) - a / (double)(at - 1) - within[e] / (double)(e - at - 1);
			q *= 2 * (double)(e - 1) / (double)e;
			if (q > best.q + TIE * fabs(best.q) || !best.at)
				best = (struct split){ .at = at, .end = e, .q = q };
		}
	}
	free(total);
	return best;
}

/* Orders side by side: as many as SSE2 and NEON have numbers in a register. Wider ones make it no faster there. */
#define LANES 2
typedef double lanes __attribute__((vector_size(LANES * sizeof(double))));
typedef int64_t masks __attribute__((vector_size(LANES * sizeof(int64_t))));
_Static_assert(_Alignof(lanes) <= _Alignof(max_align_t), "xcalloc() aligns them");

struct segment {
	size_t begin, end;
	struct split split;	/* its best, counted from begin */
};

struct bisection {
	const struct divisive_how *how;
	const double *x;
	struct segment *segment;	/* in their order in the series */
	size_t nsegments;
	gsl_rng *rng;
	lanes *order;			/* [n]: as many orders of a segment's points */
	lanes *total, *within;		/* [n + 1]: see divisive_split() */
	lanes *bound, *inverse;		/* [n + 1]: see exceeding(); 1 / i */
	lanes *part;			/* [row * (n + 1) + e]: distances of point e - 1 to those before the row's */
};

/* Each lane's points of a segment in an order of its own. */
static void shuffle(struct bisection *b, const struct segment *s)
{
	const size_t n = s->end - s->begin;
	lanes *order = b->order;
	size_t i, at;
	double keep;
	int lane;

	for (i = 0; i < n; i++)
		order[i] = b->x[s->begin + i] - (lanes){ 0 };
	for (i = n - 1; i > 0; i--)
		for (lane = 0; lane < LANES; lane++) {
			/* of 32 random bits: no place is more than 2^-32 off an equal chance */
			at = (size_t)((uint64_t)gsl_rng_get(b->rng) * (i + 1) >> 32);
			keep = order[at][lane];
			order[at][lane] = order[i][lane];
			order[i][lane] = keep;
		}
}

/* *sum += |a - b| */
static inline void add_distance(lanes *sum, const lanes *a, const lanes *b)
{
	static const masks positive = { INT64_MAX, INT64_MAX };

	*sum += (lanes)((masks)(*a - *b) & positive);
}

/* Every so many places of `at`, from `least` on, is a row. */
#define ROWS 8

static void add_up(struct bisection *b, size_t n, double q)
{
	lanes sum, *part;
	size_t e, i, end;

	b->total[1] = (lanes){ 0 };
	for (e = 1; e < n; e++) {
		part = b->part + e + 1;
		for (sum = (lanes){ 0 }, i = 0, end = b->how->least; i < e; end += ROWS, part += n + 1) {
			for (; i < end && i < e; i++)
				add_distance(&sum, &b->order[e], &b->order[i]);
			*part = sum;
		}
		b->total[e + 1] = b->total[e] + sum;
		b->bound[e + 1] = b->total[e + 1] * b->inverse[e] - q * (double)(e + 1) / (2 * (double)e);
	}
}

static unsigned bits_of(const masks *hit)
{
	unsigned bits = 0;
	int lane;

	for (lane = 0; lane < LANES; lane++)
		bits |= (*hit)[lane] ? 1u << lane : 0;
	return bits;
}

/*
 * Which of the orders may have a split with Q >= q, as far as the rows tell? Between one row and the
 * next A only grows and B only shrinks: with A, k of the one and B, m of the other no split in
 * between is missed. Mostly none may, at an eighth of the work.
 */
static unsigned promising(const struct bisection *b, size_t n)
{
	const size_t least = b->how->least;
	size_t row, at, next, e;
	lanes before, within, left;
	masks hit = { 0 };

	for (row = 0, at = least; at + least <= n; at = next, row++) {
		next = at + ROWS;
		left = b->total[at] * b->inverse[(next < n - least ? next : n - least) - 1];
		for (e = at + least; e <= next && e <= n; e++)
			hit |= b->bound[e] >= left;
		for (before = (lanes){ 0 }, e = next + 1; e <= n; e++) {
			before += b->part[(row + 1) * (n + 1) + e];
			within = b->total[e] - b->total[next] - before;
			if (e >= at + least)
				hit |= b->bound[e] - within * b->inverse[e - at - 1] >= left;
		}
	}
	return bits_of(&hit);
}

/*
 * Which of the orders have a split with Q >= q? As in divisive_split(), the comparison rearranged:
 * bound[e] - B / (k - 1) >= A / (m - 1), where bound[e] is T / (e - 1) - q * e / (2 (e - 1)).
 */
static unsigned exceeding(struct bisection *b, size_t n, double q)
{
	const size_t least = b->how->least;
	size_t at, e, tested;
	lanes sum, left;
	masks hit = { 0 };

	add_up(b, n, q);
	if (!promising(b, n))
		return 0;
	memcpy(b->within, b->total, (n + 1) * sizeof(*b->within));
	for (at = 1; at + least <= n; at++) {
		tested = at < least ? n + 1 : at + least;
		left = b->total[at] * b->inverse[at - 1];
		for (sum = (lanes){ 0 }, e = at + 1; e < tested && e <= n; e++) {
			add_distance(&sum, &b->order[at - 1], &b->order[e - 1]);
			b->within[e] -= sum;
		}
		for (; e <= n; e++) {
			add_distance(&sum, &b->order[at - 1], &b->order[e - 1]);
			b->within[e] -= sum;
			hit |= b->bound[e] - b->within[e] * b->inverse[e - at - 1] >= left;
		}
	}
	return bits_of(&hit);
}

/* A bit for each of LANES orders, of the points within each segment, that has a split as good as q in any. */
static unsigned draw(struct bisection *b, double q)
{
	const struct segment *s;
	unsigned hits = 0;

	for (s = b->segment; s < b->segment + b->nsegments; s++) {
		if (!s->split.at || s->end - s->begin < 2 * b->how->least)
			continue;
		shuffle(b, s);
		hits |= exceeding(b, s->end - s->begin, q - TIE * fabs(q));
	}
	return hits;
}

/* p, or 1 as soon as it must be above the level. */
static double test(struct bisection *b, double q)
{
	const double most = floor(b->how->level * (b->how->permutations + 1.0) * (1 + TIE)) - 1;
	uint32_t drawn, hits, exceeded = 0;
	int lane;

	for (drawn = 0; drawn < b->how->permutations && exceeded <= most;) {
		hits = draw(b, q);
		for (lane = 0; lane < LANES && drawn < b->how->permutations; lane++, drawn++)
			exceeded += hits >> lane & 1;
	}
	return exceeded <= most ? (1.0 + exceeded) / (1.0 + drawn) : 1;
}

static void find_split(const struct bisection *b, struct segment *s)
{
	s->split = divisive_split(b->x + s->begin, s->end - s->begin, b->how->least);
}

/* The segment that is best split; NULL where none can be, or nothing differs. */
static struct segment *best_of(const struct bisection *b)
{
	struct segment *best = NULL, *s;

	for (s = b->segment; s < b->segment + b->nsegments; s++)
		if (s->split.at && s->split.q > 0 && (!best || s->split.q > best->split.q))
			best = s;
	return best;
}

static void bisect(struct bisection *b, size_t which)
{
	struct segment *s = b->segment + which;

	memmove(s + 2, s + 1, (b->nsegments++ - which - 1) * sizeof(*s));
	s[1] = (struct segment){ .begin = s->begin + s->split.at, .end = s->end };
	s[0].end = s[1].begin;
	find_split(b, &s[0]);
	find_split(b, &s[1]);
}

static size_t find_points(struct bisection *b, struct divisive_point *point, size_t most)
{
	const struct segment *best;
	size_t n;

	for (n = 0; n < most && (best = best_of(b)); n++) {
		point[n] = (struct divisive_point){ .at = best->begin + best->split.at, .q = best->split.q,
						    .p = NAN };
		if (b->how->permutations)
			point[n].p = test(b, best->split.q);
		if (point[n].p > b->how->level)
			break;
		bisect(b, (size_t)(best - b->segment));
	}
	return n;
}

size_t divisive_points(const double *x, size_t n, const struct divisive_how *how, struct divisive_point **points)
{
	struct bisection b = { .how = how, .x = x, .nsegments = 1 };
	size_t most = n / how->least, i, found;

	most = how->most && how->most < most ? how->most : most;
	*points = xcalloc(most + 1, sizeof(**points));
	b.segment = xcalloc(most + 2, sizeof(*b.segment));
	b.segment[0].end = n;
	b.order = xcalloc((5 + n / ROWS + 3) * (n + 1), sizeof(lanes));
	b.total = b.order + n + 1;
	b.within = b.total + n + 1;
	b.bound = b.within + n + 1;
	b.inverse = b.bound + n + 1;
	b.part = b.inverse + n + 1;
	for (i = 0; i <= n; i++)
		b.inverse[i] = (i ? 1 / (double)i : 0) - (lanes){ 0 };
	b.rng = gsl_rng_alloc(gsl_rng_mt19937);
	gsl_rng_set(b.rng, how->seed);
	find_split(&b, &b.segment[0]);
	found = find_points(&b, *points, most);
	gsl_rng_free(b.rng);
	free(b.order);
	free(b.segment);
	return found;
}
