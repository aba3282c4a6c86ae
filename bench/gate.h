/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A barrier that all threads and the coordinator pass together. Unlike
 * pthread_barrier_t the coordinator can give up on it, and a failing thread can
 * wake the coordinator out of a window. There is no lock that a woken thread must
 * take: where threads outnumber CPUs those that already measure would keep the
 * others waiting for it, one after the other, far into the windows.
 */
#ifndef BENCH_GATE_H
#define BENCH_GATE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct gate {
	unsigned parties;
	_Atomic uint32_t arrived;
	_Atomic uint32_t passed;	/* how often all have; a futex */
	_Atomic uint32_t failed;	/* some task has; a futex */
};

/* Waits for all. False: the deadline (CLOCK_MONOTONIC; 0: none) passed first. */
bool gate_pass(struct gate *g, uint64_t deadline_ns);

/* For the coordinator, which will pass next: until all others have come and wait for it. */
void gate_wait_for_others(struct gate *g);

void gate_fail(struct gate *g);
bool gate_failed(struct gate *g);

/* Sleeps until then, or until gate_fail(): true. */
bool gate_sleep(struct gate *g, uint64_t until_ns);

#endif
