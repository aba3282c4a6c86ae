/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/count/tally.h"

#include <stdlib.h>
#include <string.h>

#include "lib/alloc.h"

/* By vCPU, then alike ones together, then as they were done. */
static int compare_ops(const void *a, const void *b)
{
	const struct op *const *x = a, *const *y = b;
	int order;

	if ((*x)->vcpu != (*y)->vcpu)
		return (*x)->vcpu < (*y)->vcpu ? -1 : 1;
	order = memcmp((*x)->count, (*y)->count, sizeof((*x)->count));
	if (order)
		return order;
	return *x < *y ? -1 : *x > *y;
}

static bool alike(const struct op *a, const struct op *b)
{
	return a->vcpu == b->vcpu && !memcmp(a->count, b->count, sizeof(a->count));
}

/* From one vCPU's ops, which stand sorted: where the mode's begin, and how many they are. */
static size_t find_mode(const struct op *const *op, size_t n, size_t *of)
{
	size_t first = 0, i, best = 0;

	*of = 0;
	for (i = 1; i <= n; i++) {
		if (i < n && alike(op[first], op[i]))
			continue;
		if (i - first > *of || (i - first == *of && op[first] < op[best])) {
			best = first;
			*of = i - first;
		}
		first = i;
	}
	return best;
}

/* Returns an op at the mode. */
static const struct op *take_thread(const struct region *r, const struct op *const *op, size_t n,
				    struct tally *t)
{
	size_t of, best = find_mode(op, n, &of), i;
	int c;

	for (i = 0; i < of; i++)
		t->mode[op[best + i] - r->op] = true;
	for (i = 0; i < n; i++)
		if (op[i]->count[COUNT_EXCEPTIONS] > op[best]->count[COUNT_EXCEPTIONS])
			t->interrupted++;
	for (c = 0; c < NCOUNTS; c++)
		t->count[c] += op[best]->count[c];
	t->at_mode += of;
	t->thread[t->threads] = (struct tally_thread){
		.vcpu = op[best]->vcpu, .ops = (uint32_t)n, .at_mode = (uint32_t)of
	};
	memcpy(t->thread[t->threads++].count, op[best]->count, sizeof(op[best]->count));
	return op[best];
}

static int compare_paths(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static uint32_t count_paths(const struct region *r, const struct tally *t)
{
	uint64_t *path = xcalloc(t->at_mode, sizeof(*path));
	size_t i, n = 0;
	uint32_t different = 0;

	for (i = 0; i < r->nops; i++)
		if (t->mode[i])
			path[n++] = r->op[i].path;
	qsort(path, n, sizeof(*path), compare_paths);
	for (i = 0; i < n; i++)
		different += !i || path[i] != path[i - 1];
	free(path);
	return different;
}

static int compare_counts(const void *a, const void *b)
{
	const struct op *const *x = a, *const *y = b;

	return memcmp((*x)->count, (*y)->count, sizeof((*x)->count));
}

/* Threads' modes, one op for each thread. */
static uint32_t count_modes(const struct op **op, size_t n)
{
	uint32_t different = 0;
	size_t i;

	qsort(op, n, sizeof(*op), compare_counts);
	for (i = 0; i < n; i++)
		different += !i || compare_counts(&op[i - 1], &op[i]);
	return different;
}

void tally_make(const struct region *r, struct tally *t)
{
	const struct op **op;
	size_t i, first = 0, threads = 0;
	int c;

	*t = (struct tally){ .ops = r->nops };
	if (!r->nops)
		return;
	t->mode = xcalloc(r->nops, sizeof(*t->mode));
	op = xcalloc(r->nops, sizeof(*op));
	for (i = 0; i < r->nops; i++)
		op[i] = &r->op[i];
	qsort(op, r->nops, sizeof(*op), compare_ops);
	for (i = 1; i < r->nops; i++)
		threads += op[i]->vcpu != op[i - 1]->vcpu;
	t->thread = xcalloc(threads + 1, sizeof(*t->thread));
	threads = 0;
	for (i = 1; i <= r->nops; i++) {
		if (i < r->nops && op[i]->vcpu == op[first]->vcpu)
			continue;
		/* Where the vCPU's ops stood is no longer needed: `threads` never overtakes `first`. */
		op[threads++] = take_thread(r, op + first, i - first, t);
		first = i;
	}
	for (c = 0; c < NCOUNTS; c++)
		t->count[c] /= t->threads;
	t->modes = count_modes(op, threads);
	free(op);
	t->paths = count_paths(r, t);
	t->share = (double)t->at_mode / (double)t->ops;
	t->stable = t->share >= TALLY_STABLE;
}

void tally_release(struct tally *t)
{
	free(t->mode);
	free(t->thread);
	*t = (struct tally){ 0 };
}
