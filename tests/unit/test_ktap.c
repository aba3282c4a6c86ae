/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/made_hostile.h"

/* What a reader of the format makes of it. */
struct reading {
	char *at;			/* what is not read yet */
	size_t passed, failed, skipped;	/* tests without subtests */
};

static char *next_line(struct reading *r)
{
	char *line = strsep(&r->at, "\n");

	return line && *line ? line : NULL;
}

/* The next line, at the depth expected; NULL where it lies less deep. */
static char *peek(struct reading *r, size_t depth)
{
	size_t blanks;

	if (!r->at || !*r->at)
		return NULL;
	blanks = strspn(r->at, " ");
	assert_int_equal(blanks % 2, 0);
	return blanks < 2 * depth ? NULL : r->at + 2 * depth;
}

static bool read_tests(struct reading *r, size_t depth);

static void read_header(struct reading *r, size_t depth, size_t *plan)
{
	char *line = next_line(r);

	assert_string_equal(line + 2 * depth, "KTAP version 1");
	while ((line = next_line(r)) && line[2 * depth] == '#')
		;
	assert_non_null(line);
	assert_int_equal(sscanf(line + 2 * depth, "1..%zu", plan), 1);
	assert_true(*plan > 0);
}

/* A result's line; below: did one of the tests in it fail? -1: it has none. */
static bool read_result(struct reading *r, size_t depth, size_t number, int below)
{
	char *line = next_line(r) + 2 * depth;
	bool bad = !strncmp(line, "not ", 4);
	char want[64], *hash;

	snprintf(want, sizeof(want), "%sok %zu ", bad ? "not " : "", number);
	assert_memory_equal(line, want, strlen(want));
	hash = strchr(line, '#');
	if (hash) {
		assert_int_equal(hash[-1], ' ');
		assert_int_equal(hash[1], ' ');
		assert_null(strchr(hash + 1, '#'));
	}
	if (below >= 0)
		assert_int_equal(bad, below);
	else if (hash && !strncmp(hash, "# SKIP ", 7) && hash[7])
		r->skipped++;
	else if (bad)
		r->failed++;
	else
		r->passed++;
	return bad;
}

/* One level: header, plan, as many tests as planned. Did one fail? */
static bool read_tests(struct reading *r, size_t depth)
{
	bool failed = false;
	size_t plan, i;
	char *line;
	int below;

	read_header(r, depth, &plan);
	for (i = 1; i <= plan; i++) {
		while ((line = peek(r, depth)) && *line == '#')
			next_line(r);
		below = -1;
		line = peek(r, depth);
		assert_non_null(line);
		if (*line == ' ')
			below = read_tests(r, depth + 1);
		failed |= read_result(r, depth, i, below);
	}
	line = peek(r, depth);
	assert_true(!line || *line == '#');
	return failed;
}

static struct reading read_back(const struct buf *out)
{
	char *text = xstrdup(buf_text(out));
	struct reading r = { .at = text };

	read_tests(&r, 0);
	assert_true(!r.at || !*r.at);
	free(text);
	return r;
}

static void every_level_has_its_plan_and_a_parent_fails_with_its_children(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;
	struct reading r;

	(void)state;
	made_judged(&j, MADE_REJECT);
	report_ktap(&j.in, &out);
	expect_clean(&out);
	r = read_back(&out);
	/* 8 cells of 6 metrics, and the verdict. */
	assert_int_equal(r.passed + r.failed + r.skipped, 49);
	assert_int_equal(r.failed, j.judged.verdicts[VERDICT_REGRESSED] + 1);
	assert_int_equal(r.skipped, j.judged.verdicts[VERDICT_INCONCLUSIVE]);
	expect_has(&out, "\n      not ok 3 stac # regressed\n");
	expect_has(&out, "\n      # stac: +1 STAC per op (2 -> 3)\n");
	expect_has(&out, "\nnot ok 2 verdict # reject: write/256/tmpfs +1 STAC/CLAC pair");
	made_judged_release(&j);
	buf_release(&out);
}

static void what_is_undecided_is_skipped_with_its_reason_and_has_not_passed(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;
	struct reading r;

	(void)state;
	made_judged(&j, MADE_INCONCLUSIVE);
	report_ktap(&j.in, &out);
	r = read_back(&out);
	assert_int_equal(r.failed, 0);
	assert_int_equal(r.skipped, MADE_CELLS + 1);
	expect_has(&out, "\n      ok 1 ops_per_s # SKIP inconclusive: there are too few blocks");
	expect_has(&out, "\nok 2 verdict # SKIP inconclusive: 8 of 8 cells");
	made_judged_release(&j);
	buf_release(&out);
}

static void what_does_not_gate_cannot_fail(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;
	size_t i;

	(void)state;
	made_judged(&j, MADE_REJECT);
	for (i = 0; i < j.judged.n; i++)
		j.judged.finding[i].gating = false;
	j.judged.outcome = OUTCOME_ACCEPT;
	report_ktap(&j.in, &out);
	assert_int_equal(read_back(&out).failed, 0);
	expect_has(&out, "\n      ok 3 stac # regressed, does not gate\n");
	made_judged_release(&j);
	buf_release(&out);
}

static void a_new_warning_alone_fails_the_verdict(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;
	struct reading r;

	(void)state;
	made_judged(&j, MADE_ACCEPT);
	j.judged.outcome = OUTCOME_REJECT;
	report_ktap(&j.in, &out);
	r = read_back(&out);
	assert_int_equal(r.failed, 1);
	expect_has(&out, "\nnot ok 2 verdict # ");
	made_judged_release(&j);
	buf_release(&out);
}

static void a_kernel_in_trouble_fails_as_a_whole(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;
	struct reading r;

	(void)state;
	made_judged(&j, MADE_INCIDENT);
	assert_null(j.in.figures);
	report_ktap(&j.in, &out);
	r = read_back(&out);
	assert_int_equal(r.failed, 2);
	assert_int_equal(r.passed + r.skipped, 0);
	expect_has(&out, "\n# oops: BUG: kernel NULL pointer dereference");
	expect_has(&out, "\n# frame: filemap_read+0x8a/0x510\n");
	expect_has(&out, "\nnot ok 1 patched # oops\n");
	buf_reset(&out);
	j.judged.outcome = OUTCOME_CANNOT;
	report_ktap(&j.in, &out);
	expect_has(&out, "\nnot ok 2 verdict # ERROR reject: ");
	made_judged_release(&j);
	buf_release(&out);
}

static void a_run_that_was_not_judged_tells_what_was_measured(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;
	struct reading r;

	(void)state;
	made_judged(&j, MADE_ACCEPT);
	j.in.judged = NULL;
	report_ktap(&j.in, &out);
	expect_clean(&out);
	r = read_back(&out);
	assert_int_equal(r.failed + r.skipped, 0);
	/* On both kernels, three metrics and twelve counts of a cell. */
	assert_int_equal(r.passed, 2 * MADE_CELLS * 15);
	expect_has(&out, "\n      # ops_per_s: 6999999 ops/s, deviation ");
	expect_has(&out, " over 8 blocks\n");
	made_judged_release(&j);
	buf_release(&out);
}

static void times_of_emulation_are_neither_shown_nor_passed(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;
	struct reading r;

	(void)state;
	made_emulated(&j, MADE_REJECT);
	report_ktap(&j.in, &out);
	r = read_back(&out);
	assert_int_equal(r.skipped, MADE_CELLS);
	assert_null(strstr(buf_text(&out), "ops/s"));
	expect_has(&out, "ok 1 ops_per_s # SKIP times of an emulated guest are no performance\n");
	buf_reset(&out);
	j.in.judged = NULL;
	report_ktap(&j.in, &out);
	read_back(&out);
	assert_null(strstr(buf_text(&out), "_per_s"));
	made_judged_release(&j);
	buf_release(&out);
}

static void hostile_names_add_no_line_and_no_directive(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;

	(void)state;
	made_hostile(&j, MADE_REJECT);
	report_ktap(&j.in, &out);
	expect_clean(&out);
	read_back(&out);
	expect_has(&out, "\nnot ok 1 a<b>&\"c'\\x23d\\e/\\x0a\\x09\\x01\\x7f\xc3\xa9\n");
	expect_has(&out, "# job: \\xff\\xfe\\x23\n");
	expect_has(&out, "# note: a note\\x0aof two lines \\x23 SKIP\n");
	made_judged_release(&j);
	buf_reset(&out);
	made_hostile(&j, MADE_INCIDENT);
	report_ktap(&j.in, &out);
	expect_clean(&out);
	assert_int_equal(read_back(&out).failed, 2);
	made_judged_release(&j);
	buf_release(&out);
}

static void tables_of_one_title_are_told_apart(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;

	(void)state;
	made_judged(&j, MADE_ACCEPT);
	j.m.plan.table[0].title = xstrdup("one");
	j.m.plan.table[1].title = xstrdup("one");
	report_ktap(&j.in, &out);
	read_back(&out);
	expect_has(&out, "\n  ok 1 one\n");
	expect_has(&out, "\n  ok 2 one (2)\n");
	made_judged_release(&j);
	buf_release(&out);
}

static void cells_of_no_table_are_not_lost(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;
	struct reading r;
	size_t i;

	(void)state;
	made_judged(&j, MADE_REJECT);
	for (i = 0; i < 4; i++)
		j.m.plan.table[0].cell[i] = i ? -1 : 4;	/* and one of them is in both tables */
	report_ktap(&j.in, &out);
	r = read_back(&out);
	assert_int_equal(r.passed + r.failed + r.skipped, 49);
	expect_has(&out, " cells of no table\n");
	made_judged_release(&j);
	buf_release(&out);
}

static void the_same_run_gives_the_same_bytes(void **state)
{
	(void)state;
	expect_same_twice(report_ktap);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_level_has_its_plan_and_a_parent_fails_with_its_children),
		cmocka_unit_test(what_is_undecided_is_skipped_with_its_reason_and_has_not_passed),
		cmocka_unit_test(what_does_not_gate_cannot_fail),
		cmocka_unit_test(a_new_warning_alone_fails_the_verdict),
		cmocka_unit_test(a_kernel_in_trouble_fails_as_a_whole),
		cmocka_unit_test(a_run_that_was_not_judged_tells_what_was_measured),
		cmocka_unit_test(times_of_emulation_are_neither_shown_nor_passed),
		cmocka_unit_test(hostile_names_add_no_line_and_no_directive),
		cmocka_unit_test(tables_of_one_title_are_told_apart),
		cmocka_unit_test(cells_of_no_table_are_not_lost),
		cmocka_unit_test(the_same_run_gives_the_same_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
