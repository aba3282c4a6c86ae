/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/count/private_cache.h"

static void the_line_used_longest_ago_makes_room(void **state)
{
	struct private_cache *c = private_cache_new(2, 2);

	(void)state;
	/* Even lines fall into one set, odd ones into the other. */
	assert_false(private_cache_touch(c, 0));
	assert_false(private_cache_touch(c, 2 * 64));
	assert_true(private_cache_touch(c, 63));
	assert_false(private_cache_touch(c, 1 * 64));
	assert_true(private_cache_touch(c, 2 * 64 + 8));
	assert_false(private_cache_touch(c, 4 * 64));
	assert_true(private_cache_touch(c, 2 * 64));
	assert_false(private_cache_touch(c, 0));
	assert_false(private_cache_touch(c, 4 * 64));
	assert_true(private_cache_touch(c, 1 * 64));
	private_cache_free(c);
	private_cache_free(NULL);
}

static void a_cache_of_one_line_holds_that(void **state)
{
	struct private_cache *c = private_cache_new(1, 1);

	(void)state;
	assert_false(private_cache_touch(c, 0));
	assert_true(private_cache_touch(c, 0));
	assert_false(private_cache_touch(c, UINT64_MAX));
	assert_true(private_cache_touch(c, UINT64_MAX - 5));
	private_cache_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_line_used_longest_ago_makes_room),
		cmocka_unit_test(a_cache_of_one_line_holds_that),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
