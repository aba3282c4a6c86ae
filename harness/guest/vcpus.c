/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/guest/vcpus.h"

#include <sched.h>
#include <stdint.h>
#include <stdlib.h>

#include "harness/guest/qmp.h"
#include "harness/guest/shape.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/topo.h"

#define QMP_NS 10000000000ull

/* How many PUs of this one's core come before it among the usable ones: 0, 1, ... */
static unsigned rank(const struct topo *t, size_t pu)
{
	unsigned n = 0;
	size_t i;

	for (i = 0; i < pu; i++)
		n += t->pu[i].allowed && t->pu[i].core == t->pu[pu].core;
	return n;
}

static bool usable(const struct topo *t, size_t pu, int node)
{
	return t->pu[pu].allowed && (node < 0 || t->pu[pu].numa == (unsigned)node);
}

int vcpus_place(const struct topo *t, int node, unsigned *cpu, size_t n, struct buf *why)
{
	unsigned *order = xcalloc(t->n + 1, sizeof(order[0])), round;
	size_t found = 0, i;

	for (round = 0; round < t->n; round++)
		for (i = 0; i < t->n; i++)
			if (usable(t, i, node) && rank(t, i) == round)
				order[found++] = t->pu[i].os;
	for (i = 0; found && i < n; i++)
		cpu[i] = order[i % found];
	free(order);
	if (found)
		return 0;
	buf_fmt(why, "no usable CPU is in NUMA node %d", node);
	return -1;
}

/* query-cpus-fast: [{"cpu-index":0,"thread-id":1234,...},...] */
static int find_threads(struct vcpus *v, struct qmp *qmp, struct buf *why)
{
	json_t *answer = NULL;
	const json_t *one;
	uint64_t index, tid;
	size_t i, found = 0;

	if (qmp_call(qmp, &(struct qmp_call){ .command = "query-cpus-fast", .limit_ns = QMP_NS },
		     &answer, why))
		return -1;
	json_array_foreach(answer, i, one) {
		if (json_get_u64(one, "cpu-index", &index) || json_get_u64(one, "thread-id", &tid) ||
		    index >= v->n || tid > INT32_MAX)
			continue;
		found += !v->tid[index];
		v->tid[index] = (pid_t)tid;
	}
	json_decref(answer);
	if (found == v->n)
		return 0;
	buf_fmt(why, "QEMU tells the threads of %zu vCPUs, not of %zu", found, v->n);
	return -1;
}

int vcpus_pin(struct vcpus *v, const struct shape *shape, struct qmp *qmp, struct buf *why)
{
	struct topo t;
	size_t i;
	int ret;

	*v = (struct vcpus){ .tid = xcalloc(shape->cpus, sizeof(v->tid[0])),
			     .cpu = xcalloc(shape->cpus, sizeof(v->cpu[0])), .n = shape->cpus };
	ret = topo_load(&t, NULL, why);
	if (!ret)
		ret = vcpus_place(&t, shape->numa_node, v->cpu, v->n, why);
	if (!ret)
		ret = find_threads(v, qmp, why);
	for (i = 0; !ret && i < v->n; i++)
		ret = topo_pin_thread(&t, v->tid[i], v->cpu[i], why);
	topo_release(&t);
	return ret ? ret : vcpus_check(v, why);
}

int vcpus_check(const struct vcpus *v, struct buf *why)
{
	cpu_set_t *set;
	size_t size, i;
	int ret = 0;

	for (i = 0; !ret && i < v->n; i++) {
		size = CPU_ALLOC_SIZE(v->cpu[i] + 8192);	/* the kernel wants room for all it could have */
		set = CPU_ALLOC(v->cpu[i] + 8192);
		if (!set || sched_getaffinity(v->tid[i], size, set)) {
			buf_fmt(why, "vCPU %zu: read the affinity of its thread: %m", i);
			ret = -1;
		} else if (CPU_COUNT_S(size, set) != 1 || !CPU_ISSET_S(v->cpu[i], size, set)) {
			buf_fmt(why, "vCPU %zu is no longer pinned to CPU %u (changed from outside?)", i,
				v->cpu[i]);
			ret = -1;
		}
		CPU_FREE(set);
	}
	return ret;
}

void vcpus_release(struct vcpus *v)
{
	free(v->tid);
	free(v->cpu);
	*v = (struct vcpus){ 0 };
}
