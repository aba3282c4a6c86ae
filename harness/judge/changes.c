/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/judge/changes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/judge/divisive.h"
#include "harness/judge/summary.h"
#include "lib/alloc.h"

struct search {
	const double *x;
	size_t n;
	const struct changes_how *how;
	struct change *change;
	size_t nchanges;
};

double change_magnitude(const struct change *c)
{
	if (c->before == c->after)
		return 0;
	return c->before == 0 ? copysign(INFINITY, c->after) : (c->after - c->before) / fabs(c->before);
}

static void add(struct search *s, size_t at, double p)
{
	s->change = xrealloc(s->change, s->nchanges + 1, sizeof(*s->change));
	s->change[s->nchanges++] = (struct change){ .at = at, .p = p };
}

/* Steps of an exact count, if it has nothing but steps. */
static bool find_steps(struct search *s)
{
	size_t i, run = 1;

	for (i = 1; i < s->n; i++, run++) {
		if (s->x[i] == s->x[i - 1])
			continue;
		if (run < CHANGES_LEAST) {
			s->nchanges = 0;
			return false;
		}
		add(s, i, NAN);
		run = 0;
	}
	return true;
}

static int by_place(const void *a, const void *b)
{
	const struct divisive_point *x = a, *y = b;

	return (x->at > y->at) - (x->at < y->at);
}

/* The points of one window that are settled: before `limit`. Where the next window begins if any was. */
static size_t search_window(struct search *s, size_t begin, size_t len, size_t limit)
{
	const struct divisive_how how = {
		.least = CHANGES_LEAST, .permutations = CHANGES_PERMUTATIONS, .level = CHANGES_LEVEL,
		.seed = s->how->seed,
	};
	struct divisive_point *point;
	size_t n = divisive_points(s->x + begin, len, &how, &point), i, next = begin + len / 2;

	qsort(point, n, sizeof(*point), by_place);
	for (i = 0; i < n && point[i].at < limit; i++) {
		next = begin + point[i].at;
		add(s, next, point[i].p);
	}
	free(point);
	return next;
}

static void search_all(struct search *s)
{
	const size_t window = s->how->window && s->how->window < s->n ? s->how->window : s->n;
	size_t begin = 0;

	while (begin + window < s->n)
		begin = search_window(s, begin, window, window - window / 4);
	search_window(s, begin, s->n - begin, s->n);
}

static double median(const struct search *s, size_t begin, size_t end)
{
	return summary_of(s->x + begin, end - begin).median;
}

/* Medians of the segments on both sides of a change. */
static void measure(struct search *s, size_t i)
{
	struct change *c = &s->change[i];

	c->before = median(s, i ? c[-1].at : 0, c->at);
	c->after = median(s, c->at, i + 1 < s->nchanges ? c[1].at : s->n);
}

/* The change with the least magnitude if that is too little, else nchanges. */
static size_t least_change(const struct search *s)
{
	size_t i, least = s->nchanges;
	double magnitude, smallest = INFINITY;

	for (i = 0; i < s->nchanges; i++) {
		magnitude = fabs(change_magnitude(&s->change[i]));
		if ((magnitude < s->how->magnitude || magnitude == 0) && magnitude < smallest) {
			smallest = magnitude;
			least = i;
		}
	}
	return least;
}

static void drop_small(struct search *s)
{
	size_t i;

	for (i = 0; i < s->nchanges; i++)
		measure(s, i);
	while ((i = least_change(s)) < s->nchanges) {
		memmove(s->change + i, s->change + i + 1, (--s->nchanges - i) * sizeof(*s->change));
		if (i < s->nchanges)
			measure(s, i);
		if (i)
			measure(s, i - 1);
	}
}

size_t changes_find(const double *x, size_t n, const struct changes_how *how, struct change **changes)
{
	struct search s = { .x = x, .n = n, .how = how };

	if (n > 1 && !(how->exact && find_steps(&s)))
		search_all(&s);
	drop_small(&s);
	*changes = s.change;
	return s.nchanges;
}
