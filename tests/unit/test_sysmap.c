/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "harness/guest/sysmap.h"
#include "lib/buf.h"

static const char map[] = "0000000000000000 D __per_cpu_start\n"
			  "ffffffff81000000 T _text\n"
			  "ffffffff81000000 T startup_64\n"
			  "ffffffff81001000 t filemap_read\n"
			  "ffffffff81002000 W arch_read\n"
			  "ffffffff81003000 T _etext\n"
			  "ffffffff81400000 R __start_rodata\n"
			  "ffffffff81500000 t init_late\n"
			  "ffffffff81600000 B _end\n";

static const char *at(uint64_t address)
{
	static struct buf out;
	static char text[64];
	bool found;

	found = sysmap_find(map, strlen(map), address, &out);
	strncpy(text, buf_text(&out), sizeof(text) - 1);
	buf_release(&out);
	return found ? text : NULL;
}

static void an_address_belongs_to_the_function_before_it(void **state)
{
	(void)state;
	assert_string_equal(at(0xffffffff81001000), "filemap_read+0x0");
	assert_string_equal(at(0xffffffff8100101f), "filemap_read+0x1f");
	assert_string_equal(at(0xffffffff81001fff), "filemap_read+0xfff");
	assert_string_equal(at(0xffffffff81002001), "arch_read+0x1");
	assert_string_equal(at(0xffffffff81500010), "init_late+0x10");
}

static void of_two_names_the_last_is_told(void **state)
{
	(void)state;
	assert_string_equal(at(0xffffffff81000001), "startup_64+0x1");
}

static void data_and_what_is_outside_have_no_function(void **state)
{
	(void)state;
	assert_null(at(0x401000));
	assert_null(at(0xffffffff80ffffff));
	assert_null(at(0xffffffff81400001));
	assert_null(at(0xffffffff81600000));
	assert_null(at(UINT64_MAX));
}

static void a_map_that_is_none_has_no_functions(void **state)
{
	static const char stub[] = "ffffffffffffffff B The real System.map is in the linux-image-dbg package\n";
	struct buf out = BUF_INIT;

	(void)state;
	assert_false(sysmap_find("", 0, 1, &out));
	assert_false(sysmap_find(stub, strlen(stub), 0xffffffff81000000, &out));
	assert_false(sysmap_find("xyz\n\n 1\nfff T\n", 13, 0x10, &out));
	assert_int_equal(out.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_belongs_to_the_function_before_it),
		cmocka_unit_test(of_two_names_the_last_is_told),
		cmocka_unit_test(data_and_what_is_outside_have_no_function),
		cmocka_unit_test(a_map_that_is_none_has_no_functions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
