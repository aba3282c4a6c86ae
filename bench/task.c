/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench/task.h"

#include <stdarg.h>
#include <string.h>

#include "lib/roi.h"

void task_init(struct task *t, struct bench *b, unsigned index)
{
	struct stamp stamp = { .key = b->seed };

	memset(t, 0, sizeof(*t));
	t->bench = b;
	t->index = index;
	stamp_fill(&stamp, &t->random, sizeof(t->random), index * sizeof(t->random));
	if (!t->random)
		t->random = 1;	/* the one state that xorshift never leaves */
}

void task_count(struct task *t, uint64_t n)
{
	t->to_count = n;
	/* the goal is reached before the first, and so each one asks task_more() */
	atomic_store_explicit(&t->goal, 0, memory_order_relaxed);
}

bool task_more(struct task *t)
{
	if (t->in_counted_op)
		ROI_MARK(ROI_END);
	t->in_counted_op = t->to_count > 0;
	if (!t->in_counted_op)
		return false;
	t->to_count--;
	ROI_MARK(ROI_BEGIN);
	return true;
}

/* The first reason counts. */
static void give_reason(struct task *t, bool wrong, const char *fmt, va_list ap)
{
	if (t->why.len)
		return;
	buf_vfmt(&t->why, fmt, ap);
	t->wrong = wrong;
}

int task_fail(struct task *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	give_reason(t, false, fmt, ap);
	va_end(ap);
	return -1;
}

int task_wrong(struct task *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	give_reason(t, true, fmt, ap);
	va_end(ap);
	return -1;
}
