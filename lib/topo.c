/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/topo.h"

#include <hwloc.h>
#include <hwloc/linux.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/exitcode.h"

#define SYS_CPU "/sys/devices/system/cpu"

/* An empty set; as in lib/alloc.h there is always memory for it. */
static hwloc_bitmap_t new_set(void)
{
	hwloc_bitmap_t set = hwloc_bitmap_alloc();

	if (!set) {
		err("out of memory");
		exit(EXIT_CANNOT);
	}
	return set;
}

static bool is_path(const char *source)
{
	size_t len = strlen(source);

	return strchr(source, '/') || (len > 4 && !strcmp(source + len - 4, ".xml"));
}

/* Has hwloc read the description instead of this machine; NULL leaves it at this machine. */
static int set_source(hwloc_topology_t h, const char *source, struct buf *why)
{
	if (!source) {
		/* hwloc would guess: a CPU's number from a count, one node, on arm64 no cores */
		if (!access(SYS_CPU, F_OK))
			return 0;
		buf_fmt(why, "topology: %s: %m; is /sys mounted?", SYS_CPU);
		return -1;
	}
	if (is_path(source)) {
		if (!access(source, R_OK) && !hwloc_topology_set_xml(h, source))
			return 0;
		buf_fmt(why, "topology: open %s: %m", source);
		return -1;
	}
	if (!hwloc_topology_set_synthetic(h, source))
		return 0;
	buf_fmt(why,
		"topology: '%s' is neither an hwloc synthetic string such as 'package:2 [numa] l3:1 core:8 pu:2' "
		"nor the path of an XML file",
		source);
	return -1;
}

/* The loaded tree, which the caller destroys, or NULL and why. */
static hwloc_topology_t load(const char *source, struct buf *why)
{
	hwloc_topology_t h;

	if (hwloc_topology_init(&h)) {
		buf_fmt(why, "topology: start hwloc: %m");
		return NULL;
	}
	hwloc_topology_set_flags(h, HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED);
	if (set_source(h, source, why))
		goto fail;
	if (hwloc_topology_load(h)) {
		if (source)
			buf_fmt(why, "topology: hwloc cannot read %s: not the XML of a machine?",
				source);
		else
			buf_fmt(why, "topology: hwloc cannot read this machine: %m");
		goto fail;
	}
	if (!source && !hwloc_topology_is_thissystem(h)) {
		buf_str(why, "topology: the environment has hwloc describe another machine: "
			     "unset HWLOC_XMLFILE, HWLOC_SYNTHETIC, HWLOC_FSROOT, HWLOC_THISSYSTEM");
		goto fail;
	}
	return h;
fail:
	hwloc_topology_destroy(h);
	return NULL;
}

/*
 * The cpuset of the cgroup is hwloc's to know; an affinity set from outside
 * (taskset, a batch system) is not, and comes from the kernel.
 */
static hwloc_bitmap_t usable(hwloc_topology_t h, bool here, struct buf *why)
{
	hwloc_bitmap_t set = new_set(), bound = new_set();

	hwloc_bitmap_copy(set, hwloc_topology_get_allowed_cpuset(h));
	if (here && hwloc_get_cpubind(h, bound, HWLOC_CPUBIND_THREAD)) {
		buf_fmt(why, "topology: read the affinity of this process: %m");
		hwloc_bitmap_free(set);
		set = NULL;
	} else if (here) {
		hwloc_bitmap_and(set, set, bound);
	}
	hwloc_bitmap_free(bound);
	return set;
}

/* How many cores are below; where no core is known, how many PUs. */
static int cores_below(hwloc_topology_t h, hwloc_obj_t o)
{
	bool cores = hwloc_get_nbobjs_by_type(h, HWLOC_OBJ_CORE) > 0;

	return hwloc_get_nbobjs_inside_cpuset_by_type(h, o->cpuset,
						      cores ? HWLOC_OBJ_CORE : HWLOC_OBJ_PU);
}

/* The next object up that is a cache and still below the package, or NULL. */
static hwloc_obj_t cache_above(hwloc_obj_t o)
{
	for (o = o->parent; o && o->type != HWLOC_OBJ_PACKAGE; o = o->parent)
		if (hwloc_obj_type_is_dcache(o->type))
			return o;
	return NULL;
}

/*
 * The highest level of cache of which one at least is shared by several cores;
 * 0 where none is. One level for the whole machine: a cache of that level with
 * all cores but one offline still is one.
 */
static unsigned shared_level(hwloc_topology_t h)
{
	hwloc_obj_t pu = NULL, o;
	unsigned level = 0;

	while ((pu = hwloc_get_next_obj_by_type(h, HWLOC_OBJ_PU, pu)))
		for (o = cache_above(pu); o; o = cache_above(o))
			if (o->attr->cache.depth > level && cores_below(h, o) > 1)
				level = o->attr->cache.depth;
	return level;
}

static hwloc_obj_t package_of(hwloc_topology_t h, hwloc_obj_t pu)
{
	hwloc_obj_t o = hwloc_get_ancestor_obj_by_type(h, HWLOC_OBJ_PACKAGE, pu);

	return o ? o : hwloc_get_root_obj(h);
}

static hwloc_obj_t core_of(hwloc_topology_t h, hwloc_obj_t pu)
{
	hwloc_obj_t o = hwloc_get_ancestor_obj_by_type(h, HWLOC_OBJ_CORE, pu);

	return o ? o : pu;
}

static hwloc_obj_t cache_of(hwloc_topology_t h, hwloc_obj_t pu, unsigned level)
{
	hwloc_obj_t o;

	for (o = cache_above(pu); o; o = cache_above(o))
		if (o->attr->cache.depth == level)
			return o;
	return package_of(h, pu);
}

/* Where a CPU has several nodes (memory of two kinds), the first is the one it allocates from. */
static unsigned node_of(hwloc_topology_t h, hwloc_obj_t pu)
{
	int node = hwloc_bitmap_first(pu->nodeset);

	if (node < 0)
		node = hwloc_bitmap_first(hwloc_topology_get_topology_nodeset(h));
	return node < 0 ? 0 : (unsigned)node;
}

/* Objects numbered in the order they are met. */
struct numbering {
	hwloc_obj_t *seen;
	unsigned n;
};

static unsigned number_of(struct numbering *g, hwloc_obj_t o)
{
	unsigned i = g->n;

	while (i--)
		if (g->seen[i] == o)
			return i;
	g->seen[g->n] = o;
	return g->n++;
}

static void flatten(struct topo *t, hwloc_topology_t h, hwloc_const_bitmap_t allowed)
{
	size_t max = (size_t)hwloc_get_nbobjs_by_type(h, HWLOC_OBJ_PU), i;
	struct numbering core = { xcalloc(max, sizeof(hwloc_obj_t)), 0 };
	struct numbering cache = { xcalloc(max, sizeof(hwloc_obj_t)), 0 };
	struct numbering package = { xcalloc(max, sizeof(hwloc_obj_t)), 0 };
	unsigned level = shared_level(h);
	struct topo_pu *row;
	hwloc_obj_t pu = NULL;

	t->pu = xcalloc(max, sizeof(t->pu[0]));
	while ((pu = hwloc_get_next_obj_by_type(h, HWLOC_OBJ_PU, pu))) {
		row = &t->pu[t->n];
		*row = (struct topo_pu){
			.os = pu->os_index, .core = number_of(&core, core_of(h, pu)),
			.l3 = number_of(&cache, cache_of(h, pu, level)), .numa = node_of(h, pu),
			.package = number_of(&package, package_of(h, pu)),
			.allowed = hwloc_bitmap_isset(allowed, pu->os_index),
		};
		for (i = 0; i < t->n; i++)
			row->smt += t->pu[i].core == row->core;
		t->n++;
	}
	free(core.seen);
	free(cache.seen);
	free(package.seen);
}

int topo_load(struct topo *t, const char *source, struct buf *why)
{
	hwloc_topology_t h;
	hwloc_bitmap_t allowed;

	memset(t, 0, sizeof(*t));
	h = load(source, why);
	if (!h)
		return -1;
	allowed = usable(h, !source, why);
	if (!allowed) {
		hwloc_topology_destroy(h);
		return -1;
	}
	flatten(t, h, allowed);
	hwloc_bitmap_free(allowed);
	if (source) {
		hwloc_topology_destroy(h);
		return 0;
	}
	t->hwloc = h;
	if (hwloc_get_nbobjs_by_type(h, HWLOC_OBJ_CORE) <= 0)
		warn("%s does not tell cores: every CPU counts as one of its own", SYS_CPU);
	return 0;
}

void topo_release(struct topo *t)
{
	free(t->pu);
	if (t->hwloc)
		hwloc_topology_destroy(t->hwloc);
	memset(t, 0, sizeof(*t));
}

size_t topo_allowed(const struct topo *t)
{
	size_t i, n = 0;

	for (i = 0; i < t->n; i++)
		n += t->pu[i].allowed;
	return n;
}

void topo_allowed_list(const struct topo *t, struct buf *out)
{
	hwloc_bitmap_t set = new_set();
	char *text;
	size_t i;

	for (i = 0; i < t->n; i++)
		if (t->pu[i].allowed)
			hwloc_bitmap_set(set, t->pu[i].os);
	if (hwloc_bitmap_list_asprintf(&text, set) >= 0) {
		buf_str(out, *text ? text : "none");
		free(text);
	}
	hwloc_bitmap_free(set);
}

bool topo_allows(const struct topo *t, unsigned os)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		if (t->pu[i].os == os)
			return t->pu[i].allowed;
	return false;
}

int topo_pinned(const struct topo *t, unsigned os, struct buf *why)
{
	hwloc_bitmap_t is = new_set();
	int cpu, ret = -1;

	if (hwloc_get_cpubind(t->hwloc, is, HWLOC_CPUBIND_THREAD)) {
		buf_fmt(why, "pin to CPU %u: read the affinity back: %m", os);
	} else if (hwloc_bitmap_weight(is) != 1 || !hwloc_bitmap_isset(is, os)) {
		buf_fmt(why, "pin to CPU %u: the affinity is another one (changed from outside?)",
			os);
	} else {
		cpu = sched_getcpu();
		if (cpu < 0 || (unsigned)cpu == os)
			ret = 0;	/* -1: a kernel that cannot tell */
		else
			buf_fmt(why, "pin to CPU %u: still on CPU %d", os, cpu);
	}
	hwloc_bitmap_free(is);
	return ret;
}

/* Binding does not touch the tree, so threads share it without a lock. */
int topo_pin(const struct topo *t, unsigned os, struct buf *why)
{
	hwloc_bitmap_t set;
	int ret = -1;

	if (!t->hwloc)
		BUG("pinning to a machine that is only described");
	if (!topo_allows(t, os)) {
		buf_fmt(why, "pin to CPU %u: not usable here (usable: ", os);
		topo_allowed_list(t, why);
		buf_ch(why, ')');
		return -1;
	}
	set = new_set();
	hwloc_bitmap_only(set, os);
	if (hwloc_set_cpubind(t->hwloc, set, HWLOC_CPUBIND_THREAD))
		buf_fmt(why,
			"pin to CPU %u: %m (it was usable at the start: gone offline, or out of the cpuset?)",
			os);
	else
		ret = topo_pinned(t, os, why);
	hwloc_bitmap_free(set);
	return ret;
}

int topo_pin_thread(const struct topo *t, pid_t tid, unsigned os, struct buf *why)
{
	hwloc_bitmap_t set;
	int ret = -1;

	if (!topo_allows(t, os)) {
		buf_fmt(why, "pin thread %d to CPU %u: not usable here", (int)tid, os);
		return -1;
	}
	set = new_set();
	hwloc_bitmap_only(set, os);
	if (hwloc_linux_set_tid_cpubind(t->hwloc, tid, set)) {
		buf_fmt(why, "pin thread %d to CPU %u: %m", (int)tid, os);
	} else if (hwloc_linux_get_tid_cpubind(t->hwloc, tid, set) ||
		   hwloc_bitmap_weight(set) != 1 || !hwloc_bitmap_isset(set, os)) {
		buf_fmt(why, "pin thread %d to CPU %u: its affinity is another one", (int)tid, os);
	} else {
		ret = 0;
	}
	hwloc_bitmap_free(set);
	return ret;
}
