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

#include "harness/judge/flip.h"
#include "harness/judge/ratio.h"
#include "tests/unit/close.h"
#include "tests/unit/normal.h"

#define NEAR 1e-12

static struct flip test(const double *d, size_t n, double alpha)
{
	const struct flip_how how = { .alpha = alpha };

	return flip_test(d, n, &how);
}

static struct flip blurred(const double *d, size_t n, double blur)
{
	const struct flip_how how = { .alpha = 0.05, .blur = blur };

	return flip_test(d, n, &how);
}

static void assert_same(const struct flip *a, const struct flip *b)
{
	assert_int_equal(a->n, b->n);
	assert_int_equal(a->exact, b->exact);
	assert_true(a->effect == b->effect && a->sd == b->sd);
	assert_true(a->low == b->low && a->high == b->high);
	assert_true(a->p == b->p && a->p_low == b->p_low && a->p_high == b->p_high);
	assert_true(a->p_least == b->p_least);
}

/* Sums over the flips of 1, 2, 4: +-7, +-5, +-3, +-1. Seen: 7, which is one of two of eight so far out. */
static void three_blocks_by_hand(void **state)
{
	const double d[] = { 1, 2, 4 };
	struct flip f = test(d, 3, 0.25);

	(void)state;
	assert_int_equal(f.n, 3);
	assert_true(f.exact);
	assert_close(f.effect, 7.0 / 3, NEAR);
	assert_close(f.sd, sqrt(7.0 / 3), NEAR);
	assert_close(f.p, 2.0 / 8, NEAR);
	assert_close(f.p_least, 2.0 / 8, NEAR);
	assert_true(f.p_low == f.p && f.p_high == f.p);
	/* Means of the seven sets: 1, 1.5, 2, 7/3, 2.5, 3, 4. One flip in four allowed: the outermost. */
	assert_close(f.low, 1, NEAR);
	assert_close(f.high, 4, NEAR);
	f = test(d, 3, 0.5);
	assert_close(f.low, 1.5, NEAR);
	assert_close(f.high, 3, NEAR);
}

/* -1, 2, 4: sums +-5, +-7, +-3, +-1; as far as 5 are four of eight. */
static void a_block_that_disagrees_raises_p(void **state)
{
	const double d[] = { -1, 2, 4 };

	(void)state;
	assert_close(test(d, 3, 0.25).p, 4.0 / 8, NEAR);
}

/* Sums over the flips of 1, 1, -1: +-1 (six), +-3 (two): 1 is as near to 0 as any. */
static void ties_count_as_far_as_what_was_seen(void **state)
{
	const double d[] = { 0.1, 0.1, -0.1 }, e[] = { 0.1, 0.2, -0.3, 0.4 };

	(void)state;
	assert_close(test(d, 3, 0.25).p, 1, NEAR);
	/* In tenths the sums are, up to the sign, 10, 2, 4, 4, 6, 2, 0 and 8; in binary 0.1 + 0.2 is not 0.3. */
	assert_close(test(e, 4, 0.25).p, 5.0 / 8, NEAR);
}

static void a_block_without_change_turns_into_itself(void **state)
{
	const double d[] = { 0.1, 0, 0.2 };

	(void)state;
	/* Of +-.1 +-0 +-.2 those as far as .3 are 4 of 8. */
	assert_close(test(d, 3, 0.25).p, 0.5, NEAR);
}

static void no_change_at_all_is_no_change(void **state)
{
	const double d[8] = { 0 };
	struct flip f = test(d, 8, 0.01);

	(void)state;
	assert_true(f.p == 1);
	assert_true(f.effect == 0 && f.low == 0 && f.high == 0);
}

static void no_block_rules_nothing_out(void **state)
{
	const double absent[] = { NAN, NAN };
	struct flip f = test(NULL, 0, 0.05), g = test(absent, 2, 0.05);

	(void)state;
	assert_int_equal(f.n, 0);
	assert_true(isnan(f.effect) && isnan(f.sd));
	assert_true(f.p == 1 && f.p_least == 1);
	assert_true(isinf(f.low) && f.low < 0 && isinf(f.high) && f.high > 0);
	assert_int_equal(g.n, 0);
	assert_true(isnan(g.effect) && g.p == 1);
}

static void one_block_has_an_effect_and_no_bounds(void **state)
{
	const double d = -0.3;
	struct flip f = test(&d, 1, 0.05);

	(void)state;
	assert_int_equal(f.n, 1);
	assert_true(f.effect == d && isnan(f.sd));
	assert_true(f.p == 1);
	assert_true(isinf(f.low) && isinf(f.high));
}

static void absent_blocks_are_as_if_they_had_not_been(void **state)
{
	const double d[] = { 0.1, NAN, 0.3, INFINITY, -0.05, -INFINITY, 0.2 }, e[] = { 0.1, 0.3, -0.05, 0.2 };
	struct flip f = test(d, 7, 0.2), g = test(e, 4, 0.2);

	(void)state;
	assert_same(&f, &g);
}

static void bounds_are_finite_from_the_block_on_that_can_decide(void **state)
{
	double d[12];
	struct flip f;
	size_t n;

	(void)state;
	for (n = 0; n < 12; n++)
		d[n] = 0.01 * (double)(n + 1);
	for (n = 1; n <= 12; n++) {
		f = test(d, n, 0.01);
		assert_int_equal(isfinite(f.low), n >= signs_blocks_needed(0.01));
		assert_int_equal(isfinite(f.high), n >= signs_blocks_needed(0.01));
		assert_close(f.p_least, n < 2 ? 1 : 2 / pow(2, (double)n), NEAR);
		assert_close(f.p, f.p_least, NEAR);
	}
}

/* With 8 blocks at 1 % the interval runs from the least to the largest block. */
static void eight_blocks_at_one_percent_bound_by_their_extremes(void **state)
{
	const double d[] = { 0.03, -0.01, 0.02, 0.05, 0.011, 0.017, 0.04, 0.009 };
	struct flip f = test(d, 8, 0.01);

	(void)state;
	assert_close(f.low, -0.01, NEAR);
	assert_close(f.high, 0.05, NEAR);
}

static void p_is_at_most_alpha_exactly_where_the_bounds_leave_out_0(void **state)
{
	static const double alphas[] = { 0.5, 0.2, 0.1, 0.05, 0.01, 2.0 / 64 };
	struct normal random = { .seed = 11 };
	struct flip f;
	double d[9];
	size_t i, a, n;
	int outside = 0, trial;

	(void)state;
	for (trial = 0; trial < 300; trial++) {
		n = 2 + (size_t)trial % 8;
		for (i = 0; i < n; i++)
			d[i] = 0.015 + 0.02 * normal(&random);
		for (a = 0; a < 6; a++) {
			f = test(d, n, alphas[a]);
			assert_int_equal(f.p <= alphas[a], f.low > 0 || f.high < 0);
			assert_true(f.low <= f.effect && f.effect <= f.high);
			outside += f.low > 0;
		}
	}
	assert_in_range(outside, 200, 1600);
}

static void the_other_way_round_is_the_same_with_another_sign(void **state)
{
	struct normal random = { .seed = 3 };
	struct flip f, g;
	double d[24], e[24];
	size_t n, i;

	(void)state;
	for (n = 2; n <= 24; n += n < 10 ? 1 : 14) {
		for (i = 0; i < n; i++) {
			d[i] = 0.01 + 0.02 * normal(&random);
			e[i] = -d[i];
		}
		f = test(d, n, 0.1);
		g = test(e, n, 0.1);
		assert_true(f.p == g.p);
		assert_true(f.effect == -g.effect);
		assert_true(f.low == -g.high || fabs(f.low + g.high) < NEAR);
		assert_true(f.high == -g.low || fabs(f.high + g.low) < NEAR);
	}
}

static void scale_and_order_of_the_blocks_do_not_matter(void **state)
{
	const double d[] = { 0.03, -0.01, 0.02, 0.05, 0.011, -0.017, 0.04, 0.009 };
	static const double factors[] = { 1e-12, 0.1, 3, 1e6 };
	struct flip f = test(d, 8, 0.05), g;
	double e[8];
	size_t i, k;

	(void)state;
	for (k = 0; k < 4; k++) {
		for (i = 0; i < 8; i++)
			e[7 - i] = factors[k] * d[i];
		g = test(e, 8, 0.05);
		assert_true(g.p == f.p);
		assert_close(g.effect / factors[k], f.effect, NEAR);
		assert_close(g.low / factors[k], f.low, NEAR);
		assert_close(g.high / factors[k], f.high, NEAR);
	}
}

static void a_shift_of_all_blocks_shifts_the_bounds(void **state)
{
	const double d[] = { 0.03, -0.01, 0.02, 0.05, 0.011, -0.017, 0.04, 0.009 };
	struct flip f = test(d, 8, 0.05), g;
	double e[8], p = 1, shift;
	size_t i;

	(void)state;
	for (shift = 0; shift < 0.1; shift += 0.004) {
		for (i = 0; i < 8; i++)
			e[i] = d[i] + shift;
		g = test(e, 8, 0.05);
		assert_close(g.low - shift, f.low, NEAR);
		assert_close(g.high - shift, f.high, NEAR);
		assert_true(g.p <= p);		/* the larger the change, the less it looks like chance */
		p = g.p;
	}
	assert_close(p, 2.0 / 256, NEAR);
}

static void a_smaller_alpha_never_narrows_the_interval(void **state)
{
	const double d[] = { 0.03, -0.01, 0.02, 0.05, 0.011, -0.017, 0.04, 0.009, 0.021, -0.002 };
	static const double alphas[] = { 0.99, 0.5, 0.3, 0.1, 0.05, 0.02, 0.01, 0.002, 0.0019 };
	struct flip f, last = test(d, 10, alphas[0]);
	size_t a;

	(void)state;
	for (a = 1; a < 9; a++) {
		f = test(d, 10, alphas[a]);
		assert_true(f.low <= last.low && f.high >= last.high);
		last = f;
	}
	assert_true(isinf(f.low) && isinf(f.high));
}

static void numbers_all_alike_give_the_least_p_and_never_0(void **state)
{
	double d[8];
	struct flip f;
	size_t i;

	(void)state;
	for (i = 0; i < 8; i++)
		d[i] = -0.02;
	f = test(d, 8, 0.01);
	assert_true(f.sd == 0);
	assert_close(f.p, 2.0 / 256, NEAR);
	assert_close(f.low, -0.02, NEAR);
	assert_close(f.high, -0.02, NEAR);
	f = blurred(d, 8, 0.005);
	assert_close(f.p, 2.0 / 256, NEAR);
	assert_close(f.low, -0.025, NEAR);
	assert_close(f.high, -0.015, NEAR);
	f = blurred(d, 8, 0.03);
	assert_true(f.p == 1);
	assert_close(f.low, -0.05, NEAR);
	assert_close(f.high, 0.01, NEAR);
	assert_close(f.effect, -0.02, NEAR);
}

static void a_blur_widens_both_sides_and_raises_p_as_a_shift_does(void **state)
{
	const double d[] = { 0.03, -0.01, 0.02, 0.05, 0.011, -0.017, 0.04, 0.009 };
	struct flip f = blurred(d, 8, 0), g, shifted;
	double e[8], p = 0, blur;
	size_t i;

	(void)state;
	for (blur = 0; blur < 0.03; blur += 0.001) {
		g = blurred(d, 8, blur);
		assert_close(g.low, f.low - blur, NEAR);
		assert_close(g.high, f.high + blur, NEAR);
		assert_true(g.effect == f.effect && g.sd == f.sd);
		assert_true(g.p >= p);
		assert_int_equal(g.p <= 0.05, g.low > 0);
		p = g.p;
		for (i = 0; i < 8; i++)
			e[i] = d[i] - blur;
		shifted = blurred(e, 8, 0);
		assert_true(g.p == (shifted.effect > 0 ? shifted.p : 1));
	}
	assert_true(p == 1);
}

/* Three of eight are one last bit larger: their mean is not, and what is left is no evidence. */
static void what_rounding_leaves_within_the_blur_is_nothing(void **state)
{
	double d[8];
	size_t i;

	(void)state;
	for (i = 0; i < 8; i++)
		d[i] = i < 3 ? nextafter(0.1, 1) : 0.1;
	assert_true(blurred(d, 8, 0.2).p == 1);
}

static void a_boundless_blur_rules_nothing_out(void **state)
{
	const double d[] = { 1, 1, 1, 1, 1, 1, 1, 1 };
	struct flip f = blurred(d, 8, INFINITY);

	(void)state;
	assert_true(f.p == 1);
	assert_true(f.low == -INFINITY && f.high == INFINITY);
}

/* Whatever the true numbers behind rounded ones: a p and bounds no surer than theirs. */
static void rounded_numbers_are_never_surer_than_exact_ones(void **state)
{
	struct normal random = { .seed = 5 };
	double baseline[8], patched[8], exact[8], d[8];
	struct paired p = { .baseline = baseline, .patched = patched, .n = 8, .resolution = 1 };
	struct flip f, g;
	struct ratio r;
	int trial;
	size_t i;

	(void)state;
	for (trial = 0; trial < 200; trial++) {
		for (i = 0; i < 8; i++) {
			baseline[i] = 100 + normal(&random);
			patched[i] = 103 + normal(&random);
			exact[i] = log(patched[i] / baseline[i]);
			baseline[i] = round(baseline[i]);
			patched[i] = round(patched[i]);
		}
		r = ratio_of(&p, d);
		f = test(exact, 8, 0.05);
		g = blurred(d, 8, r.blur);
		assert_true(g.low <= f.low && g.high >= f.high);
		assert_true(g.p >= f.p || g.p > 0.05);
	}
}

static void one_wild_block_widens_the_interval_and_does_not_decide(void **state)
{
	double d[] = { 0.001, -0.002, 0.0015, -0.001, 0.0005, 0.002, -0.0015, -0.9 };
	struct flip f = test(d, 8, 0.01);

	(void)state;
	assert_true(f.p > 0.4);
	assert_true(f.low < 0 && f.high > 0);
}

static void intervals_cover_the_truth_as_often_as_they_say(void **state)
{
	struct normal random = { .seed = 17 };
	struct flip f;
	double d[7];
	int trial, covered = 0;
	size_t i;

	(void)state;
	for (trial = 0; trial < 2000; trial++) {
		for (i = 0; i < 7; i++)
			d[i] = 0.05 + 0.03 * normal(&random);
		f = test(d, 7, 0.1);	/* 6 of 64 flips: 90.6 % */
		covered += f.low <= 0.05 && 0.05 <= f.high;
	}
	assert_in_range(covered, 1760, 1865);	/* 1812 with a deviation of 13 */
}

static void beyond_twenty_blocks_p_has_bounds_of_its_own(void **state)
{
	struct flip_how how = { .alpha = 0.05, .chance = { .draws = 4999, .seed = 1 } };
	struct normal random = { .seed = 23 };
	struct flip f, again;
	double d[25];
	size_t i;

	(void)state;
	for (i = 0; i < 25; i++)
		d[i] = 0.006 + 0.02 * normal(&random);
	f = flip_test(d, 25, &how);
	again = flip_test(d, 25, &how);
	assert_same(&f, &again);
	assert_false(f.exact);
	assert_true(f.p_low < f.p && f.p < f.p_high);
	assert_true(f.p_high - f.p_low < 0.04);
	assert_close(f.p_least, 1.0 / 5000, NEAR);
	assert_int_equal(f.p <= 0.05, f.low > 0 || f.high < 0);
	how.chance.seed = 2;
	again = flip_test(d, 25, &how);
	assert_true(again.p > f.p_low && again.p < f.p_high);
	assert_close(again.low, f.low, 0.002);
	assert_close(again.high, f.high, 0.002);
}

static void a_drawn_p_is_never_0(void **state)
{
	struct flip_how how = { .alpha = 0.05, .chance = { .draws = 99, .seed = 1 } };
	double d[40];
	struct flip f;
	size_t i;

	(void)state;
	for (i = 0; i < 40; i++)
		d[i] = 1 + (double)i;
	f = flip_test(d, 40, &how);
	assert_close(f.p, 0.01, NEAR);
	assert_true(f.p_low == 0);
	assert_close(f.p_high, 1 - pow(0.005, 1.0 / 99), 1e-9);
	assert_true(f.low > 0);
}

static void twenty_blocks_are_still_gone_through_one_by_one(void **state)
{
	double d[21];
	size_t i;

	(void)state;
	for (i = 0; i < 21; i++)
		d[i] = i % 2 ? 0.01 : 0.02;
	assert_true(test(d, 20, 0.01).exact);
	assert_close(test(d, 20, 0.01).p, 2 / pow(2, 20), 1e-15);
	assert_false(test(d, 21, 0.01).exact);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(three_blocks_by_hand),
		cmocka_unit_test(a_block_that_disagrees_raises_p),
		cmocka_unit_test(ties_count_as_far_as_what_was_seen),
		cmocka_unit_test(a_block_without_change_turns_into_itself),
		cmocka_unit_test(no_change_at_all_is_no_change),
		cmocka_unit_test(no_block_rules_nothing_out),
		cmocka_unit_test(one_block_has_an_effect_and_no_bounds),
		cmocka_unit_test(absent_blocks_are_as_if_they_had_not_been),
		cmocka_unit_test(bounds_are_finite_from_the_block_on_that_can_decide),
		cmocka_unit_test(eight_blocks_at_one_percent_bound_by_their_extremes),
		cmocka_unit_test(p_is_at_most_alpha_exactly_where_the_bounds_leave_out_0),
		cmocka_unit_test(the_other_way_round_is_the_same_with_another_sign),
		cmocka_unit_test(scale_and_order_of_the_blocks_do_not_matter),
		cmocka_unit_test(a_shift_of_all_blocks_shifts_the_bounds),
		cmocka_unit_test(a_smaller_alpha_never_narrows_the_interval),
		cmocka_unit_test(numbers_all_alike_give_the_least_p_and_never_0),
		cmocka_unit_test(a_blur_widens_both_sides_and_raises_p_as_a_shift_does),
		cmocka_unit_test(what_rounding_leaves_within_the_blur_is_nothing),
		cmocka_unit_test(a_boundless_blur_rules_nothing_out),
		cmocka_unit_test(rounded_numbers_are_never_surer_than_exact_ones),
		cmocka_unit_test(one_wild_block_widens_the_interval_and_does_not_decide),
		cmocka_unit_test(intervals_cover_the_truth_as_often_as_they_say),
		cmocka_unit_test(beyond_twenty_blocks_p_has_bounds_of_its_own),
		cmocka_unit_test(a_drawn_p_is_never_0),
		cmocka_unit_test(twenty_blocks_are_still_gone_through_one_by_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
