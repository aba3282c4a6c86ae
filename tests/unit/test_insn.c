/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdbool.h>
#include <stdio.h>

#include "harness/count/plugin/insn.h"
#include "harness/count/plugin/known.h"
#include "lib/roi.h"

struct expected {
	const char *name;
	const char *byte;
	size_t len;
	unsigned kinds;
};
#define BYTES(s) s, sizeof(s) - 1
#define LOCKED (INSN_ATOMIC | INSN_RMW)
#define LSE (INSN_ATOMIC | INSN_RMW | INSN_LSE)
#define LDXR (INSN_ATOMIC | INSN_EXCLUSIVE)

static void check(bool arm64, const struct expected *e, size_t n)
{
	struct insn_decoder *d = insn_decoder_new(arm64);
	size_t i;
	unsigned kinds;

	assert_non_null(d);
	for (i = 0; i < n; i++) {
		kinds = insn_kinds(d, (const unsigned char *)e[i].byte, e[i].len);
		if (kinds != e[i].kinds)
			fail_msg("%s: kinds are 0x%x, not 0x%x", e[i].name, kinds, e[i].kinds);
	}
	insn_decoder_free(d);
}
#define CHECK(arm64, table) check(arm64, table, sizeof(table) / sizeof(table[0]))

static void x86_instructions_are_what_the_manual_says(void **state)
{
	static const struct expected table[] = {
		{ "stac", BYTES("\x0f\x01\xcb"), INSN_STAC },
		{ "clac", BYTES("\x0f\x01\xca"), INSN_CLAC },
		{ "iretq", BYTES("\x48\xcf"), INSN_RETURN },
		{ "syscall", BYTES("\x0f\x05"), INSN_SYSCALL_X86 },
		{ "sysretq", BYTES("\x48\x0f\x07"), 0 },
		{ "iretd", BYTES("\xcf"), INSN_RETURN },
		{ "sysretq", BYTES("\x48\x0f\x07"), 0 },
		{ "lock cmpxchg (%rdx)", BYTES("\xf0\x0f\xb1\x0a"), LOCKED },
		{ "lock xadd (%rdi)", BYTES("\xf0\x0f\xc1\x07"), LOCKED },
		{ "lock decl 0x34(%rdi)", BYTES("\xf0\xff\x4f\x34"), LOCKED },
		{ "lock orb", BYTES("\xf0\x80\x0f\x01"), LOCKED },
		{ "lock bts", BYTES("\xf0\x48\x0f\xba\x2f\x07"), LOCKED },
		{ "lock cmpxchg16b %gs:(%rsi)", BYTES("\x65\xf0\x48\x0f\xc7\x0e"), LOCKED },
		{ "lock addl $0, -4(%rsp)", BYTES("\xf0\x83\x44\x24\xfc\x00"), LOCKED },
		{ "xacquire lock cmpxchg", BYTES("\xf2\xf0\x0f\xb1\x0a"), LOCKED },
		{ "cmpxchg without lock", BYTES("\x0f\xb1\x0a"), 0 },
		{ "xchg with memory", BYTES("\x87\x0a"), LOCKED },
		{ "xchg of a byte with memory", BYTES("\x86\x07"), LOCKED },
		{ "xchg of registers", BYTES("\x87\xca"), 0 },
		{ "xchg %ax,%ax, a NOP", BYTES("\x66\x90"), 0 },
		{ "xchg %rax,%rcx", BYTES("\x48\x91"), 0 },
		{ "rep movsb", BYTES("\xf3\xa4"), INSN_STRING | INSN_REPEATED },
		{ "rep movsq", BYTES("\xf3\x48\xa5"), INSN_STRING | INSN_REPEATED },
		{ "rep stosq", BYTES("\xf3\x48\xab"), INSN_STRING | INSN_REPEATED },
		{ "repne scasb", BYTES("\xf2\xae"), INSN_STRING | INSN_REPEATED },
		{ "repe cmpsb", BYTES("\xf3\xa6"), INSN_STRING | INSN_REPEATED },
		{ "movsl alone", BYTES("\xa5"), INSN_STRING },
		{ "movsd of SSE", BYTES("\xf2\x0f\x10\x07"), 0 },
		{ "popcnt, with F3 as part of its opcode", BYTES("\xf3\x48\x0f\xb8\xc1"), 0 },
		{ "pause", BYTES("\xf3\x90"), 0 },
		{ "endbr64", BYTES("\xf3\x0f\x1e\xfa"), 0 },
		{ "repz ret", BYTES("\xf3\xc3"), 0 },
		{ "mov %cs:(%rax)", BYTES("\x2e\x8b\x00"), 0 },
		{ "mov $0xf0, %al", BYTES("\xb0\xf0"), 0 },
		{ "incl (%rdi)", BYTES("\xff\x07"), 0 },
		{ "no instruction", BYTES("\x0f\xff\xff"), 0 },
		{ "half of one", BYTES("\x0f\x01"), 0 },
	};

	(void)state;
	CHECK(false, table);
}

/* Encodings as `as` gives them, low byte first. */
static void arm64_instructions_are_what_the_manual_says(void **state)
{
	static const struct expected table[] = {
		{ "ldadd w1, w2, [x0]", BYTES("\x02\x00\x21\xb8"), LSE },
		{ "ldaddal x1, x2, [x0]", BYTES("\x02\x00\xe1\xf8"), LSE },
		{ "stadd w1, [x0]", BYTES("\x1f\x00\x21\xb8"), LSE },
		{ "ldclrl w1, w2, [x0]", BYTES("\x02\x10\x61\xb8"), LSE },
		{ "ldsmax x1, x2, [x0]", BYTES("\x02\x40\x21\xf8"), LSE },
		{ "swpal x1, x2, [x0]", BYTES("\x02\x80\xe1\xf8"), LSE },
		{ "swpb w1, w2, [x0]", BYTES("\x02\x80\x21\x38"), LSE },
		{ "cas w1, w2, [x0]", BYTES("\x02\x7c\xa1\x88"), LSE },
		{ "casal x1, x2, [x0]", BYTES("\x02\xfc\xe1\xc8"), LSE },
		{ "casp x2, x3, x4, x5, [x0]", BYTES("\x04\x7c\x22\x48"), LSE },
		{ "ldapr x1, [x0]", BYTES("\x01\xc0\xbf\xf8"), 0 },
		{ "ldxr w1, [x0]", BYTES("\x01\x7c\x5f\x88"), LDXR },
		{ "ldaxr x1, [x0]", BYTES("\x01\xfc\x5f\xc8"), LDXR },
		{ "ldaxrb w1, [x0]", BYTES("\x01\xfc\x5f\x08"), LDXR },
		{ "ldxp x1, x2, [x0]", BYTES("\x01\x08\x7f\xc8"), LDXR },
		{ "stxr w3, w1, [x0]", BYTES("\x01\x7c\x03\x88"), INSN_STORE_EXCLUSIVE },
		{ "stlxr w3, x1, [x0]", BYTES("\x01\xfc\x03\xc8"), INSN_STORE_EXCLUSIVE },
		{ "stxp w3, x1, x2, [x0]", BYTES("\x01\x08\x23\xc8"), INSN_STORE_EXCLUSIVE },
		{ "ldar x1, [x0]", BYTES("\x01\xfc\xdf\xc8"), 0 },
		{ "stlr x1, [x0]", BYTES("\x01\xfc\x9f\xc8"), 0 },
		{ "ldtr x1, [x0]", BYTES("\x01\x08\x40\xf8"), INSN_LDTR },
		{ "ldtrb w1, [x0, #1]", BYTES("\x01\x18\x40\x38"), INSN_LDTR },
		{ "ldtrsw x1, [x0]", BYTES("\x01\x08\x80\xb8"), INSN_LDTR },
		{ "sttr x1, [x0]", BYTES("\x01\x08\x00\xf8"), INSN_STTR },
		{ "sttrh w1, [x0]", BYTES("\x01\x08\x00\x78"), INSN_STTR },
		{ "ldur x1, [x0, #-8]", BYTES("\x01\x80\x5f\xf8"), 0 },
		{ "ldr x1, [x0], #8", BYTES("\x01\x84\x40\xf8"), 0 },
		{ "ldr x1, [x0, x2]", BYTES("\x01\x68\x62\xf8"), 0 },
		{ "ldr x1, [x0, #8]", BYTES("\x01\x04\x40\xf9"), 0 },
		{ "ldr q1, [x0, x2]", BYTES("\x01\x68\xe2\x3c"), 0 },
		{ "msr pan, #1", BYTES("\x9f\x41\x00\xd5"), INSN_PAN },
		{ "msr pan, #0", BYTES("\x9f\x40\x00\xd5"), INSN_PAN },
		{ "msr pan, x3", BYTES("\x63\x42\x18\xd5"), INSN_PAN },
		{ "mrs x3, pan", BYTES("\x63\x42\x38\xd5"), 0 },
		{ "msr daifset, #2", BYTES("\xdf\x42\x03\xd5"), 0 },
		{ "eret", BYTES("\xe0\x03\x9f\xd6"), INSN_RETURN },
		{ "eretaa", BYTES("\xff\x0b\x9f\xd6"), INSN_RETURN },
		{ "eretab", BYTES("\xff\x0f\x9f\xd6"), INSN_RETURN },
		{ "ret", BYTES("\xc0\x03\x5f\xd6"), 0 },
		{ "svc #0", BYTES("\x01\x00\x00\xd4"), INSN_SYSCALL },
		{ "hvc #0", BYTES("\x02\x00\x00\xd4"), 0 },
		{ "half of one", BYTES("\x01\x00"), 0 },
	};

	(void)state;
	CHECK(true, table);
}

static void marker_bytes(bool arm64, uint32_t mark, unsigned char byte[8])
{
	uint32_t word = arm64 ? 0xd2e0001fu | (ROI_MAGIC_ARM64 + mark) << 5 : ROI_MAGIC_X86 + mark;
	unsigned i, at = arm64 ? 0 : 3;

	byte[0] = 0x0f, byte[1] = 0x1f, byte[2] = 0x80;
	for (i = 0; i < 4; i++)
		byte[at + i] = (unsigned char)(word >> 8 * i);
}

static void markers_are_known_by_their_constant(void **state)
{
	unsigned char byte[8];
	uint32_t mark;
	int arm64;

	(void)state;
	for (arm64 = 0; arm64 < 2; arm64++) {
		for (mark = 0; mark < ROI_MARKS; mark++) {
			marker_bytes(arm64, mark, byte);
			assert_int_equal(insn_marker(arm64, byte, arm64 ? ROI_LEN_ARM64 : ROI_LEN_X86),
					 mark);
			assert_int_equal(insn_marker(arm64, byte, arm64 ? 2 : 6), -1);
			assert_int_equal(insn_marker(!arm64, byte, arm64 ? ROI_LEN_ARM64 : ROI_LEN_X86),
					 -1);
		}
		marker_bytes(arm64, ROI_MARKS, byte);
		assert_int_equal(insn_marker(arm64, byte, arm64 ? ROI_LEN_ARM64 : ROI_LEN_X86), -1);
		marker_bytes(arm64, (uint32_t)-1, byte);
		assert_int_equal(insn_marker(arm64, byte, arm64 ? ROI_LEN_ARM64 : ROI_LEN_X86), -1);
	}
	assert_int_equal(insn_marker(false, (const unsigned char *)"\x0f\x1f\x80\0\0\0\0", 7), -1);
}

/* Executes them: they must do nothing. And the bytes are those that the plugin looks for. */
__attribute__((noinline)) static int all_marks(int value)
{
	ROI_MARK(ROI_ARM);
	ROI_MARK(ROI_BEGIN);
	value *= 2;
	ROI_MARK(ROI_END);
	ROI_MARK(ROI_DISARM);
	return value;
}

static void the_drivers_markers_are_those_that_the_plugin_knows(void **state)
{
	const unsigned char *code = (const unsigned char *)(uintptr_t)all_marks;
#if defined(__aarch64__)
	const size_t len = ROI_LEN_ARM64;
#else
	const size_t len = ROI_LEN_X86;
#endif
	unsigned seen = 0;
	size_t i;
	int mark;

	(void)state;
	assert_int_equal(all_marks(21), 42);
	/* byte by byte, as far as instructions of a function so short can reach */
	for (i = 0; i < 160 && seen != 15; i++) {
		mark = insn_marker(len == ROI_LEN_ARM64, code + i, len);
		seen |= mark < 0 ? 0 : 1u << mark;
	}
	assert_int_equal(seen, 15);
}

static void an_instruction_is_known_by_its_address_and_its_bytes(void **state)
{
	static const unsigned char ret[] = { 0xc3 }, stac[] = { 0x0f, 0x01, 0xcb };
	struct insn_decoder *d = insn_decoder_new(false);
	struct known *k = known_new();
	const struct known_insn *a = known_add(k, d, 0x1000, ret, 1), *b = known_add(k, d, 0x1000, stac, 3);
	uint64_t pc;

	(void)state;
	assert_ptr_not_equal(a, b);
	assert_int_equal(b->kinds, INSN_STAC);
	for (pc = 0; pc < 100000; pc++)	/* the table grows several times */
		assert_int_equal(known_add(k, d, 0xffffffff81000000 + pc, ret, 1)->number, pc + 2);
	assert_ptr_equal(known_add(k, d, 0x1000, ret, 1), a);
	assert_ptr_equal(known_add(k, d, 0x1000, stac, 3), b);
	assert_int_equal(known_get(k, 77777)->pc, 0xffffffff81000000 + 77775);
	known_free(k);
	insn_decoder_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(x86_instructions_are_what_the_manual_says),
		cmocka_unit_test(arm64_instructions_are_what_the_manual_says),
		cmocka_unit_test(markers_are_known_by_their_constant),
		cmocka_unit_test(the_drivers_markers_are_those_that_the_plugin_knows),
		cmocka_unit_test(an_instruction_is_known_by_its_address_and_its_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
