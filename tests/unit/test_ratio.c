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

#include "harness/judge/ratio.h"
#include "tests/unit/close.h"

#define NEAR 1e-12

/* Two sides of up to eight blocks. */
static struct ratio made(const double *baseline, const double *patched, size_t n, double resolution,
			 double *d)
{
	const struct paired p = { .baseline = baseline, .patched = patched, .n = n, .resolution = resolution };

	return ratio_of(&p, d);
}

static void a_block_gives_the_log_of_patched_to_baseline(void **state)
{
	const double baseline[] = { 100, 50.5, 3 }, patched[] = { 110, 50.5, 1.5 };
	double d[3];
	struct ratio r = made(baseline, patched, 3, 0, d);

	(void)state;
	assert_int_equal(r.present, 3);
	assert_int_equal(r.unusable, 0);
	assert_close(d[0], log(1.1), NEAR);
	assert_true(d[1] == 0);
	assert_close(d[2], -log(2), NEAR);
	assert_true(r.blur == 0);
}

static void turned_round_or_as_reciprocals_they_are_exactly_opposite(void **state)
{
	const double baseline[] = { 101.37, 99.1, 100.003 }, patched[] = { 97.2, 103.9, 98.71 };
	double d[3], turned[3];
	size_t i;

	(void)state;
	made(baseline, patched, 3, 0, d);
	made(patched, baseline, 3, 0, turned);
	for (i = 0; i < 3; i++)
		assert_true(d[i] == -turned[i]);
}

static void a_block_that_lacks_a_side_is_absent(void **state)
{
	const double baseline[] = { 1, NAN, 2, NAN }, patched[] = { NAN, 1, 4, NAN };
	double d[4];
	struct ratio r = made(baseline, patched, 4, 0, d);

	(void)state;
	assert_int_equal(r.present, 1);
	assert_int_equal(r.unusable, 0);
	assert_true(isnan(d[0]) && isnan(d[1]) && isnan(d[3]));
	assert_close(d[2], log(2), NEAR);
}

/* Buggy: a kernel that hangs in half its boots is judged by the other half. */
static void a_block_with_nothing_done_is_not_absent_but_unusable(void **state)
{
	const double baseline[] = { 10, 10, 0, -1, 10, NAN }, patched[] = { 0, INFINITY, 10, 10, 11, 0 };
	double d[6];
	struct ratio r = made(baseline, patched, 6, 0, d);

	(void)state;
	assert_int_equal(r.present, 1);
	assert_int_equal(r.unusable, 4);	/* the last lacks its baseline */
}

static void no_blocks_have_no_ratio(void **state)
{
	struct ratio r = made(NULL, NULL, 0, 0, NULL);

	(void)state;
	assert_int_equal(r.present, 0);
	assert_true(r.blur == 0);
}

static void a_resolution_blurs_by_half_a_step_of_either_side(void **state)
{
	const double baseline[] = { 100, 1000 }, patched[] = { 200, 1000 };
	double d[2];
	struct ratio r = made(baseline, patched, 2, 10, d);

	(void)state;
	assert_close(r.blur, -log(0.95) - log(0.975), NEAR);	/* the worse block's */
}

/* True numbers anywhere within half a step never lie farther off than the blur says. */
static void the_blur_bounds_what_rounding_can_do(void **state)
{
	double baseline, patched, d[1], exact;
	struct ratio r;
	int i, j;

	(void)state;
	for (i = 0; i <= 100; i++) {
		for (j = 0; j <= 100; j++) {
			exact = log((20.5 + i / 100.0) / (29.5 + j / 100.0));
			baseline = round(29.5 + j / 100.0);
			patched = round(20.5 + i / 100.0);
			r = made(&baseline, &patched, 1, 1, d);
			assert_true(fabs(d[0] - exact) <= r.blur + NEAR);
		}
	}
}

static void a_number_below_half_a_step_is_blurred_beyond_all_bounds(void **state)
{
	const double baseline[] = { 4 }, patched[] = { 100 };
	double d[1];

	(void)state;
	assert_true(isinf(made(baseline, patched, 1, 10, d).blur));
	assert_true(isinf(made(baseline, patched, 1, 8, d).blur));
	assert_true(isfinite(made(baseline, patched, 1, 7.9, d).blur));
}

/* Expected: 102000 five times over was read off in thousands. Buggy: a deviation of 0, so all is certain. */
static void equal_numbers_tell_their_step_by_their_digits(void **state)
{
	const double patched[] = { 102000, 102000, 102000, 102000, 102000 };
	const double baseline[] = { 103800, 104000, 103000, 104000, 104000 };
	double d[5];
	struct ratio r = made(baseline, patched, 5, 0, d);

	(void)state;
	assert_close(r.blur, -log1p(-500.0 / 103000) - log1p(-500.0 / 102000), NEAR);
	r = made(patched, baseline, 5, 0, d);
	assert_close(r.blur, -log1p(-500.0 / 103000) - log1p(-500.0 / 102000), NEAR);
	r = made(baseline, patched, 5, 2, d);	/* who knows better is believed */
	assert_close(r.blur, -log1p(-1.0 / 103000) - log1p(-1.0 / 102000), NEAR);
}

static void numbers_that_differ_show_their_noise_themselves(void **state)
{
	const double baseline[] = { 100, 200, 300 }, patched[] = { 200, 300, 200 };
	double d[3];

	(void)state;
	assert_true(made(baseline, patched, 3, 0, d).blur == 0);
}

static void a_single_block_or_absent_ones_are_not_equal_numbers(void **state)
{
	const double one = 100, baseline[] = { 100, NAN, 100 }, patched[] = { 100, 100, NAN };
	double d[3];

	(void)state;
	assert_true(made(&one, &one, 1, 0, d).blur == 0);
	assert_true(made(baseline, patched, 3, 0, d).blur == 0);
}

static void numbers_of_absent_blocks_tell_no_step(void **state)
{
	const double baseline[] = { 107, 100, 100 }, patched[] = { NAN, 49.5, 51.2 };
	double d[3];

	(void)state;
	assert_true(isinf(made(baseline, patched, 3, 0, d).blur));	/* 49.5 in steps of 100 */
}

static double step(double a, double b)
{
	const double x[] = { a, b };

	return resolution_of(x, 2);
}

static void the_resolution_is_the_largest_power_of_ten_that_divides_all(void **state)
{
	(void)state;
	assert_close(step(102000, 5000), 1000, NEAR);
	assert_close(step(102000, 5100), 100, NEAR);
	assert_close(step(1000, 1000), 1000, NEAR);
	assert_close(step(7009.6, 28), 0.1, NEAR);
	assert_close(step(0.497, 0.114), 0.001, NEAR);
	assert_close(step(-30, 20), 10, NEAR);
	assert_close(step(0, 20), 10, NEAR);
	assert_close(step(1e300, 3e300) / 1e300, 1, NEAR);
	assert_true(step(0, 0) == 0);
	assert_true(resolution_of(NULL, 0) == 0);
}

static void digits_of_a_measured_number_give_a_step_too_small_to_matter(void **state)
{
	const double x = 123456.789012345;

	(void)state;
	assert_true(resolution_of(&x, 1) > 0);
	assert_true(resolution_of(&x, 1) < x * 1e-7);
	assert_true(step(1e-320, 1e-320) == 0);
}

static void a_change_and_its_log_are_inverse(void **state)
{
	(void)state;
	assert_close(ratio_change(log(1.02)), 0.02, NEAR);
	assert_close(ratio_log(0.02), log(1.02), NEAR);
	assert_close(ratio_change(ratio_log(-0.5)), -0.5, NEAR);
	assert_true(ratio_change(-INFINITY) == -1);
	assert_true(isinf(ratio_change(INFINITY)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_block_gives_the_log_of_patched_to_baseline),
		cmocka_unit_test(turned_round_or_as_reciprocals_they_are_exactly_opposite),
		cmocka_unit_test(a_block_that_lacks_a_side_is_absent),
		cmocka_unit_test(a_block_with_nothing_done_is_not_absent_but_unusable),
		cmocka_unit_test(no_blocks_have_no_ratio),
		cmocka_unit_test(a_resolution_blurs_by_half_a_step_of_either_side),
		cmocka_unit_test(the_blur_bounds_what_rounding_can_do),
		cmocka_unit_test(a_number_below_half_a_step_is_blurred_beyond_all_bounds),
		cmocka_unit_test(equal_numbers_tell_their_step_by_their_digits),
		cmocka_unit_test(numbers_that_differ_show_their_noise_themselves),
		cmocka_unit_test(a_single_block_or_absent_ones_are_not_equal_numbers),
		cmocka_unit_test(numbers_of_absent_blocks_tell_no_step),
		cmocka_unit_test(the_resolution_is_the_largest_power_of_ten_that_divides_all),
		cmocka_unit_test(digits_of_a_measured_number_give_a_step_too_small_to_matter),
		cmocka_unit_test(a_change_and_its_log_are_inverse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
