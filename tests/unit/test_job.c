/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "harness/plan/catalogue.h"
#include "harness/plan/job.h"
#include "harness/plan/plan.h"
#include "lib/buf.h"

#define TOP "job: j\ncells:\n  - workload: read\n"	/* a group's keys go into line 4 */

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

static void parse(const char *text, struct job *job)
{
	struct buf why = BUF_INIT;

	if (job_parse("job.yaml", text, strlen(text), job, &why))
		fail_msg("%s", buf_text(&why));
}

static void expect(const char *text, const char *complaint)
{
	struct buf why = BUF_INIT;
	struct job job;

	assert_int_equal(job_parse("job.yaml", text, strlen(text), &job, &why), -1);
	assert_string_equal(buf_text(&why), complaint);
	job_release(&job);
	buf_release(&why);
}

static void set(struct job *job, const char *assignment)
{
	struct buf why = BUF_INIT;

	if (job_set(job, &catalogue, assignment, &why))
		fail_msg("%s", buf_text(&why));
}

static void expect_set(const char *assignment, const char *complaint)
{
	struct buf why = BUF_INIT;
	struct job job;

	parse(TOP "    block: [1, 2]\n  - workload: 'null'\n", &job);
	assert_int_equal(job_set(&job, &catalogue, assignment, &why), -1);
	assert_string_equal(buf_text(&why), complaint);
	job_release(&job);
	buf_release(&why);
}

static const struct job_key *key_of(const struct job *job, size_t group, const char *name)
{
	size_t i;

	for (i = 0; i < job->group[group].nkeys; i++)
		if (!strcmp(job->group[group].key[i].name.text, name))
			return &job->group[group].key[i];
	return NULL;
}

static void a_job_is_read_as_written_with_places_and_defaults(void **state)
{
	const struct job_key *block, *threads;
	struct job job;

	(void)state;
	parse("job: short-reads\nwindow: 500ms\ncells:\n  - workload: read\n    threads: 16\n    block: [1, 4k]\n"
	      "    title: my table\n    rows: block\n", &job);
	assert_string_equal(job.file, "job.yaml");
	assert_string_equal(job.name.text, "short-reads");
	assert_int_equal(job.seed, 1);
	assert_int_equal(job.blocks, 1);
	assert_int_equal(job.warmup_ns, 1000000000);
	assert_int_equal(job.window_ns, 500000000);
	assert_int_equal(job.windows, 5);
	assert_null(job.about);
	assert_null(job.dir.text);
	assert_int_equal(job.ngroups, 1);
	assert_string_equal(job.group[0].workload.text, "read");
	assert_int_equal(job.group[0].workload.line, 4);
	assert_int_equal(job.group[0].workload.column, 15);
	assert_string_equal(job.group[0].title.text, "my table");
	assert_string_equal(job.group[0].rows.text, "block");
	assert_null(job.group[0].columns.text);
	assert_int_equal(job.group[0].nkeys, 2);
	threads = &job.group[0].key[0];
	assert_string_equal(threads->name.text, "threads");
	assert_string_equal(threads->value[0].text, "16");
	assert_false(threads->is_list);
	block = &job.group[0].key[1];
	assert_true(block->is_list);
	assert_int_equal(block->n, 2);
	assert_string_equal(block->value[1].text, "4k");
	assert_int_equal(block->value[1].line, 6);
	assert_int_equal(block->value[1].column, 16);
	job_release(&job);
}

static void a_wrong_key_at_the_top_is_told_with_its_place_and_a_near_miss(void **state)
{
	(void)state;
	expect("job: j\ncells:\n  - workload: read\nblok: 3\n", "job.yaml:4:1: unknown key 'blok' (did you mean 'blocks'?)");
	expect("job: j\nthreads: 3\n", "job.yaml:2:1: unknown key 'threads'");
	expect("job: j\n", "job.yaml:1:1: a job lacks the key 'cells' (a list: groups of cells, at least one)");
	expect("cells: [{workload: read}]\n", "job.yaml:1:1: a job lacks the key 'job' (text: "
	       "the job's name: letters, digits, `-`, `_` and `.`, at most 64)");
	expect("job: j\ncells: read\n", "job.yaml:2:8: cells: expected a list, found text");
	expect("job: j\ncells: []\n", "job.yaml:2:8: cells: no group of cells");
	expect("job: j\ncells: [read]\n",
	       "job.yaml:2:9: a group of cells is a mapping (`key: value`), found text");
	expect("[job]\n", "job.yaml:1:1: a job is a mapping (`key: value`), found a list");
}

static void values_out_of_range_are_told_with_the_range(void **state)
{
	(void)state;
	expect("windows: 0\n", "job.yaml:1:10: windows: '0' is out of range (1 to 100000)");
	expect("windows: 100001\n", "job.yaml:1:10: windows: '100001' is out of range (1 to 100000)");
	expect("windows: 5s\n", "job.yaml:1:10: windows: '5s' is not a number (1 to 100000)");
	expect("window: 1\n", "job.yaml:1:9: window: '1' is not a duration such as 500ms or 2s (1ms to 3600s)");
	expect("window: 100us\n", "job.yaml:1:9: window: '100us' is out of range (1ms to 3600s)");
	expect("warmup: 2h\n", "job.yaml:1:9: warmup: '2h' is out of range (0s to 3600s)");
	expect("blocks: 10001\n", "job.yaml:1:9: blocks: '10001' is out of range (1 to 10000)");
	expect("seed: -1\n", "job.yaml:1:7: seed: '-1' is not a number (0 to 4294967295)");
	expect("seed: 4294967296\n", "job.yaml:1:7: seed: '4294967296' is out of range (0 to 4294967295)");
	expect("seed: 99999999999999999999999\n",
	       "job.yaml:1:7: seed: '99999999999999999999999' is not a number (0 to 4294967295)");
	expect("windows: [5]\n", "job.yaml:1:10: windows: expected 1 to 100000, found a list");
	expect("window:\n", "job.yaml:1:8: window: expected 1ms to 3600s, found no value");
}

static void a_name_that_could_not_name_a_directory_is_refused(void **state)
{
	(void)state;
	expect("job: a/b\ncells: [{workload: read}]\n",
	       "job.yaml:1:6: job: 'a/b' is not a name of letters, digits, '-', '_' and '.', at most 64");
	expect("job: a b\ncells: [{workload: read}]\n",
	       "job.yaml:1:6: job: 'a b' is not a name of letters, digits, '-', '_' and '.', at most 64");
	expect("job: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\ncells: [{workload: read}]\n",
	       "job.yaml:1:6: job: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...'"
	       " is not a name of letters, digits, '-', '_' and '.', at most 64");
}

static void a_group_is_told_what_is_wrong_with_it(void **state)
{
	(void)state;
	expect("job: j\ncells:\n  - threads: 1\n",
	       "job.yaml:3:5: a group of cells lacks the key 'workload' (text: one that `foliobench list` names)");
	expect(TOP "    block: []\n", "job.yaml:4:12: an axis without values");
	expect(TOP "    block:\n", "job.yaml:4:11: block: no value");
	expect(TOP "    block: [1, ]\n    sharing: [same, '']\n", "job.yaml:5:21: sharing: no value");
	expect(TOP "    block: [[1]]\n", "job.yaml:4:13: block: expected a value, found a list");
	expect(TOP "    block: {a: b}\n", "job.yaml:4:12: block: expected a value, found a mapping");
	expect(TOP "    rows: [block]\n", "job.yaml:4:11: rows: expected text, found a list");
	expect(TOP "    title: \"a\\nb\"\n", "job.yaml:4:12: title: 'a\\x0ab' holds the control character \\x0a");
	expect(TOP "    block: \"4\\x1bk\"\n", "job.yaml:4:12: block: '4\\x1bk' holds the control character \\x1b");
	expect(TOP "    block: 1\n    block: 2\n", "job.yaml:5:5: key 'block' is given twice, first at line 4");
}

static void what_belongs_to_the_whole_job_cannot_stand_in_a_group(void **state)
{
	static const char *const keys[] = { "warmup", "window", "windows", "blocks", "about", "job", "cells" };
	struct buf text = BUF_INIT, complaint = BUF_INIT;
	struct job job;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		buf_reset(&text);
		buf_reset(&complaint);
		buf_fmt(&text, TOP "    %s: 1s\n", keys[i]);
		buf_fmt(&complaint, "job.yaml:4:5: '%s' belongs at the top of the job", keys[i]);
		expect(buf_text(&text), buf_text(&complaint));
	}
	expect(TOP "    counted: 1\n", "job.yaml:4:5: 'counted' cannot be set: `foliogate count` sets it");
	expect(TOP "    first: 1\n", "job.yaml:4:5: 'first' cannot be set: the harness itself numbers the windows");
	parse(TOP "    dir: /mnt\n    seed: 3\n", &job);
	job_release(&job);
	buf_release(&text);
	buf_release(&complaint);
}

static void set_replaces_the_keys_of_the_job(void **state)
{
	struct job job;

	(void)state;
	parse("job: j\ndir: /a\n" "cells:\n  - {workload: read, dir: /b, block: 1}\n", &job);
	set(&job, "windows=7");
	set(&job, "window=20ms");
	set(&job, "seed=0");
	set(&job, "about=a, b and c=d");
	set(&job, "job=k");
	assert_int_equal(job.windows, 7);
	assert_int_equal(job.window_ns, 20000000);
	assert_int_equal(job.seed, 0);
	assert_string_equal(job.about, "a, b and c=d");
	assert_string_equal(job.name.text, "k");
	set(&job, "dir=/c");
	assert_string_equal(job.dir.text, "/c");
	assert_null(key_of(&job, 0, "dir"));
	assert_string_equal(key_of(&job, 0, "block")->value[0].text, "1");
	job_release(&job);
}

static void set_replaces_a_parameter_in_every_group_that_knows_it(void **state)
{
	const struct job_key *key;
	struct job job;

	(void)state;
	parse(TOP "    block: [1, 2]\n    sharing: same\n  - workload: 'null'\n    threads: 2\n", &job);
	set(&job, "block=4k");
	key = key_of(&job, 0, "block");
	assert_int_equal(key->n, 1);
	assert_true(key->is_list);	/* still an axis: rows and columns stay what they were */
	assert_string_equal(key->value[0].text, "4k");
	assert_int_equal(key->value[0].line, 0);
	assert_null(key_of(&job, 1, "block"));
	set(&job, "sharing=same,diff");
	assert_int_equal(key_of(&job, 0, "sharing")->n, 2);
	assert_string_equal(key_of(&job, 0, "sharing")->value[1].text, "diff");
	set(&job, "threads=[1, 2, 3]");
	assert_int_equal(key_of(&job, 0, "threads")->n, 3);
	assert_int_equal(key_of(&job, 1, "threads")->n, 3);
	set(&job, "block=8");
	assert_string_equal(key_of(&job, 0, "block")->value[0].text, "8");
	job_release(&job);
}

static void set_splits_at_commas_only_where_a_value_has_none(void **state)
{
	struct job job;

	(void)state;
	parse(TOP, &job);
	set(&job, "placement=0,2,4-7");
	assert_int_equal(key_of(&job, 0, "placement")->n, 1);
	assert_string_equal(key_of(&job, 0, "placement")->value[0].text, "0,2,4-7");
	set(&job, "placement=[compact, \"0,2\"]");
	assert_int_equal(key_of(&job, 0, "placement")->n, 2);
	assert_string_equal(key_of(&job, 0, "placement")->value[1].text, "0,2");
	job_release(&job);
}

static void set_complains_with_the_words_of_the_command_line(void **state)
{
	(void)state;
	expect_set("windows=0", "--set windows=0: windows: '0' is out of range (1 to 100000)");
	expect_set("windows=", "--set windows=: windows: no value");
	expect_set("windows", "--set windows: not key=value");
	expect_set("=1", "--set =1: not key=value");
	expect_set("", "--set : not key=value");
	expect_set("blok=1",
		   "--set blok=1: neither a key of the job nor a parameter of its workloads (did you mean 'block'?)");
	expect_set("widnows=1",
		   "--set widnows=1: neither a key of the job nor a parameter of its workloads (did you mean 'windows'?)");
	/* write's, and there is no write in the job */
	expect_set("source=cold", "--set source=cold: neither a key of the job nor a parameter of its workloads");
	expect_set("cells=1", "--set cells=1: cells: is a list, and cannot be given as a text");
	expect_set("rows=block", "--set rows=block: 'rows' can be set in the job's file only");
	expect_set("workload=write", "--set workload=write: 'workload' can be set in the job's file only");
	expect_set("counted=1", "--set counted=1: 'counted' cannot be set: `foliogate count` sets it");
	expect_set("first=1", "--set first=1: 'first' cannot be set: the harness itself numbers the windows");
	expect_set("job=a/b", "--set job=a/b: job: 'a/b' is not a name of letters, digits, '-', '_' and '.', at most 64");
	expect_set("block=1,", "--set block=1,: block: no value");
	expect_set("block=[1, 2", "--set block=[1, 2: block: not a list such as [a, b]");
	expect_set("block=[]", "--set block=[]: block: not a list such as [a, b]");
	expect_set("block=[[1]]", "--set block=[[1]]: block: not a list such as [a, b]");
	expect_set("block=\xff", "--set block=\xff: block: the value is not UTF-8 text");
	expect_set("dir=a\nb", "--set dir=a\nb: dir: 'a\\x0ab' holds the control character \\x0a");
}

static void a_refused_set_leaves_the_job_as_it_was(void **state)
{
	struct buf why = BUF_INIT;
	struct job job;

	(void)state;
	parse(TOP "    block: [1, 2]\n", &job);
	assert_int_equal(job_set(&job, &catalogue, "block=[3, '']", &why), -1);
	assert_int_equal(key_of(&job, 0, "block")->n, 2);
	assert_string_equal(key_of(&job, 0, "block")->value[1].text, "2");
	assert_int_equal(job_set(&job, &catalogue, "windows=x", &why), -1);
	assert_int_equal(job.windows, 5);
	job_release(&job);
	buf_release(&why);
}

/* The documentation's tables are those that the files are read by. */
static void the_documentation_holds_both_tables_of_keys(void **state)
{
	struct buf doc = BUF_INIT, table = BUF_INIT;

	(void)state;
	assert_int_equal(buf_read_file(&doc, "docs/jobs.md"), 0);
	schema_describe(&job_schema, &table);
	if (!strstr(buf_text(&doc), buf_text(&table)))
		fail_msg("docs/jobs.md lacks this table:\n%s", buf_text(&table));
	buf_reset(&table);
	schema_describe(&job_group_schema, &table);
	if (!strstr(buf_text(&doc), buf_text(&table)))
		fail_msg("docs/jobs.md lacks this table:\n%s", buf_text(&table));
	buf_release(&doc);
	buf_release(&table);
}

static uint32_t random_below(uint64_t *state, uint32_t n)
{
	*state = *state * 6364136223846793005 + 1442695040888963407;	/* Knuth's MMIX constants */
	return (uint32_t)(((*state >> 32) * n) >> 32);
}

/* One to four small changes, of the kinds that hands, disks and editors make. */
static void mutate(struct buf *b, const struct buf *original, uint64_t *state)
{
	static const char special[] = "[]{}:,-#&*!|>'\"%@`?~\n\r\t \\.0k";
	uint32_t changes = 1 + random_below(state, 4), at, len;

	buf_reset(b);
	buf_add(b, original->s, original->len);
	while (changes-- && b->len > 1) {
		at = random_below(state, (uint32_t)b->len);
		len = 1 + random_below(state, 20);
		if (len > b->len - at)
			len = (uint32_t)b->len - at;
		switch (random_below(state, 5)) {
		case 0:
			b->s[at] = special[random_below(state, sizeof(special) - 1)];
			break;
		case 1:
			b->s[at] = (char)random_below(state, 256);
			break;
		case 2:	/* lose some */
			memmove(b->s + at, b->s + at + len, b->len - at - len + 1);
			b->len -= len;
			break;
		case 3:	/* repeat some at the end */
			buf_str(b, "\n");
			buf_add(b, original->s + at % (original->len - 20), len);
			break;
		case 4:	/* cut */
			if (at > b->len / 2)
				b->len = at;
			break;
		}
	}
}

/* 0: planned; 1: refused with a complaint. */
static int digest(const struct buf *text, struct buf *why)
{
	const struct plan_machine machine = { .cpus = 8 };
	struct plan plan;
	struct job job;
	int ret = 1;

	buf_reset(why);
	if (!job_parse("job.yaml", text->s, text->len, &job, why) &&
	    !plan_make(&job, &catalogue, &machine, &plan, why)) {
		plan_release(&plan);
		ret = 0;
	}
	job_release(&job);
	return ret;
}

/* A fixed seed; slow machines and tools do the first part of it only. */
static void no_mutation_of_a_job_crashes_or_is_refused_without_a_word(void **state)
{
	static const char *const files[] = {
		"configs/jobs/quick.yaml", "configs/jobs/short-reads.yaml", "configs/jobs/scaling.yaml",
		"configs/jobs/ab-short-reads.yaml", "configs/jobs/cmdline.yaml",
	};
	enum { NFILES = sizeof(files) / sizeof(files[0]) };
	struct buf original[NFILES] = { BUF_INIT }, text = BUF_INIT, why = BUF_INIT;
	clock_t end = clock() + 3 * CLOCKS_PER_SEC / 2;
	int refused = 0, planned = 0, i;
	uint64_t seed = 1;

	(void)state;
	for (i = 0; i < NFILES; i++) {
		assert_int_equal(buf_read_file(&original[i], files[i]), 0);
		assert_int_equal(digest(&original[i], &why), 0);
	}
	for (i = 0; i < 6000 && (clock() < end || i < 60); i++) {
		mutate(&text, &original[i % NFILES], &seed);
		if (digest(&text, &why)) {
			refused++;
			assert_int_equal(strncmp(buf_text(&why), "job.yaml:", 9), 0);
			assert_null(strchr(buf_text(&why), '\n'));
		} else {
			planned++;
			assert_int_equal(why.len, 0);
		}
	}
	assert_true(refused > 10);
	assert_true(planned > 3);
	for (i = 0; i < NFILES; i++)
		buf_release(&original[i]);
	buf_release(&text);
	buf_release(&why);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_job_is_read_as_written_with_places_and_defaults),
		cmocka_unit_test(a_wrong_key_at_the_top_is_told_with_its_place_and_a_near_miss),
		cmocka_unit_test(values_out_of_range_are_told_with_the_range),
		cmocka_unit_test(a_name_that_could_not_name_a_directory_is_refused),
		cmocka_unit_test(a_group_is_told_what_is_wrong_with_it),
		cmocka_unit_test(what_belongs_to_the_whole_job_cannot_stand_in_a_group),
		cmocka_unit_test(set_replaces_the_keys_of_the_job),
		cmocka_unit_test(set_replaces_a_parameter_in_every_group_that_knows_it),
		cmocka_unit_test(set_splits_at_commas_only_where_a_value_has_none),
		cmocka_unit_test(set_complains_with_the_words_of_the_command_line),
		cmocka_unit_test(a_refused_set_leaves_the_job_as_it_was),
		cmocka_unit_test(the_documentation_holds_both_tables_of_keys),
		cmocka_unit_test(no_mutation_of_a_job_crashes_or_is_refused_without_a_word),
	};

	return cmocka_run_group_tests(tests, load_catalogue, drop_catalogue);
}
