/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bench/modules.h"
#include "lib/buf.h"

static void gets(const char *cmdline, const char *path, const char *expected)
{
	struct buf out = BUF_INIT;

	modules_parameters(cmdline, path, &out);
	assert_string_equal(buf_text(&out), expected);
	buf_release(&out);
}

static void a_module_gets_its_own_parameters(void **state)
{
	(void)state;
	gets("quiet brd.rd_nr=1 xbrd.a=1 brd.rd_size=4096 brdx.b=2\n", "/lib/modules/brd.ko", "rd_nr=1 rd_size=4096");
	gets("brd.flag", "/brd.ko", "flag");
	gets("brd rd_nr=1 brd.", "brd.ko", "");
	gets("", "/brd.ko", "");
}

static void dashes_and_underscores_are_the_same(void **state)
{
	(void)state;
	gets("virtio-blk.queue_depth=8 virtio_blk.x=y", "/lib/virtio_blk.ko", "queue_depth=8 x=y");
	gets("virtio_blk.queue_depth=8", "/lib/virtio-blk.ko", "queue_depth=8");
}

static void blanks_in_quotes_end_no_word(void **state)
{
	(void)state;
	gets("a.b=\"c brd.no=1\" brd.s=\"x y\" brd.n=2", "/brd.ko", "s=\"x y\" n=2");
	gets("\"brd.s=x y\" brd.n=2", "/brd.ko", "\"s=x y\" n=2");
	gets("brd.s=\"open brd.n=2", "/brd.ko", "s=\"open brd.n=2");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_module_gets_its_own_parameters),
		cmocka_unit_test(dashes_and_underscores_are_the_same),
		cmocka_unit_test(blanks_in_quotes_end_no_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
