/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "harness/report/plot.h"
#include "harness/report/predicted.h"
#include "harness/report/scaling.h"
#include "tests/unit/made_counts.h"
#include "tests/unit/scratch.h"

struct fixture {
	struct made m;
	struct samples s;
	struct predicted p;
	struct buf out;
};

static void setup(struct fixture *f, const char *kernels)
{
	*f = (struct fixture){ 0 };
	made_reads(&f->m, &f->s, kernels, MADE_MACHINE);
	f->p = (struct predicted){ .plan = &f->m.plan, .samples = &f->s, .machine = MADE_MACHINE };
}

static void teardown(struct fixture *f)
{
	made_counts_release(&f->s);
	made_release(&f->m);
	buf_release(&f->out);
}

static size_t times(const char *text, const char *what)
{
	size_t n = 0;

	for (; (text = strstr(text, what)); text++)
		n++;
	return n;
}

static void data_has_a_panel_a_row_and_a_set_a_kernel_with_the_knee_beside_the_curve(void **state)
{
	struct fixture f;

	(void)state;
	setup(&f, "baseline patched");
	f.m.plan.table[0].nrows = 1;
	f.s.prediction[1].npoints = 2;		/* a curve may be shorter than the others */
	scaling_data(&f.p, 0, METRIC_BYTES_PER_S, &f.out);
	assert_string_equal(buf_text(&f.out),
		"\"threads\" \"panel\" \"Baseline, same file\" \"-\" \"-\" \"knee\" \"-\" \"-\""
		" \"Baseline, diff files\" \"-\" \"-\" \"knee\" \"-\" \"-\"\n"
		"1 \"block 1\" 0.685110859 NaN NaN NaN NaN NaN 1.72423489 NaN NaN NaN NaN NaN\n"
		"2 \"block 1\" 1.37022172 NaN NaN NaN NaN NaN 3.44846978 NaN NaN NaN NaN NaN\n"
		"4 \"block 1\" 2.74044344 NaN NaN 2.74044344 NaN NaN NaN NaN NaN NaN NaN NaN\n"
		"8 \"block 1\" 2.74044344 NaN NaN NaN NaN NaN NaN NaN NaN NaN NaN NaN\n"
		"16 \"block 1\" 2.74044344 NaN NaN NaN NaN NaN NaN NaN NaN NaN NaN NaN\n"
		"32 \"block 1\" 2.74044344 NaN NaN NaN NaN NaN NaN NaN NaN NaN NaN NaN\n"
		"64 \"block 1\" 2.74044344 NaN NaN NaN NaN NaN NaN NaN NaN NaN NaN NaN\n"
		"\n\n"
		"\"threads\" \"panel\" \"Patched, same file\" \"-\" \"-\" \"knee\" \"-\" \"-\""
		" \"Patched, diff files\" \"-\" \"-\" \"knee\" \"-\" \"-\"\n"
		"1 \"block 1\" 1.9016437 NaN NaN NaN NaN NaN 1.9016437 NaN NaN NaN NaN NaN\n"
		"2 \"block 1\" 3.8032874 NaN NaN NaN NaN NaN 3.8032874 NaN NaN NaN NaN NaN\n"
		"4 \"block 1\" 7.60657481 NaN NaN NaN NaN NaN 7.60657481 NaN NaN NaN NaN NaN\n"
		"8 \"block 1\" 15.2131496 NaN NaN NaN NaN NaN 15.2131496 NaN NaN NaN NaN NaN\n"
		"16 \"block 1\" 30.4262992 NaN NaN NaN NaN NaN 30.4262992 NaN NaN NaN NaN NaN\n"
		"32 \"block 1\" 60.8525985 NaN NaN NaN NaN NaN 60.8525985 NaN NaN NaN NaN NaN\n"
		"64 \"block 1\" 121.705197 NaN NaN 121.705197 NaN NaN 121.705197 NaN NaN 121.705197 NaN NaN\n");
	f.m.plan.table[0].nrows = 5;
	teardown(&f);
}

static void a_panel_from_unstable_counts_says_so(void **state)
{
	struct fixture f;

	(void)state;
	setup(&f, "baseline patched");
	f.s.count[0].stable = false;
	scaling_data(&f.p, 0, METRIC_BYTES_PER_S, &f.out);
	/* both kernels' sets of the panel: by its name they are known to be of one */
	assert_int_equal(times(buf_text(&f.out), "\"block 1 (unstable counts)\""), 2 * 7);
	assert_int_equal(times(buf_text(&f.out), "(unstable counts)"), 2 * 7);
	teardown(&f);
}

static void units_are_those_of_the_metric(void **state)
{
	struct fixture f;

	(void)state;
	setup(&f, "baseline");
	scaling_data(&f.p, 0, METRIC_OPS_PER_S, &f.out);
	assert_non_null(strstr(buf_text(&f.out), "\n4 \"block 32\" 2873563.22 NaN NaN 2873563.22 NaN NaN 7231965.29 "));
	buf_reset(&f.out);
	scaling_data(&f.p, 0, METRIC_NS_PER_OP, &f.out);
	assert_non_null(strstr(buf_text(&f.out), "\n4 \"block 32\" 1392 NaN NaN 1392 NaN NaN 553.1 "));
	assert_non_null(strstr(buf_text(&f.out), "\n8 \"block 32\" 2784 NaN NaN NaN NaN NaN 553.1 "));
	teardown(&f);
}

static void no_panel_has_more_than_six_curves(void **state)
{
	struct fixture f;

	(void)state;
	setup(&f, "a b c");
	scaling_data(&f.p, 0, METRIC_OPS_PER_S, &f.out);
	assert_int_equal(times(buf_text(&f.out), "\"knee\""), 5 * 3 * 2);
	teardown(&f);
	setup(&f, "a b c d");
	scaling_data(&f.p, 0, METRIC_OPS_PER_S, &f.out);
	assert_int_equal(times(buf_text(&f.out), "\"knee\""), 5 * 4);	/* the first column alone */
	teardown(&f);
	setup(&f, "a b c d e f g h");
	scaling_data(&f.p, 0, METRIC_OPS_PER_S, &f.out);
	assert_int_equal(times(buf_text(&f.out), "\"knee\""), 5 * 6);
	teardown(&f);
}

static void of_many_rows_six_are_drawn_the_first_and_the_last_among_them(void **state)
{
	struct fixture f = { 0 };
	size_t i;

	(void)state;
	made_init(&f.m, "running");
	made_table(&f.m, "read block=ROW sharing=same threads=16", "block", "1 2 4 8 16 32 64 128 256 512", NULL, NULL);
	made_figures(&f.m);
	for (i = 0; i < 10; i++)
		made_curve(made_prediction(&f.m, &f.s, 0, made_cell(&f.m, 0, i), MADE_MACHINE), 4, 1e6);
	f.p = (struct predicted){ .plan = &f.m.plan, .samples = &f.s, .machine = MADE_MACHINE };
	assert_true(scaling_table(&f.p, 0));
	scaling_data(&f.p, 0, METRIC_OPS_PER_S, &f.out);
	assert_int_equal(times(buf_text(&f.out), "\"knee\""), 6);
	assert_non_null(strstr(buf_text(&f.out), "\n1 \"block 1\" 1000000 "));
	assert_non_null(strstr(buf_text(&f.out), "\n1 \"block 512\" 1000000 "));
	assert_null(strstr(buf_text(&f.out), "\"block 4\""));
	teardown(&f);
}

static void what_has_no_curve_has_no_panel_and_a_table_without_any_no_picture(void **state)
{
	struct fixture f;
	size_t i;

	(void)state;
	setup(&f, "baseline");
	f.s.prediction[2].npoints = f.s.prediction[3].npoints = 0;
	scaling_data(&f.p, 0, METRIC_OPS_PER_S, &f.out);
	assert_null(strstr(buf_text(&f.out), "block 32\""));
	assert_int_equal(times(buf_text(&f.out), "\"threads\""), 4);
	for (i = 0; i < f.s.npredictions; i++)
		f.s.prediction[i].npoints = 0;
	assert_false(scaling_table(&f.p, 0));
	f.p.machine = NULL;
	assert_false(scaling_table(&f.p, 0));
	teardown(&f);
}

static void the_title_names_the_machine_and_not_the_threads_of_the_table(void **state)
{
	struct fixture f;

	(void)state;
	setup(&f, "baseline");
	scaling_title(&f.p, 0, &f.out);
	assert_string_equal(buf_text(&f.out), "reads from 4k file(s), calibrated model for xeon-8480");
	buf_reset(&f.out);
	f.m.plan.table[0].title = xstrdup("16 threads");
	scaling_title(&f.p, 0, &f.out);
	assert_string_equal(buf_text(&f.out), "16 threads, calibrated model for xeon-8480");
	teardown(&f);
}

static void draw(struct fixture *f, const char *terminal, const char *file)
{
	struct buf title = BUF_INIT;

	buf_reset(&f->out);
	scaling_data(&f->p, 0, METRIC_BYTES_PER_S, &f->out);
	scaling_title(&f->p, 0, &title);
	assert_int_equal(plot_draw("plots/" SCALING_SCRIPT, buf_text(&f->out), buf_text(&title), "MiB/s", terminal, file), 0);
	buf_release(&title);
}

static void the_script_draws_all_panels_as_svg_and_as_png(void **state)
{
	struct buf svg = BUF_INIT;
	struct fixture f;
	char *file;

	(void)state;
	setenv("FOLIOBENCH_PLOTS", "plots", 1);	/* wherever this was built */
	if (plot_check())
		skip();
	setup(&f, "baseline patched");
	file = xasprintf("%s/scaling.svg", scratch_dir);
	draw(&f, "svg", file);
	assert_int_equal(buf_read_file(&svg, file), 0);
	assert_non_null(strstr(buf_text(&svg), ">reads from 4k file(s), calibrated model for xeon-8480<"));
	assert_non_null(strstr(buf_text(&svg), ">block 1<"));
	assert_non_null(strstr(buf_text(&svg), ">block 4k<"));
	assert_non_null(strstr(buf_text(&svg), ">Patched, diff files<"));
	assert_non_null(strstr(buf_text(&svg), ">95 % of the highest<"));
	assert_int_equal(times(buf_text(&svg), ">Baseline, same file</text>") +
			 times(buf_text(&svg), ">Baseline, same file</tspan>"), 1);	/* one legend for all panels */
	free(file);
	file = xasprintf("%s/scaling.png", scratch_dir);
	draw(&f, "png", file);
	buf_reset(&svg);
	assert_int_equal(buf_read_file(&svg, file), 0);
	assert_memory_equal(svg.s, "\x89PNG", 4);
	/* One panel, one curve. */
	f.m.plan.nkernels = 1;
	f.m.plan.table[0].nrows = 1;
	draw(&f, "png", file);
	f.m.plan.nkernels = 2;
	f.m.plan.table[0].nrows = 5;
	free(file);
	buf_release(&svg);
	teardown(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(data_has_a_panel_a_row_and_a_set_a_kernel_with_the_knee_beside_the_curve),
		cmocka_unit_test(a_panel_from_unstable_counts_says_so),
		cmocka_unit_test(units_are_those_of_the_metric),
		cmocka_unit_test(no_panel_has_more_than_six_curves),
		cmocka_unit_test(of_many_rows_six_are_drawn_the_first_and_the_last_among_them),
		cmocka_unit_test(what_has_no_curve_has_no_panel_and_a_table_without_any_no_picture),
		cmocka_unit_test(the_title_names_the_machine_and_not_the_threads_of_the_table),
		cmocka_unit_test(the_script_draws_all_panels_as_svg_and_as_png),
	};
	int failed;

	scratch_begin();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	scratch_end();
	return failed;
}
