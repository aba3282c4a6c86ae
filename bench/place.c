/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench/place.h"

#include <stdlib.h>

#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/param.h"

const char *const place_choices[] = { "compact", "spread", "smt-last", "one-numa",
				      "LIST",	 "none",   NULL };

/*
 * Parts of a machine, each inside the next. A part of a level is a set of equal
 * numbers from that level up, so that they nest on any machine: also where an L3
 * spans two NUMA nodes, or a node two packages.
 */
enum level { CORE, L3, NUMA, PACKAGE, MACHINE, LEVELS };

/*
 * The PUs to choose from, in hwloc's order. A part is known by its first PU: the
 * part of PU i at a level is part[level][i], and how many of its PUs can be taken
 * or are taken is counted at that index.
 */
struct pool {
	const struct topo_pu **pu;
	size_t n;
	size_t *part[LEVELS];
	size_t *free[LEVELS];
	size_t *busy[LEVELS];
	bool *offered;		/* is a PU free? */
	size_t *rank;		/* of a PU among its core's */
	uint32_t *order;	/* the answer: CPUs in the order they are taken */
	size_t taken;
};

static bool same_part(const struct topo_pu *a, const struct topo_pu *b, enum level level)
{
	switch (level) {
	case CORE:
		if (a->core != b->core)
			return false;
		/* fall through */
	case L3:
		if (a->l3 != b->l3)
			return false;
		/* fall through */
	case NUMA:
		if (a->numa != b->numa)
			return false;
		/* fall through */
	case PACKAGE:
		return a->package == b->package;
	default:
		return true;
	}
}

static void find_parts(struct pool *p, enum level level)
{
	size_t i, first;

	p->part[level] = xcalloc(p->n, sizeof(size_t));
	p->free[level] = xcalloc(p->n, sizeof(size_t));
	p->busy[level] = xcalloc(p->n, sizeof(size_t));
	for (i = 0; i < p->n; i++) {
		for (first = 0; !same_part(p->pu[first], p->pu[i], level); first++)
			;
		p->part[level][i] = first;
	}
}

/* The allowed PUs of a node, or of all (node NULL). */
static void pool_init(struct pool *p, const struct topo *t, const unsigned *node)
{
	enum level level;
	size_t i, k;

	*p = (struct pool){ .pu = xcalloc(t->n, sizeof(p->pu[0])) };
	for (i = 0; i < t->n; i++)
		if (t->pu[i].allowed && (!node || t->pu[i].numa == *node))
			p->pu[p->n++] = &t->pu[i];
	for (level = CORE; level < LEVELS; level++)
		find_parts(p, level);
	p->rank = xcalloc(p->n, sizeof(size_t));
	for (i = 0; i < p->n; i++)
		for (k = p->part[CORE][i]; k < i; k++)
			p->rank[i] += p->part[CORE][k] == p->part[CORE][i];
	p->offered = xcalloc(p->n, sizeof(bool));
	p->order = xcalloc(p->n, sizeof(p->order[0]));
}

static void pool_release(struct pool *p)
{
	enum level level;

	for (level = CORE; level < LEVELS; level++) {
		free(p->part[level]);
		free(p->free[level]);
		free(p->busy[level]);
	}
	free(p->pu);
	free(p->rank);
	free(p->offered);
	free(p->order);
}

struct part {
	enum level level;
	size_t first;
};
static const struct part whole = { MACHINE, 0 };

static bool inside(const struct pool *p, size_t pu, struct part part)
{
	return p->part[part.level][pu] == part.first;
}

/* Makes the PUs of one rank free to be taken. */
static void offer(struct pool *p, size_t rank)
{
	enum level level;
	size_t i;

	for (i = 0; i < p->n; i++) {
		if (p->rank[i] != rank)
			continue;
		p->offered[i] = true;
		for (level = CORE; level < LEVELS; level++)
			p->free[level][p->part[level][i]]++;
	}
}

static void take(struct pool *p, size_t pu)
{
	enum level level;

	p->offered[pu] = false;
	for (level = CORE; level < LEVELS; level++) {
		p->free[level][p->part[level][pu]]--;
		p->busy[level][p->part[level][pu]]++;
	}
	p->order[p->taken++] = p->pu[pu]->os;
}

/* The most free PUs that one core of a part has. */
static size_t thickest_core(const struct pool *p, struct part part)
{
	size_t i, most = 0;

	for (i = 0; i < p->n; i++)
		if (inside(p, i, part) && p->free[CORE][i] > most && p->part[CORE][i] == i)
			most = p->free[CORE][i];
	return most;
}

/*
 * The smallest part within a part that has n free PUs. Of several the one where
 * most of them can share a core, of equals the first.
 */
static struct part smallest(const struct pool *p, struct part within, size_t n)
{
	struct part best = within, part;
	size_t most = 0, here, i;

	for (part.level = CORE; part.level < within.level && !most; part.level++) {
		for (i = 0; i < p->n; i++) {
			part.first = i;
			if (p->part[part.level][i] != i || !inside(p, i, within) ||
			    p->free[part.level][i] < n)
				continue;
			here = thickest_core(p, part);
			if (here > most) {
				most = here;
				best = part;
			}
		}
	}
	return best;
}

/* The part one level below that has the most free PUs, the first of equals. */
static struct part largest_below(const struct pool *p, struct part above)
{
	struct part best = { above.level - 1, above.first };
	size_t i, most = 0;

	for (i = 0; i < p->n; i++) {
		if (p->part[best.level][i] != i || !inside(p, i, above) ||
		    p->free[best.level][i] <= most)
			continue;
		most = p->free[best.level][i];
		best.first = i;
	}
	return best;
}

/*
 * Takes n free PUs of a part, as near together as can be: those of the smallest
 * part that has so many. Unless that is a core, none of the parts below has, so
 * the largest of them goes whole, and the rest is sought again in what is left.
 */
static void nearest(struct pool *p, struct part within, size_t n)
{
	struct part below;
	size_t i, all;

	while (n) {
		within = smallest(p, within, n);
		if (within.level == CORE)
			break;
		below = largest_below(p, within);
		all = p->free[below.level][below.first];
		nearest(p, below, all);
		n -= all;
	}
	for (i = within.first; n; i++) {
		if (!p->offered[i] || !inside(p, i, within))
			continue;
		take(p, i);
		n--;
	}
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static void offer_all(struct pool *p)
{
	size_t rank;

	for (rank = 0; p->free[MACHINE][0] < p->n; rank++)
		offer(p, rank);
}

static void compact(struct pool *p, size_t threads)
{
	offer_all(p);
	nearest(p, whole, threads);
}

static void smt_last(struct pool *p, size_t threads)
{
	size_t rank;

	for (rank = 0; p->taken < threads; rank++) {
		offer(p, rank);
		nearest(p, whole, least(threads - p->taken, p->free[MACHINE][0]));
	}
}

/* Has PU a fewer busy neighbours than b? Sharing a core weighs most, then a package, a node, an L3. */
static bool farther(const struct pool *p, size_t a, size_t b)
{
	static const enum level weight[] = { CORE, PACKAGE, NUMA, L3 };
	size_t i, near_a, near_b;

	for (i = 0; i < sizeof(weight) / sizeof(weight[0]); i++) {
		near_a = p->busy[weight[i]][p->part[weight[i]][a]];
		near_b = p->busy[weight[i]][p->part[weight[i]][b]];
		if (near_a != near_b)
			return near_a < near_b;
	}
	return false;
}

/* One after the other, each as far as can be from those before. */
static void spread(struct pool *p, size_t threads)
{
	size_t i, best;

	offer_all(p);
	while (p->taken < threads) {
		best = p->n;
		for (i = 0; i < p->n; i++)
			if (p->offered[i] && (best == p->n || farther(p, i, best)))
				best = i;
		take(p, best);
	}
}

static size_t allowed_in(const struct topo *t, unsigned node)
{
	size_t i, n = 0;

	for (i = 0; i < t->n; i++)
		n += t->pu[i].allowed && t->pu[i].numa == node;
	return n;
}

static unsigned largest_node(const struct topo *t)
{
	size_t i, n, most = 0;
	unsigned node = 0;

	for (i = 0; i < t->n; i++) {
		n = allowed_in(t, t->pu[i].numa);
		if (n > most || (n == most && t->pu[i].numa < node)) {
			most = n;
			node = t->pu[i].numa;
		}
	}
	return node;
}

/* Thread i on the i-th of n CPUs, starting over. True: some has two. */
static bool deal(const uint32_t *from, size_t n, unsigned threads, uint32_t *cpu)
{
	unsigned i;

	for (i = 0; i < threads; i++)
		cpu[i] = from[i % n];
	return threads > n;
}

static bool place_by(const struct topo *t, enum place_policy policy, unsigned threads,
		     uint32_t *cpu)
{
	unsigned node = largest_node(t);
	struct pool p;
	bool over;

	pool_init(&p, t, policy == PLACE_ONE_NUMA ? &node : NULL);
	switch (policy) {
	case PLACE_COMPACT:
		compact(&p, least(threads, p.n));
		break;
	case PLACE_SPREAD:
		spread(&p, least(threads, p.n));
		break;
	default:
		smt_last(&p, least(threads, p.n));
	}
	over = deal(p.order, p.taken, threads, cpu);
	pool_release(&p);
	return over;
}

static bool any_twice(const uint32_t *cpu, unsigned threads)
{
	unsigned i, k;

	for (i = 0; i < threads; i++)
		for (k = 0; k < i; k++)
			if (cpu[i] == cpu[k])
				return true;
	return false;
}

static int place_list(const struct topo *t, const char *list, unsigned threads, uint32_t *cpu,
		      bool *oversubscribed, struct buf *why)
{
	int n = list ? cpulist_parse(list, NULL, 0) : -1, i;
	uint32_t *entry;

	if (n <= 0) {
		buf_fmt(why, "placement: '%s' is not a list of CPUs such as 0,2,4-7",
			list ? list : "");
		return -1;
	}
	entry = xcalloc((size_t)n, sizeof(entry[0]));
	cpulist_parse(list, entry, (size_t)n);
	for (i = 0; i < n && topo_allows(t, entry[i]); i++)
		;
	if (i < n) {
		buf_fmt(why, "placement: CPU %u is not usable here (usable: ", entry[i]);
		topo_allowed_list(t, why);
		buf_ch(why, ')');
	} else {
		deal(entry, (size_t)n, threads, cpu);
		*oversubscribed = any_twice(cpu, threads);
	}
	free(entry);
	return i < n ? -1 : 0;
}

int place_threads(const struct topo *t, enum place_policy policy, const char *list,
		  unsigned threads, uint32_t *cpu, bool *oversubscribed, struct buf *why)
{
	size_t allowed = topo_allowed(t);
	unsigned i;

	if (!allowed) {
		buf_str(why, "placement: this process may use none of the machine's CPUs");
		return -1;
	}
	switch (policy) {
	case PLACE_COMPACT:
	case PLACE_SPREAD:
	case PLACE_SMT_LAST:
	case PLACE_ONE_NUMA:
		*oversubscribed = place_by(t, policy, threads, cpu);
		return 0;
	case PLACE_LIST:
		return place_list(t, list, threads, cpu, oversubscribed, why);
	case PLACE_UNPINNED:
		for (i = 0; i < threads; i++)
			cpu[i] = PLACE_NONE;
		*oversubscribed = threads > allowed;
		return 0;
	}
	BUG("placement policy %d", (int)policy);
}
