/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench/gate.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static struct timespec at_ns(uint64_t ns)
{
	return (struct timespec){ .tv_sec = (time_t)(ns / 1000000000),
				  .tv_nsec = (long)(ns % 1000000000) };
}

/* Sleeps while the word holds value. False: the deadline (0: none) has passed. */
static bool futex_wait(_Atomic uint32_t *word, uint32_t value, uint64_t deadline_ns)
{
	struct timespec until = at_ns(deadline_ns);

	return !syscall(SYS_futex, word, FUTEX_WAIT_BITSET_PRIVATE, value,
			deadline_ns ? &until : NULL, NULL, FUTEX_BITSET_MATCH_ANY) ||
	       errno != ETIMEDOUT;
}

static void futex_wake_all(_Atomic uint32_t *word)
{
	syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX);
}

bool gate_pass(struct gate *g, uint64_t deadline_ns)
{
	uint32_t passed = atomic_load_explicit(&g->passed, memory_order_acquire);

	if (atomic_fetch_add_explicit(&g->arrived, 1, memory_order_acq_rel) + 1 == g->parties) {
		atomic_store_explicit(&g->arrived, 0, memory_order_relaxed);
		atomic_store_explicit(&g->passed, passed + 1, memory_order_release);
		futex_wake_all(&g->passed);
		return true;
	}
	while (atomic_load_explicit(&g->passed, memory_order_acquire) == passed)
		if (!futex_wait(&g->passed, passed, deadline_ns))
			return atomic_load_explicit(&g->passed, memory_order_acquire) != passed;
	return true;
}

void gate_wait_for_others(struct gate *g)
{
	const struct timespec moment = at_ns(1000000);

	while (atomic_load_explicit(&g->arrived, memory_order_acquire) + 1 < g->parties)
		nanosleep(&moment, NULL);
	nanosleep(&moment, NULL);	/* the last of them goes to sleep */
}

void gate_fail(struct gate *g)
{
	atomic_store_explicit(&g->failed, 1, memory_order_release);
	futex_wake_all(&g->failed);
}

bool gate_failed(struct gate *g)
{
	return atomic_load_explicit(&g->failed, memory_order_acquire);
}

bool gate_sleep(struct gate *g, uint64_t until_ns)
{
	while (!gate_failed(g) && futex_wait(&g->failed, 0, until_ns))
		;
	return gate_failed(g);
}
