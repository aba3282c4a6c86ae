/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "harness/kernel/cache.h"
#include "tests/unit/made_hostile.h"

static json_t *submission(const struct report_input *in)
{
	struct buf out = BUF_INIT;
	json_error_t error;
	json_t *json;

	report_kcidb(in, &out);
	expect_clean(&out);
	assert_null(strstr(buf_text(&out), "null"));
	json = json_loads(buf_text(&out), JSON_REJECT_DUPLICATES, &error);
	if (!json)
		fail_msg("%d: %s", error.line, error.text);
	buf_release(&out);
	return json;
}

static const json_t *at(const json_t *json, const char *list, size_t i)
{
	return json_array_get(json_object_get(json, list), i);
}

/* Of the kernel's cell and metric. */
static const json_t *test_of(const struct made_judged *j, const json_t *json, size_t kernel, size_t cell,
			     const char *metric)
{
	struct buf id = BUF_INIT;
	const json_t *test, *found = NULL;
	size_t i;

	buf_fmt(&id, "foliobench:2026-11-21T11-02-03-made/%s/%s/%s", j->m.plan.kernel[kernel].name,
		j->m.plan.cell[cell].id, metric);
	json_array_foreach(json_object_get(json, "tests"), i, test)
		if (!strcmp(json_get_text(test, "id"), buf_text(&id))) {
			assert_null(found);
			found = test;
		}
	buf_release(&id);
	return found;
}

static void expect_number(const json_t *test, double value, const char *unit, const char *prefix)
{
	const json_t *number = json_object_get(test, "number");

	assert_non_null(number);
	assert_true(fabs(json_number_value(json_object_get(number, "value")) - value) <= 1e-9 * value);
	assert_string_equal(json_get_text(number, "unit"), unit);
	if (prefix)
		assert_string_equal(json_get_text(number, "prefix"), prefix);
	else
		assert_null(json_object_get(number, "prefix"));
}

static void every_object_refers_to_one_that_is_there(void **state)
{
	const json_t *test;
	const char *build;
	struct made_judged j;
	json_t *json;
	size_t i;

	(void)state;
	made_judged(&j, MADE_REJECT);
	json = submission(&j.in);
	assert_int_equal(json_array_size(json_object_get(json, "checkouts")), 2);
	assert_int_equal(json_array_size(json_object_get(json, "builds")), 2);
	for (i = 0; i < 2; i++)
		assert_string_equal(json_get_text(at(json, "builds", i), "checkout_id"),
				    json_get_text(at(json, "checkouts", i), "id"));
	json_array_foreach(json_object_get(json, "tests"), i, test) {
		build = json_get_text(test, "build_id");
		assert_true(!strcmp(build, "foliobench:k0") || !strcmp(build, "foliobench:k1"));
		assert_string_equal(json_get_text(test, "origin"), "foliobench");
	}
	assert_int_equal(i, 2 * MADE_CELLS * 6);
	json_decref(json);
	made_judged_release(&j);
}

static void a_finding_is_a_status_with_a_number_and_its_unit(void **state)
{
	const json_t *test;
	struct made_judged j;
	json_t *json;

	(void)state;
	made_judged(&j, MADE_REJECT);
	json = submission(&j.in);
	test = test_of(&j, json, 1, MADE_WRITES, "stac");
	assert_string_equal(json_get_text(test, "status"), "FAIL");
	assert_string_equal(json_get_text(test, "path"),
			    "foliobench.write.block_256.file_size_1M.fs_tmpfs.sharing_diff.pattern_random."
			    "call_pwrite.threads_2.stac");
	assert_string_equal(json_get_text(test, "comment"), "regressed: +1 STAC per op (2 -> 3)");
	assert_string_equal(json_get_text(test, "start_time"), "2026-11-21T11:02:03Z");
	expect_number(test, 3, "stac/op", NULL);
	test = test_of(&j, json, 0, MADE_WRITES, "stac");
	assert_string_equal(json_get_text(test, "status"), "DONE");
	expect_number(test, 2, "stac/op", NULL);
	test = test_of(&j, json, 1, 0, "ops_per_s");
	assert_string_equal(json_get_text(test, "status"), "PASS");
	expect_number(test, 7000000 * 1.062, "ops/s", "metric");
	assert_true(fabs(json_number_value(json_object_get(json_object_get(test, "misc"), "change")) - 0.062) < 1e-9);
	test = test_of(&j, json, 1, 5, "ops_per_s");
	assert_string_equal(json_get_text(test, "status"), "DONE");	/* inconclusive */
	assert_non_null(json_object_get(test, "number"));
	test = test_of(&j, json, 1, 5, "transfers");
	assert_string_equal(json_get_text(test, "status"), "DONE");	/* does not gate */
	json_decref(json);
	made_judged_release(&j);
}

static void a_finding_without_figures_is_missed(void **state)
{
	struct made_judged j;
	const json_t *test;
	json_t *json;

	(void)state;
	made_judged(&j, MADE_REJECT);
	j.judged.finding[0].old = j.judged.finding[0].new = (double)NAN;
	j.judged.finding[0].judgement = (struct judgement){ VERDICT_INCONCLUSIVE, BECAUSE_ABSENT };
	json = submission(&j.in);
	test = test_of(&j, json, 1, 0, "ops_per_s");
	assert_string_equal(json_get_text(test, "status"), "MISS");
	assert_null(json_object_get(test, "number"));
	assert_null(test_of(&j, json, 0, 0, "ops_per_s"));
	json_decref(json);
	made_judged_release(&j);
}

static void the_patch_sets_hash_is_that_of_the_patches_hashes_a_line_each(void **state)
{
	static const char one[] = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
	json_t *build, *files;
	struct made_judged j;
	struct buf lines = BUF_INIT;
	json_t *json;
	char want[65];

	(void)state;
	made_judged(&j, MADE_ACCEPT);
	json = submission(&j.in);
	/* printf '%s\n' 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 | sha256sum */
	assert_string_equal(json_get_text(at(json, "checkouts", 1), "patchset_hash"),
			    "bb2e6f6cd2d2af14500ea6d00309899fd2f67fa4d73d09df1b8f683c0fb2c010");
	assert_string_equal(json_get_text(at(json, "checkouts", 0), "patchset_hash"), "");
	assert_string_equal(json_get_text(at(json, "checkouts", 1), "message_id"),
			    "20261120101112.4711-1-joerg@example.org");
	json_decref(json);

	build = json_object_get(json_array_get(j.samples.environments, 1), "build");
	files = json_object_get(build, "patch_files");
	json_array_append_new(files, json_deep_copy(json_array_get(files, 0)));
	json_array_append_new(json_object_get(build, "patches"), json_string("second"));
	json = submission(&j.in);
	buf_fmt(&lines, "%s\n%s\n", one, one);
	cache_sha256(lines.s, lines.len, want);
	assert_string_equal(json_get_text(at(json, "checkouts", 1), "patchset_hash"), want);
	json_decref(json);

	json_object_set_new(json_array_get(files, 1), "reverse", json_true());
	json = submission(&j.in);
	assert_null(json_object_get(at(json, "checkouts", 1), "patchset_hash"));
	json_decref(json);

	json_object_del(build, "patch_files");	/* a run of an earlier version */
	json = submission(&j.in);
	assert_null(json_object_get(at(json, "checkouts", 1), "patchset_hash"));
	assert_null(json_object_get(at(json, "checkouts", 1), "message_id"));
	json_decref(json);
	made_judged_release(&j);
	buf_release(&lines);
}

static void a_kernel_that_was_not_built_is_known_by_its_build_id_or_its_run(void **state)
{
	struct made_judged j;
	json_t *json, *line;
	size_t i;

	(void)state;
	made_judged(&j, MADE_ACCEPT);
	json_array_foreach(j.samples.environments, i, line)
		json_object_del(line, "build");
	line = json_array_get(j.samples.environments, 0);
	json_object_del(json_object_get(json_object_get(line, "environment"), "kernel"), "build_id");
	json = submission(&j.in);
	assert_string_equal(json_get_text(at(json, "builds", 0), "id"),
			    "foliobench:2026-11-21T11-02-03-made/baseline");
	assert_string_equal(json_get_text(at(json, "builds", 1), "id"), "foliobench:build-id-b2");
	assert_null(json_object_get(at(json, "checkouts", 0), "patchset_hash"));
	json_decref(json);
	made_judged_release(&j);
}

static void a_kernel_in_trouble_has_a_failed_boot(void **state)
{
	struct made_judged j;
	const json_t *test;
	json_t *json;

	(void)state;
	made_judged(&j, MADE_INCIDENT);
	json = submission(&j.in);
	assert_int_equal(json_array_size(json_object_get(json, "tests")), 1);
	test = at(json, "tests", 0);
	assert_string_equal(json_get_text(test, "status"), "FAIL");
	assert_string_equal(json_get_text(test, "path"), "foliobench.boot");
	assert_string_equal(json_get_text(test, "build_id"), "foliobench:k1");
	assert_string_equal(json_get_text(test, "log_excerpt"),
			    "BUG: kernel NULL pointer dereference, address: 0000000000000008\n"
			    "filemap_read+0x8a/0x510\nvfs_read+0x2a1/0x3c0");
	json_decref(json);
	json_put(json_array_get(j.samples.incidents, 0), "verdict", json_text("cannot"));
	json = submission(&j.in);
	assert_string_equal(json_get_text(at(json, "tests", 0), "status"), "ERROR");
	json_decref(json);
	made_judged_release(&j);
}

static const char *status_of(struct made_judged *j, const char *metric)
{
	static char status[8];
	json_t *json = submission(&j->in);

	strcpy(status, json_get_text(test_of(j, json, 1, MADE_WRITES, metric), "status"));
	json_decref(json);
	return status;
}

/* Expected: nobody is told of a kernel's fault. Buggy: FAIL, of a kernel that is the baseline. */
static void what_may_be_our_own_fault_is_no_failure(void **state)
{
	struct made_judged j;
	json_t *json;
	size_t i;

	(void)state;
	made_judged(&j, MADE_REJECT);
	assert_string_equal(status_of(&j, "stac"), "FAIL");
	j.judged.outcome = OUTCOME_CANNOT;
	assert_string_equal(status_of(&j, "stac"), "DONE");
	j.judged.outcome = OUTCOME_REJECT;
	for (i = 0; i < j.judged.n; i++)
		j.judged.finding[i].control = true;
	assert_string_equal(status_of(&j, "stac"), "DONE");
	made_judged_release(&j);
	made_judged(&j, MADE_INCIDENT);
	j.m.plan.kernel[1].rebuild = true;
	json = submission(&j.in);
	assert_string_equal(json_get_text(at(json, "tests", 0), "status"), "ERROR");
	json_decref(json);
	made_judged_release(&j);
}

static void a_run_that_was_not_judged_has_numbers_and_no_opinion(void **state)
{
	struct made_judged j;
	const json_t *test;
	json_t *json;
	size_t i;

	(void)state;
	made_judged(&j, MADE_ACCEPT);
	j.in.judged = NULL;
	json = submission(&j.in);
	json_array_foreach(json_object_get(json, "tests"), i, test)
		assert_string_equal(json_get_text(test, "status"), "DONE");
	assert_int_equal(i, 2 * MADE_CELLS * 15);
	test = test_of(&j, json, 0, 0, "ns_per_op");
	expect_number(test, j.m.figures[0].metric[METRIC_NS_PER_OP].mean * 1e-9, "s/op", "metric");
	expect_number(test_of(&j, json, 0, 0, "bytes_per_s"), j.m.figures[0].metric[METRIC_BYTES_PER_S].mean, "B/s",
		      "binary");
	json_decref(json);
	made_judged_release(&j);
}

static void times_of_emulation_are_left_out(void **state)
{
	struct made_judged j;
	const json_t *test;
	json_t *json;

	(void)state;
	made_emulated(&j, MADE_REJECT);
	json = submission(&j.in);
	test = test_of(&j, json, 1, 0, "ops_per_s");
	assert_string_equal(json_get_text(test, "status"), "SKIP");
	assert_null(json_object_get(test, "number"));
	assert_null(test_of(&j, json, 0, 0, "ops_per_s"));
	assert_non_null(json_object_get(test_of(&j, json, 0, 0, "stac"), "number"));
	json_decref(json);
	made_judged_release(&j);
}

static void paths_hold_what_the_format_allows_whatever_the_names(void **state)
{
	const char *path;
	const json_t *test;
	struct made_judged j;
	json_t *json;
	size_t i;

	(void)state;
	made_hostile(&j, MADE_REJECT);
	json = submission(&j.in);
	json_array_foreach(json_object_get(json, "tests"), i, test) {
		path = json_get_text(test, "path");
		assert_int_equal(strspn(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-."),
				 strlen(path));
		assert_null(strstr(path, ".."));
		assert_int_equal(strncmp(path, "foliobench.", 11), 0);
		assert_true(path[strlen(path) - 1] != '.');
	}
	json_decref(json);
	made_judged_release(&j);
	made_hostile(&j, MADE_INCIDENT);
	json_decref(submission(&j.in));
	made_judged_release(&j);
}

static void the_same_run_gives_the_same_bytes(void **state)
{
	(void)state;
	expect_same_twice(report_kcidb);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_object_refers_to_one_that_is_there),
		cmocka_unit_test(a_finding_is_a_status_with_a_number_and_its_unit),
		cmocka_unit_test(a_finding_without_figures_is_missed),
		cmocka_unit_test(the_patch_sets_hash_is_that_of_the_patches_hashes_a_line_each),
		cmocka_unit_test(a_kernel_that_was_not_built_is_known_by_its_build_id_or_its_run),
		cmocka_unit_test(a_kernel_in_trouble_has_a_failed_boot),
		cmocka_unit_test(what_may_be_our_own_fault_is_no_failure),
		cmocka_unit_test(a_run_that_was_not_judged_has_numbers_and_no_opinion),
		cmocka_unit_test(times_of_emulation_are_left_out),
		cmocka_unit_test(paths_hold_what_the_format_allows_whatever_the_names),
		cmocka_unit_test(the_same_run_gives_the_same_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
