/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/report/span.h"

#include <stdlib.h>
#include <string.h>

#include "harness/plan/plan.h"
#include "harness/report/predicted.h"
#include "lib/alloc.h"

#define SHOWN_KINDS 3	/* of a span */
#define FRAME " (page frame"	/* with what follows it: which one of its kind a line is */

bool touch_is_unnamed(const char *function)
{
	return !strcmp(function, "?");
}

static void widen(struct extent *e, double x, bool first)
{
	e->least = first || x < e->least ? x : e->least;
	e->most = first || x > e->most ? x : e->most;
}

const struct prediction_record *span_cell(const struct predicted *p, const struct plan_table *t,
					  size_t kernel, size_t at)
{
	return t->cell[at] < 0 ? NULL : predicted_cell(p, kernel, (size_t)t->cell[at]);
}

static void add_offset(struct touch *t, uint64_t offset)
{
	size_t i;

	for (i = 0; i < t->noffsets; i++)
		if (t->offset[i] == offset)
			return;
	t->offset = xrealloc(t->offset, t->noffsets + 1, sizeof(t->offset[0]));
	t->offset[t->noffsets++] = offset;
}

/* The touch of such an instruction, made where there is none yet. */
static struct touch *touch_of(struct kind *k, const char *function, const char *access,
			      uint64_t offset)
{
	struct touch *t;

	for (t = k->touch; t < k->touch + k->ntouches; t++)
		if (!strcmp(t->function, function) && !strcmp(t->access, access) &&
		    (!touch_is_unnamed(function) || t->offset[0] == offset))
			break;
	if (t == k->touch + k->ntouches) {
		k->touch = xrealloc(k->touch, k->ntouches + 1, sizeof(k->touch[0]));
		t = &k->touch[k->ntouches++];
		*t = (struct touch){ .function = function, .access = access };
	}
	add_offset(t, offset);
	return t;
}

static bool same_kind(const struct kind *k, const char *what, size_t len)
{
	return k->len == len && !memcmp(k->what, what, len);
}

static size_t kind_length(const char *what)
{
	const char *frame = strstr(what, FRAME);

	return frame ? (size_t)(frame - what) : strlen(what);
}

static void add_line(struct span *s, const struct line_record *l)
{
	size_t len = kind_length(l->what), i = 0;
	struct kind *k;

	while (i < s->nkinds && !same_kind(&s->kind[i], l->what, len))
		i++;
	if (i == s->nkinds) {
		s->kind = xrealloc(s->kind, s->nkinds + 1, sizeof(s->kind[0]));
		s->kind[s->nkinds++] = (struct kind){ .what = l->what, .len = len };
	}
	k = &s->kind[i];
	k->several |= strcmp(k->what, l->what) != 0;
	k->lines++;
	k->threads = l->threads > k->threads ? l->threads : k->threads;
	k->sum += l->per_op;
	for (i = 0; i < l->nmovers; i++)
		touch_of(k, l->mover[i].function, l->mover[i].access, l->mover[i].offset)->per_op +=
			l->mover[i].per_op;
}

static int by_sum(const void *va, const void *vb)
{
	const struct kind *a = va, *b = vb;

	return a->sum > b->sum ? -1 : a->sum < b->sum;
}

static int by_per_op(const void *va, const void *vb)
{
	const struct touch *a = va, *b = vb;

	return a->per_op > b->per_op ? -1 : a->per_op < b->per_op;
}

/* One cell's. */
static struct span span_of(const struct prediction_record *r)
{
	struct span s = { .more = r->lines_moved > r->nlines ? r->lines_moved - r->nlines : 0 };
	double rest = r->transfers;
	size_t i;

	for (i = 0; i < r->nlines; i++) {
		add_line(&s, &r->line[i]);
		rest -= r->line[i].per_op;
	}
	for (i = 0; i < s.nkinds; i++)
		widen(&s.kind[i].per_op, s.kind[i].sum, true);
	widen(&s.rest, rest, true);
	if (s.nkinds)
		qsort(s.kind, s.nkinds, sizeof(s.kind[0]), by_sum);
	return s;
}

static void span_release(struct span *s)
{
	size_t i, j;

	for (i = 0; i < s->nkinds; i++) {
		for (j = 0; j < s->kind[i].ntouches; j++)
			free(s->kind[i].touch[j].offset);
		free(s->kind[i].touch);
	}
	free(s->kind);
}

size_t span_kinds(const struct span *s)
{
	size_t n = 0;

	while (n < s->nkinds && n < SHOWN_KINDS && (!n || s->kind[n].per_op.most >= MOVED))
		n++;
	return n;
}

bool span_has_rest(const struct span *s)
{
	return s->rest.most >= MOVED && s->more;
}

/* Would a range of both still tell how much it is of each? */
static bool near(struct extent a, struct extent b)
{
	widen(&a, b.least, false);
	widen(&a, b.most, false);
	return a.most <= 2 * a.least;
}

/* Does b go on where a ends, with the same kinds and not too different figures? */
static bool alike(const struct span *a, const struct span *b)
{
	size_t i, n = span_kinds(a);

	if (a->kernel != b->kernel || a->column != b->column || a->last + 1 != b->first ||
	    n != span_kinds(b) || span_has_rest(a) != span_has_rest(b))
		return false;
	for (i = 0; i < n; i++)
		if (!same_kind(&a->kind[i], b->kind[i].what, b->kind[i].len) ||
		    !near(a->kind[i].per_op, b->kind[i].per_op))
			return false;
	return !span_has_rest(a) || near(a->rest, b->rest);
}

static void join_kind(struct kind *to, const struct kind *from)
{
	const struct touch *t;
	size_t i;

	to->several |= from->several || strcmp(to->what, from->what);
	to->lines = from->lines > to->lines ? from->lines : to->lines;
	to->threads = from->threads > to->threads ? from->threads : to->threads;
	to->sum += from->sum;
	widen(&to->per_op, from->per_op.least, false);
	widen(&to->per_op, from->per_op.most, false);
	for (t = from->touch; t < from->touch + from->ntouches; t++)
		for (i = 0; i < t->noffsets; i++)
			touch_of(to, t->function, t->access, t->offset[i])->per_op +=
				i ? 0 : t->per_op;
}

/* Takes b in, and releases it. */
static void join(struct span *a, struct span *b)
{
	size_t i;

	a->last = b->last;
	a->more = b->more > a->more ? b->more : a->more;
	widen(&a->rest, b->rest.least, false);
	widen(&a->rest, b->rest.most, false);
	for (i = 0; i < span_kinds(b); i++)
		join_kind(&a->kind[i], &b->kind[i]);
	span_release(b);
}

static void add_cell(struct spans *all, const struct prediction_record *r, struct span at)
{
	struct span s = span_of(r);

	s.kernel = at.kernel;
	s.column = at.column;
	s.first = s.last = at.first;
	if (all->n && alike(&all->span[all->n - 1], &s)) {
		join(&all->span[all->n - 1], &s);
		return;
	}
	all->span = xrealloc(all->span, all->n + 1, sizeof(all->span[0]));
	all->span[all->n++] = s;
}

/* By what they have in the end, all cells put together. */
static void sort_touches(struct span *s)
{
	size_t i;

	for (i = 0; i < s->nkinds; i++)
		if (s->kind[i].ntouches)
			qsort(s->kind[i].touch, s->kind[i].ntouches, sizeof(struct touch), by_per_op);
}

struct spans spans_make(const struct predicted *p, const struct plan_table *t)
{
	const struct prediction_record *r;
	struct spans all = { 0 };
	struct span at = { 0 };
	size_t i;

	for (at.kernel = 0; at.kernel < p->plan->nkernels; at.kernel++)
		for (at.column = 0; at.column < t->ncolumns; at.column++)
			for (at.first = 0; at.first < t->nrows; at.first++) {
				r = span_cell(p, t, at.kernel, at.first * t->ncolumns + at.column);
				if (r && r->transfers >= MOVED)
					add_cell(&all, r, at);
			}
	for (i = 0; i < all.n; i++)
		sort_touches(&all.span[i]);
	return all;
}

void spans_release(struct spans *all)
{
	while (all->n)
		span_release(&all->span[--all->n]);
	free(all->span);
}
