/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "harness/plan/catalogue.h"
#include "harness/plan/job.h"
#include "lib/buf.h"

#define CELLS "cells: [{workload: read}]\n"
#define TOP "job: j\n" CELLS		/* two lines */
#define TWO TOP "kernels:\n  - {name: baseline, kernel: '6.12'}\n  - {name: patched, kernel: '6.12'}\n"
#define GIB (1ull << 30)

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

static void parse(const char *text, struct job *job)
{
	struct buf why = BUF_INIT;

	if (job_parse("job.yaml", text, strlen(text), job, &why))
		fail_msg("%s", buf_text(&why));
}

static void expect(const char *text, const char *complaint)
{
	struct buf why = BUF_INIT;
	struct job job;

	assert_int_equal(job_parse("job.yaml", text, strlen(text), &job, &why), -1);
	assert_string_equal(buf_text(&why), complaint);
	job_release(&job);
	buf_release(&why);
}

static void set(struct job *job, const char *assignment)
{
	struct buf why = BUF_INIT;

	if (job_set(job, &catalogue, assignment, &why))
		fail_msg("%s", buf_text(&why));
}

static void expect_set(const char *text, const char *assignment, const char *complaint)
{
	struct buf why = BUF_INIT;
	struct job job;

	parse(text, &job);
	assert_int_equal(job_set(&job, &catalogue, assignment, &why), -1);
	assert_string_equal(buf_text(&why), complaint);
	job_release(&job);
	buf_release(&why);
}

static void expect_patch(const struct job_patch *p, const char *path, bool reverse, unsigned line)
{
	assert_string_equal(p->path.text, path);
	assert_true(p->reverse == reverse);
	assert_int_equal(p->path.line, line);
}

static void kernels_are_read_as_written_with_their_places(void **state)
{
	const struct job_kernel *k;
	struct job job;

	(void)state;
	parse(TOP "kernels:\n"
	      "  - name: a\n"
	      "    kernel: \"6.12\"\n"
	      "  - reverse: [c.patch]\n"
	      "    name: b-1._x\n"
	      "    kernel: ../kernels/k.yaml\n"
	      "    patches: [a.patch, \"-\", /b.mbox, ~/d.patch]\n"
	      "    cmdline: clearcpuid=smap quiet\n", &job);
	assert_int_equal(job.nkernels, 2);
	k = &job.kernel[0];
	assert_string_equal(k->name.text, "a");
	assert_int_equal(k->name.line, 4);
	assert_int_equal(k->name.column, 11);
	assert_string_equal(k->spec.text, "6.12");
	assert_int_equal(k->spec.line, 5);
	assert_int_equal(k->npatches, 0);
	assert_null(k->cmdline);
	k = &job.kernel[1];
	assert_string_equal(k->name.text, "b-1._x");
	assert_string_equal(k->spec.text, "../kernels/k.yaml");
	assert_string_equal(k->cmdline, "clearcpuid=smap quiet");
	assert_int_equal(k->npatches, 5);
	expect_patch(&k->patch[0], "a.patch", false, 9);
	expect_patch(&k->patch[1], "-", false, 9);
	expect_patch(&k->patch[2], "/b.mbox", false, 9);
	expect_patch(&k->patch[3], "~/d.patch", false, 9);
	expect_patch(&k->patch[4], "c.patch", true, 6);	/* after those to be put in, wherever it stands */
	job_release(&job);
}

static void a_guest_has_defaults_whether_or_not_the_job_speaks_of_it(void **state)
{
	static const char *const jobs[] = { TWO, TWO "guest: {}\n" };
	struct job job;
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		parse(jobs[i], &job);
		assert_int_equal(job.guest.cpus, 16);
		assert_int_equal(job.guest.memory, 2 * GIB);
		assert_string_equal(job_accels[job.guest.accel], "auto");
		assert_string_equal(job_disks[job.guest.disk], "ram");
		assert_int_equal(job.guest.disk_size, GIB);
		assert_null(job.guest.cmdline);
		assert_int_equal(job.guest.overcommit, 0);
		assert_int_equal(job.guest.huge_pages, 0);
		assert_string_equal(job.guest.numa_node, "any");
		assert_int_equal(job.emulated.blocks, JOB_SAME);
		assert_int_equal(job.emulated.windows, JOB_SAME);
		assert_int_equal(job.emulated.warmup_ns, JOB_SAME);
		assert_int_equal(job.emulated.window_ns, JOB_SAME);
		job_release(&job);
	}
}

static void guests_and_emulation_are_as_the_job_says(void **state)
{
	struct job job;

	(void)state;
	parse(TWO "guest:\n  cpus: 64\n  memory: 256M\n  accel: tcg-multi\n  disk: virtio\n  disk_size: 1T\n"
	      "  cmdline: mitigations=off\n  overcommit: yes\n  huge_pages: yes\n  numa_node: 1023\n"
	      "emulated:\n  blocks: 2\n  warmup: 0s\n  window: 200ms\n  windows: 3\n", &job);
	assert_int_equal(job.guest.cpus, 64);
	assert_int_equal(job.guest.memory, GIB / 4);
	assert_string_equal(job_accels[job.guest.accel], "tcg-multi");
	assert_string_equal(job_disks[job.guest.disk], "virtio");
	assert_int_equal(job.guest.disk_size, 1024 * GIB);
	assert_string_equal(job.guest.cmdline, "mitigations=off");
	assert_int_equal(job.guest.overcommit, 1);
	assert_int_equal(job.guest.huge_pages, 1);
	assert_string_equal(job.guest.numa_node, "1023");
	assert_int_equal(job.emulated.blocks, 2);
	assert_int_equal(job.emulated.warmup_ns, 0);
	assert_int_equal(job.emulated.window_ns, 200000000);
	assert_int_equal(job.emulated.windows, 3);
	assert_int_equal(job.blocks, 1);
	assert_int_equal(job.windows, 5);
	job_release(&job);
}

static void a_wrong_kernel_is_told_with_its_place_and_a_near_miss(void **state)
{
	(void)state;
	expect(TOP "kernels: []\n", "job.yaml:3:10: kernels: no kernel");
	expect(TOP "kernels: baseline\n", "job.yaml:3:10: kernels: expected a list, found text");
	expect(TOP "kernels: [a]\n", "job.yaml:3:11: a kernel is a mapping (`key: value`), found text");
	expect(TOP "kernel: []\n", "job.yaml:3:1: unknown key 'kernel' (did you mean 'kernels'?)");
	expect(TOP "kernels:\n  - kernel: x\n",
	       "job.yaml:4:5: a kernel lacks the key 'name' (text: what it is called in tables and files: as a job's name)");
	expect(TOP "kernels:\n  - name: x\n",
	       "job.yaml:4:5: a kernel lacks the key 'kernel' (text: a kernel spec: its name, or its file)");
	expect(TOP "kernels:\n  - name: x\n    kernel: y\n    pathces: [z]\n",
	       "job.yaml:6:5: unknown key 'pathces' (did you mean 'patches'?)");
	expect(TOP "kernels:\n  - name: x/y\n    kernel: y\n",
	       "job.yaml:4:11: name: 'x/y' is not a name of letters, digits, '-', '_' and '.', at most 64");
	expect(TOP "kernels:\n  - name: x\n    kernel: y\n  - name: x\n    kernel: z\n",
	       "job.yaml:6:11: name: 'x' is given twice, first at line 4");
	expect(TOP "kernels:\n  - name: x\n    kernel:\n", "job.yaml:5:12: kernel: expected text, found no value");
	expect(TOP "kernels:\n  - name: x\n    kernel: y\n    cmdline: \"a\\nb\"\n",
	       "job.yaml:6:14: cmdline: 'a\\x0ab' holds the control character \\x0a");
}

static void a_wrong_patch_is_told_with_its_place(void **state)
{
#define KERNEL TOP "kernels:\n  - name: x\n    kernel: y\n"
	(void)state;
	expect(KERNEL "    patches: a.patch\n", "job.yaml:6:14: patches: expected a list, found text");
	expect(KERNEL "    patches: [a.patch, '']\n", "job.yaml:6:24: patches: no value");
	expect(KERNEL "    reverse: [[a]]\n", "job.yaml:6:15: reverse: expected a file's path, found a list");
	expect(KERNEL "    patches: [\"a\\tb\"]\n",
	       "job.yaml:6:15: patches: 'a\\x09b' holds the control character \\x09");
	expect(KERNEL "    patches: ['-', a, '-']\n",
	       "job.yaml:6:23: patches: standard input ('-') is one patch file already, at line 6");
	expect(KERNEL "    patches: ['-']\n  - name: z\n    kernel: y\n    reverse: ['-']\n",
	       "job.yaml:9:15: reverse: standard input ('-') is one patch file already, at line 6");
#undef KERNEL
}

static void more_kernels_or_patches_than_can_be_are_refused(void **state)
{
	struct buf text = BUF_INIT;
	struct job job;
	int i;

	(void)state;
	buf_str(&text, TOP "kernels:\n");
	for (i = 0; i < 64; i++)
		buf_fmt(&text, "  - {name: k%d, kernel: x}\n", i);
	parse(buf_text(&text), &job);
	assert_int_equal(job.nkernels, 64);
	job_release(&job);
	buf_str(&text, "  - {name: k64, kernel: x}\n");
	expect(buf_text(&text), "job.yaml:4:3: kernels: 65 of them; at most 64 can be compared");
	buf_reset(&text);
	buf_str(&text, TOP "kernels:\n  - name: x\n    kernel: y\n    patches:\n");
	for (i = 0; i < 1001; i++)
		buf_fmt(&text, "      - %d.patch\n", i);
	expect(buf_text(&text), "job.yaml:1007:9: patches: a kernel has at most 1000 files of patches");
	buf_release(&text);
}

static void a_wrong_guest_is_told_with_its_place_and_what_would_be_right(void **state)
{
	(void)state;
	expect(TWO "guest: {cpu: 4}\n", "job.yaml:6:9: unknown key 'cpu' (did you mean 'cpus'?)");
	expect(TWO "guest: 4\n", "job.yaml:6:8: guest: expected a mapping, found text");
	expect(TWO "guest: {cpus: 0}\n", "job.yaml:6:15: cpus: '0' is out of range (1 to 64)");
	expect(TWO "guest: {cpus: 65}\n", "job.yaml:6:15: cpus: '65' is out of range (1 to 64)");
	expect(TWO "guest: {cpus: cpus}\n", "job.yaml:6:15: cpus: 'cpus' is not a number (1 to 64)");
	expect(TWO "guest: {memory: 255M}\n", "job.yaml:6:17: memory: '255M' is out of range (256M to 1T)");
	expect(TWO "guest: {memory: 2T}\n", "job.yaml:6:17: memory: '2T' is out of range (256M to 1T)");
	expect(TWO "guest: {accel: tgc}\n",
	       "job.yaml:6:16: accel: 'tgc' is not one of auto|kvm|tcg|tcg-multi (did you mean 'tcg'?)");
	expect(TWO "guest: {disk: vitio}\n",
	       "job.yaml:6:15: disk: 'vitio' is not one of ram|virtio (did you mean 'virtio'?)");
	expect(TWO "guest: {disk_size: 8M}\n", "job.yaml:6:20: disk_size: '8M' is out of range (16M to 1T)");
	expect(TWO "guest: {overcommit: true}\n", "job.yaml:6:21: overcommit: 'true' is not one of no|yes");
	expect(TWO "guest: {huge_pages: 1}\n", "job.yaml:6:21: huge_pages: '1' is not one of no|yes");
	expect(TWO "guest: {numa_node: all}\n",
	       "job.yaml:6:20: numa_node: 'all' is neither 'any' nor a node's number (0 to 1023)");
	expect(TWO "guest: {numa_node: 1024}\n",
	       "job.yaml:6:20: numa_node: '1024' is neither 'any' nor a node's number (0 to 1023)");
	expect(TWO "guest: {numa_node: -1}\n",
	       "job.yaml:6:20: numa_node: '-1' is neither 'any' nor a node's number (0 to 1023)");
	expect(TWO "guest: {cmdline: ''}\n", "job.yaml:6:18: cmdline: expected text, found no value");
}

static void what_holds_in_emulation_has_the_ranges_of_the_job(void **state)
{
	(void)state;
	expect(TWO "emulated: {window: 1}\n",
	       "job.yaml:6:20: window: '1' is not a duration such as 500ms or 2s (1ms to 3600s)");
	expect(TWO "emulated: {window: 0s}\n", "job.yaml:6:20: window: '0s' is out of range (1ms to 3600s)");
	expect(TWO "emulated: {warmup: 2h}\n", "job.yaml:6:20: warmup: '2h' is out of range (0s to 3600s)");
	expect(TWO "emulated: {blocks: 0}\n", "job.yaml:6:20: blocks: '0' is out of range (1 to 10000)");
	expect(TWO "emulated: {windows: 0}\n", "job.yaml:6:21: windows: '0' is out of range (1 to 100000)");
	expect(TWO "emulated: {sed: 1}\n", "job.yaml:6:12: unknown key 'sed'");
	expect(TWO "emulated: {windws: 1}\n", "job.yaml:6:12: unknown key 'windws' (did you mean 'windows'?)");
}

static void without_kernels_there_are_no_guests_to_speak_of(void **state)
{
	(void)state;
	expect(TOP "guest: {cpus: 4}\n",
	       "job.yaml:3:1: 'guest' is for guests, and only a job with 'kernels' has any");
	expect(TOP "emulated: {blocks: 1}\n",
	       "job.yaml:3:1: 'emulated' is for guests, and only a job with 'kernels' has any");
	expect_set(TOP, "guest.cpus=4", "--set guest.cpus=4: only a job with 'kernels' has guests");
	expect_set(TOP, "emulated.blocks=4", "--set emulated.blocks=4: only a job with 'kernels' has guests");
}

static void none_of_it_can_stand_in_a_group_of_cells(void **state)
{
	(void)state;
	expect("job: j\ncells:\n  - workload: read\n    kernels: [a]\n",
	       "job.yaml:4:5: 'kernels' belongs at the top of the job");
	expect("job: j\ncells:\n  - workload: read\n    guest: a\n",
	       "job.yaml:4:5: 'guest' belongs at the top of the job");
}

static void set_changes_keys_of_the_guest_and_of_emulation(void **state)
{
	struct job job;

	(void)state;
	parse(TWO "guest: {cmdline: quiet}\n", &job);
	set(&job, "guest.cpus=4");
	set(&job, "guest.accel=tcg");
	set(&job, "guest.cmdline=mitigations=off nosmt");
	set(&job, "guest.numa_node=3");
	set(&job, "emulated.windows=2");
	set(&job, "emulated.warmup=0");
	assert_int_equal(job.guest.cpus, 4);
	assert_string_equal(job_accels[job.guest.accel], "tcg");
	assert_string_equal(job.guest.cmdline, "mitigations=off nosmt");
	assert_string_equal(job.guest.numa_node, "3");
	assert_int_equal(job.emulated.windows, 2);
	assert_int_equal(job.emulated.warmup_ns, 0);
	assert_int_equal(job.windows, 5);
	job_release(&job);
}

static void what_is_set_for_the_job_holds_in_emulation_too(void **state)
{
	struct job job;

	(void)state;
	parse(TWO "emulated: {blocks: 1, warmup: 0s, window: 100ms, windows: 1}\n", &job);
	set(&job, "blocks=3");
	set(&job, "seed=9");
	assert_int_equal(job.blocks, 3);
	assert_int_equal(job.emulated.blocks, JOB_SAME);
	assert_int_equal(job.emulated.windows, 1);
	assert_int_equal(job.emulated.window_ns, 100000000);
	assert_int_equal(job.emulated.warmup_ns, 0);
	set(&job, "emulated.blocks=2");
	assert_int_equal(job.emulated.blocks, 2);
	assert_int_equal(job.blocks, 3);
	job_release(&job);
}

static void a_wrong_setting_is_told_and_changes_nothing(void **state)
{
	struct buf why = BUF_INIT;
	struct job job;

	(void)state;
	expect_set(TWO, "guest.cpu=4", "--set guest.cpu=4: a guest has no key 'cpu' (did you mean 'cpus'?)");
	expect_set(TWO, "guest.=4", "--set guest.=4: a guest has no key ''");
	expect_set(TWO, "gest.cpus=4", "--set gest.cpus=4: a job has no section 'gest' (did you mean 'guest'?)");
	expect_set(TWO, "guest.cpus=65", "--set guest.cpus=65: cpus: '65' is out of range (1 to 64)");
	expect_set(TWO, "guest.cpus=", "--set guest.cpus=: cpus: no value");
	expect_set(TWO, "guest.numa_node=x",
		   "--set guest.numa_node=x: numa_node: 'x' is neither 'any' nor a node's number (0 to 1023)");
	expect_set(TWO, "guest.cmdline=\xff", "--set guest.cmdline=\xff: guest.cmdline: the value is not UTF-8 text");
	expect_set(TWO, "emulated.seed=1", "--set emulated.seed=1: `emulated` has no key 'seed'");
	expect_set(TWO, "kernels=a", "--set kernels=a: kernels: is a list, and cannot be given as a text");
	expect_set(TWO, "guest=a", "--set guest=a: guest: is a mapping, and cannot be given as a text");
	expect_set(TWO, "kernels.patched.cmdline=a",
		   "--set kernels.patched.cmdline=a: kernels can be set in the job's file only");
	expect_set(TWO, "dir=/mnt",
		   "--set dir=/mnt: dir: guests have file systems of their own; choose one with `fs`");
	parse(TWO "guest: {cpus: 3}\nemulated: {blocks: 7}\n", &job);
	assert_int_equal(job_set(&job, &catalogue, "guest.cpus=x", &why), -1);
	assert_int_equal(job_set(&job, &catalogue, "blocks=x", &why), -1);
	assert_int_equal(job.guest.cpus, 3);
	assert_int_equal(job.emulated.blocks, 7);
	job_release(&job);
	buf_release(&why);
}

static void a_patch_to_be_tried_goes_to_the_second_kernel(void **state)
{
	struct buf why = BUF_INIT;
	struct job job;

	(void)state;
	parse(TOP "kernels:\n  - {name: baseline, kernel: a, patches: [a.patch], reverse: [r.patch], cmdline: quiet}\n"
	      "  - {name: patched, kernel: b, patches: [b.patch, '-'], cmdline: loud}\n", &job);
	assert_int_equal(job_level_kernels(&job, &why), 0);
	assert_string_equal(job.kernel[1].name.text, "patched");
	assert_string_equal(job.kernel[1].spec.text, "a");
	assert_string_equal(job.kernel[1].cmdline, "quiet");
	assert_int_equal(job.kernel[1].npatches, 2);
	assert_int_equal(job_add_patch(&job, "-", false, &why), 0);	/* the one that was there is gone */
	assert_int_equal(job_add_patch(&job, "./my.patch", true, &why), 0);
	assert_int_equal(job.kernel[0].npatches, 2);
	assert_int_equal(job.kernel[1].npatches, 4);
	expect_patch(&job.kernel[1].patch[0], "a.patch", false, 4);
	expect_patch(&job.kernel[1].patch[1], "r.patch", true, 4);
	expect_patch(&job.kernel[1].patch[2], "-", false, 0);
	expect_patch(&job.kernel[1].patch[3], "./my.patch", true, 0);
	assert_int_equal(job_add_patch(&job, "-", false, &why), -1);
	assert_string_equal(buf_text(&why), "patch: standard input ('-') is one patch file already");
	buf_reset(&why);
	assert_int_equal(job_add_patch(&job, "", false, &why), -1);
	assert_string_equal(buf_text(&why), "patch: no value");
	buf_reset(&why);
	assert_int_equal(job_add_patch(&job, "\xff", false, &why), -1);
	assert_string_equal(buf_text(&why), "patch: the path is not UTF-8 text");
	assert_int_equal(job.kernel[1].npatches, 4);
	job_release(&job);
	buf_release(&why);
}

static void expect_untried(const char *text, const char *complaint)
{
	struct buf why = BUF_INIT;
	struct job job;

	parse(text, &job);
	assert_int_equal(job_level_kernels(&job, &why), -1);
	assert_string_equal(buf_text(&why), complaint);
	buf_reset(&why);
	assert_int_equal(job_add_patch(&job, "a.patch", false, &why), -1);
	assert_string_equal(buf_text(&why), complaint);
	job_release(&job);
	buf_release(&why);
}

static void a_patch_is_tried_with_two_kernels_only(void **state)
{
	struct buf why = BUF_INIT;
	struct job job;

	(void)state;
#define PAIR "job.yaml: a patch is tried with a job of two 'kernels', the baseline and the one to be patched; this one has "
	expect_untried(TOP, PAIR "none");
	expect_untried(TOP "kernels: [{name: a, kernel: b}]\n", PAIR "1");
	expect_untried(TWO "  - {name: third, kernel: x}\n", PAIR "3");
#undef PAIR
	parse(TOP "kernels: [{name: a, kernel: b, patches: ['-']}, {name: c, kernel: b}]\n", &job);
	assert_int_equal(job_level_kernels(&job, &why), -1);
	assert_string_equal(buf_text(&why), "job.yaml: kernel 'a' has a patch from standard input, which cannot be read "
			    "for both kernels");
	job_release(&job);
	buf_release(&why);
}

static void a_control_is_the_first_kernel_again_rebuilt(void **state)
{
	struct buf why = BUF_INIT;
	struct job job;

	(void)state;
	parse(TOP "kernels: [{name: a, kernel: k, patches: [x.patch], cmdline: quiet}, {name: b, kernel: l}]\n", &job);
	assert_int_equal(job_add_control(&job, false, &why), 0);
	assert_int_equal(job.nkernels, 3);
	assert_string_equal(job.kernel[2].name.text, "again");
	assert_string_equal(job.kernel[2].spec.text, "k");
	assert_string_equal(job.kernel[2].cmdline, "quiet");
	assert_int_equal(job.kernel[2].npatches, 1);
	assert_int_equal(job.kernel[2].rebuild, 1);
	assert_int_equal(job_add_control(&job, false, &why), -1);
	assert_string_equal(buf_text(&why), "job.yaml: A/A adds a kernel 'again', and there is one of that name");
	assert_int_equal(job_add_control(&job, true, &why), 0);
	assert_int_equal(job.nkernels, 2);
	assert_string_equal(job.kernel[1].name.text, "again");
	job_release(&job);
	buf_reset(&why);
	parse(TOP, &job);
	assert_int_equal(job_add_control(&job, true, &why), -1);
	assert_non_null(strstr(buf_text(&why), "names none"));
	job_release(&job);
	buf_release(&why);
}

/* The documentation's tables are those that the files are read by. */
static void the_documentation_holds_the_tables_of_keys(void **state)
{
	static const struct schema *const schemas[] = { &job_kernel_schema, &job_guest_schema, &job_emulated_schema };
	struct buf doc = BUF_INIT, table = BUF_INIT;
	size_t i;

	(void)state;
	assert_int_equal(buf_read_file(&doc, "docs/jobs.md"), 0);
	for (i = 0; i < 3; i++) {
		buf_reset(&table);
		schema_describe(schemas[i], &table);
		if (!strstr(buf_text(&doc), buf_text(&table)))
			fail_msg("docs/jobs.md lacks this table:\n%s", buf_text(&table));
	}
	buf_release(&doc);
	buf_release(&table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kernels_are_read_as_written_with_their_places),
		cmocka_unit_test(a_guest_has_defaults_whether_or_not_the_job_speaks_of_it),
		cmocka_unit_test(guests_and_emulation_are_as_the_job_says),
		cmocka_unit_test(a_wrong_kernel_is_told_with_its_place_and_a_near_miss),
		cmocka_unit_test(a_wrong_patch_is_told_with_its_place),
		cmocka_unit_test(more_kernels_or_patches_than_can_be_are_refused),
		cmocka_unit_test(a_wrong_guest_is_told_with_its_place_and_what_would_be_right),
		cmocka_unit_test(what_holds_in_emulation_has_the_ranges_of_the_job),
		cmocka_unit_test(without_kernels_there_are_no_guests_to_speak_of),
		cmocka_unit_test(none_of_it_can_stand_in_a_group_of_cells),
		cmocka_unit_test(set_changes_keys_of_the_guest_and_of_emulation),
		cmocka_unit_test(what_is_set_for_the_job_holds_in_emulation_too),
		cmocka_unit_test(a_wrong_setting_is_told_and_changes_nothing),
		cmocka_unit_test(a_patch_to_be_tried_goes_to_the_second_kernel),
		cmocka_unit_test(a_control_is_the_first_kernel_again_rebuilt),
		cmocka_unit_test(a_patch_is_tried_with_two_kernels_only),
		cmocka_unit_test(the_documentation_holds_the_tables_of_keys),
	};

	return cmocka_run_group_tests(tests, load_catalogue, drop_catalogue);
}
