/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/store/outcome.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/scratch.h"

static void assert_read(const char *text, const char *verdict, bool final)
{
	struct buf why = BUF_INIT;
	struct outcome o;

	if (outcome_parse(text, strlen(text), &o, &why))
		fail_msg("%s: %s", text, buf_text(&why));
	assert_string_equal(o.verdict, verdict);
	assert_int_equal(o.final, final);
}

static void assert_refused(const char *text, const char *said)
{
	struct buf why = BUF_INIT;
	struct outcome o;

	assert_int_equal(outcome_parse(text, strlen(text), &o, &why), -1);
	assert_null(o.verdict);
	assert_false(o.final);
	if (!strstr(buf_text(&why), said))
		fail_msg("\"%s\" is not in: %s", said, buf_text(&why));
	buf_release(&why);
}

static void every_outcome_is_read(void **state)
{
	(void)state;
	assert_read("{\"schema\":1,\"kind\":\"verdict\",\"outcome\":\"accept\",\"final\":true}", "accept", true);
	assert_read("{\"schema\":1,\"kind\":\"verdict\",\"outcome\":\"reject\",\"final\":false}", "reject", false);
	assert_read("{\"kind\":\"verdict\",\"outcome\":\"inconclusive\",\"more\":[1]}", "inconclusive", false);
	assert_read("{\"kind\":\"verdict\",\"outcome\":\"cannot\"}", "cannot", false);
}

static void what_is_no_verdict_is_refused(void **state)
{
	(void)state;
	assert_refused("", "line 1: no JSON");
	assert_refused("{\"kind\":\"verdict\",", "no JSON");
	assert_refused("[]", "kind: ");
	assert_refused("{\"kind\":\"sample\",\"outcome\":\"accept\"}", "kind: missing or not \"verdict\"");
	assert_refused("{\"kind\":\"verdict\"}", "outcome: missing or not one of accept, reject");
	assert_refused("{\"kind\":\"verdict\",\"outcome\":\"fine\"}", "outcome: ");
	assert_refused("{\"kind\":\"verdict\",\"outcome\":1}", "outcome: ");
	assert_refused("{\"kind\":\"verdict\",\"outcome\":\"accept\",\"final\":1}", "final: not true or false");
}

static void a_run_may_have_none(void **state)
{
	char *path = xasprintf("%s/verdict.json", scratch_dir);
	struct buf why = BUF_INIT;
	struct outcome o;

	(void)state;
	assert_int_equal(outcome_read(scratch_dir, &o, &why), 0);
	assert_null(o.verdict);
	scratch_write(path, "{", 1);
	assert_int_equal(outcome_read(scratch_dir, &o, &why), -1);
	assert_non_null(strstr(buf_text(&why), "verdict.json: line 1: no JSON"));
	unlink(path);
	mkdir(path, 0777);
	buf_reset(&why);
	assert_int_equal(outcome_read(scratch_dir, &o, &why), -1);
	assert_non_null(strstr(buf_text(&why), "read "));
	buf_release(&why);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_outcome_is_read),
		cmocka_unit_test(what_is_no_verdict_is_refused),
		cmocka_unit_test(a_run_may_have_none),
	};
	int ret;

	scratch_begin();
	ret = cmocka_run_group_tests(tests, NULL, NULL);
	scratch_end();
	return ret;
}
