/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The threads that run one cell: started, placed, taken through a workload's
 * phases together, timed in windows, stopped in order. The coordinator is the
 * calling thread; it sleeps while they measure. No thread is ever cancelled and
 * no signal handler runs in them.
 */
#ifndef BENCH_CREW_H
#define BENCH_CREW_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/memory.h"
#include "lib/topo.h"
#include "bench/workload.h"

/* How one cell is measured. Durations in nanoseconds. */
struct crew_plan {
	const struct workload *workload;
	const struct params *params;
	unsigned threads;
	const struct topo *topo;
	const uint32_t *cpu;		/* of each thread; PLACE_NONE: not pinned */
	enum memory_policy memory;
	const char *memory_text;
	const char *dir, *fs;
	uint64_t seed;
	uint64_t ops;			/* per thread and window; 0: windows of time */
	uint64_t counted;		/* ops per thread between markers; 0: an ordinary run */
	uint64_t warm_ops;		/* before those, per thread; 0: by the bytes of an op and of its file, see crew.c */
	uint64_t file_size;		/* that ops are spread over; 0: none, or ops are at one place in it */
	uint64_t warmup_ns, window_ns;
	unsigned windows;
};

/* What a window gave; the arrays have an entry a thread and live during the call. */
struct crew_window {
	unsigned index;			/* from 0 */
	const uint64_t *ops;
	uint64_t bytes_per_op;
	uint64_t elapsed_ns, skew_ns;	/* see struct sample */
};

/*
 * Measures; `window` is called by the coordinator after each one and ends the
 * cell by returning -1, having reported. 0, or -1 after reporting the first
 * failure, or CREW_WRONG where that is wrong data. A thread that does not leave its operation within a minute of being
 * told to stop ends the program with EXIT_CANNOT.
 *
 * In windows of time the warm-up and all windows are one uninterrupted run, and
 * the first window begins no earlier than every thread has finished an op; in
 * windows of ops one window is run and not shown if warmup_ns is above 0. Where
 * ops are counted there is one window, which is they.
 */
#define CREW_WRONG 1
int crew_run(const struct crew_plan *plan, int (*window)(const struct crew_window *w, void *data),
	     void *data);

#endif
