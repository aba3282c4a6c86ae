/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness/plan/schema.h"
#include "harness/plan/yaml.h"
#include "lib/alloc.h"
#include "lib/buf.h"

/* Reads what must be right. */
static void read_good(const char *text, struct yaml_value *root)
{
	struct buf why = BUF_INIT;

	if (yaml_read("f", text, strlen(text), root, &why))
		fail_msg("%s", buf_text(&why));
	assert_int_equal(why.len, 0);
}

static void expect_bytes(const char *text, size_t len, const char *complaint)
{
	struct buf why = BUF_INIT;
	struct yaml_value root;

	assert_int_equal(yaml_read("f", text, len, &root, &why), -1);
	assert_string_equal(buf_text(&why), complaint);
	yaml_release(&root);
	buf_release(&why);
}

static void expect(const char *text, const char *complaint)
{
	expect_bytes(text, strlen(text), complaint);
}

/* Only that there is one complaint, with its place. */
static void expect_some(const char *text, size_t len)
{
	struct buf why = BUF_INIT;
	struct yaml_value root;

	assert_int_equal(yaml_read("f", text, len, &root, &why), -1);
	assert_int_equal(strncmp(buf_text(&why), "f:", 2), 0);
	yaml_release(&root);
	buf_release(&why);
}

static void assert_text(const struct yaml_value *v, const char *text, unsigned line, unsigned column)
{
	assert_non_null(v);
	assert_int_equal(v->kind, YAML_TEXT);
	assert_string_equal(v->text, text);
	assert_int_equal(v->line, line);
	assert_int_equal(v->column, column);
}

static void every_value_has_its_text_and_its_place_counted_from_one(void **state)
{
	struct yaml_value root;
	const struct yaml_value *list, *nested;

	(void)state;
	read_good("job: quick\ncells:\n  - block: [1,  4k]\n    title: \"a: b\"\n", &root);
	assert_int_equal(root.kind, YAML_MAPPING);
	assert_int_equal(root.n, 2);
	assert_text(&root.key[1], "cells", 2, 1);
	assert_text(yaml_find(&root, "job"), "quick", 1, 6);
	list = yaml_find(&root, "cells");
	assert_int_equal(list->kind, YAML_LIST);
	assert_int_equal(list->line, 3);
	assert_int_equal(list->column, 3);
	nested = yaml_find(&list->item[0], "block");
	assert_int_equal(nested->column, 12);
	assert_text(&nested->item[0], "1", 3, 13);
	assert_text(&nested->item[1], "4k", 3, 17);
	assert_text(yaml_find(&list->item[0], "title"), "a: b", 4, 12);
	assert_null(yaml_find(&root, "blok"));
	yaml_release(&root);
}

static void scalars_are_texts_whatever_yaml_would_make_of_them(void **state)
{
	struct yaml_value root;

	(void)state;
	read_good("[null, yes, 08, 0x10, ~, 1e3, -5, '']", &root);
	assert_int_equal(root.n, 8);
	assert_text(&root.item[0], "null", 1, 2);
	assert_text(&root.item[1], "yes", 1, 8);
	assert_text(&root.item[2], "08", 1, 13);
	assert_text(&root.item[4], "~", 1, 23);
	assert_text(&root.item[6], "-5", 1, 31);
	assert_text(&root.item[7], "", 1, 35);
	yaml_release(&root);
}

static void carriage_returns_and_a_byte_order_mark_do_not_matter(void **state)
{
	struct yaml_value root;

	(void)state;
	read_good("a: 1\r\nb: 2\r\n", &root);
	assert_text(yaml_find(&root, "a"), "1", 1, 4);
	assert_text(yaml_find(&root, "b"), "2", 2, 4);
	yaml_release(&root);
	read_good("\xef\xbb\xbf" "a: 1\n", &root);
	assert_non_null(yaml_find(&root, "a"));
	yaml_release(&root);
}

static void columns_count_characters_not_bytes(void **state)
{
	struct yaml_value root;

	(void)state;
	read_good("gr\xc3\xb6\xc3\x9f" "e: x\n", &root);
	assert_text(&root.item[0], "x", 1, 8);
	yaml_release(&root);
}

static void syntax_errors_name_line_column_and_what_was_being_read(void **state)
{
	(void)state;
	expect("a: [1, 2\nb: 3\n",
	       "f:2:2: did not find expected ',' or ']', while parsing a flow sequence that began at line 1");
	expect("a: b: c\n", "f:1:5: mapping values are not allowed in this context");
	expect("a: 'x\n", "f:2:1: found unexpected end of stream, while scanning a quoted scalar that began at line 1");
	expect("a: 1\n b: 2\n", "f:2:3: mapping values are not allowed in this context");
	expect("- 1\nb: 2\n",
	       "f:2:1: did not find expected '-' indicator, while parsing a block collection that began at line 1");
	expect("a: @x\n",
	       "f:1:4: found character that cannot start any token, while scanning for the next token that began at line 1");
}

static void a_tab_as_indentation_is_called_by_its_name(void **state)
{
	(void)state;
	expect("a:\n\tb: 1\n", "f:2:1: found character that cannot start any token, "
	       "while scanning for the next token that began at line 2 (a tab cannot indent: use blanks)");
}

static void an_empty_file_is_an_error(void **state)
{
	(void)state;
	expect("", "f:1:1: the file is empty");
	expect(" \n\n", "f:1:1: the file is empty");
	expect("# nothing\n", "f:1:1: the file is empty");
}

static void a_key_given_twice_is_an_error_that_names_both_places(void **state)
{
	(void)state;
	expect("a: 1\nb: 2\na: 3\nb: 4\n", "f:3:1: key 'a' is given twice, first at line 1");
	expect("x:\n  - {k: 1, l: 2, k: 3}\n", "f:2:18: key 'k' is given twice, first at line 2");
	expect("k: 1\n\"k\": 2\n", "f:2:1: key 'k' is given twice, first at line 1");
}

static void keys_must_be_words(void **state)
{
	char *key;

	(void)state;
	expect("[a, b]: 1\n", "f:1:1: a key must be a word");
	expect("? {a: b}\n: 1\n", "f:1:3: a key must be a word");
	expect("\"a\\e\": 1\n", "f:1:1: a key holds a control character");
	key = xasprintf("%0200d: 1\n", 7);
	expect(key, "f:1:1: a key of more than 128 characters");
	free(key);
}

static void a_second_document_is_an_error(void **state)
{
	struct yaml_value root;

	(void)state;
	expect("a: 1\n---\nb: 2\n", "f:2:1: a second document begins here: one file holds one");
	expect("a: 1\n---\n", "f:2:1: a second document begins here: one file holds one");
	read_good("---\na: 1\n...\n", &root);
	yaml_release(&root);
}

static void anchors_aliases_and_tags_are_refused_where_they_stand(void **state)
{
	(void)state;
	expect("a: &x 1\n", "f:1:4: anchors are not supported: write the value where it is needed");
	expect("a: &x [1]\n", "f:1:4: anchors are not supported: write the value where it is needed");
	expect("a: 1\nb: *x\n", "f:2:4: aliases are not supported: write the value out");
	expect("a: !!int 1\n", "f:1:4: tags are not supported");
	expect("a: !mine {b: 1}\n", "f:1:4: tags are not supported");
	expect("*x : 1\n", "f:1:1: aliases are not supported: write the value out");
}

static void bytes_that_are_no_text_are_refused_with_their_place(void **state)
{
	(void)state;
	expect_bytes("a: 1\nb: \0", 9, "f:2:4: a NUL byte (the file must be UTF-8 text)");
	expect("a: \"x\\0y\"\n", "f:1:4: the text holds a NUL character");
	expect("a: 1\nb: \xff\n", "f:2:4: invalid leading UTF-8 octet (the file must be UTF-8 text)");
	expect("a: \xc3\xb6\x01\n", "f:1:5: control characters are not allowed (the file must be UTF-8 text)");
	expect("a: \xc3", "f:1:4: incomplete UTF-8 octet sequence (the file must be UTF-8 text)");
	expect_some("\xff\xfe" "a\0:\0", 6);
}

static void repeat(struct buf *b, const char *text, size_t n)
{
	buf_reset(b);
	while (n--)
		buf_str(b, text);
}

static void nesting_however_deep_is_refused_at_once(void **state)
{
	struct buf text = BUF_INIT;

	(void)state;
	repeat(&text, "[", 33);
	expect(buf_text(&text), "f:1:33: nested too deeply (32 levels are allowed)");
	repeat(&text, "[", 200000);
	expect(buf_text(&text), "f:1:33: nested too deeply (32 levels are allowed)");
	repeat(&text, "- ", 200000);
	expect(buf_text(&text), "f:1:65: nested too deeply (32 levels are allowed)");
	repeat(&text, "{a: ", 100000);
	expect(buf_text(&text), "f:1:129: nested too deeply (32 levels are allowed)");
	repeat(&text, "? ", 100000);
	expect_some(text.s, text.len);
	buf_release(&text);
}

static void thirty_two_levels_are_read(void **state)
{
	struct buf text = BUF_INIT;
	struct yaml_value root;

	(void)state;
	repeat(&text, "[", 32);
	buf_pad(&text, ']', 32);
	read_good(buf_text(&text), &root);
	yaml_release(&root);
	buf_release(&text);
}

static void megabytes_of_items_and_of_keys_are_read(void **state)
{
	struct buf text = BUF_INIT;
	struct yaml_value root;
	int i;

	(void)state;
	repeat(&text, "- a\n", 250000);
	read_good(buf_text(&text), &root);
	assert_int_equal(root.n, 250000);
	assert_text(&root.item[249999], "a", 250000, 3);
	yaml_release(&root);
	buf_reset(&text);
	for (i = 0; i < 50000; i++)
		buf_fmt(&text, "key%d: value\n", i);
	read_good(buf_text(&text), &root);
	assert_int_equal(root.n, 50000);
	yaml_release(&root);
	buf_str(&text, "key3: again\n");
	expect(buf_text(&text), "f:50001:1: key 'key3' is given twice, first at line 4");
	buf_release(&text);
}

static void a_quoted_text_is_short_and_harmless(void **state)
{
	struct buf out = BUF_INIT, text = BUF_INIT;

	(void)state;
	yaml_quote("a\tb\x1b[1m", &out);
	assert_string_equal(buf_text(&out), "'a\\x09b\\x1b[1m'");
	buf_reset(&out);
	repeat(&text, "\xc3\xb6", 61);
	yaml_quote(buf_text(&text), &out);
	assert_int_equal(out.len, 2 + 2 * 60 + 3);
	assert_string_equal(out.s + 1 + 2 * 60, "...'");
	buf_release(&text);
	buf_release(&out);
}

/* The table that the rest reads by: one key of every kind. */
struct guest {
	uint32_t cpus;
	uint64_t memory, grace_ns;
	unsigned arch;
	char *about;
	struct schema_text name;
};

static const struct schema_key guest_keys[] = {
	{ .param = { .name = "cpus", .kind = PARAM_COUNT, .def = "2", .min = 1, .max = 4096, .help = "virtual CPUs" },
	  SCHEMA_AT(struct guest, cpus) },
	{ .param = { .name = "memory", .kind = PARAM_SIZE, .min = 64 << 20, .max = 1ull << 40, .help = "bytes" },
	  SCHEMA_AT(struct guest, memory) },
	{ .param = { .name = "grace", .kind = PARAM_DURATION, .def = "1500ms", .max = 3600000000000, .help = "at the end" },
	  SCHEMA_AT(struct guest, grace_ns) },
	{ .param = { .name = "arch", .kind = PARAM_CHOICE, .def = "arm64",
		     .choices = (const char *const[]){ "x86-64", "arm64", NULL }, .help = "of the processor" },
	  SCHEMA_AT(struct guest, arch) },
	{ .param = { .name = "about", .kind = PARAM_TEXT, .help = "what for" },
	  SCHEMA_AT(struct guest, about), .optional = true, .lines = true },
	{ .param = { .name = "name", .kind = PARAM_TEXT, .help = "what to call it" }, SCHEMA_AT(struct guest, name) },
	{ .param = { .name = "disks", .help = "what it boots from" }, .form = SCHEMA_LIST },
	{ .param = { .name = "qemu", .help = "more options" }, .form = SCHEMA_MAPPING, .optional = true },
	SCHEMA_END
};
static const struct schema guest_schema = { .what = "a guest", .keys = guest_keys };

static int read_guest(const char *text, struct guest *g, struct buf *why)
{
	struct yaml_value root;
	int ret;

	*g = (struct guest){ 0 };
	read_good(text, &root);
	ret = schema_read(&guest_schema, "f", &root, g, why);
	yaml_release(&root);
	return ret;
}

static void release_guest(struct guest *g)
{
	free(g->about);
	free(g->name.text);
}

static void expect_guest(const char *text, const char *complaint)
{
	struct buf why = BUF_INIT;
	struct guest g;

	assert_int_equal(read_guest(text, &g, &why), -1);
	assert_string_equal(buf_text(&why), complaint);
	release_guest(&g);
	buf_release(&why);
}

static void a_schema_fills_a_struct_with_values_and_defaults(void **state)
{
	struct buf why = BUF_INIT;
	struct guest g;

	(void)state;
	assert_int_equal(read_guest("name: a b\nmemory: 2G\ndisks: []\narch: x86-64\nabout: |\n  two\n  lines\n", &g,
				    &why), 0);
	assert_int_equal(g.cpus, 2);
	assert_int_equal(g.memory, 2ull << 30);
	assert_int_equal(g.grace_ns, 1500000000);
	assert_int_equal(g.arch, 0);
	assert_string_equal(g.name.text, "a b");
	assert_int_equal(g.name.line, 1);
	assert_int_equal(g.name.column, 7);
	assert_string_equal(g.about, "two\nlines\n");
	release_guest(&g);
	assert_int_equal(read_guest("{name: x, memory: 64M, disks: [a], qemu: {a: b}}", &g, &why), 0);
	assert_int_equal(g.arch, 1);
	assert_null(g.about);
	release_guest(&g);
}

static void a_schema_complains_with_place_value_and_what_would_be_right(void **state)
{
	(void)state;
	expect_guest("name: x\nmemmory: 1G\n", "f:2:1: unknown key 'memmory' (did you mean 'memory'?)");
	expect_guest("name: x\nwholly-else: 1G\n", "f:2:1: unknown key 'wholly-else'");
	expect_guest("name: x\nmemory: 4kk\n",
		     "f:2:9: memory: '4kk' is not a size such as 512, 4k or 1M (64M to 1T)");
	expect_guest("name: x\nmemory: 4k\n", "f:2:9: memory: '4k' is out of range (64M to 1T)");
	expect_guest("cpus: -1\n", "f:1:7: cpus: '-1' is not a number (1 to 4096)");
	expect_guest("cpus: 0\n", "f:1:7: cpus: '0' is out of range (1 to 4096)");
	expect_guest("cpus: [1]\n", "f:1:7: cpus: expected 1 to 4096, found a list");
	expect_guest("cpus: {a: b}\n", "f:1:7: cpus: expected 1 to 4096, found a mapping");
	expect_guest("cpus:\nname: x\n", "f:1:6: cpus: expected 1 to 4096, found no value");
	expect_guest("arch: amd64\n", "f:1:7: arch: 'amd64' is not one of x86-64|arm64 (did you mean 'arm64'?)");
	expect_guest("disks: a\n", "f:1:8: disks: expected a list, found text");
	expect_guest("qemu: [a]\n", "f:1:7: qemu: expected a mapping, found a list");
	expect_guest("grace: 5\n", "f:1:8: grace: '5' is not a duration such as 500ms or 2s (0s to 3600s)");
}

static void a_missing_key_is_placed_at_its_mapping(void **state)
{
	(void)state;
	expect_guest("# a comment\ncpus: 1\nmemory: 1G\ndisks: []\n",
		     "f:2:1: a guest lacks the key 'name' (text: what to call it)");
	expect_guest("cpus: 1\nmemory: 1G\nname: x\n", "f:1:1: a guest lacks the key 'disks' (a list: what it boots from)");
	expect_guest("{}\n", "f:1:1: a guest lacks the key 'memory' (64M to 1T: bytes)");
}

static void a_schema_wants_a_mapping(void **state)
{
	(void)state;
	expect_guest("- a\n", "f:1:1: a guest is a mapping (`key: value`), found a list");
	expect_guest("just words\n", "f:1:1: a guest is a mapping (`key: value`), found text");
}

static void texts_with_control_characters_or_without_end_are_refused(void **state)
{
	struct buf text = BUF_INIT;

	(void)state;
	expect_guest("name: \"a\\tb\"\n", "f:1:7: name: 'a\\x09b' holds the control character \\x09");
	expect_guest("about: \"a\\eb\"\n", "f:1:8: about: 'a\\x1bb' holds the control character \\x1b");
	expect_guest("name: ''\n", "f:1:7: name: expected text, found no value");
	buf_str(&text, "name: ");
	buf_pad(&text, 'x', 4097);
	expect_guest(buf_text(&text), "f:1:7: name: a value of 4097 bytes is too long (at most 4096)");
	buf_release(&text);
}

static void one_scalar_can_be_set_without_a_place(void **state)
{
	struct guest g = { 0 };
	struct buf why = BUF_INIT;

	(void)state;
	assert_int_equal(schema_set(schema_find(&guest_schema, "cpus"), "16", &g, &why), 0);
	assert_int_equal(g.cpus, 16);
	assert_int_equal(schema_set(schema_find(&guest_schema, "name"), "a", &g, &why), 0);
	assert_int_equal(schema_set(schema_find(&guest_schema, "name"), "b", &g, &why), 0);
	assert_string_equal(g.name.text, "b");
	assert_int_equal(g.name.line, 0);
	assert_int_equal(schema_set(schema_find(&guest_schema, "cpus"), "4097", &g, &why), -1);
	assert_string_equal(buf_text(&why), "cpus: '4097' is out of range (1 to 4096)");
	assert_int_equal(g.cpus, 16);
	assert_null(schema_find(&guest_schema, "cpu"));
	assert_int_equal(schema_set(schema_find(&guest_schema, "disks"), "a", &g, &why), -1);
	release_guest(&g);
	buf_release(&why);
}

static void a_schema_describes_itself(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	schema_describe(&guest_schema, &out);
	assert_non_null(strstr(buf_text(&out), "| `cpus` | 1 to 4096 | 2 | virtual CPUs |\n"));
	assert_non_null(strstr(buf_text(&out), "| `memory` | 64M to 1T | must be given | bytes |\n"));
	assert_non_null(strstr(buf_text(&out), "| `about` | text | none | what for |\n"));
	assert_non_null(strstr(buf_text(&out), "| `disks` | a list | must be given | what it boots from |\n"));
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_value_has_its_text_and_its_place_counted_from_one),
		cmocka_unit_test(scalars_are_texts_whatever_yaml_would_make_of_them),
		cmocka_unit_test(carriage_returns_and_a_byte_order_mark_do_not_matter),
		cmocka_unit_test(columns_count_characters_not_bytes),
		cmocka_unit_test(syntax_errors_name_line_column_and_what_was_being_read),
		cmocka_unit_test(a_tab_as_indentation_is_called_by_its_name),
		cmocka_unit_test(an_empty_file_is_an_error),
		cmocka_unit_test(a_key_given_twice_is_an_error_that_names_both_places),
		cmocka_unit_test(keys_must_be_words),
		cmocka_unit_test(a_second_document_is_an_error),
		cmocka_unit_test(anchors_aliases_and_tags_are_refused_where_they_stand),
		cmocka_unit_test(bytes_that_are_no_text_are_refused_with_their_place),
		cmocka_unit_test(nesting_however_deep_is_refused_at_once),
		cmocka_unit_test(thirty_two_levels_are_read),
		cmocka_unit_test(megabytes_of_items_and_of_keys_are_read),
		cmocka_unit_test(a_quoted_text_is_short_and_harmless),
		cmocka_unit_test(a_schema_fills_a_struct_with_values_and_defaults),
		cmocka_unit_test(a_schema_complains_with_place_value_and_what_would_be_right),
		cmocka_unit_test(a_missing_key_is_placed_at_its_mapping),
		cmocka_unit_test(a_schema_wants_a_mapping),
		cmocka_unit_test(texts_with_control_characters_or_without_end_are_refused),
		cmocka_unit_test(one_scalar_can_be_set_without_a_place),
		cmocka_unit_test(a_schema_describes_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
