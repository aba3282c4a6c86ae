/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdbool.h>

#include "harness/count/plugin/recording.h"

#define KERNEL 0xffffffff81000000ull
#define USER 0x400000ull
#define DIRECT 0xffff888000000000ull	/* virtual minus physical address here */

static struct recording r;

static struct known_insn kernel_insn(uint32_t number, unsigned kinds)
{
	return (struct known_insn){ .pc = KERNEL + 16 * number, .number = number, .kinds = (uint16_t)kinds };
}

static void touch(const struct known_insn *insn, uint64_t at, uint32_t bytes, bool store)
{
	recording_access(&r, insn, &(struct touch){ .at = at, .virt = DIRECT + at, .bytes = bytes, .store = store });
}

static void expect_access(size_t i, enum access_kind kind, uint64_t at, unsigned bytes, unsigned gap)
{
	const struct access *a = &r.op.access[i];

	assert_true(i < r.op.naccesses);
	assert_int_equal(a->kind, kind);
	assert_int_equal(a->at, at);
	assert_int_equal(a->virt, DIRECT + at);
	assert_int_equal(a->bytes, bytes);
	assert_int_equal(a->gap, gap);
}

static void accesses_know_how_many_instructions_lie_between(void **state)
{
	struct known_insn plain = kernel_insn(0, 0), load = kernel_insn(1, 0);

	(void)state;
	recording_begin(&r, 3);
	recording_insn(&r, &plain);
	recording_insn(&r, &plain);
	recording_insn(&r, &load);
	touch(&load, 0x1000, 8, false);
	recording_insn(&r, &load);
	touch(&load, 0x2000, 4, true);
	touch(&load, 0x3000, 4, true);
	recording_insn(&r, &plain);
	recording_insn(&r, &plain);
	assert_ptr_equal(recording_end(&r), &r.op);
	assert_int_equal(r.op.vcpu, 3);
	assert_int_equal(r.op.naccesses, 3);
	expect_access(0, ACCESS_LOAD, 0x1000, 8, 3);
	expect_access(1, ACCESS_STORE, 0x2000, 4, 1);
	expect_access(2, ACCESS_STORE, 0x3000, 4, 0);
	assert_int_equal(r.op.tail, 2);
	assert_int_equal(r.op.count[COUNT_KERNEL_INSNS], 6);
	assert_int_equal(r.op.count[COUNT_USER_INSNS], 0);
	assert_int_equal(r.op.count[COUNT_LOADS], 1);
	assert_int_equal(r.op.count[COUNT_STORES], 1);	/* of one instruction */
	assert_null(recording_end(&r));
}

static void a_locked_instruction_is_one_access_however_it_is_told(void **state)
{
	struct known_insn lock = kernel_insn(0, INSN_ATOMIC | INSN_RMW);

	(void)state;
	recording_begin(&r, 0);
	recording_insn(&r, &lock);	/* thread=single */
	touch(&lock, 0x1000, 4, false);
	touch(&lock, 0x1000, 4, true);
	recording_insn(&r, &lock);	/* thread=multi */
	touch(&lock, 0x2000, 4, true);
	recording_insn(&r, &lock);	/* cmpxchg16b */
	touch(&lock, 0x3000, 8, false);
	touch(&lock, 0x3008, 8, false);
	touch(&lock, 0x3000, 8, true);
	touch(&lock, 0x3008, 8, true);
	recording_end(&r);
	assert_int_equal(r.op.naccesses, 3);
	expect_access(0, ACCESS_RMW, 0x1000, 4, 1);
	expect_access(1, ACCESS_RMW, 0x2000, 4, 1);
	expect_access(2, ACCESS_RMW, 0x3000, 16, 1);
	assert_int_equal(r.op.count[COUNT_ATOMICS], 3);
	assert_int_equal(r.op.count[COUNT_LOADS], 3);
	assert_int_equal(r.op.count[COUNT_STORES], 3);
}

/*
 * Expected: an access on either side of the border, each once.
 * Buggy: the load's two, and the store's two again.
 */
static void a_locked_instruction_across_lines_is_two_accesses(void **state)
{
	struct known_insn lock = kernel_insn(0, INSN_ATOMIC | INSN_RMW);

	(void)state;
	recording_begin(&r, 0);
	recording_insn(&r, &lock);	/* thread=single */
	touch(&lock, 0x103c, 8, false);
	touch(&lock, 0x103c, 8, true);
	recording_insn(&r, &lock);	/* across pages; then thread=multi */
	touch(&lock, 0x1ffc, 4, false);
	touch(&lock, 0x2000, 4, false);
	touch(&lock, 0x1ffc, 4, true);
	touch(&lock, 0x2000, 4, true);
	recording_insn(&r, &lock);
	touch(&lock, 0x303c, 8, true);
	recording_end(&r);
	assert_int_equal(r.op.naccesses, 6);
	expect_access(0, ACCESS_RMW, 0x103c, 4, 1);
	expect_access(1, ACCESS_RMW, 0x1040, 4, 0);
	expect_access(2, ACCESS_RMW, 0x1ffc, 4, 1);
	expect_access(3, ACCESS_RMW, 0x2000, 4, 0);
	expect_access(4, ACCESS_RMW, 0x303c, 4, 1);
	expect_access(5, ACCESS_RMW, 0x3040, 4, 0);
	assert_int_equal(r.op.count[COUNT_ATOMICS], 3);
	assert_int_equal(r.op.count[COUNT_LOADS], 3);
	assert_int_equal(r.op.count[COUNT_STORES], 3);
}

static void an_increment_without_lock_is_a_load_and_a_store(void **state)
{
	struct known_insn inc = kernel_insn(0, 0);

	(void)state;
	recording_begin(&r, 0);
	recording_insn(&r, &inc);
	touch(&inc, 0x1000, 4, false);
	touch(&inc, 0x1000, 4, true);
	recording_end(&r);
	assert_int_equal(r.op.naccesses, 2);
	expect_access(0, ACCESS_LOAD, 0x1000, 4, 1);
	expect_access(1, ACCESS_STORE, 0x1000, 4, 0);
	assert_int_equal(r.op.count[COUNT_ATOMICS], 0);
}

/* rep movsb of 100 bytes from the middle of a line, as the emulator tells it. */
static void a_repeated_copy_is_one_instruction_and_an_access_a_line(void **state)
{
	struct known_insn movs = kernel_insn(0, INSN_STRING | INSN_REPEATED), plain = kernel_insn(1, 0);
	uint64_t path;
	unsigned i, n;

	(void)state;
	for (n = 100; n <= 200; n += 100) {
		recording_begin(&r, 0);
		for (i = 0; i < n; i++) {
			recording_insn(&r, &movs);
			touch(&movs, 0x1020 + i, 1, false);
			touch(&movs, 0x8000 + i, 1, true);
		}
		recording_insn(&r, &movs);
		recording_insn(&r, &plain);
		recording_end(&r);
		assert_int_equal(r.op.count[COUNT_KERNEL_INSNS], 2);
		assert_int_equal(r.op.count[COUNT_STRING_BYTES], n);
		assert_int_equal(r.op.count[COUNT_LOADS], 1);
		assert_int_equal(r.op.count[COUNT_STORES], 1);
		assert_int_equal(r.op.tail, 1);
		if (n == 100)
			path = r.op.path;
	}
	assert_int_equal(r.op.path, path);	/* its length is no other path */
	assert_int_equal(r.op.naccesses, 4 + 4);
	expect_access(0, ACCESS_LOAD, 0x1020, 32, 1);
	expect_access(1, ACCESS_STORE, 0x8000, 64, 0);
	expect_access(2, ACCESS_LOAD, 0x1040, 64, 0);
	expect_access(3, ACCESS_STORE, 0x8040, 64, 0);
	assert_true(r.op.access[0].string);
	assert_int_equal(r.op.access[7].bytes, 200 - 192);
}

static void a_copy_that_was_interrupted_begins_again(void **state)
{
	struct known_insn movs = kernel_insn(0, INSN_STRING | INSN_REPEATED), iret = kernel_insn(1, INSN_RETURN);

	(void)state;
	recording_begin(&r, 0);
	recording_insn(&r, &movs);
	touch(&movs, 0x1000, 8, true);
	recording_insn(&r, &iret);
	recording_insn(&r, &movs);
	touch(&movs, 0x1008, 8, true);
	recording_end(&r);
	assert_int_equal(r.op.count[COUNT_KERNEL_INSNS], 3);
	assert_int_equal(r.op.count[COUNT_EXCEPTIONS], 1);
	assert_int_equal(r.op.naccesses, 2);
	expect_access(1, ACCESS_STORE, 0x1008, 8, 2);
}

static void two_copies_in_a_row_are_two(void **state)
{
	struct known_insn movs = kernel_insn(0, INSN_STRING), rep = kernel_insn(1, INSN_STRING | INSN_REPEATED);

	(void)state;
	recording_begin(&r, 0);
	recording_insn(&r, &movs);
	recording_insn(&r, &movs);
	recording_insn(&r, &rep);
	recording_end(&r);
	assert_int_equal(r.op.count[COUNT_KERNEL_INSNS], 3);
}

static void accesses_are_joined_downwards_too_but_not_over_holes_or_lines(void **state)
{
	struct known_insn insn = kernel_insn(0, 0);

	(void)state;
	recording_begin(&r, 0);
	recording_insn(&r, &insn);
	touch(&insn, 0x1010, 8, true);
	touch(&insn, 0x1008, 8, true);
	touch(&insn, 0x1020, 8, true);	/* a hole of 8 bytes */
	touch(&insn, 0x1040, 8, true);	/* another line */
	touch(&insn, 0x1048, 8, false);	/* another kind */
	touch(&insn, 0x207c, 8, true);	/* over a line's border */
	recording_end(&r);
	assert_int_equal(r.op.naccesses, 6);
	expect_access(0, ACCESS_STORE, 0x1008, 16, 1);
	expect_access(1, ACCESS_STORE, 0x1020, 8, 0);
	expect_access(2, ACCESS_STORE, 0x1040, 8, 0);
	expect_access(3, ACCESS_LOAD, 0x1048, 8, 0);
	expect_access(4, ACCESS_STORE, 0x207c, 4, 0);
	expect_access(5, ACCESS_STORE, 0x2080, 4, 0);
}

static void one_line_under_two_virtual_addresses_is_two_accesses(void **state)
{
	struct known_insn insn = kernel_insn(0, 0);

	(void)state;
	recording_begin(&r, 0);
	recording_insn(&r, &insn);
	touch(&insn, 0x1000, 8, false);
	recording_access(&r, &insn, &(struct touch){ .at = 0x1008, .virt = 0x7008, .bytes = 8 });
	recording_end(&r);
	assert_int_equal(r.op.naccesses, 2);
}

static void a_store_exclusive_only_stores(void **state)
{
	struct known_insn ldxr = kernel_insn(0, INSN_ATOMIC | INSN_EXCLUSIVE),
			  stxr = kernel_insn(1, INSN_STORE_EXCLUSIVE);

	(void)state;
	recording_begin(&r, 0);
	recording_insn(&r, &ldxr);
	touch(&ldxr, 0x1000, 8, false);
	recording_insn(&r, &stxr);
	touch(&stxr, 0x1000, 8, false);	/* the emulator compares */
	touch(&stxr, 0x1000, 8, true);
	recording_end(&r);
	assert_int_equal(r.op.naccesses, 2);
	expect_access(0, ACCESS_LOAD, 0x1000, 8, 1);
	expect_access(1, ACCESS_STORE, 0x1000, 8, 1);
	assert_int_equal(r.op.count[COUNT_ATOMICS], 1);
	assert_int_equal(r.op.count[COUNT_EXCLUSIVES], 1);
	assert_int_equal(r.op.count[COUNT_LOADS], 1);
	assert_int_equal(r.op.count[COUNT_STORES], 1);
}

static void a_system_calls_own_return_is_no_exception(void **state)
{
	struct known_insn svc = kernel_insn(0, INSN_SYSCALL), eret = kernel_insn(1, INSN_RETURN);

	(void)state;
	svc.pc = USER;
	recording_begin(&r, 0);
	recording_insn(&r, &svc);
	recording_insn(&r, &eret);	/* of a tick within it */
	recording_insn(&r, &eret);
	recording_insn(&r, &svc);
	recording_insn(&r, &eret);
	recording_end(&r);
	assert_int_equal(r.op.count[COUNT_EXCEPTIONS], 1);
	assert_int_equal(r.op.count[COUNT_USER_INSNS], 2);
	assert_int_equal(r.op.count[COUNT_KERNEL_INSNS], 3);
	assert_int_equal(r.op.count[COUNT_SYSCALLS], 2);
}

/* SYSRET is none of them: whatever IRET comes is a tick's. */
static void on_x86_every_iret_is_an_exceptions(void **state)
{
	struct known_insn syscall = kernel_insn(0, INSN_SYSCALL_X86), iret = kernel_insn(1, INSN_RETURN);

	(void)state;
	recording_begin(&r, 0);
	recording_insn(&r, &syscall);
	recording_insn(&r, &iret);
	recording_end(&r);
	assert_int_equal(r.op.count[COUNT_SYSCALLS], 1);
	assert_int_equal(r.op.count[COUNT_EXCEPTIONS], 1);
}

static void user_space_has_atomics_of_its_own(void **state)
{
	struct known_insn lock = kernel_insn(0, INSN_ATOMIC | INSN_RMW);

	(void)state;
	lock.pc = USER;
	recording_begin(&r, 0);
	recording_insn(&r, &lock);
	touch(&lock, 0x1000, 8, true);
	recording_end(&r);
	assert_int_equal(r.op.count[COUNT_ATOMICS], 0);
	assert_int_equal(r.op.count[COUNT_USER_ATOMICS], 1);
	assert_true(r.op.access[0].user);
}

static void every_kind_has_its_count(void **state)
{
	static const struct {
		unsigned kind;
		enum count count;
	} table[] = {
		{ INSN_STAC, COUNT_STAC }, { INSN_CLAC, COUNT_CLAC }, { INSN_PAN, COUNT_PAN },
		{ INSN_LDTR, COUNT_LDTR }, { INSN_STTR, COUNT_STTR }, { INSN_LSE, COUNT_LSE },
		{ INSN_EXCLUSIVE, COUNT_EXCLUSIVES }, { INSN_RETURN, COUNT_EXCEPTIONS },
		{ INSN_ATOMIC, COUNT_ATOMICS }, { INSN_SYSCALL_X86, COUNT_SYSCALLS },
	};
	struct known_insn insn;
	size_t i;
	int c;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		insn = kernel_insn(0, table[i].kind);
		recording_begin(&r, 0);
		recording_insn(&r, &insn);
		recording_end(&r);
		for (c = 0; c < NCOUNTS; c++)
			assert_int_equal(r.op.count[c], c == COUNT_KERNEL_INSNS || c == (int)table[i].count);
	}
}

static void another_order_is_another_path(void **state)
{
	struct known_insn a = kernel_insn(0, 0), b = kernel_insn(1, 0);
	uint64_t path;

	(void)state;
	recording_begin(&r, 0);
	recording_insn(&r, &a);
	recording_insn(&r, &b);
	path = recording_end(&r)->path;
	recording_begin(&r, 0);
	recording_insn(&r, &b);
	recording_insn(&r, &a);
	assert_int_not_equal(recording_end(&r)->path, path);
	recording_begin(&r, 0);
	recording_insn(&r, &a);
	recording_insn(&r, &b);
	assert_int_equal(recording_end(&r)->path, path);
}

static void an_op_too_long_to_keep_is_told(void **state)
{
	struct known_insn insn = kernel_insn(0, 0);
	size_t i;

	(void)state;
	recording_begin(&r, 0);
	recording_insn(&r, &insn);
	for (i = 0; i < RECORDING_MAX; i++)
		touch(&insn, 128 * i, 8, true);
	assert_false(r.overflow);
	touch(&insn, 64, 8, true);
	assert_true(r.overflow);
	assert_int_equal(r.op.naccesses, RECORDING_MAX);
	recording_end(&r);
	recording_begin(&r, 0);
	assert_false(r.overflow);
	recording_end(&r);
}

/* A loop of three instructions, done four times; then the first of them again, from afar. */
static void what_comes_again_soon_is_a_loops(void **state)
{
	struct known_insn insn[OP_LOOP + 3];
	const struct touch t = { 0x1000, 0x1000, 8, false };
	unsigned i;

	(void)state;
	for (i = 0; i < OP_LOOP + 3; i++)
		insn[i] = kernel_insn(i, 0);
	recording_begin(&r, 0);
	for (i = 0; i < 12; i++)
		recording_insn(&r, &insn[i % 3]);
	recording_access(&r, &insn[2], &t);
	for (i = 3; i < OP_LOOP + 3; i++)
		recording_insn(&r, &insn[i]);
	recording_insn(&r, &insn[0]);	/* OP_LOOP + 3 after its last time */
	recording_insn(&r, &insn[4]);
	recording_end(&r);
	assert_int_equal(r.op.count[COUNT_LOOPED], 9 + 1);
	assert_int_equal(r.op.naccesses, 1);
	assert_int_equal(r.op.access[0].gap, 12);
	assert_int_equal(r.op.access[0].looped, 9);
	/* another op has a beginning of its own */
	recording_begin(&r, 0);
	recording_insn(&r, &insn[4]);
	recording_end(&r);
	assert_int_equal(r.op.count[COUNT_LOOPED], 0);
}

static void each_count_has_a_name_and_an_architecture(void **state)
{
	int a, b;

	(void)state;
	for (a = 0; a < NCOUNTS; a++) {
		assert_non_null(count_name((enum count)a));
		assert_true(count_exists((enum count)a, false) || count_exists((enum count)a, true));
		for (b = 0; b < a; b++)
			assert_string_not_equal(count_name((enum count)a), count_name((enum count)b));
	}
	assert_string_equal(count_name(COUNT_KERNEL_INSNS), "kernel_instructions");
	assert_true(count_exists(COUNT_STAC, false) && !count_exists(COUNT_STAC, true));
	assert_true(count_exists(COUNT_PAN, true) && !count_exists(COUNT_PAN, false));
}

static int release(void **state)
{
	(void)state;
	recording_release(&r);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accesses_know_how_many_instructions_lie_between),
		cmocka_unit_test(a_locked_instruction_is_one_access_however_it_is_told),
		cmocka_unit_test(a_locked_instruction_across_lines_is_two_accesses),
		cmocka_unit_test(an_increment_without_lock_is_a_load_and_a_store),
		cmocka_unit_test(a_repeated_copy_is_one_instruction_and_an_access_a_line),
		cmocka_unit_test(a_copy_that_was_interrupted_begins_again),
		cmocka_unit_test(two_copies_in_a_row_are_two),
		cmocka_unit_test(accesses_are_joined_downwards_too_but_not_over_holes_or_lines),
		cmocka_unit_test(one_line_under_two_virtual_addresses_is_two_accesses),
		cmocka_unit_test(a_store_exclusive_only_stores),
		cmocka_unit_test(a_system_calls_own_return_is_no_exception),
		cmocka_unit_test(on_x86_every_iret_is_an_exceptions),
		cmocka_unit_test(user_space_has_atomics_of_its_own),
		cmocka_unit_test(every_kind_has_its_count),
		cmocka_unit_test(another_order_is_another_path),
		cmocka_unit_test(an_op_too_long_to_keep_is_told),
		cmocka_unit_test(what_comes_again_soon_is_a_loops),
		cmocka_unit_test(each_count_has_a_name_and_an_architecture),
	};

	return cmocka_run_group_tests(tests, NULL, release);
}
