/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "harness/report/number.h"
#include "harness/report/table.h"
#include "tests/unit/made_plan.h"

#define READ "read block=ROW file_size=4k sharing=COLUMN pattern=fixed call=pread threads=16"

/*
 * Where the published tables leave their own layout, cell by cell: line of the
 * file (from 1), cell between bars (from 0), what the rules give, what stands
 * there. Cell -1: the whole line.
 */
struct slip {
	unsigned line;
	int cell;
	const char *rule, *published, *why;
};

#define HEADER "set one blank to the left of the same heading two columns before"
#define TOO_FAR "set one place to the right of the point of its column"
#define NARROW "this column was made for five digits and never widened for 397400 in its last row: "
#define FOR_FIVE NARROW "aligned as if it held five, one blank too few before the number"
#define FOR_SIX NARROW "aligned for six, one blank too few behind the number"
#define ONE_SHORT NARROW "one character short"

static const struct slip slips_4k[] = {
	{ 5, 4, "  diff files ", " diff files  ", HEADER },
	{ 16, 2, "   (447.2)   ", "    (447.2)  ", TOO_FAR },
	{ 0 }
};

static const struct slip slips_1m[] = {
	{ 3, -1, " ---------------------------------------------------------------",
	  " --------------------------------------------------------------", ONE_SHORT },
	{ 4, 4, "  Patched    ", "  Patched   ", ONE_SHORT },
	{ 5, 4, "  diff files ", " diff files ", ONE_SHORT },
	{ 6, -1, " ---------------------------------------------------------------",
	  " ---------------------------------------------------------", "this rule was cut short" },
	{ 7, 4, "     30.36   ", "    30.36   ", FOR_FIVE },
	{ 8, 4, "     (0.089) ", "    (0.089) ", FOR_FIVE },
	{ 9, 4, "    975.8    ", "   975.8    ", FOR_FIVE },
	{ 10, 4, "     (1.095) ", "    (1.095) ", FOR_FIVE },
	{ 11, 4, "   7625      ", "   7625     ", FOR_SIX },
	{ 12, 4, "    (28.19)  ", "    (28.19) ", FOR_SIX },
	{ 13, 4, "  29180      ", "  29180     ", FOR_SIX },
	{ 14, 4, "    (83.66)  ", "    (83.66) ", FOR_SIX },
	{ 15, 4, "  99760      ", "  99760     ", FOR_SIX },
	{ 16, 4, "   (134.1)   ", "   (134.1)  ", FOR_SIX },
	{ 17, 4, " 397400      ", " 397400     ", FOR_SIX },
	{ 18, 4, "  (6107)     ", "  (6107)    ", FOR_SIX },
	{ 19, -1, " ---------------------------------------------------------------",
	  " --------------------------------------------------------------", ONE_SHORT },
	{ 0 }
};

static const struct slip *slip_at(const struct slip *slips, unsigned line, int cell)
{
	for (; slips->line; slips++)
		if (slips->line == line && slips->cell == cell)
			return slips;
	return NULL;
}

/* Equal to the character, but for a slip, which must be one: both sides as listed. */
static unsigned compare(const struct slip *slips, unsigned line, int cell, const char *ours, const char *published)
{
	const struct slip *slip = slip_at(slips, line, cell);

	assert_string_equal(ours, slip ? slip->rule : published);
	if (!slip)
		return 0;
	assert_string_equal(published, slip->published);
	assert_string_not_equal(slip->rule, slip->published);
	return 1;
}

static unsigned compare_line(const struct slip *slips, unsigned line, char *ours, char *published)
{
	unsigned found = 0;
	char *a, *b;
	int cell;

	if (*ours != '|' || *published != '|')
		return compare(slips, line, -1, ours, published);
	ours++;
	published++;
	for (cell = 0; ; cell++) {
		a = strsep(&ours, "|");
		b = strsep(&published, "|");
		assert_true(!a == !b);
		if (!a)
			return found;
		found += compare(slips, line, cell, a, b);
	}
}

static void compare_table(size_t table, const char *file, const struct slip *slips)
{
	const struct table_style style = { .metric = METRIC_BYTES_PER_S };
	struct buf ours = BUF_INIT, published = BUF_INIT;
	unsigned line = 0, found = 0, listed = 0;
	struct made m;
	char *a, *b, *at, *bt;

	made_published(&m);
	table_render(&m.plan, table, m.figures, &style, &ours);
	assert_int_equal(buf_read_file(&published, file), 0);
	a = ours.s;
	b = published.s;
	while (a && b) {
		at = strsep(&a, "\n");
		bt = strsep(&b, "\n");
		found += compare_line(slips, ++line, at, bt);
	}
	assert_null(a);
	assert_null(b);
	while (slips[listed].line)
		listed++;
	assert_int_equal(found, listed);
	buf_release(&ours);
	buf_release(&published);
	made_release(&m);
}

static void the_published_table_of_4k_files_is_reproduced_to_the_character_but_for_its_slips(void **state)
{
	(void)state;
	compare_table(0, "tests/published/table-4k.txt", slips_4k);
}

static void the_published_table_of_1m_files_is_reproduced_to_the_character_but_for_its_slips(void **state)
{
	(void)state;
	compare_table(1, "tests/published/table-1M.txt", slips_1m);
}

static void check_mean(double x, const char *want)
{
	struct buf out = BUF_INIT;

	number_mean(x, &out);
	assert_string_equal(buf_text(&out), want);
	buf_release(&out);
}

static void means_have_four_significant_digits_and_a_decimal_below_10000(void **state)
{
	(void)state;
	check_mean(10.96, "10.96");
	check_mean(30.4, "30.4");
	check_mean(7009.6, "7009.6");
	check_mean(7009.64, "7009.6");
	check_mean(9999.6, "9999.6");
	check_mean(9999.96, "10000");
	check_mean(10780.4, "10780");
	check_mean(99.996, "100");
	check_mean(99.994, "99.99");
	check_mean(1, "1");
	check_mean(3.14159, "3.142");
	check_mean(402400, "402400");
	check_mean(100, "100");
}

static void small_and_large_means_stay_readable(void **state)
{
	(void)state;
	check_mean(0, "0");
	check_mean(0.0123, "0.0123");
	check_mean(0.0123456, "0.01235");
	check_mean(0.00000123456, "0.000001235");
	check_mean(0.000000123456, "1.235e-07");
	check_mean(123456789012345, "123456789012345");
	check_mean(1e300, "1.000e+300");
	check_mean(INFINITY, "inf");
}

static void check_deviation(double x, const char *want)
{
	struct buf out = BUF_INIT;

	number_deviation(x, &out);
	assert_string_equal(buf_text(&out), want);
	buf_release(&out);
}

static void deviations_have_four_significant_digits_and_at_most_three_decimals(void **state)
{
	(void)state;
	check_deviation(0.497, "(0.497)");
	check_deviation(0.083, "(0.083)");
	check_deviation(0.13, "(0.130)");
	check_deviation(1.303, "(1.303)");
	check_deviation(9.99996, "(10.00)");
	check_deviation(28, "(28.00)");
	check_deviation(116, "(116.0)");
	check_deviation(999.94, "(999.9)");
	check_deviation(999.96, "(1000)");
	check_deviation(47188, "(47188)");
}

static void a_deviation_is_0_only_where_it_is(void **state)
{
	(void)state;
	check_deviation(0, "(0)");
	check_deviation(0.00042, "(0.00042)");
	check_deviation(0.0095, "(0.0095)");
	check_deviation(0.00999, "(0.010)");
	check_deviation(0.0000042, "(0.0000042)");
	check_deviation(1e-9, "(1.0e-09)");
	check_deviation(1e20, "(1.0e+20)");
	check_deviation(NAN, "(-)");
	check_deviation(INFINITY, "(inf)");
}

static void check_percent(double from, double to, const char *want)
{
	struct buf out = BUF_INIT;

	number_percent(from, to, &out);
	assert_string_equal(buf_text(&out), want);
	buf_release(&out);
}

static void percents_have_a_sign_but_for_zero(void **state)
{
	(void)state;
	check_percent(10.96, 27.56, "+151.5%");
	check_percent(103800, 102000, "-1.7%");
	check_percent(100, 100.04, "0.0%");
	check_percent(100, 99.97, "0.0%");
	check_percent(0, 5, "-");
	check_percent(5, 0, "-100.0%");
	check_percent(INFINITY, 5, "-");
	check_percent(5, INFINITY, "-");
}

/* The rendered table against its lines. */
static void expect(const struct made *m, const struct table_style *style, const char *want)
{
	struct buf out = BUF_INIT;

	table_render(&m->plan, 0, m->figures, style, &out);
	assert_string_equal(buf_text(&out), want);
	buf_release(&out);
}

static void one_kernel_has_two_columns_and_what_was_not_measured_is_no_zero(void **state)
{
	const struct table_style style = { .metric = METRIC_BYTES_PER_S };
	struct made m;

	(void)state;
	made_init(&m, "running");
	made_table(&m, READ, "block", "1 4k", "sharing", "same diff");
	made_figures(&m);
	made_set(&m, 0, 0, 0, 0, METRIC_BYTES_PER_S, 0.0123, 0.00012);
	made_set(&m, 0, 0, 0, 1, METRIC_BYTES_PER_S, 27.56, NAN);
	m.plan.table[0].cell[3] = -1;	/* and the cell before it has no figure */
	expect(&m, &style,
	       "16 threads, reads from 4k file(s), mean MiB/s (StdDev)\n"
	       "\n"
	       " ----------------------------------\n"
	       "| Block |  Running   |  Running    |\n"
	       "| size  |  same file |  diff files |\n"
	       " ----------------------------------\n"
	       "|     1 |   0.0123   |    27.56    |\n"
	       "|       |  (0.00012) |    (-)      |\n"
	       "|  4096 |   -        |     -       |\n"
	       "|       |            |             |\n"
	       " ----------------------------------\n");
	made_release(&m);
}

static void one_column_has_no_second_heading(void **state)
{
	const struct table_style style = { .metric = METRIC_OPS_PER_S };
	struct made m;

	(void)state;
	made_init(&m, "running");
	made_table(&m, "null threads=ROW", "threads", "1 2 16", NULL, NULL);
	made_figures(&m);
	made_set(&m, 0, 0, 0, 0, METRIC_OPS_PER_S, 12345678, 1234);
	made_set(&m, 0, 0, 1, 0, METRIC_OPS_PER_S, 23456789, 0);
	made_set(&m, 0, 0, 2, 0, METRIC_OPS_PER_S, 3.5, 0.25);
	expect(&m, &style,
	       "null, mean ops/s (StdDev)\n"
	       "\n"
	       " -------------------------\n"
	       "| Threads |  Running      |\n"
	       " -------------------------\n"
	       "|       1 | 12345678      |\n"
	       "|         |    (1234)     |\n"
	       "|       2 | 23456789      |\n"
	       "|         |       (0)     |\n"
	       "|      16 |        3.5    |\n"
	       "|         |       (0.250) |\n"
	       " -------------------------\n");
	made_release(&m);
}

static void percent_of_one_kernel_is_the_second_column_against_the_first(void **state)
{
	const struct table_style style = { .metric = METRIC_NS_PER_OP, .percent = true };
	struct made m;

	(void)state;
	made_init(&m, "running");
	made_table(&m, READ, "block", "1 32", "sharing", "same diff");
	made_figures(&m);
	made_set(&m, 0, 0, 0, 0, METRIC_NS_PER_OP, 1392, 62);
	made_set(&m, 0, 0, 0, 1, METRIC_NS_PER_OP, 553.6, 2.25);
	made_set(&m, 0, 0, 1, 0, METRIC_NS_PER_OP, 1392, 62);
	expect(&m, &style,
	       "16 threads, reads from 4k file(s), mean ns/op (StdDev)\n"
	       "\n"
	       " --------------------------------------------------\n"
	       "| Block |  Running   |  Running    |  %change      |\n"
	       "| size  |  same file |  diff files |  same to diff |\n"
	       " --------------------------------------------------\n"
	       "|     1 |  1392      |   553.6     |     -60.2%    |\n"
	       "|       |   (62.00)  |    (2.250)  |               |\n"
	       "|    32 |  1392      |     -       |       -       |\n"
	       "|       |   (62.00)  |             |               |\n"
	       " --------------------------------------------------\n");
	made_release(&m);
}

static void percent_of_two_kernels_is_the_second_against_the_first_in_every_column(void **state)
{
	const struct table_style style = { .metric = METRIC_BYTES_PER_S, .percent = true };
	struct buf out = BUF_INIT;
	struct made m;

	(void)state;
	made_published(&m);
	table_render(&m.plan, 0, m.figures, &style, &out);
	assert_non_null(strstr(buf_text(&out), "|  Patched    |  %change   |  %change    |\n"));
	assert_non_null(strstr(buf_text(&out), "|  diff files |  same file |  diff files |\n"));
	assert_non_null(strstr(buf_text(&out), "|     30.4    |   +177.6%  |    +10.3%   |\n"));
	assert_non_null(strstr(buf_text(&out), "|     (0.158) |            |             |\n"));
	assert_non_null(strstr(buf_text(&out), "| 102000      |    +10.8%  |     -1.7%   |\n"));
	buf_release(&out);
	made_release(&m);
}

/* As it was published, but for the figures. */
static void what_is_withheld_is_said_to_be_emulated_in_its_place(void **state)
{
	const struct table_style style = { .metric = METRIC_BYTES_PER_S, .percent = true };
	struct made m;

	(void)state;
	made_init(&m, "baseline patched");
	made_table(&m, "read block=ROW file_size=4k sharing=COLUMN threads=16", "block", "1 4k", "sharing", "same diff");
	made_figures(&m);
	made_set(&m, 0, 0, 0, 0, METRIC_BYTES_PER_S, 10.96, 0.497);
	made_set(&m, 0, 0, 0, 1, METRIC_BYTES_PER_S, 27.56, 0.114);
	made_set(&m, 0, 0, 1, 0, METRIC_BYTES_PER_S, 43700, 1953);
	made_set(&m, 0, 1, 0, 0, METRIC_BYTES_PER_S, 30.42, 0.130);
	made_set(&m, 0, 1, 1, 1, METRIC_BYTES_PER_S, 0, 0);
	figures_withhold(m.figures, 8);
	expect(&m, &style,
		"16 threads, reads from 4k file(s), mean MiB/s (StdDev)\n"
		"\n"
		" -------------------------------------------------------------\n"
		"| Block |  Baseline  |  Baseline   |  Patched   |  Patched    |\n"
		"| size  |  same file |  diff files |  same file |  diff files |\n"
		" -------------------------------------------------------------\n"
		"|     1 |  emulated  |   emulated  |  emulated  |          -  |\n"
		"|       |            |             |            |             |\n"
		"|  4096 |  emulated  |          -  |         -  |   emulated  |\n"
		"|       |            |             |            |             |\n"
		" -------------------------------------------------------------\n");
	made_release(&m);
}

static void emulated_times_are_said_to_be_no_performance_where_they_are_shown(void **state)
{
	const struct table_style style = { .metric = METRIC_BYTES_PER_S, .percent = true, .emulated_times = true };
	struct buf out = BUF_INIT;
	struct made m;

	(void)state;
	made_published(&m);
	table_render(&m.plan, 0, m.figures, &style, &out);
	assert_int_equal(strncmp(buf_text(&out), "16 threads, reads from 4k file(s), mean MiB/s (StdDev) (emulated times, "
				 "no performance)\n\n", 89), 0);
	assert_non_null(strstr(buf_text(&out), "|     30.4    |   +177.6%  |    +10.3%   |\n"));
	buf_release(&out);
	made_release(&m);
}

static void words_stand_left_and_numbered_axes_say_what_they_count(void **state)
{
	const struct table_style style = { .metric = METRIC_BYTES_PER_S };
	struct made m;

	(void)state;
	made_init(&m, "running");
	made_table(&m, "read block=4k file_size=1M sharing=same call=ROW threads=COLUMN", "call", "pread read",
		   "threads", "1 16");
	made_figures(&m);
	expect(&m, &style,
	       "reads of 4k from one 1M file, mean MiB/s (StdDev)\n"
	       "\n"
	       " ---------------------------------\n"
	       "| Call  |  Running  |  Running    |\n"
	       "|       |  1 thread |  16 threads |\n"
	       " ---------------------------------\n"
	       "| pread |     -     |      -      |\n"
	       "|       |           |             |\n"
	       "| read  |     -     |      -      |\n"
	       "|       |           |             |\n"
	       " ---------------------------------\n");
	made_release(&m);
}

static void check_label(const char *axis, const char *value, const char *want)
{
	struct buf out = BUF_INIT;

	table_label(axis, value, &out);
	assert_string_equal(buf_text(&out), want);
	buf_release(&out);
}

static void labels_name_what_a_bare_number_would_not(void **state)
{
	(void)state;
	check_label("sharing", "same", "same file");
	check_label("sharing", "diff", "diff files");
	check_label("sharing", "other", "other");
	check_label("threads", "1", "1 thread");
	check_label("block", "4k", "block 4k");
	check_label("file_size", "1M", "file size 1M");
	check_label("source", "cold", "cold");
	check_label("ops", "100", "ops 100");
	check_label("memory", "node:1", "node:1");
}

static void check_title(struct made *m, size_t table, const char *want)
{
	struct buf out = BUF_INIT;

	table_title(&m->plan, table, &out);
	assert_string_equal(buf_text(&out), want);
	buf_release(&out);
}

static void titles_say_what_the_cells_share(void **state)
{
	struct made m;

	(void)state;
	made_init(&m, "running");
	made_table(&m, "write block=ROW file_size=4k sharing=COLUMN source=cold threads=1", "block", "1 32", "sharing",
		   "same diff");
	made_table(&m, "read block=4k file_size=1M sharing=COLUMN threads=ROW", "threads", "1 2", "sharing",
		   "same diff");
	made_table(&m, "read block=1k file_size=ROW sharing=diff threads=2", "file_size", "4k 1M", NULL, NULL);
	made_table(&m, "null threads=8", "threads", "8", NULL, NULL);
	made_table(&m, "fault size=ROW threads=3", "size", "8", NULL, NULL);
	made_table(&m, READ, "block", "2", "sharing", "same diff");
	m.plan.table[5].title = xstrdup("Mine");
	made_table(&m, "read block=1 file_size=4k sharing=COLUMN threads=ROW", "threads", "1 2", "sharing",
		   "same diff");
	made_table(&m, "read block=256 file_size=512 sharing=same threads=ROW", "threads", "1 2", NULL, NULL);
	check_title(&m, 0, "1 thread, writes to 4k file(s)");
	check_title(&m, 1, "reads of 4k from 1M file(s)");
	check_title(&m, 2, "2 threads, reads of 1k from files");
	check_title(&m, 3, "null");
	check_title(&m, 4, "3 threads, fault");
	check_title(&m, 5, "Mine");
	check_title(&m, 6, "reads of 1 byte from 4k file(s)");
	check_title(&m, 7, "reads of 256 bytes from one 512 byte file");
	made_release(&m);
}

static void tables_of_one_title_are_told_apart_by_what_differs(void **state)
{
	struct made m;

	(void)state;
	made_init(&m, "running");
	made_table(&m, "write block=ROW file_size=4k sharing=COLUMN source=resident pattern=fixed threads=16", "block",
		   "1 32", "sharing", "same diff");
	made_table(&m, "write block=ROW file_size=4k sharing=COLUMN source=cold pattern=fixed threads=16", "block",
		   "1 32", "sharing", "same diff");
	made_table(&m, "write block=ROW file_size=1M sharing=COLUMN source=cold pattern=fixed threads=16", "block",
		   "1 32", "sharing", "same diff");
	check_title(&m, 0, "16 threads, writes to 4k file(s), source=resident");
	check_title(&m, 1, "16 threads, writes to 4k file(s), source=cold");
	check_title(&m, 2, "16 threads, writes to 1M file(s)");
	made_release(&m);
}

static void a_table_that_moved_no_bytes_is_shown_in_ops(void **state)
{
	struct made m;

	(void)state;
	made_init(&m, "running");
	made_table(&m, "null threads=ROW", "threads", "1 2", NULL, NULL);
	made_figures(&m);
	assert_int_equal(table_metric(&m.plan, 0, m.figures), METRIC_BYTES_PER_S);
	made_set(&m, 0, 0, 0, 0, METRIC_BYTES_PER_S, 0, 0);
	assert_int_equal(table_metric(&m.plan, 0, m.figures), METRIC_OPS_PER_S);
	made_set(&m, 0, 0, 1, 0, METRIC_BYTES_PER_S, 1, 0)->bytes = 5;
	assert_int_equal(table_metric(&m.plan, 0, m.figures), METRIC_BYTES_PER_S);
	figures_withhold(m.figures, 2);		/* the rate is gone, what was moved is not */
	assert_int_equal(table_metric(&m.plan, 0, m.figures), METRIC_BYTES_PER_S);
	m.figures[1].bytes = 0;
	assert_int_equal(table_metric(&m.plan, 0, m.figures), METRIC_OPS_PER_S);
	made_release(&m);
}

static void parameters_are_numbers_only_where_they_are(void **state)
{
	uint64_t n = 7;

	(void)state;
	assert_true(number_parameter("block", "4k", &n) && n == 4096);
	assert_true(number_parameter("threads", "16", &n) && n == 16);
	assert_false(number_parameter("source", "4k", &n));
	assert_false(number_parameter("block", "big", &n));
	assert_false(number_parameter("placement", "0,2", &n));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_published_table_of_4k_files_is_reproduced_to_the_character_but_for_its_slips),
		cmocka_unit_test(the_published_table_of_1m_files_is_reproduced_to_the_character_but_for_its_slips),
		cmocka_unit_test(means_have_four_significant_digits_and_a_decimal_below_10000),
		cmocka_unit_test(small_and_large_means_stay_readable),
		cmocka_unit_test(deviations_have_four_significant_digits_and_at_most_three_decimals),
		cmocka_unit_test(a_deviation_is_0_only_where_it_is),
		cmocka_unit_test(percents_have_a_sign_but_for_zero),
		cmocka_unit_test(one_kernel_has_two_columns_and_what_was_not_measured_is_no_zero),
		cmocka_unit_test(one_column_has_no_second_heading),
		cmocka_unit_test(percent_of_one_kernel_is_the_second_column_against_the_first),
		cmocka_unit_test(percent_of_two_kernels_is_the_second_against_the_first_in_every_column),
		cmocka_unit_test(what_is_withheld_is_said_to_be_emulated_in_its_place),
		cmocka_unit_test(emulated_times_are_said_to_be_no_performance_where_they_are_shown),
		cmocka_unit_test(words_stand_left_and_numbered_axes_say_what_they_count),
		cmocka_unit_test(labels_name_what_a_bare_number_would_not),
		cmocka_unit_test(titles_say_what_the_cells_share),
		cmocka_unit_test(tables_of_one_title_are_told_apart_by_what_differs),
		cmocka_unit_test(a_table_that_moved_no_bytes_is_shown_in_ops),
		cmocka_unit_test(parameters_are_numbers_only_where_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
