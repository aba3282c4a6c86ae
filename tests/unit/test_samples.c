/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/store/samples.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "harness/store/run.h"
#include "lib/err.h"
#include "tests/unit/scratch.h"

#define CELL_A "read block=4k threads=2"
#define CELL_B "read block=8k threads=2"

static void add_sample(struct buf *out, const char *name, const char *kernel, uint32_t block, uint32_t window)
{
	uint64_t ops[2] = { 10 + window, 20 }, bytes[2] = { 4096, 8192 };
	uint32_t cpus[2] = { 3, RECORD_NO_CPU };
	struct sample s = {
		.name = (char *)name, .window = window, .threads = 2, .ops = ops, .bytes = bytes, .cpus = cpus,
		.elapsed_ns = 1000000007, .skew_ns = 70, .kernel = (char *)kernel, .block = block,
	};

	cell_id(name, s.cell);
	sample_line(&s, out);
	buf_ch(out, '\n');
}

#define ENVIRONMENT "{\"schema\":1,\"kind\":\"environment\",\"kernel\":\"running\",\"block\":0," \
	"\"at\":\"2026-11-21T11:02:03Z\",\"environment\":{\"cpu\":{\"model\":\"x\"}}}\n"

static void assert_parses(const struct buf *text, struct samples *s)
{
	struct buf why = BUF_INIT;

	if (samples_parse("file", buf_text(text), text->len, s, &why))
		fail_msg("%s", buf_text(&why));
	assert_string_equal(buf_text(&why), "");
}

/* The complaint that a text gives, whole. */
static void assert_damaged(const char *text, size_t len, const char *complaint)
{
	struct buf why = BUF_INIT;
	struct samples s;

	assert_int_equal(samples_parse("file", text, len, &s, &why), -1);
	assert_string_equal(buf_text(&why), complaint);
	samples_release(&s);
	buf_release(&why);
}

static void lines_come_back_in_their_order(void **state)
{
	struct buf text = BUF_INIT;
	struct samples s;

	(void)state;
	buf_str(&text, ENVIRONMENT);
	add_sample(&text, CELL_A, "running", 0, 0);
	add_sample(&text, CELL_B, "patched", 7, 1);
	buf_str(&text, ENVIRONMENT);
	assert_parses(&text, &s);
	assert_int_equal(s.n, 2);
	assert_false(s.torn);
	assert_int_equal(json_array_size(s.environments), 2);
	assert_string_equal(json_get_text(json_array_get(s.environments, 1), "at"), "2026-11-21T11:02:03Z");
	assert_string_equal(s.sample[0].name, CELL_A);
	assert_string_equal(s.sample[0].kernel, "running");
	assert_int_equal(s.sample[0].ops[0], 10);
	assert_int_equal(s.sample[0].cpus[1], RECORD_NO_CPU);
	assert_string_equal(s.sample[1].name, CELL_B);
	assert_string_equal(s.sample[1].kernel, "patched");
	assert_int_equal(s.sample[1].block, 7);
	assert_int_equal(s.sample[1].window, 1);
	assert_int_equal(s.sample[1].elapsed_ns, 1000000007);
	samples_release(&s);
	buf_release(&text);
}

static void nothing_has_no_samples(void **state)
{
	struct buf text = BUF_INIT;
	struct samples s;

	(void)state;
	assert_parses(&text, &s);
	assert_int_equal(s.n, 0);
	assert_false(s.torn);
	assert_int_equal(json_array_size(s.environments), 0);
	samples_release(&s);
}

/* At every length of a file: whole lines count, the torn one does not and is told. */
static void a_tail_torn_at_any_byte_is_passed_over(void **state)
{
	struct buf text = BUF_INIT, part = BUF_INIT;
	struct samples s;
	size_t ends[4] = { 0 }, len, lines;

	(void)state;
	buf_str(&text, ENVIRONMENT);
	ends[1] = text.len;
	add_sample(&text, CELL_A, "running", 0, 0);
	ends[2] = text.len;
	add_sample(&text, CELL_A, "running", 0, 1);
	ends[3] = text.len;
	for (len = 0; len <= text.len; len++) {
		buf_reset(&part);
		buf_add(&part, text.s, len);
		for (lines = 0; lines < 3 && ends[lines + 1] <= len;)
			lines++;
		assert_parses(&part, &s);
		assert_int_equal(s.n + json_array_size(s.environments), lines);
		assert_int_equal(s.torn, len != ends[lines]);
		samples_release(&s);
	}
	buf_release(&part);
	buf_release(&text);
}

static void kinds_of_a_later_version_are_passed_over(void **state)
{
	struct buf text = BUF_INIT;
	struct samples s;

	(void)state;
	buf_str(&text, "{\"schema\":9,\"kind\":\"counter\",\"x\":[1,{}]}\n{\"kind\":\"\"}\n");
	add_sample(&text, CELL_A, "running", 0, 0);
	assert_parses(&text, &s);
	assert_int_equal(s.n, 1);
	samples_release(&s);
	buf_release(&text);
}

static void a_damaged_line_is_named(void **state)
{
	static const struct {
		const char *line, *complaint;
	} bad[] = {
		{ "", "file:2: no JSON: '[' or '{' expected near end of file" },
		{ "{}", "file:2: kind: missing or not a name" },
		{ "[]", "file:2: kind: missing or not a name" },
		{ "{\"kind\":1}", "file:2: kind: missing or not a name" },
		{ "{\"kind\":\"sample\"}", "file:2: schema: missing or not 1" },
		{ "{\"kind\":\"sample\",\"schema\":2}", "file:2: schema: missing or not 1" },
		{ "{\"kind\":\"environment\",\"schema\":2}", "file:2: schema: missing or not 1" },
		{ "{\"kind\":\"environment\",\"schema\":1}", "file:2: kernel: missing or not a name" },
		{ "{\"kind\":\"environment\",\"schema\":1,\"kernel\":\"k\"}",
		  "file:2: block: missing or not a number in range" },
		{ "{\"kind\":\"environment\",\"schema\":1,\"kernel\":\"k\",\"block\":-1}",
		  "file:2: block: missing or not a number in range" },
		{ "{\"kind\":\"environment\",\"schema\":1,\"kernel\":\"k\",\"block\":4294967295}",
		  "file:2: block: missing or not a number in range" },
		{ "{\"kind\":\"environment\",\"schema\":1,\"kernel\":\"k\",\"block\":0}",
		  "file:2: at: missing or not a time" },
		{ "{\"kind\":\"environment\",\"schema\":1,\"kernel\":\"k\",\"block\":0,\"at\":\"x\",\"environment\":[]}",
		  "file:2: environment: missing or not an object" },
		{ "{\"kind\":\"environment\",\"schema\":1,\"kernel\":\"k\",\"block\":0,\"at\":\"x\",\"environment\":{},"
		  "\"guest\":null}", "file:2: guest: not an object" },
		{ "{\"kind\":\"environment\",\"schema\":1,\"kernel\":\"k\",\"block\":0,\"at\":\"x\",\"environment\":{},"
		  "\"guest\":{},\"build\":[]}", "file:2: build: not an object" },
		{ "{\"kind\":\"x\",\"kind\":\"y\"}", "file:2: no JSON: duplicate object key near '\"kind\"'" },
	};
	struct buf text = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		buf_reset(&text);
		add_sample(&text, CELL_A, "running", 0, 0);
		buf_fmt(&text, "%s\n", bad[i].line);
		add_sample(&text, CELL_A, "running", 0, 1);
		assert_damaged(text.s, text.len, bad[i].complaint);
	}
	buf_release(&text);
}

static void a_sample_without_its_kernel_is_damaged(void **state)
{
	struct buf text = BUF_INIT;

	(void)state;
	add_sample(&text, CELL_A, NULL, 0, 0);
	assert_damaged(text.s, text.len, "file:1: kernel: missing or not a name");
	buf_release(&text);
}

/* What power loss leaves on some file systems, and what a bad cable or an editor does. */
static void garbage_is_never_taken_for_samples(void **state)
{
	struct buf text = BUF_INIT, why = BUF_INIT;
	unsigned seed = 1;
	struct samples s;
	size_t at, i;

	(void)state;
	buf_pad(&text, '\0', 100);
	buf_ch(&text, '\n');
	assert_int_equal(samples_parse("file", text.s, text.len, &s, &why), -1);
	samples_release(&s);
	for (i = 0; i < 2000; i++) {	/* one byte of three lines turned: taken with that value, or refused */
		buf_reset(&text);
		buf_reset(&why);
		for (at = 0; at < 3; at++)
			add_sample(&text, CELL_A, "running", 0, (uint32_t)at);
		at = (size_t)rand_r(&seed) % text.len;
		text.s[at] = (char)rand_r(&seed);
		if (samples_parse("file", text.s, text.len, &s, &why))
			assert_memory_equal(buf_text(&why), "file:", 5);
		else
			assert_true(s.n == 3 || (s.n == 2 && (s.torn || strstr(text.s, "\"kind\""))));
		samples_release(&s);
	}
	buf_release(&text);
	buf_release(&why);
}

static void windows_count_up_to_the_first_gap(void **state)
{
	static const uint32_t window[] = { 0, 1, 2, 4, 5 };
	struct buf text = BUF_INIT;
	struct samples s;
	size_t i;

	(void)state;
	for (i = 0; i < 5; i++)
		add_sample(&text, CELL_A, "running", 0, window[i]);
	add_sample(&text, CELL_A, "running", 1, 0);
	add_sample(&text, CELL_A, "patched", 0, 0);
	add_sample(&text, CELL_B, "running", 0, 1);
	assert_parses(&text, &s);
	assert_int_equal(samples_done(&s, "running", 0, s.sample[0].cell), 3);
	assert_int_equal(samples_done(&s, "running", 1, s.sample[0].cell), 1);
	assert_int_equal(samples_done(&s, "patched", 0, s.sample[0].cell), 1);
	assert_int_equal(samples_done(&s, "patched", 1, s.sample[0].cell), 0);
	assert_int_equal(samples_done(&s, "running", 0, s.sample[7].cell), 0);
	assert_int_equal(samples_done(&s, "running", 0, "0000000000000000"), 0);
	samples_release(&s);
	buf_release(&text);
}

static void windows_count_in_any_order_and_once(void **state)
{
	static const uint32_t window[] = { 3, 2, 1, 0, 0, 1, 1 };
	struct buf text = BUF_INIT;
	struct samples s;
	size_t i;

	(void)state;
	for (i = 0; i < 7; i++)
		add_sample(&text, CELL_A, "running", 0, window[i]);
	assert_parses(&text, &s);
	assert_int_equal(samples_done(&s, "running", 0, s.sample[0].cell), 4);
	samples_release(&s);
	buf_release(&text);
}

/* Expected: the windows of the second boot. Buggy: window 0 of both. */
static void a_cell_measured_anew_is_of_one_boot(void **state)
{
	struct buf text = BUF_INIT;
	struct samples s;
	uint32_t i;

	(void)state;
	add_sample(&text, CELL_A, "base", 0, 0);
	add_sample(&text, CELL_B, "base", 0, 0);
	add_sample(&text, CELL_B, "base", 0, 1);
	buf_str(&text, ENVIRONMENT);
	for (i = 0; i < 3; i++)
		add_sample(&text, CELL_B, "base", 0, i);
	add_sample(&text, CELL_B, "base", 1, 0);
	add_sample(&text, CELL_B, "other", 1, 0);
	assert_parses(&text, &s);
	assert_int_equal(s.n, 6);
	for (i = 0; i < 3; i++) {
		assert_string_equal(s.sample[1 + i].name, CELL_B);
		assert_int_equal(s.sample[1 + i].window, i);
	}
	assert_int_equal(json_array_size(s.environments), 1);
	samples_release(&s);
	buf_release(&text);
}

static void a_run_is_read_from_its_directory(void **state)
{
	struct buf line = BUF_INIT;
	struct samples s;
	struct run r;
	char *path;

	(void)state;
	assert_int_equal(run_create(&r, scratch_dir, "reads"), 0);
	path = run_path(&r, "samples.jsonl");
	add_sample(&line, CELL_A, "running", 0, 0);
	assert_int_equal(run_append(&r, line.s, line.len - 1), 0);
	assert_int_equal(samples_read(&r, &s), 0);
	assert_int_equal(s.n, 1);
	samples_release(&s);
	assert_int_equal(run_append(&r, "{}", 2), 0);
	scratch_listen();
	assert_int_equal(samples_read(&r, &s), -1);
	buf_reset(&line);
	buf_fmt(&line, "%s:2: kind: missing or not a name\n", path);
	assert_string_equal(scratch_heard(), buf_text(&line));
	assert_int_equal(s.n, 0);
	unlink(path);
	assert_int_equal(samples_read(&r, &s), 0);
	assert_int_equal(s.n, 0);
	assert_int_equal(json_array_size(s.environments), 0);
	samples_release(&s);
	mkdir(path, 0777);
	scratch_listen();
	assert_int_equal(samples_read(&r, &s), -1);
	assert_non_null(strstr(scratch_heard(), "samples.jsonl: Is a directory"));
	run_close(&r);
	buf_release(&line);
	free(path);
}

/* Takes a tenth of a second; the limit is for valgrind, and still far below anything quadratic. */
static void many_lines_load_in_no_time(void **state)
{
	struct buf text = BUF_INIT;
	clock_t begin;
	double seconds;
	struct samples s;
	uint32_t i;

	(void)state;
	for (i = 0; i < 20000; i++)
		add_sample(&text, CELL_A, "running", i / 100, i % 100);
	begin = clock();
	assert_parses(&text, &s);
	seconds = (double)(clock() - begin) / CLOCKS_PER_SEC;
	print_message("%zu lines, %zu bytes: %.2f s\n", s.n, text.len, seconds);
	assert_int_equal(s.n, 20000);
	assert_true(seconds < 20);
	assert_int_equal(samples_done(&s, "running", 199, s.sample[0].cell), 100);
	samples_release(&s);
	buf_release(&text);
}

static void emulation_is_known_by_the_guest_and_by_the_machine(void **state)
{
	static const struct {
		const char *text;
		bool emulated;
	} cases[] = {
		{ "{'environment':{'cpu':{'hypervisor':'tcg'}}}", true },
		{ "{'environment':{'hypervisor':'tcg'}}", true },
		{ "{'environment':{'cpu':{'hypervisor':'kvm'}},'guest':{'accel':'tcg'}}", true },
		{ "{'environment':{},'guest':{'accel':'tcg-multi'}}", true },
		{ "{'environment':{'cpu':{'hypervisor':'kvm'}},'guest':{'accel':'kvm'}}", false },
		{ "{'environment':{'cpu':{'hypervisor':'kvm'}}}", false },
		{ "{'environment':{'cpu':{}},'guest':{'accel':7},'build':{'accel':'tcg'}}", false },
		{ "{'environment':3,'guest':'tcg'}", false },
		{ "{}", false },
	};
	char text[128], *at;
	json_t *line;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		strcpy(text, cases[i].text);
		for (at = text; *at; at++)
			*at = *at == '\'' ? '"' : *at;
		line = json_loads(text, 0, NULL);
		assert_non_null(line);
		if (samples_emulated(line) != cases[i].emulated)
			fail_msg("%s", text);
		json_decref(line);
	}
	assert_false(samples_emulated(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_come_back_in_their_order),
		cmocka_unit_test(nothing_has_no_samples),
		cmocka_unit_test(a_tail_torn_at_any_byte_is_passed_over),
		cmocka_unit_test(kinds_of_a_later_version_are_passed_over),
		cmocka_unit_test(a_damaged_line_is_named),
		cmocka_unit_test(a_sample_without_its_kernel_is_damaged),
		cmocka_unit_test(garbage_is_never_taken_for_samples),
		cmocka_unit_test(windows_count_up_to_the_first_gap),
		cmocka_unit_test(windows_count_in_any_order_and_once),
		cmocka_unit_test(a_cell_measured_anew_is_of_one_boot),
		cmocka_unit_test(a_run_is_read_from_its_directory),
		cmocka_unit_test(many_lines_load_in_no_time),
		cmocka_unit_test(emulation_is_known_by_the_guest_and_by_the_machine),
	};
	int failed;

	scratch_begin();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	scratch_end();
	buf_release(&scratch_ear.text);
	return failed;
}
