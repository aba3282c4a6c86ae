/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "harness/plan/catalogue.h"
#include "lib/buf.h"

/* Around one parameter, one workload that has it. */
#define WITH(param) "{\"schema\":1,\"common\":[],\"workloads\":[{\"name\":\"w\",\"params\":[" param "]}]}"
#define PLACE "the driver's list of workloads: "

static void expect(const char *text, const char *complaint)
{
	struct buf why = BUF_INIT;
	struct catalogue c;

	assert_int_equal(catalogue_parse(text, strlen(text), &c, &why), -1);
	assert_string_equal(buf_text(&why), complaint);
	catalogue_release(&c);
	buf_release(&why);
}

static void parse(const char *text, struct catalogue *c)
{
	struct buf why = BUF_INIT;

	if (catalogue_parse(text, strlen(text), c, &why))
		fail_msg("%s", buf_text(&why));
}

static void the_drivers_own_description_is_understood(void **state)
{
	const struct catalogue_workload *read;
	struct buf text = BUF_INIT;
	struct catalogue c;
	struct params p;

	(void)state;
	assert_int_equal(buf_read_file(&text, "tests/unit/data/describe.json"), 0);
	parse(buf_text(&text), &c);
	assert_int_equal(c.n, 3);
	assert_null(catalogue_find(&c, "raed"));
	assert_null(catalogue_find(&c, ""));
	read = catalogue_find(&c, "read");
	assert_non_null(read);
	assert_true(strlen(read->summary) > 0);
	assert_string_equal(read->params[0].name, "block");
	assert_int_equal(read->params[0].kind, PARAM_SIZE);
	assert_string_equal(read->params[0].def, "4k");
	assert_int_equal(read->params[0].min, 1);
	assert_int_equal(read->params[0].max, 1 << 20);
	assert_false(read->params[0].where);
	params_init(&p, read->params, c.common);
	assert_int_equal(params_number(&p, "threads"), 1);
	assert_int_equal(params_choice(&p, "sharing"), 0);
	assert_true(p.row[params_find(&p, "dir")]->where);
	assert_int_equal(p.row[params_find(&p, "warmup")]->kind, PARAM_DURATION);
	params_release(&p);
	assert_null(catalogue_find(&c, "null")->params[0].name);
	catalogue_release(&c);
	buf_release(&text);
}

static void what_a_later_driver_may_add_is_passed_over(void **state)
{
	struct catalogue c;

	(void)state;
	parse("{\"schema\":1,\"new\":{},\"common\":[],\"workloads\":[{\"name\":\"w\",\"new\":1,\"params\":["
	      "{\"name\":\"a\",\"kind\":\"count\",\"new\":[]}]}]}", &c);
	assert_string_equal(c.workload[0].summary, "");
	assert_null(c.workload[0].params[0].def);
	assert_true(c.workload[0].params[0].max == UINT64_MAX);
	catalogue_release(&c);
}

static void text_that_is_no_json_is_refused(void **state)
{
	(void)state;
	expect("", PLACE "line 1: '[' or '{' expected near end of file");
	expect("{\"schema\":1", PLACE "line 1: '}' expected near end of file");
	expect("{\"schema\":1,\"schema\":1}", PLACE "line 1: duplicate object key near '\"schema\"'");
}

static void missing_and_mistyped_parts_are_refused(void **state)
{
	(void)state;
	expect("[]", PLACE "schema is missing or not 1");
	expect("{}", PLACE "schema is missing or not 1");
	expect("{\"schema\":2}", PLACE "schema is missing or not 1");
	expect("{\"schema\":1}", PLACE "no workloads");
	expect("{\"schema\":1,\"common\":[],\"workloads\":{}}", PLACE "no workloads");
	expect("{\"schema\":1,\"workloads\":[{}]}", PLACE "a table of parameters is missing");
	expect("{\"schema\":1,\"common\":[],\"workloads\":[{}]}",
	       PLACE "a workload without a name of letters, digits, '-' and '_'");
	expect("{\"schema\":1,\"common\":[],\"workloads\":[7]}",
	       PLACE "a workload without a name of letters, digits, '-' and '_'");
	expect("{\"schema\":1,\"common\":[],\"workloads\":[{\"name\":\"a b\",\"params\":[]}]}",
	       PLACE "a workload without a name of letters, digits, '-' and '_'");
	expect("{\"schema\":1,\"common\":[],\"workloads\":[{\"name\":\"w\"}]}",
	       PLACE "workload 'w': a table of parameters is missing");
}

static void a_wrong_parameter_is_named(void **state)
{
	(void)state;
	expect(WITH("null"), PLACE "workload 'w': a parameter without a name of letters, digits, '-' and '_'");
	expect(WITH("{\"name\":\"a=b\"}"),
	       PLACE "workload 'w': a parameter without a name of letters, digits, '-' and '_'");
	expect(WITH("{\"name\":\"a\"}"),
	       PLACE "workload 'w': parameter 'a': kind is none of count, size, duration, choice, text");
	expect(WITH("{\"name\":\"a\",\"kind\":\"float\"}"),
	       PLACE "workload 'w': parameter 'a': kind is none of count, size, duration, choice, text");
	expect(WITH("{\"name\":\"a\",\"kind\":\"count\",\"min\":-1}"),
	       PLACE "workload 'w': parameter 'a': min or max is not a number");
	expect(WITH("{\"name\":\"a\",\"kind\":\"count\",\"min\":1,\"max\":\"9\"}"),
	       PLACE "workload 'w': parameter 'a': min or max is not a number");
	expect(WITH("{\"name\":\"a\",\"kind\":\"count\",\"min\":3,\"max\":2}"),
	       PLACE "workload 'w': parameter 'a': min is above max");
	expect(WITH("{\"name\":\"a\",\"kind\":\"choice\"}"),
	       PLACE "workload 'w': parameter 'a': a choice without a list of choices");
	expect(WITH("{\"name\":\"a\",\"kind\":\"choice\",\"choices\":[\"x\",7]}"),
	       PLACE "workload 'w': parameter 'a': a choice is not a word");
	expect(WITH("{\"name\":\"a\",\"kind\":\"choice\",\"choices\":[\"x y\"]}"),
	       PLACE "workload 'w': parameter 'a': a choice is not a word");
	expect(WITH("{\"name\":\"a\",\"kind\":\"choice\",\"choices\":[\"x\\ny\"]}"),
	       PLACE "workload 'w': parameter 'a': a choice is not a word");
	expect(WITH("{\"name\":\"a\",\"kind\":\"text\",\"default\":7}"),
	       PLACE "workload 'w': parameter 'a': the default is not a text");
}

static void a_default_that_the_row_itself_refuses_is_an_error_and_not_a_crash_later(void **state)
{
	(void)state;
	expect(WITH("{\"name\":\"a\",\"kind\":\"count\",\"min\":1,\"max\":9,\"default\":\"10\"}"),
	       PLACE "workload 'w': a: '10' is out of range (1 to 9)");
	expect(WITH("{\"name\":\"a\",\"kind\":\"choice\",\"choices\":[\"x\"],\"default\":\"y\"}"),
	       PLACE "workload 'w': a: 'y' is not one of x");
	expect(WITH("{\"name\":\"a\",\"kind\":\"text\",\"default\":\"\"}"), PLACE "workload 'w': a: no value");
}

static void names_given_twice_are_refused(void **state)
{
	(void)state;
	expect(WITH("{\"name\":\"a\",\"kind\":\"text\"},{\"name\":\"a\",\"kind\":\"text\"}"),
	       PLACE "workload 'w': parameter 'a': given twice");
	expect("{\"schema\":1,\"common\":[{\"name\":\"a\",\"kind\":\"text\"}],\"workloads\":[{\"name\":\"w\",\"params\":"
	       "[{\"name\":\"a\",\"kind\":\"text\"}]}]}", PLACE "workload 'w': parameter 'a': given twice");
	expect("{\"schema\":1,\"common\":[],\"workloads\":[{\"name\":\"w\",\"params\":[]},{\"name\":\"w\",\"params\":[]}]}",
	       PLACE "workload 'w' is given twice");
}

static void a_text_cut_anywhere_is_an_error(void **state)
{
	struct buf text = BUF_INIT, why = BUF_INIT;
	struct catalogue c;
	size_t len;

	(void)state;
	assert_int_equal(buf_read_file(&text, "tests/unit/data/describe.json"), 0);
	while (text.len && text.s[text.len - 1] == '\n')
		text.len--;
	for (len = 0; len < text.len; len += 7) {
		buf_reset(&why);
		assert_int_equal(catalogue_parse(text.s, len, &c, &why), -1);
		assert_true(why.len > 0);
		catalogue_release(&c);
	}
	buf_release(&text);
	buf_release(&why);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_drivers_own_description_is_understood),
		cmocka_unit_test(what_a_later_driver_may_add_is_passed_over),
		cmocka_unit_test(text_that_is_no_json_is_refused),
		cmocka_unit_test(missing_and_mistyped_parts_are_refused),
		cmocka_unit_test(a_wrong_parameter_is_named),
		cmocka_unit_test(a_default_that_the_row_itself_refuses_is_an_error_and_not_a_crash_later),
		cmocka_unit_test(names_given_twice_are_refused),
		cmocka_unit_test(a_text_cut_anywhere_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
