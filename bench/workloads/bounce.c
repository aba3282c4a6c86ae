/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counters in user space, and a known answer: how many lines move per op can be
 * worked out on paper. An op is one atomic increment (LOCK ADD, LDADD), or a load.
 * With n > 1 threads that take turns, one op each, and every op counted:
 *
 *	shared		all increment one counter: 1, its line moves on every op
 *	padded		each its own, two lines apart: 0
 *	false		even threads one, odd ones another, both in one line: 1 as well,
 *			though no two threads of different parity share anything
 *	readers		thread 0 increments, the others load: once a round it takes the
 *			line from them, and each of them fetches it again: n in n ops, 1
 */
#include "bench/workload.h"

#include <stdlib.h>
#include <string.h>

#define PAIR 128	/* bytes: x86 fetches lines in pairs, some arm64 lines are as long */

enum layout { SHARED, PADDED, FALSE, READERS };

static const struct param params[] = {
	{ .name = "layout", .kind = PARAM_CHOICE, .def = "shared",
	  .choices = (const char *const[]){ "shared", "padded", "false", "readers", NULL },
	  .help = "one counter for all, one a thread, two in one line, one that only thread 0 increments" },
	PARAM_END
};

struct pair {
	_Alignas(PAIR) _Atomic uint64_t counter[2];
	/* what counter[] must come to; touched by verification only */
	_Alignas(PAIR) _Atomic uint64_t ops[2];
};

/* b->state: one, or one a thread. */
static struct pair *pair_of(const struct task *t)
{
	struct pair *pair = t->bench->state;

	return params_choice(t->bench->params, "layout") == PADDED ? pair + t->index : pair;
}

static unsigned slot_of(const struct task *t)
{
	return params_choice(t->bench->params, "layout") == FALSE ? t->index % 2 : 0;
}

static bool only_loads(const struct task *t)
{
	return params_choice(t->bench->params, "layout") == READERS && t->index > 0;
}

static int setup(struct task *first)
{
	size_t bytes = first->bench->threads * sizeof(struct pair);

	first->bench->state = aligned_alloc(PAIR, bytes);
	if (!first->bench->state)
		return task_fail(first, "out of memory");
	memset(first->bench->state, 0, bytes);
	return 0;
}

static int run(struct task *t)
{
	_Atomic uint64_t *counter = &pair_of(t)->counter[slot_of(t)];

	if (only_loads(t)) {
		while (task_next(t)) {
			atomic_load_explicit(counter, memory_order_relaxed);
			task_done(t);
		}
		return 0;
	}
	while (task_next(t)) {
		atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
		task_done(t);
	}
	return 0;
}

static int task_verify(struct task *t)
{
	uint64_t ops = atomic_load_explicit(&t->ops, memory_order_relaxed);

	if (!only_loads(t))
		atomic_fetch_add(&pair_of(t)->ops[slot_of(t)], ops);
	return 0;
}

static int verify(struct task *first)
{
	struct pair *pair = first->bench->state;
	unsigned i, slot;

	for (i = 0; i < first->bench->threads; i++)
		for (slot = 0; slot < 2; slot++)
			if (pair[i].counter[slot] != pair[i].ops[slot])
				return task_wrong(first, "%llu increments of counter %u made it %llu",
						  (unsigned long long)pair[i].ops[slot], 2 * i + slot,
						  (unsigned long long)pair[i].counter[slot]);
	return 0;
}

static void teardown(struct bench *b)
{
	free(b->state);
}

extern const struct workload bounce_workload;
const struct workload bounce_workload = {
	.name = "bounce",
	.summary = "counters in user space whose lines move a known number of times",
	.about = "The line in question is the counter's own: `shared` and `false` move it on every op, `padded` never,\n"
		 "and under `readers` one thread takes it from all others, who each fetch it again. No system call is\n"
		 "made, so what moves is known beforehand: a check of whatever counts transfers.",
	.params = params,
	.setup = setup,
	.run = run,
	.task_verify = task_verify,
	.verify = verify,
	.teardown = teardown,
};
