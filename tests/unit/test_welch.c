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
#include "harness/judge/welch.h"
#include "lib/json.h"
#include "tests/unit/close.h"

#define NEAR 1e-9

/* The author's runs, five of each, and the gate's usual limits. */
static struct welch replay(double baseline, double baseline_sd, double patched, double patched_sd)
{
	const struct published_mean a = { .n = 5, .mean = baseline, .sd = baseline_sd };
	const struct published_mean b = { .n = 5, .mean = patched, .sd = patched_sd };

	return welch_test(&a, &b, 0.01);
}

static enum verdict judged(const struct welch *w)
{
	const struct evidence e = { .blocks = 5, .effect = w->effect, .low = w->low, .high = w->high, .p = w->p };
	const struct limits l = { .alpha = 0.01, .minimum = 0.02, .better = HIGHER_IS_BETTER };

	return verdict_of(&e, &l).verdict;
}

/* Variances of the means 1 and 1: t = 4 / sqrt(2), 8 degrees of freedom. */
static void two_figures_by_hand(void **state)
{
	struct welch w = replay(100, sqrt(5), 104, sqrt(5));

	(void)state;
	assert_close(w.t, 4 / sqrt(2), NEAR);
	assert_close(w.df, 8, NEAR);
	assert_close(w.effect, log(1.04), NEAR);
	assert_close(w.low, log1p((4 - 3.355387331333 * sqrt(2)) / 100), 1e-9);
	assert_close(w.high, log1p((4 + 3.355387331333 * sqrt(2)) / 100), 1e-9);
}

static void a_drop_that_is_within_its_noise_is_inconclusive(void **state)
{
	struct welch w = replay(386000, 36599, 368600, 47188);

	(void)state;
	assert_true(w.p > 0.5);
	assert_close(expm1(w.effect), -17400.0 / 386000, NEAR);
	assert_int_equal(judged(&w), VERDICT_INCONCLUSIVE);
}

/* Expected: 102000 with a deviation of 0 was read off in steps of 1000. Buggy: p = 0.0008, without a doubt. */
static void a_deviation_of_0_is_not_certainty(void **state)
{
	struct welch w = replay(103800, 447.2, 102000, 0);

	(void)state;
	assert_true(w.p > 0.01);
	assert_true(w.high > 0);
	assert_int_equal(judged(&w), VERDICT_INCONCLUSIVE);
}

static void clear_gains_are_gains(void **state)
{
	static const double rows[][4] = {
		{ 10.96, 0.497, 30.42, 0.13 }, { 350.8, 13.64, 980.6, 3.361 }, { 2798, 103.9, 7641.4, 33.26 },
		{ 10780, 389.8, 29280, 130.3 }, { 26.38, 0.998, 30.38, 0.083 }, { 824.4, 15.78, 977.8, 2.683 },
		{ 6494, 116, 7619.8, 10.66 }, { 24960, 606.6, 29100, 122.4 },
	};
	struct welch w;
	size_t i;

	(void)state;
	for (i = 0; i < 8; i++) {
		w = replay(rows[i][0], rows[i][1], rows[i][2], rows[i][3]);
		assert_int_equal(judged(&w), VERDICT_IMPROVED);
		w = replay(rows[i][2], rows[i][3], rows[i][0], rows[i][1]);
		assert_int_equal(judged(&w), VERDICT_REGRESSED);
	}
}

enum { SAME, DIFFERENT, PATCHED = 2 };	/* columns of the published tables */

static enum verdict row_judged(json_t *row, size_t sharing)
{
	json_t *mean = json_object_get(row, "mean"), *sd = json_object_get(row, "sd");
	struct welch w = replay(json_number_value(json_array_get(mean, sharing)),
				json_number_value(json_array_get(sd, sharing)),
				json_number_value(json_array_get(mean, PATCHED + sharing)),
				json_number_value(json_array_get(sd, PATCHED + sharing)));

	return judged(&w);
}

/* Whole tables, as published: what their author saw in them, and what they cannot carry. */
static void the_published_tables_say_what_they_can_carry(void **state)
{
	static const struct {
		const char *table, *block;
		size_t sharing;
		enum verdict verdict;
	} want[] = {
		{ "4k", "1", SAME, VERDICT_IMPROVED }, { "4k", "32", SAME, VERDICT_IMPROVED },
		{ "4k", "256", SAME, VERDICT_IMPROVED }, { "4k", "1k", SAME, VERDICT_IMPROVED },
		{ "1M", "1", SAME, VERDICT_IMPROVED }, { "1M", "32", SAME, VERDICT_IMPROVED },
		{ "1M", "256", SAME, VERDICT_IMPROVED }, { "1M", "1k", SAME, VERDICT_IMPROVED },
		{ "4k", "4k", DIFFERENT, VERDICT_INCONCLUSIVE }, { "1M", "32k", SAME, VERDICT_INCONCLUSIVE },
	};
	json_t *tables = json_load_file("tests/published/short-reads.json", 0, NULL), *row;
	size_t i, j, seen = 0;

	(void)state;
	assert_non_null(tables);
	for (i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		json_array_foreach(json_object_get(tables, want[i].table), j, row) {
			if (strcmp(json_get_text(row, "block"), want[i].block))
				continue;
			assert_int_equal(row_judged(row, want[i].sharing), want[i].verdict);
			seen++;
		}
	assert_int_equal(seen, sizeof(want) / sizeof(want[0]));
	json_decref(tables);
}

static void without_any_deviation_the_digits_speak(void **state)
{
	struct welch w = replay(102000, 0, 102000, 0);

	(void)state;
	assert_true(w.p == 1 && w.t == 0);
	assert_true(w.low < 0 && w.high > 0 && isfinite(w.low) && isfinite(w.high));
	w = replay(102000, 0, 103000, 0);
	assert_true(w.p == 1);			/* one step apart may be next to nothing */
	w = replay(102000, 0, 113000, 0);
	assert_true(w.p > 0 && w.p < 0.001);
	assert_true(w.low > 0);
}

static void a_step_that_is_known_counts_for_both_sides(void **state)
{
	const struct published_mean a = { .n = 5, .mean = 100, .sd = 1 }, b = { .n = 5, .mean = 110, .sd = 1 };
	const struct published_mean coarse = { .n = 5, .mean = 110, .sd = 1, .resolution = 4 };
	struct welch fine = welch_test(&a, &b, 0.05), w = welch_test(&a, &coarse, 0.05);
	double error = sqrt(2 * 16.0 / 12 / 5);

	(void)state;
	assert_close(fine.t, 10 / sqrt(0.4), NEAR);
	assert_close(w.t, 6 / error, NEAR);
	assert_close(w.df, 8, NEAR);
	assert_close(w.low, log1p((10 - 4 - 2.306004135204 * error) / 100), 1e-9);
	assert_true(w.effect == fine.effect && w.p > fine.p);
}

static void single_runs_decide_nothing(void **state)
{
	const struct published_mean one = { .n = 1, .mean = 100 }, many = { .n = 9, .mean = 200, .sd = 1 };
	struct welch w = welch_test(&one, &many, 0.05);

	(void)state;
	assert_true(isnan(w.t) && isnan(w.df) && w.p == 1);
	assert_close(w.effect, log(2), NEAR);
	assert_true(w.low == -INFINITY && w.high == INFINITY);
	w = welch_test(&many, &one, 0.05);
	assert_true(w.p == 1);
	assert_int_equal(judged(&w), VERDICT_INCONCLUSIVE);
}

static void bounds_that_reach_below_nothing_are_boundless(void **state)
{
	const struct published_mean a = { .n = 2, .mean = 10, .sd = 9 }, b = { .n = 2, .mean = 8, .sd = 9 };
	struct welch w = welch_test(&a, &b, 0.01);

	(void)state;
	assert_true(w.low == -INFINITY);
	assert_true(isfinite(w.high) && w.high > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_figures_by_hand),
		cmocka_unit_test(a_drop_that_is_within_its_noise_is_inconclusive),
		cmocka_unit_test(a_deviation_of_0_is_not_certainty),
		cmocka_unit_test(clear_gains_are_gains),
		cmocka_unit_test(the_published_tables_say_what_they_can_carry),
		cmocka_unit_test(without_any_deviation_the_digits_speak),
		cmocka_unit_test(a_step_that_is_known_counts_for_both_sides),
		cmocka_unit_test(single_runs_decide_nothing),
		cmocka_unit_test(bounds_that_reach_below_nothing_are_boundless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
