/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "harness/report/prose.h"

static void expect(size_t width, const char *first, const char *text, const char *lines)
{
	const struct prose p = { .width = width, .first = first };
	struct buf out = BUF_INIT;

	prose_add(&p, text, &out);
	assert_string_equal(buf_text(&out), lines);
	buf_release(&out);
}

static void lines_break_at_blanks_and_fill_the_width(void **state)
{
	(void)state;
	expect(10, NULL, "one two three four", "one two\nthree four\n");
	expect(13, NULL, "one two three four", "one two three\nfour\n");
	expect(100, NULL, "one two", "one two\n");
}

static void an_item_is_indented_under_its_mark(void **state)
{
	(void)state;
	expect(10, "- ", "one two three", "- one two\n  three\n");
}

static void blanks_and_newlines_are_one_blank(void **state)
{
	(void)state;
	expect(72, NULL, "  one\n\n two\t three  ", "one two three\n");
}

static void a_word_that_is_too_long_has_a_line_of_its_own(void **state)
{
	(void)state;
	expect(5, NULL, "a filemap_read b", "a\nfilemap_read\nb\n");
	expect(5, "- ", "filemap_read", "- filemap_read\n");
}

static void a_command_in_backquotes_is_not_broken(void **state)
{
	(void)state;
	expect(12, NULL, "or so: `a b c`, go", "or so:\n`a b c`, go\n");
	expect(12, NULL, "(`a b c` goes on)", "(`a b c`\ngoes on)\n");
	expect(8, NULL, "`a b c d e` `f`", "`a b c d\ne` `f`\n");
	expect(9, NULL, "`a b\nc d e`", "`a b c d\ne`\n");
	expect(9, NULL, "a ` b c d e", "a ` b c d\ne\n");
}

static void no_text_is_no_line(void **state)
{
	(void)state;
	expect(72, NULL, "", "");
	expect(72, "- ", " \n ", "");
}

static void characters_are_counted_and_not_bytes(void **state)
{
	(void)state;
	expect(7, NULL, "äöü äöü x", "äöü äöü\nx\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_break_at_blanks_and_fill_the_width),
		cmocka_unit_test(an_item_is_indented_under_its_mark),
		cmocka_unit_test(blanks_and_newlines_are_one_blank),
		cmocka_unit_test(a_word_that_is_too_long_has_a_line_of_its_own),
		cmocka_unit_test(a_command_in_backquotes_is_not_broken),
		cmocka_unit_test(no_text_is_no_line),
		cmocka_unit_test(characters_are_counted_and_not_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
