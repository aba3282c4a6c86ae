/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines in words. The symbols are a small kernel's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "harness/count/object.h"
#include "harness/count/op.h"
#include "harness/count/symbols.h"
#include "lib/buf.h"

static const char map[] =
	"ffffffff81000000 T filemap_read\n"
	"ffffffff81001000 t filemap_get_read_batch\n"
	"ffffffff81002000 T fput\n"
	"ffffffff81003000 T touch_atime\n"
	"ffffffff81004000 T ext4_file_write_iter\n"
	"ffffffff81005000 T xas_load\n"
	"ffffffff81006000 T dput\n"
	"ffffffff81007000 T folio_unlock\n"
	"ffffffff81008000 T down_write\n"
	"ffffffff81009000 T frobnicate\n"
	"ffffffff8100a000 T _raw_spin_lock\n"
	"ffffffff82000000 D jiffies\n"
	"ffffffff82000200 D after\n"
	"ffff800080010000 T folio_put\n"
	"ffff800082000000 D arm_data\n"
	"ffff800082000040 D arm_end\n";
enum {	/* addresses of functions, behind 0xffffffff81000000 */
	READ = 0x10, BATCH = 0x1010, FPUT = 0x2010, ATIME = 0x3010, EXT4 = 0x4010, XAS = 0x5010, DPUT = 0x6010,
	UNLOCK = 0x7010, DOWN = 0x8010, FROB = 0x9010, SPIN = 0xa010,
};

static struct symbols *symbols;
static struct buf text;

static struct object_toucher by(unsigned function, enum access_kind kind)
{
	return (struct object_toucher){ .pc = 0xffffffff81000000 + function, .kind = (uint8_t)kind };
}

static const char *describe(uint64_t virt, const struct object_toucher *t, size_t n)
{
	const struct object_line l = { .line = 0x1000, .virt = virt, .toucher = t, .n = n };

	buf_reset(&text);
	object_describe(&l, symbols, &text);
	return buf_text(&text);
}

static const char *arm(uint64_t virt, uint64_t pc, enum access_kind kind)
{
	const struct object_toucher t = { .pc = pc, .kind = (uint8_t)kind };
	const struct object_line l = { .virt = virt, .arm64 = true, .toucher = &t, .n = 1 };

	buf_reset(&text);
	object_describe(&l, symbols, &text);
	return buf_text(&text);
}

#define LINEAR 0xffff888012345680u
#define PAGES 0xffffea0000468bc0u	/* of page frame 0x11a2f */

static void a_line_of_vmemmap_is_a_folio_with_its_page_frame(void **state)
{
	const struct object_toucher load = by(BATCH, ACCESS_LOAD);

	(void)state;
	assert_string_equal(describe(PAGES, &load, 1), "folio (page frame 0x11a2f)");
	assert_string_equal(describe(PAGES + 0x34, &load, 1), "folio (page frame 0x11a2f)");
	assert_string_equal(describe(0xffffea0000000000, &load, 1), "folio (page frame 0x0)");
	assert_string_equal(describe(0xffd4000001fff534, &load, 1), "folio (page frame 0x7ffd4)");	/* 5 levels */
	assert_string_equal(describe(PAGES, NULL, 0), "folio (page frame 0x11a2f)");
}

static void atomics_of_the_page_cache_on_it_are_its_reference_count(void **state)
{
	const struct object_toucher get = by(BATCH, ACCESS_RMW), put = by(READ, ACCESS_RMW),
				    unlock = by(UNLOCK, ACCESS_RMW), other = by(FROB, ACCESS_RMW),
				    store = by(BATCH, ACCESS_STORE);
	const struct object_toucher both[] = { by(FROB, ACCESS_LOAD), by(BATCH, ACCESS_LOAD), put };

	(void)state;
	assert_string_equal(describe(PAGES, &get, 1), "folio: reference count (page frame 0x11a2f)");
	assert_string_equal(describe(PAGES, both, 3), "folio: reference count (page frame 0x11a2f)");
	assert_string_equal(describe(PAGES, &unlock, 1), "folio: flags (its lock) (page frame 0x11a2f)");
	assert_string_equal(describe(PAGES, &other, 1), "folio (page frame 0x11a2f)");
	assert_string_equal(describe(PAGES, &store, 1), "folio (page frame 0x11a2f)");
}

static void what_a_function_works_on_is_said_with_its_name(void **state)
{
	static const struct { unsigned function; const char *text; } known[] = {
		{ FPUT, "struct file (by fput)" }, { ATIME, "inode (by touch_atime)" },
		{ EXT4, "inode (by ext4_file_write_iter)" }, { XAS, "xarray node (by xas_load)" },
		{ BATCH, "xarray node (by filemap_get_read_batch)" }, { DPUT, "dentry (by dput)" },
		{ DOWN, "lock (by down_write)" }, { SPIN, "lock (by _raw_spin_lock)" },
	};
	struct object_toucher t;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		t = by(known[i].function, ACCESS_RMW);
		assert_string_equal(describe(LINEAR, &t, 1), known[i].text);
	}
}

static void the_first_who_is_known_speaks_and_else_the_first(void **state)
{
	const struct object_toucher known[] = { by(FROB, ACCESS_STORE), by(FPUT, ACCESS_RMW), by(DPUT, ACCESS_RMW) };
	const struct object_toucher unknown[] = { by(0x200000, ACCESS_STORE), by(FROB, ACCESS_STORE) };

	(void)state;
	assert_string_equal(describe(LINEAR, known, 3), "struct file (by fput)");
	assert_string_equal(describe(LINEAR, unknown, 2), "kernel memory (by frobnicate)");
	assert_string_equal(describe(LINEAR, unknown, 1), "kernel memory");
	assert_string_equal(describe(LINEAR, NULL, 0), "kernel memory");
}

static void data_of_the_kernel_has_its_symbol(void **state)
{
	const struct object_toucher t = by(FPUT, ACCESS_RMW);

	(void)state;
	assert_string_equal(describe(0xffffffff82000000, &t, 1), "kernel data 'jiffies'");
	assert_string_equal(describe(0xffffffff8200003f, &t, 1), "kernel data 'jiffies'");
	assert_string_equal(describe(0xffffffff82000140, &t, 1), "kernel data 'jiffies+0x140'");
	assert_string_equal(describe(0xffffffff90000000, &t, 1), "kernel data");
}

static void per_cpu_data_is_what_goes_through_gs(void **state)
{
	static const uint8_t gs[] = { 0x65, 0x48, 0x8b, 0x04, 0x25 }, locked[] = { 0xf0, 0x65, 0x48, 0xff, 0x05 },
			     plain[] = { 0x48, 0x8b, 0x65, 0x08 }, push[] = { 0x65, 0xff, 0x35, 0, 0, 0, 0 };
	struct object_toucher t = by(FROB, ACCESS_LOAD);

	(void)state;
	t.insn = gs;
	t.len = sizeof(gs);
	assert_string_equal(describe(LINEAR, &t, 1), "per-CPU data");
	t.insn = locked;
	assert_string_equal(describe(LINEAR, &t, 1), "per-CPU data");
	t.insn = plain;		/* the 0x65 in it is no prefix */
	t.len = sizeof(plain);
	assert_string_equal(describe(LINEAR, &t, 1), "kernel memory (by frobnicate)");
	t.insn = push;
	t.len = sizeof(push);
	assert_string_equal(describe(LINEAR, &t, 1), "per-CPU data");
	t.kind = ACCESS_STORE;	/* what it reads is; what it writes is the stack */
	assert_string_equal(describe(0xffffc90000013cb8, &t, 1), "vmalloc memory, perhaps a stack");
	assert_string_equal(describe(0xfffffe0000002fd8, &t, 1), "per-CPU entry area");
}

static void user_memory_and_stacks_are_what_their_addresses_say(void **state)
{
	const struct object_toucher t = by(FPUT, ACCESS_RMW);

	(void)state;
	assert_string_equal(describe(0, &t, 1), "user memory");
	assert_string_equal(describe(0x7fffffffffff, &t, 1), "user memory");
	assert_string_equal(describe(0xffffc90000013cb8, &t, 1), "vmalloc memory, perhaps a stack");
	assert_string_equal(describe(0xffa0000000503cb8, &t, 1), "vmalloc memory, perhaps a stack");
	assert_string_equal(describe(0x0800000000000000, NULL, 0), "kernel memory");	/* nowhere */
}

static void arm64_has_its_own_map(void **state)
{
	const uint64_t put = 0xffff800080010010;

	(void)state;
	assert_string_equal(arm(0xfffffdffc00fc3b4, put, ACCESS_RMW), "folio: reference count (page frame 0x43f0e)");
	assert_string_equal(arm(0xfffffc00000fc3b4, put, ACCESS_RMW),	/* before 6.9 */
			    "folio: reference count (page frame 0x43f0e)");
	assert_string_equal(arm(0xffff000003f0e000, put, ACCESS_LOAD), "kernel memory (by folio_put)");
	assert_string_equal(arm(0xffff800082000008, put, ACCESS_LOAD), "kernel data 'arm_data'");
	assert_string_equal(arm(0xffff8000844c3ae0, put, ACCESS_STORE), "vmalloc memory, perhaps a stack");
	assert_string_equal(arm(0x0000ffffd8001000, put, ACCESS_STORE), "user memory");
}

static void without_symbols_addresses_still_tell(void **state)
{
	const struct object_toucher t = by(BATCH, ACCESS_RMW);
	const struct object_line folio = { .virt = PAGES, .toucher = &t, .n = 1 },
				 data = { .virt = 0xffffffff82000000, .toucher = &t, .n = 1 },
				 memory = { .virt = LINEAR, .toucher = &t, .n = 1 };

	(void)state;
	buf_reset(&text);
	object_describe(&folio, NULL, &text);
	buf_str(&text, ", ");
	object_describe(&data, NULL, &text);
	buf_str(&text, ", ");
	object_describe(&memory, NULL, &text);
	assert_string_equal(buf_text(&text), "folio (page frame 0x11a2f), kernel data, kernel memory");
}

static int begin(void **state)
{
	struct buf why = BUF_INIT;

	(void)state;
	symbols = symbols_from_kallsyms(map, strlen(map), &why);
	buf_release(&why);
	return symbols ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	symbols_free(symbols);
	buf_release(&text);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_of_vmemmap_is_a_folio_with_its_page_frame),
		cmocka_unit_test(atomics_of_the_page_cache_on_it_are_its_reference_count),
		cmocka_unit_test(what_a_function_works_on_is_said_with_its_name),
		cmocka_unit_test(the_first_who_is_known_speaks_and_else_the_first),
		cmocka_unit_test(data_of_the_kernel_has_its_symbol),
		cmocka_unit_test(per_cpu_data_is_what_goes_through_gs),
		cmocka_unit_test(user_memory_and_stacks_are_what_their_addresses_say),
		cmocka_unit_test(arm64_has_its_own_map),
		cmocka_unit_test(without_symbols_addresses_still_tell),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
