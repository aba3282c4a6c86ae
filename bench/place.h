/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which thread runs on which CPU. Pure: a function of a topology, a policy and
 * a number of threads. Only allowed CPUs are ever chosen, and only they count:
 * a core's first PU is its first allowed one.
 *
 * Among equals hwloc's order decides. Where the parts of a machine are equal,
 * more threads only add CPUs to those of fewer; where they are not (a cpuset, a
 * hybrid, offline siblings), each number of threads is placed for itself.
 */
#ifndef BENCH_PLACE_H
#define BENCH_PLACE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/topo.h"

struct buf;

#define PLACE_NONE UINT32_MAX	/* a thread that is not pinned */

/* In the order of place_choices. */
enum place_policy {
	/*
	 * Fill a core's PUs, then the next core: as near together as can be. All threads
	 * are in one core, L3, NUMA node or package wherever one has PUs enough for them.
	 */
	PLACE_COMPACT,
	/*
	 * As far apart as can be: packages in turn, then their NUMA nodes, L3s, cores.
	 * A second PU of any core only when no core is free.
	 */
	PLACE_SPREAD,
	/* One thread a core, nearest cores first, as PLACE_COMPACT; second PUs only when cores run out. */
	PLACE_SMT_LAST,
	/* PLACE_SMT_LAST within the node that has the most allowed PUs (the lowest number of several). */
	PLACE_ONE_NUMA,
	/* Thread i on the list's entry i, starting over at its end; a CPU may be named twice. */
	PLACE_LIST,
	/* Leave it to the scheduler. */
	PLACE_UNPINNED,
};

/* "compact", "spread", "smt-last", "one-numa", "LIST", "none", NULL: see struct param in lib/param.h. */
extern const char *const place_choices[];

/*
 * Fills cpu[0..threads-1]. More threads than CPUs (under one-numa: of that node)
 * start over from the first, so that no CPU has two threads more than another.
 * `list` is the text of the LIST policy. *oversubscribed: some CPU has more than
 * one thread (under "none": more threads than allowed CPUs). 0, or -1 and why: a
 * list that names a CPU that the machine lacks or the process may not use, even
 * past its last thread; no CPU allowed.
 */
int place_threads(const struct topo *t, enum place_policy policy, const char *list,
		  unsigned threads, uint32_t *cpu, bool *oversubscribed, struct buf *why);

#endif
