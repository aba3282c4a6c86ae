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

#include "harness/judge/verdict.h"

/* Eight blocks, a change of so many per cent between bounds, and a p. */
static struct evidence seen(double change, double low, double high, double p)
{
	return (struct evidence){ .blocks = 8, .effect = log1p(change / 100), .low = log1p(low / 100),
				  .high = log1p(high / 100), .p = p, .p_least = 2.0 / 256 };
}

static const struct limits higher = { .alpha = 0.01, .minimum = 0.02, .better = HIGHER_IS_BETTER };
static const struct limits lower = { .alpha = 0.01, .minimum = 0.02, .better = LOWER_IS_BETTER };

static void expect(struct evidence e, const struct limits *l, enum verdict verdict, enum because because)
{
	struct judgement f = verdict_of(&e, l);

	assert_string_equal(verdict_name(f.verdict), verdict_name(verdict));
	assert_string_equal(because_text(f.because), because_text(because));
}

static void a_significant_change_beyond_the_minimum_is_one(void **state)
{
	(void)state;
	expect(seen(-5, -6, -4, 0.0078), &higher, VERDICT_REGRESSED, BECAUSE_BEYOND);
	expect(seen(5, 4, 6, 0.0078), &higher, VERDICT_IMPROVED, BECAUSE_BEYOND);
}

static void where_lower_is_better_it_is_the_other_way_round(void **state)
{
	(void)state;
	expect(seen(-5, -6, -4, 0.0078), &lower, VERDICT_IMPROVED, BECAUSE_BEYOND);
	expect(seen(5, 4, 6, 0.0078), &lower, VERDICT_REGRESSED, BECAUSE_BEYOND);
	assert_int_equal(metric_better(METRIC_BYTES_PER_S), HIGHER_IS_BETTER);
	assert_int_equal(metric_better(METRIC_OPS_PER_S), HIGHER_IS_BETTER);
	assert_int_equal(metric_better(METRIC_NS_PER_OP), LOWER_IS_BETTER);
}

/* What counts is the change itself: its bound may lie nearer to 0 than the minimum. */
static void the_bounds_of_a_change_may_reach_below_the_minimum(void **state)
{
	(void)state;
	expect(seen(-2.5, -4, -1, 0.0078), &higher, VERDICT_REGRESSED, BECAUSE_BEYOND);
}

static void bounds_within_the_minimum_are_no_change(void **state)
{
	(void)state;
	expect(seen(0.1, -1, 1.5, 0.8), &higher, VERDICT_UNCHANGED, BECAUSE_WITHIN);
	expect(seen(1, 0.5, 1.5, 0.0078), &higher, VERDICT_UNCHANGED, BECAUSE_WITHIN);	/* sure, and too small to matter */
	expect(seen(0, 0, 0, 1), &higher, VERDICT_UNCHANGED, BECAUSE_WITHIN);
}

static void a_large_change_that_may_be_chance_is_inconclusive(void **state)
{
	(void)state;
	expect(seen(-5, -12, 2, 0.2), &higher, VERDICT_INCONCLUSIVE, BECAUSE_WIDE);
	expect(seen(-5, -6, -4, 0.0156), &higher, VERDICT_INCONCLUSIVE, BECAUSE_WIDE);	/* adjusted for its family */
	expect(seen(0, -3, 1, 1), &higher, VERDICT_INCONCLUSIVE, BECAUSE_WIDE);
	expect(seen(0, -1, 3, 1), &higher, VERDICT_INCONCLUSIVE, BECAUSE_WIDE);
}

static void a_small_change_whose_bounds_reach_beyond_the_minimum_is_inconclusive(void **state)
{
	(void)state;
	expect(seen(-1.9, -2.5, -1, 0.0078), &higher, VERDICT_INCONCLUSIVE, BECAUSE_SMALL);
}

static void the_minimum_itself_is_not_beyond_and_is_within(void **state)
{
	const double m = log1p(0.02);
	struct evidence e = { .blocks = 8, .effect = m, .low = -m, .high = m, .p = 0.001 };

	(void)state;
	expect(e, &higher, VERDICT_UNCHANGED, BECAUSE_WITHIN);
	e.effect = -m;
	expect(e, &higher, VERDICT_UNCHANGED, BECAUSE_WITHIN);
	e.low = -m * 1.0001;
	expect(e, &higher, VERDICT_INCONCLUSIVE, BECAUSE_SMALL);
	e.effect = -m * 1.0001;
	expect(e, &higher, VERDICT_REGRESSED, BECAUSE_BEYOND);
}

/* Expected: ops/s and ns/op, a patch and its revert, the same. Buggy: 2 % up is 1.96 % down and goes unseen. */
static void a_figure_and_its_reciprocal_are_judged_alike(void **state)
{
	struct evidence e, reciprocal;
	struct judgement a, b;
	double change;

	(void)state;
	for (change = -4; change < 4; change += 0.01) {
		e = seen(change, change - 0.7, change + 0.7, 0.001);
		reciprocal = e;
		reciprocal.effect = -e.effect;
		reciprocal.low = -e.high;
		reciprocal.high = -e.low;
		a = verdict_of(&e, &higher);
		b = verdict_of(&reciprocal, &lower);
		assert_int_equal(a.verdict, b.verdict);
		assert_int_equal(a.because, b.because);
		b = verdict_of(&reciprocal, &higher);
		assert_int_equal(a.verdict == VERDICT_REGRESSED, b.verdict == VERDICT_IMPROVED);
		assert_int_equal(a.verdict == VERDICT_UNCHANGED, b.verdict == VERDICT_UNCHANGED);
	}
}

static void with_no_minimum_any_significant_change_counts(void **state)
{
	const struct limits exact = { .alpha = 0.01, .minimum = 0, .better = LOWER_IS_BETTER };

	(void)state;
	expect(seen(0.001, 0.0005, 0.002, 0.0078), &exact, VERDICT_REGRESSED, BECAUSE_BEYOND);
	expect(seen(0.001, -0.0005, 0.002, 0.3), &exact, VERDICT_INCONCLUSIVE, BECAUSE_WIDE);
	expect(seen(0, 0, 0, 1), &exact, VERDICT_UNCHANGED, BECAUSE_WITHIN);
}

static void too_few_blocks_are_said_to_be_too_few(void **state)
{
	struct evidence e = seen(-50, -INFINITY, INFINITY, 2.0 / 128);

	(void)state;
	e.low = -INFINITY;
	e.blocks = 7;
	e.p_least = 2.0 / 128;
	expect(e, &higher, VERDICT_INCONCLUSIVE, BECAUSE_FEW);
	e.low = e.high = e.effect = 0;
	expect(e, &higher, VERDICT_INCONCLUSIVE, BECAUSE_FEW);
}

static void nothing_measured_is_not_unchanged(void **state)
{
	struct evidence e = { .effect = NAN, .low = -INFINITY, .high = INFINITY, .p = 1, .p_least = 1 };

	(void)state;
	expect(e, &higher, VERDICT_INCONCLUSIVE, BECAUSE_ABSENT);
	e.unusable = 1;
	expect(e, &higher, VERDICT_INCONCLUSIVE, BECAUSE_UNUSABLE);
	e = (struct evidence){ .blocks = 8, .effect = NAN, .low = NAN, .high = NAN, .p = NAN };
	assert_int_equal(verdict_of(&e, &higher).verdict, VERDICT_INCONCLUSIVE);
	e.p = 0.001;
	assert_int_equal(verdict_of(&e, &higher).verdict, VERDICT_INCONCLUSIVE);
}

static void a_block_that_did_nothing_forbids_any_verdict(void **state)
{
	struct evidence e = seen(0, -1, 1, 1);

	(void)state;
	e.unusable = 1;
	expect(e, &higher, VERDICT_INCONCLUSIVE, BECAUSE_UNUSABLE);
	e = seen(5, 4, 6, 0.0078);
	e.unusable = 1;
	expect(e, &higher, VERDICT_INCONCLUSIVE, BECAUSE_UNUSABLE);
}

static void a_p_that_equals_alpha_is_significant(void **state)
{
	const struct limits l = { .alpha = 1 - 0.9, .minimum = 0.02, .better = HIGHER_IS_BETTER };
	struct evidence e = seen(5, 4, 6, 0.1);		/* 1 - 0.9 is a little less in binary */

	(void)state;
	expect(e, &l, VERDICT_IMPROVED, BECAUSE_BEYOND);
	e.p = 0.1001;
	expect(e, &l, VERDICT_INCONCLUSIVE, BECAUSE_WIDE);
}

static void verdicts_are_known_by_name(void **state)
{
	int v;

	(void)state;
	for (v = 0; v < NVERDICTS; v++)
		assert_int_equal(verdict_parse(verdict_name((enum verdict)v)), v);
	assert_string_equal(verdict_name(VERDICT_REGRESSED), "regressed");
	assert_string_equal(verdict_name(VERDICT_IMPROVED), "improved");
	assert_string_equal(verdict_name(VERDICT_UNCHANGED), "unchanged");
	assert_string_equal(verdict_name(VERDICT_INCONCLUSIVE), "inconclusive");
	assert_int_equal(verdict_parse("worse"), -1);
	assert_int_equal(verdict_parse(""), -1);
	for (v = 0; v < NBECAUSE; v++)
		assert_true(strlen(because_text((enum because)v)) > 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_significant_change_beyond_the_minimum_is_one),
		cmocka_unit_test(where_lower_is_better_it_is_the_other_way_round),
		cmocka_unit_test(the_bounds_of_a_change_may_reach_below_the_minimum),
		cmocka_unit_test(bounds_within_the_minimum_are_no_change),
		cmocka_unit_test(a_large_change_that_may_be_chance_is_inconclusive),
		cmocka_unit_test(a_small_change_whose_bounds_reach_beyond_the_minimum_is_inconclusive),
		cmocka_unit_test(the_minimum_itself_is_not_beyond_and_is_within),
		cmocka_unit_test(a_figure_and_its_reciprocal_are_judged_alike),
		cmocka_unit_test(with_no_minimum_any_significant_change_counts),
		cmocka_unit_test(too_few_blocks_are_said_to_be_too_few),
		cmocka_unit_test(nothing_measured_is_not_unchanged),
		cmocka_unit_test(a_block_that_did_nothing_forbids_any_verdict),
		cmocka_unit_test(a_p_that_equals_alpha_is_significant),
		cmocka_unit_test(verdicts_are_known_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
