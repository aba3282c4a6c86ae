/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "harness/judge/signs.h"

static const struct chance chance = { .draws = 2000, .seed = 7 };

static void three_blocks_have_four_flips_up_to_the_mirror_image(void **state)
{
	static const double want[4][3] = { { 1, 1, 1 }, { 1, 1, -1 }, { 1, -1, 1 }, { 1, -1, -1 } };
	static const size_t changed[4] = { 0, 2, 1, 2 };
	struct signs *s = signs_new(3, &chance);
	const double *sign;
	size_t i = 0, from;

	(void)state;
	assert_true(signs_exact(s));
	assert_int_equal(signs_total(s), 4);
	while ((sign = signs_next(s, &from))) {
		assert_true(i < 4);
		assert_memory_equal(sign, want[i], sizeof(want[i]));
		assert_int_equal(from, changed[i]);
		i++;
	}
	assert_int_equal(i, 4);
	assert_null(signs_next(s, &from));
	signs_free(s);
}

static void none_and_one_block_have_only_what_was_seen(void **state)
{
	struct signs *s;
	size_t n, from;

	(void)state;
	for (n = 0; n < 2; n++) {
		s = signs_new(n, &chance);
		assert_int_equal(signs_total(s), 1);
		assert_non_null(signs_next(s, &from));
		assert_int_equal(from, 0);
		assert_null(signs_next(s, &from));
		signs_free(s);
	}
}

static void the_signs_before_from_are_as_they_were(void **state)
{
	static const size_t blocks[] = { 9, 40 };
	const double *sign;
	double last[40];
	struct signs *s;
	size_t i, from;

	(void)state;
	for (i = 0; i < 2; i++) {
		s = signs_new(blocks[i], &chance);
		memset(last, 0, sizeof(last));
		while ((sign = signs_next(s, &from))) {
			assert_memory_equal(sign, last, from * sizeof(*sign));
			memcpy(last, sign, blocks[i] * sizeof(*sign));
		}
		signs_free(s);
	}
}

static void an_enumeration_is_complete_and_changes_two_blocks_a_step(void **state)
{
	static bool seen[1 << 11];
	struct signs *s = signs_new(12, &chance);
	size_t from, i, work = 0, which;
	const double *sign;

	(void)state;
	memset(seen, 0, sizeof(seen));
	while ((sign = signs_next(s, &from))) {
		work += 12 - from;
		for (which = 0, i = 1; i < 12; i++)
			which = which << 1 | (sign[i] < 0);
		assert_true(sign[0] == 1);
		assert_false(seen[which]);
		seen[which] = true;
	}
	for (i = 0; i < 1 << 11; i++)
		assert_true(seen[i]);
	assert_true(work < 2 * (1 << 11) + 12);
	signs_free(s);
}

static void beyond_twenty_blocks_flips_are_drawn_after_the_identity(void **state)
{
	struct signs *s = signs_new(70, &chance);
	size_t from, i, given = 0, turned[70] = { 0 };
	const double *sign;

	(void)state;
	assert_false(signs_exact(s));
	assert_int_equal(signs_total(s), 2001);
	while ((sign = signs_next(s, &from))) {
		for (i = 0; i < 70; i++) {
			assert_true(sign[i] == 1 || (sign[i] == -1 && given > 0));
			turned[i] += sign[i] < 0;
		}
		given++;
	}
	assert_int_equal(given, 2001);
	assert_int_equal(turned[0], 0);
	for (i = 1; i < 70; i++)	/* 1000 with a deviation of 22 */
		assert_in_range(turned[i], 880, 1120);
	signs_free(s);
}

/* Every block against every other: equal signs half of the time. */
static void drawn_blocks_turn_independently_of_each_other(void **state)
{
	static uint32_t alike[40][40];
	struct signs *s = signs_new(40, &chance);
	const double *sign;
	size_t from, i, j;

	(void)state;
	memset(alike, 0, sizeof(alike));
	while ((sign = signs_next(s, &from)))
		for (i = 0; i < 40; i++)
			for (j = 0; j < i; j++)
				alike[i][j] += sign[i] == sign[j];
	for (i = 0; i < 40; i++)
		for (j = 0; j < i; j++)
			assert_in_range(alike[i][j], 880, 1120);
	signs_free(s);
}

static void the_same_seed_draws_the_same_and_another_does_not(void **state)
{
	const struct chance other = { .draws = 2000, .seed = 8 };
	struct signs *a = signs_new(30, &chance), *b = signs_new(30, &chance), *c = signs_new(30, &other);
	const double *x, *y, *z;
	size_t from, i, differ = 0;

	(void)state;
	for (i = 0; i < 2001; i++) {
		x = signs_next(a, &from);
		y = signs_next(b, &from);
		z = signs_next(c, &from);
		assert_memory_equal(x, y, 30 * sizeof(*x));
		differ += !!memcmp(x, z, 30 * sizeof(*x));
	}
	assert_true(differ > 1990);
	signs_free(a);
	signs_free(b);
	signs_free(c);
}

static void no_number_of_draws_is_the_usual_number(void **state)
{
	const struct chance usual = { 0 };
	struct signs *s = signs_new(SIGNS_EXACT + 1, &usual);

	(void)state;
	assert_int_equal(signs_total(s), SIGNS_DRAWS + 1);
	signs_free(s);
	signs_free(NULL);
}

static void one_percent_needs_eight_blocks(void **state)
{
	(void)state;
	assert_int_equal(signs_blocks_needed(0.01), 8);
	assert_int_equal(signs_blocks_needed(2.0 / 256), 8);
	assert_int_equal(signs_blocks_needed(0.0078), 9);
	assert_int_equal(signs_blocks_needed(0.05), 6);
	assert_int_equal(signs_blocks_needed(1), 1);
	assert_int_equal(signs_blocks_needed(0.01 / 44), 14);	/* Bonferroni over 44 cells */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(three_blocks_have_four_flips_up_to_the_mirror_image),
		cmocka_unit_test(none_and_one_block_have_only_what_was_seen),
		cmocka_unit_test(the_signs_before_from_are_as_they_were),
		cmocka_unit_test(an_enumeration_is_complete_and_changes_two_blocks_a_step),
		cmocka_unit_test(beyond_twenty_blocks_flips_are_drawn_after_the_identity),
		cmocka_unit_test(drawn_blocks_turn_independently_of_each_other),
		cmocka_unit_test(the_same_seed_draws_the_same_and_another_does_not),
		cmocka_unit_test(no_number_of_draws_is_the_usual_number),
		cmocka_unit_test(one_percent_needs_eight_blocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
