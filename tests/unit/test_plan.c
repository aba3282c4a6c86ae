/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness/plan/catalogue.h"
#include "harness/plan/job.h"
#include "harness/plan/plan.h"
#include "lib/buf.h"

#define TOP "job: j\ncells:\n  - workload: read\n"	/* a group's keys go into line 4 */
#define CPUS 6

static struct catalogue catalogue;

static int load_catalogue(void **state)
{
	struct buf text = BUF_INIT, why = BUF_INIT;
	int ret;

	(void)state;
	if (buf_read_file(&text, "tests/unit/data/describe.json"))
		return -1;
	ret = catalogue_parse(text.s, text.len, &catalogue, &why);
	buf_release(&text);
	buf_release(&why);
	return ret;
}

static int drop_catalogue(void **state)
{
	(void)state;
	catalogue_release(&catalogue);
	return 0;
}

static int try_plan(const char *text, const char *assignment, struct plan *plan, struct buf *why)
{
	const struct plan_machine machine = { .cpus = CPUS };
	struct job job;
	int ret;

	if (job_parse("job.yaml", text, strlen(text), &job, why))
		fail_msg("%s", buf_text(why));
	if (assignment && job_set(&job, &catalogue, assignment, why))
		fail_msg("%s", buf_text(why));
	ret = plan_make(&job, &catalogue, &machine, plan, why);
	job_release(&job);
	return ret;
}

static void make_set(const char *text, const char *assignment, struct plan *plan)
{
	struct buf why = BUF_INIT;

	if (try_plan(text, assignment, plan, &why))
		fail_msg("%s", buf_text(&why));
}

static void make(const char *text, struct plan *plan)
{
	make_set(text, NULL, plan);
}

static void expect_set(const char *text, const char *assignment, const char *complaint)
{
	struct buf why = BUF_INIT;
	struct plan plan;

	assert_int_equal(try_plan(text, assignment, &plan, &why), -1);
	assert_string_equal(buf_text(&why), complaint);
	buf_release(&why);
}

static void expect(const char *text, const char *complaint)
{
	expect_set(text, NULL, complaint);
}

static void join(struct buf *out, char *const *text, size_t n, const char *between)
{
	size_t i;

	for (i = 0; i < n; i++)
		buf_fmt(out, "%s%s", i ? between : "", text[i]);
}

/* "block: 1 4k | sharing: same diff | 0 1 2 3": a table in one line. */
static void expect_table(const struct plan *plan, size_t which, const char *expected)
{
	const struct plan_table *t = &plan->table[which];
	struct buf out = BUF_INIT;
	size_t i;

	assert_true(which < plan->ntables);
	buf_fmt(&out, "%s: ", t->rows);
	join(&out, t->row, t->nrows, " ");
	buf_fmt(&out, " | %s: ", t->columns ? t->columns : "-");
	join(&out, t->column, t->ncolumns, " ");
	buf_str(&out, " |");
	for (i = 0; i < t->nrows * t->ncolumns; i++)
		buf_fmt(&out, " %d", t->cell[i]);
	assert_string_equal(buf_text(&out), expected);
	buf_release(&out);
}

static void two_axes_become_rows_and_columns_in_the_order_written(void **state)
{
	struct plan plan;

	(void)state;
	make(TOP "    block: [1, 4k]\n    sharing: [same, diff]\n", &plan);
	assert_int_equal(plan.ncells, 4);
	assert_int_equal(plan.ntables, 1);
	assert_null(plan.table[0].title);
	expect_table(&plan, 0, "block: 1 4k | sharing: same diff | 0 1 2 3");
	assert_string_equal(plan.cell[1].name, "read block=1 file_size=4k sharing=diff pattern=fixed call=pread "
			    "threads=1 placement=smt-last memory=local ops=0 fs=any");
	plan_release(&plan);
	make(TOP "    sharing: [same, diff]\n    block: [1, 4k]\n", &plan);
	expect_table(&plan, 0, "sharing: same diff | block: 1 4k | 0 1 2 3");
	plan_release(&plan);
}

static void rows_and_columns_name_other_axes(void **state)
{
	struct plan plan;

	(void)state;
	make(TOP "    block: [1, 4k]\n    sharing: [same, diff]\n    rows: sharing\n", &plan);
	expect_table(&plan, 0, "sharing: same diff | block: 1 4k | 0 1 2 3");
	plan_release(&plan);
	make(TOP "    block: [1, 4k]\n    sharing: [same, diff]\n    columns: block\n", &plan);
	expect_table(&plan, 0, "sharing: same diff | block: 1 4k | 0 1 2 3");
	plan_release(&plan);
	make(TOP "    block: [1, 4k]\n    sharing: [same, diff]\n    columns: sharing\n    rows: block\n", &plan);
	expect_table(&plan, 0, "block: 1 4k | sharing: same diff | 0 1 2 3");
	plan_release(&plan);
}

static void with_one_axis_there_is_one_column_unless_it_is_the_columns(void **state)
{
	struct plan plan;

	(void)state;
	make(TOP "    block: [1, 4k]\n", &plan);
	expect_table(&plan, 0, "block: 1 4k | -:  | 0 1");
	plan_release(&plan);
	make(TOP "    sharing: [same, diff]\n    columns: sharing\n", &plan);
	expect_table(&plan, 0, "block: 4k | sharing: same diff | 0 1");
	plan_release(&plan);
	make(TOP "    block: [1, 2]\n    columns: block\n", &plan);
	expect_table(&plan, 0, "threads: 1 | block: 1 2 | 0 1");
	plan_release(&plan);
	make("job: j\ncells:\n  - workload: null\n    threads: [1, 2]\n    columns: threads\n", &plan);
	expect_table(&plan, 0, "placement: smt-last | threads: 1 2 | 0 1");
	plan_release(&plan);
}

static void without_axes_a_group_is_a_table_of_one_cell(void **state)
{
	struct plan plan;

	(void)state;
	make(TOP "    block: 32\n  - workload: null\n    threads: 2\n", &plan);
	assert_int_equal(plan.ntables, 2);
	expect_table(&plan, 0, "block: 32 | -:  | 0");
	expect_table(&plan, 1, "threads: 2 | -:  | 1");
	assert_string_equal(plan.cell[1].name, "null threads=2 placement=smt-last memory=local ops=0 fs=any");
	plan_release(&plan);
}

static void further_axes_split_a_group_into_tables(void **state)
{
	struct plan plan;

	(void)state;
	make(TOP "    title: reads\n    file_size: [4k, 1M]\n    block: [1, 2]\n    pattern: [fixed, random]\n"
	     "    sharing: [same, diff]\n    rows: block\n    columns: sharing\n", &plan);
	assert_int_equal(plan.ntables, 4);
	assert_int_equal(plan.ncells, 16);
	assert_string_equal(plan.table[0].title, "reads, file_size=4k, pattern=fixed");
	assert_string_equal(plan.table[1].title, "reads, file_size=4k, pattern=random");
	assert_string_equal(plan.table[3].title, "reads, file_size=1M, pattern=random");
	expect_table(&plan, 0, "block: 1 2 | sharing: same diff | 0 1 2 3");
	expect_table(&plan, 3, "block: 1 2 | sharing: same diff | 12 13 14 15");
	plan_release(&plan);
	make(TOP "    title: reads\n    block: [1, 2]\n    sharing: [same]\n    pattern: [random]\n", &plan);
	assert_string_equal(plan.table[0].title, "reads");
	plan_release(&plan);
}

static void a_cell_in_two_tables_is_measured_once(void **state)
{
	struct plan plan;

	(void)state;
	make(TOP "    block: [1, 2, 4k]\n  - workload: read\n    block: [4096, 2]\n    sharing: [same, diff]\n", &plan);
	assert_int_equal(plan.ncells, 5);
	expect_table(&plan, 0, "block: 1 2 4k | -:  | 0 1 2");
	expect_table(&plan, 1, "block: 4k 2 | sharing: same diff | 2 3 1 4");
	plan_release(&plan);
}

static void a_cell_cannot_be_measured_in_two_ways(void **state)
{
	(void)state;
	expect(TOP "    dir: /a\n  - workload: read\n    dir: /b\n",
	       "job.yaml:5:15: cell 'read block=4k file_size=4k sharing=same pattern=fixed call=pread threads=1 "
	       "placement=smt-last memory=local ops=0 fs=any' is also in the group at line 3, with another dir or "
	       "seed: a cell is measured in one way only");
}

static void expect_argv(const struct plan_cell *c, const char *expected)
{
	struct buf out = BUF_INIT;
	size_t n = 0;

	while (c->argv[n])
		n++;
	join(&out, c->argv, n, " ");
	assert_string_equal(buf_text(&out), expected);
	buf_release(&out);
}

static void arguments_are_the_whole_identity_and_then_what_the_job_says_of_where(void **state)
{
#define IDENTITY "read block=4k file_size=1M sharing=same pattern=fixed call=pread threads=6 placement=0,2 " \
		 "memory=node:1 ops=0 fs=any"
	static const char text[] = "job: j\ndir: /top\n" "cells:\n  - workload: read\n    block: 4096\n    threads: cpus\n"
				   "    file_size: 1024k\n    placement: 0,2\n    memory: node:1\n    seed: 7\n";
	struct plan plan;

	(void)state;
	make(text, &plan);
	assert_string_equal(plan.cell[0].name, IDENTITY);
	expect_argv(&plan.cell[0], IDENTITY " dir=/top seed=7");
	plan_release(&plan);
	make_set(text, "dir=/set it", &plan);
	expect_argv(&plan.cell[0], IDENTITY " dir=/set it seed=7");
	plan_release(&plan);
	make("dir: /top\n" TOP "    dir: /own\n", &plan);
	assert_string_equal(plan.cell[0].argv[11], "dir=/own");
	assert_null(plan.cell[0].argv[12]);
	plan_release(&plan);
#undef IDENTITY
}

static void ranges_double_and_end_exactly_at_their_end(void **state)
{
	struct plan plan;

	(void)state;
	make(TOP "    threads: 1..cpus\n", &plan);
	expect_table(&plan, 0, "threads: 1 2 4 6 | -:  | 0 1 2 3");
	plan_release(&plan);
	make(TOP "    threads: 1..8\n", &plan);
	expect_table(&plan, 0, "threads: 1 2 4 8 | -:  | 0 1 2 3");
	plan_release(&plan);
	make(TOP "    threads: cpus..13\n", &plan);
	expect_table(&plan, 0, "threads: 6 12 13 | -:  | 0 1 2");
	plan_release(&plan);
	make(TOP "    block: 1k..5k\n    file_size: 8k\n", &plan);
	expect_table(&plan, 0, "block: 1k 2k 4k 5k | -:  | 0 1 2 3");
	plan_release(&plan);
	make(TOP "    threads: 3..3\n", &plan);
	expect_table(&plan, 0, "threads: 3 | -:  | 0");
	plan_release(&plan);
	make(TOP "    ops: 1099511627775..1099511627776\n", &plan);
	expect_table(&plan, 0, "ops: 1099511627775 1099511627776 | -:  | 0 1");
	plan_release(&plan);
	make(TOP "    threads: [1..4, 16, cpus]\n", &plan);
	expect_table(&plan, 0, "threads: 1 2 4 16 6 | -:  | 0 1 2 3 4");
	plan_release(&plan);
}

static void what_cpus_makes_may_coincide_with_other_values(void **state)
{
	struct plan plan;

	(void)state;
	make(TOP "    threads: [6, cpus]\n", &plan);
	expect_table(&plan, 0, "threads: 6 | -:  | 0");
	plan_release(&plan);
	make(TOP "    threads: [cpus, 6, 1..cpus, 4]\n", &plan);
	expect_table(&plan, 0, "threads: 6 1 2 4 | -:  | 0 1 2 3");
	plan_release(&plan);
	expect(TOP "    threads: [cpus, 6, 6]\n", "job.yaml:4:24: threads: '6' is given twice");
}

static void wrong_ranges_are_told_with_their_place(void **state)
{
	(void)state;
	expect(TOP "    threads: 8..cpus\n",
	       "job.yaml:4:14: threads: the range '8..cpus' ends before it starts (on this machine, `cpus` is 6)");
	expect(TOP "    threads: [1, 4..2]\n", "job.yaml:4:18: threads: the range '4..2' ends before it starts");
	expect(TOP "    threads: 4..3\n", "job.yaml:4:14: threads: the range '4..3' ends before it starts");
	expect(TOP "    threads: 0..4\n", "job.yaml:4:14: threads: '0' is out of range (1 to 4096)");
	expect(TOP "    ops: 0..4\n", "job.yaml:4:10: ops: the range '0..4' doubles from its start, which cannot be 0");
	expect(TOP "    threads: 1..\n", "job.yaml:4:14: threads: '' is not a number (1 to 4096)");
	expect(TOP "    threads: ..4\n", "job.yaml:4:14: threads: '' is not a number (1 to 4096)");
	expect(TOP "    threads: 1...4\n", "job.yaml:4:14: threads: '.4' is not a number (1 to 4096)");
	expect(TOP "    threads: 1..9999\n", "job.yaml:4:14: threads: '9999' is out of range (1 to 4096)");
	expect(TOP "    threads: cpu\n", "job.yaml:4:14: threads: 'cpu' is not a number (1 to 4096)");
	expect(TOP "    block: cpus\n", "job.yaml:4:12: block: 'cpus' is not a size such as 512, 4k or 1M (1 to 1M)");
	expect(TOP "    sharing: same..diff\n", "job.yaml:4:14: sharing: 'same..diff' is not one of same|diff");
}

static void wrong_keys_and_values_are_told_with_their_place(void **state)
{
	(void)state;
	expect(TOP "    blok: 1\n", "job.yaml:4:5: unknown key 'blok' (did you mean 'block'?)");
	expect(TOP "    colums: block\n", "job.yaml:4:5: unknown key 'colums' (did you mean 'columns'?)");
	expect("job: j\ncells:\n  - workload: null\n    block: 1\n",
	       "job.yaml:4:5: unknown key 'block'; workload 'null' takes: threads, placement, memory, ops, fs, dir, seed");
	expect("job: j\ncells:\n  - workload: raed\n", "job.yaml:3:15: unknown workload 'raed' (did you mean 'read'?)");
	expect("job: j\ncells:\n  - workload: fault\n",
	       "job.yaml:3:15: unknown workload 'fault'; there are: null, read, write");
	expect(TOP "    block: 33M\n", "job.yaml:4:12: block: '33M' is out of range (1 to 1M)");
	expect(TOP "    block: [1, 4kk]\n", "job.yaml:4:16: block: '4kk' is not a size such as 512, 4k or 1M (1 to 1M)");
	expect(TOP "    block: -5\n", "job.yaml:4:12: block: '-5' is not a size such as 512, 4k or 1M (1 to 1M)");
	expect(TOP "    sharing: [same, dif]\n",
	       "job.yaml:4:21: sharing: 'dif' is not one of same|diff (did you mean 'diff'?)");
	expect(TOP "    block: [4k, 8k, 4096]\n", "job.yaml:4:21: block: '4096' is given twice (it is 4k)");
	expect(TOP "    sharing: [same, same]\n", "job.yaml:4:21: sharing: 'same' is given twice");
	expect(TOP "    dir: [/a, /b]\n", "job.yaml:4:11: dir: takes one value, as it is no part of what a cell is");
}

static void wrong_settings_are_told_with_the_words_of_the_command_line(void **state)
{
	(void)state;
	expect_set(TOP, "block=33M", "--set block=33M: block: '33M' is out of range (1 to 1M)");
	expect_set(TOP, "block=1,x", "--set block=[1, x]: block: 'x' is not a size such as 512, 4k or 1M (1 to 1M)");
	expect_set(TOP, "threads=9..cpus", "--set threads=9..cpus: threads: the range '9..cpus' ends before it starts "
		   "(on this machine, `cpus` is 6)");
}

static void a_set_value_leaves_the_layout_of_the_tables(void **state)
{
	struct plan plan;

	(void)state;
	make_set(TOP "    block: [1, 4k]\n    sharing: [same, diff]\n    rows: block\n", "block=32", &plan);
	expect_table(&plan, 0, "block: 32 | sharing: same diff | 0 1");
	plan_release(&plan);
}

static void rows_and_columns_must_be_axes_of_the_group(void **state)
{
	(void)state;
	expect(TOP "    block: [1, 2]\n    sharing: [same, diff]\n    rows: pattern\n",
	       "job.yaml:6:11: rows: 'pattern' is no axis of this group; its axes are: block, sharing");
	expect(TOP "    block: [1, 2]\n    columns: blok\n",
	       "job.yaml:5:14: columns: 'blok' is no axis of this group (did you mean 'block'?)");
	expect(TOP "    block: 1\n    rows: block\n",
	       "job.yaml:5:11: rows: 'block' is no axis of this group, which has none (an axis is a list of values)");
	expect(TOP "    block: [1, 2]\n    rows: block\n    columns: block\n",
	       "job.yaml:6:14: columns: 'block' is already the rows");
}

/* The numbers come from a second implementation, in Python. */
static void the_order_is_the_same_everywhere_and_for_good(void **state)
{
	static const uint32_t one[3][6] = {
		{ 0, 1, 3, 2, 4, 5 },
		{ 3, 5, 4, 1, 0, 2 },
		{ 2, 5, 1, 4, 0, 3 },
	};
	static const uint32_t fortytwo[6] = { 4, 3, 0, 2, 5, 1 };
	struct plan plan;

	(void)state;
	make("blocks: 3\n" TOP "    block: [1, 2, 3, 4, 5, 6]\n", &plan);
	assert_int_equal(plan.ncells, 6);
	assert_memory_equal(plan.order, one, sizeof(one));
	plan_release(&plan);
	make("blocks: 2\n" TOP "    block: [1, 2, 3, 4, 5, 6]\n", &plan);
	assert_memory_equal(plan.order, one, 2 * sizeof(one[0]));
	plan_release(&plan);
	make("seed: 42\n" TOP "    block: [1, 2, 3, 4, 5, 6]\n", &plan);
	assert_memory_equal(plan.order, fortytwo, sizeof(fortytwo));
	plan_release(&plan);
}

/* Each of 6 cells comes first in about 1000 of 6000 blocks: 5 standard deviations are 144. */
static void every_place_in_the_order_is_equally_likely(void **state)
{
	unsigned first[6] = { 0 }, i;
	struct plan plan;

	(void)state;
	make("blocks: 6000\n" TOP "    block: [1, 2, 3, 4, 5, 6]\n", &plan);
	for (i = 0; i < 6000; i++)
		first[plan.order[6 * i]]++;
	for (i = 0; i < 6; i++)
		assert_in_range(first[i], 856, 1144);
	plan_release(&plan);
}

static void list_of(struct buf *out, const char *key, unsigned n)
{
	unsigned i;

	buf_fmt(out, "    %s: [", key);
	for (i = 1; i <= n; i++)
		buf_fmt(out, "%s%u", i > 1 ? ", " : "", i);
	buf_str(out, "]\n");
}

static void too_large_a_matrix_is_refused_before_it_is_made(void **state)
{
	struct buf text = BUF_INIT;
	struct plan plan;

	(void)state;
	buf_str(&text, TOP);
	list_of(&text, "block", 1000);
	list_of(&text, "threads", 101);
	expect(buf_text(&text), "job.yaml:3:15: with this group the job has 101000 cells; at most 100000 can be planned");
	list_of(&text, "ops", 1000);
	list_of(&text, "file_size", 1000);
	expect(buf_text(&text),
	       "job.yaml:3:15: with this group the job has more than 101000 cells; at most 100000 can be planned");
	buf_reset(&text);
	buf_str(&text, TOP);
	list_of(&text, "block", 1001);
	expect(buf_text(&text), "job.yaml:4:4906: block: an axis has at most 1000 values");
	buf_reset(&text);
	buf_str(&text, "blocks: 10000\n" TOP);
	list_of(&text, "block", 101);
	expect(buf_text(&text), "job.yaml: 10000 blocks of 101 cells; their product can be 1000000 at most");
	buf_reset(&text);
	buf_str(&text, "blocks: 10\n" TOP);	/* two groups of the same cells */
	list_of(&text, "block", 100);
	list_of(&text, "threads", 100);
	buf_str(&text, "  - workload: read\n");
	list_of(&text, "block", 100);
	list_of(&text, "threads", 100);
	make(buf_text(&text), &plan);
	assert_int_equal(plan.ncells, 10000);
	assert_int_equal(plan.table[1].cell[9999], 9999);
	plan_release(&plan);
	buf_release(&text);
}

static void cells_are_found_by_their_id(void **state)
{
	struct plan plan;
	size_t i;

	(void)state;
	make(TOP "    block: [1, 2, 4, 8, 16, 32, 64]\n    sharing: [same, diff]\n", &plan);
	for (i = 0; i < plan.ncells; i++)
		assert_int_equal(plan_find(&plan, plan.cell[i].id), i);
	assert_int_equal(plan_find(&plan, "0000000000000000"), -1);
	assert_int_equal(plan_find(&plan, "g"), -1);
	assert_int_equal(plan_find(&plan, ""), -1);
	free(plan.by_id);
	plan.by_id = NULL;	/* as in a plan made by hand */
	for (i = 0; i < plan.ncells; i++)
		assert_int_equal(plan_find(&plan, plan.cell[i].id), i);
	assert_int_equal(plan_find(&plan, "g"), -1);
	plan_release(&plan);
}

static json_t *load(const char *text)
{
	json_error_t error;
	json_t *o = json_loads(text, 0, &error);

	if (!o)
		fail_msg("%s", error.text);
	return o;
}

static void json_of(const struct plan *plan, struct buf *out)
{
	json_t *o = plan_json(plan);

	json_line(out, o);
	json_decref(o);
}

static void assert_same_texts(char *const *a, char *const *b, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		assert_string_equal(a[i], b[i]);
}

static void assert_same_table(const struct plan_table *a, const struct plan_table *b)
{
	assert_int_equal(!a->title, !b->title);
	if (a->title)
		assert_string_equal(a->title, b->title);
	assert_string_equal(a->rows, b->rows);
	assert_int_equal(!a->columns, !b->columns);
	if (a->columns)
		assert_string_equal(a->columns, b->columns);
	assert_int_equal(a->nrows, b->nrows);
	assert_int_equal(a->ncolumns, b->ncolumns);
	assert_same_texts(a->row, b->row, a->nrows);
	assert_same_texts(a->column, b->column, a->ncolumns);
	assert_memory_equal(a->cell, b->cell, a->nrows * a->ncolumns * sizeof(a->cell[0]));
}

static void assert_same_text(const char *a, const char *b)
{
	assert_int_equal(!a, !b);
	if (a)
		assert_string_equal(a, b);
}

static void assert_same_kernel(const struct plan_kernel *a, const struct plan_kernel *b)
{
	size_t i;

	assert_string_equal(a->name, b->name);
	assert_same_text(a->spec, b->spec);
	assert_same_text(a->cmdline, b->cmdline);
	assert_int_equal(a->npatches, b->npatches);
	for (i = 0; i < a->npatches; i++) {
		assert_string_equal(a->patch[i].path, b->patch[i].path);
		assert_true(a->patch[i].reverse == b->patch[i].reverse);
	}
}

static void assert_same_guest(const struct plan_guest *a, const struct plan_guest *b)
{
	assert_int_equal(a->cpus, b->cpus);
	assert_int_equal(a->memory, b->memory);
	assert_int_equal(a->disk_size, b->disk_size);
	assert_same_text(a->accel, b->accel);
	assert_same_text(a->disk, b->disk);
	assert_same_text(a->cmdline, b->cmdline);
	assert_true(a->overcommit == b->overcommit);
	assert_true(a->huge_pages == b->huge_pages);
	assert_int_equal(a->numa_node, b->numa_node);
}

static void assert_same_plan(const struct plan *a, const struct plan *b)
{
	size_t i, n;

	assert_string_equal(a->job, b->job);
	assert_int_equal(a->seed, b->seed);
	assert_int_equal(a->warmup_ns, b->warmup_ns);
	assert_int_equal(a->window_ns, b->window_ns);
	assert_int_equal(a->windows, b->windows);
	assert_int_equal(a->blocks, b->blocks);
	assert_int_equal(a->nkernels, b->nkernels);
	for (i = 0; i < a->nkernels; i++)
		assert_same_kernel(&a->kernel[i], &b->kernel[i]);
	assert_same_guest(&a->guest, &b->guest);
	assert_true(a->emulated == b->emulated);
	assert_int_equal(a->ncells, b->ncells);
	for (i = 0; i < a->ncells; i++) {
		assert_string_equal(a->cell[i].name, b->cell[i].name);
		assert_string_equal(a->cell[i].id, b->cell[i].id);
		for (n = 0; a->cell[i].argv[n]; n++)
			assert_non_null(b->cell[i].argv[n]);
		assert_null(b->cell[i].argv[n]);
		assert_same_texts(a->cell[i].argv, b->cell[i].argv, n);
	}
	assert_int_equal(a->ntables, b->ntables);
	for (i = 0; i < a->ntables; i++)
		assert_same_table(&a->table[i], &b->table[i]);
	assert_memory_equal(a->order, b->order, a->blocks * a->ncells * sizeof(a->order[0]));
	assert_memory_equal(a->kernel_order, b->kernel_order, a->blocks * a->nkernels * sizeof(a->kernel_order[0]));
	assert_memory_equal(a->by_id, b->by_id, a->ncells * sizeof(a->by_id[0]));
}

static void a_plan_survives_its_file_exactly(void **state)
{
	struct buf before = BUF_INIT, after = BUF_INIT, why = BUF_INIT;
	struct plan plan, again;
	json_t *o;

	(void)state;
	make("seed: 4294967295\nblocks: 3\nwarmup: 0\nwindow: 1ms\ndir: \"/mnt/a b\\\"\\u00f6\"\n"
	     TOP "    title: \"t \\\" \\u00f6\"\n    block: [1, 4k]\n    sharing: [same, diff]\n    pattern: [fixed, random]\n"
	     "  - workload: null\n  - workload: read\n    block: [1, 2]\n", &plan);
	plan.table[0].cell[3] = -1;	/* none there: what a later job may say */
	json_of(&plan, &before);
	o = load(buf_text(&before));
	if (plan_from_json(o, &again, &why))
		fail_msg("%s", buf_text(&why));
	assert_same_plan(&plan, &again);
	json_of(&again, &after);
	assert_string_equal(buf_text(&before), buf_text(&after));
	plan_release(&plan);
	plan_release(&again);
	json_decref(o);
	buf_release(&before);
	buf_release(&after);
}

/* A plan of two cells, to be damaged. */
static json_t *small_plan(void)
{
	struct buf text = BUF_INIT;
	struct plan plan;
	json_t *o;

	make("blocks: 2\n" TOP "    block: [1, 4k]\n", &plan);
	json_of(&plan, &text);
	o = load(buf_text(&text));
	plan_release(&plan);
	buf_release(&text);
	return o;
}

/* The value at "tables/0/row": steps into objects and arrays. */
static json_t *at(json_t *o, const char *path, char *last, size_t size)
{
	size_t len;

	for (;;) {
		len = strcspn(path, "/");
		assert_true(len < size);
		memcpy(last, path, len);
		last[len] = '\0';
		if (!path[len])
			return o;
		o = json_is_array(o) ? json_array_get(o, (size_t)(last[0] - '0')) : json_object_get(o, last);
		assert_non_null(o);
		path += len + 1;
	}
}

/* With the value at path replaced by other JSON (NULL: taken away). */
static void expect_damage(const char *path, const char *value, const char *complaint)
{
	json_t *o = small_plan(), *parent, *v;
	struct buf why = BUF_INIT;
	struct plan plan;
	char last[32];

	parent = at(o, path, last, sizeof(last));
	v = value ? json_loads(value, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL) : NULL;
	if (value)
		assert_non_null(v);
	if (json_is_array(parent))
		assert_int_equal(v ? json_array_set_new(parent, (size_t)(last[0] - '0'), v) :
				 json_array_remove(parent, (size_t)(last[0] - '0')), 0);
	else
		assert_int_equal(v ? json_object_set_new(parent, last, v) : json_object_del(parent, last), 0);
	assert_int_equal(plan_from_json(o, &plan, &why), -1);
	assert_string_equal(buf_text(&why), complaint);
	json_decref(o);
	buf_release(&why);
}

static void a_damaged_plan_is_refused_field_by_field(void **state)
{
	(void)state;
	expect_damage("schema", "2", "not a plan: schema: missing, or not 1 to 1");
	expect_damage("schema", NULL, "not a plan: schema: missing, or not 1 to 1");
	expect_damage("job", "\"a/../b\"",
		      "not a plan: job: 'a/../b' is not a name of letters, digits, '-', '_' and '.', at most 64");
	expect_damage("job", "\"\"", "not a plan: job: '' is not a name of letters, digits, '-', '_' and '.', at most 64");
	expect_damage("job", "7", "not a plan: job: missing, or no text");
	expect_damage("seed", "-1", "not a plan: seed: missing, or not 0 to 4294967295");
	expect_damage("seed", "1.5", "not a plan: seed: missing, or not 0 to 4294967295");
	expect_damage("warmup_ns", "3600000000001", "not a plan: warmup_ns: missing, or not 0 to 3600000000000");
	expect_damage("window_ns", "0", "not a plan: window_ns: missing, or not 1000000 to 3600000000000");
	expect_damage("windows", "4294967297", "not a plan: windows: missing, or not 1 to 100000");
	expect_damage("blocks", "0", "not a plan: blocks: missing, or not 1 to 10000");
	expect_damage("blocks", "1", "not a plan: order: missing, or not an array for every block");
	expect_damage("kernels", "[]", "not a plan: kernels: missing, or not 1 to 100000 texts");
	expect_damage("kernels", "[\"a\",\"a\"]", "not a plan: kernels: one is given twice");
	expect_damage("kernels", "[\"\"]", "not a plan: kernels: entry 0 is no text");
	expect_damage("kernels", "[\"a\\u0000b\"]", "not a plan: kernels: entry 0 is no text");
	expect_damage("kernels", "[\"a\\u001bb\"]", "not a plan: kernels: entry 0 is no text");
}

static void a_damaged_cell_is_refused(void **state)
{
	(void)state;
	expect_damage("cells", "[]", "not a plan: cells: missing, or not 1 to 100000");
	expect_damage("cells", NULL, "not a plan: cells: missing, or not 1 to 100000");
	expect_damage("cells/1", "7", "not a plan: cells: 1: name: missing, or no text");
	expect_damage("cells/1/name", "\"read block=2\"", "not a plan: cells: 1: id: missing, or not that of the name");
	expect_damage("cells/1/id", "\"0000000000000000\"", "not a plan: cells: 1: id: missing, or not that of the name");
	expect_damage("cells/1/argv", "[]", "not a plan: cells: 1: argv: missing, or not 1 to 100000 texts");
	expect_damage("cells/1/argv", "[\"read\"]", "not a plan: cells: 1: argv: does not fit the name");
	expect_damage("cells/1/argv/0", "\"write\"", "not a plan: cells: 1: argv: does not fit the name");
	expect_damage("cells/1/argv/1", "\"block=4\"", "not a plan: cells: 1: argv: does not fit the name");
	expect_damage("cells/1/argv/1", "\"block=4k \"", "not a plan: cells: 1: argv: does not fit the name");
	expect_damage("cells/1/argv/1", "null", "not a plan: cells: 1: argv: entry 1 is no text");
}

static void a_cell_given_twice_is_refused(void **state)
{
	json_t *o = small_plan(), *cells = json_object_get(o, "cells");
	struct buf why = BUF_INIT;
	struct plan plan;

	(void)state;
	json_array_set(cells, 1, json_array_get(cells, 0));
	assert_int_equal(plan_from_json(o, &plan, &why), -1);
	assert_string_equal(buf_text(&why), "not a plan: cells: one is given twice");
	json_decref(o);
	buf_release(&why);
}

static void a_damaged_table_is_refused(void **state)
{
	(void)state;
	expect_damage("tables", "{}", "not a plan: tables: missing, or not 1 to 100000");
	expect_damage("tables/0", "[]", "not a plan: tables: 0: rows: missing, or no text");
	expect_damage("tables/0/rows", "\"\"", "not a plan: tables: 0: rows: missing, or no text");
	expect_damage("tables/0/title", "7", "not a plan: tables: 0: title: missing, or neither a text nor null");
	expect_damage("tables/0/title", NULL, "not a plan: tables: 0: title: missing, or neither a text nor null");
	expect_damage("tables/0/columns", "\"\"", "not a plan: tables: 0: columns: missing, or neither a text nor null");
	expect_damage("tables/0/columns", "\"sharing\"", "not a plan: tables: 0: column: entry 0 is no text");
	expect_damage("tables/0/column", "[\"same\"]",
		      "not a plan: tables: 0: column: not one empty text, though there are no columns");
	expect_damage("tables/0/column", "[\"\",\"\"]",
		      "not a plan: tables: 0: column: not one empty text, though there are no columns");
	expect_damage("tables/0/row", "[]", "not a plan: tables: 0: row: missing, or not 1 to 100000 texts");
	expect_damage("tables/0/row", "[\"1\"]", "not a plan: tables: 0: cell: not as many arrays as rows");
	expect_damage("tables/0/cell", "7", "not a plan: tables: 0: cell: not as many arrays as rows");
	expect_damage("tables/0/cell/1", "[1,1]", "not a plan: tables: 0: not an array of the right length");
	expect_damage("tables/0/cell/1", "[2]", "not a plan: tables: 0: an entry is not a cell's number");
	expect_damage("tables/0/cell/1", "[-2]", "not a plan: tables: 0: an entry is not a cell's number");
	expect_damage("tables/0/cell/1", "[4294967296]", "not a plan: tables: 0: an entry is not a cell's number");
	expect_damage("tables/0/cell/1", "[\"1\"]", "not a plan: tables: 0: an entry is not a cell's number");
}

static void a_table_larger_than_any_plan_is_refused_before_memory_is_taken(void **state)
{
	json_t *o = small_plan(), *table = json_array_get(json_object_get(o, "tables"), 0);
	json_t *row = json_array(), *column = json_array(), *grid = json_array();
	struct buf why = BUF_INIT;
	struct plan plan;
	int i;

	(void)state;
	for (i = 0; i < 20000; i++) {
		json_array_append_new(row, json_string("r"));
		json_array_append_new(column, json_string("c"));
		json_array_append_new(grid, json_array());
	}
	json_object_set_new(table, "columns", json_string("sharing"));
	json_object_set_new(table, "row", row);
	json_object_set_new(table, "column", column);
	json_object_set_new(table, "cell", grid);
	assert_int_equal(plan_from_json(o, &plan, &why), -1);
	assert_string_equal(buf_text(&why), "not a plan: tables: 0: more rows and columns than a plan may have cells");
	json_decref(o);
	buf_release(&why);
}

static void a_damaged_order_is_refused(void **state)
{
	(void)state;
	expect_damage("order", NULL, "not a plan: order: missing, or not an array for every block");
	expect_damage("order/1", NULL, "not a plan: order: missing, or not an array for every block");
	expect_damage("order/1", "7", "not a plan: order: block 1: not an array of the right length");
	expect_damage("order/1", "[0]", "not a plan: order: block 1: not an array of the right length");
	expect_damage("order/1", "[0,0]", "not a plan: order: block 1: a cell is measured twice in one block");
	expect_damage("order/1", "[0,2]", "not a plan: order: block 1: an entry is not a cell's number");
	expect_damage("order/1", "[0,-1]", "not a plan: order: block 1: an entry is not a cell's number");
}

static void what_is_no_object_is_no_plan(void **state)
{
	struct buf why = BUF_INIT;
	json_t *o = json_array();
	struct plan plan;

	(void)state;
	assert_int_equal(plan_from_json(o, &plan, &why), -1);
	assert_string_equal(buf_text(&why), "not a plan: no object");
	json_decref(o);
	buf_reset(&why);
	assert_int_equal(plan_from_json(NULL, &plan, &why), -1);
	assert_string_equal(buf_text(&why), "not a plan: no object");
	buf_release(&why);
}

static void make_file(const char *path, struct plan *plan)
{
	struct buf text = BUF_INIT;

	assert_int_equal(buf_read_file(&text, path), 0);
	make(buf_text(&text), plan);
	buf_release(&text);
}

static uint64_t seconds(const struct plan *plan)
{
	return plan->ncells * plan->blocks * (plan->warmup_ns + plan->windows * plan->window_ns) / 1000000000;
}

static void the_jobs_that_come_with_the_tree_are_what_they_promise(void **state)
{
	struct plan plan;

	(void)state;
	make_file("configs/jobs/quick.yaml", &plan);
	assert_true(seconds(&plan) < 50);	/* "under a minute", with the time to start */
	plan_release(&plan);
	make_file("configs/jobs/short-reads.yaml", &plan);
	assert_int_equal(plan.ntables, 2);
	expect_table(&plan, 0, "block: 1 32 256 1k 4k | sharing: same diff | 0 1 2 3 4 5 6 7 8 9");
	expect_table(&plan, 1, "block: 1 32 256 1k 4k 32k | sharing: same diff | 10 11 12 13 14 15 16 17 18 19 20 21");
	assert_string_equal(plan.cell[0].name, "read block=1 file_size=4k sharing=same pattern=fixed call=pread "
			    "threads=16 placement=smt-last memory=local ops=0 fs=any");
	assert_string_equal(plan.cell[21].name, "read block=32k file_size=1M sharing=diff pattern=random call=pread "
			    "threads=16 placement=smt-last memory=local ops=0 fs=any");
	assert_int_equal(plan.warmup_ns, 1000000000);
	assert_int_equal(plan.window_ns, 1000000000);
	assert_int_equal(plan.windows, 5);
	plan_release(&plan);
	make_file("configs/jobs/scaling.yaml", &plan);
	assert_int_equal(plan.ntables, 4);
	expect_table(&plan, 0, "threads: 1 2 4 6 | sharing: same diff | 0 1 2 3 4 5 6 7");
	plan_release(&plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_axes_become_rows_and_columns_in_the_order_written),
		cmocka_unit_test(rows_and_columns_name_other_axes),
		cmocka_unit_test(with_one_axis_there_is_one_column_unless_it_is_the_columns),
		cmocka_unit_test(without_axes_a_group_is_a_table_of_one_cell),
		cmocka_unit_test(further_axes_split_a_group_into_tables),
		cmocka_unit_test(a_cell_in_two_tables_is_measured_once),
		cmocka_unit_test(a_cell_cannot_be_measured_in_two_ways),
		cmocka_unit_test(arguments_are_the_whole_identity_and_then_what_the_job_says_of_where),
		cmocka_unit_test(ranges_double_and_end_exactly_at_their_end),
		cmocka_unit_test(what_cpus_makes_may_coincide_with_other_values),
		cmocka_unit_test(wrong_ranges_are_told_with_their_place),
		cmocka_unit_test(wrong_keys_and_values_are_told_with_their_place),
		cmocka_unit_test(wrong_settings_are_told_with_the_words_of_the_command_line),
		cmocka_unit_test(a_set_value_leaves_the_layout_of_the_tables),
		cmocka_unit_test(rows_and_columns_must_be_axes_of_the_group),
		cmocka_unit_test(the_order_is_the_same_everywhere_and_for_good),
		cmocka_unit_test(every_place_in_the_order_is_equally_likely),
		cmocka_unit_test(too_large_a_matrix_is_refused_before_it_is_made),
		cmocka_unit_test(cells_are_found_by_their_id),
		cmocka_unit_test(a_plan_survives_its_file_exactly),
		cmocka_unit_test(a_damaged_plan_is_refused_field_by_field),
		cmocka_unit_test(a_damaged_cell_is_refused),
		cmocka_unit_test(a_cell_given_twice_is_refused),
		cmocka_unit_test(a_damaged_table_is_refused),
		cmocka_unit_test(a_table_larger_than_any_plan_is_refused_before_memory_is_taken),
		cmocka_unit_test(a_damaged_order_is_refused),
		cmocka_unit_test(what_is_no_object_is_no_plan),
		cmocka_unit_test(the_jobs_that_come_with_the_tree_are_what_they_promise),
	};

	return cmocka_run_group_tests(tests, load_catalogue, drop_catalogue);
}
