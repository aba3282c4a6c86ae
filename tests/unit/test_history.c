/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/store/history.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "harness/commands/history_judge.h"
#include "harness/plan/plan.h"
#include "harness/store/index.h"
#include "harness/store/run.h"
#include "harness/store/samples.h"
#include "lib/err.h"
#include "tests/unit/close.h"
#include "tests/unit/scratch.h"

static char *results;	/* a fresh directory for every test */

static int setup(void **state)
{
	static int n;

	(void)state;
	results = xasprintf("%s/results-%d", scratch_dir, n++);
	mkdir(results, 0777);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	scratch_remove(results);
	free(results);
	return 0;
}

static void assert_says(const char *said, const char *part)
{
	if (!strstr(said, part))
		fail_msg("\"%s\" is not in: %s", part, said);
}

/* Nights of two cells, one block and window each. */

static char *rows[] = { (char *)"1", (char *)"4k" }, *columns[] = { (char *)"" };
static char *argv_1[] = { (char *)"read", (char *)"block=1", NULL }, *argv_4k[] = { (char *)"read", (char *)"block=4k", NULL };
static char *argv_16[] = { (char *)"read", (char *)"block=16", NULL };
static int grid[] = { 0, 1 };
static struct plan_kernel running = { .name = (char *)"running" };
static struct plan_cell cells[] = {
	{ .name = (char *)"read block=1", .argv = argv_1 }, { .name = (char *)"read block=4k", .argv = argv_4k },
};
static struct plan_table table = { .rows = (char *)"block", .row = rows, .column = columns, .nrows = 2, .ncolumns = 1,
				   .cell = grid };
static uint32_t order[] = { 0, 1, 1, 0 };

struct night {
	const char *job, *machine, *release;
	uint32_t blocks;	/* planned */
	uint64_t ops;		/* of the second cell twice as many */
	const char *verdict;	/* verdict.json, or NULL */
};

static const struct night usual = { .job = "nightly", .machine = "Z80", .release = "6.12.1", .blocks = 1, .ops = 1000 };

static void write_plan(const char *dir, const struct night *night)
{
	struct plan plan = {
		.job = (char *)night->job, .seed = 1, .window_ns = 1000000000, .windows = 1, .blocks = night->blocks,
		.kernel = &running, .nkernels = 1, .cell = cells, .ncells = 2, .table = &table, .ntables = 1,
		.order = order,
	};
	char *path = xasprintf("%s/plan.json", dir);
	struct buf text = BUF_INIT;
	json_t *json;

	cell_id(cells[0].name, cells[0].id);
	cell_id(cells[1].name, cells[1].id);
	json = plan_json(&plan);
	json_pretty(&text, json);
	scratch_write(path, text.s, text.len);
	json_decref(json);
	buf_release(&text);
	free(path);
}

static void write_samples(const char *dir, const struct night *night)
{
	char *path = xasprintf("%s/samples.jsonl", dir);
	struct buf text = BUF_INIT;
	uint64_t ops, bytes = 4096;
	uint32_t cpu = 0, i;
	struct sample s = { .threads = 1, .ops = &ops, .bytes = &bytes, .cpus = &cpu, .elapsed_ns = 1000000000,
			    .kernel = running.name };

	buf_fmt(&text, "{\"schema\":1,\"kind\":\"environment\",\"kernel\":\"running\",\"block\":0,"
		"\"at\":\"2026-11-21T11:02:03Z\",\"environment\":{\"kernel\":{\"release\":\"%s\",\"build_id\":\"%s-id\"},"
		"\"cpu\":{\"model\":\"%s\"}},\"build\":{\"source\":\"linux %s\",\"patches\":[\"a fix\"]}}\n",
		night->release, night->release, night->machine, night->release);
	for (i = 0; i < 2; i++) {
		ops = night->ops * (i + 1);
		s.name = cells[i].name;
		strcpy(s.cell, cells[i].id);
		sample_line(&s, &text);
		buf_ch(&text, '\n');
	}
	scratch_write(path, text.s, text.len);
	buf_release(&text);
	free(path);
}

static void make_night(const char *id, const struct night *night)
{
	char *dir = xasprintf("%s/%s", results, id), *path = xasprintf("%s/verdict.json", dir);

	mkdir(dir, 0777);
	write_plan(dir, night);
	write_samples(dir, night);
	if (night->verdict)
		scratch_write(path, night->verdict, strlen(night->verdict));
	free(path);
	free(dir);
}

/* Day 0 is 2026-01-01. */
static void make_day(unsigned day, const struct night *night)
{
	char *id = xasprintf("2026-%02u-%02uT01-00-00-%s", 1 + day / 28, 1 + day % 28, night->job);

	make_night(id, night);
	free(id);
}

static void load(const struct history_filter *filter, struct history *h)
{
	struct index *ix;

	assert_int_equal(index_open(&ix, results), 0);
	assert_int_equal(index_refresh(ix), 0);
	assert_int_equal(history_load(ix, filter, h), 0);
	index_close(ix);
}

/* How many series and points fit a filter. */
static void assert_fits(const struct history_filter *filter, size_t series, size_t points)
{
	struct history h;
	size_t i, n = 0;

	load(filter, &h);
	for (i = 0; i < h.n; i++)
		n += h.series[i].n;
	assert_int_equal(h.n, series);
	assert_int_equal(n, points);
	history_release(&h);
}

static const struct history_filter every = { .since = INT64_MIN };

static void an_empty_store_has_no_history(void **state)
{
	struct history h;

	(void)state;
	load(&every, &h);
	assert_int_equal(h.n, 0);
	assert_int_equal(h.nruns, 0);
	history_release(&h);
}

static void nights_become_series_in_the_order_of_time(void **state)
{
	static const unsigned days[] = { 3, 0, 2, 1 };
	struct history_filter filter = { .metric = "ops_per_s", .since = INT64_MIN };
	struct night night = usual;
	struct history h;
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++) {
		night.ops = 1000 + days[i];
		make_day(days[i], &night);
		assert_fits(&filter, 2, 2 * (i + 1));		/* indexed one by one, not in their order */
	}
	load(&filter, &h);
	assert_string_equal(h.series[0].cell, "read block=1");
	assert_string_equal(h.series[1].cell, "read block=4k");
	assert_string_equal(h.series[0].metric.name, "ops_per_s");
	assert_string_equal(h.series[0].machine, "Z80");
	assert_string_equal(h.series[0].job, "nightly");
	assert_string_equal(h.series[0].kernel, "running");
	for (i = 0; i < 4; i++) {
		assert_close(h.series[0].point[i].value, 1000 + (double)i, 1e-9);
		assert_close(h.series[1].point[i].value, 2000 + 2 * (double)i, 1e-9);
	}
	assert_string_equal(h.run[h.series[0].point[3].run], "2026-01-04T01-00-00-nightly");
	assert_string_equal(h.revision[h.series[0].point[0].revision].release, "6.12.1");
	assert_string_equal(h.revision[h.series[0].point[0].revision].build_id, "6.12.1-id");
	assert_string_equal(h.revision[h.series[0].point[0].revision].source, "linux 6.12.1");
	assert_string_equal(h.revision[h.series[0].point[0].revision].patches, "[\"a fix\"]");
	history_release(&h);
}

static void what_is_asked_for_is_what_comes(void **state)
{
	struct night night = usual;
	struct history_filter f;

	(void)state;
	make_day(0, &night);
	make_day(1, &night);
	night.machine = "6502";
	make_day(2, &night);
	night.job = "weekly";
	make_day(3, &night);
	assert_fits(&every, 3 * 2 * 3, 4 * 2 * 3);	/* machines and jobs, cells, metrics */
	f = (struct history_filter){ .machine = "z8", .since = INT64_MIN };
	assert_fits(&f, 6, 12);
	f = (struct history_filter){ .metric = "ns_per_op", .since = INT64_MIN };
	assert_fits(&f, 6, 8);
	f = (struct history_filter){ .job = "weekly", .since = INT64_MIN };
	assert_fits(&f, 6, 6);
	f = (struct history_filter){ .kernel = "patched", .since = INT64_MIN };
	assert_fits(&f, 0, 0);
	f = (struct history_filter){ .cell = "read block=4k", .since = INT64_MIN };
	assert_fits(&f, 9, 12);
	f = (struct history_filter){ .cell = "block=4", .since = INT64_MIN };
	assert_fits(&f, 0, 0);
	f = (struct history_filter){ .cell = "lock", .metric = "ops_per_s", .since = INT64_MIN };
	assert_fits(&f, 6, 8);
	f = (struct history_filter){ .cell = cells[0].id, .since = INT64_MIN };
	assert_fits(&f, 9, 12);
	f = (struct history_filter){ .metric = "ops_per_s", .since = 1767402000 };	/* 2026-01-03, 01:00 */
	assert_fits(&f, 4, 4);
	f = (struct history_filter){ .metric = "stac", .since = INT64_MIN };
	assert_fits(&f, 0, 0);
}

static void a_series_goes_on_when_a_job_gets_more_cells(void **state)
{
	struct plan_cell first = cells[0];
	struct history_filter f = { .metric = "ops_per_s", .cell = "block=4k", .since = INT64_MIN };

	(void)state;
	make_day(0, &usual);
	make_day(2, &usual);
	cells[0] = (struct plan_cell){ .name = (char *)"read block=16", .argv = argv_16 };
	make_day(1, &usual);
	cells[0] = first;
	assert_fits(&f, 1, 3);
	f.cell = NULL;
	assert_fits(&f, 3, 6);
}

static void runs_that_are_not_complete_have_no_night(void **state)
{
	struct night night = usual;
	struct history h;

	(void)state;
	make_day(0, &night);
	night.blocks = 2;
	make_day(1, &night);
	load(&every, &h);
	assert_int_equal(h.n, 6);
	assert_int_equal(h.series[0].n, 1);
	assert_int_equal(h.nruns, 2);
	assert_int_equal(h.without, 1);
	history_release(&h);
}

/* A verdict that comes after the run was indexed. */
static void a_run_decided_early_is_complete(void **state)
{
	static const char verdict[] = "{\"schema\":1,\"kind\":\"verdict\",\"outcome\":\"accept\",\"final\":true}";
	char *path = xasprintf("%s/2026-01-01T01-00-00-nightly/verdict.json", results);
	struct night night = usual;

	(void)state;
	night.blocks = 2;
	make_day(0, &night);
	assert_fits(&every, 0, 0);
	scratch_write(path, verdict, sizeof(verdict) - 1);
	assert_fits(&every, 6, 6);
	unlink(path);
	assert_fits(&every, 0, 0);
	free(path);
}

static void a_run_that_goes_takes_its_night_along(void **state)
{
	char *dir;

	(void)state;
	make_day(0, &usual);
	make_day(1, &usual);
	assert_fits(&every, 6, 12);
	dir = xasprintf("%s/2026-01-01T01-00-00-nightly", results);
	scratch_remove(dir);
	assert_fits(&every, 6, 6);
	free(dir);
}

static void a_damaged_run_is_said_and_has_no_night(void **state)
{
	char *path = xasprintf("%s/2026-01-02T01-00-00-nightly/samples.jsonl", results);

	(void)state;
	make_day(0, &usual);
	make_day(1, &usual);
	scratch_write(path, "rubbish\n", 8);
	scratch_listen();
	assert_fits(&every, 6, 6);
	assert_says(scratch_heard(), "2026-01-02T01-00-00-nightly/samples.jsonl:1: ");
	assert_says(buf_text(&scratch_ear.text), "left out of the index");
	free(path);
}

static void a_verdict_that_cannot_be_read_is_said_and_done_without(void **state)
{
	struct night night = usual;

	(void)state;
	night.verdict = "{\"kind\":";
	make_day(0, &night);
	scratch_listen();
	assert_fits(&every, 6, 6);
	assert_says(scratch_heard(), "verdict.json: line 1: no JSON");
	assert_says(buf_text(&scratch_ear.text), "the run is indexed without its verdict");
}

/* Judged */

static void make_nights(unsigned n, unsigned step, const char *release)
{
	struct night night = usual;
	unsigned i;

	for (i = 0; i < n; i++) {
		night.ops = (i < step ? 100000 : 94000) + i * 7919 % 500;
		night.release = i < step ? "6.12.1" : release;
		make_day(i, &night);
	}
}

static void a_step_is_named_by_the_kernel_it_came_with(void **state)
{
	const struct history_filter f = { .metric = "ops_per_s", .cell = "block=4k", .since = INT64_MIN };
	const struct history_judge_how how = { .magnitude = (double)NAN, .window = CHANGES_WINDOW };
	struct past_kernels k;
	struct past *past;
	struct history h;

	(void)state;
	make_nights(40, 25, "6.12.2");
	load(&f, &h);
	past = history_judge(&h, &how);
	assert_int_equal(past[0].nchanges, 1);
	assert_int_equal(past[0].change[0].at, 25);
	k = past_kernels(&h, &past[0], 0);
	assert_false(k.same);
	assert_int_equal(k.nights, 0);
	assert_string_equal(k.before->release, "6.12.1");
	assert_string_equal(k.after->release, "6.12.2");
	past[0].change[0].at = 27;	/* as a noisier series would have it */
	k = past_kernels(&h, &past[0], 0);
	assert_int_equal(k.nights, -2);
	assert_string_equal(k.before->release, "6.12.1");
	past[0].change[0].at = 22;
	assert_int_equal(past_kernels(&h, &past[0], 0).nights, 3);
	past[0].change[0].at = 35;
	assert_true(past_kernels(&h, &past[0], 0).same);
	past_release(past, h.n);
	history_release(&h);
}

static void a_step_without_a_new_kernel_is_the_machines(void **state)
{
	const struct history_filter f = { .metric = "ops_per_s", .since = INT64_MIN };
	const struct history_judge_how how = { .magnitude = (double)NAN, .window = CHANGES_WINDOW };
	struct past *past;
	struct history h;

	(void)state;
	make_nights(40, 25, "6.12.1");
	load(&f, &h);
	past = history_judge(&h, &how);
	assert_int_equal(past[1].nchanges, 1);
	assert_true(past_kernels(&h, &past[1], 0).same);
	past_release(past, h.n);
	history_release(&h);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_empty_store_has_no_history),
		TEST(nights_become_series_in_the_order_of_time),
		TEST(what_is_asked_for_is_what_comes),
		TEST(a_series_goes_on_when_a_job_gets_more_cells),
		TEST(runs_that_are_not_complete_have_no_night),
		TEST(a_run_decided_early_is_complete),
		TEST(a_run_that_goes_takes_its_night_along),
		TEST(a_damaged_run_is_said_and_has_no_night),
		TEST(a_verdict_that_cannot_be_read_is_said_and_done_without),
		TEST(a_step_is_named_by_the_kernel_it_came_with),
		TEST(a_step_without_a_new_kernel_is_the_machines),
	};
	int ret;

	scratch_begin();
	ret = cmocka_run_group_tests(tests, NULL, NULL);
	scratch_end();
	return ret;
}
