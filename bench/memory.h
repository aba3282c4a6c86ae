/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where memory comes from: a thread's memory policy, set before it allocates
 * buffers or fills the page cache. This module alone includes libnuma.
 */
#ifndef BENCH_MEMORY_H
#define BENCH_MEMORY_H

struct buf;

/* In the order of memory_choices. */
enum memory_policy {
	MEMORY_LOCAL,		/* the node of the CPU that allocates, also where the process inherited another policy */
	MEMORY_INTERLEAVE,	/* page by page over all nodes that the process may use */
	MEMORY_NODE,		/* that node and no other: a full one is out of memory, not a figure from elsewhere */
};

/* "local", "interleave", "node:N", NULL: see struct param in lib/param.h. */
extern const char *const memory_choices[];

/* Could it be applied here? Changes nothing. 0, or -1 and why, as memory_apply(). */
int memory_check(enum memory_policy policy, const char *text, struct buf *why);

/*
 * Applies a policy to the calling thread; text is as written ("node:1"). A kernel
 * without NUMA support can only be local: anything else is an error there. 0, or -1
 * and why, which names the nodes that there are.
 */
int memory_apply(enum memory_policy policy, const char *text, struct buf *why);

#endif
