/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench/memory.h"

#include <errno.h>
#include <numa.h>
#include <numaif.h>
#include <stdint.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/units.h"

const char *const memory_choices[] = { "local", "interleave", "node:N", NULL };

#define NEEDS_NICE " (a container needs CAP_SYS_NICE for this)"

/*
 * The nodes this process may take memory from, or NULL and why; the caller frees.
 * Asked of the kernel and not of numa_get_mems_allowed(), which talks on stderr
 * of its own where it fails.
 */
static struct bitmask *allowed_nodes(struct buf *why)
{
	struct bitmask *nodes = numa_allocate_nodemask();

	if (!get_mempolicy(NULL, nodes->maskp, nodes->size + 1, NULL, MPOL_F_MEMS_ALLOWED))
		return nodes;
	if (errno == ENOSYS)
		buf_str(why, "memory: this kernel has no NUMA support: only 'local' can be had");
	else
		buf_fmt(why, "memory: ask for the usable nodes: %m%s",
			errno == EPERM ? NEEDS_NICE : "");
	numa_bitmask_free(nodes);
	return NULL;
}

/* "0-1,8" */
static void list_nodes(const struct bitmask *nodes, struct buf *out)
{
	const char *comma = "";
	unsigned first, last;

	for (first = 0; first < nodes->size; first = last + 1) {
		last = first;
		if (!numa_bitmask_isbitset(nodes, first))
			continue;
		while (numa_bitmask_isbitset(nodes, last + 1))
			last++;
		buf_fmt(out, first < last ? "%s%u-%u" : "%s%u", comma, first, last);
		comma = ",";
	}
}

static int set(int mode, const struct bitmask *nodes, const char *text, struct buf *why)
{
	if (!set_mempolicy(mode, nodes ? nodes->maskp : NULL, nodes ? nodes->size + 1 : 0))
		return 0;
	buf_fmt(why, "memory: set the policy '%s': %m%s", text,
		errno == EPERM ? NEEDS_NICE : "");
	return -1;
}

/*
 * A kernel without NUMA (ENOSYS) has nothing but local memory. A container that
 * forbids the call (EPERM) leaves the policy it was started with, which is local
 * but where somebody took pains; if even asking is forbidden, that is believed.
 */
static int be_local(const char *text, struct buf *why)
{
	int mode = MPOL_DEFAULT;

	if (!set_mempolicy(MPOL_LOCAL, NULL, 0) || errno == ENOSYS)
		return 0;
	if (errno == EPERM) {
		get_mempolicy(&mode, NULL, 0, NULL, 0);
		if (mode == MPOL_DEFAULT || mode == MPOL_LOCAL)
			return 0;
		errno = EPERM;
	}
	buf_fmt(why, "memory: set the policy '%s': %m", text);
	return -1;
}

/* Leaves of the allowed nodes the one that is asked for. */
static int choose_node(struct bitmask *nodes, const char *text, struct buf *why)
{
	uint64_t n;

	if (strncmp(text, "node:", 5) || units_count(text + 5, &n)) {
		buf_fmt(why, "memory: '%s' is not node:N, N the number of a node", text);
		return -1;
	}
	if (n < nodes->size && numa_bitmask_isbitset(nodes, (unsigned)n)) {
		numa_bitmask_clearall(nodes);
		numa_bitmask_setbit(nodes, (unsigned)n);
		return 0;
	}
	buf_fmt(why, "memory: node %s %s (nodes: ", text + 5,
		n < nodes->size && numa_bitmask_isbitset(numa_nodes_ptr, (unsigned)n) ?
			"has no memory that this process may use" : "does not exist here");
	list_nodes(nodes, why);
	buf_ch(why, ')');
	return -1;
}

/* The nodes that a policy other than local means, or NULL and why; the caller frees. */
static struct bitmask *policy_nodes(enum memory_policy policy, const char *text, struct buf *why)
{
	struct bitmask *nodes = allowed_nodes(why);

	if (nodes && policy == MEMORY_NODE && choose_node(nodes, text, why)) {
		numa_bitmask_free(nodes);
		return NULL;
	}
	return nodes;
}

int memory_check(enum memory_policy policy, const char *text, struct buf *why)
{
	struct bitmask *nodes;

	if (policy == MEMORY_LOCAL)
		return 0;
	nodes = policy_nodes(policy, text, why);
	if (!nodes)
		return -1;
	numa_bitmask_free(nodes);
	return 0;
}

int memory_apply(enum memory_policy policy, const char *text, struct buf *why)
{
	struct bitmask *nodes;
	int ret;

	if (policy == MEMORY_LOCAL)
		return be_local(text, why);
	nodes = policy_nodes(policy, text, why);
	if (!nodes)
		return -1;
	ret = set(policy == MEMORY_INTERLEAVE ? MPOL_INTERLEAVE : MPOL_BIND, nodes, text, why);
	numa_bitmask_free(nodes);
	return ret;
}
