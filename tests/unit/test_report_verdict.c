/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "harness/report/outline.h"
#include "tests/unit/made_hostile.h"

/* As it reads once it was printed: with the digits that are printed. */
static json_t *printed(json_t *value)
{
	struct buf text = BUF_INIT;
	json_t *again;

	json_pretty(&text, value);
	again = json_loads(buf_text(&text), 0, NULL);
	json_decref(value);
	buf_release(&text);
	return again;
}

/* The line of a kernel's cell and metric, without its end. The caller frees. */
static char *csv_line(const struct made_judged *j, const struct buf *csv, size_t kernel, size_t cell,
		      const char *metric)
{
	struct buf key = BUF_INIT, word = BUF_INIT;
	char *text = xstrdup(buf_text(csv)), *at = text, *line, *found = NULL;

	buf_fmt(&key, ",%s,%s,", j->m.plan.kernel[kernel].name, j->m.plan.cell[cell].id);
	buf_fmt(&word, ",%s,", metric);
	while ((line = strsep(&at, "\r")))
		if (strstr(line, buf_text(&key)) && strstr(line, buf_text(&word))) {
			assert_null(found);
			found = xstrdup(line);
		}
	free(text);
	buf_release(&key);
	buf_release(&word);
	return found;
}

static void expect_end(char *line, const char *end)
{
	assert_non_null(line);
	if (strlen(line) < strlen(end) || strcmp(line + strlen(line) - strlen(end), end))
		fail_msg("%s does not end with %s", line, end);
	free(line);
}

/* The same, of a change that gates. */
static void expect_found(char *line, const char *verdict, enum because because, const char *numbers)
{
	struct buf end = BUF_INIT;

	buf_fmt(&end, ",%s,%s,true,%s", verdict, because_text(because), numbers);
	expect_end(line, buf_text(&end));
	buf_release(&end);
}

static void a_csv_line_that_was_judged_ends_with_what_was_found(void **state)
{
	struct buf csv = BUF_INIT;
	struct made_judged j;

	(void)state;
	made_judged(&j, MADE_REJECT);
	report_csv(&j.in, &csv);
	expect_found(csv_line(&j, &csv, 1, 4, "stac"), "regressed",
		     outline_finding(&j.judged, 1, 4, (struct yardstick){ true, COUNT_STAC })->judgement.because,
		     "2,3,0.5,,,");
	expect_found(csv_line(&j, &csv, 1, 4, "ops_per_s"), "regressed", BECAUSE_BEYOND,
		     "9100000,8690500,-0.045,-0.054,-0.036,0.0078125");
	expect_end(csv_line(&j, &csv, 1, 0, "transfers"), ",false,1.97,1.97,0,,,");
	/* Neither the baseline nor what no gate names. */
	expect_end(csv_line(&j, &csv, 0, 4, "stac"), ",true,,,,,,,,,");
	expect_end(csv_line(&j, &csv, 1, 4, "ns_per_op"), ",,,,,,,,,");
	made_judged_release(&j);
	buf_release(&csv);
}

static void of_several_machines_the_gate_has_asked_the_first(void **state)
{
	struct buf csv = BUF_INIT;
	struct made_judged j;
	char *line;

	(void)state;
	made_judged(&j, MADE_REJECT);
	made_prediction(&j.m, &j.samples, 1, &j.m.plan.cell[0], "other")->transfers = 77;
	report_csv(&j.in, &csv);
	line = strstr(csv.s, ",transfers,model,1,77,");
	assert_non_null(line);
	assert_memory_equal(strstr(line, ",other,"), ",other,true,,,,,,,,,\r\n", 20);
	made_judged_release(&j);
	buf_release(&csv);
}

static void bounds_that_rule_nothing_out_are_empty(void **state)
{
	struct buf csv = BUF_INIT;
	struct made_judged j;

	(void)state;
	made_judged(&j, MADE_INCONCLUSIVE);
	assert_true(isinf(j.judged.finding[0].low));
	report_csv(&j.in, &csv);
	expect_end(csv_line(&j, &csv, 1, 0, "ops_per_s"), ",true,7000000,6916000,-0.012,,,0.5");
	made_judged_release(&j);
	buf_release(&csv);
}

static void csv_of_a_run_that_trouble_ended_is_its_header(void **state)
{
	struct buf csv = BUF_INIT;
	struct made_judged j;

	(void)state;
	made_judged(&j, MADE_INCIDENT);
	report_csv(&j.in, &csv);
	assert_int_equal(count_of(&csv, "\r\n"), 1);
	assert_memory_equal(buf_text(&csv), "run,job,kernel,cell,", 20);
	made_judged_release(&j);
	buf_release(&csv);
}

static json_t *report_of(const struct report_input *in)
{
	struct buf out = BUF_INIT;
	json_t *json;

	report_json(in, &out);
	expect_clean(&out);
	json = json_loads(buf_text(&out), JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(json);
	buf_release(&out);
	return json;
}

static void json_holds_the_verdict_as_it_is_kept(void **state)
{
	json_t *json, *verdict;
	struct made_judged j;

	(void)state;
	made_judged(&j, MADE_REJECT);
	json = report_of(&j.in);
	verdict = printed(judged_json(&j.m.plan, &j.judged));
	assert_int_equal(json_equal(json_object_get(json, "verdict"), verdict), 1);
	assert_int_equal(json_array_size(json_object_get(json, "incidents")), 0);
	json_decref(verdict);
	json_decref(json);
	j.in.judged = NULL;
	json = report_of(&j.in);
	assert_true(json_is_null(json_object_get(json, "verdict")));
	json_decref(json);
	made_judged_release(&j);
}

static void json_of_a_run_that_trouble_ended_has_the_incident_and_no_figures(void **state)
{
	const json_t *cell;
	struct made_judged j;
	json_t *json;
	size_t i;

	(void)state;
	made_judged(&j, MADE_INCIDENT);
	json = report_of(&j.in);
	assert_int_equal(json_equal(json_object_get(json, "incidents"), j.samples.incidents), 1);
	json_array_foreach(json_object_get(json, "cells"), i, cell)
		assert_int_equal(json_array_size(json_object_get(cell, "kernels")), 0);
	assert_int_equal(i, MADE_CELLS);
	assert_string_equal(json_get_text(json_object_get(json, "verdict"), "outcome"), "reject");
	json_decref(json);
	made_judged_release(&j);
}

static void no_two_formats_share_a_name_or_a_file(void **state)
{
	const struct report_format *a, *b;

	(void)state;
	for (a = report_formats; a->name; a++)
		for (b = a + 1; b->name; b++) {
			assert_string_not_equal(a->name, b->name);
			assert_string_not_equal(a->extension, b->extension);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_csv_line_that_was_judged_ends_with_what_was_found),
		cmocka_unit_test(of_several_machines_the_gate_has_asked_the_first),
		cmocka_unit_test(bounds_that_rule_nothing_out_are_empty),
		cmocka_unit_test(csv_of_a_run_that_trouble_ended_is_its_header),
		cmocka_unit_test(json_holds_the_verdict_as_it_is_kept),
		cmocka_unit_test(json_of_a_run_that_trouble_ended_has_the_incident_and_no_figures),
		cmocka_unit_test(no_two_formats_share_a_name_or_a_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
