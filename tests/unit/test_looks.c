/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <cmocka.h>

#include "harness/judge/flip.h"
#include "harness/judge/looks.h"
#include "harness/judge/maxt.h"
#include "harness/judge/signs.h"
#include "harness/judge/tail.h"
#include "harness/judge/verdict.h"
#include "tests/unit/close.h"
#include "tests/unit/normal.h"

static const struct looks usual = { .alpha = 0.01, .first = 12, .step = 4, .cap = 20 };

static void assert_looks(const struct looks *l, const uint32_t *want, size_t n)
{
	uint32_t at = 0, blocks;
	size_t i;

	for (i = 0; i < n; i++) {
		for (blocks = at; blocks < want[i]; blocks++)
			assert_int_equal(looks_next(l, blocks), want[i]);
		for (blocks = at + 1; blocks < want[i]; blocks++)
			assert_false(looks_at(l, blocks));
		at = want[i];
		assert_true(looks_at(l, at));
	}
	for (blocks = at + 1; blocks < at + 50; blocks++)
		assert_false(looks_at(l, blocks));
	assert_false(looks_at(l, 0));
	assert_int_equal(looks_next(l, at), 0);
	assert_int_equal(looks_next(l, UINT32_MAX), 0);
}

static void looks_come_at_first_then_by_steps_and_at_the_cap(void **state)
{
	const struct looks odd = { .alpha = 0.01, .first = 10, .step = 4, .cap = 20 };
	const uint32_t even_looks[] = { 12, 16, 20 }, odd_looks[] = { 10, 14, 18, 20 };

	(void)state;
	assert_looks(&usual, even_looks, 3);
	assert_looks(&odd, odd_looks, 4);
}

static void a_schedule_that_makes_no_sense_is_bent_into_one_that_does(void **state)
{
	const struct looks late = { .alpha = 0.01, .first = 30, .step = 4, .cap = 20 };
	const struct looks no_step = { .alpha = 0.01, .first = 12, .cap = 20 };
	const struct looks no_first = { .alpha = 0.01, .step = 8, .cap = 20 };
	const struct looks neither = { .alpha = 0.01, .cap = 20 }, none = { .alpha = 0.01, .first = 8, .step = 1 };
	const struct looks vast = { .alpha = 0.01, .first = UINT32_MAX - 5, .step = UINT32_MAX, .cap = UINT32_MAX };
	const uint32_t last[] = { 20 }, two[] = { 12, 20 }, steps[] = { 8, 16, 20 };

	(void)state;
	assert_looks(&late, last, 1);
	assert_looks(&neither, last, 1);
	assert_looks(&no_step, two, 2);
	assert_looks(&no_first, steps, 3);
	assert_looks(&none, NULL, 0);
	assert_true(looks_level(&none, 0) == 0 && looks_level(&none, 8) == 0);
	assert_int_equal(looks_next(&vast, UINT32_MAX - 5), UINT32_MAX);
	assert_true(looks_level(&late, 20) == 0.01);
}

static void a_single_look_has_the_whole_alpha(void **state)
{
	uint32_t cap;

	(void)state;
	for (cap = 1; cap < 60; cap++) {
		const struct looks l = { .alpha = 0.01, .first = cap, .step = 4, .cap = cap };

		assert_true(looks_level(&l, cap) == 0.01);
		assert_true(looks_level(&l, cap - 1) == 0 && looks_level(&l, cap + 1) == 0);
	}
}

/* By hand: of 2^11 flips 12 are 0.6 % at most; of 2^15, with 0.8 - 0.5859 %, 70. */
static void the_usual_levels_by_hand(void **state)
{
	(void)state;
	assert_close(looks_level(&usual, 12), 12.0 / 2048, 1e-15);
	assert_close(looks_level(&usual, 16), 70.0 / 32768, 1e-15);
	assert_close(looks_level(&usual, 20), 0.01 - 12.0 / 2048 - 70.0 / 32768, 1e-15);
}

static void a_look_that_can_decide_nothing_spends_nothing(void **state)
{
	const struct looks early = { .alpha = 0.01, .first = 2, .step = 2, .cap = 20 };
	uint32_t blocks;

	(void)state;
	for (blocks = 2; blocks < 9; blocks += 2)
		assert_true(looks_at(&early, blocks) && looks_level(&early, blocks) == 0);
	assert_close(looks_level(&early, 10), 2.0 / 512, 1e-15);	/* all 0.5 % that may be gone by then */
}

static double spent_by(const struct looks *l, uint32_t blocks)
{
	double spent = 0;
	uint32_t at;

	for (at = looks_next(l, 0); at && at <= blocks; at = looks_next(l, at))
		spent += looks_level(l, at);
	return spent;
}

static void assert_sound(const struct looks *l)
{
	uint32_t at, least = signs_blocks_needed(l->alpha);
	double level;

	for (at = looks_next(l, 0); at; at = looks_next(l, at)) {
		level = looks_level(l, at);
		assert_true(level >= 0 && level <= l->alpha);
		if (at < least && at < l->cap)
			assert_true(level == 0);
		if (level > 0 && at < l->cap)
			assert_true(signs_blocks_needed(level) <= at);
		assert_true(spent_by(l, at) <= l->alpha * at / l->cap * (1 + 1e-12));
	}
	assert_close(spent_by(l, l->cap), l->alpha, 1e-15);
}

static void no_more_than_its_share_is_spent_by_any_look_and_all_by_the_last(void **state)
{
	static const double alpha[] = { 0.05, 0.01, 0.001, 1, 1e-9 };
	struct looks l;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(alpha) / sizeof(alpha[0]); i++)
		for (l.cap = 1; l.cap <= 44; l.cap++)
			for (l.first = 0; l.first <= l.cap + 1; l.first++)
				for (l.step = 0; l.step <= 6; l.step += 2) {
					l.alpha = alpha[i];
					assert_sound(&l);
				}
}

enum { CELLS = 4, MOST = 20 };

/* Is any of the cells ever found to have changed, at any look? */
static bool alarms(const struct looks *l, const double *shared, double (*own)[MOST])
{
	struct adjusted out[CELLS];
	double x[CELLS * MOST];
	struct family f = { .cells = CELLS, .ratio = x };
	uint32_t n, i, c;

	for (n = looks_next(l, 0); n; n = looks_next(l, n)) {
		for (c = 0; c < CELLS; c++)
			for (i = 0; i < n; i++)
				x[c * n + i] = shared[i] + own[c][i];
		f.blocks = n;
		maxt_adjust(&f, out);
		for (c = 0; c < CELLS; c++)
			if (out[c].adjusted <= looks_level(l, n))
				return true;
	}
	return false;
}

/*
 * The worst that may be done with a schedule: looking at every chance, stopping at the first alarm, and
 * any change at all counts as one. The rate may not be above alpha; nor far below, or it would be a waste.
 */
static void rate_of_alarms(const struct looks *l, uint32_t runs, double waste)
{
	struct normal random = { .seed = l->cap * 100 + l->first };
	double shared[MOST], own[CELLS][MOST];
	uint64_t hits = 0;
	uint32_t r, i, c;
	struct tail_bounds b;

	for (r = 0; r < runs; r++) {
		for (i = 0; i < MOST; i++) {
			shared[i] = normal(&random);
			for (c = 0; c < CELLS; c++)
				own[c][i] = normal(&random);
		}
		hits += alarms(l, shared, own);
	}
	b = tail_binomial(hits, runs, 0.001);
	assert_true(b.low <= l->alpha);
	assert_true(b.high >= l->alpha * waste);
}

static void all_looks_together_raise_no_more_false_alarms_than_stated(void **state)
{
	const struct looks one = { .alpha = 0.01, .first = 8, .cap = 8 };
	const struct looks two = { .alpha = 0.01, .first = 8, .step = 2, .cap = 10 };
	const struct looks four = { .alpha = 0.05, .first = 6, .step = 2, .cap = 12 };
	const struct looks every = { .alpha = 0.05, .first = 5, .step = 1, .cap = 12 };

	(void)state;
	rate_of_alarms(&one, 12000, 0.6);
	rate_of_alarms(&two, 12000, 0.6);
	rate_of_alarms(&four, 2500, 0.5);
	rate_of_alarms(&every, 2500, 0.5);
}

/* The schedule that is used, and with it what a test at the full level at each look would do. */
static void the_usual_schedule_holds_its_level_where_looking_without_one_does_not(void **state)
{
	const struct looks scaled = { .alpha = 0.05, .first = 8, .step = 2, .cap = 14 };
	struct normal random = { .seed = 4 };
	uint32_t n, i, r, spending = 0, peeking = 0, runs = 600;
	struct flip_how how = { .alpha = 0.05 };
	double x[MOST];
	bool peeked, spent;
	struct flip f;

	(void)state;
	for (r = 0; r < runs; r++) {
		for (i = 0; i < scaled.cap; i++)
			x[i] = normal(&random);
		peeked = spent = false;
		for (n = looks_next(&scaled, 0); n; n = looks_next(&scaled, n)) {
			f = flip_test(x, n, &how);
			peeked = peeked || f.p <= scaled.alpha;
			spent = spent || f.p <= looks_level(&scaled, n);
		}
		peeking += peeked;
		spending += spent;
	}
	assert_true(tail_binomial(spending, runs, 0.001).low <= 0.05);
	assert_true(tail_binomial(peeking, runs, 0.001).low > 0.05);
}

/* A look hands out one number: what the test rejects at it, the interval at it leaves out. */
static void test_and_interval_agree_at_the_level_of_every_look(void **state)
{
	struct normal random = { .seed = 5 };
	double x[MOST];
	uint32_t r, i, n;

	(void)state;
	for (r = 0; r < 20; r++) {
		for (i = 0; i < 16; i++)
			x[i] = 1 + normal(&random);
		for (n = 12; n <= 16; n += 4) {
			const struct flip_how how = { .alpha = looks_level(&usual, n) };
			struct flip f = flip_test(x, n, &how);

			assert_true(isfinite(f.low) && isfinite(f.high));
			assert_int_equal(f.p <= how.alpha, f.low > 0 || f.high < 0);
		}
	}
}

static void at_a_level_of_0_everything_is_inconclusive(void **state)
{
	const struct looks early = { .alpha = 0.01, .first = 8, .step = 4, .cap = 20 };
	const double x[] = { 1, 1, 1, 1, 1, 1, 1, 1 };
	const struct flip_how how = { .alpha = looks_level(&early, 8) };
	const struct limits limits = { .alpha = looks_level(&early, 8), .minimum = 0.02 };
	struct flip f = flip_test(x, 8, &how);
	const struct evidence e = { .blocks = 8, .effect = f.effect, .low = f.low, .high = f.high,
				    .p = f.p, .p_least = f.p_least };

	(void)state;
	assert_true(how.alpha == 0);
	assert_true(f.low == (double)-INFINITY && f.high == (double)INFINITY);
	assert_int_equal(verdict_of(&e, &limits).verdict, VERDICT_INCONCLUSIVE);
	assert_int_equal(verdict_of(&e, &limits).because, BECAUSE_FEW);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(looks_come_at_first_then_by_steps_and_at_the_cap),
		cmocka_unit_test(a_schedule_that_makes_no_sense_is_bent_into_one_that_does),
		cmocka_unit_test(a_single_look_has_the_whole_alpha),
		cmocka_unit_test(the_usual_levels_by_hand),
		cmocka_unit_test(a_look_that_can_decide_nothing_spends_nothing),
		cmocka_unit_test(no_more_than_its_share_is_spent_by_any_look_and_all_by_the_last),
		cmocka_unit_test(all_looks_together_raise_no_more_false_alarms_than_stated),
		cmocka_unit_test(the_usual_schedule_holds_its_level_where_looking_without_one_does_not),
		cmocka_unit_test(test_and_interval_agree_at_the_level_of_every_look),
		cmocka_unit_test(at_a_level_of_0_everything_is_inconclusive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
