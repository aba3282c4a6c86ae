/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "harness/plan/gate.h"
#include "lib/buf.h"

static struct gate g;
static struct buf why;

static int parse(const char *text)
{
	gate_release(&g);
	buf_reset(&why);
	return gate_parse("g.yaml", text, strlen(text), &g, &why);
}

static void a_gate_rejects_by_default(void **state)
{
	(void)state;
	assert_int_equal(parse("gate: mine\n"), 0);
	assert_string_equal(g.name, "mine");
	assert_null(g.about);
	assert_int_equal(g.crash, GATE_REJECT);
	assert_int_equal(g.wrong_data, GATE_REJECT);
}

static void each_key_says_what_it_means(void **state)
{
	(void)state;
	assert_int_equal(parse("gate: g\ncrash: cannot\n"), 0);
	assert_int_equal(g.crash, GATE_CANNOT);
	assert_int_equal(g.wrong_data, GATE_REJECT);
	assert_int_equal(parse("gate: g\nwrong_data: cannot\n"), 0);
	assert_int_equal(g.crash, GATE_REJECT);
	assert_int_equal(g.wrong_data, GATE_CANNOT);
	assert_string_equal(gate_answer_name(g.wrong_data), "cannot");
}

static void what_is_wrong_is_named_with_its_place(void **state)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{ "", "g.yaml:" },
		{ "crash: reject\n", "gate" },
		{ "gate: g\ncrahs: reject\n", "g.yaml:2:1: unknown key 'crahs' (did you mean 'crash'?)" },
		{ "gate: g\ncrash: ignore\n", "g.yaml:2:8: crash: 'ignore' is not one of reject|cannot" },
		{ "gate: g\ncrash: [reject]\n", "g.yaml:2:8" },
		{ "- gate\n", "g.yaml:1:1" },
		{ "gate: g\ngate: h\n", "g.yaml:2:1" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(parse(cases[i].text), -1);
		if (!strstr(buf_text(&why), cases[i].why))
			fail_msg("wanted \"%s\", got \"%s\"", cases[i].why, buf_text(&why));
	}
}

static void the_documentation_has_the_keys_as_they_are(void **state)
{
	struct buf table = BUF_INIT, doc = BUF_INIT;

	(void)state;
	schema_describe(&gate_schema, &table);
	assert_int_equal(buf_read_file(&doc, "docs/gates.md"), 0);
	assert_non_null(strstr(buf_text(&doc), buf_text(&table)));
	buf_release(&table);
	buf_release(&doc);
}

static int release(void **state)
{
	(void)state;
	gate_release(&g);
	buf_release(&why);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_gate_rejects_by_default),
		cmocka_unit_test(each_key_says_what_it_means),
		cmocka_unit_test(what_is_wrong_is_named_with_its_place),
		cmocka_unit_test(the_documentation_has_the_keys_as_they_are),
	};

	return cmocka_run_group_tests_name("gate", tests, NULL, release);
}
