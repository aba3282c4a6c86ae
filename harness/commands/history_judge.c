/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/commands/history_judge.h"

#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "lib/alloc.h"

enum { SEED = 20140321, THREADS_MAX = 64 };

struct judging {
	const struct history *h;
	const struct history_judge_how *how;
	struct past *past;
	atomic_size_t next;
};

static void judge_series(const struct judging *j, struct past *p)
{
	const struct history_series *s = p->series;
	struct changes_how how = {
		.window = j->how->window, .magnitude = j->how->magnitude, .exact = s->metric.exact, .seed = SEED,
	};
	double *x = xcalloc(s->n + 1, sizeof(*x));
	size_t i;

	if (isnan(how.magnitude))
		how.magnitude = s->metric.exact ? 0 : CHANGES_MAGNITUDE;
	for (i = 0; i < s->n; i++)
		x[i] = s->point[i].value;
	p->nchanges = changes_find(x, s->n, &how, &p->change);
	free(x);
}

static void *judge_some(void *data)
{
	struct judging *j = data;
	size_t i;

	while ((i = atomic_fetch_add(&j->next, 1)) < j->h->n)
		judge_series(j, &j->past[i]);
	return NULL;
}

static size_t usable_cpus(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) ? 1 : (size_t)CPU_COUNT(&set);
}

/* This thread works too: where no other can be had, it does all. */
struct past *history_judge(const struct history *h, const struct history_judge_how *how)
{
	struct judging j = { .h = h, .how = how, .past = xcalloc(h->n + 1, sizeof(*j.past)) };
	size_t wanted = usable_cpus() < h->n ? usable_cpus() : h->n, others = 0, i;
	pthread_t thread[THREADS_MAX];

	for (i = 0; i < h->n; i++)
		j.past[i].series = &h->series[i];
	while (others + 1 < wanted && others < THREADS_MAX &&
	       !pthread_create(&thread[others], NULL, judge_some, &j))
		others++;
	judge_some(&j);
	while (others)
		pthread_join(thread[--others], NULL);
	return j.past;
}

void past_release(struct past *past, size_t n)
{
	while (n)
		free(past[--n].change);
	free(past);
}

static const struct history_revision *revision_at(const struct history *h, const struct past *p, size_t night)
{
	return &h->revision[p->series->point[night].revision];
}

bool revision_same(const struct history_revision *a, const struct history_revision *b)
{
	if (a->build_id[0] && b->build_id[0])
		return !strcmp(a->build_id, b->build_id);
	return !strcmp(a->release, b->release) && !strcmp(a->source, b->source) && !strcmp(a->patches, b->patches);
}

static bool changes_at(const struct history *h, const struct past *p, size_t night)
{
	return night > 0 && night < p->series->n &&
	       !revision_same(revision_at(h, p, night - 1), revision_at(h, p, night));
}

/* Nights to the nearest change of the kernel, 0 where none is near. */
static int nearest(const struct history *h, const struct past *p, size_t at)
{
	int d;

	for (d = 0; d <= PAST_NEAR; d++) {
		if (at >= (size_t)d && changes_at(h, p, at - (size_t)d))
			return -d;
		if (changes_at(h, p, at + (size_t)d))
			return d;
	}
	return 0;
}

struct past_kernels past_kernels(const struct history *h, const struct past *p, size_t change)
{
	const size_t at = p->change[change].at;
	struct past_kernels k = { .nights = nearest(h, p, at) };
	const size_t there = (size_t)((int64_t)at + k.nights);

	k.before = revision_at(h, p, there - 1);
	k.after = revision_at(h, p, there);
	k.same = revision_same(k.before, k.after);
	return k;
}
