/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "harness/report/exact.h"
#include "harness/report/moved.h"
#include "harness/report/number.h"
#include "harness/report/predicted.h"
#include "harness/report/report.h"
#include "harness/report/table.h"
#include "harness/report/tables.h"
#include "tests/unit/made_counts.h"

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

static void expect(struct fixture *f, const char *want)
{
	assert_string_equal(buf_text(&f->out), want);
	buf_reset(&f->out);
}

static void expect_holds(const struct fixture *f, const char *want)
{
	if (!strstr(buf_text(&f->out), want))
		fail_msg("no \"%s\" in\n%s", want, buf_text(&f->out));
}

static void expect_lacks(const struct fixture *f, const char *unwanted)
{
	if (strstr(buf_text(&f->out), unwanted))
		fail_msg("\"%s\" in\n%s", unwanted, buf_text(&f->out));
}

static void predicted(struct fixture *f, enum metric metric)
{
	const struct table_style style = { .metric = metric, .percent = f->m.plan.nkernels > 1 };

	predicted_render(&f->p, 0, &style, &f->out);
}

static void all_tables(struct fixture *f, bool withheld)
{
	const struct tables_style style = { .metric = TABLES_METRIC, .percent = f->m.plan.nkernels > 1 };
	const struct report_input in = {
		.run = "run", .plan = &f->m.plan, .samples = &f->s, .figures = f->m.figures, .emulated = withheld,
	};

	if (withheld)
		figures_withhold(f->m.figures, f->m.plan.nkernels * f->m.plan.ncells);
	tables_render(&in, &style, &f->out);
}

static void check_range(double low, double high, const char *want)
{
	struct buf out = BUF_INIT;

	number_range(low, high, &out);
	assert_string_equal(buf_text(&out), want);
	buf_release(&out);
}

static void ranges_have_four_significant_digits_at_either_end(void **state)
{
	(void)state;
	check_range(26.1, 31.4159, "(26.10-31.42)");
	check_range(999.96, 38105.7, "(1000-38110)");
	check_range(0.0412, 0.5, "(0.041-0.500)");
	check_range(0, 1234567, "(0-1235000)");
	check_range(0.00012, 2, "(0.00012-2.000)");
}

static void the_predicted_table_of_two_kernels_reads_as_the_measured_one(void **state)
{
	struct fixture f;

	(void)state;
	setup(&f, "baseline patched");
	predicted(&f, METRIC_BYTES_PER_S);
	expect(&f,
	       "16 threads, reads from 4k file(s), MiB/s predicted for xeon-8480, 16 threads, from exact counts\n"
	       "calibrated model: figures in parentheses are the range over the machine file's plausible constants\n"
	       "\n"
	       " ----------------------------------------------------------------------------------------------------\n"
	       "| Block |  Baseline     |  Baseline      |  Patched      |  Patched       |  %change   |  %change    |\n"
	       "| size  |  same file    |  diff files    |  same file    |  diff files    |  same file |  diff files |\n"
	       " ----------------------------------------------------------------------------------------------------\n"
	       "|     1 |      10.96    |       27.59    |      30.43    |       30.43    |   +177.6%  |    +10.3%   |\n"
	       "|       | (8.769-14.62) |  (22.07-36.78) | (24.34-40.57) |  (24.34-40.57) |            |             |\n"
	       "|    32 |     350.8     |      882.8     |     973.6     |      973.6     |   +177.6%  |    +10.3%   |\n"
	       "|       | (280.6-467.7) |   (706.2-1177) |  (778.9-1298) |   (778.9-1298) |            |             |\n"
	       "|   256 |    2806       |     7062       |    7789       |     7789       |   +177.6%  |    +10.3%   |\n"
	       "|       |   (2245-3742) |    (5650-9417) |  (6231-10390) |   (6231-10390) |            |             |\n"
	       "|  1024 |   11220       |    28250       |   31160       |    31160       |   +177.6%  |    +10.3%   |\n"
	       "|       |  (8980-14970) |  (22600-37670) | (24930-41540) |  (24930-41540) |            |             |\n"
	       "|  4096 |   44900       |   113000       |   44900       |   124600       |      0.0%  |    +10.3%   |\n"
	       "|       | (35920-59870) | (90400-150700) | (35920-59870) | (99700-166200) |            |             |\n"
	       " ----------------------------------------------------------------------------------------------------\n"
	       "Fewest threads with 95% of the highest throughput, of 1 to 64:\n"
	       "  baseline: same file 4, diff files 64\n"
	       "  patched: same file 4 to 64, diff files 64\n");
	teardown(&f);
}

static void the_exact_table_has_old_new_and_difference_of_each_count(void **state)
{
	struct fixture f;

	(void)state;
	setup(&f, "baseline patched");
	exact_render(&f.p, 0, &f.out);
	expect(&f,
	       "Exact counts per op, 16 threads, reads from 4k file(s): baseline (old), patched (new)\n"
	       "\n"
	       " ------------------------------------------------------------------------------------------------\n"
	       "| Block | Sharing    | Kernel instructions | STAC/CLAC      | Atomics        | Transfers         |\n"
	       "| size  |            |  old   new  diff    | old  new  diff | old  new  diff |  old   new   diff |\n"
	       " ------------------------------------------------------------------------------------------------\n"
	       "|     1 | same file  | 1372  1098  -274    | 1/1  1/1     0 |   4    2    -2 | 1.97     0  -1.97 |\n"
	       "|       | diff files | 1372  1098  -274    | 1/1  1/1     0 |   4    2    -2 |    0     0      0 |\n"
	       "|    32 | same file  | 1388  1098  -290    | 1/1  1/1     0 |   4    2    -2 | 1.97     0  -1.97 |\n"
	       "|       | diff files | 1388  1098  -290    | 1/1  1/1     0 |   4    2    -2 |    0     0      0 |\n"
	       "|   256 | same file  | 1404  1098  -306    | 1/1  1/1     0 |   4    2    -2 | 1.97     0  -1.97 |\n"
	       "|       | diff files | 1404  1098  -306    | 1/1  1/1     0 |   4    2    -2 |    0     0      0 |\n"
	       "|  1024 | same file  | 1420  1098  -322    | 1/1  1/1     0 |   4    2    -2 | 1.97     0  -1.97 |\n"
	       "|       | diff files | 1420  1098  -322    | 1/1  1/1     0 |   4    2    -2 |    0     0      0 |\n"
	       "|  4096 | same file  | 1436  1436     0    | 1/1  1/1     0 |   4    4     0 | 1.97  1.97      0 |\n"
	       "|       | diff files | 1436  1436     0    | 1/1  1/1     0 |   4    4     0 |    0     0      0 |\n"
	       " ------------------------------------------------------------------------------------------------\n"
	       "Counted: 960 ops of each cell, all with exactly these counts.\n"
	       "Transfers: cache lines that move between cores. Which lines, and who touches them, is exact; how many "
	       "per op follows from interleaving the ops by virtual time on xeon-8480, 16 threads.\n");
	teardown(&f);
}

static void lines_that_move_are_named_with_their_functions_and_what_moves_none_is_said(void **state)
{
	struct fixture f;

	(void)state;
	setup(&f, "baseline patched");
	moved_render(&f.p, 0, &f.out);
	expect(&f,
	       "Lines that move most, transfers per op (xeon-8480, 16 threads):\n"
	       "  1.97  block 1 to 4k, same file, baseline: folio: reference count (page frame 0x11a2f), 16 threads\n"
	       "        50% atomic filemap_get_read_batch+0xd3, 50% atomic filemap_read+0x2f1\n"
	       "  1.97  block 4k, same file, patched:       folio: reference count (page frame 0x11a2f), 16 threads\n"
	       "        50% atomic filemap_get_read_batch+0xd3, 50% atomic filemap_read+0x2f1\n"
	       "baseline: no line moves with diff files\n"
	       "patched: no line moves with same file (block 1 to 1k), nor with diff files\n");
	teardown(&f);
}

/* Cell 0 moves one folio's count more often, cell 2 many folios', cell 4 much more of one, cell 6 another kind. */
static void lines_of_one_kind_are_told_once_where_they_move_about_as_often(void **state)
{
	struct prediction_record *p;
	struct fixture f;
	size_t i;

	(void)state;
	setup(&f, "baseline");
	p = f.s.prediction;
	p[0].line[0].per_op = p[0].transfers = 2.5;
	for (i = 0; i < 3; i++)
		made_mover(made_line(&p[2], "folio: reference count (page frame 0x99)", 0.125), "filemap_read", 0x300 + i, 0.125);
	p[4].line[0].per_op = p[4].transfers = 19.7;
	free(p[6].line[0].what);
	p[6].line[0].what = xstrdup("inode (by touch_atime)");
	moved_render(&f.p, 0, &f.out);
	expect(&f,
	       "Lines that move most, transfers per op (xeon-8480, 16 threads):\n"
	       "  2.34-2.50  block 1 to 32, same file, baseline: folio: reference count, 4 lines, 16 threads\n"
	       "        48% atomic filemap_read+0x2f1/+0x300/+0x301/..., 41% atomic filemap_get_read_batch+0xd3\n"
	       "      19.70  block 256, same file, baseline:     folio: reference count (page frame 0x11a2f), 16 threads\n"
	       "        5% atomic filemap_get_read_batch+0xd3, 5% atomic filemap_read+0x2f1\n"
	       "       1.97  block 1k, same file, baseline:      inode (by touch_atime), 16 threads\n"
	       "        50% atomic filemap_get_read_batch+0xd3, 50% atomic filemap_read+0x2f1\n"
	       "       1.97  block 4k, same file, baseline:      folio: reference count (page frame 0x11a2f), 16 threads\n"
	       "        50% atomic filemap_get_read_batch+0xd3, 50% atomic filemap_read+0x2f1\n"
	       "baseline: no line moves with diff files\n");
	teardown(&f);
}

static void one_kernel_has_its_counts_alone_and_unstable_ones_are_marked(void **state)
{
	struct fixture f;

	(void)state;
	setup(&f, "running");
	f.s.count[3].stable = false;
	f.s.count[3].at_mode = 903;
	f.s.count[3].share = 0.94062;
	f.s.count[5].modes = 2;
	f.s.count[5].count[COUNT_KERNEL_INSNS] = 1404.5;
	exact_render(&f.p, 0, &f.out);
	expect(&f,
	       "Exact counts per op, 16 threads, reads from 4k file(s): running\n"
	       "\n"
	       " ----------------------------------------------------------------------------\n"
	       "| Block | Sharing    | Kernel instructions | STAC/CLAC | Atomics | Transfers |\n"
	       "| size  |            |                     |           |         |           |\n"
	       " ----------------------------------------------------------------------------\n"
	       "|     1 | same file  |    1372             | 1/1       | 4       | 1.97      |\n"
	       "|       | diff files |    1372             | 1/1       | 4       |    0      |\n"
	       "|    32 | same file  |    1388             | 1/1       | 4       | 1.97      |\n"
	       "|       | diff files |    1388*            | 1/1       | 4       |    0      |\n"
	       "|   256 | same file  |    1404             | 1/1       | 4       | 1.97      |\n"
	       "|       | diff files | 1404.50             | 1/1       | 4       |    0      |\n"
	       "|  1024 | same file  |    1420             | 1/1       | 4       | 1.97      |\n"
	       "|       | diff files |    1420             | 1/1       | 4       |    0      |\n"
	       "|  4096 | same file  |    1436             | 1/1       | 4       | 1.97      |\n"
	       "|       | diff files |    1436             | 1/1       | 4       |    0      |\n"
	       " ----------------------------------------------------------------------------\n"
	       "* unstable: less than 95% of the ops have the most frequent counts; does not gate\n"
	       "Counted: 960 ops of each cell, 94.0% of them or more with exactly these counts.\n"
	       "Where threads differ from each other, the counts are the mean over them.\n"
	       "Transfers: cache lines that move between cores. Which lines, and who touches them, is exact; how many "
	       "per op follows from interleaving the ops by virtual time on xeon-8480, 16 threads.\n");
	predicted(&f, METRIC_BYTES_PER_S);
	expect_holds(&f, "|      882.8*    |\n");
	expect_holds(&f, "\n* unstable: less than 95% of the ops have the most frequent counts; does not gate\n");
	teardown(&f);
}

static void three_kernels_are_each_compared_with_the_first(void **state)
{
	struct fixture f;

	(void)state;
	setup(&f, "base one two");
	exact_render(&f.p, 0, &f.out);
	expect_holds(&f, "Exact counts per op, 16 threads, reads from 4k file(s): base (old), one (new)\n");
	expect_holds(&f, "Exact counts per op, 16 threads, reads from 4k file(s): base (old), two (new)\n");
	expect_lacks(&f, "one (old)");
	buf_reset(&f.out);
	predicted(&f, METRIC_BYTES_PER_S);
	expect_holds(&f, "|  %change   |  %change    |  %change   |  %change    |\n");
	buf_reset(&f.out);
	moved_render(&f.p, 0, &f.out);
	expect_holds(&f, "\ntwo: no line moves with same file (block 1 to 1k), nor with diff files\n");
	teardown(&f);
}

static void arm64_has_its_own_instructions_in_place_of_stac_and_clac(void **state)
{
	struct fixture f;
	size_t i;
	int c;

	(void)state;
	setup(&f, "baseline patched");
	for (i = 0; i < f.s.ncounts; i++) {
		f.s.count[i].arm64 = true;
		for (c = 0; c < NCOUNTS; c++)
			if (c != COUNT_KERNEL_INSNS)
				f.s.count[i].count[c] = count_exists((enum count)c, true) ? 0 : (double)NAN;
		f.s.count[i].count[COUNT_STTR] = i < 10 ? 64 : 32;
		f.s.count[i].count[COUNT_LSE] = 4;
	}
	exact_render(&f.p, 0, &f.out);
	expect_holds(&f,
	       " ------------------------------------------------------------------------------------------------------\n"
	       "| Block | Sharing    | Kernel insns     | PAN/LDTR/STTR           | LSE/exclusives | Transfers         |\n"
	       "| size  |            |  old   new  diff |    old     new     diff | old  new  diff |  old   new   diff |\n"
	       " ------------------------------------------------------------------------------------------------------\n"
	       "|     1 | same file  | 1372  1098  -274 | 0/0/64  0/0/32  0/0/-32 | 4/0  4/0     0 | 1.97     0  -1.97 |\n"
	       "|       | diff files | 1372  1098  -274 | 0/0/64  0/0/32  0/0/-32 | 4/0  4/0     0 |    0     0      0 |\n");
	expect_lacks(&f, "STAC");
	teardown(&f);
}

static void without_predictions_there_are_counts_and_neither_transfers_nor_a_predicted_table(void **state)
{
	struct fixture f;
	size_t i;

	(void)state;
	setup(&f, "baseline patched");
	for (i = 0; i < f.s.npredictions; i++)
		prediction_record_release(&f.s.prediction[i]);
	f.s.npredictions = 0;
	all_tables(&f, false);
	expect_holds(&f, "Exact counts per op");
	expect_holds(&f, "|   -    -     - |\n");
	expect_lacks(&f, "predicted");
	expect_lacks(&f, "Transfers:");
	expect_lacks(&f, "move");
	teardown(&f);
}

static void a_run_of_counts_alone_shows_no_table_of_times_and_misses_none(void **state)
{
	struct fixture f;

	(void)state;
	setup(&f, "baseline patched");
	all_tables(&f, true);
	assert_int_equal(strncmp(buf_text(&f.out), "16 threads, reads from 4k file(s), MiB/s predicted for", 54), 0);
	expect_lacks(&f, "emulat");
	expect_lacks(&f, "not measured");
	expect_lacks(&f, "StdDev");
	expect_lacks(&f, "not counted");
	teardown(&f);
}

static void cells_that_were_not_counted_are_named(void **state)
{
	struct fixture f;

	(void)state;
	setup(&f, "baseline patched");
	count_record_release(&f.s.count[19]);
	f.s.ncounts = 19;
	all_tables(&f, false);
	expect_holds(&f, "1 of 20 cells not counted (patched block=4k sharing=diff).\n");
	expect_holds(&f, "|  4096 |   44900       |   113000       |   44900       |       -       |      0.0%  |      -      |\n");
	expect_holds(&f, "|       | diff files | 1436     -     -    | 1/1    -     - |   4    -     - |    0     -      - |\n");
	teardown(&f);
}

static void times_that_were_measured_come_before_what_is_predicted(void **state)
{
	struct fixture f;

	(void)state;
	setup(&f, "baseline patched");
	made_set(&f.m, 0, 0, 0, 0, METRIC_BYTES_PER_S, 10.96, 0.497);
	f.s.n = 1;	/* there are samples, which notes_render() does not look into: none is oversubscribed */
	f.s.sample = xcalloc(1, sizeof(f.s.sample[0]));
	all_tables(&f, false);
	free(f.s.sample);
	f.s.sample = NULL;
	assert_int_equal(strncmp(buf_text(&f.out), "16 threads, reads from 4k file(s), mean MiB/s (StdDev)\n", 55), 0);
	expect_holds(&f, "\n\n16 threads, reads from 4k file(s), MiB/s predicted for xeon-8480, 16 threads, from exact counts\n");
	expect_holds(&f, "\n\nExact counts per op");
	expect_holds(&f, "19 of 20 cells not measured");
	teardown(&f);
}

static void of_emulation_only_the_verification_is_left_where_counts_say_more(void **state)
{
	struct fixture f;
	size_t i;

	(void)state;
	setup(&f, "baseline patched");
	for (i = 0; i < 20; i++) {
		made_set(&f.m, 0, i / 10, i % 10 / 2, i % 2, METRIC_BYTES_PER_S, 10, 1);
		f.m.figures[i].ops = 100;
	}
	f.s.n = 1;
	f.s.sample = xcalloc(1, sizeof(f.s.sample[0]));
	all_tables(&f, true);
	free(f.s.sample);
	f.s.sample = NULL;
	expect_lacks(&f, "|  emulated  |");
	expect_lacks(&f, "mean MiB/s");
	expect_holds(&f, "nor with diff files\n\nMeasured in emulation: times there are no performance and are withheld "
		     "(--show-emulated-times).\n"
		     "Verified: 1000 ops of 10 cells on baseline, 1000 ops of 10 cells on patched.\n");
	teardown(&f);
}

static void every_machine_has_its_predicted_table_and_the_first_one_the_transfers(void **state)
{
	struct fixture f;
	size_t i;

	(void)state;
	setup(&f, "baseline");
	for (i = 0; i < 10; i++)
		made_times(made_prediction(&f.m, &f.s, 0, made_cell(&f.m, 0, i), "epyc"), 100, 80, 120);
	all_tables(&f, false);
	expect_holds(&f, "predicted for xeon-8480, 16 threads");
	expect_holds(&f, "predicted for epyc, 16 threads");
	expect_holds(&f, "by virtual time on xeon-8480, 16 threads.\n");
	expect_lacks(&f, "by virtual time on epyc");
	teardown(&f);
}

static void ops_that_move_no_bytes_are_counted_in_ops_and_ns_are_ranged_the_other_way(void **state)
{
	struct fixture f;
	size_t i;

	(void)state;
	setup(&f, "baseline");
	assert_int_equal(predicted_metric(&f.p, 0), METRIC_BYTES_PER_S);
	for (i = 0; i < f.s.ncounts; i++)
		f.s.count[i].bytes_per_op = 0;
	assert_int_equal(predicted_metric(&f.p, 0), METRIC_OPS_PER_S);
	predicted(&f, METRIC_OPS_PER_S);
	expect_holds(&f, ", ops/s predicted for xeon-8480, 16 threads, from exact counts\n");
	expect_holds(&f, "|     1 |      11490000      |      28930000       |\n");
	expect_holds(&f, "|       | (9195000-15330000) | (23140000-38570000) |\n");
	buf_reset(&f.out);
	predicted(&f, METRIC_NS_PER_OP);
	expect_holds(&f, "|     1 |    1392     |     553.1     |\n");
	expect_holds(&f, "|       | (1044-1740) | (414.8-691.4) |\n");
	teardown(&f);
}

static void what_is_wide_or_much_is_shortened(void **state)
{
	static const char *const kinds[] = { "inode (by a)", "struct file", "kernel data 'jiffies'", "user memory" };
	struct prediction_record *p;
	struct fixture f;
	char name[64];
	size_t i;

	(void)state;
	setup(&f, "baseline");
	p = &f.s.prediction[1];
	for (i = 0; i < 4; i++)
		made_line(p, kinds[i], 0.5 - 0.1 * (double)i);
	for (i = 0; i < 7; i++) {
		snprintf(name, sizeof(name), "__x64_sys_function_%zu_of_long_name", i);
		made_mover(&p->line[0], name, i, i < 6 ? 0.08 - 0.001 * (double)i : 0.001);
	}
	p->line[3].threads = 1;
	made_mover(&p->line[1], "?", 0xffffffff81234567, 0.4);
	p->transfers += 0.25;
	p->lines_moved = 8;
	moved_render(&f.p, 0, &f.out);
	expect_holds(&f,
		"  0.50  block 1, diff files, baseline:      inode (by a), 16 threads\n"
		"        16% atomic __x64_sys_function_0_of_long_name+0x0,\n"
		"        16% atomic __x64_sys_function_1_of_long_name+0x1,\n"
		"        16% atomic __x64_sys_function_2_of_long_name+0x2,\n"
		"        15% atomic __x64_sys_function_3_of_long_name+0x3,\n"
		"        15% atomic __x64_sys_function_4_of_long_name+0x4, and 2 more\n"
		"  0.40  block 1, diff files, baseline:      struct file, 16 threads\n"
		"        100% atomic 0xffffffff81234567\n"
		"  0.30  block 1, diff files, baseline:      kernel data 'jiffies', 16 threads\n"
		"  0.25  block 1, diff files, baseline:      4 more lines\n");
	expect_holds(&f, "\nbaseline: no line moves with diff files (block 32 to 4k)\n");
	teardown(&f);
}

static void where_nothing_moves_that_is_all_that_is_said(void **state)
{
	struct fixture f;
	size_t i;

	(void)state;
	setup(&f, "baseline");
	for (i = 0; i < f.s.npredictions; i++)
		f.s.prediction[i].transfers = 0.004;
	moved_render(&f.p, 0, &f.out);
	expect(&f, "baseline: no line moves in any cell\n");
	teardown(&f);
}

/* A table over threads: no number of them holds for all of it, and its one column has no name. */
static void other_axes_are_labelled_by_what_they_are(void **state)
{
	static const char *const row[] = { "1", "2", "16" };
	struct prediction_record *p;
	struct fixture f = { 0 };
	size_t i;

	(void)state;
	made_init(&f.m, "running");
	made_table(&f.m, "null threads=ROW", "threads", "1 2 16", NULL, NULL);
	made_figures(&f.m);
	for (i = 0; i < 3; i++) {
		made_count(&f.m, &f.s, 0, made_cell(&f.m, 0, i), 100);
		p = made_prediction(&f.m, &f.s, 0, made_cell(&f.m, 0, i), MADE_MACHINE);
		p->threads = (uint32_t)atoi(row[i]);
		made_times(p, 100, 90, 110);
	}
	made_line(&f.s.prediction[2], "user memory", 0.25);
	f.p = (struct predicted){ .plan = &f.m.plan, .samples = &f.s, .machine = MADE_MACHINE };
	predicted(&f, predicted_metric(&f.p, 0));
	exact_render(&f.p, 0, &f.out);
	moved_render(&f.p, 0, &f.out);
	expect(&f,
	       "null, ops/s predicted for xeon-8480, from exact counts\n"
	       "calibrated model: figures in parentheses are the range over the machine file's plausible constants\n"
	       "\n"
	       " ---------------------------------\n"
	       "| Threads |  Running              |\n"
	       " ---------------------------------\n"
	       "|       1 |        10000000       |\n"
	       "|         |    (9091000-11110000) |\n"
	       "|       2 |        20000000       |\n"
	       "|         |   (18180000-22220000) |\n"
	       "|      16 |       160000000       |\n"
	       "|         | (145500000-177800000) |\n"
	       " ---------------------------------\n"
	       "Fewest threads with 95% of the highest throughput, of 1 to 64:\n"
	       "  running: 64\n"
	       "Exact counts per op, null: running\n"
	       "\n"
	       " -----------------------------------------------------------------\n"
	       "| Threads | Kernel instructions | STAC/CLAC | Atomics | Transfers |\n"
	       " -----------------------------------------------------------------\n"
	       "|       1 | 100                 | 1/1       | 4       |    0      |\n"
	       "|       2 | 100                 | 1/1       | 4       |    0      |\n"
	       "|      16 | 100                 | 1/1       | 4       | 0.25      |\n"
	       " -----------------------------------------------------------------\n"
	       "Counted: 960 ops of each cell, all with exactly these counts.\n"
	       "Transfers: cache lines that move between cores. Which lines, and who touches them, is exact; how many "
	       "per op follows from interleaving the ops by virtual time on xeon-8480.\n"
	       "Lines that move most, transfers per op (xeon-8480):\n"
	       "  0.25  16 threads, running: user memory, 16 threads\n"
	       "running: no line moves with threads 1 to 2\n");
	teardown(&f);
}

static void csv_has_a_line_for_each_count_and_each_figure_of_a_prediction(void **state)
{
	struct buf why = BUF_INIT;
	struct report_input in;
	struct fixture f;

	(void)state;
	setup(&f, "baseline");
	f.s.count[0].stable = false;
	in = (struct report_input){ .run = "run", .plan = &f.m.plan, .samples = &f.s, .figures = f.m.figures };
	report_find("csv", &why)->render(&in, &f.out);
#define AT "run,made,baseline,1530b5b0991e7932,read,1,4096,same,fixed,pread,16,"
	expect_holds(&f, "\r\n" AT "kernel_instructions,ops,960,1372,,,,,,,,,false,,false,,,,,,,,,\r\n");
	expect_holds(&f, "\r\n" AT "stac,ops,960,1,,,,,,,,,false,,false,,,,,,,,,\r\n");
	expect_holds(&f, "\r\n" AT "predicted_bytes_per_s,model,1,11494252.8735632,,,9195402.29885058,15325670.4980843,,,,,"
		     "false,xeon-8480,false,,,,,,,,,\r\n");
	expect_holds(&f, "\r\n" AT "predicted_ns_per_op,model,1,1392,,,1044,1740,,,,,false,xeon-8480,false,,,,,,,,,\r\n");
	expect_holds(&f, "\r\n" AT "transfers,model,1,1.97,,,,,,,,,false,xeon-8480,false,,,,,,,,,\r\n");
	expect_holds(&f, "\r\n" AT "knee,model,1,4,,,,,,,,,false,xeon-8480,false,,,,,,,,,\r\n");
	expect_lacks(&f, "ldtr");
	in.machine = "epyc";
	buf_reset(&f.out);
	report_find("csv", &why)->render(&in, &f.out);
	expect_lacks(&f, "model");
	expect_holds(&f, "stac");
	teardown(&f);
}

static void json_has_counts_and_predictions_beside_the_figures(void **state)
{
	json_t *json, *kernel, *other, *prediction;
	struct buf why = BUF_INIT;
	struct report_input in;
	struct fixture f;

	(void)state;
	setup(&f, "baseline");
	count_record_release(&f.s.count[9]);
	f.s.ncounts = 9;
	in = (struct report_input){ .run = "run", .plan = &f.m.plan, .samples = &f.s, .figures = f.m.figures };
	report_find("json", &why)->render(&in, &f.out);
	json = json_loadb(f.out.s, f.out.len, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(json);
	kernel = json_array_get(json_object_get(json_array_get(json_object_get(json, "cells"), 0), "kernels"), 0);
	assert_int_equal(json_integer_value(json_object_get(json_object_get(json_object_get(kernel, "count"), "counts"),
							    "kernel_instructions")), 1372);
	assert_null(json_object_get(json_object_get(kernel, "count"), "name"));
	prediction = json_array_get(json_object_get(kernel, "predictions"), 0);
	assert_string_equal(json_get_text(prediction, "machine"), MADE_MACHINE);
	assert_float_equal(json_number_value(json_object_get(json_object_get(prediction, "bytes_per_s"), "low")),
			   9195402.29885057, 1);
	assert_float_equal(json_number_value(json_object_get(prediction, "low")), 1044, 1e-9);
	assert_int_equal(json_array_size(json_object_get(prediction, "curve")), 7);
	other = json_array_get(json_object_get(json_array_get(json_object_get(json, "cells"), 9), "kernels"), 0);
	assert_true(json_is_null(json_object_get(other, "count")));
	prediction = json_array_get(json_object_get(other, "predictions"), 0);
	assert_true(json_is_null(json_object_get(prediction, "bytes_per_s")));	/* nobody knows how many an op moves */
	assert_false(json_is_null(json_object_get(prediction, "ops_per_s")));
	json_decref(json);
	teardown(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges_have_four_significant_digits_at_either_end),
		cmocka_unit_test(the_predicted_table_of_two_kernels_reads_as_the_measured_one),
		cmocka_unit_test(the_exact_table_has_old_new_and_difference_of_each_count),
		cmocka_unit_test(lines_that_move_are_named_with_their_functions_and_what_moves_none_is_said),
		cmocka_unit_test(lines_of_one_kind_are_told_once_where_they_move_about_as_often),
		cmocka_unit_test(one_kernel_has_its_counts_alone_and_unstable_ones_are_marked),
		cmocka_unit_test(three_kernels_are_each_compared_with_the_first),
		cmocka_unit_test(arm64_has_its_own_instructions_in_place_of_stac_and_clac),
		cmocka_unit_test(without_predictions_there_are_counts_and_neither_transfers_nor_a_predicted_table),
		cmocka_unit_test(a_run_of_counts_alone_shows_no_table_of_times_and_misses_none),
		cmocka_unit_test(cells_that_were_not_counted_are_named),
		cmocka_unit_test(times_that_were_measured_come_before_what_is_predicted),
		cmocka_unit_test(of_emulation_only_the_verification_is_left_where_counts_say_more),
		cmocka_unit_test(every_machine_has_its_predicted_table_and_the_first_one_the_transfers),
		cmocka_unit_test(ops_that_move_no_bytes_are_counted_in_ops_and_ns_are_ranged_the_other_way),
		cmocka_unit_test(what_is_wide_or_much_is_shortened),
		cmocka_unit_test(where_nothing_moves_that_is_all_that_is_said),
		cmocka_unit_test(other_axes_are_labelled_by_what_they_are),
		cmocka_unit_test(csv_has_a_line_for_each_count_and_each_figure_of_a_prediction),
		cmocka_unit_test(json_has_counts_and_predictions_beside_the_figures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
