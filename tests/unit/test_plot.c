/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "harness/report/plot.h"
#include "harness/report/table.h"
#include "tests/unit/made_plan.h"

#define READ "read block=ROW file_size=4k sharing=COLUMN threads=16"
#define SCRIPT "plots/throughput-by-block.gp"

static char dir[] = "/tmp/test_plot.XXXXXX";

static char *path_of(const char *name)
{
	return xasprintf("%s/%s", dir, name);
}

static int make_dir(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	static const char *const names[] = { "one.svg", "two.svg", "a.png", "bad.gp", "bad.svg" };
	char *path;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		path = path_of(names[i]);
		remove(path);
		free(path);
	}
	return rmdir(dir);
}

/* The unit tests do not need gnuplot to be built and run; what draws then says why it was left out. */
static bool have_gnuplot(void)
{
	struct stat st;
	const char *path = getenv("PATH");
	char *copy = xstrdup(path ? path : ""), *at = copy, *part, *file;
	bool found = false;

	while ((part = strsep(&at, ":")) && !found) {
		file = xasprintf("%s/gnuplot", part);
		found = !stat(file, &st);
		free(file);
	}
	free(copy);
	if (!found)
		print_message("gnuplot is not installed: nothing was drawn\n");
	return found;
}

static void data_are_means_bars_and_the_same_relative_to_the_first_line(void **state)
{
	struct buf out = BUF_INIT;
	struct made m;

	(void)state;
	made_init(&m, "baseline patched");
	made_table(&m, READ, "block", "1 1k", "sharing", "same diff");
	made_figures(&m);
	made_set(&m, 0, 0, 0, 0, METRIC_BYTES_PER_S, 10, 1);
	made_set(&m, 0, 0, 0, 1, METRIC_BYTES_PER_S, 25, NAN);
	made_set(&m, 0, 0, 1, 1, METRIC_BYTES_PER_S, 8, 16);	/* and nothing to be relative to */
	made_set(&m, 0, 1, 0, 0, METRIC_BYTES_PER_S, 30, 0);
	plot_data(&m.plan, 0, m.figures, METRIC_BYTES_PER_S, &out);
	assert_string_equal(buf_text(&out),
		"\"block\" \"label\" \"Baseline, same file\" \"low\" \"high\" \"relative\" \"low\" \"high\""
		" \"Baseline, diff files\" \"low\" \"high\" \"relative\" \"low\" \"high\"\n"
		"1 \"1\" 10 9 11 1 0.9 1.1 25 NaN NaN 2.5 NaN NaN\n"
		"1024 \"1k\" NaN NaN NaN NaN NaN NaN 8 0.8 24 NaN NaN NaN\n"
		"\n\n"
		"\"block\" \"label\" \"Patched, same file\" \"low\" \"high\" \"relative\" \"low\" \"high\""
		" \"Patched, diff files\" \"low\" \"high\" \"relative\" \"low\" \"high\"\n"
		"1 \"1\" 30 30 30 3 3 3 NaN NaN NaN NaN NaN NaN\n"
		"1024 \"1k\" NaN NaN NaN NaN NaN NaN NaN NaN NaN NaN NaN NaN\n");
	buf_release(&out);
	made_release(&m);
}

static void labels_that_would_touch_are_left_out_and_powers_of_two_come_first(void **state)
{
	struct buf rows = BUF_INIT, out = BUF_INIT;
	struct made m;
	int i;

	(void)state;
	for (i = 1; i <= 64; i++)
		buf_fmt(&rows, "%s%d", i > 1 ? " " : "", i);
	made_init(&m, "running");
	made_table(&m, "null threads=ROW", "threads", buf_text(&rows), NULL, NULL);
	made_figures(&m);
	plot_data(&m.plan, 0, m.figures, METRIC_OPS_PER_S, &out);
	for (i = 1; i <= 64; i *= 2) {
		buf_reset(&rows);
		buf_fmt(&rows, "\n%d \"%d\" ", i, i);
		assert_non_null(strstr(buf_text(&out), buf_text(&rows)));
	}
	assert_non_null(strstr(buf_text(&out), "\n3 \"3\" "));
	assert_non_null(strstr(buf_text(&out), "\n31 \"\" "));
	assert_non_null(strstr(buf_text(&out), "\n63 \"\" "));
	buf_release(&rows);
	buf_release(&out);
	made_release(&m);
}

static void names_cannot_end_their_quotes(void **state)
{
	struct buf out = BUF_INIT;
	struct made m;

	(void)state;
	made_init(&m, "a\"b\\c");
	made_table(&m, "null threads=ROW", "threads", "1", NULL, NULL);
	made_figures(&m);
	plot_data(&m.plan, 0, m.figures, METRIC_OPS_PER_S, &out);
	assert_non_null(strstr(buf_text(&out), " \"A b c\" "));
	buf_release(&out);
	made_release(&m);
}

static void only_block_sizes_and_threads_are_drawn(void **state)
{
	struct made m;

	(void)state;
	made_init(&m, "running");
	made_table(&m, READ, "block", "1", "sharing", "same");
	made_table(&m, "null threads=ROW", "threads", "1", NULL, NULL);
	made_table(&m, "read call=ROW", "call", "read", NULL, NULL);
	assert_string_equal(plot_script(&m.plan, 0), "throughput-by-block.gp");
	assert_string_equal(plot_script(&m.plan, 1), "throughput-by-threads.gp");
	assert_null(plot_script(&m.plan, 2));
	made_release(&m);
}

static void the_scripts_are_found_above_the_program_or_where_told(void **state)
{
	char *found;

	(void)state;
	setenv("FOLIOBENCH_PLOTS", "/some/where", 1);
	found = plot_scripts_dir();
	assert_string_equal(found, "/some/where");
	free(found);
	unsetenv("FOLIOBENCH_PLOTS");
}

static void read_all(const char *path, struct buf *out)
{
	assert_int_equal(buf_read_file(out, path), 0);
}

static void svg_is_the_same_to_the_byte_each_time(void **state)
{
	struct buf data = BUF_INIT, title = BUF_INIT, one = BUF_INIT, two = BUF_INIT;
	char *first = path_of("one.svg"), *second = path_of("two.svg");
	struct made m;

	(void)state;
	if (!have_gnuplot())
		skip();
	made_published(&m);
	plot_data(&m.plan, 0, m.figures, METRIC_BYTES_PER_S, &data);
	table_title(&m.plan, 0, &title);
	assert_int_equal(plot_draw(SCRIPT, data.s, title.s, "MiB/s", "svg", first), 0);
	setenv("LC_ALL", "de_DE.UTF-8", 1);
	setenv("GNUTERM", "dumb", 1);
	assert_int_equal(plot_draw(SCRIPT, data.s, title.s, "MiB/s", "svg", second), 0);
	unsetenv("LC_ALL");
	unsetenv("GNUTERM");
	read_all(first, &one);
	read_all(second, &two);
	assert_string_equal(buf_text(&one), buf_text(&two));
	assert_non_null(strstr(buf_text(&one), "16 threads, reads from 4k file(s)"));
	assert_non_null(strstr(buf_text(&one), "Patched, diff files"));
	assert_non_null(strstr(buf_text(&one), "block size (bytes)"));
	assert_non_null(strstr(buf_text(&one), "</svg>"));
	buf_release(&data);
	buf_release(&title);
	buf_release(&one);
	buf_release(&two);
	free(first);
	free(second);
	made_release(&m);
}

/* One point, missing points, a missing first line, no deviation, a zero: all are drawn. */
static void sparse_tables_are_drawn_too(void **state)
{
	static const struct {
		double same, diff, sd;
	} cases[] = {
		{ 1234, 1400, 50 }, { 1234, NAN, NAN }, { NAN, 1400, 50 }, { 1234, 0, 0 }, { 0, 5, 10 },
	};
	char *output = path_of("a.png");
	struct buf data = BUF_INIT;
	struct made m;
	size_t i, rows;

	(void)state;
	if (!have_gnuplot())
		skip();
	for (i = 0; i < 2 * sizeof(cases) / sizeof(cases[0]); i++) {
		rows = i % 2;
		made_init(&m, "running");
		made_table(&m, READ, "block", rows ? "1 4k" : "4k", "sharing", "same diff");
		made_figures(&m);
		if (!isnan(cases[i / 2].same))
			made_set(&m, 0, 0, 0, 0, METRIC_BYTES_PER_S, cases[i / 2].same, cases[i / 2].sd);
		if (!isnan(cases[i / 2].diff))
			made_set(&m, 0, 0, rows, 1, METRIC_BYTES_PER_S, cases[i / 2].diff, cases[i / 2].sd);
		buf_reset(&data);
		plot_data(&m.plan, 0, m.figures, METRIC_BYTES_PER_S, &data);
		assert_int_equal(plot_draw(SCRIPT, data.s, "a \"title\" with $1 `x` {y}_z", "MiB/s", "png", output), 0);
		assert_int_equal(unlink(output), 0);
		made_release(&m);
	}
	buf_release(&data);
	free(output);
}

static void a_failed_script_is_an_error_and_leaves_no_file(void **state)
{
	static const char bad[] = "set terminal svg\nset output ARG5\nplot nonsense(\n";
	char *script = path_of("bad.gp"), *output = path_of("bad.svg");
	FILE *f = fopen(script, "w");

	(void)state;
	assert_non_null(f);
	fputs(bad, f);
	fclose(f);
	if (!have_gnuplot())
		skip();
	assert_int_equal(plot_draw(script, "1 2\n", "t", "y", "svg", output), -1);
	assert_int_not_equal(access(output, F_OK), 0);
	assert_int_equal(plot_draw("/nowhere/x.gp", "1 2\n", "t", "y", "svg", output), -1);
	free(script);
	free(output);
}

static void without_gnuplot_drawing_is_an_error(void **state)
{
	char *path = xstrdup(getenv("PATH"));

	(void)state;
	setenv("PATH", "/nonexistent", 1);
	assert_int_equal(plot_draw(SCRIPT, "1 2\n", "t", "y", "dumb", NULL), -1);
	setenv("PATH", path, 1);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(data_are_means_bars_and_the_same_relative_to_the_first_line),
		cmocka_unit_test(labels_that_would_touch_are_left_out_and_powers_of_two_come_first),
		cmocka_unit_test(names_cannot_end_their_quotes),
		cmocka_unit_test(only_block_sizes_and_threads_are_drawn),
		cmocka_unit_test(the_scripts_are_found_above_the_program_or_where_told),
		cmocka_unit_test(svg_is_the_same_to_the_byte_each_time),
		cmocka_unit_test(sparse_tables_are_drawn_too),
		cmocka_unit_test(a_failed_script_is_an_error_and_leaves_no_file),
		cmocka_unit_test(without_gnuplot_drawing_is_an_error),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
