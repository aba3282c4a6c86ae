/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/commands/commands.h"
#include "harness/commands/diagnosis.h"
#include "lib/alloc.h"

/* A machine with nothing to complain of. */
static const char perfect[] =
	"{'kernel':{},'cpu':{'hypervisor':'none','online_count':64,'usable_count':64,'smt_active':false,"
	"'governor':'performance','frequency_driver':'intel_pstate','turbo':false},"
	"'memory':{'total_bytes':270179164160,'available_bytes':256000000000,'thp_enabled':'madvise',"
	"'numa_node_count':2,'numa_balancing':0},"
	"'cgroup':{'cpu_quota_us':'max','memory_max_bytes':'max'},"
	"'filesystem':{'type':'xfs','options':'rw,noatime','super_options':'rw,attr2,dax=inode'},"
	"'load':{'average':[0.02,0.5,3.0],'running':1},'clock':{'source':'tsc','available':'tsc hpet'}}";

/* JSON with ' for ". */
static json_t *parse(const char *text)
{
	char *copy = xstrdup(text), *at;
	json_t *o;

	for (at = copy; (at = strchr(at, '\'')); at++)
		*at = '"';
	o = json_loads(copy, 0, NULL);
	assert_non_null(o);
	free(copy);
	return o;
}

static struct diagnosis_facts facts_of(json_t *env)
{
	struct diagnosis_facts f = {
		.driver = "/opt/foliobench", .driver_runs = env, .env = env,
		.files = { .path = ".", .free_known = true, .free_bytes = 79ull << 30 },
		.results = { .path = "results", .free_known = true, .free_bytes = 500ull << 20 },
		.tracefs = "/sys/kernel/tracing",
		.paranoid_known = true, .paranoid = 2, .qemu = "7.2.22", .plugin = "/opt/libfoliotrace.so",
	};
	enum tool t;

	for (t = 0; t < TOOLS; t++)
		f.tool[t] = true;
	return f;
}

/* "status  found -> advice" of one check. */
static const char *diagnose(const struct diagnosis_facts *f, const char *name)
{
	static char text[512];
	const struct check *c = diagnosis_checks;
	struct finding finding;

	while (c->name && strcmp(c->name, name))
		c++;
	assert_non_null(c->name);
	diagnosis_judge(c, f, &finding);
	snprintf(text, sizeof(text), "%s  %s%s%s", diagnosis_word(finding.status), buf_text(&finding.found),
		 finding.advice.len ? " -> " : "", buf_text(&finding.advice));
	finding_release(&finding);
	return text;
}

/* The same on the perfect machine with some facts replaced: "{'cpu':{'turbo':true}}". A null takes one out. */
static const char *diagnose_with(const char *changes, const char *name)
{
	json_t *env = parse(perfect), *change = parse(changes), *group, *value;
	struct diagnosis_facts f = facts_of(env);
	const char *g, *k, *text;

	json_object_foreach(change, g, group)
		json_object_foreach(group, k, value) {
			if (json_is_null(value))
				json_object_del(json_object_get(env, g), k);
			else
				json_object_set(json_object_get(env, g), k, value);
		}
	text = diagnose(&f, name);
	json_decref(change);
	json_decref(env);
	return text;
}

static void a_perfect_machine_is_ok_but_for_what_only_booting_shows(void **state)
{
	json_t *env = parse(perfect);
	struct diagnosis_facts f = facts_of(env);
	const struct check *c;

	(void)state;
	for (c = diagnosis_checks; c->name; c++)
		if (strcmp(c->name, "KVM"))
			assert_int_equal(strncmp(diagnose(&f, c->name), "ok  ", 4), 0);
	json_decref(env);
}

static void every_lack_comes_with_what_to_do_and_every_finding_says_something(void **state)
{
	struct diagnosis_facts nothing = {
		.files = { .path = "/x", .error = ENOENT }, .results = { .path = "r", .error = EROFS },
		.cycles_user = { PMU_REFUSED, ENOENT }, .cycles_kernel = { PMU_REFUSED, ENOENT },
		.page_faults = { PMU_REFUSED, ENOSYS },
		.tracefs = "/sys/kernel/tracing", .tracefs_error = ENOENT, .kvm_error = ENOENT,
	};
	const struct check *c;
	struct finding finding;

	(void)state;
	for (c = diagnosis_checks; c->name; c++) {
		diagnosis_judge(c, &nothing, &finding);
		assert_int_not_equal(finding.status, DIAGNOSIS_OK);
		assert_int_not_equal(finding.found.len, 0);
		if (finding.status != DIAGNOSIS_UNKNOWN)
			assert_int_not_equal(finding.advice.len, 0);
		finding_release(&finding);
	}
}

static void names_leave_room_for_findings(void **state)
{
	const struct check *c;

	(void)state;
	for (c = diagnosis_checks; c->name; c++)
		assert_in_range(strlen(c->name), 1, 16);
}

static void facts_that_the_system_does_not_show_are_unknown(void **state)
{
	static const char *const names[] = {
		"machine", "CPUs", "SMT", "governor", "turbo", "NUMA", "clock source", "load", "memory", "CPU quota",
		"huge pages",
	};
	json_t *env = parse("{'cpu':{},'memory':{}}");
	struct diagnosis_facts f = facts_of(env), silent = facts_of(NULL);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_string_equal(diagnose(&f, names[i]), "unknown  not shown by this system");
		assert_string_equal(diagnose(&silent, names[i]),
				    "unknown  the driver would tell, and it does not answer");
	}
	json_decref(env);
}

static void facts_of_a_wrong_type_are_unknown_too(void **state)
{
	(void)state;
	assert_string_equal(diagnose_with("{'cpu':{'usable_count':'two'}}", "CPUs"), "unknown  not shown by this system");
	assert_string_equal(diagnose_with("{'cpu':{'usable_count':0}}", "CPUs"), "unknown  not shown by this system");
	assert_string_equal(diagnose_with("{'cpu':{'smt_active':1}}", "SMT"), "unknown  not shown by this system");
	assert_string_equal(diagnose_with("{'load':{'average':'0.1'}}", "load"), "unknown  not shown by this system");
	assert_string_equal(diagnose_with("{'cgroup':{'cpu_quota_us':'some'}}", "CPU quota"),
			    "unknown  not shown by this system");
}

static void few_cpus_limit_what_sharing_shows(void **state)
{
	(void)state;
	assert_string_equal(diagnose_with("{'cpu':{'usable_count':2,'online_count':2}}", "CPUs"),
			    "limited  2 usable: 16 threads share them, same-file figures show little bouncing"
			    " -> measure scaling on a machine with 16 CPUs or more");
	assert_string_equal(diagnose_with("{'cpu':{'usable_count':1,'online_count':1}}", "CPUs"),
			    "limited  1 usable: nothing is shared between cores, same-file figures show no bouncing"
			    " -> measure scaling on a machine with 16 CPUs or more");
	assert_string_equal(diagnose_with("{'cpu':{'usable_count':8}}", "CPUs"),
			    "limited  8 usable of 64: 16 threads share them, same-file figures show little bouncing"
			    " -> start it with more CPUs: look at taskset, cpuset and isolcpus");
	assert_string_equal(diagnose_with("{'cpu':{'usable_count':16}}", "CPUs"), "ok  16 usable of 64");
}

static void a_clock_speed_that_moves_is_a_limit(void **state)
{
	(void)state;
	assert_string_equal(diagnose_with("{'cpu':{'governor':'powersave,performance'}}", "governor"),
			    "limited  powersave,performance (intel_pstate): clock speed follows the load"
			    " -> cpupower frequency-set -g performance");
	assert_string_equal(diagnose_with("{'cpu':{'turbo':true}}", "turbo"),
			    "limited  on: clock speed follows temperature and the number of busy cores"
			    " -> echo 1 > /sys/devices/system/cpu/intel_pstate/no_turbo");
	assert_string_equal(diagnose_with("{'cpu':{'turbo':true,'frequency_driver':'acpi-cpufreq'}}", "turbo"),
			    "limited  on: clock speed follows temperature and the number of busy cores"
			    " -> echo 0 > /sys/devices/system/cpu/cpufreq/boost");
}

static void a_guest_is_told_that_its_host_sets_the_clock_speed(void **state)
{
	(void)state;
	assert_string_equal(diagnose_with("{'cpu':{'hypervisor':'kvm','governor':null}}", "governor"),
			    "unknown  not shown to this guest: the host decides -> set it on the host");
	assert_string_equal(diagnose_with("{'cpu':{'hypervisor':'kvm','turbo':null}}", "turbo"),
			    "unknown  not shown to this guest: the host decides -> set it on the host");
}

static void emulation_cannot_give_times_and_a_guest_can(void **state)
{
	(void)state;
	assert_int_equal(strncmp(diagnose_with("{'cpu':{'hypervisor':'tcg'}}", "machine"), "missing  ", 9), 0);
	assert_int_equal(strncmp(diagnose_with("{'cpu':{'hypervisor':'kvm'}}", "machine"), "limited  ", 9), 0);
}

static void other_settings_are_judged_by_what_they_do_to_figures(void **state)
{
	(void)state;
	assert_int_equal(strncmp(diagnose_with("{'cpu':{'smt_active':true}}", "SMT"), "limited  on", 11), 0);
	assert_int_equal(strncmp(diagnose_with("{'memory':{'numa_balancing':1}}", "NUMA"), "limited  2 nodes", 16), 0);
	assert_string_equal(diagnose_with("{'memory':{'numa_balancing':1,'numa_node_count':1}}", "NUMA"), "ok  1 node");
	assert_string_equal(diagnose_with("{'clock':{'source':'hpet'}}", "clock source"),
			    "limited  hpet: not the processor's own counter, reading it costs more"
			    " -> echo tsc > /sys/devices/system/clocksource/clocksource0/current_clocksource");
	assert_string_equal(diagnose_with("{'clock':{'source':'arch_sys_counter'}}", "clock source"),
			    "ok  arch_sys_counter");
	assert_int_equal(strncmp(diagnose_with("{'load':{'average':[0.51,0,0]}}", "load"), "limited  0.51", 13), 0);
	assert_int_equal(strncmp(diagnose_with("{'load':{'average':[0.5,9,9]}}", "load"), "ok  0.50", 8), 0);
	assert_string_equal(diagnose_with("{'cgroup':{'cpu_quota_us':150000,'cpu_period_us':100000}}", "CPU quota"),
			    "limited  1.50 CPUs: threads are stopped once that is used up"
			    " -> measure outside of the control group that limits it (cpu.max)");
	assert_int_equal(strncmp(diagnose_with("{'memory':{'thp_enabled':'never'}}", "huge pages"), "limited", 7), 0);
}

static void memory_is_what_the_control_group_leaves_of_it(void **state)
{
	(void)state;
	assert_string_equal(diagnose_with("{'memory':{'available_bytes':1073741823}}", "memory"),
			    "limited  1023 MiB available of 251 GiB: large files may not stay in the page cache"
			    " -> make 1 GiB available, or keep to small files");
	assert_string_equal(diagnose_with("{'cgroup':{'memory_max_bytes':536870912}}", "memory"),
			    "limited  238 GiB available of 251 GiB, limited to 512 MiB: large files may not stay in the"
			    " page cache -> make 1 GiB available, or keep to small files");
}

static void a_file_system_without_page_cache_cannot_be_measured(void **state)
{
	(void)state;
	assert_int_equal(strncmp(diagnose_with("{'filesystem':{'super_options':'rw,dax=always'}}", "test files"),
				 "missing  ", 9), 0);
	assert_int_equal(strncmp(diagnose_with("{'filesystem':{'options':'dax'}}", "test files"), "missing  ", 9), 0);
	assert_string_equal(diagnose_with("{'filesystem':{'options':'rw,daxx,nodax'}}", "test files"),
			    "ok  . on xfs, 79 GiB free");
	assert_string_equal(diagnose_with("{'filesystem':{'type':'9p'}}", "test files"),
			    "limited  . on 9p, 79 GiB free: the host takes part"
			    " -> name a directory on ext4, xfs, btrfs or tmpfs");
	assert_int_equal(strncmp(diagnose_with("{'filesystem':{'type':'fuse.sshfs'}}", "test files"), "limited", 7), 0);
}

static void a_place_that_cannot_be_used_is_missing(void **state)
{
	json_t *env = parse(perfect);
	struct diagnosis_facts f = facts_of(env);

	(void)state;
	f.files.error = EROFS;
	assert_string_equal(diagnose(&f, "test files"), "missing  .: Read-only file system"
			    " -> name a directory on a local file system: `foliogate doctor DIR`");
	f.results.free_bytes = 5 << 20;
	assert_string_equal(diagnose(&f, "results"), "limited  results: 5 MiB free"
			    " -> make room: a long run with plots and logs wants 100 MiB");
	f.results.error = EACCES;
	assert_string_equal(diagnose(&f, "results"), "missing  results: Permission denied"
			    " -> name a place that can be written: --results or FOLIOBENCH_RESULTS");
	json_decref(env);
}

static void an_event_that_reads_zero_is_a_missing_pmu(void **state)
{
	json_t *env = parse(perfect);
	struct diagnosis_facts f = facts_of(env);

	(void)state;
	f.cycles_user = f.cycles_kernel = (struct pmu_trial){ PMU_ZERO, 0 };
	assert_string_equal(diagnose(&f, "PMU"), "missing  cycles open and read 0"
			    " -> see what `dmesg | grep -i pmu` says; times need none");
	f.cycles_user = f.cycles_kernel = (struct pmu_trial){ PMU_NOT_RUN, 0 };
	assert_int_equal(strncmp(diagnose(&f, "PMU"), "missing  cycles open and never get", 34), 0);
	f.page_faults = (struct pmu_trial){ PMU_ZERO, 0 };
	assert_int_equal(strncmp(diagnose(&f, "software events"), "missing  page faults open and read 0", 36), 0);
	json_decref(env);
}

static void counting_that_is_forbidden_names_what_forbids_it(void **state)
{
	json_t *env = parse(perfect);
	struct diagnosis_facts f = facts_of(env);

	(void)state;
	f.cycles_kernel = (struct pmu_trial){ PMU_REFUSED, EACCES };
	assert_string_equal(diagnose(&f, "PMU"), "limited  cycles count in user space only"
			    " -> sysctl kernel.perf_event_paranoid=1 (it is 2), or run as root");
	f.cycles_user = f.cycles_kernel;
	f.paranoid = 1;
	assert_string_equal(diagnose(&f, "PMU"), "missing  cycles do not open: Permission denied"
			    " -> run as root, or with CAP_PERFMON; a container's seccomp filter may forbid it");
	f.cycles_user = f.cycles_kernel = (struct pmu_trial){ PMU_REFUSED, ENOENT };
	json_object_set_new(json_object_get(env, "cpu"), "hypervisor", json_string("kvm"));
	assert_string_equal(diagnose(&f, "PMU"), "missing  none that the kernel can use: a guest without a virtual PMU"
			    " -> switch the guest's PMU on (QEMU: -cpu host,pmu=on); times need none");
	json_decref(env);
}

static void counts_want_a_plugin_and_a_qemu_that_takes_it(void **state)
{
	struct diagnosis_facts f = facts_of(NULL);

	(void)state;
	assert_string_equal(diagnose(&f, "exact counts"), "ok  QEMU 7.2.22 and /opt/libfoliotrace.so");
	f.qemu = "9.0.1";
	assert_string_equal(diagnose(&f, "exact counts"), "missing  QEMU 9.0.1 and /opt/libfoliotrace.so -> the plugin "
			    "works with QEMU 7.2 to 8.x: use one of these");
	f.qemu = NULL;
	assert_string_equal(diagnose(&f, "exact counts"),
			    "missing  no QEMU for this machine's architecture -> see QEMU");
	f.plugin_error = ENOENT;
	assert_string_equal(diagnose(&f, "exact counts"),
			    "missing  /opt/libfoliotrace.so: No such file or directory -> build it with `make`");
}

static void kvm_is_never_ok_before_a_guest_has_booted(void **state)
{
	struct diagnosis_facts f = facts_of(NULL);

	(void)state;
	assert_int_equal(strncmp(diagnose(&f, "KVM"), "unknown  ", 9), 0);
	f.kvm_trial = KVM_FAILS;
	f.kvm_why = "no word for 20 s (tried now)";
	assert_string_equal(diagnose(&f, "KVM"),
			    "missing  /dev/kvm opens, but no guest boots under it: no word for 20 s (tried now)"
			    " -> guests are emulated here, and give counts but no times: use another machine for these");
	f.kvm_trial = KVM_BOOTS;
	f.kvm_why = "remembered";
	assert_string_equal(diagnose(&f, "KVM"), "ok  a guest boots under it (remembered)");
	f.kvm_error = EACCES;
	assert_int_equal(strncmp(diagnose(&f, "KVM"), "limited  ", 9), 0);
	f.kvm_error = ENODEV;
	assert_int_equal(strncmp(diagnose(&f, "KVM"), "missing  ", 9), 0);
}

static void tracefs_that_may_not_be_read_is_told_from_one_not_mounted(void **state)
{
	struct diagnosis_facts f = facts_of(NULL);

	(void)state;
	f.tracefs_error = EACCES;
	assert_string_equal(diagnose(&f, "tracefs"), "missing  /sys/kernel/tracing: Permission denied"
			    " -> run as root, if tracepoints are wanted");
	f.tracefs_error = ENOENT;
	assert_int_equal(strncmp(diagnose(&f, "tracefs"), "missing  not mounted -> mount", 29), 0);
}

static void a_driver_that_is_not_there_is_told_from_one_that_does_not_run(void **state)
{
	struct diagnosis_facts f = facts_of(NULL);

	(void)state;
	assert_int_equal(strncmp(diagnose(&f, "driver"), "missing  /opt/foliobench does not answer", 40), 0);
	f.driver = NULL;
	assert_int_equal(strncmp(diagnose(&f, "driver"), "missing  no foliobench beside", 29), 0);
}

static void a_missing_program_names_its_package(void **state)
{
	struct diagnosis_facts f = facts_of(NULL);

	(void)state;
	f.tool[TOOL_QEMU_ARM] = false;
	assert_string_equal(diagnose(&f, "QEMU arm64"), "missing  no qemu-system-aarch64 in PATH, for arm64 guests and"
			    " exact counts -> apt install qemu-system-arm, or your distribution's package of it");
	assert_string_equal(diagnose(&f, "QEMU x86-64"), "ok  installed");
}

/* Whatever this machine has, an event either counts, or says in which way it does not. */
static void trying_an_event_gives_one_of_the_known_answers(void **state)
{
	struct pmu_trial t = pmu_try(PMU_PAGE_FAULTS);

	(void)state;
	assert_in_range(t.state, PMU_COUNTS, PMU_REFUSED);
	if (t.state == PMU_COUNTS)
		assert_int_equal(t.error, 0);
	t = pmu_try(PMU_CYCLES_USER);
	assert_in_range(t.state, PMU_COUNTS, PMU_REFUSED);
}

static void the_command_takes_at_most_a_directory(void **state)
{
	(void)state;
	assert_string_equal(doctor_command.name, "doctor");
	assert_int_equal(doctor_command.min, 0);
	assert_int_equal(doctor_command.max, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_perfect_machine_is_ok_but_for_what_only_booting_shows),
		cmocka_unit_test(every_lack_comes_with_what_to_do_and_every_finding_says_something),
		cmocka_unit_test(names_leave_room_for_findings),
		cmocka_unit_test(facts_that_the_system_does_not_show_are_unknown),
		cmocka_unit_test(facts_of_a_wrong_type_are_unknown_too),
		cmocka_unit_test(few_cpus_limit_what_sharing_shows),
		cmocka_unit_test(a_clock_speed_that_moves_is_a_limit),
		cmocka_unit_test(a_guest_is_told_that_its_host_sets_the_clock_speed),
		cmocka_unit_test(emulation_cannot_give_times_and_a_guest_can),
		cmocka_unit_test(other_settings_are_judged_by_what_they_do_to_figures),
		cmocka_unit_test(memory_is_what_the_control_group_leaves_of_it),
		cmocka_unit_test(a_file_system_without_page_cache_cannot_be_measured),
		cmocka_unit_test(a_place_that_cannot_be_used_is_missing),
		cmocka_unit_test(an_event_that_reads_zero_is_a_missing_pmu),
		cmocka_unit_test(counting_that_is_forbidden_names_what_forbids_it),
		cmocka_unit_test(counts_want_a_plugin_and_a_qemu_that_takes_it),
		cmocka_unit_test(kvm_is_never_ok_before_a_guest_has_booted),
		cmocka_unit_test(tracefs_that_may_not_be_read_is_told_from_one_not_mounted),
		cmocka_unit_test(a_driver_that_is_not_there_is_told_from_one_that_does_not_run),
		cmocka_unit_test(a_missing_program_names_its_package),
		cmocka_unit_test(trying_an_event_gives_one_of_the_known_answers),
		cmocka_unit_test(the_command_takes_at_most_a_directory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
