/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Gate files: what they say, what is wrong with them, and which cells they select. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "harness/count/op.h"
#include "harness/plan/catalogue.h"
#include "harness/plan/decimal.h"
#include "harness/plan/gate.h"
#include "lib/buf.h"

#define READ_1 "read threads=4 placement=compact memory=local ops=0 fs=tmpfs block=1 file_size=4k sharing=same"
#define READ_4K "read threads=4 placement=0,2 memory=node:1 ops=0 fs=ext4 block=4k file_size=64k sharing=diff"
#define WRITE_4K "write threads=4 placement=compact memory=local ops=0 fs=tmpfs block=4k file_size=4k sharing=diff"
#define NULL_CELL "null threads=1 placement=compact memory=local ops=0 fs=any"

static struct gate g;
static struct catalogue catalogue;
static struct buf why;

static int parse(const char *text)
{
	gate_release(&g);
	buf_reset(&why);
	return gate_parse("g.yaml", text, strlen(text), &g, &why);
}

static void good(const char *text)
{
	if (parse(text))
		fail_msg("%s", buf_text(&why));
	assert_int_equal(why.len, 0);
}

static void good_cells(const char *cells)
{
	struct buf text = BUF_INIT;

	buf_fmt(&text, "gate: g\ncells: %s\n", cells);
	good(buf_text(&text));
	if (gate_check_cells(&g, &catalogue, &why))
		fail_msg("%s", buf_text(&why));
	assert_int_equal(why.len, 0);
	buf_release(&text);
}

static void expect(const char *text, const char *complaint)
{
	if (!parse(text))
		fail_msg("taken: %s", text);
	assert_string_equal(buf_text(&why), complaint);
}

/* What is wrong is in line 2, after "cells: ". */
static void expect_cells(const char *cells, const char *complaint)
{
	struct buf text = BUF_INIT;

	buf_fmt(&text, "gate: g\ncells: %s\n", cells);
	good(buf_text(&text));
	if (!gate_check_cells(&g, &catalogue, &why))
		fail_msg("taken: %s", cells);
	assert_string_equal(buf_text(&why), complaint);
	buf_release(&text);
}

static void a_gate_that_says_nothing_is_the_standard_one(void **state)
{
	(void)state;
	good("gate: mine\n");
	assert_string_equal(g.file, "g.yaml");
	assert_string_equal(g.name, "mine");
	assert_null(g.about);
	assert_int_equal(g.crash, GATE_REJECT);
	assert_int_equal(g.wrong_data, GATE_REJECT);
	assert_int_equal(g.new_warning, GATE_REJECT);
	assert_int_equal(g.inconclusive, GATE_BLOCKS);
	assert_float_equal(g.family_error, 0.01, 0);
	assert_int_equal(g.choice.n, 0);
	assert_int_equal(g.nmetrics, 12);
	assert_string_equal(g.metric[0].metric.text, "ops_per_s");
	assert_int_equal(g.metric[0].metric.line, 0);
	assert_true(g.metric[0].relative);
	assert_float_equal(g.metric[0].minimum, 0.02, 0);
}

static void read_file(const char *path, struct gate *gate)
{
	struct buf text = BUF_INIT;

	buf_reset(&why);
	assert_int_equal(buf_read_file(&text, path), 0);
	if (gate_parse(path, buf_text(&text), text.len, gate, &why))
		fail_msg("%s", buf_text(&why));
	buf_release(&text);
}

static void the_standard_gate_file_says_what_is_built_in(void **state)
{
	const struct gate_metric *a, *b;
	struct gate file;
	size_t i;

	(void)state;
	good("gate: default\n");
	read_file("configs/gates/default.yaml", &file);
	assert_string_equal(file.name, g.name);
	assert_int_equal(file.crash, g.crash);
	assert_int_equal(file.wrong_data, g.wrong_data);
	assert_int_equal(file.new_warning, g.new_warning);
	assert_int_equal(file.inconclusive, g.inconclusive);
	assert_float_equal(file.family_error, g.family_error, 0);
	assert_int_equal(file.choice.n, g.choice.n);
	assert_int_equal(file.nmetrics, g.nmetrics);
	for (i = 0; i < g.nmetrics; i++) {
		a = &file.metric[i];
		b = &g.metric[i];
		assert_string_equal(a->metric.text, b->metric.text);
		assert_true(a->metric.line > 0);
		assert_float_equal(a->minimum, b->minimum, 0);
		assert_int_equal(a->minimum > 0 && a->relative, b->minimum > 0 && b->relative);
		assert_int_equal(a->gating, b->gating);
		assert_int_equal(a->better, b->better);
	}
	gate_release(&file);
}

static void every_count_that_a_shipped_gate_names_is_one(void **state)
{
	static const char *const files[] = { "configs/gates/default.yaml", "configs/gates/counts.yaml",
					     "configs/gates/strict.yaml" };
	struct gate file;
	const char *name;
	size_t i, k;
	int c;

	(void)state;
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		read_file(files[i], &file);
		for (k = 0; k < file.nmetrics; k++) {
			name = file.metric[k].metric.text;
			for (c = 0; c < NCOUNTS && strcmp(count_name((enum count)c), name); c++)
				;
			if (c == NCOUNTS && strcmp(name, "ops_per_s") && strcmp(name, "transfers"))
				fail_msg("%s: %s", files[i], name);
		}
		gate_release(&file);
	}
}

static void counts_alone_decide_with_the_gate_of_that_name(void **state)
{
	struct gate file;
	size_t i;

	(void)state;
	read_file("configs/gates/counts.yaml", &file);
	for (i = 0; i < file.nmetrics; i++)
		assert_int_equal(file.metric[i].gating, strcmp(file.metric[i].metric.text, "ops_per_s") != 0);
	gate_release(&file);
}

static void each_key_says_what_it_means(void **state)
{
	(void)state;
	good("gate: g\nabout: |\n  two\n  lines\ncrash: cannot\n");
	assert_string_equal(g.about, "two\nlines\n");
	assert_int_equal(g.crash, GATE_CANNOT);
	assert_int_equal(g.wrong_data, GATE_REJECT);
	good("gate: g\nwrong_data: cannot\n");
	assert_int_equal(g.crash, GATE_REJECT);
	assert_int_equal(g.wrong_data, GATE_CANNOT);
	assert_string_equal(gate_answer_name(g.wrong_data), "cannot");
	good("gate: g\nnew_warning: note\n");
	assert_int_equal(g.new_warning, GATE_NOTE);
	assert_string_equal(gate_answer_name(g.new_warning), "note");
	good("gate: g\nnew_warning: reject\n");
	assert_int_equal(g.new_warning, GATE_REJECT);
	assert_string_equal(gate_answer_name(g.new_warning), "reject");
	good("gate: g\ninconclusive: passes\n");
	assert_int_equal(g.inconclusive, GATE_PASSES);
	good("gate: g\nfamily_error: 0.5%\n");
	assert_float_equal(g.family_error, 0.005, 1e-15);
}

static void metrics_are_read_as_written(void **state)
{
	(void)state;
	good("gate: g\nmetrics:\n  - metric: stac\n  - {metric: ops_per_s, minimum: 2%}\n"
	     "  - {metric: transfers, minimum: 0.05, gating: no, better: lower}\n"
	     "  - {metric: loads, minimum: 0%, gating: yes, better: higher}\n");
	assert_int_equal(g.nmetrics, 4);
	assert_string_equal(g.metric[0].metric.text, "stac");
	assert_int_equal(g.metric[0].metric.line, 3);
	assert_int_equal(g.metric[0].metric.column, 13);
	assert_false(g.metric[0].relative);
	assert_float_equal(g.metric[0].minimum, 0, 0);
	assert_true(g.metric[0].gating);
	assert_int_equal(g.metric[0].better, GATE_BETTER_DEFAULT);
	assert_true(g.metric[1].relative);
	assert_float_equal(g.metric[1].minimum, 0.02, 1e-15);
	assert_false(g.metric[2].relative);
	assert_float_equal(g.metric[2].minimum, 0.05, 1e-15);
	assert_false(g.metric[2].gating);
	assert_int_equal(g.metric[2].better, GATE_LOWER);
	assert_true(g.metric[3].relative);
	assert_true(g.metric[3].gating);
	assert_int_equal(g.metric[3].better, GATE_HIGHER);
}

static void what_is_wrong_at_the_top_is_named_with_its_place(void **state)
{
	(void)state;
	expect("", "g.yaml:1:1: the file is empty");
	expect("- gate\n", "g.yaml:1:1: a gate is a mapping (`key: value`), found a list");
	expect("gate\n", "g.yaml:1:1: a gate is a mapping (`key: value`), found text");
	expect("crash: reject\n", "g.yaml:1:1: a gate lacks the key 'gate' (text: the gate's name)");
	expect("gate:\n", "g.yaml:1:6: gate: expected text, found no value");
	expect("gate: g\ngate: h\n", "g.yaml:2:1: key 'gate' is given twice, first at line 1");
	expect("gate: g\ncrahs: reject\n", "g.yaml:2:1: unknown key 'crahs' (did you mean 'crash'?)");
	expect("gate: g\nmetric: stac\n", "g.yaml:2:1: unknown key 'metric' (did you mean 'metrics'?)");
	expect("gate: g\ncrash: ignore\n", "g.yaml:2:8: crash: 'ignore' is not one of reject|cannot");
	expect("gate: g\ncrash: [reject]\n", "g.yaml:2:8: crash: expected reject|cannot, found a list");
	expect("gate: g\ncrash: note\n", "g.yaml:2:8: crash: 'note' is not one of reject|cannot");
	expect("gate: g\nnew_warning: cannot\n", "g.yaml:2:14: new_warning: 'cannot' is not one of reject|note");
	expect("gate: g\ninconclusive: block\n",
	       "g.yaml:2:15: inconclusive: 'block' is not one of blocks|passes (did you mean 'blocks'?)");
	expect("gate: g\nabout: \"a\\eb\"\n", "g.yaml:2:8: about: 'a\\x1bb' holds the control character \\x1b");
}

static void an_error_that_no_judge_could_keep_is_refused(void **state)
{
	static const char *const bad[] = { "60%", "50%", "0%", "0.0%", "-1%", "1", "0.01", "1 %", "%", "1%%", "+1%",
					   "1e-2%", "nan%", "inf%", ".5%", "1.%", "1.2.3%", "0x1%", "one" };
	struct buf text = BUF_INIT, complaint = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		buf_reset(&text);
		buf_reset(&complaint);
		buf_fmt(&text, "gate: g\nfamily_error: '%s'\n", bad[i]);
		buf_fmt(&complaint,
			"g.yaml:2:15: family_error: '%s' is not a share above 0%% and below 50%%, such as 1%%", bad[i]);
		expect(buf_text(&text), buf_text(&complaint));
	}
	buf_release(&text);
	buf_release(&complaint);
}

static void a_minimum_that_is_none_is_refused(void **state)
{
	static const char *const bad[] = { "-1%", "-0.05", "100%", "2 %", "two", "%", "2%%", "1e3", "inf", "nan", "+1",
					   ".5", "5.", "1,5", "12345678901234567", "2000000000" };
	struct buf text = BUF_INIT, complaint = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		buf_reset(&text);
		buf_reset(&complaint);
		buf_fmt(&text, "gate: g\nmetrics:\n  - metric: stac\n    minimum: '%s'\n", bad[i]);
		buf_fmt(&complaint,
			"g.yaml:4:14: minimum: '%s' is neither a share from 0%% to below 100%%, such as 2%%, nor a number per op of 0 or more, such as 0.05",
			bad[i]);
		expect(buf_text(&text), buf_text(&complaint));
	}
	buf_release(&text);
	buf_release(&complaint);
}

static void metrics_that_are_wrong_are_named_with_their_place(void **state)
{
	(void)state;
	expect("gate: g\nmetrics: stac\n", "g.yaml:2:10: metrics: expected a list, found text");
	expect("gate: g\nmetrics:\n", "g.yaml:2:9: metrics: expected a list, found no value");
	expect("gate: g\nmetrics: {metric: stac}\n", "g.yaml:2:10: metrics: expected a list, found a mapping");
	expect("gate: g\nmetrics: []\n",
	       "g.yaml:2:10: metrics: an empty list: name one, or leave the key out for the standard ones");
	expect("gate: g\nmetrics: [stac]\n", "g.yaml:2:11: a metric is a mapping (`key: value`), found text");
	expect("gate: g\nmetrics:\n  - minimum: 2%\n",
	       "g.yaml:3:5: a metric lacks the key 'metric' (text: its name, from the table below)");
	expect("gate: g\nmetrics:\n  - metric: stac\n    minimun: 2%\n",
	       "g.yaml:4:5: unknown key 'minimun' (did you mean 'minimum'?)");
	expect("gate: g\nmetrics:\n  - metric: stac\n    gating: maybe\n",
	       "g.yaml:4:13: gating: 'maybe' is not one of no|yes");
	expect("gate: g\nmetrics:\n  - metric: stac\n    better: less\n",
	       "g.yaml:4:13: better: 'less' is not one of higher|lower");
	expect("gate: g\nmetrics:\n  - metric: [stac, clac]\n", "g.yaml:3:13: metric: expected text, found a list");
	expect("gate: g\nmetrics:\n  - metric: stac\n  - metric: clac\n  - metric: stac\n",
	       "g.yaml:5:13: metric 'stac' is given twice, first at line 3");
}

static void cells_that_are_no_cells_are_named_with_their_place(void **state)
{
	(void)state;
	expect("gate: g\ncells: all\n", "g.yaml:2:8: cells: expected a list, found text");
	expect("gate: g\nmetrics:\n  - {metric: stac, cells: []}\n",
	       "g.yaml:3:27: cells: an empty list selects none: leave the key out for all");
	expect("gate: g\ncells: []\n",
	       "g.yaml:2:8: cells: an empty list selects none: leave the key out for all");
	expect("gate: g\ncells: [read]\n",
	       "g.yaml:2:9: cells that decide are a mapping (`workload: read`), found text");
	expect("gate: g\ncells: [{}]\n",
	       "g.yaml:2:9: cells: a mapping without keys would select all: leave `cells` out for that");
	expect("gate: g\ncells:\n  - workload: read\n    fs: []\n", "g.yaml:4:9: fs: an empty list selects no cell");
	expect("gate: g\ncells:\n  - workload: read\n    fs:\n", "g.yaml:4:8: fs: no value");
	expect("gate: g\ncells:\n  - workload: read\n    fs: {a: b}\n",
	       "g.yaml:4:9: fs: expected a value, found a mapping");
	expect("gate: g\ncells:\n  - workload: read\n    fs: [ext4, [tmpfs]]\n",
	       "g.yaml:4:16: fs: expected a value, found a list");
	expect("gate: g\ncells:\n  - fs: ext4\n    fs: tmpfs\n",
	       "g.yaml:4:5: key 'fs' is given twice, first at line 3");
}

static void cells_that_there_are_not_are_named_with_near_misses(void **state)
{
	(void)state;
	expect_cells("[{workload: raed}]", "g.yaml:2:20: unknown workload 'raed' (did you mean 'read'?)");
	expect_cells("[{workload: [read, zzz]}]", "g.yaml:2:27: unknown workload 'zzz'; there are: null, read, write");
	expect_cells("[{blok: 4k}]", "g.yaml:2:10: unknown parameter 'blok' (did you mean 'block'?)");
	expect_cells("[{worklaod: read}]", "g.yaml:2:10: unknown parameter 'worklaod' (did you mean 'workload'?)");
	expect_cells("[{workload: 'null', block: 4k}]", "g.yaml:2:28: unknown parameter 'block' of workload 'null'");
	expect_cells("[{zzz: 1, workload: [read, write]}]",
		     "g.yaml:2:10: unknown parameter 'zzz' of workloads 'read', 'write'");
	expect_cells("[{dir: /tmp}]",
		     "g.yaml:2:10: dir: says where or how long to measure, and tells no cells apart");
	expect_cells("[{seed: 1}]",
		     "g.yaml:2:10: seed: says where or how long to measure, and tells no cells apart");
}

static void values_that_no_cell_has_are_refused(void **state)
{
	(void)state;
	expect_cells("[{block: 2M}]", "g.yaml:2:17: block: '2M' is out of range (1 to 1M)");
	expect_cells("[{block: 4q}]", "g.yaml:2:17: block: '4q' is not a size such as 512, 4k or 1M (1 to 1M)");
	expect_cells("[{threads: 1..4}]", "g.yaml:2:19: threads: '1..4' is not a number (1 to 4096)");
	expect_cells("[{sharing: sane}]", "g.yaml:2:19: sharing: 'sane' is not one of same|diff (did you mean 'same'?)");
	expect_cells("[{block: [1, 4k, 4096]}]", "g.yaml:2:25: block: 4k is given twice");
	expect_cells("[{workload: [read, read]}]", "g.yaml:2:27: workload: read is given twice");
	expect_cells("[{fs: tmpfs}, {block: 0}]", "g.yaml:2:30: block: '0' is out of range (1 to 1M)");
}

static void values_become_what_cells_are_called_by(void **state)
{
	(void)state;
	good_cells("[{block: [4096, 1024, 1], threads: 16}]");
	assert_string_equal(g.choice.cells[0].where[0].value[0].text, "4k");
	assert_string_equal(g.choice.cells[0].where[0].value[0].text, "4k");
	assert_string_equal(g.choice.cells[0].where[0].value[1].text, "1k");
	assert_string_equal(g.choice.cells[0].where[0].value[2].text, "1");
	assert_int_equal(g.choice.cells[0].where[0].value[1].column, 24);
	assert_true(gate_selects(&g, "read threads=16 block=1k"));
	/* again is no harm: a run that goes on checks what it checked */
	assert_int_equal(gate_check_cells(&g, &catalogue, &why), 0);
	assert_string_equal(g.choice.cells[0].where[0].value[0].text, "4k");
}

static void without_cells_all_decide(void **state)
{
	(void)state;
	good("gate: g\n");
	assert_int_equal(gate_check_cells(&g, &catalogue, &why), 0);
	assert_true(gate_selects(&g, READ_1));
	assert_true(gate_selects(&g, NULL_CELL));
}

static void cells_decide_that_have_all_of_the_parameters(void **state)
{
	(void)state;
	good_cells("[{workload: read, block: 4k}]");
	assert_true(gate_selects(&g, READ_4K));
	assert_false(gate_selects(&g, READ_1));
	assert_false(gate_selects(&g, WRITE_4K));
	assert_false(gate_selects(&g, NULL_CELL));
	good_cells("[{block: [1, 4k], sharing: diff}]");
	assert_true(gate_selects(&g, READ_4K));
	assert_true(gate_selects(&g, WRITE_4K));
	assert_false(gate_selects(&g, READ_1));
	assert_false(gate_selects(&g, NULL_CELL));
}

static void a_cell_decides_that_any_of_the_mappings_selects(void **state)
{
	(void)state;
	good_cells("[{workload: write}, {fs: ext4}]");
	assert_true(gate_selects(&g, WRITE_4K));
	assert_true(gate_selects(&g, READ_4K));
	assert_false(gate_selects(&g, READ_1));
}

static void a_metric_decides_in_those_of_the_gates_cells_that_are_its_own(void **state)
{
	static const char text[] = "gate: g\nmetrics:\n"
				   "  - metric: kernel_instructions\n    cells:\n      - block: 4096\n"
				   "  - {metric: stac}\n"
				   "  - {metric: clac, gating: no}\n"
				   "cells:\n  - workload: read\n";

	(void)state;
	good(text);
	assert_int_equal(gate_check_cells(&g, &catalogue, &why), 0);
	assert_string_equal(g.metric[0].choice.cells[0].where[0].value[0].text, "4k");
	assert_true(gate_selects_for(&g, &g.metric[0], READ_4K));
	assert_false(gate_selects_for(&g, &g.metric[0], READ_1));
	assert_false(gate_selects_for(&g, &g.metric[0], WRITE_4K));
	assert_true(gate_selects_for(&g, &g.metric[1], READ_1));
	assert_false(gate_selects_for(&g, &g.metric[1], WRITE_4K));
	assert_false(gate_selects_for(&g, &g.metric[2], READ_1));
	good("gate: g\nmetrics:\n  - {metric: stac, cells: [{blok: 4k}]}\n");
	assert_int_equal(gate_check_cells(&g, &catalogue, &why), -1);
	assert_non_null(strstr(buf_text(&why), "g.yaml:3:29: unknown parameter 'blok' (did you mean 'block'?)"));
}

static void part_of_a_value_selects_nothing(void **state)
{
	(void)state;
	good_cells("[{block: 4}]");
	assert_false(gate_selects(&g, READ_4K));
	good_cells("[{fs: any}]");
	assert_false(gate_selects(&g, READ_4K));
	good_cells("[{placement: '0,2'}, {memory: 'node:1'}]");
	assert_true(gate_selects(&g, READ_4K));
	assert_false(gate_selects(&g, READ_1));
}

static void values_that_nobody_made_canonical_select_the_same_cells(void **state)
{
	(void)state;
	good("gate: g\ncells: [{workload: read, block: [4096, 1024]}]\n");
	assert_true(gate_selects(&g, READ_4K));
	assert_false(gate_selects(&g, READ_1));
	good("gate: g\ncells: [{block: 40}, {block: 4ki}, {fs: 0}]\n");
	assert_false(gate_selects(&g, READ_4K));
}

static void decimal_numbers_are_whole_or_refused(void **state)
{
	double x;

	(void)state;
	assert_int_equal(decimal_parse("0.05x", 4, &x), 0);
	assert_float_equal(x, 0.05, 0);
	assert_int_equal(decimal_parse("0.05x", 5, &x), -1);
	assert_float_equal(x, 0, 0);
	assert_int_equal(decimal_parse("", 0, &x), -1);
	assert_int_equal(decimal_parse("007", 3, &x), 0);
	assert_float_equal(x, 7, 0);
}

static void a_file_cut_anywhere_is_read_or_refused_in_words(void **state)
{
	static const char text[] = "gate: g\nfamily_error: 2%\nmetrics:\n  - metric: stac\n    minimum: 0.5\n"
				   "  - {metric: clac, better: lower}\ncells:\n  - {workload: read, fs: [ext4, tmpfs]}\n";
	size_t len;

	(void)state;
	for (len = 0; len < sizeof(text) - 1; len++) {
		gate_release(&g);
		buf_reset(&why);
		if (gate_parse("g.yaml", text, len, &g, &why))
			assert_memory_equal(buf_text(&why), "g.yaml:", 7);
		else
			assert_true(g.nmetrics > 0);
	}
}

static void the_documentation_has_the_keys_as_they_are(void **state)
{
	struct buf table = BUF_INIT, doc = BUF_INIT;

	(void)state;
	assert_int_equal(buf_read_file(&doc, "docs/gates.md"), 0);
	schema_describe(&gate_schema, &table);
	assert_non_null(strstr(buf_text(&doc), buf_text(&table)));
	buf_reset(&table);
	schema_describe(&gate_metric_schema, &table);
	assert_non_null(strstr(buf_text(&doc), buf_text(&table)));
	buf_release(&table);
	buf_release(&doc);
}

static int prepare(void **state)
{
	struct buf text = BUF_INIT;
	int ret;

	(void)state;
	ret = buf_read_file(&text, "tests/unit/data/describe.json") ||
	      catalogue_parse(buf_text(&text), text.len, &catalogue, &why);
	buf_release(&text);
	return ret;
}

static int release(void **state)
{
	(void)state;
	gate_release(&g);
	catalogue_release(&catalogue);
	buf_release(&why);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_gate_that_says_nothing_is_the_standard_one),
		cmocka_unit_test(the_standard_gate_file_says_what_is_built_in),
		cmocka_unit_test(every_count_that_a_shipped_gate_names_is_one),
		cmocka_unit_test(counts_alone_decide_with_the_gate_of_that_name),
		cmocka_unit_test(each_key_says_what_it_means),
		cmocka_unit_test(metrics_are_read_as_written),
		cmocka_unit_test(what_is_wrong_at_the_top_is_named_with_its_place),
		cmocka_unit_test(an_error_that_no_judge_could_keep_is_refused),
		cmocka_unit_test(a_minimum_that_is_none_is_refused),
		cmocka_unit_test(metrics_that_are_wrong_are_named_with_their_place),
		cmocka_unit_test(cells_that_are_no_cells_are_named_with_their_place),
		cmocka_unit_test(cells_that_there_are_not_are_named_with_near_misses),
		cmocka_unit_test(values_that_no_cell_has_are_refused),
		cmocka_unit_test(values_become_what_cells_are_called_by),
		cmocka_unit_test(without_cells_all_decide),
		cmocka_unit_test(cells_decide_that_have_all_of_the_parameters),
		cmocka_unit_test(a_cell_decides_that_any_of_the_mappings_selects),
		cmocka_unit_test(a_metric_decides_in_those_of_the_gates_cells_that_are_its_own),
		cmocka_unit_test(part_of_a_value_selects_nothing),
		cmocka_unit_test(values_that_nobody_made_canonical_select_the_same_cells),
		cmocka_unit_test(decimal_numbers_are_whole_or_refused),
		cmocka_unit_test(a_file_cut_anywhere_is_read_or_refused_in_words),
		cmocka_unit_test(the_documentation_has_the_keys_as_they_are),
	};

	return cmocka_run_group_tests_name("gate", tests, prepare, release);
}
