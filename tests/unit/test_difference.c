/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "harness/report/difference.h"
#include "tests/unit/made_judged.h"

struct two {
	struct made_judged made;
	json_t *env, *guest, *build;	/* of the patched kernel's first line */
};

static void two_make(struct two *t)
{
	json_t *line;

	made_judged(&t->made, MADE_INCIDENT);
	line = json_array_get(t->made.samples.environments, 1);
	t->env = json_object_get(line, "environment");
	t->guest = json_object_get(line, "guest");
	t->build = json_object_get(line, "build");
}

static void expect(const struct two *t, int n, const char *text)
{
	struct buf out = BUF_INIT;

	assert_int_equal(difference_render(&t->made.in, 1, 100, &out), n);
	assert_string_equal(buf_text(&out), text);
	buf_release(&out);
}

static void kernels_that_differ_by_their_build_alone_were_measured_alike(void **state)
{
	struct two t;

	(void)state;
	two_make(&t);
	json_object_set_new(json_object_get(t.env, "kernel"), "version", json_string("#2 SMP"));
	json_object_set_new(json_object_get(t.env, "kernel"), "tainted", json_integer(4));
	json_object_set_new(t.env, "load", json_pack("{s:i}", "running", 7));
	json_object_set_new(t.guest, "boot_ns", json_integer(12345));
	json_object_set_new(t.guest, "retries", json_integer(1));
	json_object_set_new(t.build, "cmdline", json_null());
	expect(&t, 0, "");
	made_judged_release(&t.made);
}

static void each_fact_that_differs_is_an_item(void **state)
{
	struct two t;

	(void)state;
	two_make(&t);
	json_object_set_new(json_object_get(t.env, "kernel"), "command_line", json_string("mitigations=off"));
	json_object_set_new(json_object_get(t.env, "driver"), "compiler", json_string("gcc 13.1.0"));
	json_object_set_new(t.guest, "cpus", json_integer(4));
	json_object_set_new(t.build, "cmdline", json_string("mitigations=off"));
	expect(&t, 4,
	       "- kernel.command_line: \"console=ttyS0 norandmaps\" on baseline, \"mitigations=off\" on patched\n"
	       "- driver.compiler: \"gcc 12.2.0\" on baseline, \"gcc 13.1.0\" on patched\n"
	       "- guest.cpus: 2 on baseline, 4 on patched\n"
	       "- build.cmdline: nothing on baseline, \"mitigations=off\" on patched\n");
	made_judged_release(&t.made);
}

static void facts_in_facts_are_told_one_by_one(void **state)
{
	json_t *first;
	struct two t;

	(void)state;
	two_make(&t);
	first = json_object_get(json_array_get(t.made.samples.environments, 0), "environment");
	json_object_set_new(json_object_get(first, "kernel"), "mitigations",
			    json_pack("{s:s,s:s}", "spectre_v2", "off", "mds", "on"));
	json_object_set_new(json_object_get(t.env, "kernel"), "mitigations",
			    json_pack("{s:s,s:s}", "spectre_v2", "on", "mds", "on"));
	json_object_set_new(json_object_get(t.env, "cpu"), "min_khz", json_pack("[i,i]", 1, 2));
	json_object_del(json_object_get(t.env, "cpu"), "microcode");
	expect(&t, 3,
	       "- kernel.mitigations.spectre_v2: \"off\" on baseline, \"on\" on patched\n"
	       "- cpu.microcode: \"0x2b000603\" on baseline, nothing on patched\n"
	       "- cpu.min_khz: nothing on baseline, [1,2] on patched\n");
	made_judged_release(&t.made);
}

static void memory_that_a_larger_kernel_takes_is_no_difference(void **state)
{
	struct two t;

	(void)state;
	two_make(&t);
	json_object_set_new(json_object_get(t.env, "memory"), "total_bytes", json_integer(2147483648 - 4194304));
	expect(&t, 0, "");
	json_object_set_new(json_object_get(t.env, "memory"), "total_bytes", json_integer(4294967296));
	expect(&t, 1, "- memory.total_bytes: 2147483648 on baseline, 4294967296 on patched\n");
	made_judged_release(&t.made);
}

static void patches_in_the_name_of_a_source_are_no_difference(void **state)
{
	struct two t;

	(void)state;
	two_make(&t);
	json_object_set_new(t.build, "source", json_string("linux-source-6.12 + mm/filemap: something"));
	expect(&t, 0, "");
	json_object_set_new(t.build, "source", json_string("linux-source-6.1 + mm: a"));
	expect(&t, 1,
	       "- build.source: \"linux-source-6.12\" on baseline, \"linux-source-6.1 + mm: a\" on patched\n");
	made_judged_release(&t.made);
}

static void where_one_environment_is_missing_nothing_is_said(void **state)
{
	struct two t;

	(void)state;
	two_make(&t);
	json_array_remove(t.made.samples.environments, 1);
	expect(&t, -1, "");
	made_judged_release(&t.made);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kernels_that_differ_by_their_build_alone_were_measured_alike),
		cmocka_unit_test(each_fact_that_differs_is_an_item),
		cmocka_unit_test(facts_in_facts_are_told_one_by_one),
		cmocka_unit_test(memory_that_a_larger_kernel_takes_is_no_difference),
		cmocka_unit_test(patches_in_the_name_of_a_source_are_no_difference),
		cmocka_unit_test(where_one_environment_is_missing_nothing_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
