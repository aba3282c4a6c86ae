/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "harness/report/lkp.h"
#include "tests/unit/made_judged.h"

#define HEAD \
	"        baseline                     patched\n" \
	"---------------- ---------------------------\n" \
	"         %stddev     %change         %stddev\n" \
	"             \\          |                \\\n"

/* Two kernels, one table of two cells, no samples but those that a test adds. */
struct small {
	struct made m;
	struct samples samples;
	struct report_input in;
};

static void small_make(struct small *s, const char *kernels)
{
	*s = (struct small){ 0 };
	made_init(&s->m, kernels);
	made_table(&s->m, "read block=4k sharing=ROW threads=16", "sharing", "same diff", NULL, NULL);
	made_figures(&s->m);
	s->in = (struct report_input){ .run = "r", .plan = &s->m.plan, .samples = &s->samples,
				       .figures = s->m.figures };
}

static void small_release(struct small *s)
{
	made_counts_release(&s->samples);
	made_release(&s->m);
}

/* The same of both kernels' first cell. */
static void small_set(struct small *s, double old, double old_sd, double new, double new_sd)
{
	made_set(&s->m, 0, 0, 0, 0, METRIC_BYTES_PER_S, old, old_sd);
	made_set(&s->m, 0, 1, 0, 0, METRIC_BYTES_PER_S, new, new_sd);
}

static void expect(const struct small *s, const char *text)
{
	struct buf out = BUF_INIT;

	lkp_render(&s->in, &out);
	assert_string_equal(buf_text(&out), text);
	buf_release(&out);
}

static void a_row_has_both_values_the_change_and_the_metric(void **state)
{
	struct small s;

	(void)state;
	small_make(&s, "baseline patched");
	small_set(&s, 138055, 24850, 184128, 25778);
	expect(&s, HEAD "    138055 ± 18%     +33.4%     184128 ± 14%  foliobench.read.same.MiB_per_s\n");
	small_release(&s);
}

static void a_deviation_is_shown_above_two_percent_only(void **state)
{
	struct small s;

	(void)state;
	small_make(&s, "baseline patched");
	small_set(&s, 1000, 20, 900, 18.1);
	expect(&s, HEAD "      1000           -10.0%     900.00 ±  2%  foliobench.read.same.MiB_per_s\n");
	small_set(&s, 1000, 1190, 900, NAN);
	expect(&s, HEAD "      1000 ±119%     -10.0%     900.00        foliobench.read.same.MiB_per_s\n");
	small_release(&s);
}

static void small_values_have_two_decimals_and_large_ones_an_exponent(void **state)
{
	struct small s;

	(void)state;
	small_make(&s, "baseline patched");
	small_set(&s, 0.187, 0, 115.684, 0);
	expect(&s, HEAD "      0.19        +61763.1%     115.68        foliobench.read.same.MiB_per_s\n");
	small_set(&s, 0.2, 0, 418.07, 0);
	expect(&s, HEAD "      0.20        +2.1e+05%     418.07        foliobench.read.same.MiB_per_s\n");
	small_set(&s, 2177000000, 0, 100000000, 0);
	expect(&s, HEAD " 2.177e+09           -95.4%  100000000        foliobench.read.same.MiB_per_s\n");
	small_release(&s);
}

static void no_change_has_no_sign_of_chance(void **state)
{
	struct small s;

	(void)state;
	small_make(&s, "baseline patched");
	small_set(&s, 10000, 0, 9999.9, 0);
	expect(&s, HEAD "     10000            +0.0%      10000        foliobench.read.same.MiB_per_s\n");
	small_release(&s);
}

static void a_cell_that_one_kernel_lacks_has_no_row(void **state)
{
	struct small s;

	(void)state;
	small_make(&s, "baseline patched");
	made_set(&s.m, 0, 0, 0, 0, METRIC_BYTES_PER_S, 100, 1);
	made_set(&s.m, 0, 1, 1, 0, METRIC_BYTES_PER_S, 100, 1);
	expect(&s, "");
	small_release(&s);
}

static void withheld_times_are_left_out_and_counts_stay(void **state)
{
	struct small s;

	(void)state;
	small_make(&s, "baseline patched");
	small_set(&s, 100, 1, 90, 1);
	figures_withhold(s.m.figures, 4);
	made_count(&s.m, &s.samples, 0, &s.m.plan.cell[0], 1348);
	made_count(&s.m, &s.samples, 1, &s.m.plan.cell[0], 1400)->count[COUNT_STAC] = 2;
	expect(&s, HEAD
	       "      1348            +3.9%       1400        foliobench.read.same.kernel_instructions\n"
	       "      1.00          +100.0%       2.00        foliobench.read.same.stac\n");
	small_release(&s);
}

static void a_count_that_was_none_has_the_difference(void **state)
{
	struct small s;

	(void)state;
	small_make(&s, "baseline patched");
	made_count(&s.m, &s.samples, 0, &s.m.plan.cell[0], 1348)->count[COUNT_ATOMICS] = 0;
	made_count(&s.m, &s.samples, 1, &s.m.plan.cell[0], 1348);
	expect(&s, HEAD "      0.00            +4.0        4.00        foliobench.read.same.atomics\n");
	small_release(&s);
}

static void transfers_are_those_of_the_machine_that_is_asked_for(void **state)
{
	struct prediction_record *p;
	struct small s;

	(void)state;
	small_make(&s, "baseline patched");
	made_prediction(&s.m, &s.samples, 0, &s.m.plan.cell[0], "xeon");
	p = made_prediction(&s.m, &s.samples, 1, &s.m.plan.cell[0], "xeon");
	p->transfers = 0.004;
	p = made_prediction(&s.m, &s.samples, 0, &s.m.plan.cell[0], "epyc");
	p->transfers = 2;
	p = made_prediction(&s.m, &s.samples, 1, &s.m.plan.cell[0], "epyc");
	p->transfers = 3;
	expect(&s, "");
	s.in.machine = "epyc";
	expect(&s, HEAD "      2.00           +50.0%       3.00        foliobench.read.same.transfers\n");
	small_release(&s);
}

static void each_later_kernel_has_a_table(void **state)
{
	struct buf out = BUF_INIT;
	struct small s;

	(void)state;
	small_make(&s, "baseline one a-kernel-with-quite-a-long-name");
	small_set(&s, 100, 1, 90, 1);
	made_set(&s.m, 0, 2, 0, 0, METRIC_BYTES_PER_S, 110, 1);
	lkp_render(&s.in, &out);
	assert_non_null(strstr(buf_text(&out), "        baseline                         one\n"));
	assert_non_null(strstr(buf_text(&out), "\n\n        baseline a-kernel-with-quite-a-long-\n---"));
	assert_non_null(strstr(buf_text(&out), "    100.00           -10.0%      90.00        foliobench"));
	assert_non_null(strstr(buf_text(&out), "    100.00           +10.0%     110.00        foliobench"));
	buf_release(&out);
	small_release(&s);
}

static void a_long_name_is_cut_between_characters(void **state)
{
	struct buf out = BUF_INIT;
	struct small s;

	(void)state;
	small_make(&s, "ääääääääääääääääää patched");
	small_set(&s, 100, 1, 90, 1);
	lkp_render(&s.in, &out);
	assert_int_equal(strncmp(buf_text(&out), "ääääääääääääääää                     patched\n", 60), 0);
	buf_release(&out);
	small_release(&s);
}

static void one_kernel_has_nothing_to_compare(void **state)
{
	struct small s;

	(void)state;
	small_make(&s, "running");
	made_set(&s.m, 0, 0, 0, 0, METRIC_BYTES_PER_S, 100, 1);
	expect(&s, "");
	small_release(&s);
}

static void a_run_without_figures_has_what_was_counted(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;

	(void)state;
	made_judged(&j, MADE_REJECT);
	j.in.figures = NULL;
	lkp_render(&j.in, &out);
	assert_null(strstr(buf_text(&out), "_per_s"));
	assert_non_null(strstr(buf_text(&out), "foliobench.write.256.tmpfs.stac\n"));
	assert_null(strstr(buf_text(&out), "atomics"));
	buf_release(&out);
	made_judged_release(&j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_has_both_values_the_change_and_the_metric),
		cmocka_unit_test(a_deviation_is_shown_above_two_percent_only),
		cmocka_unit_test(small_values_have_two_decimals_and_large_ones_an_exponent),
		cmocka_unit_test(no_change_has_no_sign_of_chance),
		cmocka_unit_test(a_cell_that_one_kernel_lacks_has_no_row),
		cmocka_unit_test(withheld_times_are_left_out_and_counts_stay),
		cmocka_unit_test(a_count_that_was_none_has_the_difference),
		cmocka_unit_test(transfers_are_those_of_the_machine_that_is_asked_for),
		cmocka_unit_test(each_later_kernel_has_a_table),
		cmocka_unit_test(a_long_name_is_cut_between_characters),
		cmocka_unit_test(one_kernel_has_nothing_to_compare),
		cmocka_unit_test(a_run_without_figures_has_what_was_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
