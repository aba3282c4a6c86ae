/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "lib/buf.h"
#include "lib/param.h"

static const struct param own[] = {
	{ .name = "block", .kind = PARAM_SIZE, .def = "4k", .min = 1, .max = 1 << 20, .help = "bytes" },
	{ .name = "sharing", .kind = PARAM_CHOICE, .def = "same",
	  .choices = (const char *const[]){ "same", "diff", NULL }, .help = "files" },
	PARAM_END
};
static const struct param common[] = {
	{ .name = "threads", .kind = PARAM_COUNT, .def = NULL, .min = 1, .max = 64, .help = "how many" },
	{ .name = "placement", .kind = PARAM_CHOICE, .def = "none",
	  .choices = (const char *const[]){ "compact", "LIST", "node:N", "none", NULL }, .help = "where" },
	{ .name = "window", .kind = PARAM_DURATION, .def = "1s", .min = 1000000, .max = 3600000000000, .where = true,
	  .help = "how long" },
	{ .name = "dir", .kind = PARAM_TEXT, .def = ".", .where = true, .help = "place" },
	PARAM_END
};

struct fixture {
	struct params p;
	struct buf why, text;
};

static struct fixture f;

static int setup(void **state)
{
	(void)state;
	memset(&f, 0, sizeof(f));
	params_init(&f.p, own, common);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	params_release(&f.p);
	buf_release(&f.why);
	buf_release(&f.text);
	return 0;
}

static void refuses(const char *assignment, const char *reason)
{
	buf_reset(&f.why);
	assert_int_equal(params_assign(&f.p, assignment, &f.why), -1);
	assert_string_equal(buf_text(&f.why), reason);
}

static void takes(const char *assignment)
{
	assert_int_equal(params_assign(&f.p, assignment, &f.why), 0);
	assert_string_equal(buf_text(&f.why), "");
}

static void defaults_hold_until_something_is_set(void **state)
{
	(void)state;
	assert_true(params_number(&f.p, "block") == 4096);
	assert_int_equal(params_choice(&f.p, "sharing"), 0);
	takes("block=32");
	takes("sharing=diff");
	assert_true(params_number(&f.p, "block") == 32);
	assert_int_equal(params_choice(&f.p, "sharing"), 1);
	assert_true(f.p.value[params_find(&f.p, "block")].set);
	assert_false(f.p.value[params_find(&f.p, "placement")].set);
}

static void a_refusal_names_the_value_and_what_would_be_right(void **state)
{
	(void)state;
	refuses("blok=4k", "unknown parameter 'blok' (did you mean 'block'?)");
	refuses("zzzz=4k", "unknown parameter 'zzzz'");
	refuses("block", "'block' is not key=value");
	refuses("=4k", "'=4k' is not key=value");
	refuses("block=", "block: '' is not a size such as 512, 4k or 1M (1 to 1M)");
	refuses("block=-5", "block: '-5' is not a size such as 512, 4k or 1M (1 to 1M)");
	refuses("block=2M", "block: '2M' is out of range (1 to 1M)");
	refuses("block=0", "block: '0' is out of range (1 to 1M)");
	refuses("threads=4k", "threads: '4k' is not a number (1 to 64)");
	refuses("threads=65", "threads: '65' is out of range (1 to 64)");
	refuses("window=2", "window: '2' is not a duration such as 500ms or 2s (1ms to 3600s)");
	refuses("sharing=dif", "sharing: 'dif' is not one of same|diff (did you mean 'diff'?)");
	assert_true(params_number(&f.p, "block") == 4096);
}

static void a_missing_parameter_is_named(void **state)
{
	(void)state;
	assert_int_equal(params_complete(&f.p, &f.why), -1);
	assert_string_equal(buf_text(&f.why), "missing parameter 'threads' (1 to 64)");
	buf_reset(&f.why);
	takes("threads=2");
	assert_int_equal(params_complete(&f.p, &f.why), 0);
}

static void choices_may_stand_for_lists_and_numbered_words(void **state)
{
	(void)state;
	takes("placement=0,2,4-7");
	assert_int_equal(params_choice(&f.p, "placement"), 1);
	assert_string_equal(params_text(&f.p, "placement"), "0,2,4-7");
	takes("placement=node:1");
	assert_int_equal(params_choice(&f.p, "placement"), 2);
	refuses("placement=node:",
		"placement: 'node:' is not one of compact|LIST|node:N|none (did you mean 'node:N'?)");
	refuses("placement=node:x",
		"placement: 'node:x' is not one of compact|LIST|node:N|none (did you mean 'node:N'?)");
	refuses("placement=0,,1", "placement: '0,,1' is not one of compact|LIST|node:N|none");
	refuses("placement=3-1", "placement: '3-1' is not one of compact|LIST|node:N|none");
}

static void cpu_lists_are_taken_whole_or_not_at_all(void **state)
{
	unsigned cpus[8];

	(void)state;
	assert_int_equal(cpulist_parse("0,2,4-7", cpus, 8), 6);
	assert_int_equal(cpus[5], 7);
	assert_int_equal(cpulist_parse("5", cpus, 8), 1);
	assert_int_equal(cpulist_parse("0-8", cpus, 8), -1);
	assert_int_equal(cpulist_parse("0-99999999999", NULL, 0), -1);
	assert_int_equal(cpulist_parse("", NULL, 0), -1);
	assert_int_equal(cpulist_parse("1-", NULL, 0), -1);
	assert_int_equal(cpulist_parse("-1", NULL, 0), -1);
	assert_int_equal(cpulist_parse("1,", NULL, 0), -1);
	assert_int_equal(cpulist_parse("a", NULL, 0), -1);
}

static void a_cells_name_is_its_identity_and_nothing_else(void **state)
{
	char a[CELL_ID_LEN + 1], b[CELL_ID_LEN + 1];

	(void)state;
	takes("threads=16");
	takes("block=4096");
	cell_name("read", &f.p, &f.text);
	assert_string_equal(buf_text(&f.text), "read block=4k sharing=same threads=16 placement=none");
	cell_id(buf_text(&f.text), a);
	takes("block=4KiB");	/* the same size, spelt differently */
	takes("window=2s");	/* how long is no part of what */
	takes("dir=/mnt");
	buf_reset(&f.text);
	cell_name("read", &f.p, &f.text);
	cell_id(buf_text(&f.text), b);
	assert_string_equal(a, b);
	takes("block=4097");
	buf_reset(&f.text);
	cell_name("read", &f.p, &f.text);
	cell_id(buf_text(&f.text), b);
	assert_string_not_equal(a, b);
}

static void ids_never_change(void **state)
{
	char id[CELL_ID_LEN + 1];

	(void)state;
	/* FNV-1a's published test vectors: stored runs know their cells by these */
	cell_id("", id);
	assert_string_equal(id, "cbf29ce484222325");
	cell_id("a", id);
	assert_string_equal(id, "af63dc4c8601ec8c");
	cell_id("foobar", id);
	assert_string_equal(id, "85944171f73967e8");
}

static void a_cells_fields_are_found_by_their_whole_key(void **state)
{
	const char *name = "read block=1 file_size=4k size=7 threads=16";

	(void)state;
	assert_int_equal(cell_field(name, "workload", &f.text), 0);
	assert_string_equal(buf_text(&f.text), "read");
	assert_int_equal(cell_field(name, "size", &f.text), 0);
	assert_string_equal(buf_text(&f.text), "7");
	assert_int_equal(cell_field(name, "threads", &f.text), 0);
	assert_string_equal(buf_text(&f.text), "16");
	assert_int_equal(cell_field(name, "file", &f.text), -1);
	assert_int_equal(cell_field("null", "block", &f.text), -1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(defaults_hold_until_something_is_set),
		TEST(a_refusal_names_the_value_and_what_would_be_right),
		TEST(a_missing_parameter_is_named),
		TEST(choices_may_stand_for_lists_and_numbered_words),
		TEST(cpu_lists_are_taken_whole_or_not_at_all),
		TEST(a_cells_name_is_its_identity_and_nothing_else),
		TEST(ids_never_change),
		TEST(a_cells_fields_are_found_by_their_whole_key),
	};

	return cmocka_run_group_tests_name("param", tests, NULL, NULL);
}
