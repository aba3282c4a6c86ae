/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness/plan/order.h"

static void expect(uint64_t seed, enum order_stream stream, uint32_t blocks, uint32_t n, const char *expected)
{
	uint32_t *order = order_make(seed, stream, blocks, n), i;
	char text[256];
	size_t len = 0;

	for (i = 0; i < blocks * n; i++) {
		if (i && i % n == 0)
			text[len++] = ' ';
		assert_true(order[i] < 10);
		text[len++] = (char)('0' + order[i]);
	}
	text[len] = '\0';
	assert_string_equal(text, expected);
	free(order);
}

/* The numbers come from a second implementation, in Python. */
static void orders_are_the_same_everywhere_and_for_good(void **state)
{
	(void)state;
	expect(1, ORDER_CELLS, 3, 6, "013245 354102 251403");
	expect(42, ORDER_CELLS, 1, 6, "430251");
	expect(0, ORDER_KERNELS, 8, 2, "10 01 10 10 10 10 01 01");
	expect(1, ORDER_KERNELS, 8, 2, "01 01 01 10 01 01 01 10");
	expect(42, ORDER_KERNELS, 4, 3, "021 210 012 210");
}

static void more_blocks_leave_the_earlier_ones_as_they_are(void **state)
{
	static const enum order_stream streams[] = { ORDER_CELLS, ORDER_KERNELS };
	uint32_t *few, *many;
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		few = order_make(7, streams[i], 10, 5);
		many = order_make(7, streams[i], 1000, 5);
		assert_memory_equal(few, many, 10 * 5 * sizeof(few[0]));
		free(few);
		free(many);
	}
}

static void every_block_holds_everything_once(void **state)
{
	uint32_t *order = order_make(3, ORDER_KERNELS, 1000, 7), i;
	unsigned seen = 0, differ = 0;

	(void)state;
	for (i = 0; i < 7000; i++) {
		seen |= 1u << order[i];
		if (i % 7 != 6)
			continue;
		assert_int_equal(seen, 127);
		seen = 0;
		differ += i > 6 && memcmp(order + i - 6, order + i - 13, 7 * sizeof(order[0]));
	}
	assert_true(differ > 990);	/* one in 5040 is as the one before */
	free(order);
}

/* Of 6000 blocks of two, either comes first in about 3000: 5 standard deviations are 194. */
static void either_of_two_is_equally_likely_to_come_first_whatever_came_before(void **state)
{
	uint32_t *order = order_make(1, ORDER_KERNELS, 6000, 2), i, first = 0, again = 0;

	(void)state;
	for (i = 0; i < 6000; i++) {
		first += order[2 * i];
		again += i && order[2 * i] == order[2 * i - 2];
	}
	assert_in_range(first, 2806, 3194);
	assert_in_range(again, 2806, 3194);
	free(order);
}

static void the_order_of_kernels_is_not_that_of_cells(void **state)
{
	uint32_t *kernels, *cells, same = 0, i;
	uint64_t seed;

	(void)state;
	for (seed = 0; seed < 1000; seed++) {
		kernels = order_make(seed, ORDER_KERNELS, 4, 2);
		cells = order_make(seed, ORDER_CELLS, 4, 2);
		for (i = 0; i < 4; i++)
			same += kernels[2 * i] == cells[2 * i];
		free(kernels);
		free(cells);
	}
	assert_in_range(same, 1842, 2158);	/* half of 4000, 5 standard deviations to either side */
}

static void one_alone_is_always_first(void **state)
{
	(void)state;
	expect(5, ORDER_KERNELS, 3, 1, "0 0 0");
	expect(5, ORDER_CELLS, 1, 1, "0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(orders_are_the_same_everywhere_and_for_good),
		cmocka_unit_test(more_blocks_leave_the_earlier_ones_as_they_are),
		cmocka_unit_test(every_block_holds_everything_once),
		cmocka_unit_test(either_of_two_is_equally_likely_to_come_first_whatever_came_before),
		cmocka_unit_test(the_order_of_kernels_is_not_that_of_cells),
		cmocka_unit_test(one_alone_is_always_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
