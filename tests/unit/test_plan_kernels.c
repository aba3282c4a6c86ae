/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness/plan/catalogue.h"
#include "harness/plan/job.h"
#include "harness/plan/plan.h"
#include "lib/buf.h"

#define CELLS "cells: [{workload: read, block: [1, 2, 3, 4k]}]\n"
#define TOP "job: j\n" CELLS		/* two lines */
#define TWO TOP "kernels:\n  - {name: baseline, kernel: '6.12'}\n  - {name: patched, kernel: '6.12'}\n"

static struct catalogue catalogue;

static int load_catalogue(void **state)
{
	struct buf text = BUF_INIT, why = BUF_INIT;
	int ret;

	(void)state;
	if (buf_read_file(&text, "tests/unit/data/describe.json"))
		return -1;
	ret = catalogue_parse(text.s, text.len, &catalogue, &why);
	buf_release(&text);
	buf_release(&why);
	return ret;
}

static int drop_catalogue(void **state)
{
	(void)state;
	catalogue_release(&catalogue);
	return 0;
}

/* What a job is planned for, and what it is called. */
struct case_of {
	const char *file;
	struct plan_machine machine;
};

static const struct case_of plain = { "job.yaml", { .cpus = 6 } };
static const struct case_of emulated = { "job.yaml", { .cpus = 6, .emulated = true } };

static int try_plan(const struct case_of *c, const char *text, struct plan *plan, struct buf *why)
{
	struct job job;
	int ret;

	if (job_parse(c->file, text, strlen(text), &job, why))
		fail_msg("%s", buf_text(why));
	ret = plan_make(&job, &catalogue, &c->machine, plan, why);
	job_release(&job);
	return ret;
}

static void make(const struct case_of *c, const char *text, struct plan *plan)
{
	struct buf why = BUF_INIT;

	if (try_plan(c, text, plan, &why))
		fail_msg("%s", buf_text(&why));
}

static void expect(const struct case_of *c, const char *text, const char *complaint)
{
	struct buf why = BUF_INIT;
	struct plan plan;

	assert_int_equal(try_plan(c, text, &plan, &why), -1);
	assert_string_equal(buf_text(&why), complaint);
	buf_release(&why);
}

static void without_kernels_the_running_one_is_measured(void **state)
{
	struct plan plan;
	uint32_t i;

	(void)state;
	make(&emulated, "blocks: 3\n" TOP, &plan);
	assert_int_equal(plan.nkernels, 1);
	assert_string_equal(plan.kernel[0].name, "running");
	assert_null(plan.kernel[0].spec);
	assert_int_equal(plan.kernel[0].npatches, 0);
	assert_false(plan_in_guests(&plan));
	assert_false(plan.emulated);
	assert_null(plan.guest.accel);
	assert_int_equal(plan.blocks, 3);
	for (i = 0; i < 3; i++)
		assert_int_equal(plan.kernel_order[i], 0);
	plan_release(&plan);
}

static void kernels_and_their_guest_are_taken_from_the_job(void **state)
{
	struct plan plan;

	(void)state;
	make(&plain, TWO "guest: {cpus: 3, accel: kvm, disk: virtio, disk_size: 2G, memory: 1G, cmdline: quiet, "
	     "overcommit: yes, huge_pages: yes, numa_node: 1}\n", &plan);
	assert_true(plan_in_guests(&plan));
	assert_int_equal(plan.nkernels, 2);
	assert_string_equal(plan.kernel[1].name, "patched");
	assert_string_equal(plan.kernel[1].spec, "6.12");
	assert_int_equal(plan.guest.cpus, 3);
	assert_int_equal(plan.guest.memory, 1ull << 30);
	assert_int_equal(plan.guest.disk_size, 1ull << 31);
	assert_string_equal(plan.guest.accel, "kvm");
	assert_string_equal(plan.guest.disk, "virtio");
	assert_string_equal(plan.guest.cmdline, "quiet");
	assert_true(plan.guest.overcommit);
	assert_true(plan.guest.huge_pages);
	assert_int_equal(plan.guest.numa_node, 1);
	plan_release(&plan);
	make(&plain, TWO, &plan);
	assert_string_equal(plan.guest.accel, "auto");
	assert_false(plan.guest.overcommit);
	assert_int_equal(plan.guest.numa_node, -1);
	assert_null(plan.guest.cmdline);
	plan_release(&plan);
}

static void expect_paths(const struct case_of *c, const char *spec, const char *patch)
{
	struct plan plan;

	make(c, TOP "kernels:\n  - name: a\n    kernel: ../k/x.yaml\n    patches: [p/a.patch, '-', /b, ~/c]\n"
	     "  - {name: b, kernel: '6.12'}\n  - {name: c, kernel: mine.yaml}\n  - {name: d, kernel: ~/d.yaml}\n", &plan);
	assert_string_equal(plan.kernel[0].spec, spec);
	assert_string_equal(plan.kernel[0].patch[0].path, patch);
	assert_string_equal(plan.kernel[0].patch[1].path, "-");
	assert_string_equal(plan.kernel[0].patch[2].path, "/b");
	assert_string_equal(plan.kernel[0].patch[3].path, "/home/me/c");
	assert_string_equal(plan.kernel[1].spec, "6.12");	/* a name, whatever lies beside the job */
	assert_string_equal(plan.kernel[3].spec, "/home/me/d.yaml");
	plan_release(&plan);
}

static void paths_are_relative_to_the_job(void **state)
{
	static const struct case_of cases[] = {
		{ "job.yaml", { .cpus = 6, .home = "/home/me" } },
		{ "jobs/job.yaml", { .cpus = 6, .home = "/home/me/" } },
		{ "jobs/job.yaml", { .cpus = 6, .home = "/home/me", .directory = "/job" } },
		{ "/jobs/job.yaml", { .cpus = 6, .home = "/home/me", .directory = "/job" } },
		{ "job.yaml", { .cpus = 6, .home = "/home/me", .directory = "/" } },
	};

	(void)state;
	expect_paths(&cases[0], "../k/x.yaml", "p/a.patch");
	expect_paths(&cases[1], "jobs/../k/x.yaml", "jobs/p/a.patch");
	expect_paths(&cases[2], "/job/jobs/../k/x.yaml", "/job/jobs/p/a.patch");
	expect_paths(&cases[3], "/jobs/../k/x.yaml", "/jobs/p/a.patch");
	expect_paths(&cases[4], "/../k/x.yaml", "/p/a.patch");
}

static void a_tried_patch_is_relative_to_the_working_directory(void **state)
{
	const struct plan_machine machine = { .cpus = 6, .directory = "/here" };
	struct buf why = BUF_INIT;
	struct plan plan;
	struct job job;

	(void)state;
	if (job_parse("jobs/job.yaml", TWO, strlen(TWO), &job, &why) ||
	    job_add_patch(&job, "my.patch", true, &why) || job_add_patch(&job, "-", false, &why) ||
	    plan_make(&job, &catalogue, &machine, &plan, &why))
		fail_msg("%s", buf_text(&why));
	assert_int_equal(plan.kernel[0].npatches, 0);
	assert_int_equal(plan.kernel[1].npatches, 2);
	assert_string_equal(plan.kernel[1].patch[0].path, "/here/my.patch");
	assert_true(plan.kernel[1].patch[0].reverse);
	assert_string_equal(plan.kernel[1].patch[1].path, "-");
	assert_false(plan.kernel[1].patch[1].reverse);
	plan_release(&plan);
	job_release(&job);
}

static void without_a_home_directory_its_paths_are_an_error(void **state)
{
	(void)state;
	expect(&plain, TOP "kernels:\n  - name: a\n    kernel: b\n    patches: [x, ~/y]\n",
	       "job.yaml:6:18: '~/y': the home directory is not known (HOME is not set)");
	expect(&plain, TOP "kernels: [{name: a, kernel: ~/y}]\n",
	       "job.yaml:3:29: '~/y': the home directory is not known (HOME is not set)");
}

static void guests_choose_file_systems_and_not_directories(void **state)
{
#define K "kernels: [{name: a, kernel: b}]\n"
	(void)state;
	expect(&plain, K "dir: /mnt\n" TOP,
	       "job.yaml:2:6: dir: guests have file systems of their own; choose one with `fs`");
	expect(&plain, K "job: j\ncells:\n  - workload: read\n    dir: /mnt\n",
	       "job.yaml:5:5: dir: guests have file systems of their own; choose one with `fs`");
	expect(&plain, K "job: j\ncells:\n  - workload: read\n    fs: [xfs, 9p]\n",
	       "job.yaml:5:15: fs: guests have no '9p', but any|tmpfs|ramfs|ext4|xfs|btrfs");
	expect(&plain, K "job: j\ncells:\n  - workload: read\n    fs: nfs\n",
	       "job.yaml:5:9: fs: guests have no 'nfs', but any|tmpfs|ramfs|ext4|xfs|btrfs (did you mean 'xfs'?)");
	expect(&plain, K "job: j\ncells:\n  - workload: read\n    fs: exf4\n",
	       "job.yaml:5:9: fs: 'exf4' is not one of any|9p|bcachefs|btrfs|erofs|ext4|f2fs|nfs|overlay|ramfs|tmpfs|xfs "
	       "(did you mean 'ext4'?)");
#undef K
}

static void expect_file_systems(const char *fs, const char *expected)
{
	struct buf text = BUF_INIT, got = BUF_INIT;
	const char *found[8];
	struct plan plan;
	size_t n, i;

	buf_fmt(&text, "job: j\nkernels: [{name: a, kernel: b}]\ncells:\n%s", fs);
	make(&plain, buf_text(&text), &plan);
	n = plan_file_systems(&plan, found, 8);
	for (i = 0; i < n; i++)
		buf_fmt(&got, "%s%s", i ? " " : "", found[i]);
	assert_string_equal(buf_text(&got), expected);
	assert_int_equal(plan_file_systems(&plan, NULL, 0), n);
	plan_release(&plan);
	buf_release(&text);
	buf_release(&got);
}

static void the_file_systems_of_all_cells_are_known_before_the_boot(void **state)
{
	(void)state;
	expect_file_systems("  - workload: read\n", "tmpfs");
	expect_file_systems("  - {workload: read, fs: ramfs, block: [1, 2]}\n", "ramfs");
	expect_file_systems("  - {workload: read, fs: [xfs, any, btrfs]}\n  - {workload: write, fs: [tmpfs, ext4, xfs]}\n",
			    "xfs tmpfs btrfs ext4");
}

static void at_most_as_many_file_systems_are_put_as_there_is_room(void **state)
{
	const char *found[2] = { NULL, "untouched" };
	struct plan plan;

	(void)state;
	make(&plain, "job: j\nkernels: [{name: a, kernel: b}]\ncells:\n  - {workload: read, fs: [xfs, ext4, btrfs]}\n", &plan);
	assert_int_equal(plan_file_systems(&plan, found, 1), 3);
	assert_string_equal(found[0], "xfs");
	assert_string_equal(found[1], "untouched");
	plan_release(&plan);
}

static void cpus_are_those_of_the_guest(void **state)
{
	struct plan plan;

	(void)state;
	make(&plain, "job: j\nkernels: [{name: a, kernel: b}]\nguest: {cpus: 12}\ncells: [{workload: read, threads: 1..cpus}]\n",
	     &plan);
	assert_int_equal(plan.table[0].nrows, 5);
	assert_string_equal(plan.table[0].row[4], "12");
	plan_release(&plan);
}

static void emulation_has_its_own_times_where_the_job_gives_some(void **state)
{
	static const char some[] = "blocks: 8\nwindows: 5\nwindow: 1s\nwarmup: 2s\n" TWO
				   "emulated: {blocks: 1, warmup: 0s}\n";
	struct plan plan;

	(void)state;
	make(&emulated, some, &plan);
	assert_true(plan.emulated);
	assert_int_equal(plan.blocks, 1);
	assert_int_equal(plan.warmup_ns, 0);
	assert_int_equal(plan.windows, 5);
	assert_int_equal(plan.window_ns, 1000000000);
	plan_release(&plan);
	make(&plain, some, &plan);
	assert_false(plan.emulated);
	assert_int_equal(plan.blocks, 8);
	assert_int_equal(plan.warmup_ns, 2000000000);
	plan_release(&plan);
	make(&emulated, TWO "emulated: {windows: 2, window: 100ms}\n", &plan);
	assert_int_equal(plan.windows, 2);
	assert_int_equal(plan.window_ns, 100000000);
	assert_int_equal(plan.warmup_ns, 1000000000);
	plan_release(&plan);
}

static void blocks_are_added_up_to_the_most_that_the_job_allows(void **state)
{
	struct plan plan, again;
	struct buf why = BUF_INIT;
	json_t *json;

	(void)state;
	make(&plain, "blocks: 12\nblocks_max: 20\n" TWO, &plan);
	assert_int_equal(plan.first, 12);
	assert_int_equal(plan.step, 4);
	assert_int_equal(plan.blocks, 20);
	json = plan_json(&plan);
	assert_int_equal(plan_from_json(json, &again, &why), 0);
	assert_int_equal(again.first, 12);
	assert_int_equal(again.step, 4);
	plan_release(&again);
	/* as plans were before */
	json_object_del(json, "blocks_first");
	json_object_del(json, "blocks_step");
	assert_int_equal(plan_from_json(json, &again, &why), 0);
	assert_int_equal(again.first, 20);
	plan_release(&again);
	json_decref(json);
	plan_release(&plan);
	make(&emulated, "blocks: 12\nblocks_max: 20\n" TWO "emulated: {blocks: 1}\n", &plan);
	assert_int_equal(plan.first, 1);
	assert_int_equal(plan.blocks, 1);
	plan_release(&plan);
	expect(&plain, "blocks: 12\nblocks_max: 8\n" TWO, "job.yaml: blocks_max: 8 is less than `blocks`, which is 12");
	expect(&plain, "blocks_max: 8\n" TOP,
	       "job.yaml: blocks_max: blocks are added until kernels are told apart, and there are not two");
}

static void a_kernel_that_is_the_first_one_rebuilt_is_a_control(void **state)
{
	struct plan plan;

	(void)state;
	make(&plain, "job: j\n" CELLS "kernels: [{name: a, kernel: k, cmdline: quiet}, {name: b, kernel: k, cmdline: quiet},"
	     " {name: c, kernel: k, cmdline: quiet, rebuild: yes}, {name: d, kernel: k, rebuild: yes}]\n", &plan);
	assert_false(plan_is_control(&plan, 0));
	assert_false(plan_is_control(&plan, 1));	/* not rebuilt */
	assert_true(plan_is_control(&plan, 2));
	assert_false(plan_is_control(&plan, 3));	/* another command line */
	plan_release(&plan);
}

static void kernels_are_in_an_order_of_their_own_in_every_block(void **state)
{
	static const uint32_t expected[] = { 0, 1, 0, 1, 0, 1, 1, 0 };	/* as test_order.c says */
	struct plan one, two;

	(void)state;
	make(&plain, "blocks: 4\n" TWO, &two);
	assert_memory_equal(two.kernel_order, expected, sizeof(expected));
	make(&plain, "blocks: 4\n" TOP, &one);
	assert_memory_equal(one.order, two.order, 4 * one.ncells * sizeof(one.order[0]));
	plan_release(&one);
	make(&plain, "blocks: 4\njob: other\n" CELLS "kernels: [{name: x, kernel: y}, {name: z, kernel: w}]\n", &one);
	assert_memory_equal(one.kernel_order, expected, sizeof(expected));	/* of the seed alone */
	plan_release(&one);
	make(&plain, "blocks: 4\nseed: 0\n" TWO, &one);
	assert_memory_not_equal(one.kernel_order, expected, sizeof(expected));
	plan_release(&one);
	plan_release(&two);
}

/* JSON */

#define WHOLE "blocks: 3\n" TOP "kernels:\n  - {name: a, kernel: '6.12', patches: [x.patch, '-'], reverse: [/y.patch], " \
	      "cmdline: clearcpuid=smap}\n  - {name: b, kernel: debian}\n  - {name: c, kernel: \"/k \\u00f6.yaml\"}\n" \
	      "guest: {cpus: 2, cmdline: quiet, numa_node: 7, huge_pages: yes}\nemulated: {windows: 2}\n"

static json_t *whole_json(void)
{
	struct plan plan;
	json_t *o;

	make(&emulated, WHOLE, &plan);
	o = plan_json(&plan);
	plan_release(&plan);
	return o;
}

static void a_plan_with_guests_survives_its_file(void **state)
{
	struct buf before = BUF_INIT, after = BUF_INIT, why = BUF_INIT;
	struct plan plan, again;
	json_t *o, *read;

	(void)state;
	make(&emulated, WHOLE, &plan);
	o = plan_json(&plan);
	json_pretty(&before, o);
	json_decref(o);
	read = json_loads(buf_text(&before), 0, NULL);
	if (plan_from_json(read, &again, &why))
		fail_msg("%s", buf_text(&why));
	assert_int_equal(again.nkernels, 3);
	assert_string_equal(again.kernel[0].cmdline, "clearcpuid=smap");
	assert_int_equal(again.kernel[0].npatches, 3);
	assert_string_equal(again.kernel[0].patch[1].path, "-");
	assert_string_equal(again.kernel[0].patch[2].path, "/y.patch");
	assert_false(again.kernel[0].patch[1].reverse);
	assert_true(again.kernel[0].patch[2].reverse);
	assert_null(again.kernel[1].cmdline);
	assert_string_equal(again.kernel[2].spec, "/k \xc3\xb6.yaml");
	assert_true(again.emulated);
	assert_int_equal(again.windows, 2);
	assert_int_equal(again.guest.cpus, 2);
	assert_int_equal(again.guest.memory, plan.guest.memory);
	assert_int_equal(again.guest.disk_size, plan.guest.disk_size);
	assert_ptr_equal(again.guest.accel, job_accels[0]);
	assert_ptr_equal(again.guest.disk, job_disks[0]);
	assert_string_equal(again.guest.cmdline, "quiet");
	assert_int_equal(again.guest.numa_node, 7);
	assert_true(again.guest.huge_pages);
	assert_false(again.guest.overcommit);
	assert_memory_equal(again.kernel_order, plan.kernel_order, 9 * sizeof(plan.kernel_order[0]));
	o = plan_json(&again);
	json_pretty(&after, o);
	assert_string_equal(buf_text(&before), buf_text(&after));
	json_decref(o);
	json_decref(read);
	plan_release(&plan);
	plan_release(&again);
	buf_release(&before);
	buf_release(&after);
}

static void a_plan_without_guests_is_written_as_it_always_was(void **state)
{
	struct plan plan;
	json_t *o;

	(void)state;
	make(&plain, TOP, &plan);
	o = plan_json(&plan);
	assert_string_equal(json_string_value(json_array_get(json_object_get(o, "kernels"), 0)), "running");
	assert_null(json_object_get(o, "guest"));
	assert_null(json_object_get(o, "emulated"));
	assert_null(json_object_get(o, "kernel_order"));
	json_decref(o);
	plan_release(&plan);
}

/* As the first version wrote it. */
static void an_old_plan_is_read(void **state)
{
	struct buf text = BUF_INIT, why = BUF_INIT;
	struct plan plan;
	json_t *o;

	(void)state;
	assert_int_equal(buf_read_file(&text, "tests/unit/data/plan-v1.json"), 0);
	o = json_loads(buf_text(&text), 0, NULL);
	assert_non_null(o);
	if (plan_from_json(o, &plan, &why))
		fail_msg("%s", buf_text(&why));
	assert_int_equal(plan.nkernels, 1);
	assert_string_equal(plan.kernel[0].name, "running");
	assert_false(plan_in_guests(&plan));
	assert_false(plan.emulated);
	assert_int_equal(plan.blocks, 2);
	assert_int_equal(plan.kernel_order[0], 0);
	assert_int_equal(plan.kernel_order[1], 0);
	plan_release(&plan);
	json_decref(o);
	buf_release(&text);
}

static void several_kernels_without_guests_keep_their_order(void **state)
{
	json_t *o;
	struct buf why = BUF_INIT;
	struct plan plan;
	uint32_t i;

	(void)state;
	make(&plain, "blocks: 2\n" TOP, &plan);
	o = plan_json(&plan);
	plan_release(&plan);
	json_object_set_new(o, "kernels", json_pack("[s,s,s]", "a", "b", "c"));
	if (plan_from_json(o, &plan, &why))
		fail_msg("%s", buf_text(&why));
	for (i = 0; i < 6; i++)
		assert_int_equal(plan.kernel_order[i], i % 3);
	plan_release(&plan);
	json_decref(o);
}

/* With the value at "guest/cpus", "kernels/1/name", ... replaced by other JSON (NULL: taken away). */
static void expect_damage(const char *path, const char *value, const char *complaint)
{
	json_t *o = whole_json(), *parent = o, *v;
	struct buf why = BUF_INIT;
	struct plan plan;
	const char *slash;
	char *step;

	for (; (slash = strchr(path, '/')); path = slash + 1) {
		step = strndup(path, (size_t)(slash - path));
		parent = json_is_array(parent) ? json_array_get(parent, (size_t)atoi(step)) : json_object_get(parent, step);
		free(step);
		assert_non_null(parent);
	}
	v = value ? json_loads(value, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL) : NULL;
	assert_int_equal(!v, !value);
	if (json_is_array(parent))
		assert_int_equal(v ? json_array_set_new(parent, (size_t)atoi(path), v) :
				 json_array_remove(parent, (size_t)atoi(path)), 0);
	else
		assert_int_equal(v ? json_object_set_new(parent, path, v) : json_object_del(parent, path), 0);
	assert_int_equal(plan_from_json(o, &plan, &why), -1);
	assert_string_equal(buf_text(&why), complaint);
	json_decref(o);
	buf_release(&why);
}

static void damaged_kernels_are_refused(void **state)
{
	(void)state;
	expect_damage("kernels/0/name", NULL, "not a plan: kernels: 0: name: missing, or no text");
	expect_damage("kernels/0/name", "\"a/b\"", "not a plan: kernels: 0: name: 'a/b' is not a name of letters, digits, "
		      "'-', '_' and '.', at most 64");
	expect_damage("kernels/1/name", "\"a\"", "not a plan: kernels: one is given twice");
	expect_damage("kernels/1/kernel", NULL, "not a plan: kernels: 1: kernel: missing, or no text");
	expect_damage("kernels/1/kernel", "\"\"", "not a plan: kernels: 1: kernel: missing, or no text");
	expect_damage("kernels/1", "\"b\"", "not a plan: kernels: 1: name: missing, or no text");
	expect_damage("kernels/0", "\"b\"", "not a plan: kernels: entry 1 is no text");
	expect_damage("kernels/0/cmdline", NULL, "not a plan: kernels: 0: cmdline: missing, or neither a text nor null");
	expect_damage("kernels/0/cmdline", "\"a\\u001b\"",
		      "not a plan: kernels: 0: cmdline: missing, or neither a text nor null");
	expect_damage("kernels/0/patches", "{}", "not a plan: kernels: 0: patches: missing, or not 0 to 1000");
	expect_damage("kernels/0/patches/1", "\"x\"", "not a plan: kernels: 0: patches: 1: path: missing, or no text");
	expect_damage("kernels/0/patches/1/path", "\"a\\u0000b\"",
		      "not a plan: kernels: 0: patches: 1: path: missing, or no text");
	expect_damage("kernels/0/patches/2/reverse", "1",
		      "not a plan: kernels: 0: patches: 2: reverse: missing, or neither true nor false");
}

static void a_damaged_guest_is_refused(void **state)
{
	(void)state;
	expect_damage("guest", NULL, "not a plan: guest: cpus: missing, or not 1 to 64");
	expect_damage("guest/cpus", "65", "not a plan: guest: cpus: missing, or not 1 to 64");
	expect_damage("guest/memory", "1", "not a plan: guest: memory: missing, or not 268435456 to 1099511627776");
	expect_damage("guest/accel", "\"hvf\"", "not a plan: guest: accel: missing, or not known");
	expect_damage("guest/disk", "0", "not a plan: guest: disk: missing, or not known");
	expect_damage("guest/disk_size", "-1", "not a plan: guest: disk_size: missing, or not 16777216 to 1099511627776");
	expect_damage("guest/cmdline", "7", "not a plan: guest: cmdline: missing, or neither a text nor null");
	expect_damage("guest/overcommit", "\"no\"", "not a plan: guest: overcommit: missing, or neither true nor false");
	expect_damage("guest/huge_pages", NULL, "not a plan: guest: huge_pages: missing, or neither true nor false");
	expect_damage("guest/numa_node", NULL, "not a plan: guest: numa_node: missing, or not 0 to 1023");
	expect_damage("guest/numa_node", "1024", "not a plan: guest: numa_node: missing, or not 0 to 1023");
	expect_damage("emulated", NULL, "not a plan: emulated: missing, or neither true nor false");
}

static void a_damaged_order_of_kernels_is_refused(void **state)
{
	(void)state;
	expect_damage("kernel_order", NULL, "not a plan: kernel_order: missing, or not an array for every block");
	expect_damage("kernel_order/2", NULL, "not a plan: kernel_order: missing, or not an array for every block");
	expect_damage("kernel_order/2", "[0,1]", "not a plan: kernel_order: block 2: not an array of the right length");
	expect_damage("kernel_order/1", "[0,1,1]", "not a plan: kernel_order: block 1: a kernel is booted twice");
	expect_damage("kernel_order/1", "[0,1,3]", "not a plan: kernel_order: block 1: an entry is not a kernel's number");
}

static void too_many_kernels_are_refused(void **state)
{
	json_t *o = whole_json(), *kernels = json_array();
	struct buf why = BUF_INIT;
	struct plan plan;
	int i;

	(void)state;
	for (i = 0; i < 65; i++)
		json_array_append_new(kernels, json_string("x"));
	json_object_set_new(o, "kernels", kernels);
	assert_int_equal(plan_from_json(o, &plan, &why), -1);
	assert_string_equal(buf_text(&why), "not a plan: kernels: more than 64");
	json_decref(o);
	buf_release(&why);
}

/* The jobs of the tree */

static void make_file(const struct case_of *c, struct plan *plan)
{
	struct buf text = BUF_INIT;

	assert_int_equal(buf_read_file(&text, c->file), 0);
	make(c, buf_text(&text), plan);
	buf_release(&text);
}

static uint64_t milliseconds_of_a_boot(const struct plan *plan)
{
	return plan->ncells * (plan->warmup_ns + plan->windows * plan->window_ns) / 1000000;
}

static void expect_same_cells(const struct plan *a, const struct plan *b)
{
	const char *from, *to;
	size_t i, len;

	assert_int_equal(a->ncells, b->ncells);
	assert_int_equal(a->ntables, b->ntables);
	for (i = 0; i < a->ncells; i++) {
		from = a->cell[i].name;
		to = b->cell[i].name;
		len = (size_t)(strstr(from, " fs=") - from);
		assert_memory_equal(from, to, len);
	}
}

static void the_comparison_of_short_reads_has_the_published_tables(void **state)
{
	static const struct case_of timed = { "configs/jobs/ab-short-reads.yaml", { .cpus = 2 } },
				    quick = { "configs/jobs/ab-short-reads.yaml", { .cpus = 2, .emulated = true } },
				    native = { "configs/jobs/short-reads.yaml", { .cpus = 2 } };
	struct plan plan, other;
	const char *fs[2];

	(void)state;
	make_file(&timed, &plan);
	make_file(&native, &other);
	expect_same_cells(&plan, &other);
	plan_release(&other);
	assert_int_equal(plan.ncells, 22);
	assert_int_equal(plan_file_systems(&plan, fs, 2), 1);
	assert_string_equal(fs[0], "ext4");	/* reads of tmpfs and ramfs do not go where the patch is: the job says why */
	assert_int_equal(plan.nkernels, 2);
	assert_string_equal(plan.kernel[0].name, "baseline");
	assert_string_equal(plan.kernel[0].spec, "6.12");
	assert_int_equal(plan.kernel[0].npatches, 0);
	assert_string_equal(plan.kernel[1].name, "patched");
	assert_string_equal(plan.kernel[1].patch[0].path, "configs/jobs/../patches/6.12/fast-short-reads.patch");
	assert_int_equal(plan.guest.cpus, 16);
	assert_int_equal(plan.guest.memory, 2ull << 30);
	assert_int_equal(plan.first, 12);
	assert_int_equal(plan.step, 4);
	assert_int_equal(plan.blocks, 20);
	assert_int_equal(plan.windows, 5);
	assert_int_equal(plan.window_ns, 1000000000);
	plan_release(&plan);
	make_file(&quick, &plan);
	assert_int_equal(plan.blocks, 1);
	assert_int_equal(plan.first, 1);
	assert_true(milliseconds_of_a_boot(&plan) < 5000);
	plan_release(&plan);
}

static void the_comparison_of_command_lines_differs_in_nothing_else(void **state)
{
	static const struct case_of quick = { "configs/jobs/cmdline.yaml", { .cpus = 2, .emulated = true } };
	struct plan plan;
	const char *fs[2];

	(void)state;
	make_file(&quick, &plan);
	assert_int_equal(plan.nkernels, 2);
	assert_string_equal(plan.kernel[0].spec, plan.kernel[1].spec);
	assert_int_equal(plan.kernel[0].npatches + plan.kernel[1].npatches, 0);
	assert_null(plan.kernel[0].cmdline);
	assert_string_equal(plan.kernel[1].cmdline, "clearcpuid=smap");
	assert_int_equal(plan_file_systems(&plan, fs, 2), 1);
	assert_string_equal(fs[0], "tmpfs");
	assert_true(milliseconds_of_a_boot(&plan) < 5000);
	plan_release(&plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_kernels_the_running_one_is_measured),
		cmocka_unit_test(kernels_and_their_guest_are_taken_from_the_job),
		cmocka_unit_test(paths_are_relative_to_the_job),
		cmocka_unit_test(a_tried_patch_is_relative_to_the_working_directory),
		cmocka_unit_test(without_a_home_directory_its_paths_are_an_error),
		cmocka_unit_test(guests_choose_file_systems_and_not_directories),
		cmocka_unit_test(the_file_systems_of_all_cells_are_known_before_the_boot),
		cmocka_unit_test(at_most_as_many_file_systems_are_put_as_there_is_room),
		cmocka_unit_test(cpus_are_those_of_the_guest),
		cmocka_unit_test(emulation_has_its_own_times_where_the_job_gives_some),
		cmocka_unit_test(blocks_are_added_up_to_the_most_that_the_job_allows),
		cmocka_unit_test(a_kernel_that_is_the_first_one_rebuilt_is_a_control),
		cmocka_unit_test(kernels_are_in_an_order_of_their_own_in_every_block),
		cmocka_unit_test(a_plan_with_guests_survives_its_file),
		cmocka_unit_test(a_plan_without_guests_is_written_as_it_always_was),
		cmocka_unit_test(an_old_plan_is_read),
		cmocka_unit_test(several_kernels_without_guests_keep_their_order),
		cmocka_unit_test(damaged_kernels_are_refused),
		cmocka_unit_test(a_damaged_guest_is_refused),
		cmocka_unit_test(a_damaged_order_of_kernels_is_refused),
		cmocka_unit_test(too_many_kernels_are_refused),
		cmocka_unit_test(the_comparison_of_short_reads_has_the_published_tables),
		cmocka_unit_test(the_comparison_of_command_lines_differs_in_nothing_else),
	};

	return cmocka_run_group_tests(tests, load_catalogue, drop_catalogue);
}
