/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <string.h>
#include <cmocka.h>

#include "harness/report/perfstat.h"
#include "tests/unit/made_judged.h"

static void expect(uint32_t n, double mean, double sd, const char *line)
{
	const struct summary s = { .n = n, .mean = mean, .sd = sd };
	struct buf out = BUF_INIT;

	perfstat_elapsed(&s, &out);
	assert_string_equal(buf_text(&out), line);
	buf_release(&out);
}

static void several_runs_have_the_error_of_their_mean_with_two_digits_more_than_its_first(void **state)
{
	(void)state;
	/* A kernel's build, ten times. */
	expect(10, 61.3462, 0.0597 * sqrt(10),
	       "           61.3462 +- 0.0597 seconds time elapsed  ( +-  0.10% )\n");
	expect(4, 1.002345678, 0.0000246,
	       "         1.0023457 +- 0.0000123 seconds time elapsed  ( +-  0.00% )\n");
	expect(2, 100, 0.2 * sqrt(2), "           100.000 +- 0.200 seconds time elapsed  ( +-  0.20% )\n");
}

static void an_error_of_more_than_a_second_has_two_decimals(void **state)
{
	(void)state;
	expect(4, 1234.5678, 25, "           1234.57 +- 12.50 seconds time elapsed  ( +-  1.01% )\n");
	expect(4, 1234.5678, 2, "           1234.57 +- 1.00 seconds time elapsed  ( +-  0.08% )\n");
	expect(4, 20, 60, "             20.00 +- 30.00 seconds time elapsed  ( +-150.00% )\n");
}

static void a_single_run_has_no_error(void **state)
{
	(void)state;
	expect(1, 61.346215999, NAN, "      61.346215999 seconds time elapsed\n");
	expect(1, 0.5, 0, "       0.500000000 seconds time elapsed\n");
}

static void runs_that_all_took_the_same_time_have_none_either(void **state)
{
	(void)state;
	expect(5, 2, 0, "       2.000000000 seconds time elapsed\n");
	expect(5, 2, NAN, "       2.000000000 seconds time elapsed\n");
	expect(5, 2, INFINITY, "       2.000000000 seconds time elapsed\n");
}

static void what_is_no_time_has_no_line(void **state)
{
	(void)state;
	expect(0, 5, 1, "");
	expect(3, NAN, 1, "");
	expect(3, INFINITY, 1, "");
	expect(3, 0, 1, "");
	expect(3, -1, 1, "");
}

static void short_ops_are_no_runs_that_anyone_would_time(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;

	(void)state;
	made_judged(&j, MADE_REJECT);
	perfstat_render(&j.in, &out);
	assert_string_equal(buf_text(&out), "");
	j.in.figures = NULL;
	perfstat_render(&j.in, &out);
	assert_string_equal(buf_text(&out), "");
	made_judged_release(&j);
}

static void ops_of_a_second_or_more_have_a_line_on_each_kernel(void **state)
{
	struct summary *s;
	struct buf out = BUF_INIT;
	struct made_judged j;

	(void)state;
	made_judged(&j, MADE_REJECT);
	s = &j.m.figures[4].metric[METRIC_NS_PER_OP];
	*s = (struct summary){ .n = 8, .blocks = true, .mean = 61.3462e9, .sd = 0.0597e9 * sqrt(8) };
	s = &j.m.figures[MADE_CELLS + 4].metric[METRIC_NS_PER_OP];
	*s = (struct summary){ .n = 1, .mean = 1e9, .sd = NAN };
	perfstat_render(&j.in, &out);
	assert_string_equal(buf_text(&out),
		"Time per op, as perf stat prints it:\n"
		"\n"
		" write/256/tmpfs on baseline (8 boots):\n"
		"           61.3462 +- 0.0597 seconds time elapsed  ( +-  0.10% )\n"
		"\n"
		" write/256/tmpfs on patched (1 window):\n"
		"       1.000000000 seconds time elapsed\n");
	buf_release(&out);
	made_judged_release(&j);
}

static void times_that_are_withheld_are_not_shown(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;

	(void)state;
	made_judged(&j, MADE_REJECT);
	j.m.figures[4].metric[METRIC_NS_PER_OP] = (struct summary){ .n = 8, .mean = 61e9, .sd = 1e9 };
	figures_withhold(j.m.figures, 2 * MADE_CELLS);
	perfstat_render(&j.in, &out);
	assert_string_equal(buf_text(&out), "");
	made_judged_release(&j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(several_runs_have_the_error_of_their_mean_with_two_digits_more_than_its_first),
		cmocka_unit_test(an_error_of_more_than_a_second_has_two_decimals),
		cmocka_unit_test(a_single_run_has_no_error),
		cmocka_unit_test(runs_that_all_took_the_same_time_have_none_either),
		cmocka_unit_test(what_is_no_time_has_no_line),
		cmocka_unit_test(short_ops_are_no_runs_that_anyone_would_time),
		cmocka_unit_test(ops_of_a_second_or_more_have_a_line_on_each_kernel),
		cmocka_unit_test(times_that_are_withheld_are_not_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
