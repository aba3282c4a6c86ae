/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which thread runs on which CPU. Pure: a function of a topology, a policy and
 * a number of threads. Only allowed CPUs are ever chosen.
 */
#ifndef BENCH_PLACE_H
#define BENCH_PLACE_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/topo.h"

struct buf;

#define PLACE_NONE UINT32_MAX	/* a thread that is not pinned */

/* In the order of place_choices. */
enum place_policy {
	PLACE_COMPACT,	/* fill a core's PUs, then the next core: as near together as can be */
	PLACE_SPREAD,	/* as far apart as can be: packages first, then NUMA nodes, L3s, cores, SMT siblings */
	PLACE_SMT_LAST,	/* one thread a core, nearest cores first; second PUs only when cores run out */
	PLACE_ONE_NUMA,	/* SMT_LAST within the node that has the most allowed PUs (the lowest number of several) */
	PLACE_LIST,	/* thread i on the list's entry i, starting over at its end */
	PLACE_UNPINNED,	/* leave it to the scheduler */
};

/* "compact", "spread", "smt-last", "one-numa", "LIST", "none", NULL: see struct param in lib/param.h. */
extern const char *const place_choices[];

/*
 * Fills cpu[0..threads-1]. More threads than CPUs start over from the first, so
 * that no CPU has two threads more than another. `list` is the text of the LIST
 * policy. *oversubscribed: some CPU has more than one thread (under "none": more
 * threads than allowed CPUs). 0, or -1 and why: a list that names a CPU that
 * the machine lacks or the process may not use, no CPU allowed.
 */
int place_threads(const struct topo *t, enum place_policy policy, const char *list, unsigned threads,
		  uint32_t *cpu, bool *oversubscribed, struct buf *why);

#endif
