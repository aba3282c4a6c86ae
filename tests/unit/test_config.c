/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness/kernel/config.h"
#include "lib/buf.h"

static void add(struct config *c, const char *file, const char *text)
{
	struct buf why = BUF_INIT;

	if (config_add(c, file, text, strlen(text), &why))
		fail_msg("%s", buf_text(&why));
	buf_release(&why);
}

static void expect_bytes(const char *text, size_t len, const char *complaint)
{
	struct config c = { 0 };
	struct buf why = BUF_INIT;

	assert_int_equal(config_add(&c, "f", text, len, &why), -1);
	assert_string_equal(buf_text(&why), complaint);
	config_release(&c);
	buf_release(&why);
}

static void expect(const char *text, const char *complaint)
{
	expect_bytes(text, strlen(text), complaint);
}

static void expect_answer(const char *wanted, const char *final, const char *complaint)
{
	struct config w = { 0 }, f = { 0 };
	struct buf why = BUF_INIT;

	add(&w, "x.config", wanted);
	add(&f, ".config", final);
	assert_int_equal(config_check(&w, &f, &why), *complaint ? -1 : 0);
	assert_string_equal(buf_text(&why), complaint);
	config_release(&w);
	config_release(&f);
	buf_release(&why);
}

static void expect_symbol(const struct config *c, const char *name, const char *value, unsigned line)
{
	const struct config_symbol *s = config_find(c, name);

	assert_non_null(s);
	if (value)
		assert_string_equal(s->value, value);
	else
		assert_null(s->value);
	assert_int_equal(s->line, line);
}

static void lines_of_every_kind_are_read(void **state)
{
	struct config c = { 0 };

	(void)state;
	add(&c, "f", "# a comment about CONFIG_NOTHING\n"
		     "\n"
		     "CONFIG_SMP=y\n"
		     "CONFIG_XFS_FS=m  \n"
		     "CONFIG_NR_CPUS=16\n"
		     "CONFIG_BASE=0xfe00\n"
		     "CONFIG_SHIFT=-1\n"
		     "CONFIG_CMDLINE=\"a \\\"b\\\" # c\"\n"
		     "CONFIG_EMPTY=\"\"\n"
		     "CONFIG_OFF=n\n"
		     "# CONFIG_ALSO_OFF is not set\n"
		     "CONFIG_LAST=y");
	assert_int_equal(c.n, 10);
	expect_symbol(&c, "SMP", "y", 3);
	expect_symbol(&c, "XFS_FS", "m", 4);
	expect_symbol(&c, "NR_CPUS", "16", 5);
	expect_symbol(&c, "BASE", "0xfe00", 6);
	expect_symbol(&c, "SHIFT", "-1", 7);
	expect_symbol(&c, "CMDLINE", "\"a \\\"b\\\" # c\"", 8);
	expect_symbol(&c, "EMPTY", "\"\"", 9);
	expect_symbol(&c, "OFF", NULL, 10);
	expect_symbol(&c, "ALSO_OFF", NULL, 11);
	expect_symbol(&c, "LAST", "y", 12);
	assert_null(config_find(&c, "NOTHING"));
	assert_true(config_has(&c, "SMP"));
	assert_true(config_has(&c, "XFS_FS"));
	assert_false(config_has(&c, "NR_CPUS"));
	assert_false(config_has(&c, "OFF"));
	assert_false(config_has(&c, "NOTHING"));
	config_release(&c);
}

static void nothing_is_a_configuration_too(void **state)
{
	struct config c = { 0 };

	(void)state;
	add(&c, "f", "");
	add(&c, "f", "\n\n# nothing\n");
	assert_int_equal(c.n, 0);
	assert_null(config_find(&c, "SMP"));
	config_release(&c);
}

static void the_last_word_on_a_symbol_holds(void **state)
{
	struct config c = { 0 };

	(void)state;
	add(&c, "one", "CONFIG_A=y\nCONFIG_B=y\nCONFIG_A=m\n");
	expect_symbol(&c, "A", "m", 3);
	add(&c, "two", "# CONFIG_A is not set\nCONFIG_C=1\n");
	expect_symbol(&c, "A", NULL, 1);
	assert_string_equal(config_find(&c, "A")->file, "two");
	assert_string_equal(config_find(&c, "B")->file, "one");
	assert_int_equal(c.n, 3);
	config_release(&c);
}

static void thousands_of_symbols_are_found_again(void **state)
{
	struct config c = { 0 };
	struct buf text = BUF_INIT;
	char name[32];
	unsigned i;

	(void)state;
	for (i = 0; i < 20000; i++)
		buf_fmt(&text, "CONFIG_S%u=%u\n", i * 7919 % 20000, i);
	add(&c, "f", buf_text(&text));
	add(&c, "g", "CONFIG_ONE_MORE=y\nCONFIG_AND_ANOTHER=y\n");
	assert_int_equal(c.n, 20002);
	for (i = 0; i < 20000; i++) {
		snprintf(name, sizeof(name), "S%u", i * 7919 % 20000);
		assert_int_equal(atoi(config_find(&c, name)->value), (int)i);
	}
	config_release(&c);
	buf_release(&text);
}

static void what_is_no_line_of_a_configuration_is_named_with_its_place(void **state)
{
	(void)state;
	expect("CONFIG_A=y\nSMP=y\n", "f:2: 'SMP=y' is no line of a configuration: expected CONFIG_NAME=value or "
				      "`# CONFIG_NAME is not set`");
	expect("config SMP\n", "f:1: 'config SMP' is no line of a configuration: expected CONFIG_NAME=value or "
			       "`# CONFIG_NAME is not set`");
	expect(" CONFIG_A=y\n", "f:1: ' CONFIG_A=y' is no line of a configuration: expected CONFIG_NAME=value or "
				"`# CONFIG_NAME is not set`");
	expect("CONFIG_A\n", "f:1: 'CONFIG_A' lacks '=' after the symbol's name (without blanks)");
	expect("CONFIG_A = y\n", "f:1: 'CONFIG_A = y' lacks '=' after the symbol's name (without blanks)");
	expect("CONFIG_A-B=y\n", "f:1: 'CONFIG_A-B=y' lacks '=' after the symbol's name (without blanks)");
	expect("CONFIG_=y\n", "f:1: 'CONFIG_=y' lacks '=' after the symbol's name (without blanks)");
}

static void values_that_kconfig_would_drop_are_refused(void **state)
{
	static const char *const bad[] = { "",	   "yes",   "Y",     "\"open", "open\"",    "\"a\" b",
					   "\"\\\"", "0x",   "12k",  "1 2",    "y # because", "-",
					   "0xfg",   "'a'" };
	char text[64], complaint[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text), "CONFIG_A=%s\n", bad[i]);
		snprintf(complaint, sizeof(complaint),
			 "f:1: 'CONFIG_A=%s' has no value that kconfig knows: y, m, n, a number, or a text in "
			 "double quotes", bad[i]);
		expect(text, complaint);
	}
}

static void a_comment_that_was_meant_to_unset_is_not_passed_over(void **state)
{
	static const char *const meant[] = { "#CONFIG_A is not set", "#  CONFIG_A is not set",
					     "# CONFIG_A is not set anymore", "## CONFIG_A is not set" };
	char text[64], complaint[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(meant) / sizeof(meant[0]); i++) {
		snprintf(text, sizeof(text), "%s\n", meant[i]);
		snprintf(complaint, sizeof(complaint),
			 "f:1: '%s' is only a comment: exactly `# CONFIG_NAME is not set` unsets a symbol", meant[i]);
		expect(text, complaint);
	}
}

static void files_from_elsewhere_are_told_by_what_is_wrong_with_them(void **state)
{
	static const char binary[] = "\177ELF\0\0";

	(void)state;
	expect("CONFIG_A=y\r\n", "f:1: 'CONFIG_A=y' ends in a carriage return: its lines must end as Unix has them "
				 "(dos2unix)");
	expect("# comment\r\n", "f:1: '# comment' ends in a carriage return: its lines must end as Unix has them "
				"(dos2unix)");
	expect_bytes(binary, sizeof(binary), "f:1: '?ELF?\?\?' holds a NUL byte: this is no configuration");
	expect("\033[31mCONFIG_A=y", "f:1: '?[31mCONFIG_A=y' is no line of a configuration: expected CONFIG_NAME=value "
				     "or `# CONFIG_NAME is not set`");
}

static void a_wrong_line_is_repeated_only_in_part(void **state)
{
	struct config c = { 0 };
	struct buf text = BUF_INIT, why = BUF_INIT;

	(void)state;
	buf_pad(&text, 'x', 1 << 20);
	assert_int_equal(config_add(&c, "f", text.s, text.len, &why), -1);
	assert_true(why.len < 250);
	config_release(&c);
	buf_release(&text);
	buf_release(&why);
}

static void a_configuration_that_has_all_that_was_wanted_passes(void **state)
{
	(void)state;
	expect_answer("", "CONFIG_A=y\n", "");
	expect_answer("CONFIG_A=y\nCONFIG_N=16\n# CONFIG_B is not set\nCONFIG_C=n\n# CONFIG_D is not set\n",
		     "CONFIG_A=y\nCONFIG_N=16\n# CONFIG_B is not set\nCONFIG_E=y\n", "");
}

static void every_dropped_symbol_is_named_with_the_line_that_asked_for_it(void **state)
{
	(void)state;
	expect_answer("CONFIG_SMP=y\n\nCONFIG_FS_DAX=y\nCONFIG_GONE=y\nCONFIG_N=32\nCONFIG_M=y\n# CONFIG_ON is not set\n",
		     "CONFIG_SMP=y\n# CONFIG_FS_DAX is not set\nCONFIG_N=16\nCONFIG_M=m\nCONFIG_ON=y\n",
		     "x.config:3: CONFIG_FS_DAX=y was asked for, but it is not set\n"
		     "x.config:4: CONFIG_GONE=y was asked for, but it is not there: no such symbol, or what it depends "
		     "on is not set\n"
		     "x.config:6: CONFIG_M=y was asked for, but it is m\n"
		     "x.config:5: CONFIG_N=32 was asked for, but it is 16\n"
		     "x.config:7: CONFIG_ON was not to be set, but it is y: something else selects it, or it cannot be "
		     "turned off");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_of_every_kind_are_read),
		cmocka_unit_test(nothing_is_a_configuration_too),
		cmocka_unit_test(the_last_word_on_a_symbol_holds),
		cmocka_unit_test(thousands_of_symbols_are_found_again),
		cmocka_unit_test(what_is_no_line_of_a_configuration_is_named_with_its_place),
		cmocka_unit_test(values_that_kconfig_would_drop_are_refused),
		cmocka_unit_test(a_comment_that_was_meant_to_unset_is_not_passed_over),
		cmocka_unit_test(files_from_elsewhere_are_told_by_what_is_wrong_with_them),
		cmocka_unit_test(a_wrong_line_is_repeated_only_in_part),
		cmocka_unit_test(a_configuration_that_has_all_that_was_wanted_passes),
		cmocka_unit_test(every_dropped_symbol_is_named_with_the_line_that_asked_for_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
