/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What things cost in a prediction, its ranges, and what it tells.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "harness/count/predict.h"
#include "tests/unit/made_cell.h"

static void a_region_without_ops_has_no_cell(void **state)
{
	struct region r = { 0 };
	struct tally t;

	(void)state;
	tally_make(&r, &t);
	assert_null(predict_cell_new(&r, &t));
	tally_release(&t);
	predict_cell_free(NULL);
}

static void equal_seeds_give_equal_answers(void **state)
{
	struct prediction p, q;
	struct made m;

	(void)state;
	make_reads(&m, 16, true);
	predict_run(m.cell, &m.processor, 16, 5, &p);
	predict_run(m.cell, &m.processor, 16, 5, &q);
	assert_true(p.ns_per_op == q.ns_per_op && p.ops_per_s == q.ops_per_s);
	assert_true(p.transfers == q.transfers && p.waited_ns == q.waited_ns);
	prediction_release(&q);
	predict_run(m.cell, &m.processor, 16, 6, &q);
	about(q.ns_per_op, p.ns_per_op);
	prediction_release(&q);
	prediction_release(&p);
	unmake(&m);
}

/* All that is charged, once: an op of one thread, then what each constant adds to it. */
static void every_cost_is_charged_once(void **state)
{
	static const double added[NCONSTANTS] = {
		[CONST_INSTRUCTION] = 200 - 35, [CONST_LOOPED] = 35, [CONST_SYSCALL] = 2, [CONST_ATOMIC] = 3, [CONST_USER_ACCESS] = 2,
		[CONST_STRING_START] = 1,
	};
	struct made m = { 0 };
	struct access *a;
	double base;
	uint32_t i;
	int c;

	(void)state;
	made_op(&m.region, 0);
	made_access(&m.region, ACCESS_RMW, OWN(0), 50);
	for (i = 0; i < 64; i++) {
		a = made_access(&m.region, ACCESS_LOAD, OWN(1) + i * OP_LINE, i ? 0 : 50);
		a->bytes = OP_LINE;
		a->string = true;
		a = made_access(&m.region, ACCESS_STORE, OWN(2) + i * OP_LINE, 0);
		a->bytes = OP_LINE;
		a->string = true;
	}
	made_rest(&m.region, 100);
	made_last(&m.region)->count[COUNT_KERNEL_INSNS] = 200;
	made_last(&m.region)->count[COUNT_SYSCALLS] = 2;
	made_last(&m.region)->count[COUNT_STAC] = 1;
	made_last(&m.region)->count[COUNT_CLAC] = 1;
	made_last(&m.region)->count[COUNT_ATOMICS] = 2;
	made_last(&m.region)->count[COUNT_USER_ATOMICS] = 1;
	made_last(&m.region)->count[COUNT_STRING_BYTES] = 4096;
	/* 20 of them before an access, the rest after the last */
	made_last(&m.region)->access[1].looped = 20;
	made_last(&m.region)->count[COUNT_LOOPED] = 35;
	make(&m);
	base = 2 * 50 + 165 * 0.5 + 35 * 0.125 + 3 * 5 + 2 * 4 + 8 + 4096 / 64.0;
	about(ns(&m, 1), base);
	for (c = 0; c < CONST_COPY; c++) {
		m.processor.constant[c].value += 100;
		about(ns(&m, 1), base + 100 * added[c]);
		m.processor.constant[c].value -= 100;
	}
	m.processor.constant[CONST_COPY].value = 4;
	about(ns(&m, 1), base - 4096 / 64.0 + 4096 / 4.0);
	unmake(&m);
}

/* A fault comes into the kernel without a system call. */
static void an_exception_is_charged_and_no_system_call_with_it(void **state)
{
	struct made m = { 0 };

	(void)state;
	made_op(&m.region, 0);
	made_rest(&m.region, 100);
	made_last(&m.region)->count[COUNT_KERNEL_INSNS] = 90;
	made_last(&m.region)->count[COUNT_EXCEPTIONS] = 1;
	make(&m);
	about(ns(&m, 1), 100 * 0.5 + 200);
	unmake(&m);
}

/* An op that walks over `lines` lines by loads of 8 bytes, one in ten instructions. */
static void make_walk(struct made *m, uint32_t lines)
{
	uint32_t i;

	memset(m, 0, sizeof(*m));
	made_op(&m->region, 0);
	for (i = 0; i < lines; i++)
		made_access(&m->region, ACCESS_LOAD, OWN(0) + i * OP_LINE, 10);
	make(m);
}

/* The processor's private caches hold 16384 lines. Lines used over and over in order are gone each time where there are more. */
static void what_does_not_fit_a_private_cache_comes_from_the_shared_level(void **state)
{
	struct made m;

	(void)state;
	make_walk(&m, 16384);
	about(ns(&m, 1), 16384 * 5);
	unmake(&m);
	make_walk(&m, 2 * 16384);
	about(ns(&m, 1), 2 * 16384 * (5 + 30 / 2.0));
	/* 512 KiB of shared level hold a quarter of the 2 MiB, memory the rest. */
	m.processor.shared_bytes = 512 << 10;
	about(ns(&m, 1), 2 * 16384 * (5 + (0.25 * 30 + 0.75 * 100) / 2));
	/* And with four threads a sixteenth. */
	about(ns(&m, 4), 2 * 16384 * (5 + (30 + 15 * 100) / 16.0 / 2));
	/* A larger private cache, and all is well: the cell follows the processor. */
	m.processor.private_bytes = 4 << 20;
	about(ns(&m, 1), 2 * 16384 * 5);
	unmake(&m);
	/* A set can be too small where the cache is not: 32 lines that fall into the same one of 1024 sets of 16 ways. */
	memset(&m, 0, sizeof(m));
	made_op(&m.region, 0);
	for (uint32_t i = 0; i < 32; i++)
		made_access(&m.region, ACCESS_LOAD, OWN(0) + i * 65536, 10);
	make(&m);
	about(ns(&m, 1), 32 * (5 + 15));
	unmake(&m);
}

/* Copies of 64 lines each, of `lines` in all, by thread 0; where they are shared, thread 1 writes them, whenever that is. */
static void make_copies(struct made *m, uint32_t lines, bool shared)
{
	struct access *a;
	uint32_t i;

	memset(m, 0, sizeof(*m));
	made_op(&m->region, 0);
	for (i = 0; i < lines; i++) {
		a = made_access(&m->region, ACCESS_LOAD, OWN(0) + i * OP_LINE, i % 64 ? 0 : 100);
		a->string = true;
		a->bytes = OP_LINE;
	}
	made_last(&m->region)->count[COUNT_STRING_BYTES] = lines * OP_LINE;
	made_op(&m->region, 1);
	for (i = 0; i < lines; i++)
		made_access(&m->region, ACCESS_STORE, (shared ? OWN(0) : OWN(1000)) + i * OP_LINE, 1);
	make(m);
}

/* 50 ns of instructions and 8 to start for each 4 KiB; then 64 ns, or 256 and half of 30 for the first line. */
static void copies_of_what_does_not_fit_go_at_the_shared_level_s_rate(void **state)
{
	const uint32_t near = 8192, far = 32768;
	struct made m;
	int shared;

	(void)state;
	for (shared = 0; shared < 2; shared++) {
		make_copies(&m, near, shared);
		about(ns(&m, 1), near / 64 * (50 + 8 + 64));
		unmake(&m);
		make_copies(&m, far, shared);
		about(ns(&m, 1), far / 64 * (50 + 8 + 256 + 15));
		unmake(&m);
	}
}

/* Two of the three read-modify-writes are not atomic; and atomics wait for all of a line that does not fit. */
static void only_what_is_atomic_costs_what_atomics_cost(void **state)
{
	struct made m = { 0 };
	uint32_t i;

	(void)state;
	made_op(&m.region, 0);
	for (i = 0; i < 3; i++)
		made_access(&m.region, ACCESS_RMW, OWN(0), 100);
	made_last(&m.region)->count[COUNT_ATOMICS] = 1;
	make(&m);
	about(ns(&m, 1), 150 + 5);
	unmake(&m);
	memset(&m, 0, sizeof(m));
	made_op(&m.region, 0);
	for (i = 0; i < 32768; i++)
		made_access(&m.region, ACCESS_RMW, OWN(0) + i * OP_LINE, 10);
	make(&m);
	about(ns(&m, 1), 32768 * (5 + 5 + 30));
	unmake(&m);
}

/* The same accesses to a line that is always gone, by atomics, stores and loads: two threads, 500 ns apart on average. */
static double ns_by(enum access_kind kind, bool then_atomic)
{
	struct made m = { 0 };
	uint32_t op, i;
	double found;

	for (op = 0; op < OPS; op++)
		for (i = 0; i < 2; i++) {
			made_op(&m.region, i);
			made_access(&m.region, kind, A, 1000);
			if (kind != ACCESS_STORE)
				made_access(&m.region, ACCESS_STORE, A, 10);
			if (then_atomic)
				made_access(&m.region, ACCESS_RMW, A + OP_LINE, 10);
		}
	make(&m);
	found = ns(&m, 2);
	unmake(&m);
	return found;
}

static void stores_hide_their_latency_unless_an_atomic_follows(void **state)
{
	(void)state;
	about(ns_by(ACCESS_STORE, false), 500);
	/* A load waits for half of its 60 ns; the store that follows upgrades behind its back. */
	about(ns_by(ACCESS_LOAD, false), 505 + 30);
	/* An atomic waits for all. */
	about(ns_by(ACCESS_RMW, false), 505 + 5 + 60);
	/* And for the store before it, with its own line's 60 ns on top. */
	about(ns_by(ACCESS_STORE, true), 505 + 5 + (60 - 5) + 60);
}

/*
 * Threads that store to the same line every 5 ns: each waits for it with its store
 * buffer while another has it. Without an end to the buffer they would not be slowed at all.
 */
static void a_store_buffer_is_full_at_last(void **state)
{
	struct made m = { 0 };
	uint32_t op, i;

	(void)state;
	for (op = 0; op < OPS; op++)
		for (i = 0; i < 32; i++) {
			made_op(&m.region, i);
			made_access(&m.region, ACCESS_STORE, A + 2 * i, 10);
		}
	make(&m);
	/* A round is 32 * 25 = 800 ns: one store that fetches, and 64 that wait behind it, in 325 ns; then none. Ops are so
	   short that the warm-up is over before all have filled their buffers for the first time: that adds a little. */
	between(ns(&m, 32), 0.9 * 800 / 65, 800 / 65.0);
	unmake(&m);
}

/* One store to a line that 32 threads want, and 100 to a line of the thread's own that wait behind it: no op is quicker than a round. */
static void private_stores_fill_the_store_buffer_too(void **state)
{
	struct made m = { 0 };
	uint32_t op, i, n;

	(void)state;
	for (op = 0; op < OPS; op++)
		for (i = 0; i < 32; i++) {
			made_op(&m.region, i);
			made_access(&m.region, ACCESS_STORE, A, 1);
			for (n = 0; n < 100; n++)
				made_access(&m.region, ACCESS_STORE, OWN(i), 1);
		}
	make(&m);
	about(ns(&m, 32), 800);
	unmake(&m);
}

/*
 * Two threads store to the same 40 lines in turn, an instruction between any two: 16 are asked for in 8 ns, the last is there
 * 60 ns later, and only then the next are asked for. 2.5 such rounds an op.
 */
static void no_more_than_sixteen_lines_are_on_their_way_for_stores(void **state)
{
	struct made m = { 0 };
	uint32_t op, i, n;

	(void)state;
	for (op = 0; op < OPS; op++)
		for (i = 0; i < 2; i++) {
			made_op(&m.region, i);
			for (n = 0; n < 40; n++)
				made_access(&m.region, ACCESS_STORE, A + n * OP_LINE, 1);
		}
	make(&m);
	between(ns(&m, 2), 0.95 * 2.5 * 68, 1.05 * 2.5 * 68);
	unmake(&m);
}

static void switches_of_pan_cost_what_stac_and_clac_do(void **state)
{
	struct made m = { 0 };

	(void)state;
	made_op(&m.region, 0);
	made_rest(&m.region, 100);
	made_last(&m.region)->count[COUNT_PAN] = 2;
	make(&m);
	about(ns(&m, 1), 50 + 2 * 4);
	unmake(&m);
}

/* Of rates the high end is the fast one. */
static void a_range_has_rates_the_other_way_round(void **state)
{
	struct predict_range r;
	struct processor best, worst;
	struct made m;
	int c;

	(void)state;
	make_copies(&m, 64, false);
	best = worst = m.processor;
	for (c = 0; c < NCONSTANTS; c++) {
		best.constant[c].value = c >= CONST_COPY ? best.constant[c].high : best.constant[c].low;
		worst.constant[c].value = c >= CONST_COPY ? worst.constant[c].low : worst.constant[c].high;
	}
	predict_range(m.cell, &m.processor, 1, 1, &r);
	assert_true(r.at_low[CONST_COPY] > r.at_high[CONST_COPY]);
	assert_true(r.low == predict_ns(m.cell, &best, 1, 1));
	assert_true(r.high == predict_ns(m.cell, &worst, 1, 1));
	unmake(&m);
}

/* A copy of 1 KiB that another thread wrote: the first line is waited for like a load, all come at the shared level's rate. */
static void a_copy_from_another_core_goes_at_the_shared_level_s_rate(void **state)
{
	struct made m = { 0 };
	struct access *a;
	uint32_t op, i;

	(void)state;
	for (op = 0; op < OPS; op++) {
		made_op(&m.region, 0);
		for (i = 0; i < 16; i++) {
			a = made_access(&m.region, ACCESS_LOAD, A + i * OP_LINE, i ? 0 : 10000);
			a->string = true;
			a->bytes = OP_LINE;
		}
		made_last(&m.region)->count[COUNT_STRING_BYTES] = 1024;
		made_op(&m.region, 1);
		for (i = 0; i < 16; i++)
			made_access(&m.region, ACCESS_RMW, A + i * OP_LINE, i ? 1 : 10000);
	}
	make(&m);
	/* Nobody else: at the private cache's rate. */
	about(ns(&m, 1), 5000 + 8 + 1024 / 64.0);
	/* Each line goes to and fro once: twice a line for the two ops, 16 for each, if the ops take turns. */
	between(transfers(&m, 2), 13, 16);
	between(ns(&m, 2), 5000, 5000 + 16 * 70);
	unmake(&m);
}

static void times_follow_every_constant(void **state)
{
	static const struct {
		enum constant constant;
		int direction;	/* of the time: 1 rises, 0 neither */
	} follow[] = {
		{ CONST_INSTRUCTION, 1 }, { CONST_SYSCALL, 1 }, { CONST_ATOMIC, 1 }, { CONST_USER_ACCESS, 1 },
		{ CONST_TRANSFER, 1 }, { CONST_BUSY, 1 }, { CONST_STRING_START, 0 }, { CONST_EXCEPTION, 0 },
		{ CONST_MEMORY, 0 },
	};
	struct made m;
	double before, now, value;
	size_t i;
	int step;

	(void)state;
	make_reads(&m, 16, true);
	for (i = 0; i < sizeof(follow) / sizeof(follow[0]); i++) {
		value = m.processor.constant[follow[i].constant].value;
		before = 0;
		for (step = 1; step <= 6; step++) {
			m.processor.constant[follow[i].constant].value = value * step / 2;
			/* Few threads may gain where the line stays busy for long: it is there still for the put. */
			now = ns(&m, follow[i].constant == CONST_BUSY ? 16 : 4);
			if (before > 0 && follow[i].direction)
				assert_true(now >= 0.995 * before);
			else if (before > 0)
				/* Not to the last bit: what lines cost at first decides who comes before whom. */
				about(now, before);
			before = now;
		}
		m.processor.constant[follow[i].constant].value = value;
	}
	unmake(&m);
}

static void a_range_covers_each_constant_and_all_together(void **state)
{
	struct predict_range r;
	double alone;
	struct made m;
	int c;

	(void)state;
	make_reads(&m, 16, true);
	alone = ns(&m, 16);
	predict_range(m.cell, &m.processor, 16, 1, &r);
	assert_true(r.low <= alone && alone <= r.high);
	for (c = 0; c < NCONSTANTS; c++) {
		between(r.at_low[c], r.low, r.high);
		between(r.at_high[c], r.low, r.high);
	}
	about(r.at_high[CONST_BUSY], 2 * 16 * 50);
	assert_true(r.at_high[CONST_STRING_START] == alone);
	assert_true(r.low < r.at_low[CONST_BUSY]);
	unmake(&m);

	make_reads(&m, 1, false);
	predict_range(m.cell, &m.processor, 1, 1, &r);
	about(r.low, 25 + 250 + 4 * 2);
	about(r.high, 100 + 1000 + 4 * 10 + 2 * 8);
	about(r.at_high[CONST_SYSCALL], 628);
	assert_true(r.at_high[CONST_BUSY] == r.at_low[CONST_BUSY]);
	unmake(&m);
}

static void a_knee_is_where_more_threads_stop_to_help(void **state)
{
	static const uint32_t threads[] = { 1, 2, 4, 8, 16 };

	(void)state;
	assert_int_equal(predict_knee(threads, (const double[]){ 1, 2, 4, 8, 16 }, 5), 16);
	assert_int_equal(predict_knee(threads, (const double[]){ 1, 2, 3, 3.1, 3.15 }, 5), 4);
	assert_int_equal(predict_knee(threads, (const double[]){ 90, 94.9, 95, 96, 100 }, 5), 4);
	assert_int_equal(predict_knee(threads, (const double[]){ 5, 4, 3, 2, 1 }, 5), 1);
	assert_int_equal(predict_knee(threads, (const double[]){ 1, 3, 4, 2, 1 }, 5), 4);
	assert_int_equal(predict_knee(threads, (const double[]){ 1 }, 1), 1);
	assert_int_equal(predict_knee(threads, NULL, 0), 0);
}

/* Threads pass more lines to and fro than are told: ops are alike in all but the line, and the first ten lines have up to 20 each. */
static void the_lines_that_move_most_are_told_first(void **state)
{
	const uint32_t lines = PREDICT_LINES + 24;
	struct made m = { 0 };
	struct prediction p;
	uint32_t op, i, t;
	double sum;

	(void)state;
	for (i = 0; i < lines; i++)
		for (op = 0; op < (i < 10 ? 20 - i : 1); op++)
			for (t = 0; t < 2; t++) {
				made_op(&m.region, t);
				made_access(&m.region, ACCESS_LOAD, A + i * OP_LINE + 8, 300)->insn = 2;
				made_access(&m.region, ACCESS_RMW, A + i * OP_LINE, 100)->insn = 1;
			}
	make(&m);
	m.processor.window = 1;
	/* Those beyond the two begin at any of the ops, so that all lines have their turn. */
	predict_run(m.cell, &m.processor, 64, 1, &p);
	assert_int_equal(p.nlines, lines);
	assert_int_equal(p.nmoved, PREDICT_LINES);
	assert_true(p.moved[0].per_op > 4 * p.moved[PREDICT_LINES - 1].per_op);
	assert_int_equal(p.moved[0].threads, 64);
	assert_true(p.moved[0].line < A + 10 * OP_LINE);
	for (i = 0; i < p.nmoved; i++) {
		if (i)
			assert_true(p.moved[i].per_op < p.moved[i - 1].per_op ||
				    (p.moved[i].per_op == p.moved[i - 1].per_op &&
				     p.moved[i].line > p.moved[i - 1].line));
		for (t = 0, sum = 0; t < p.moved[i].nmovers; t++) {
			sum += p.moved[i].mover[t].per_op;
			assert_true(!t || p.moved[i].mover[t - 1].per_op >= p.moved[i].mover[t].per_op);
		}
		near(sum, p.moved[i].per_op, EXACT);
	}
	prediction_release(&p);
	unmake(&m);
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Printed, not judged: a figure of docs/model.md. Each op has `private` accesses to private lines and `shared` ones to one line. */
static void tell_speed(const char *what, uint32_t private, uint32_t shared)
{
	struct made m = { 0 };
	struct prediction p;
	double begin, made;
	uint32_t op, t, i;

	for (op = 0; op < OPS; op++)
		for (t = 0; t < 16; t++) {
			made_op(&m.region, t);
			for (i = 0; i < private; i++)
				made_access(&m.region, ACCESS_LOAD, OWN(t) + i % 64 * OP_LINE, 3);
			for (i = 0; i < shared; i++)
				made_access(&m.region, ACCESS_RMW, A, 3);
		}
	begin = seconds();
	make(&m);
	made = seconds();
	predict_run(m.cell, &m.processor, 16, 1, &p);
	prediction_release(&p);
	/* The second run has its steps ready, as all but the first of a range or a curve have. */
	begin -= made;
	made = seconds();
	predict_run(m.cell, &m.processor, 16, 1, &p);
	print_message("# %s: %.0f million accesses a second taken in, %.0f million replayed\n", what,
		      16.0 * OPS * (private + shared) / -begin / 1e6,
		      /* 24 ops of each thread to warm up, 256 measured, where something moves for each seed */
		      16.0 * 280 * (shared ? PREDICT_SEEDS : 1) * (private + shared) / (seconds() - made) / 1e6);
	assert_true(p.ns_per_op > 0);
	prediction_release(&p);
	unmake(&m);
}

static void it_is_quick(void **state)
{
	(void)state;
	tell_speed("like a short read", 300, 6);
	tell_speed("every access to one shared line", 0, 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_region_without_ops_has_no_cell),
		cmocka_unit_test(equal_seeds_give_equal_answers),
		cmocka_unit_test(every_cost_is_charged_once),
		cmocka_unit_test(an_exception_is_charged_and_no_system_call_with_it),
		cmocka_unit_test(what_does_not_fit_a_private_cache_comes_from_the_shared_level),
		cmocka_unit_test(copies_of_what_does_not_fit_go_at_the_shared_level_s_rate),
		cmocka_unit_test(only_what_is_atomic_costs_what_atomics_cost),
		cmocka_unit_test(stores_hide_their_latency_unless_an_atomic_follows),
		cmocka_unit_test(a_store_buffer_is_full_at_last),
		cmocka_unit_test(private_stores_fill_the_store_buffer_too),
		cmocka_unit_test(no_more_than_sixteen_lines_are_on_their_way_for_stores),
		cmocka_unit_test(switches_of_pan_cost_what_stac_and_clac_do),
		cmocka_unit_test(a_range_has_rates_the_other_way_round),
		cmocka_unit_test(a_copy_from_another_core_goes_at_the_shared_level_s_rate),
		cmocka_unit_test(times_follow_every_constant),
		cmocka_unit_test(a_range_covers_each_constant_and_all_together),
		cmocka_unit_test(a_knee_is_where_more_threads_stop_to_help),
		cmocka_unit_test(the_lines_that_move_most_are_told_first),
		cmocka_unit_test(it_is_quick),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
