/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of kinds "count" and "prediction": written, read back, and damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "harness/store/counted.h"
#include "harness/store/samples.h"
#include "lib/alloc.h"
#include "lib/buf.h"

#define HEAD "{\"schema\":1,\"kind\":\"count\",\"kernel\":\"k\","
#define COUNT_MIDDLE \
	"\"threads\":2,\"ops\":120,\"at_mode\":119,\"interrupted\":1,\"modes\":1,\"paths\":2,\"share\":0.99,\"stable\":true," \
	"\"bytes_per_op\":512,\"arm64\":false,\"qemu\":\"7.2.22\","
#define COUNTS "\"counts\":{\"kernel_instructions\":1041,\"stac\":1,\"user_atomics\":0.5},\"by_thread\":[{\"vcpu\":0}]}"
#define PREDICTION \
	"{\"schema\":1,\"kind\":\"prediction\",\"kernel\":\"k\",\"cell\":\"2b8a9c5d00112233\",\"machine\":\"m\"," \
	"\"machine_id\":\"0123456789abcdef\",\"threads\":2,\"ns_per_op\":500.25,\"low\":400,\"high\":600,\"waited_ns\":1,\"spread\":0.01," \
	"\"transfers\":1.5,\"lines_moved\":1,\"knee\":2,\"sensitivity\":{\"busy_ns\":[450,550]},\"lines\":[{\"what\":\"inode\"," \
	"\"per_op\":1.5,\"threads\":2,\"movers\":[{\"function\":\"iput\",\"offset\":\"0xffffffff81000000\"," \
	"\"access\":\"atomic\",\"per_op\":1.5}]}],\"curve\":[[1,1000],[2,1500.5]]}"

static struct buf text, why;

/* The text as a line, `from` in it once replaced by `to`. */
static void damage(const char *line, const char *from, const char *to)
{
	const char *at = strstr(line, from);

	assert_non_null(at);
	buf_reset(&text);
	buf_reset(&why);
	buf_add(&text, line, (size_t)(at - line));
	buf_fmt(&text, "%s%s\n", to, at + strlen(from));
}

static const char *count_line(void)
{
	static char *line;
	char id[CELL_ID_LEN + 1];

	cell_id("read block=512", id);
	free(line);
	line = xasprintf(HEAD "\"cell\":\"%s\",\"name\":\"read block=512\"," COUNT_MIDDLE COUNTS, id);
	return line;
}

static void refuses(const char *line, const char *from, const char *to, const char *complaint)
{
	struct samples s;

	damage(line, from, to);
	assert_int_equal(samples_parse("f", buf_text(&text), text.len, &s, &why), -1);
	if (!strstr(buf_text(&why), complaint))
		fail_msg("no \"%s\" in \"%s\"", complaint, buf_text(&why));
	samples_release(&s);
}

static void read_back(const char *line, struct samples *s)
{
	damage(line, "{", "{");
	if (samples_parse("f", buf_text(&text), text.len, s, &why))
		fail_msg("%s", buf_text(&why));
}

static void a_count_comes_back_as_it_was_written(void **state)
{
	struct buf again = BUF_INIT;
	struct samples s;

	(void)state;
	read_back(count_line(), &s);
	assert_int_equal(s.ncounts, 1);
	assert_int_equal(s.count[0].at_mode, 119);
	assert_int_equal(s.count[0].paths, 2);
	assert_true(s.count[0].stable);
	assert_true(s.count[0].count[COUNT_USER_ATOMICS] == 0.5);
	count_record_line(&s.count[0], &again);
	assert_string_equal(buf_text(&again), count_line());
	buf_release(&again);
	samples_release(&s);
}

static void a_prediction_comes_back_as_it_was_written(void **state)
{
	struct buf again = BUF_INIT;
	struct samples s;

	(void)state;
	read_back(PREDICTION, &s);
	assert_int_equal(s.npredictions, 1);
	assert_true(s.prediction[0].line[0].mover[0].offset == 0xffffffff81000000);
	assert_string_equal(s.prediction[0].machine_id, "0123456789abcdef");
	prediction_record_line(&s.prediction[0], &again);
	assert_string_equal(buf_text(&again), PREDICTION);
	buf_release(&again);
	samples_release(&s);
}

static void a_later_line_takes_the_place_of_an_earlier_one(void **state)
{
	struct buf both = BUF_INIT;
	struct samples s;

	(void)state;
	damage(PREDICTION, "500.25", "510");
	buf_fmt(&both, PREDICTION "\n%s", buf_text(&text));
	damage(count_line(), "1041", "1042");
	buf_fmt(&both, "%s\n%s", count_line(), buf_text(&text));
	assert_int_equal(samples_parse("f", both.s, both.len, &s, &why), 0);
	assert_int_equal(s.npredictions, 1);
	assert_true(s.prediction[0].ns_per_op == 510);
	assert_int_equal(s.ncounts, 1);
	assert_true(s.count[0].count[COUNT_KERNEL_INSNS] == 1042);
	samples_release(&s);
	buf_release(&both);
}

static void a_prediction_of_before_machines_had_ids_is_read(void **state)
{
	struct samples s;

	(void)state;
	damage(PREDICTION, "\"machine_id\":\"0123456789abcdef\",", "");
	assert_int_equal(samples_parse("f", buf_text(&text), text.len, &s, &why), 0);
	assert_null(s.prediction[0].machine_id);
	samples_release(&s);
}

static void a_damaged_count_names_its_field(void **state)
{
	(void)state;
	refuses(count_line(), "\"schema\":1", "\"schema\":2", "f:1: schema: missing or not 1");
	refuses(count_line(), "\"ops\":120", "\"ops\":0", "f:1: ops: missing or not a number above 0");
	refuses(count_line(), "\"ops\":120", "\"ops\":-120", "ops: missing or not");
	refuses(count_line(), "\"ops\":120", "\"ops\":100", "at_mode: more than there are ops");
	refuses(count_line(), "\"threads\":2", "\"threads\":0", "threads: missing or not a number above 0");
	refuses(count_line(), "\"threads\":2", "\"threads\":4294967295", "threads: missing or not a number above 0");
	refuses(count_line(), "0.99", "1.01", "share: above 1");
	refuses(count_line(), "0.99", "-1", "share: missing or not a number in range");
	refuses(count_line(), "\"stable\":true", "\"stable\":1", "stable: missing or not true or false");
	refuses(count_line(), "\"interrupted\":1", "\"interrupted\":121", "interrupted: more than there are ops");
	refuses(count_line(), "block=512\"", "block=513\"", "cell: missing or not the hash of the name");
	refuses(count_line(), "\"kernel_instructions\":1041,", "", "counts.kernel_instructions: missing");
	refuses(count_line(), "1041", "\"1041\"", "counts.kernel_instructions: missing or not a number from 0");
	refuses(count_line(), "\"arm64\":false", "\"arm64\":true", "counts.stac: there is none on arm64");
	refuses(count_line(), "\"kernel\":\"k\"", "\"kernel\":\"\"", "kernel: missing or not a text");
}

static void a_damaged_prediction_names_its_field(void **state)
{
	(void)state;
	refuses(PREDICTION, "500.25", "0", "ns_per_op: missing or not a number above 0");
	refuses(PREDICTION, "500.25", "1e999", "no JSON");
	/* Expected: refused. Buggy: only a low above the high was, and a figure stood outside its range. */
	refuses(PREDICTION, "500.25", "399", "ns_per_op: not within low and high");
	refuses(PREDICTION, "500.25", "601", "ns_per_op: not within low and high");
	refuses(PREDICTION, "\"low\":400", "\"low\":601", "ns_per_op: not within low and high");
	refuses(PREDICTION, "[450,550]", "[450]", "sensitivity.busy_ns: not two times");
	refuses(PREDICTION, "\"atomic\"", "\"swap\"", "lines[0].access: 'swap' is not one of load|store|atomic");
	refuses(PREDICTION, "0xffffffff81000000", "0xg", "lines[0].offset: missing or not a number in range");
	refuses(PREDICTION, "\"what\":\"inode\"", "\"what\":1", "lines[0].what: missing or not a text");
	refuses(PREDICTION, "[2,1500.5]", "[1,1500.5]", "curve[1]: not a number of threads, more than before");
	refuses(PREDICTION, "[2,1500.5]", "[2.5,1500.5]", "curve[1]: not a number of threads");
	refuses(PREDICTION, "[2,1500.5]", "[2]", "curve[1]: not a number of threads");
	refuses(PREDICTION, "\"machine_id\":\"0123456789abcdef\"", "\"machine_id\":7", "machine_id: missing or not a text");
}

static int forget(void **state)
{
	(void)state;
	buf_release(&text);
	buf_release(&why);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_count_comes_back_as_it_was_written),
		cmocka_unit_test(a_prediction_comes_back_as_it_was_written),
		cmocka_unit_test(a_later_line_takes_the_place_of_an_earlier_one),
		cmocka_unit_test(a_prediction_of_before_machines_had_ids_is_read),
		cmocka_unit_test(a_damaged_count_names_its_field),
		cmocka_unit_test(a_damaged_prediction_names_its_field),
	};

	return cmocka_run_group_tests(tests, NULL, forget);
}
