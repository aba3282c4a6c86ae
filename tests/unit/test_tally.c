/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "harness/count/tally.h"
#include "tests/unit/made_region.h"

/* Ops of one vCPU, one a letter: which differ in their number of instructions alone; upper case ones were interrupted. */
static void add_ops(struct region *r, uint32_t vcpu, const char *letters)
{
	struct op *op;

	for (; *letters; letters++) {
		op = made_op(r, vcpu);
		op->count[COUNT_KERNEL_INSNS] = 1000u + (unsigned char)*letters;
		op->count[COUNT_ATOMICS] = 4;
		op->count[COUNT_EXCEPTIONS] = *letters < 'a';
	}
}

static void expect_mode(const struct tally *t, const char *ops)
{
	size_t i;

	assert_int_equal(t->ops, strlen(ops));
	for (i = 0; i < t->ops; i++)
		assert_int_equal(t->mode[i], ops[i] == '+');
}

static void the_mode_is_what_most_ops_have(void **state)
{
	struct region r = { 0 };
	struct tally t;

	(void)state;
	add_ops(&r, 0, "abaaca");
	tally_make(&r, &t);
	expect_mode(&t, "+-++-+");
	assert_true(t.count[COUNT_KERNEL_INSNS] == 1000 + 'a');
	assert_true(t.count[COUNT_ATOMICS] == 4);
	assert_int_equal(t.at_mode, 4);
	assert_int_equal(t.threads, 1);
	assert_int_equal(t.modes, 1);
	assert_int_equal(t.interrupted, 0);
	assert_true(t.share == 4.0 / 6);
	assert_false(t.stable);
	tally_release(&t);
	made_release(&r);
}

static void each_thread_has_a_mode_of_its_own(void **state)
{
	struct region r = { 0 };
	struct tally t;

	(void)state;
	add_ops(&r, 7, "aab");
	add_ops(&r, 3, "ccb");
	add_ops(&r, 9, "ccc");
	tally_make(&r, &t);
	expect_mode(&t, "++-++-+++");
	assert_int_equal(t.threads, 3);
	assert_int_equal(t.modes, 2);
	assert_int_equal(t.thread[0].vcpu, 3);
	assert_int_equal(t.thread[0].at_mode, 2);
	assert_int_equal(t.thread[0].ops, 3);
	assert_int_equal(t.thread[0].count[COUNT_KERNEL_INSNS], 1000 + 'c');
	assert_int_equal(t.thread[1].vcpu, 7);
	assert_int_equal(t.thread[1].count[COUNT_KERNEL_INSNS], 1000 + 'a');
	assert_int_equal(t.thread[2].vcpu, 9);
	assert_int_equal(t.thread[2].at_mode, 3);
	assert_true(t.count[COUNT_KERNEL_INSNS] == 1000 + ('a' + 'c' + 'c') / 3.0);
	assert_true(t.count[COUNT_ATOMICS] == 4);
	tally_release(&t);
	made_release(&r);
}

static void of_modes_equally_frequent_the_one_seen_first_counts(void **state)
{
	struct region r = { 0 };
	struct tally t;

	(void)state;
	add_ops(&r, 0, "zcabbac");
	tally_make(&r, &t);
	expect_mode(&t, "-+----+");
	tally_release(&t);
	made_release(&r);
}

static void ops_of_several_threads_may_stand_mixed(void **state)
{
	struct region r = { 0 };
	struct tally t;
	int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		add_ops(&r, 1, "a");
		add_ops(&r, 0, i == 1 ? "x" : "b");
	}
	tally_make(&r, &t);
	expect_mode(&t, "+++-++");
	assert_int_equal(t.modes, 2);
	tally_release(&t);
	made_release(&r);
}

static void interrupted_ops_are_not_at_the_mode(void **state)
{
	struct region r = { 0 };
	struct tally t;

	(void)state;
	add_ops(&r, 0, "aaaaaaaaaaaaaaaaaaaaAB");
	tally_make(&r, &t);
	assert_int_equal(t.interrupted, 2);
	assert_int_equal(t.at_mode, 20);
	assert_true(t.count[COUNT_EXCEPTIONS] == 0);
	assert_false(t.stable);
	tally_release(&t);
	made_release(&r);

	/* Where every op faults, that is no interruption. */
	add_ops(&r, 0, "AAAB");
	tally_make(&r, &t);
	assert_int_equal(t.interrupted, 0);
	assert_true(t.count[COUNT_EXCEPTIONS] == 1);
	tally_release(&t);
	made_release(&r);
}

static void nineteen_of_twenty_are_stable(void **state)
{
	struct region r = { 0 };
	struct tally t;

	(void)state;
	add_ops(&r, 0, "aaaaaaaaaaaaaaaaaaab");
	tally_make(&r, &t);
	assert_true(t.stable);
	tally_release(&t);
	add_ops(&r, 0, "b");
	tally_make(&r, &t);
	assert_false(t.stable);
	tally_release(&t);
	made_release(&r);
}

static void any_count_tells_ops_apart(void **state)
{
	struct region r = { 0 };
	struct tally t;
	int c;

	(void)state;
	for (c = 0; c < NCOUNTS; c++) {
		add_ops(&r, 0, "aaa");
		r.op[1].count[c]++;
		tally_make(&r, &t);
		expect_mode(&t, "+-+");
		tally_release(&t);
		made_release(&r);
	}
}

static void paths_are_counted_among_the_ops_at_the_mode(void **state)
{
	struct region r = { 0 };
	struct tally t;

	(void)state;
	add_ops(&r, 0, "aaab");
	add_ops(&r, 1, "aaa");
	r.op[0].path = 5;
	r.op[1].path = UINT64_MAX;
	r.op[2].path = 5;
	r.op[3].path = 77;
	r.op[4].path = 0;
	r.op[5].path = r.op[6].path = 5;
	tally_make(&r, &t);
	assert_int_equal(t.paths, 3);
	tally_release(&t);
	made_release(&r);
}

static void a_region_without_ops_has_no_mode(void **state)
{
	struct region r = { 0 };
	struct tally t;

	(void)state;
	tally_make(&r, &t);
	assert_int_equal(t.ops, 0);
	assert_int_equal(t.threads, 0);
	assert_true(t.share == 0);
	assert_false(t.stable);
	assert_null(t.mode);
	tally_release(&t);
	tally_release(&t);
}

static void counts_have_names_and_architectures(void **state)
{
	int a, b;

	(void)state;
	for (a = 0; a < NCOUNTS; a++) {
		assert_true(count_exists((enum count)a, false) || count_exists((enum count)a, true));
		for (b = 0; b < a; b++)
			assert_string_not_equal(count_name((enum count)a), count_name((enum count)b));
	}
	assert_string_equal(count_name(COUNT_KERNEL_INSNS), "kernel_instructions");
	assert_true(count_exists(COUNT_STAC, false));
	assert_false(count_exists(COUNT_STAC, true));
	assert_false(count_exists(COUNT_LDTR, false));
	assert_true(count_exists(COUNT_ATOMICS, true));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_mode_is_what_most_ops_have),
		cmocka_unit_test(each_thread_has_a_mode_of_its_own),
		cmocka_unit_test(of_modes_equally_frequent_the_one_seen_first_counts),
		cmocka_unit_test(ops_of_several_threads_may_stand_mixed),
		cmocka_unit_test(interrupted_ops_are_not_at_the_mode),
		cmocka_unit_test(nineteen_of_twenty_are_stable),
		cmocka_unit_test(any_count_tells_ops_apart),
		cmocka_unit_test(paths_are_counted_among_the_ops_at_the_mode),
		cmocka_unit_test(a_region_without_ops_has_no_mode),
		cmocka_unit_test(counts_have_names_and_architectures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
