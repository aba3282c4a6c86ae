/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/judge/changes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdlib.h>
#include <cmocka.h>

#include <gsl/gsl_randist.h>

#include "tests/unit/close.h"

enum { NIGHTS = 600 };

static const struct changes_how timed = { .window = CHANGES_WINDOW, .magnitude = CHANGES_MAGNITUDE, .seed = 1 };
static const struct changes_how counted = { .window = CHANGES_WINDOW, .exact = true, .seed = 1 };

static void make_nights(double *x, size_t n, double noise)
{
	gsl_rng *r = gsl_rng_alloc(gsl_rng_taus2);
	size_t i;

	gsl_rng_set(r, 99);
	for (i = 0; i < n; i++)
		x[i] = 1000 * (1 + gsl_ran_gaussian(r, noise));
	gsl_rng_free(r);
}

static void scale(double *x, size_t from, size_t to, double factor)
{
	for (; from < to; from++)
		x[from] *= factor;
}

/* The only change, near a night. */
static struct change only_change(const double *x, size_t n, const struct changes_how *how)
{
	struct change *change, c;

	assert_int_equal(changes_find(x, n, how, &change), 1);
	c = change[0];
	free(change);
	return c;
}

static size_t count_changes(const double *x, size_t n, const struct changes_how *how)
{
	struct change *change;
	size_t found = changes_find(x, n, how, &change);

	free(change);
	return found;
}

static void nights_alike_have_no_change(void **state)
{
	double x[NIGHTS];
	size_t n;

	(void)state;
	make_nights(x, NIGHTS, 0.01);
	assert_int_equal(count_changes(x, NIGHTS, &timed), 0);
	for (n = 0; n < 20; n++)
		assert_int_equal(count_changes(x, n, &timed), 0);
}

static void a_step_is_found_wherever_it_is(void **state)
{
	static const size_t places[] = { 20, 49, 50, 51, 74, 75, 76, 99, 100, 149, 325, 590 };
	double x[NIGHTS];
	struct change c;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		make_nights(x, NIGHTS, 0.005);
		scale(x, places[i], NIGHTS, 0.95);
		c = only_change(x, NIGHTS, &timed);
		assert_int_equal(c.at, places[i]);
		assert_close(c.before, 1000, 3);
		assert_close(c.after, 950, 3);
		assert_close(change_magnitude(&c), -0.05, 0.003);
		assert_close(c.p, 0.001, 1e-12);
	}
}

/* Weeks in years: a bisection of the whole would see two halves that hardly differ. */
static void a_change_that_was_undone_is_two(void **state)
{
	struct change *change;
	double x[NIGHTS];

	(void)state;
	make_nights(x, NIGHTS, 0.01);
	scale(x, 300, 315, 1.04);
	assert_int_equal(changes_find(x, NIGHTS, &timed, &change), 2);
	assert_int_equal(change[0].at, 300);
	assert_int_equal(change[1].at, 315);
	assert_true(change_magnitude(&change[0]) > 0 && change_magnitude(&change[1]) < 0);
	free(change);
}

static void what_is_too_small_to_matter_is_left_out(void **state)
{
	struct changes_how fine = timed;
	double x[NIGHTS];

	(void)state;
	make_nights(x, NIGHTS, 0.002);
	scale(x, 200, NIGHTS, 0.985);
	assert_int_equal(count_changes(x, NIGHTS, &timed), 0);
	fine.magnitude = 0.01;
	assert_int_equal(only_change(x, NIGHTS, &fine).at, 200);
}

/* Each of the two is too small beside its neighbour, but not what they come to together. */
static void small_steps_do_not_hide_what_they_add_up_to(void **state)
{
	struct changes_how coarse = timed;
	double x[NIGHTS];
	struct change c;

	(void)state;
	coarse.magnitude = 0.03;
	make_nights(x, NIGHTS, 0.002);
	scale(x, 200, NIGHTS, 0.98);
	scale(x, 300, NIGHTS, 0.97);
	c = only_change(x, NIGHTS, &coarse);
	assert_int_equal(c.at, 300);
	assert_close(c.after, 950.6, 3);
}

static void a_window_of_0_is_the_whole_series(void **state)
{
	struct changes_how whole = timed;
	double x[NIGHTS];

	(void)state;
	whole.window = 0;
	make_nights(x, 200, 0.01);
	scale(x, 120, 200, 0.95);
	assert_int_equal(only_change(x, 200, &whole).at, 120);
}

static void every_step_of_an_exact_count_is_a_change(void **state)
{
	double x[NIGHTS];
	struct change *change;
	size_t i;

	(void)state;
	for (i = 0; i < NIGHTS; i++)
		x[i] = i < 250 ? 1035 : i < 255 ? 1036 : i < 599 ? 1035 : 2000;
	assert_int_equal(changes_find(x, NIGHTS, &counted, &change), 3);
	assert_int_equal(change[0].at, 250);
	assert_int_equal(change[1].at, 255);
	assert_int_equal(change[2].at, 599);	/* last night */
	assert_true(isnan(change[2].p));
	assert_close(change_magnitude(&change[0]), 1 / 1035.0, 1e-12);
	free(change);
	assert_int_equal(count_changes(x, 600, &timed), 0);	/* of a time it would be nothing */
}

static void a_count_that_is_off_for_a_night_is_tested_like_a_time(void **state)
{
	double x[NIGHTS];
	struct change c;
	size_t i;

	(void)state;
	for (i = 0; i < NIGHTS; i++)
		x[i] = i < 250 ? 1035 : 1036;
	x[100] = x[420] = 1040;
	c = only_change(x, NIGHTS, &counted);
	assert_int_equal(c.at, 250);
	assert_close(c.p, 0.001, 1e-12);
	assert_close(c.before, 1035, 0);
	assert_close(c.after, 1036, 0);
}

static void a_change_from_0_is_as_large_as_can_be(void **state)
{
	double x[20] = { 0 };
	struct change c;
	size_t i;

	(void)state;
	for (i = 10; i < 20; i++)
		x[i] = 2;
	c = only_change(x, 20, &counted);
	assert_int_equal(c.at, 10);
	assert_true(isinf(change_magnitude(&c)) && change_magnitude(&c) > 0);
	c = (struct change){ .before = -4, .after = -5 };
	assert_close(change_magnitude(&c), -0.25, 1e-12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nights_alike_have_no_change),
		cmocka_unit_test(a_step_is_found_wherever_it_is),
		cmocka_unit_test(a_change_that_was_undone_is_two),
		cmocka_unit_test(what_is_too_small_to_matter_is_left_out),
		cmocka_unit_test(small_steps_do_not_hide_what_they_add_up_to),
		cmocka_unit_test(a_window_of_0_is_the_whole_series),
		cmocka_unit_test(every_step_of_an_exact_count_is_a_change),
		cmocka_unit_test(a_count_that_is_off_for_a_night_is_tested_like_a_time),
		cmocka_unit_test(a_change_from_0_is_as_large_as_can_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
