/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/made_hostile.h"

/* What a reader of the format, as its proposal describes it, makes of a text. */
struct reading {
	size_t results, values, keys, units;
	char kernel[64];		/* as last set */
	size_t of[2];			/* results by kernel: the first so named, any other */
};

/* "NAME N VALUE UNIT [VALUE UNIT]...": single blanks between, numbers that are numbers. */
static void read_result(struct reading *r, char *line)
{
	char *name = strsep(&line, " "), *word, *end;
	size_t values = 0;

	assert_true(strlen(name) > strlen("Benchmark"));
	assert_true(!islower((unsigned char)name[9]));
	for (word = name; *word; word++)
		assert_true(*word > ' ' && *word < 0x7f);
	word = strsep(&line, " ");
	assert_non_null(word);
	assert_true(strtoull(word, &end, 10) > 0 && !*end);
	while ((word = strsep(&line, " "))) {
		assert_true(isfinite(strtod(word, &end)) && end != word && !*end);
		word = strsep(&line, " ");
		assert_non_null(word);
		assert_non_null(strchr(word, '/'));
		values++;
	}
	assert_true(values > 0);
	r->results++;
	r->values += values;
	r->of[!!strcmp(r->kernel, "baseline")]++;
}

/* "Unit NAME key=value..." */
static void read_unit(struct reading *r, char *line)
{
	char *word;

	strsep(&line, " ");
	assert_non_null(strchr(strsep(&line, " "), '/'));
	while ((word = strsep(&line, " ")))
		assert_true(!strcmp(word, "better=lower") || !strcmp(word, "better=higher") ||
			    !strcmp(word, "assume=exact"));
	r->units++;
}

static void read_key(struct reading *r, char *line)
{
	char *key = strsep(&line, ":");

	assert_true(islower((unsigned char)*key));
	assert_int_equal(strspn(key, "abcdefghijklmnopqrstuvwxyz-"), strlen(key));
	assert_non_null(line);
	assert_int_equal(*line, ' ');
	if (!strcmp(key, "kernel"))
		snprintf(r->kernel, sizeof(r->kernel), "%s", line + 1);
	r->keys++;
}

static struct reading read_back(const struct buf *out)
{
	char *text = xstrdup(buf_text(out)), *at = text, *line;
	struct reading r = { 0 };

	expect_clean(out);
	while ((line = strsep(&at, "\n"))) {
		if (!*line || *line == '#')
			continue;
		if (!strncmp(line, "Benchmark", strlen("Benchmark")))
			read_result(&r, line);
		else if (!strncmp(line, "Unit ", strlen("Unit ")))
			read_unit(&r, line);
		else
			read_key(&r, line);
	}
	free(text);
	return r;
}

static void there_is_a_line_for_each_boot_and_one_for_the_counts(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;
	struct reading r;

	(void)state;
	made_judged(&j, MADE_REJECT);
	report_benchfmt(&j.in, &out);
	r = read_back(&out);
	assert_int_equal(r.of[0], MADE_CELLS * (8 + 1));
	assert_int_equal(r.of[1], MADE_CELLS * (8 + 1));
	expect_has(&out, "\ngoos: linux\ngoarch: amd64\npkg: foliobench\ncpu: Some CPU\njob: made\n");
	expect_has(&out, "\nUnit ns/op better=lower\nUnit MB/s better=higher\n");
	expect_has(&out, "\nUnit stac/op better=lower assume=exact\n");
	/* 9.1e6 ops/s of the cell, 1.004 in the boot: the median of windows that did 0.999 and 1.001 of it. */
	expect_has(&out, "\nBenchmarkWrite/block=256/file_size=1M/fs=tmpfs/sharing=diff/pattern=random/call=pwrite-2 ");
	expect_has(&out, " 960 1692 kernel_instructions/op 2 stac/op 2 clac/op 4 atomics/op 0 transfers/op\n");
	made_judged_release(&j);
	buf_release(&out);
}

static void a_line_has_the_boots_median_and_all_of_its_ops(void **state)
{
	struct buf out = BUF_INIT, want = BUF_INIT;
	struct made_judged j;
	uint64_t ops = 0;
	double *ns;
	uint32_t t;
	size_t i;

	(void)state;
	made_judged(&j, MADE_REJECT);
	report_benchfmt(&j.in, &out);
	for (i = 0; i < MADE_WINDOWS; i++)
		for (t = 0; t < MADE_THREADS; t++)
			ops += j.samples.sample[i].ops[t];
	ns = figures_boots(&j.m.plan, j.samples.sample, j.samples.n, METRIC_NS_PER_OP);
	buf_fmt(&want, "\nkernel: baseline\n"
		       "BenchmarkRead/block=1/file_size=4k/fs=ext4/sharing=same/pattern=fixed/call=pread-2 %llu "
		       "%.10g ns/op ", (unsigned long long)ops, ns[0]);
	expect_has(&out, buf_text(&want));
	free(ns);
	made_judged_release(&j);
	buf_release(&want);
	buf_release(&out);
}

static void nothing_but_the_kernel_differs_between_kernels(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;
	struct reading r;

	(void)state;
	made_judged(&j, MADE_REJECT);
	report_benchfmt(&j.in, &out);
	r = read_back(&out);
	assert_int_equal(r.keys, 5 + 2);	/* and `kernel` twice */
	assert_int_equal(count_of(&out, "\nkernel: "), 2);
	expect_has(&out, "mm/filemap: count the readers of a folio\n");
	expect_has(&out, "\n# patched: 6.12.117\n");
	made_judged_release(&j);
	buf_release(&out);
}

static void a_boot_that_lacks_a_window_has_no_line(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;

	(void)state;
	made_judged(&j, MADE_REJECT);
	j.samples.sample[1].block = 99;
	report_benchfmt(&j.in, &out);
	assert_int_equal(read_back(&out).of[0], MADE_CELLS * 9 - 1);
	made_judged_release(&j);
	buf_release(&out);
}

static void of_emulation_there_are_counts_alone(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;

	(void)state;
	made_emulated(&j, MADE_REJECT);
	report_benchfmt(&j.in, &out);
	assert_int_equal(read_back(&out).results, 2 * MADE_CELLS);
	assert_null(strstr(buf_text(&out), " ns/op"));
	assert_null(strstr(buf_text(&out), "MB/s"));
	buf_reset(&out);
	j.in.show_emulated_times = true;
	report_benchfmt(&j.in, &out);
	assert_int_equal(read_back(&out).results, 2 * MADE_CELLS * 9);
	made_judged_release(&j);
	buf_release(&out);
}

static void a_kernel_in_trouble_leaves_no_results(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;

	(void)state;
	made_judged(&j, MADE_INCIDENT);
	report_benchfmt(&j.in, &out);
	assert_int_equal(read_back(&out).results, 0);
	expect_has(&out, "\n# oops: BUG: kernel NULL pointer dereference");
	made_judged_release(&j);
	buf_release(&out);
}

static void one_machines_predictions_are_enough(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;

	(void)state;
	made_judged(&j, MADE_REJECT);
	made_prediction(&j.m, &j.samples, 0, &j.m.plan.cell[0], "other")->transfers = 77;
	report_benchfmt(&j.in, &out);
	assert_null(strstr(buf_text(&out), "77 transfers/op"));
	buf_reset(&out);
	j.in.machine = "other";
	report_benchfmt(&j.in, &out);
	expect_has(&out, " 77 transfers/op\n");
	made_judged_release(&j);
	buf_release(&out);
}

static void hostile_names_end_no_word_and_set_no_key(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;

	(void)state;
	made_hostile(&j, MADE_ACCEPT);
	report_benchfmt(&j.in, &out);
	read_back(&out);
	expect_has(&out, "\nBenchmarkRead/block=\\xff\\xfe#/x=<&>\"'#\\xef\\xbf\\xbe-2 ");
	expect_has(&out, "\nkernel: a<b>&\"c'#d\\e/\\x0a\\x09\\x01\\x7f\xc3\xa9\n");
	made_judged_release(&j);
	buf_release(&out);
}

static void the_same_run_gives_the_same_bytes(void **state)
{
	(void)state;
	expect_same_twice(report_benchfmt);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_is_a_line_for_each_boot_and_one_for_the_counts),
		cmocka_unit_test(a_line_has_the_boots_median_and_all_of_its_ops),
		cmocka_unit_test(nothing_but_the_kernel_differs_between_kernels),
		cmocka_unit_test(a_boot_that_lacks_a_window_has_no_line),
		cmocka_unit_test(of_emulation_there_are_counts_alone),
		cmocka_unit_test(a_kernel_in_trouble_leaves_no_results),
		cmocka_unit_test(one_machines_predictions_are_enough),
		cmocka_unit_test(hostile_names_end_no_word_and_set_no_key),
		cmocka_unit_test(the_same_run_gives_the_same_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
