/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The model's oracle: layouts whose transfers per op can be worked out on paper.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <math.h>

#include <cmocka.h>

#include "harness/count/predict.h"
#include "tests/unit/made_cell.h"

/*
 * One shared counter. While a thread is between two of its own increments, at
 * least one other asks for the line, so each op begins without it: one transfer,
 * exactly. The line moves once in 25 ns at most, and a round of N threads needs N
 * moves; two threads are slower than that, 60 + 7.5 each.
 */
static void a_shared_counter_moves_once_an_op(void **state)
{
	static const uint32_t counts[] = { 2, 3, 4, 8, 16, 33, 64 };
	struct prediction p;
	struct made m;
	double expected;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		make_increments(&m, counts[i], 0);
		predict_run(m.cell, &m.processor, counts[i], 1, &p);
		near(p.transfers, 1, EXACT);
		expected = fmax(60 + 7.5, 25.0 * counts[i]);
		about(p.ns_per_op, expected);
		about(p.waited_ns, expected - 7.5);
		about(p.ops_per_s, counts[i] * 1e9 / expected);
		assert_int_equal(p.nlines, 1);
		assert_int_equal(p.nmoved, 1);
		assert_true(p.moved[0].line == A);
		assert_true(p.moved[0].virt == A + 0xffff000000000000);
		assert_int_equal(p.moved[0].threads, counts[i]);
		near(p.moved[0].per_op, 1, EXACT);
		assert_int_equal(p.moved[0].nmovers, 1);
		assert_int_equal(p.moved[0].mover[0].kind, ACCESS_RMW);
		assert_int_equal(p.moved[0].mover[0].insn, A / 256);
		prediction_release(&p);
		unmake(&m);
	}
}

/* Counters on lines of their own: nothing moves, and every thread goes at its own speed. */
static void padded_counters_never_move(void **state)
{
	struct prediction p;
	struct made m;

	(void)state;
	make_increments(&m, 16, OP_LINE);
	predict_run(m.cell, &m.processor, 16, 1, &p);
	assert_true(p.transfers == 0);
	assert_true(p.waited_ns == 0);
	assert_int_equal(p.nlines, 0);
	assert_null(p.moved);
	about(p.ns_per_op, 7.5);
	prediction_release(&p);
	unmake(&m);
}

/* Two counters on one line, one thread each: to the caches it is one counter. */
static void falsely_shared_counters_move_as_a_shared_one_does(void **state)
{
	struct made m;

	(void)state;
	make_increments(&m, 2, 8);
	near(transfers(&m, 2), 1, EXACT);
	about(ns(&m, 2), 67.5);
	unmake(&m);
	/* Eight on one line: 25 ns of it for each. */
	make_increments(&m, 8, 8);
	near(transfers(&m, 8), 1, EXACT);
	about(ns(&m, 8), 200);
	unmake(&m);
	/* Sixteen on two lines: as eight on one. */
	make_increments(&m, 16, 8);
	near(transfers(&m, 16), 1, EXACT);
	about(ns(&m, 16), 200);
	unmake(&m);
}

/*
 * Without atomics an increment is a load and a store. The load may find the line
 * gone and the store may find it shared: at most two transfers an op. How often
 * depends on how many increments a thread gets done before the other comes: the
 * interleaving decides, and stores that wait in the buffer make it fewer.
 */
static void plain_increments_move_their_line_at_most_twice_an_op(void **state)
{
	struct made m = { 0 };
	uint32_t op, i;

	(void)state;
	for (op = 0; op < OPS; op++)
		for (i = 0; i < 2; i++) {
			made_op(&m.region, i);
			made_access(&m.region, ACCESS_LOAD, A + 8 * i, 3);
			made_access(&m.region, ACCESS_STORE, A + 8 * i, 0);
			made_rest(&m.region, 2);
		}
	make(&m);
	between(transfers(&m, 2), 0.05, 2);
	between(ns(&m, 2), 2.5, 67.5);
	unmake(&m);
}

/* Thread 0 writes the line once an op of `writer` instructions, the others read it once an op of `reader` instructions. */
static void make_writer_and_readers(struct made *m, uint32_t readers, uint32_t writer, uint32_t reader)
{
	uint32_t op, i;

	memset(m, 0, sizeof(*m));
	for (op = 0; op < OPS; op++)
		for (i = 0; i <= readers; i++) {
			made_op(&m->region, i);
			/* They are told apart by their instructions. */
			made_access(&m->region, i ? ACCESS_LOAD : ACCESS_RMW, A, i ? reader : writer)->insn = i != 0;
		}
	make(m);
}

/*
 * A writer with an op of 2000 ns, readers with one of 50 ns: between two writes
 * each reader reads, so each write finds the line shared by all (one upgrade) and
 * each reader then fetches it once: N + 1 transfers for an op of the writer.
 * A read that fetches waits for half of 30 ns (the first one: 60), so that a reader does close to 2000 / 50 ops meanwhile.
 */
static void one_write_costs_each_reader_one_transfer(void **state)
{
	static const uint32_t counts[] = { 1, 3, 15 };
	const struct mover *writer, *reader;
	struct prediction p;
	struct made m;
	double share;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		make_writer_and_readers(&m, counts[i], 4000, 100);
		predict_run(m.cell, &m.processor, counts[i] + 1, 1, &p);
		assert_int_equal(p.nlines, 1);
		assert_int_equal(p.moved[0].nmovers, 2);
		writer = &p.moved[0].mover[p.moved[0].mover[0].insn ? 1 : 0];
		reader = &p.moved[0].mover[p.moved[0].mover[0].insn ? 0 : 1];
		assert_int_equal(writer->kind, ACCESS_RMW);
		assert_int_equal(reader->kind, ACCESS_LOAD);
		near(reader->per_op / writer->per_op, counts[i], 0.03 * counts[i]);
		share = 1 / (1 + counts[i] * 40.0);
		near(writer->per_op, share, 0.05 * share);
		near(p.transfers, (counts[i] + 1) * share, 0.05 * p.transfers);
		prediction_release(&p);
		unmake(&m);
	}
}

/*
 * Where writer and readers are equally quick, a reader may read no time or twice
 * between two writes: at most one transfer an op, and each write's upgrade and
 * most of the reads remain.
 */
static void a_writer_among_readers_of_its_own_speed_moves_the_line_at_most_once_an_op(void **state)
{
	struct made m;

	(void)state;
	make_writer_and_readers(&m, 7, 2000, 2000);
	between(transfers(&m, 8), 0.7, 1);
	unmake(&m);
}

/* What all read and nobody writes stays where it is. */
static void readers_alone_move_nothing(void **state)
{
	struct made m = { 0 };
	uint32_t op, i;

	(void)state;
	for (op = 0; op < OPS; op++)
		for (i = 0; i < 16; i++) {
			made_op(&m.region, i);
			made_access(&m.region, ACCESS_LOAD, A, 10);
		}
	make(&m);
	assert_true(transfers(&m, 16) == 0);
	about(ns(&m, 16), 5);
	unmake(&m);
}

/* 50 + 1000 * 0.5 + 4 * 5 + 2 * 4 = 578 ns, and no line moves. */
static void reads_of_different_files_move_nothing(void **state)
{
	struct made m;

	(void)state;
	make_reads(&m, 16, false);
	assert_true(transfers(&m, 16) == 0);
	about(ns(&m, 16), 578);
	assert_true(transfers(&m, 64) == 0);
	about(ns(&m, 64), 578);
	unmake(&m);
}

/*
 * Between get and put, 105 ns apart, another thread takes the line or does not: one
 * or two transfers an op, on one line. 16 threads ask for it about 32 times in 578 + 2 * 60 ns or more,
 * every 22 ns, quicker than the 25 ns in which it can move: it is taken each time, 2 * 16 * 25 ns.
 */
static void reads_of_one_file_move_its_reference_count_once_or_twice(void **state)
{
	struct prediction p;
	struct made m;

	(void)state;
	make_reads(&m, 16, true);
	between(transfers(&m, 2), 1, 2);
	between(transfers(&m, 4), 1, 2);
	predict_run(m.cell, &m.processor, 16, 1, &p);
	near(p.transfers, 2, 0.02);
	about(p.ns_per_op, 800);
	assert_int_equal(p.nlines, 1);
	assert_true(p.moved[0].line == A);
	assert_int_equal(p.moved[0].threads, 16);
	prediction_release(&p);
	unmake(&m);
}

static void one_thread_never_transfers(void **state)
{
	struct made m;

	(void)state;
	make_reads(&m, 16, true);
	assert_true(transfers(&m, 1) == 0);
	about(ns(&m, 1), 578);
	unmake(&m);
	make_increments(&m, 1, 0);
	assert_true(transfers(&m, 1) == 0);
	unmake(&m);
}

/* Two recorded threads stand for any number: the shared line is one for all, private lines are each thread's own. */
static void more_threads_than_recorded_do_the_same_on_lines_of_their_own(void **state)
{
	struct prediction p;
	struct made m;

	(void)state;
	make_increments(&m, 2, 0);
	near(transfers(&m, 64), 1, EXACT);
	about(ns(&m, 64), 64 * 25);
	predict_run(m.cell, &m.processor, 5, 1, &p);
	assert_int_equal(p.moved[0].threads, 5);
	prediction_release(&p);
	predict_run(m.cell, &m.processor, 1024, 1, &p);
	near(p.transfers, 1, EXACT);
	assert_int_equal(p.moved[0].threads, 1024);
	prediction_release(&p);
	unmake(&m);
	make_increments(&m, 2, OP_LINE);
	assert_true(transfers(&m, 64) == 0);
	unmake(&m);
}

static void ops_that_are_not_at_the_mode_are_left_out(void **state)
{
	struct made m = { 0 };
	uint32_t op, i;

	(void)state;
	for (op = 0; op < OPS; op++)
		for (i = 0; i < 4; i++) {
			made_op(&m.region, i);
			made_access(&m.region, ACCESS_RMW, OWN(i), 100);
			/* A tick, in which all threads meet. */
			if (op == i)
				made_access(&m.region, ACCESS_RMW, A, 5000);
		}
	make(&m);
	assert_true(transfers(&m, 4) == 0);
	about(ns(&m, 4), 55);
	unmake(&m);
}

/*
 * An atomic on a shared line, and four loads from it 100 instructions apart. While
 * 16 threads with ops of 250 ns pass the line around, a load finds it gone and
 * fetches it again. Loads under way together with the atomic do not.
 */
static void make_looks(struct made *m)
{
	uint32_t op, t, i;

	memset(m, 0, sizeof(*m));
	for (op = 0; op < OPS; op++)
		for (t = 0; t < 16; t++) {
			made_op(&m->region, t);
			made_access(&m->region, ACCESS_RMW, A, 100);
			for (i = 0; i < 4; i++)
				made_access(&m->region, ACCESS_LOAD, A + 8, 100);
		}
	make(m);
}

static double transfers_with_window(struct made *m, uint32_t window)
{
	m->processor.window = window;
	return transfers(m, 16);
}

static void loads_under_way_with_an_earlier_access_come_along(void **state)
{
	struct made m;

	(void)state;
	make_looks(&m);
	near(transfers_with_window(&m, 401), 1, EXACT);
	/* The fourth comes too late, and the line was taken meanwhile. */
	near(transfers_with_window(&m, 400), 2, 0.01);
	/* Every other one: what comes along does not make the window longer. */
	near(transfers_with_window(&m, 101), 3, 0.05);
	near(transfers_with_window(&m, 1), 5, 0.1);
	unmake(&m);
}

/* What left a cache for want of room did not move to another core. */
static void an_eviction_is_no_transfer(void **state)
{
	struct made m = { 0 };
	uint32_t i, t;

	(void)state;
	for (t = 0; t < 2; t++) {
		made_op(&m.region, t);
		/* Far apart in time, so that neither meets the other's. */
		made_access(&m.region, ACCESS_RMW, A + t * OP_LINE, 10);
		for (i = 1; i <= 32; i++)
			made_access(&m.region, ACCESS_LOAD, A + t * OP_LINE + i * 65536, 10);
		made_rest(&m.region, 100);
	}
	/* Both lines are shared and written, but thread 1 only reads thread 0's, in an op of its own. */
	made_op(&m.region, 1);
	made_access(&m.region, ACCESS_LOAD, A, 10)->user = false;
	made_last(&m.region)->count[COUNT_USER_INSNS] = m.region.op[1].count[COUNT_USER_INSNS];
	made_last(&m.region)->count[COUNT_LOADS] = m.region.op[1].count[COUNT_LOADS];
	made_last(&m.region)->count[COUNT_ATOMICS] = m.region.op[1].count[COUNT_ATOMICS];
	make(&m);
	/* Alone, thread 0 fetches its line from the shared level every time. */
	assert_true(transfers(&m, 1) == 0);
	about(ns(&m, 1), (33 * 10 + 100) * 0.5 + 5 + 30 + 32 * 15);
	unmake(&m);
}

/* Accesses to one line by several names are to one line; to the neighbour they are not. */
static void lines_are_told_by_their_physical_addresses(void **state)
{
	struct made m = { 0 };
	struct prediction p;
	uint32_t op, t;

	(void)state;
	for (op = 0; op < OPS; op++)
		for (t = 0; t < 2; t++) {
			made_op(&m.region, t);
			made_access(&m.region, ACCESS_RMW, A + 63 * t, 100)->virt = OWN(t);
			made_access(&m.region, ACCESS_RMW, A + OP_LINE * (t + 1), 100)->virt = OWN(2);
		}
	make(&m);
	predict_run(m.cell, &m.processor, 2, 1, &p);
	assert_int_equal(p.nlines, 1);
	assert_true(p.moved[0].line == A);
	assert_true(p.moved[0].virt == OWN(0));
	prediction_release(&p);
	unmake(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_shared_counter_moves_once_an_op),
		cmocka_unit_test(padded_counters_never_move),
		cmocka_unit_test(falsely_shared_counters_move_as_a_shared_one_does),
		cmocka_unit_test(plain_increments_move_their_line_at_most_twice_an_op),
		cmocka_unit_test(one_write_costs_each_reader_one_transfer),
		cmocka_unit_test(a_writer_among_readers_of_its_own_speed_moves_the_line_at_most_once_an_op),
		cmocka_unit_test(readers_alone_move_nothing),
		cmocka_unit_test(reads_of_different_files_move_nothing),
		cmocka_unit_test(reads_of_one_file_move_its_reference_count_once_or_twice),
		cmocka_unit_test(one_thread_never_transfers),
		cmocka_unit_test(more_threads_than_recorded_do_the_same_on_lines_of_their_own),
		cmocka_unit_test(ops_that_are_not_at_the_mode_are_left_out),
		cmocka_unit_test(loads_under_way_with_an_earlier_access_come_along),
		cmocka_unit_test(an_eviction_is_no_transfer),
		cmocka_unit_test(lines_are_told_by_their_physical_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
