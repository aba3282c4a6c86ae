/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <string.h>
#include <cmocka.h>

#include "lib/buf.h"
#include "lib/record.h"

static const char line[] =
	"{\"schema\":1,\"kind\":\"sample\",\"kernel\":\"running\",\"block\":3,\"cell\":\"a8fa1e3f2bf7a9e1\","
	"\"name\":\"null threads=2\",\"window\":4,\"threads\":2,\"elapsed_ns\":500000000,\"skew_ns\":40,"
	"\"ops\":[100,300],\"bytes\":[1048576,3145728],\"cpus\":[1,null],\"oversubscribed\":true}";

/* The line above with the cell's real hash in it. */
static void make_line(struct buf *out)
{
	char id[CELL_ID_LEN + 1];
	char *at;

	buf_str(out, line);
	cell_id("null threads=2", id);
	at = strstr(out->s, "a8fa1e3f2bf7a9e1");
	memcpy(at, id, CELL_ID_LEN);
}

static void a_line_reads_back_as_it_was_written(void **state)
{
	struct buf in = BUF_INIT, out = BUF_INIT, why = BUF_INIT;
	struct sample s;

	(void)state;
	make_line(&in);
	assert_int_equal(sample_parse(in.s, in.len, &s, &why), 0);
	assert_int_equal(s.window, 4);
	assert_int_equal(s.block, 3);
	assert_int_equal(s.threads, 2);
	assert_true(s.ops[1] == 300 && s.bytes[0] == 1048576);
	assert_true(s.cpus[0] == 1 && s.cpus[1] == RECORD_NO_CPU);
	assert_true(s.oversubscribed);
	sample_line(&s, &out);
	assert_string_equal(out.s, in.s);
	sample_release(&s);
	buf_release(&in);
	buf_release(&out);
	buf_release(&why);
}

static void rates_come_from_the_clock(void **state)
{
	uint64_t ops[] = { 100, 300 }, bytes[] = { 1048576, 3145728 };
	const struct sample s = { .threads = 2, .ops = ops, .bytes = bytes, .elapsed_ns = 500000000 };

	(void)state;
	assert_float_equal(sample_ops_per_s(&s), 800, 1e-9);
	assert_float_equal(sample_bytes_per_s(&s), 8388608, 1e-6);
	assert_float_equal(sample_ns_per_op(&s), 2 * 5e8 / 400, 1e-6);
}

/* Replaces the first `from` of the good line and expects a refusal that starts with `reason`. */
static void refuses(const char *from, const char *to, const char *reason)
{
	struct buf good = BUF_INIT, bad = BUF_INIT, why = BUF_INIT;
	struct sample s;
	char *at;

	make_line(&good);
	at = strstr(good.s, from);
	assert_non_null(at);
	buf_add(&bad, good.s, (size_t)(at - good.s));
	buf_str(&bad, to);
	buf_str(&bad, at + strlen(from));
	assert_int_equal(sample_parse(bad.s, bad.len, &s, &why), -1);
	assert_memory_equal(buf_text(&why), reason, strlen(reason));
	buf_release(&good);
	buf_release(&bad);
	buf_release(&why);
}

static void damaged_lines_are_refused_with_the_field_that_is_wrong(void **state)
{
	(void)state;
	refuses("\"schema\":1", "\"schema\":2", "schema:");
	refuses("sample", "simple", "kind:");
	refuses("null threads=2", "null threads=3", "cell:");
	refuses("\"name\":\"null threads=2\"", "\"name\":7", "name:");
	refuses("\"elapsed_ns\":500000000", "\"elapsed_ns\":0", "elapsed_ns:");
	refuses("\"elapsed_ns\":500000000", "\"elapsed_ns\":-1", "elapsed_ns:");
	refuses("\"elapsed_ns\":500000000,", "", "elapsed_ns:");
	refuses("\"elapsed_ns\":500000000", "\"elapsed_ns\":5e8", "elapsed_ns:");
	refuses("\"threads\":2", "\"threads\":0", "threads:");
	refuses("\"threads\":2", "\"threads\":4000000000", "ops:");
	refuses("[100,300]", "[100]", "ops:");
	refuses("[100,300]", "[100,-1]", "ops:");
	refuses("[1048576,3145728]", "[1048576,\"x\"]", "bytes:");
	refuses("[1,null]", "[1,true]", "cpus:");
	refuses("\"block\":3", "\"block\":-3", "block:");
	refuses("true}", "true", "no JSON:");
	refuses("\"window\":4", "\"window\":4,\"window\":5", "no JSON:");
}

static void every_torn_line_is_refused(void **state)
{
	struct buf good = BUF_INIT, why = BUF_INIT;
	struct sample s;
	size_t len;

	(void)state;
	make_line(&good);
	for (len = 0; len < good.len; len++) {
		buf_reset(&why);
		assert_int_equal(sample_parse(good.s, len, &s, &why), -1);
		assert_true(why.len > 0);
	}
	buf_release(&good);
	buf_release(&why);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_reads_back_as_it_was_written),
		cmocka_unit_test(rates_come_from_the_clock),
		cmocka_unit_test(damaged_lines_are_refused_with_the_field_that_is_wrong),
		cmocka_unit_test(every_torn_line_is_refused),
	};

	return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}
