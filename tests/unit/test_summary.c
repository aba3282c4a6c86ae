/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "harness/judge/summary.h"
#include "tests/unit/made_plan.h"

#define NEAR 1e-9

static void mean_deviation_and_median_are_those_of_a_hand_calculation(void **state)
{
	const double x[] = { 2, 4, 4, 4, 5, 5, 7, 9 };
	struct summary s = summary_of(x, 8);

	(void)state;
	assert_int_equal(s.n, 8);
	assert_false(s.blocks);
	assert_float_equal(s.mean, 5, NEAR);
	assert_float_equal(s.sd, sqrt(32.0 / 7), NEAR);	/* n - 1, not n */
	assert_float_equal(s.median, 4.5, NEAR);
	assert_float_equal(s.min, 2, NEAR);
	assert_float_equal(s.max, 9, NEAR);
}

static void the_median_does_not_need_order_and_the_numbers_stay_as_they_are(void **state)
{
	double x[] = { 9, 1, 5 };
	struct summary s = summary_of(x, 3);

	(void)state;
	assert_float_equal(s.median, 5, NEAR);
	assert_true(x[0] == 9 && x[1] == 1 && x[2] == 5);
}

static void one_number_has_no_deviation(void **state)
{
	const double x = 3;
	struct summary s = summary_of(&x, 1);

	(void)state;
	assert_int_equal(s.n, 1);
	assert_true(isnan(s.sd));
	assert_float_equal(s.mean, 3, NEAR);
	assert_float_equal(s.median, 3, NEAR);
}

static void no_number_is_no_summary(void **state)
{
	(void)state;
	assert_int_equal(summary_of(NULL, 0).n, 0);
}

static void equal_numbers_have_a_deviation_of_exactly_0(void **state)
{
	const double x[] = { 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1 };
	struct summary s = summary_of(x, 7);

	(void)state;
	assert_true(s.sd == 0);
	assert_true(s.mean == 0.1);
}

static void large_numbers_do_not_cancel(void **state)
{
	const double x[] = { 1e12 + 1, 1e12 + 2, 1e12 + 3 };

	(void)state;
	assert_float_equal(summary_of(x, 3).sd, 1, 1e-3);
}

static void a_window_without_ops_takes_forever_an_op(void **state)
{
	const double x[] = { 1, INFINITY, INFINITY };
	struct summary s = summary_of(x, 3);

	(void)state;
	assert_true(isinf(s.mean) && isinf(s.median) && isinf(s.max));
	assert_true(isnan(s.sd));
	assert_float_equal(s.min, 1, NEAR);
	assert_true(isinf(summary_of(x + 1, 2).median));
}

static void metrics_are_known_by_three_names(void **state)
{
	(void)state;
	assert_string_equal(metric_name(METRIC_BYTES_PER_S), "bytes_per_s");
	assert_string_equal(metric_name(METRIC_OPS_PER_S), "ops_per_s");
	assert_string_equal(metric_name(METRIC_NS_PER_OP), "ns_per_op");
	assert_int_equal(metric_parse("bytes_per_s"), METRIC_BYTES_PER_S);
	assert_int_equal(metric_parse("MiB/s"), METRIC_BYTES_PER_S);
	assert_int_equal(metric_parse("mib"), METRIC_BYTES_PER_S);
	assert_int_equal(metric_parse("ops"), METRIC_OPS_PER_S);
	assert_int_equal(metric_parse("ns/op"), METRIC_NS_PER_OP);
	assert_int_equal(metric_parse("MB"), -1);
	assert_int_equal(metric_parse(""), -1);
	assert_float_equal(metric_scale(METRIC_BYTES_PER_S), 1048576, NEAR);
}

/* Samples of one thread: ops in a second, and a MiB for each. */
struct bench {
	struct made m;
	struct sample sample[32];
	uint64_t ops[32], bytes[32];
	size_t n;
};

static void bench_init(struct bench *b, const char *kernels)
{
	b->n = 0;
	made_init(&b->m, kernels);
	made_table(&b->m, "read block=ROW sharing=COLUMN threads=1", "block", "1 4k", "sharing", "same diff");
}

static void bench_release(struct bench *b)
{
	made_release(&b->m);
}

static struct sample *add(struct bench *b, const char *kernel, uint32_t block, size_t cell, uint64_t ops)
{
	struct sample *s = &b->sample[b->n];

	b->ops[b->n] = ops;
	b->bytes[b->n] = ops << 20;
	*s = (struct sample){ .kernel = (char *)kernel, .block = block, .threads = 1, .ops = &b->ops[b->n],
			      .bytes = &b->bytes[b->n], .elapsed_ns = 1000000000, .skew_ns = 1000 };
	strcpy(s->cell, b->m.plan.cell[cell].id);
	b->n++;
	return s;
}

static void with_one_block_the_windows_are_summarised(void **state)
{
	struct figure *figures, *f;
	struct bench b;

	(void)state;
	bench_init(&b, "running");
	add(&b, "running", 0, 2, 10);
	add(&b, "running", 0, 2, 14);
	add(&b, "running", 0, 1, 7);
	figures = figures_make(&b.m.plan, b.sample, b.n);
	f = &figures[2];
	assert_int_equal(f->windows, 2);
	assert_int_equal(f->blocks, 1);
	assert_false(f->metric[METRIC_OPS_PER_S].blocks);
	assert_int_equal(f->metric[METRIC_OPS_PER_S].n, 2);
	assert_float_equal(f->metric[METRIC_OPS_PER_S].mean, 12, NEAR);
	assert_float_equal(f->metric[METRIC_OPS_PER_S].sd, sqrt(8), NEAR);
	assert_float_equal(f->metric[METRIC_BYTES_PER_S].mean, 12.0 * (1 << 20), NEAR);
	assert_float_equal(f->metric[METRIC_NS_PER_OP].max, 1e8, NEAR);
	assert_int_equal(figures[1].metric[METRIC_OPS_PER_S].n, 1);
	assert_int_equal(figures[0].metric[METRIC_OPS_PER_S].n, 0);
	assert_int_equal(figures[3].windows, 0);
	free(figures);
	bench_release(&b);
}

/* Expected: three numbers, 11, 21 and 30. Buggy: six windows as six replications. */
static void with_more_blocks_each_counts_once_by_its_median(void **state)
{
	struct figure *figures;
	const struct summary *s;
	struct bench b;

	(void)state;
	bench_init(&b, "running");
	add(&b, "running", 1, 0, 20);	/* as they come, blocks mixed */
	add(&b, "running", 0, 0, 10);
	add(&b, "running", 1, 0, 21);
	add(&b, "running", 0, 0, 12);
	add(&b, "running", 2, 0, 30);
	add(&b, "running", 1, 0, 900);	/* an outlier moves no median */
	figures = figures_make(&b.m.plan, b.sample, b.n);
	s = &figures[0].metric[METRIC_OPS_PER_S];
	assert_true(s->blocks);
	assert_int_equal(s->n, 3);
	assert_int_equal(figures[0].blocks, 3);
	assert_int_equal(figures[0].windows, 6);
	assert_float_equal(s->mean, 62.0 / 3, NEAR);
	assert_float_equal(s->min, 11, NEAR);
	assert_float_equal(s->median, 21, NEAR);
	assert_float_equal(s->max, 30, NEAR);
	free(figures);
	bench_release(&b);
}

static void two_blocks_are_enough_to_be_replications(void **state)
{
	struct figure *figures;
	struct bench b;

	(void)state;
	bench_init(&b, "running");
	add(&b, "running", 0, 0, 10);
	add(&b, "running", 0, 0, 10);
	add(&b, "running", 7, 0, 20);
	figures = figures_make(&b.m.plan, b.sample, b.n);
	assert_true(figures[0].metric[METRIC_OPS_PER_S].blocks);
	assert_int_equal(figures[0].metric[METRIC_OPS_PER_S].n, 2);
	assert_float_equal(figures[0].metric[METRIC_OPS_PER_S].mean, 15, NEAR);
	free(figures);
	bench_release(&b);
}

static void kernels_are_kept_apart_and_strangers_passed_over(void **state)
{
	struct figure *figures;
	struct bench b;

	(void)state;
	bench_init(&b, "baseline patched");
	add(&b, "baseline", 0, 0, 10);
	add(&b, "patched", 0, 0, 20);
	add(&b, "other", 0, 0, 1000);
	add(&b, NULL, 0, 0, 1000);
	strcpy(add(&b, "patched", 0, 0, 1000)->cell, "0000000000000000");
	figures = figures_make(&b.m.plan, b.sample, b.n);
	assert_float_equal(figures[0].metric[METRIC_OPS_PER_S].mean, 10, NEAR);
	assert_int_equal(figures[0].windows, 1);
	assert_float_equal(figures[4].metric[METRIC_OPS_PER_S].mean, 20, NEAR);
	assert_int_equal(figures[4].windows, 1);
	free(figures);
	bench_release(&b);
}

static void the_worst_skew_and_any_oversubscription_are_kept(void **state)
{
	struct figure *figures;
	struct bench b;

	(void)state;
	bench_init(&b, "running");
	add(&b, "running", 0, 0, 10);
	add(&b, "running", 0, 0, 10)->skew_ns = 5000000;
	add(&b, "running", 0, 0, 10)->oversubscribed = true;
	add(&b, "running", 0, 1, 10);
	figures = figures_make(&b.m.plan, b.sample, b.n);
	assert_float_equal(figures[0].worst_skew, 0.005, NEAR);
	assert_true(figures[0].oversubscribed);
	assert_float_equal(figures[1].worst_skew, 1e-6, NEAR);
	assert_false(figures[1].oversubscribed);
	free(figures);
	bench_release(&b);
}

static void a_run_without_samples_has_empty_figures(void **state)
{
	struct figure *figures;
	struct bench b;

	(void)state;
	bench_init(&b, "running");
	figures = figures_make(&b.m.plan, NULL, 0);
	assert_int_equal(figures[3].metric[METRIC_OPS_PER_S].n, 0);
	free(figures);
	bench_release(&b);
}

static void what_was_counted_is_summed_over_windows_and_threads(void **state)
{
	uint64_t ops[][2] = { { 1, 2 }, { 10, 20 } }, bytes[][2] = { { 100, 200 }, { 1000, 2000 } };
	struct sample sample[2] = { 0 };
	struct figure *figures;
	struct made m;
	int i;

	(void)state;
	made_init(&m, "baseline patched");
	made_table(&m, "read block=ROW", "block", "4k", NULL, NULL);
	for (i = 0; i < 2; i++) {
		sample[i] = (struct sample){ .window = (uint32_t)i, .threads = 2, .ops = ops[i], .bytes = bytes[i],
					     .elapsed_ns = 1000, .kernel = m.plan.kernel[1].name };
		memcpy(sample[i].cell, m.plan.cell[0].id, sizeof(sample[i].cell));
	}
	figures = figures_make(&m.plan, sample, 2);
	assert_int_equal(figures[0].ops, 0);
	assert_int_equal(figures[1].ops, 33);
	assert_int_equal(figures[1].bytes, 3300);
	assert_int_equal(figures[1].elapsed_ns, 2000);
	free(figures);
	made_release(&m);
}

static void what_is_withheld_leaves_counts_and_no_time(void **state)
{
	struct figure *f;
	struct made m;
	int k, i;

	(void)state;
	made_init(&m, "baseline patched");
	made_table(&m, "read block=ROW", "block", "4k", NULL, NULL);
	made_figures(&m);
	f = made_set(&m, 0, 1, 0, 0, METRIC_BYTES_PER_S, 100, 2);
	f->ops = 77;
	f->elapsed_ns = 5;
	f->worst_skew = 0.5;
	f->oversubscribed = true;
	figures_withhold(m.figures, 2);
	for (k = 0; k < 2; k++) {
		assert_true(m.figures[k].withheld);
		assert_int_equal(m.figures[k].elapsed_ns, 0);
		assert_true(isnan(m.figures[k].worst_skew));
		for (i = 0; i < NMETRICS; i++) {
			assert_true(isnan(m.figures[k].metric[i].mean));
			assert_true(isnan(m.figures[k].metric[i].sd));
			assert_true(isnan(m.figures[k].metric[i].median));
			assert_true(isnan(m.figures[k].metric[i].min));
			assert_true(isnan(m.figures[k].metric[i].max));
		}
	}
	assert_int_equal(f->ops, 77);
	assert_int_equal(f->windows, 5);
	assert_int_equal(f->metric[METRIC_BYTES_PER_S].n, 5);
	assert_int_equal(m.figures[0].metric[METRIC_BYTES_PER_S].n, 0);
	assert_true(f->oversubscribed);
	made_release(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mean_deviation_and_median_are_those_of_a_hand_calculation),
		cmocka_unit_test(the_median_does_not_need_order_and_the_numbers_stay_as_they_are),
		cmocka_unit_test(one_number_has_no_deviation),
		cmocka_unit_test(no_number_is_no_summary),
		cmocka_unit_test(equal_numbers_have_a_deviation_of_exactly_0),
		cmocka_unit_test(large_numbers_do_not_cancel),
		cmocka_unit_test(a_window_without_ops_takes_forever_an_op),
		cmocka_unit_test(metrics_are_known_by_three_names),
		cmocka_unit_test(with_one_block_the_windows_are_summarised),
		cmocka_unit_test(with_more_blocks_each_counts_once_by_its_median),
		cmocka_unit_test(two_blocks_are_enough_to_be_replications),
		cmocka_unit_test(kernels_are_kept_apart_and_strangers_passed_over),
		cmocka_unit_test(the_worst_skew_and_any_oversubscription_are_kept),
		cmocka_unit_test(a_run_without_samples_has_empty_figures),
		cmocka_unit_test(what_was_counted_is_summed_over_windows_and_threads),
		cmocka_unit_test(what_is_withheld_leaves_counts_and_no_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
