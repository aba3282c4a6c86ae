/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "lib/topo.h"
#include "lib/buf.h"
#include "tests/unit/machine.h"
#include "tests/unit/scratch.h"

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

/* The rows that a tree is flattened to. */
static void check_row(const struct topo *t, size_t i, struct topo_pu want)
{
	const struct topo_pu *is = &t->pu[i];

	assert_true(i < t->n);
	assert_int_equal(is->os, want.os);
	assert_int_equal(is->core, want.core);
	assert_int_equal(is->l3, want.l3);
	assert_int_equal(is->numa, want.numa);
	assert_int_equal(is->package, want.package);
	assert_int_equal(is->smt, want.smt);
	assert_int_equal(is->allowed, want.allowed);
}

static void load_described(struct topo *t, const char *source)
{
	struct buf why = BUF_INIT;

	if (topo_load(t, source, &why))
		fail_msg("%s", buf_text(&why));
	assert_null(t->hwloc);
}

static void siblings_caches_nodes_and_packages_are_numbered(void **state)
{
	struct topo t;

	(void)state;
	machine_load(&t, "epyc-2s-nps4");
	assert_int_equal(t.n, 128);
	assert_int_equal(topo_allowed(&t), 128);
	/*			      os  core l3 numa package smt allowed */
	check_row(&t, 0, (struct topo_pu){ 0, 0, 0, 0, 0, 0, true });
	check_row(&t, 1, (struct topo_pu){ 64, 0, 0, 0, 0, 1, true });
	check_row(&t, 8, (struct topo_pu){ 4, 4, 1, 0, 0, 0, true });
	check_row(&t, 17, (struct topo_pu){ 72, 8, 2, 1, 0, 1, true });
	check_row(&t, 64, (struct topo_pu){ 32, 32, 8, 4, 1, 0, true });
	check_row(&t, 127, (struct topo_pu){ 127, 63, 15, 7, 1, 1, true });
	topo_release(&t);
}

static void a_recorded_machine_is_read(void **state)
{
	struct topo t;

	(void)state;
	machine_load(&t, "vm-2cpu");
	assert_int_equal(t.n, 2);
	check_row(&t, 0, (struct topo_pu){ 0, 0, 0, 0, 0, 0, true });
	check_row(&t, 1, (struct topo_pu){ 1, 1, 0, 0, 0, 0, true });
	topo_release(&t);
}

static void nodes_keep_the_numbers_of_the_kernel(void **state)
{
	struct topo t;

	(void)state;
	machine_load(&t, "power9-2s");
	check_row(&t, 63, (struct topo_pu){ 63, 15, 7, 0, 0, 3, true });
	check_row(&t, 64, (struct topo_pu){ 64, 16, 8, 8, 1, 0, true });
	topo_release(&t);
}

static void a_cpu_that_is_offline_has_no_row(void **state)
{
	struct buf list = BUF_INIT;
	struct topo t;

	(void)state;
	machine_load(&t, "offline-siblings");
	assert_int_equal(t.n, 12);
	check_row(&t, 3, (struct topo_pu){ 3, 3, 0, 0, 0, 0, true });
	check_row(&t, 5, (struct topo_pu){ 12, 4, 1, 1, 1, 1, true });
	topo_allowed_list(&t, &list);
	assert_string_equal(buf_text(&list), "0-7,12-15");
	assert_false(topo_allows(&t, 8));
	buf_release(&list);
	topo_release(&t);
}

static void a_cpu_outside_the_cpuset_has_a_row_and_is_not_allowed(void **state)
{
	struct buf list = BUF_INIT;
	struct topo t;

	(void)state;
	machine_load(&t, "odd-cpuset");
	assert_int_equal(t.n, 8);
	assert_int_equal(topo_allowed(&t), 3);
	check_row(&t, 2, (struct topo_pu){ 1, 1, 0, 0, 0, 0, true });
	check_row(&t, 3, (struct topo_pu){ 5, 1, 0, 0, 0, 1, true });
	check_row(&t, 4, (struct topo_pu){ 2, 2, 0, 0, 0, 0, false });
	topo_allowed_list(&t, &list);
	assert_string_equal(buf_text(&list), "1,3,5");
	assert_true(topo_allows(&t, 5));
	assert_false(topo_allows(&t, 0));
	assert_false(topo_allows(&t, 8));
	buf_release(&list);
	topo_release(&t);
}

static void the_cache_that_cores_share_is_found_at_any_level(void **state)
{
	static const struct { const char *source; unsigned l3[4]; } all[] = {	/* of PUs 0, 1, 2 and 4 of 8 */
		{ "[numa] package:2 l3:2 core:2 pu:1", { 0, 0, 1, 2 } },
		{ "[numa] package:2 l2:2 core:2 pu:1", { 0, 0, 1, 2 } },		/* clusters around an L2, no L3 */
		{ "[numa] package:2 l3:1 l2:2 core:2 pu:1", { 0, 0, 0, 1 } },
		{ "[numa] package:2 l3:2 core:1 pu:2", { 0, 0, 0, 1 } },		/* an L3 each: nothing is shared */
		{ "[numa] package:2 l2:4 core:1 pu:1", { 0, 0, 0, 1 } },		/* only private ones: the package's */
		{ "[numa] package:2 core:4 pu:1", { 0, 0, 0, 1 } },
		{ "[numa] core:8 pu:1", { 0, 0, 0, 0 } },
		{ "[numa] l3:2 pu:4", { 0, 0, 0, 1 } },				/* no cores known */
		{ "[numa] l3:1 package:2 core:4 pu:1", { 0, 0, 0, 1 } },		/* above the package does not count */
	};
	struct topo t;
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(all); i++) {
		load_described(&t, all[i].source);
		assert_int_equal(t.n, 8);
		assert_int_equal(t.pu[0].l3, all[i].l3[0]);
		assert_int_equal(t.pu[1].l3, all[i].l3[1]);
		assert_int_equal(t.pu[2].l3, all[i].l3[2]);
		assert_int_equal(t.pu[4].l3, all[i].l3[3]);
		topo_release(&t);
	}
}

static void where_cores_are_unknown_each_cpu_is_one(void **state)
{
	struct topo t;

	(void)state;
	load_described(&t, "[numa] pu:3");
	check_row(&t, 0, (struct topo_pu){ 0, 0, 0, 0, 0, 0, true });
	check_row(&t, 2, (struct topo_pu){ 2, 2, 0, 0, 0, 0, true });
	topo_release(&t);
}

static void of_two_nodes_with_the_same_cpus_the_first_counts(void **state)
{
	struct topo t;

	(void)state;
	load_described(&t, "package:2 [numa] [numa] core:2 pu:1");
	assert_int_equal(t.pu[0].numa, 0);
	assert_int_equal(t.pu[3].numa, 2);
	topo_release(&t);
}

static void expect_failure(const char *source, const char *message)
{
	struct buf why = BUF_INIT;
	struct topo t = { .n = 77 };

	assert_int_equal(topo_load(&t, source, &why), -1);
	assert_string_equal(buf_text(&why), message);
	assert_int_equal(t.n, 0);
	assert_int_equal(topo_allowed(&t), 0);
	topo_release(&t);
	buf_release(&why);
}

#define NO_SYNTHETIC "is neither an hwloc synthetic string such as 'package:2 [numa] l3:1 core:8 pu:2' " \
		     "nor the path of an XML file"

static void a_bad_description_is_refused_with_its_text(void **state)
{
	(void)state;
	expect_failure("", "topology: '' " NO_SYNTHETIC);
	expect_failure("junk", "topology: 'junk' " NO_SYNTHETIC);
	expect_failure("package:2 core:0 pu:2", "topology: 'package:2 core:0 pu:2' " NO_SYNTHETIC);
	expect_failure("pu:-1", "topology: 'pu:-1' " NO_SYNTHETIC);
	expect_failure("core:2", "topology: 'core:2' " NO_SYNTHETIC);
}

static void a_file_that_is_no_machine_is_refused_with_its_name(void **state)
{
	struct buf path = BUF_INIT, message = BUF_INIT, xml = BUF_INIT, why = BUF_INIT;
	struct topo t;
	size_t len;

	(void)state;
	expect_failure("/nonexistent/a", "topology: open /nonexistent/a: No such file or directory");
	expect_failure("nonexistent.xml", "topology: open nonexistent.xml: No such file or directory");
	expect_failure("tests/machines", "topology: hwloc cannot read tests/machines: not the XML of a machine?");
	expect_failure("tests/machines/README.md",
		       "topology: hwloc cannot read tests/machines/README.md: not the XML of a machine?");
	buf_fmt(&path, "%s/cut.xml", scratch_dir);
	buf_fmt(&message, "topology: hwloc cannot read %s: not the XML of a machine?", buf_text(&path));
	assert_int_equal(buf_read_file(&xml, "tests/machines/vm-2cpu.xml"), 0);
	/* not farther: of an object that is cut in the middle hwloc 2.9 leaks what it has read */
	for (len = 0; len < (size_t)(strstr(xml.s, "<info") - xml.s); len += 13) {
		scratch_write(buf_text(&path), xml.s, len);
		expect_failure(buf_text(&path), buf_text(&message));
	}
	scratch_write(buf_text(&path), xml.s, xml.len);
	assert_int_equal(topo_load(&t, buf_text(&path), &why), 0);
	topo_release(&t);
	buf_release(&path);
	buf_release(&message);
	buf_release(&xml);
	buf_release(&why);
}

/* This machine. */
static cpu_set_t affinity(void)
{
	cpu_set_t set;

	assert_int_equal(sched_getaffinity(0, sizeof(set), &set), 0);
	return set;
}

static void load_here(struct topo *t)
{
	struct buf why = BUF_INIT;

	if (topo_load(t, NULL, &why))
		fail_msg("%s", buf_text(&why));
}

static void check_allowed_is(const struct topo *t, const cpu_set_t *set)
{
	unsigned os;

	assert_int_equal(topo_allowed(t), CPU_COUNT(set));
	for (os = 0; os < CPU_SETSIZE; os++)
		assert_int_equal(topo_allows(t, os), CPU_ISSET(os, set));
}

static void here_the_allowed_cpus_are_those_of_the_affinity(void **state)
{
	cpu_set_t before = affinity(), after;
	struct topo t;

	(void)state;
	load_here(&t);
	after = affinity();
	assert_true(CPU_EQUAL(&before, &after));
	check_allowed_is(&t, &before);
	topo_release(&t);
}

static unsigned nth(const cpu_set_t *set, int n)
{
	unsigned os;

	for (os = 0; os < CPU_SETSIZE; os++)
		if (CPU_ISSET(os, set) && !n--)
			return os;
	fail_msg("too few CPUs");
	return 0;
}

static void an_affinity_from_outside_is_kept(void **state)
{
	cpu_set_t all = affinity(), one, after;
	struct buf why = BUF_INIT, message = BUF_INIT;
	unsigned os, other;
	struct topo t;

	(void)state;
	if (CPU_COUNT(&all) < 2) {
		print_message("skipped: only one CPU here\n");
		skip();
	}
	other = nth(&all, 0);
	os = nth(&all, CPU_COUNT(&all) - 1);
	CPU_ZERO(&one);
	CPU_SET(os, &one);
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
	load_here(&t);
	after = affinity();
	assert_true(CPU_EQUAL(&after, &one));	/* reading the machine has not moved us */
	check_allowed_is(&t, &one);
	assert_int_equal(topo_pin(&t, other, &why), -1);
	buf_fmt(&message, "pin to CPU %u: not usable here (usable: %u)", other, os);
	assert_string_equal(buf_text(&why), buf_text(&message));
	after = affinity();
	assert_true(CPU_EQUAL(&after, &one));
	assert_int_equal(sched_setaffinity(0, sizeof(all), &all), 0);
	topo_release(&t);
	buf_release(&why);
	buf_release(&message);
}

struct pinning {
	pthread_t thread;
	const struct topo *topo;
	unsigned os;
	int ret, cpu, cpus;
};

static void *pin(void *arg)
{
	struct pinning *p = arg;
	struct buf why = BUF_INIT;
	cpu_set_t set;
	int i;

	for (i = 0; i < 50 && !p->ret; i++)
		p->ret = topo_pin(p->topo, p->os, &why);
	p->cpu = sched_getcpu();
	p->cpus = sched_getaffinity(0, sizeof(set), &set) || !CPU_ISSET(p->os, &set) ? -1 : CPU_COUNT(&set);
	buf_release(&why);
	return NULL;
}

static void many_threads_pin_themselves_at_once(void **state)
{
	cpu_set_t all = affinity(), after;
	struct pinning p[16] = { 0 };
	struct topo t;
	size_t i;

	(void)state;
	load_here(&t);
	for (i = 0; i < LENGTH(p); i++) {
		p[i].topo = &t;
		p[i].os = nth(&all, (int)i % CPU_COUNT(&all));
		assert_int_equal(pthread_create(&p[i].thread, NULL, pin, &p[i]), 0);
	}
	for (i = 0; i < LENGTH(p); i++) {
		pthread_join(p[i].thread, NULL);
		assert_int_equal(p[i].ret, 0);
		assert_int_equal(p[i].cpu, p[i].os);
		assert_int_equal(p[i].cpus, 1);
	}
	after = affinity();
	assert_true(CPU_EQUAL(&all, &after));	/* only those threads are pinned */
	topo_release(&t);
}

static void a_cpu_that_the_machine_lacks_cannot_be_pinned_to(void **state)
{
	struct buf why = BUF_INIT;
	struct topo t;

	(void)state;
	load_here(&t);
	assert_int_equal(topo_pin(&t, 99999, &why), -1);
	assert_memory_equal(buf_text(&why), "pin to CPU 99999: not usable here (usable: ", 43);
	topo_release(&t);
	buf_release(&why);
}

static void hwloc_is_not_fooled_by_the_environment(void **state)
{
	struct topo t;

	(void)state;
	setenv("HWLOC_SYNTHETIC", "core:64 pu:2", 1);
	expect_failure(NULL, "topology: the environment has hwloc describe another machine: "
			     "unset HWLOC_XMLFILE, HWLOC_SYNTHETIC, HWLOC_FSROOT, HWLOC_THISSYSTEM");
	load_described(&t, "[numa] pu:3");
	assert_int_equal(t.n, 3);
	topo_release(&t);
	unsetenv("HWLOC_SYNTHETIC");
}

/* What a child says that sees another /sys: sparse with nothing but a list of CPUs in it, or none. */
static void hide_sys(bool sparse)
{
	struct buf online = BUF_INIT;

	if (buf_read_file(&online, "/sys/devices/system/cpu/online"))
		_exit(77);
	if (unshare(CLONE_NEWNS) || mount("none", "/", "none", MS_REC | MS_PRIVATE, ""))
		_exit(77);
	if (umount2("/sys", MNT_DETACH) && errno != EINVAL)
		_exit(77);
	if (sparse && (mount("none", "/sys", "tmpfs", 0, "") || mkdir("/sys/devices", 0755) ||
	    mkdir("/sys/devices/system", 0755) || mkdir("/sys/devices/system/cpu", 0755)))
		_exit(77);
	if (sparse)
		scratch_write("/sys/devices/system/cpu/online", online.s, online.len);
	buf_release(&online);
}

/* Loads in a child and gives what it said and how many CPUs it found: "2 CPUs: ". Skips where it may not mount. */
static void load_without_sys(bool sparse, struct buf *said)
{
	struct buf why = BUF_INIT;
	char text[512];
	struct topo t;
	int ends[2], status;
	ssize_t n;
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (!child) {
		hide_sys(sparse);
		topo_load(&t, NULL, &why);
		dprintf(ends[1], "%zu CPUs: %s", topo_allowed(&t), buf_text(&why));
		topo_release(&t);
		buf_release(&why);
		_exit(0);
	}
	close(ends[1]);
	while ((n = read(ends[0], text, sizeof(text))) > 0)
		buf_add(said, text, (size_t)n);
	close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77) {
		print_message("skipped: not allowed to unmount /sys for a child\n");
		skip();
	}
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void without_sys_there_is_one_clear_error(void **state)
{
	struct buf said = BUF_INIT;

	(void)state;
	load_without_sys(false, &said);
	assert_string_equal(buf_text(&said), "0 CPUs: topology: /sys/devices/system/cpu: "
					     "No such file or directory; is /sys mounted?");
	buf_release(&said);
}

static void a_sparse_sys_still_gives_the_cpus_of_the_affinity(void **state)
{
	struct buf said = BUF_INIT, want = BUF_INIT;
	cpu_set_t all = affinity();

	(void)state;
	load_without_sys(true, &said);
	buf_fmt(&want, "%d CPUs: ", CPU_COUNT(&all));
	assert_string_equal(buf_text(&said), buf_text(&want));
	buf_release(&said);
	buf_release(&want);
}

static int begin(void **state)
{
	(void)state;
	scratch_begin();
	return 0;
}

static int end(void **state)
{
	(void)state;
	scratch_end();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(siblings_caches_nodes_and_packages_are_numbered),
		cmocka_unit_test(a_recorded_machine_is_read),
		cmocka_unit_test(nodes_keep_the_numbers_of_the_kernel),
		cmocka_unit_test(a_cpu_that_is_offline_has_no_row),
		cmocka_unit_test(a_cpu_outside_the_cpuset_has_a_row_and_is_not_allowed),
		cmocka_unit_test(the_cache_that_cores_share_is_found_at_any_level),
		cmocka_unit_test(where_cores_are_unknown_each_cpu_is_one),
		cmocka_unit_test(of_two_nodes_with_the_same_cpus_the_first_counts),
		cmocka_unit_test(a_bad_description_is_refused_with_its_text),
		cmocka_unit_test(a_file_that_is_no_machine_is_refused_with_its_name),
		cmocka_unit_test(here_the_allowed_cpus_are_those_of_the_affinity),
		cmocka_unit_test(an_affinity_from_outside_is_kept),
		cmocka_unit_test(many_threads_pin_themselves_at_once),
		cmocka_unit_test(a_cpu_that_the_machine_lacks_cannot_be_pinned_to),
		cmocka_unit_test(hwloc_is_not_fooled_by_the_environment),
		cmocka_unit_test(without_sys_there_is_one_clear_error),
		cmocka_unit_test(a_sparse_sys_still_gives_the_cpus_of_the_affinity),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
