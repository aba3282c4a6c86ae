/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness/plan/processor.h"
#include "lib/alloc.h"
#include "lib/buf.h"

#define HEAD \
	"machine: m\nabout: text\narch: x86-64\ncores: 8\nprivate_cache: 2M\nprivate_ways: 16\n" \
	"shared_cache: 30M\nwindow: 500\n"

/* A file with every constant at 1, but for what replaces one of them: NULL leaves it out. */
static void write_file(struct buf *out, const char *head, const char *constant, const char *line)
{
	int c;

	buf_reset(out);
	buf_fmt(out, "%sconstants:\n", head);
	for (c = 0; c < NCONSTANTS; c++) {
		if (!constant || strcmp(constant, constant_name((enum constant)c)))
			buf_fmt(out, "  %s: {value: 1, low: 0.5, high: 1, source: s%d}\n",
				constant_name((enum constant)c), c);
		else if (line)
			buf_fmt(out, "  %s\n", line);
	}
}

static void expect_text(const char *text, size_t len, const char *complaint)
{
	struct buf why = BUF_INIT;
	struct processor p;

	assert_int_equal(processor_parse("f", text, len, &p, &why), -1);
	assert_string_equal(buf_text(&why), complaint);
	buf_release(&why);
}

static void expect(const char *head, const char *constant, const char *line, const char *complaint)
{
	struct buf text = BUF_INIT;

	write_file(&text, head, constant, line);
	expect_text(buf_text(&text), text.len, complaint);
	buf_release(&text);
}

static void read_good(const char *text, size_t len, struct processor *p)
{
	struct buf why = BUF_INIT;

	if (processor_parse("f", text, len, p, &why))
		fail_msg("%s", buf_text(&why));
	assert_int_equal(why.len, 0);
}

static void a_file_is_read_as_it_stands(void **state)
{
	struct buf text = BUF_INIT;
	struct processor p;

	(void)state;
	write_file(&text, HEAD, "busy_ns", "busy_ns: {value: 25.5, low: 20, high: 040.25, source: a paper, calibrated: true}");
	read_good(buf_text(&text), text.len, &p);
	assert_string_equal(p.name, "m");
	assert_string_equal(p.about, "text");
	assert_false(p.arm64);
	assert_int_equal(p.cores, 8);
	assert_int_equal(p.private_bytes, 2 << 20);
	assert_int_equal(p.private_ways, 16);
	assert_int_equal(p.shared_bytes, 30 << 20);
	assert_int_equal(p.window, 500);
	assert_true(p.constant[CONST_BUSY].value == 25.5);
	assert_true(p.constant[CONST_BUSY].low == 20);
	assert_true(p.constant[CONST_BUSY].high == 40.25);
	assert_string_equal(p.constant[CONST_BUSY].source, "a paper");
	assert_true(p.constant[CONST_BUSY].calibrated);
	assert_false(p.constant[CONST_COPY].calibrated);
	assert_true(p.constant[CONST_COPY].low == 0.5);
	processor_release(&p);
	processor_release(&p);
	buf_release(&text);
}

static void read_id(const char *head, const char *busy, char id[CELL_ID_LEN + 1])
{
	struct buf text = BUF_INIT;
	struct processor p;

	write_file(&text, head, "busy_ns", busy);
	read_good(buf_text(&text), text.len, &p);
	strcpy(id, p.id);
	processor_release(&p);
	buf_release(&text);
}

static void other_figures_make_another_machine_of_the_same_name(void **state)
{
	char id[CELL_ID_LEN + 1], other[CELL_ID_LEN + 1];

	(void)state;
	read_id(HEAD, "busy_ns: {value: 25, low: 20, high: 30, source: s}", id);
	assert_int_equal(strlen(id), CELL_ID_LEN);
	read_id(HEAD, "busy_ns: {value: 25, low: 20, high: 30, source: another, calibrated: true}", other);
	assert_string_equal(id, other);
	read_id(HEAD, "busy_ns: {value: 25, low: 20, high: 30.00001, source: s}", other);
	assert_string_not_equal(id, other);
	read_id(HEAD, "busy_ns: {value: 25.00001, low: 20, high: 30, source: s}", other);
	assert_string_not_equal(id, other);
	read_id("machine: m\nabout: text\narch: x86-64\ncores: 8\nprivate_cache: 2M\nprivate_ways: 16\n"
		"shared_cache: 30M\nwindow: 501\n", "busy_ns: {value: 25, low: 20, high: 30, source: s}", other);
	assert_string_not_equal(id, other);
}

static void every_constant_must_be_given(void **state)
{
	struct buf text = BUF_INIT, why = BUF_INIT;
	struct processor p;
	int c;

	(void)state;
	for (c = 0; c < NCONSTANTS; c++) {
		write_file(&text, HEAD, constant_name((enum constant)c), NULL);
		buf_reset(&why);
		assert_int_equal(processor_parse("f", buf_text(&text), text.len, &p, &why), -1);
		assert_non_null(strstr(buf_text(&why), constant_name((enum constant)c)));
	}
	buf_release(&text);
	buf_release(&why);
}

static void names_and_descriptions_differ(void **state)
{
	int a, b;

	(void)state;
	for (a = 0; a < NCONSTANTS; a++)
		for (b = 0; b < a; b++) {
			assert_string_not_equal(constant_name((enum constant)a), constant_name((enum constant)b));
			assert_string_not_equal(constant_about((enum constant)a), constant_about((enum constant)b));
		}
}

/* The head with one line of it replaced. */
static void expect_head(const char *old, const char *line, const char *complaint)
{
	const char *at = strstr(HEAD, old);
	struct buf head = BUF_INIT;

	assert_non_null(at);
	buf_add(&head, HEAD, (size_t)(at - HEAD));
	buf_str(&head, line);
	buf_str(&head, at + strlen(old));
	expect(buf_text(&head), NULL, NULL, complaint);
	buf_release(&head);
}

static void wrong_heads_are_refused_with_their_place(void **state)
{
	(void)state;
	expect_head("cores: 8", "cores: 0",
	       "f:4:8: cores: '0' is out of range (1 to 1024)");
	expect_head("cores: 8", "cores: 1025",
	       "f:4:8: cores: '1025' is out of range (1 to 1024)");
	expect_head("cores: 8", "cores: 8.5",
	       "f:4:8: cores: '8.5' is not a number (1 to 1024)");
	expect_head("arch: x86-64", "arch: arm",
	       "f:3:7: arch: 'arm' is not one of x86-64|arm64 (did you mean 'arm64'?)");
	expect_head("private_cache: 2M", "private_cache: 2MBit",
	       "f:5:16: private_cache: '2MBit' is not a size such as 512, 4k or 1M (64 to 1G)");
	expect_head("private_cache: 2M", "private_cache: -2M",
	       "f:5:16: private_cache: '-2M' is not a size such as 512, 4k or 1M (64 to 1G)");
	expect_head("private_cache: 2M", "private_cache: 1000",
	       "f:5:16: private_cache: '1000' is not a whole number of sets of 16 ways of 64 bytes");
	expect_head("private_ways: 16", "private_way: 16",
	       "f:6:1: unknown key 'private_way' (did you mean 'private_ways'?)");
	expect_head("shared_cache: 30M\nwindow: 500\n", "",
	       "f:1:1: a machine lacks the key 'shared_cache' (64 to 1T: what lines that leave a private cache go to)");
	expect_head("window: 500", "window: 0",
	       "f:8:9: window: '0' is out of range (1 to 4096)");
	expect_head("machine: m", "machine:",
	       "f:1:9: machine: expected text, found no value");
	expect_head("machine: m", "machine: m\nmachine: n",
	       "f:2:1: key 'machine' is given twice, first at line 1");
}

static void wrong_constants_are_refused_with_their_place(void **state)
{
	(void)state;
	expect(HEAD, "busy_ns", "bussy_ns: {value: 1, low: 1, high: 1, source: s}",
	       "f:19:3: unknown key 'bussy_ns' (did you mean 'busy_ns'?)");
	expect(HEAD, "busy_ns", "busy_ns: 25",
	       "f:19:12: busy_ns: expected a mapping, found text");
	expect(HEAD, "busy_ns", "busy_ns: {value: 1, low: 1, high: 1}",
	       "f:19:12: busy_ns lacks the key 'source' (text: where it is from)");
	expect(HEAD, "busy_ns", "busy_ns: {value: 1, low: 1, high: 1, sorce: s}",
	       "f:19:40: unknown key 'sorce' (did you mean 'source'?)");
	expect(HEAD, "busy_ns", "busy_ns: {value: 1, low: 1, high: 1, source: s, calibrated: yes}",
	       "f:19:63: calibrated: 'yes' is not one of false|true");
	expect(HEAD, "busy_ns", "busy_ns: {value: 1, low: 2, high: 3, source: s}",
	       "f:19:28: busy_ns: low 2 is above the value 1: low, value and high must ascend");
	expect(HEAD, "busy_ns", "busy_ns: {value: 4, low: 2, high: 3, source: s}",
	       "f:19:37: busy_ns: high 3 is below the value 4: low, value and high must ascend");
	expect(HEAD, "busy_ns", "busy_ns: {value: 25ns, low: 2, high: 30, source: s}",
	       "f:19:20: busy_ns: '25ns' is not a decimal number from 0 to 1000000, such as 0.5, without a unit");
	expect(HEAD, "busy_ns", "busy_ns: {value: 25, low: -2, high: 30, source: s}",
	       "f:19:29: busy_ns: '-2' is not a decimal number from 0 to 1000000, such as 0.5, without a unit");
	expect(HEAD, "busy_ns", "busy_ns: {value: 25, low: 2, high: inf, source: s}",
	       "f:19:38: busy_ns: 'inf' is not a decimal number from 0 to 1000000, such as 0.5, without a unit");
	expect(HEAD, "busy_ns", "busy_ns: {value: 25, low: 2, high: 1000001, source: s}",
	       "f:19:38: busy_ns: '1000001' is not a decimal number from 0 to 1000000, such as 0.5, without a unit");
	expect(HEAD, "busy_ns", "busy_ns: {value: 25, low: 2, high: .5, source: s}",
	       "f:19:38: busy_ns: '.5' is not a decimal number from 0 to 1000000, such as 0.5, without a unit");
	expect(HEAD, "busy_ns", "busy_ns: {value: 25, low: 2., high: 30, source: s}",
	       "f:19:29: busy_ns: '2.' is not a decimal number from 0 to 1000000, such as 0.5, without a unit");
	expect(HEAD, "busy_ns", "busy_ns: {value: 25, low: 2.5.1, high: 30, source: s}",
	       "f:19:29: busy_ns: '2.5.1' is not a decimal number from 0 to 1000000, such as 0.5, without a unit");
	expect(HEAD, "busy_ns", "busy_ns: {value: 1e1, low: 2, high: 30, source: s}",
	       "f:19:20: busy_ns: '1e1' is not a decimal number from 0 to 1000000, such as 0.5, without a unit");
	expect(HEAD, "copy_bytes_per_ns", "copy_bytes_per_ns: {value: 1, low: 0, high: 30, source: s}",
	       "f:23:38: copy_bytes_per_ns: '0' is not a decimal number above 0 and up to 1000000, such as 0.5, without a unit");
	expect(HEAD, "load_wait_share", "load_wait_share: {value: 1, low: 0, high: 1.5, source: s}",
	       "f:22:45: load_wait_share: '1.5' is not a decimal number from 0 to 1, such as 0.5, without a unit");
	expect("", NULL, NULL,
	       "f:1:1: a machine lacks the key 'machine' (text: the processor's name)");
}

static void a_file_cut_short_anywhere_is_refused(void **state)
{
	struct buf text = BUF_INIT, why = BUF_INIT;
	struct processor p;
	size_t len;

	(void)state;
	write_file(&text, HEAD, NULL, NULL);
	for (len = 0; len < text.len - 1; len++) {
		buf_reset(&why);
		assert_int_equal(processor_parse("f", buf_text(&text), len, &p, &why), -1);
		assert_int_equal(strncmp(buf_text(&why), "f:", 2), 0);
	}
	buf_release(&text);
	buf_release(&why);
}

static void the_machines_we_bring_are_read(void **state)
{
	static const struct {
		const char *name;
		bool arm64;
	} files[] = { { "xeon-platinum-8480", false }, { "epyc-7763", false }, { "graviton2", true } };
	struct buf text = BUF_INIT;
	struct processor p;
	char *path;
	size_t i;
	int c;

	(void)state;
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		path = xasprintf("configs/machines/%s.yaml", files[i].name);
		buf_reset(&text);
		assert_int_equal(buf_read_file(&text, path), 0);
		read_good(buf_text(&text), text.len, &p);
		assert_string_equal(p.name, files[i].name);
		assert_int_equal(p.arm64, files[i].arm64);
		/* What moves a line cannot be quicker than what keeps it busy, nor memory quicker than a cache. */
		assert_true(p.constant[CONST_BUSY].value <= p.constant[CONST_TRANSFER].value);
		assert_true(p.constant[CONST_SHARED].value <= p.constant[CONST_MEMORY].value);
		for (c = 0; c < NCONSTANTS; c++)
			assert_true(strlen(p.constant[c].source) > 10);
		processor_release(&p);
		free(path);
	}
	buf_release(&text);
}

static void the_documentation_has_the_keys_as_they_are(void **state)
{
	struct buf table = BUF_INIT, doc = BUF_INIT;
	char *row;
	int c;

	(void)state;
	assert_int_equal(buf_read_file(&doc, "docs/model.md"), 0);
	schema_describe(&processor_schema, &table);
	assert_non_null(strstr(buf_text(&doc), buf_text(&table)));
	buf_reset(&table);
	schema_describe(&processor_value_schema, &table);
	assert_non_null(strstr(buf_text(&doc), buf_text(&table)));
	for (c = 0; c < NCONSTANTS; c++) {
		row = xasprintf("| `%s` |", constant_name((enum constant)c));
		assert_non_null(strstr(buf_text(&doc), row));
		free(row);
	}
	buf_release(&table);
	buf_release(&doc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_read_as_it_stands),
		cmocka_unit_test(other_figures_make_another_machine_of_the_same_name),
		cmocka_unit_test(every_constant_must_be_given),
		cmocka_unit_test(names_and_descriptions_differ),
		cmocka_unit_test(wrong_heads_are_refused_with_their_place),
		cmocka_unit_test(wrong_constants_are_refused_with_their_place),
		cmocka_unit_test(a_file_cut_short_anywhere_is_refused),
		cmocka_unit_test(the_machines_we_bring_are_read),
		cmocka_unit_test(the_documentation_has_the_keys_as_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
