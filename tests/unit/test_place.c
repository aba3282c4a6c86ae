/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "bench/place.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/param.h"
#include "tests/unit/machine.h"

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

/* The policy that a choice table with these entries would give, and the list where it is one. */
static enum place_policy policy_of(const char *text)
{
	size_t i;

	for (i = 0; place_choices[i]; i++)
		if (!strcmp(text, place_choices[i]))
			return (enum place_policy)i;
	return PLACE_LIST;
}

/* In order, "-" for a thread that is not pinned; three or more that count up as "0-2". */
static void list_cpus(const uint32_t *cpu, unsigned n, struct buf *out)
{
	unsigned i, last;

	for (i = 0; i < n; i = last + 1) {
		for (last = i; last + 1 < n && cpu[last + 1] == cpu[last] + 1 && cpu[last + 1] != PLACE_NONE; last++)
			;
		if (last == i + 1)
			last = i;
		if (cpu[i] == PLACE_NONE)
			buf_str(out, "-");
		else if (last > i)
			buf_fmt(out, "%u-%u", cpu[i], cpu[last]);
		else
			buf_fmt(out, "%u", cpu[i]);
		buf_str(out, last + 1 < n ? "," : "");
	}
}

struct row {
	const char *policy;	/* or a list */
	unsigned threads;
	const char *cpus;
	bool oversubscribed;
};

static void check_rows(const char *machine, const struct row *row, size_t n)
{
	struct buf is = BUF_INIT, want = BUF_INIT, why = BUF_INIT;
	struct topo t;
	uint32_t *cpu;
	bool over;

	machine_load(&t, machine);
	for (; n--; row++) {
		cpu = xcalloc(row->threads, sizeof(cpu[0]));
		over = !row->oversubscribed;
		assert_int_equal(place_threads(&t, policy_of(row->policy), row->policy, row->threads, cpu, &over, &why), 0);
		buf_reset(&is);
		buf_reset(&want);
		buf_fmt(&is, "%s %s %u: ", machine, row->policy, row->threads);
		buf_fmt(&want, "%s%s%s", buf_text(&is), row->cpus, row->oversubscribed ? " oversubscribed" : "");
		list_cpus(cpu, row->threads, &is);
		buf_str(&is, over ? " oversubscribed" : "");
		assert_string_equal(buf_text(&is), buf_text(&want));
		free(cpu);
	}
	assert_int_equal(why.len, 0);
	buf_release(&is);
	buf_release(&want);
	buf_release(&why);
	topo_release(&t);
}
#define CHECK_ROWS(machine, rows) check_rows(machine, rows, LENGTH(rows))

static void two_sockets_with_siblings_numbered_last(void **state)
{
	static const struct row rows[] = {
		{ "compact", 1, "0", false },
		{ "compact", 2, "0,32", false },
		{ "compact", 3, "0,32,1", false },
		{ "compact", 4, "0,32,1,33", false },
		{ "spread", 1, "0", false },
		{ "spread", 2, "0,16", false },
		{ "spread", 5, "0,16,1,17,2", false },
		{ "smt-last", 4, "0-3", false },
		{ "smt-last", 16, "0-15", false },
		{ "smt-last", 20, "0-19", false },
		{ "smt-last", 34, "0-33", false },
		{ "smt-last", 64, "0-63", false },
		{ "smt-last", 65, "0-63,0", true },
		{ "one-numa", 16, "0-15", false },
		{ "one-numa", 17, "0-15,32", false },
		{ "one-numa", 33, "0-15,32-47,0", true },
		{ "63,0-2", 3, "63,0,1", false },
		{ "63,0-2", 6, "63,0-2,63,0", true },
		{ "7,7,8", 1, "7", false },
		{ "7,7,8", 3, "7,7,8", true },
		{ "none", 2, "-,-", false },
	};

	(void)state;
	CHECK_ROWS("xeon-2s", rows);
}

static void two_sockets_that_take_turns_in_numbering(void **state)
{
	static const struct row rows[] = {
		{ "compact", 4, "0,32,2,34", false },
		{ "spread", 4, "0-3", false },
		{ "smt-last", 4, "0,2,4,6", false },
		{ "one-numa", 3, "0,2,4", false },
	};

	(void)state;
	CHECK_ROWS("xeon-2s-alternating", rows);
}

static void zen_with_several_l3s_a_package(void **state)
{
	static const struct row rows[] = {
		{ "compact", 8, "0,64,1,65,2,66,3,67", false },
		{ "compact", 10, "0,64,1,65,2,66,3,67,4,68", false },
		{ "spread", 4, "0,32,4,36", false },
		{ "spread", 18, "0,32,4,36,8,40,12,44,16,48,20,52,24,56,28,60,1,33", false },
		{ "smt-last", 4, "0-3", false },
		{ "smt-last", 6, "0-5", false },
		{ "smt-last", 66, "0-65", false },
		{ "one-numa", 34, "0-31,64,65", false },
	};

	(void)state;
	CHECK_ROWS("epyc-2s-nps1", rows);
}

static void zen_with_several_nodes_a_package(void **state)
{
	static const struct row rows[] = {
		{ "compact", 4, "0,64,1,65", false },
		{ "spread", 10, "0,32,8,40,16,48,24,56,4,36", false },
		{ "smt-last", 10, "0-9", false },
		{ "one-numa", 8, "0-7", false },
		{ "one-numa", 10, "0-7,64,65", false },
		{ "one-numa", 17, "0-7,64-71,0", true },
	};

	(void)state;
	CHECK_ROWS("epyc-2s-nps4", rows);
}

static void eighty_cores_that_share_no_cache(void **state)
{
	static const struct row one[] = {
		{ "compact", 4, "0-3", false },
		{ "spread", 4, "0-3", false },
		{ "smt-last", 80, "0-79", false },
		{ "one-numa", 80, "0-79", false },
		{ "one-numa", 82, "0-79,0,1", true },
	};
	static const struct row two[] = {
		{ "compact", 81, "0-80", false },
		{ "spread", 4, "0,80,1,81", false },
		{ "smt-last", 82, "0-81", false },
		{ "one-numa", 81, "0-79,0", true },
	};

	(void)state;
	CHECK_ROWS("altra-1s", one);
	CHECK_ROWS("altra-2s", two);
}

static void four_threads_a_core_numbered_in_a_row(void **state)
{
	static const struct row rows[] = {
		{ "compact", 6, "0-5", false },
		{ "spread", 4, "0,64,8,72", false },
		{ "smt-last", 4, "0,4,8,12", false },
		{ "one-numa", 17, "0,4,8,12,16,20,24,28,32,36,40,44,48,52,56,60,1", false },
	};

	(void)state;
	CHECK_ROWS("power9-2s", rows);
}

static void a_virtual_machine_of_two_cpus(void **state)
{
	static const struct row rows[] = {
		{ "compact", 1, "0", false },
		{ "compact", 2, "0,1", false },
		{ "spread", 2, "0,1", false },
		{ "smt-last", 2, "0,1", false },
		{ "one-numa", 2, "0,1", false },
		{ "smt-last", 5, "0,1,0,1,0", true },
		{ "spread", 3, "0,1,0", true },
		{ "1", 2, "1,1", true },
		{ "none", 2, "-,-", false },
		{ "none", 3, "-,-,-", true },
	};

	(void)state;
	CHECK_ROWS("vm-2cpu", rows);
}

static void cores_with_and_without_siblings(void **state)
{
	static const struct row rows[] = {
		{ "compact", 1, "0", false },
		{ "compact", 18, "0-17", false },
		{ "spread", 4, "0,2,4,6", false },
		{ "spread", 18, "0,2,4,6,8,10,12,14,16-23,1,3", false },
		{ "smt-last", 9, "0,2,4,6,8,10,12,14,16", false },
		{ "smt-last", 18, "0,2,4,6,8,10,12,14,16-23,1,3", false },
		{ "smt-last", 25, "0,2,4,6,8,10,12,14,16-23,1,3,5,7,9,11,13,15,0", true },
	};

	(void)state;
	CHECK_ROWS("hybrid", rows);
}

static void siblings_offline_on_one_of_two_sockets(void **state)
{
	static const struct row rows[] = {
		{ "compact", 2, "4,12", false },
		{ "compact", 4, "4,12,5,13", false },
		{ "compact", 9, "4,12,5,13,6,14,7,15,0", false },
		{ "spread", 4, "0,4,1,5", false },
		{ "spread", 9, "0,4,1,5,2,6,3,7,12", false },
		{ "smt-last", 4, "0-3", false },
		{ "smt-last", 10, "0-7,12,13", false },
		{ "smt-last", 13, "0-7,12-15,0", true },
		{ "one-numa", 2, "4,5", false },
		{ "one-numa", 9, "4-7,12-15,4", true },
	};

	(void)state;
	CHECK_ROWS("offline-siblings", rows);
}

static void a_cpuset_of_three_odd_cpus(void **state)
{
	static const struct row rows[] = {
		{ "compact", 2, "1,5", false },
		{ "compact", 4, "1,5,3,1", true },
		{ "spread", 2, "1,3", false },
		{ "spread", 3, "1,3,5", false },
		{ "smt-last", 2, "1,3", false },
		{ "smt-last", 3, "1,3,5", false },
		{ "one-numa", 4, "1,3,5,1", true },
		{ "5,1", 2, "5,1", false },
		{ "none", 4, "-,-,-,-", true },
	};

	(void)state;
	CHECK_ROWS("odd-cpuset", rows);
}

static void a_cpuset_with_one_cpu_far_from_the_others(void **state)
{
	static const struct row rows[] = {
		{ "compact", 1, "4", false },
		{ "compact", 2, "4,12", false },
		{ "compact", 9, "4,12,5,13,6,14,7,15,3", false },
		{ "spread", 2, "3,4", false },
		{ "spread", 6, "3-7,12", false },
		{ "smt-last", 2, "4,5", false },
		{ "smt-last", 5, "4-7,3", false },
		{ "smt-last", 6, "4-7,3,12", false },
		{ "one-numa", 4, "4-7", false },
	};

	(void)state;
	CHECK_ROWS("lopsided-cpuset", rows);
}

static void expect_refusal(const struct topo *t, const char *list, const char *message)
{
	struct buf why = BUF_INIT;
	uint32_t cpu[2] = { 99, 99 };
	bool over = false;

	assert_int_equal(place_threads(t, policy_of(list), list, 2, cpu, &over, &why), -1);
	assert_string_equal(buf_text(&why), message);
	buf_release(&why);
}

static void a_list_that_cannot_be_is_refused_with_what_can(void **state)
{
	struct topo t;

	(void)state;
	machine_load(&t, "vm-2cpu");
	expect_refusal(&t, "7", "placement: CPU 7 is not usable here (usable: 0-1)");
	expect_refusal(&t, "0,1,2", "placement: CPU 2 is not usable here (usable: 0-1)");	/* even past the threads */
	expect_refusal(&t, "0-65535", "placement: CPU 2 is not usable here (usable: 0-1)");
	expect_refusal(&t, "0,x", "placement: '0,x' is not a list of CPUs such as 0,2,4-7");
	expect_refusal(&t, "1-0", "placement: '1-0' is not a list of CPUs such as 0,2,4-7");
	expect_refusal(&t, "", "placement: '' is not a list of CPUs such as 0,2,4-7");
	expect_refusal(&t, "-1", "placement: '-1' is not a list of CPUs such as 0,2,4-7");
	topo_release(&t);
	machine_load(&t, "odd-cpuset");
	expect_refusal(&t, "1,2", "placement: CPU 2 is not usable here (usable: 1,3,5)");
	topo_release(&t);
}

static void no_usable_cpu_is_an_error_under_every_policy(void **state)
{
	struct topo_pu pu = { .os = 0 };
	struct topo t = { .pu = &pu, .n = 1 };
	size_t i;

	(void)state;
	for (i = 0; place_choices[i]; i++)
		expect_refusal(&t, place_choices[i], "placement: this process may use none of the machine's CPUs");
}

static void the_choices_are_in_the_order_of_the_policies(void **state)
{
	const struct param row = { .name = "placement", .kind = PARAM_CHOICE, .choices = place_choices };
	static const struct { const char *text; enum place_policy policy; } all[] = {
		{ "compact", PLACE_COMPACT }, { "spread", PLACE_SPREAD }, { "smt-last", PLACE_SMT_LAST },
		{ "one-numa", PLACE_ONE_NUMA }, { "0,2-3", PLACE_LIST }, { "none", PLACE_UNPINNED },
	};
	struct buf why = BUF_INIT;
	uint64_t n;
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(all); i++) {
		assert_int_equal(param_check(&row, all[i].text, &n, &why), 0);
		assert_int_equal(n, all[i].policy);
	}
	buf_release(&why);
}

/*
 * What must hold on any machine: all that tests/machines/ describes and more,
 * whole and with a random part of the CPUs allowed.
 */
enum { BY_CORE, BY_L3, BY_NUMA, BY_PACKAGE, BY_MACHINE };

static bool together(const struct topo_pu *a, const struct topo_pu *b, int by)
{
	return (by > BY_CORE || a->core == b->core) && (by > BY_L3 || a->l3 == b->l3) &&
	       (by > BY_NUMA || a->numa == b->numa) && (by > BY_PACKAGE || a->package == b->package);
}

static const struct topo_pu *pu_of(const struct topo *t, uint32_t os)
{
	size_t i;

	for (i = 0; i < t->n && t->pu[i].os != os; i++)
		;
	assert_true(i < t->n);
	return &t->pu[i];
}

/* How many threads have their CPU in the same part as a PU. */
static unsigned threads_by(const struct topo *t, const uint32_t *cpu, unsigned n, const struct topo_pu *with, int by)
{
	unsigned i, sum = 0;

	for (i = 0; i < n; i++)
		sum += together(pu_of(t, cpu[i]), with, by);
	return sum;
}

static size_t allowed_by(const struct topo *t, const struct topo_pu *with, int by)
{
	size_t i, sum = 0;

	for (i = 0; i < t->n; i++)
		sum += t->pu[i].allowed && together(&t->pu[i], with, by);
	return sum;
}

static size_t cores_by(const struct topo *t, const struct topo_pu *with, int by)
{
	size_t i, k, sum = 0;

	for (i = 0; i < t->n; i++) {
		if (!t->pu[i].allowed || !together(&t->pu[i], with, by))
			continue;
		for (k = 0; k < i && !(t->pu[k].allowed && together(&t->pu[k], &t->pu[i], BY_CORE)); k++)
			;
		sum += k == i;
	}
	return sum;
}

struct placed {
	const struct topo *t;
	enum place_policy policy;
	unsigned n;
	uint32_t *cpu;
};

/* May the policy use this PU? */
static bool eligible(const struct placed *p, const struct topo_pu *pu)
{
	return pu->allowed && (p->policy != PLACE_ONE_NUMA || pu->numa == pu_of(p->t, p->cpu[0])->numa);
}

static void check_only_allowed_cpus(const struct placed *p)
{
	unsigned i;

	for (i = 0; i < p->n; i++)
		assert_true(eligible(p, pu_of(p->t, p->cpu[i])));
}

static void check_balance_and_flag(const struct placed *p, bool over)
{
	unsigned *count = xcalloc(p->t->n, sizeof(count[0])), low = UINT32_MAX, high = 0, i;
	size_t k;

	for (i = 0; i < p->n; i++)
		count[pu_of(p->t, p->cpu[i]) - p->t->pu]++;
	for (k = 0; k < p->t->n; k++) {
		if (!eligible(p, &p->t->pu[k]))
			continue;
		low = count[k] < low ? count[k] : low;
		high = count[k] > high ? count[k] : high;
	}
	assert_true(high - low <= 1);
	assert_int_equal(over, high > 1);
	free(count);
}

/* No core is shared while another has no thread at all. */
static void check_cores_before_siblings(const struct placed *p)
{
	bool shared = false, idle = false;
	unsigned threads;
	size_t i;

	for (i = 0; i < p->t->n; i++) {
		if (!eligible(p, &p->t->pu[i]))
			continue;
		threads = threads_by(p->t, p->cpu, p->n, &p->t->pu[i], BY_CORE);
		shared |= threads > 1;
		idle |= threads == 0;
	}
	assert_false(shared && idle);
}

/* All in one part of a level wherever one has room for all. */
static void check_nearness(const struct placed *p,
			   size_t (*room)(const struct topo *t, const struct topo_pu *with, int by))
{
	bool fits;
	size_t i;
	int by;

	for (by = BY_CORE; by < BY_MACHINE; by++) {
		fits = false;
		for (i = 0; i < p->t->n; i++)
			fits |= p->t->pu[i].allowed && room(p->t, &p->t->pu[i], by) >= p->n;
		if (fits)
			assert_int_equal(threads_by(p->t, p->cpu, p->n, pu_of(p->t, p->cpu[0]), by), p->n);
	}
}

/* The first two are in different packages, or else nodes, or else L3s, or else cores. */
static void check_first_two_far_apart(const struct placed *p)
{
	const struct topo_pu *a = pu_of(p->t, p->cpu[0]), *b;
	size_t all = allowed_by(p->t, a, BY_MACHINE);
	int by;

	if (p->n < 2)
		return;
	b = pu_of(p->t, p->cpu[1]);
	for (by = BY_PACKAGE; by >= BY_CORE; by--)
		if (allowed_by(p->t, a, by) < all) {
			assert_false(together(a, b, by));
			return;
		}
}

/* While cores last packages have equally many threads, and so have nodes of a package and L3s of a node. */
static void check_evenly_spread(const struct placed *p)
{
	const struct topo *t = p->t;
	unsigned few, many;
	size_t i, k;
	int by;

	for (by = BY_PACKAGE; by > BY_CORE; by--)
		for (i = 0; i < t->n; i++)
			for (k = 0; k < t->n; k++) {
				if (!t->pu[i].allowed || !t->pu[k].allowed || !together(&t->pu[i], &t->pu[k], by + 1))
					continue;
				few = threads_by(t, p->cpu, p->n, &t->pu[i], by);
				many = threads_by(t, p->cpu, p->n, &t->pu[k], by);
				if (many > few + 1)
					assert_int_equal(few, cores_by(t, &t->pu[i], by));
			}
}

static size_t only_cores(const struct topo *t, const struct topo_pu *with, int by)
{
	return by == BY_CORE ? 1 : cores_by(t, with, by);
}

static void place(struct placed *p, bool *over)
{
	struct buf why = BUF_INIT;

	p->cpu = xcalloc(p->n, sizeof(p->cpu[0]));
	assert_int_equal(place_threads(p->t, p->policy, NULL, p->n, p->cpu, over, &why), 0);
	assert_int_equal(why.len, 0);
}

static void check_all(const struct topo *t, enum place_policy policy, unsigned threads)
{
	struct placed p = { .t = t, .policy = policy, .n = threads }, again = p;
	bool over, over_again;

	place(&p, &over);
	place(&again, &over_again);
	assert_memory_equal(p.cpu, again.cpu, threads * sizeof(p.cpu[0]));
	assert_int_equal(over, over_again);
	check_only_allowed_cpus(&p);
	check_balance_and_flag(&p, over);
	if (policy != PLACE_COMPACT)
		check_cores_before_siblings(&p);
	if (policy == PLACE_COMPACT)
		check_nearness(&p, allowed_by);
	if (policy == PLACE_SMT_LAST && threads <= cores_by(t, t->pu, BY_MACHINE))
		check_nearness(&p, only_cores);
	if (policy == PLACE_SPREAD)
		check_first_two_far_apart(&p);
	if (policy == PLACE_SPREAD && t->n <= 32 && threads <= cores_by(t, t->pu, BY_MACHINE))
		check_evenly_spread(&p);
	free(p.cpu);
	free(again.cpu);
}

static const char *const described[] = {
	"xeon-2s", "xeon-2s-alternating", "epyc-2s-nps1", "epyc-2s-nps4", "altra-1s", "power9-2s",
	"vm-2cpu", "hybrid", "offline-siblings", "odd-cpuset", "lopsided-cpuset",
};

/* Machines whose parts are equal. A node is always said: to add one of its own hwloc 2.9 copies over itself. */
static const char *const regular[] = {
	"[numa] pu:1", "[numa] pu:5", "[numa] core:3 pu:2", "[numa] package:3 l3:1 core:2 pu:2",
	"[numa] package:16 l3:1 core:1 pu:1",
	"[numa] package:2 l3:3 core:3 pu:1", "package:2 [numa] l3:2 core:2 pu:2(indexes=core)",
	"package:4 [numa] l3:1 core:3 pu:2(indexes=package:core)", "package:2 group:2 [numa] l3:2 core:2 pu:2",
	"[numa] package:2 core:2 pu:2",			/* one node, two packages */
	"group:2 [numa] package:2 core:2 pu:2",		/* nodes above packages */
	"package:1 l3:1 group:2 [numa] core:4 pu:2",	/* an L3 that spans nodes */
	"[numa] package:1 l2:4 core:4 pu:1", "package:2 [numa] l3:2 core:2 pu:4",
	"package:2 group:4 [numa] l3:1 core:2 pu:1", "package:1 group:2 [numa] l3:4 core:2 pu:1",
};

static void load_synthetic(struct topo *t, const char *source)
{
	struct buf why = BUF_INIT;

	if (topo_load(t, source, &why))
		fail_msg("%s", buf_text(&why));
}

static void check_many_thread_counts(const struct topo *t)
{
	unsigned all = (unsigned)topo_allowed(t), i;
	const unsigned threads[] = { 1, 2, 3, 4, 5, 7, 8, 12, all - (all > 1), all, all + 1, 2 * all, 2 * all + 3 };
	enum place_policy policy;

	for (policy = PLACE_COMPACT; policy <= PLACE_ONE_NUMA; policy++)
		for (i = 0; i < LENGTH(threads); i++)
			check_all(t, policy, threads[i]);
}

static void the_properties_hold_on_every_machine(void **state)
{
	struct topo t;
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(described); i++) {
		machine_load(&t, described[i]);
		check_many_thread_counts(&t);
		topo_release(&t);
	}
	for (i = 0; i < LENGTH(regular); i++) {
		load_synthetic(&t, regular[i]);
		check_many_thread_counts(&t);
		topo_release(&t);
	}
}

/* Of every PU with a chance of num in 8, but one at least. */
static void allow_some(struct topo *t, uint64_t *random, unsigned num)
{
	size_t i;

	for (i = 0; i < t->n; i++) {
		*random ^= *random << 13;
		*random ^= *random >> 7;
		*random ^= *random << 17;
		t->pu[i].allowed = (*random >> 32) % 8 < num;
	}
	if (!topo_allowed(t))
		t->pu[(*random >> 32) % t->n].allowed = true;
}

static void the_properties_hold_in_random_cpusets(void **state)
{
	uint64_t random = 88172645463325252;
	unsigned draw;
	struct topo t;
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(regular); i++) {
		load_synthetic(&t, regular[i]);
		for (draw = 0; draw < 56; draw++) {
			allow_some(&t, &random, 1 + draw % 7);
			check_many_thread_counts(&t);
		}
		topo_release(&t);
	}
}

/* Where parts are equal: so that in a series over threads only the new ones are new. */
static void more_threads_only_add_cpus_where_parts_are_equal(void **state)
{
	struct placed few, more;
	enum place_policy policy;
	struct topo t;
	bool over;
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(regular); i++) {
		load_synthetic(&t, regular[i]);
		for (policy = PLACE_COMPACT; policy <= PLACE_ONE_NUMA; policy++) {
			few = (struct placed){ .t = &t, .policy = policy, .n = 0 };
			place(&few, &over);
			while (few.n < t.n + 2) {
				more = (struct placed){ .t = &t, .policy = policy, .n = few.n + 1 };
				place(&more, &over);
				assert_memory_equal(few.cpu, more.cpu, few.n * sizeof(few.cpu[0]));
				free(few.cpu);
				few = more;
			}
			free(few.cpu);
		}
		topo_release(&t);
	}
}

static void the_first_two_compact_threads_share_a_core_where_parts_are_equal_and_have_smt(void **state)
{
	struct placed p;
	struct topo t;
	bool over;
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(regular); i++) {
		load_synthetic(&t, regular[i]);
		for (p = (struct placed){ .t = &t, .n = 2 }; p.n < t.n; p.n++) {
			place(&p, &over);
			assert_int_equal(together(pu_of(&t, p.cpu[0]), pu_of(&t, p.cpu[1]), BY_CORE),
					 allowed_by(&t, t.pu, BY_CORE) > 1);
			free(p.cpu);
		}
		topo_release(&t);
	}
}

/* Four L3s of two cores a node; of the first node only one of them is allowed. */
static void a_node_gets_its_share_of_spread_threads_however_few_its_l3s(void **state)
{
	struct placed p = { .policy = PLACE_SPREAD, .n = 5 };
	struct buf is = BUF_INIT;
	struct topo t;
	bool over;
	size_t i;

	(void)state;
	load_synthetic(&t, "package:1 group:2 [numa] l3:4 core:2 pu:1");
	for (i = 2; i < 8; i++)
		t.pu[i].allowed = false;
	p.t = &t;
	place(&p, &over);
	list_cpus(p.cpu, p.n, &is);
	assert_string_equal(buf_text(&is), "0,8,10,1,12");
	free(p.cpu);
	buf_release(&is);
	topo_release(&t);
}

/* A thousand CPUs and four thousand threads must not take noticeable time. */
static void a_very_large_machine_is_placed_at_once(void **state)
{
	struct topo t;

	(void)state;
	load_synthetic(&t, "package:4 group:4 [numa] l3:4 core:8 pu:2(indexes=core)");
	assert_int_equal(t.n, 1024);
	for (int policy = PLACE_COMPACT; policy <= PLACE_ONE_NUMA; policy++) {
		struct placed p = { .t = &t, .policy = (enum place_policy)policy, .n = 4096 };
		bool over;

		place(&p, &over);
		assert_true(over);
		assert_int_equal(p.cpu[0], 0);
		free(p.cpu);
	}
	topo_release(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_sockets_with_siblings_numbered_last),
		cmocka_unit_test(two_sockets_that_take_turns_in_numbering),
		cmocka_unit_test(zen_with_several_l3s_a_package),
		cmocka_unit_test(zen_with_several_nodes_a_package),
		cmocka_unit_test(eighty_cores_that_share_no_cache),
		cmocka_unit_test(four_threads_a_core_numbered_in_a_row),
		cmocka_unit_test(a_virtual_machine_of_two_cpus),
		cmocka_unit_test(cores_with_and_without_siblings),
		cmocka_unit_test(siblings_offline_on_one_of_two_sockets),
		cmocka_unit_test(a_cpuset_of_three_odd_cpus),
		cmocka_unit_test(a_cpuset_with_one_cpu_far_from_the_others),
		cmocka_unit_test(a_list_that_cannot_be_is_refused_with_what_can),
		cmocka_unit_test(no_usable_cpu_is_an_error_under_every_policy),
		cmocka_unit_test(the_choices_are_in_the_order_of_the_policies),
		cmocka_unit_test(the_properties_hold_on_every_machine),
		cmocka_unit_test(the_properties_hold_in_random_cpusets),
		cmocka_unit_test(more_threads_only_add_cpus_where_parts_are_equal),
		cmocka_unit_test(the_first_two_compact_threads_share_a_core_where_parts_are_equal_and_have_smt),
		cmocka_unit_test(a_node_gets_its_share_of_spread_threads_however_few_its_l3s),
		cmocka_unit_test(a_very_large_machine_is_placed_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
