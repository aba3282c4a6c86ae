/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "harness/report/escape.h"
#include "tests/unit/made_hostile.h"

/* What a reader of the XML finds in it. */
struct reading {
	const char *at;
	size_t suites, cases, failures, errors, skipped;
};

/* Text or a value up to one of `end`: entities are whole, and no other character is markup. */
static void read_text(struct reading *r, const char *end)
{
	static const char *const entities[] = { "&amp;", "&lt;", "&gt;", "&quot;", "&apos;" };
	size_t i;

	while (*r->at && !strchr(end, *r->at)) {
		assert_true(*r->at != '<' && *r->at != '>');
		if (*r->at != '&') {
			r->at++;
			continue;
		}
		for (i = 0; i < 5 && strncmp(r->at, entities[i], strlen(entities[i])); i++)
			;
		assert_in_range(i, 0, 4);
		r->at += strlen(entities[i]);
	}
}

static void read_char(struct reading *r, char c)
{
	if (*r->at != c)
		fail_msg("'%c' expected at: %.60s", c, r->at);
	r->at++;
}

static void read_name(struct reading *r, char name[32])
{
	size_t len = strspn(r->at, "abcdefghijklmnopqrstuvwxyz-");

	assert_in_range(len, 1, 31);
	memcpy(name, r->at, len);
	name[len] = '\0';
	r->at += len;
}

static void note(struct reading *r, const char *name)
{
	r->suites += !strcmp(name, "testsuite");
	r->cases += !strcmp(name, "testcase");
	r->failures += !strcmp(name, "failure");
	r->errors += !strcmp(name, "error");
	r->skipped += !strcmp(name, "skipped");
}

static void read_element(struct reading *r)
{
	char name[32], end[32], key[32];

	read_char(r, '<');
	read_name(r, name);
	note(r, name);
	while (*r->at == ' ') {
		r->at++;
		read_name(r, key);
		read_char(r, '=');
		read_char(r, '"');
		read_text(r, "\"");
		read_char(r, '"');
	}
	if (*r->at == '/') {
		r->at++;
		read_char(r, '>');
		return;
	}
	read_char(r, '>');
	for (read_text(r, "<"); r->at[1] != '/'; read_text(r, "<"))
		read_element(r);
	r->at += 2;
	read_name(r, end);
	assert_string_equal(end, name);
	read_char(r, '>');
}

static struct reading read_back(const struct buf *out)
{
	static const char head[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
	struct reading r = { .at = buf_text(out) + strlen(head) };

	expect_clean(out);
	assert_memory_equal(buf_text(out), head, strlen(head));
	read_element(&r);
	assert_string_equal(r.at, "\n");
	return r;
}

/* Of an attribute of the first element so named. */
static double attribute(const struct buf *out, const char *element, const char *name)
{
	const char *at = strstr(buf_text(out), element), *end;
	char key[32];

	assert_non_null(at);
	end = strchr(at, '>');
	snprintf(key, sizeof(key), " %s=\"", name);
	at = strstr(at, key);
	if (!at || at > end)
		return (double)NAN;
	return strtod(at + strlen(key), NULL);
}

static void the_sums_are_those_of_the_cases(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;
	struct reading r;

	(void)state;
	made_judged(&j, MADE_REJECT);
	report_junit(&j.in, &out);
	r = read_back(&out);
	assert_int_equal(r.suites, 3);		/* two tables and the gate */
	assert_int_equal(r.cases, 49);
	assert_int_equal(r.failures, j.judged.verdicts[VERDICT_REGRESSED] + 1);
	assert_int_equal(r.skipped, j.judged.verdicts[VERDICT_INCONCLUSIVE]);
	assert_int_equal(r.errors, 0);
	assert_true(attribute(&out, "<testsuites", "tests") == 49);
	assert_true(attribute(&out, "<testsuites", "failures") == (double)r.failures);
	assert_true(attribute(&out, "<testsuite ", "tests") == 24);
	assert_true(attribute(&out, "<testsuite ", "failures") == 0);
	expect_has(&out, "<testcase classname=\"foliobench.patched\" name=\"write/256/tmpfs.stac\">\n"
			 "      <failure type=\"regressed\" message=\"+1 STAC per op (2 -&gt; 3)\"></failure>\n");
	expect_has(&out, "timestamp=\"2026-11-21T11:02:03\"");
	expect_has(&out, "<property name=\"build.key\" value=\"k1\"/>");
	made_judged_release(&j);
	buf_release(&out);
}

static void a_cells_seconds_are_those_of_its_windows_and_counted_once(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;

	(void)state;
	made_judged(&j, MADE_REJECT);
	report_junit(&j.in, &out);
	/* 8 blocks of 2 windows of a second, for each of 8 cells of the patched kernel. */
	assert_true(attribute(&out, "<testcase ", "time") == 16);
	assert_true(attribute(&out, "<testsuites", "time") == 128);
	assert_int_equal(count_of(&out, "<testcase classname=\"foliobench.patched\" name="), 48);
	assert_int_equal(count_of(&out, " time=\"16.000\""), MADE_CELLS);
	made_judged_release(&j);
	buf_release(&out);
}

static void emulation_has_no_seconds(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;
	struct reading r;

	(void)state;
	made_emulated(&j, MADE_REJECT);
	report_junit(&j.in, &out);
	r = read_back(&out);
	assert_null(strstr(buf_text(&out), " time=\""));
	assert_null(strstr(buf_text(&out), "ops/s"));
	assert_int_equal(r.skipped, MADE_CELLS);
	made_judged_release(&j);
	buf_release(&out);
}

static void an_undecided_case_is_skipped_and_tells_why(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;
	struct reading r;

	(void)state;
	made_judged(&j, MADE_INCONCLUSIVE);
	report_junit(&j.in, &out);
	r = read_back(&out);
	assert_int_equal(r.failures + r.errors, 0);
	assert_int_equal(r.skipped, MADE_CELLS + 1);
	expect_has(&out, "<skipped>inconclusive: there are too few blocks for any change to be significant</skipped>");
	made_judged_release(&j);
	buf_release(&out);
}

static void trouble_is_a_failure_where_the_gate_rejects_and_else_an_error(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;
	struct reading r;

	(void)state;
	made_judged(&j, MADE_INCIDENT);
	report_junit(&j.in, &out);
	r = read_back(&out);
	assert_int_equal(r.failures, 2);
	assert_int_equal(r.errors, 0);
	expect_has(&out, "<failure type=\"oops\" message=\"BUG: kernel NULL pointer dereference, address: "
			 "0000000000000008\">filemap_read+0x8a/0x510\nvfs_read+0x2a1/0x3c0</failure>");
	buf_reset(&out);
	j.judged.outcome = OUTCOME_CANNOT;
	json_put(json_array_get(j.samples.incidents, 0), "verdict", json_text("cannot"));
	report_junit(&j.in, &out);
	r = read_back(&out);
	assert_int_equal(r.failures, 0);
	assert_int_equal(r.errors, 2);
	assert_true(attribute(&out, "<testsuites", "errors") == 2);
	made_judged_release(&j);
	buf_release(&out);
}

static void a_run_that_was_not_judged_has_a_suite_for_each_kernel_and_table(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;
	struct reading r;

	(void)state;
	made_judged(&j, MADE_ACCEPT);
	j.in.judged = NULL;
	report_junit(&j.in, &out);
	r = read_back(&out);
	assert_int_equal(r.suites, 4);
	assert_int_equal(r.cases, 2 * MADE_CELLS * 15);
	assert_int_equal(r.failures + r.errors + r.skipped, 0);
	made_judged_release(&j);
	buf_release(&out);
}

static void hostile_names_stay_text(void **state)
{
	struct buf out = BUF_INIT;
	struct made_judged j;
	enum made_outcome o;

	(void)state;
	for (o = MADE_REJECT; o <= MADE_INCIDENT; o++) {
		made_hostile(&j, o);
		report_junit(&j.in, &out);
		read_back(&out);
		expect_has(&out, "a&lt;b&gt;&amp;&quot;c&apos;#d\\e/\\x0a\\x09\\x01\\x7f\xc3\xa9");
		made_judged_release(&j);
		buf_reset(&out);
	}
	buf_release(&out);
}

static void expect_escaped(const char *text, const char *also, const char *want)
{
	struct buf out = BUF_INIT;

	escape_text(text, also, &out);
	assert_string_equal(buf_text(&out), want);
	buf_release(&out);
}

static void text_is_escaped_only_where_it_must_be(void **state)
{
	(void)state;
	expect_escaped("", NULL, "");
	expect_escaped("plain # text \xe2\x82\xac", NULL, "plain # text \xe2\x82\xac");
	expect_escaped("a#b", "#", "a\\x23b");
	expect_escaped("\r\n\x1b[0m", NULL, "\\x0d\\x0a\\x1b[0m");
	expect_escaped("\xef\xbf\xbf.\xef\xbf\xbd", NULL, "\\xef\\xbf\\xbf.\xef\xbf\xbd");
	expect_escaped("\xed\xa0\x80", NULL, "\\xed\\xa0\\x80");
	expect_escaped("\xc3", NULL, "\\xc3");
}

static void the_same_run_gives_the_same_bytes(void **state)
{
	(void)state;
	expect_same_twice(report_junit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_sums_are_those_of_the_cases),
		cmocka_unit_test(a_cells_seconds_are_those_of_its_windows_and_counted_once),
		cmocka_unit_test(emulation_has_no_seconds),
		cmocka_unit_test(an_undecided_case_is_skipped_and_tells_why),
		cmocka_unit_test(trouble_is_a_failure_where_the_gate_rejects_and_else_an_error),
		cmocka_unit_test(a_run_that_was_not_judged_has_a_suite_for_each_kernel_and_table),
		cmocka_unit_test(hostile_names_stay_text),
		cmocka_unit_test(text_is_escaped_only_where_it_must_be),
		cmocka_unit_test(the_same_run_gives_the_same_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
