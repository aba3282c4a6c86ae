/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/judge/ratio.h"
#include "harness/judge/timed.h"
#include "tests/unit/close.h"

enum { BLOCKS = 20 };

/* One cell: the baseline around 1000, the patched kernel so many percent above it. */
struct cell {
	double old[BLOCKS], new[BLOCKS];
	struct finding finding;
};

/* Deterministic scatter of up to `noise` percent to both sides, another for every salt. */
static double scatter(unsigned i, unsigned salt, double noise)
{
	return 1 + noise / 100 * sin(1 + 12.9898 * i + 78.233 * salt);
}

static void fill(struct cell *c, double percent, double noise, unsigned salt)
{
	unsigned i;

	for (i = 0; i < BLOCKS; i++) {
		c->old[i] = 1000 * scatter(i, salt, noise);
		c->new[i] = 1000 * (1 + percent / 100) * scatter(i, salt + 1, noise);
	}
	c->finding = (struct finding){ .gating = true, .minimum = 0.02, .relative = true };
}

static double judge(struct cell *c, size_t n, struct looks looks, uint32_t blocks)
{
	const struct timed_call call = { .looks = looks, .blocks = blocks, .seed = 1 };
	struct timed t[4];
	size_t i;

	for (i = 0; i < n; i++)
		t[i] = (struct timed){ &c[i].finding, c[i].old, c[i].new, HIGHER_IS_BETTER };
	return timed_judge(t, n, &call).level;
}

static const struct looks once = { .alpha = 0.01, .first = 8, .step = 4, .cap = 8 };
static const struct looks often = { .alpha = 0.01, .first = 10, .step = 5, .cap = 20 };

static void one_look_has_the_whole_level(void **state)
{
	struct cell c;

	(void)state;
	fill(&c, -5, 0.2, 1);
	assert_close(judge(&c, 1, once, 8), 0.01, 1e-15);
	assert_int_equal(c.finding.judgement.verdict, VERDICT_REGRESSED);
	assert_int_equal(c.finding.blocks, 8);
	assert_close(c.finding.new / c.finding.old, 0.95, 0.01);
}

static void before_the_first_look_nothing_is_decided_but_figures_are_there(void **state)
{
	struct cell c;

	(void)state;
	fill(&c, -5, 0.2, 1);
	assert_true(judge(&c, 1, often, 9) == 0);
	assert_int_equal(c.finding.judgement.verdict, VERDICT_INCONCLUSIVE);
	assert_int_equal(c.finding.judgement.because, BECAUSE_FEW);
	assert_close(ratio_change(c.finding.effect), -0.05, 0.01);
	assert_int_equal(c.finding.blocks, 9);
}

static void no_block_at_all_is_absent(void **state)
{
	struct cell c;

	(void)state;
	fill(&c, -5, 0.2, 1);
	assert_true(judge(&c, 1, often, 0) == 0);
	assert_int_equal(c.finding.judgement.because, BECAUSE_ABSENT);
}

static void the_last_look_judges_with_all_blocks_and_its_own_level(void **state)
{
	struct cell c;
	unsigned i;

	(void)state;
	fill(&c, -5, 0.2, 1);
	for (i = 10; i < BLOCKS; i++)
		c.new[i] = c.old[i] * 1.05;	/* after the first look the change turns round */
	assert_close(judge(&c, 1, often, 10), looks_level(&often, 10), 1e-15);
	assert_int_equal(c.finding.judgement.verdict, VERDICT_REGRESSED);
	assert_close(judge(&c, 1, often, 20), looks_level(&often, 20), 1e-15);
	assert_int_not_equal(c.finding.judgement.verdict, VERDICT_REGRESSED);
	assert_int_equal(c.finding.blocks, 20);
}

static void blocks_between_two_looks_are_not_looked_at(void **state)
{
	struct cell c;
	unsigned i;

	(void)state;
	fill(&c, 0, 6, 5);
	for (i = 10; i < BLOCKS; i++)
		c.new[i] = c.old[i] * 0.5;
	judge(&c, 1, often, 14);
	assert_int_equal(c.finding.blocks, 10);
	judge(&c, 1, often, 15);
	assert_int_equal(c.finding.blocks, 15);
}

static void a_number_that_has_no_log_is_never_decided(void **state)
{
	struct cell c;

	(void)state;
	fill(&c, -5, 0.2, 1);
	c.new[3] = 0;
	judge(&c, 1, often, 20);
	assert_int_equal(c.finding.judgement.verdict, VERDICT_INCONCLUSIVE);
	assert_int_equal(c.finding.judgement.because, BECAUSE_UNUSABLE);
}

static void no_change_is_unchanged_where_noise_is_small(void **state)
{
	struct cell c[2];

	(void)state;
	fill(&c[0], 0, 0.2, 1);
	fill(&c[1], 0.5, 0.2, 7);
	judge(c, 2, once, 8);
	assert_int_equal(c[0].finding.judgement.verdict, VERDICT_UNCHANGED);
	assert_int_equal(c[1].finding.judgement.verdict, VERDICT_UNCHANGED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_look_has_the_whole_level),
		cmocka_unit_test(before_the_first_look_nothing_is_decided_but_figures_are_there),
		cmocka_unit_test(no_block_at_all_is_absent),
		cmocka_unit_test(the_last_look_judges_with_all_blocks_and_its_own_level),
		cmocka_unit_test(blocks_between_two_looks_are_not_looked_at),
		cmocka_unit_test(a_number_that_has_no_log_is_never_decided),
		cmocka_unit_test(no_change_is_unchanged_where_noise_is_small),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
