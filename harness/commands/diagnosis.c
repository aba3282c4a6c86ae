/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/commands/diagnosis.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>


/* The published tables have 16 threads; with fewer CPUs the shared line has fewer cores to move between. */
#define TABLE_THREADS 16
/* The largest working set of the standard jobs is the 512 MiB file of the copying shape. */
#define MEMORY_WANTED (1ull << 30)
/* Samples of a long run with its plots and logs take some tens of MiB. */
#define RESULTS_WANTED (100ull << 20)
/* A kernel thread that wakes up is in the hundredths; half a CPU is somebody else's work. */
#define LOAD_QUIET 0.5
/* Versions of QEMU that the plugin can be loaded into. */
#define QEMU_FIRST 7
#define QEMU_LAST 8

static const struct {
	const char *program, *use, *package;	/* Debian's */
} tools[TOOLS] = {
	[TOOL_QEMU_X86] = { "qemu-system-x86_64", "x86-64 guests and exact counts", "qemu-system-x86" },
	[TOOL_QEMU_ARM] = { "qemu-system-aarch64", "arm64 guests and exact counts", "qemu-system-arm" },
	[TOOL_GNUPLOT] = { "gnuplot", "plots", "gnuplot-nox" },
	[TOOL_FIO] = { "fio", "comparing the driver's speed with its peers", "fio" },
	[TOOL_GCC] = { "gcc", "building kernels and these programs", "gcc" },
	[TOOL_MAKE] = { "make", "building kernels and these programs", "make" },
	[TOOL_GIT] = { "git", "kernel sources and patches", "git" },
};

const char *diagnosis_tool(enum tool tool)
{
	return tools[tool].program;
}

const char *diagnosis_word(enum diagnosis_status status)
{
	static const char *const words[] = {
		[DIAGNOSIS_OK] = "ok", [DIAGNOSIS_LIMITED] = "limited",
		[DIAGNOSIS_MISSING] = "missing", [DIAGNOSIS_UNKNOWN] = "unknown",
	};

	return words[status];
}

/* Facts of the driver's snapshot: NULL or -1 where they were left out. */

static const json_t *env(const struct diagnosis_facts *f, const char *group, const char *key)
{
	return json_object_get(json_object_get(f->env, group), key);
}

static const char *env_text(const struct diagnosis_facts *f, const char *group, const char *key)
{
	return json_string_value(env(f, group, key));
}

static int64_t env_number(const struct diagnosis_facts *f, const char *group, const char *key)
{
	const json_t *n = env(f, group, key);

	return json_is_integer(n) && json_integer_value(n) >= 0 ? json_integer_value(n) : -1;
}

static bool is_virtual(const struct diagnosis_facts *f)
{
	const char *hypervisor = env_text(f, "cpu", "hypervisor");

	return hypervisor && strcmp(hypervisor, "none");
}

static void not_known(const struct diagnosis_facts *f, struct finding *out)
{
	out->status = DIAGNOSIS_UNKNOWN;
	buf_str(&out->found, f->env ? "not shown by this system"
				    : "the driver would tell, and it does not answer");
}

static void size_text(uint64_t bytes, struct buf *out)
{
	if (bytes >= 10ull << 30)
		buf_fmt(out, "%" PRIu64 " GiB", bytes >> 30);
	else
		buf_fmt(out, "%" PRIu64 " MiB", bytes >> 20);
}

static void judge_driver(const struct diagnosis_facts *f, const struct check *c,
			 struct finding *out)
{
	(void)c;
	if (f->driver && f->driver_runs) {
		buf_str(&out->found, f->driver);
		return;
	}
	out->status = DIAGNOSIS_MISSING;
	if (f->driver)
		buf_fmt(&out->found, "%s does not answer", f->driver);
	else
		buf_str(&out->found, "no foliobench beside this program");
	buf_str(&out->advice, "build it with `make`, or name another with --driver");
}

static void judge_machine(const struct diagnosis_facts *f, const struct check *c,
			  struct finding *out)
{
	const char *hypervisor = env_text(f, "cpu", "hypervisor");

	(void)c;
	if (!hypervisor) {
		not_known(f, out);
	} else if (!strcmp(hypervisor, "none")) {
		buf_str(&out->found, "no hypervisor");
	} else if (!strcmp(hypervisor, "tcg")) {
		out->status = DIAGNOSIS_MISSING;
		buf_str(&out->found, "emulated by QEMU (TCG): times say nothing of performance");
		buf_str(&out->advice,
			"measure times on real processors; here only counts mean something");
	} else {
		out->status = DIAGNOSIS_LIMITED;
		buf_fmt(&out->found,
			"virtual (%s): the host's other work moves the figures, and is not seen",
			hypervisor);
		buf_str(&out->advice,
			"publish figures of bare metal; here compare kernels over many boots");
	}
}

/* File systems whose reads may go to somebody else, or through a second one. */
static const char *detour(const char *type)
{
	static const struct {
		const char *type, *what;
	} known[] = {
		{ "nfs", "a server takes part" }, { "nfs4", "a server takes part" },
		{ "cifs", "a server takes part" }, { "smb3", "a server takes part" },
		{ "ceph", "a server takes part" }, { "9p", "the host takes part" },
		{ "virtiofs", "the host takes part" }, { "overlay", "every call passes a second layer" },
		{ "ecryptfs", "every call passes a second layer" },
	};
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strcmp(type, known[i].type))
			return known[i].what;
	return !strncmp(type, "fuse", 4) ? "a program takes part" : NULL;
}

/* "dax" and "dax=always" leave the page cache out; "dax=inode" and "dax=never" do not, or not by themselves. */
static bool is_dax(const struct diagnosis_facts *f)
{
	static const char *const keys[] = { "options", "super_options" };
	const char *list, *at;
	size_t i, len;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		list = env_text(f, "filesystem", keys[i]);
		for (at = list; at; at = at[len] ? at + len + 1 : NULL) {
			len = strcspn(at, ",");
			if ((len == 3 && !strncmp(at, "dax", 3)) ||
			    (len == 10 && !strncmp(at, "dax=always", 10)))
				return true;
		}
	}
	return false;
}

static void judge_files(const struct diagnosis_facts *f, const struct check *c, struct finding *out)
{
	const char *type = env_text(f, "filesystem", "type");

	(void)c;
	if (f->files.error) {
		out->status = DIAGNOSIS_MISSING;
		buf_fmt(&out->found, "%s: %s", f->files.path, strerror(f->files.error));
		buf_str(&out->advice,
			"name a directory on a local file system: `foliogate doctor DIR`");
		return;
	}
	buf_fmt(&out->found, "%s on %s", f->files.path,
		type ? type : "a file system that is not known");
	if (f->files.free_known) {
		buf_str(&out->found, ", ");
		size_text(f->files.free_bytes, &out->found);
		buf_str(&out->found, " free");
	}
	if (is_dax(f)) {
		out->status = DIAGNOSIS_MISSING;
		buf_str(&out->found, ", mounted with DAX: no page cache");
		buf_str(&out->advice, "mount it without dax, or name another directory");
	} else if (type && detour(type)) {
		out->status = DIAGNOSIS_LIMITED;
		buf_fmt(&out->found, ": %s", detour(type));
		buf_str(&out->advice, "name a directory on ext4, xfs, btrfs or tmpfs");
	}
}

static void judge_results(const struct diagnosis_facts *f, const struct check *c,
			  struct finding *out)
{
	(void)c;
	buf_str(&out->found, f->results.path);
	if (f->results.error) {
		out->status = DIAGNOSIS_MISSING;
		buf_fmt(&out->found, ": %s", strerror(f->results.error));
		buf_str(&out->advice,
			"name a place that can be written: --results or FOLIOBENCH_RESULTS");
		return;
	}
	if (!f->results.free_known)
		return;
	buf_str(&out->found, ": ");
	size_text(f->results.free_bytes, &out->found);
	buf_str(&out->found, " free");
	if (f->results.free_bytes < RESULTS_WANTED) {
		out->status = DIAGNOSIS_LIMITED;
		buf_str(&out->advice, "make room: a long run with plots and logs wants 100 MiB");
	}
}

static void judge_cpus(const struct diagnosis_facts *f, const struct check *c, struct finding *out)
{
	int64_t usable = env_number(f, "cpu", "usable_count"),
		online = env_number(f, "cpu", "online_count");

	(void)c;
	if (usable <= 0) {
		not_known(f, out);
		return;
	}
	buf_fmt(&out->found, "%" PRId64 " usable", usable);
	if (online > usable)
		buf_fmt(&out->found, " of %" PRId64, online);
	if (usable >= TABLE_THREADS)
		return;
	out->status = DIAGNOSIS_LIMITED;
	if (usable == 1)
		buf_str(&out->found,
			": nothing is shared between cores, same-file figures show no bouncing");
	else
		buf_fmt(&out->found,
			": %d threads share them, same-file figures show little bouncing",
			TABLE_THREADS);
	if (online >= TABLE_THREADS)
		buf_str(&out->advice,
			"start it with more CPUs: look at taskset, cpuset and isolcpus");
	else
		buf_fmt(&out->advice, "measure scaling on a machine with %d CPUs or more",
			TABLE_THREADS);
}

static void judge_smt(const struct diagnosis_facts *f, const struct check *c, struct finding *out)
{
	const json_t *active = env(f, "cpu", "smt_active");

	(void)c;
	if (!json_is_boolean(active)) {
		not_known(f, out);
	} else if (json_is_false(active)) {
		buf_str(&out->found, is_virtual(f) ? "none shown to this guest" : "off");
	} else {
		out->status = DIAGNOSIS_LIMITED;
		buf_str(&out->found, "on: two threads may share a core's units and caches");
		buf_str(&out->advice,
			"use placement=smt-last, or `echo off > /sys/devices/system/cpu/smt/control`");
	}
}

/* A guest is shown no frequency scaling: its host has it. */
static void host_decides(const struct diagnosis_facts *f, struct finding *out)
{
	if (!is_virtual(f)) {
		not_known(f, out);
		return;
	}
	out->status = DIAGNOSIS_UNKNOWN;
	buf_str(&out->found, "not shown to this guest: the host decides");
	buf_str(&out->advice, "set it on the host");
}

static void judge_governor(const struct diagnosis_facts *f, const struct check *c,
			   struct finding *out)
{
	const char *governor = env_text(f, "cpu", "governor"),
		   *driver = env_text(f, "cpu", "frequency_driver");

	(void)c;
	if (!governor) {
		host_decides(f, out);
		return;
	}
	buf_fmt(&out->found, "%s%s%s%s", governor, driver ? " (" : "", driver ? driver : "",
		driver ? ")" : "");
	if (!strcmp(governor, "performance"))
		return;
	out->status = DIAGNOSIS_LIMITED;
	buf_str(&out->found, ": clock speed follows the load");
	buf_str(&out->advice, "cpupower frequency-set -g performance");
}

static void judge_turbo(const struct diagnosis_facts *f, const struct check *c, struct finding *out)
{
	const json_t *turbo = env(f, "cpu", "turbo");
	const char *driver = env_text(f, "cpu", "frequency_driver");

	(void)c;
	if (!json_is_boolean(turbo)) {
		host_decides(f, out);
	} else if (json_is_false(turbo)) {
		buf_str(&out->found, "off");
	} else {
		out->status = DIAGNOSIS_LIMITED;
		buf_str(&out->found,
			"on: clock speed follows temperature and the number of busy cores");
		if (driver && (!strcmp(driver, "intel_pstate") || !strcmp(driver, "intel_cpufreq")))
			buf_str(&out->advice,
				"echo 1 > /sys/devices/system/cpu/intel_pstate/no_turbo");
		else
			buf_str(&out->advice, "echo 0 > /sys/devices/system/cpu/cpufreq/boost");
	}
}

static void judge_numa(const struct diagnosis_facts *f, const struct check *c, struct finding *out)
{
	int64_t nodes = env_number(f, "memory", "numa_node_count");

	(void)c;
	if (nodes < 0) {
		not_known(f, out);
		return;
	}
	buf_fmt(&out->found, "%" PRId64 " node%s", nodes, nodes == 1 ? "" : "s");
	if (nodes == 1 || env_number(f, "memory", "numa_balancing") <= 0)
		return;
	out->status = DIAGNOSIS_LIMITED;
	buf_str(&out->found,
		", balancing on: the kernel moves pages and adds faults while it measures");
	buf_str(&out->advice, "echo 0 > /proc/sys/kernel/numa_balancing");
}

static void judge_clock(const struct diagnosis_facts *f, const struct check *c, struct finding *out)
{
	static const char *const counters[] = { "tsc", "arch_sys_counter" };
	const char *source = env_text(f, "clock", "source"),
		   *available = env_text(f, "clock", "available");
	size_t i;

	(void)c;
	if (!source) {
		not_known(f, out);
		return;
	}
	buf_str(&out->found, source);
	for (i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
		if (!strcmp(source, counters[i]))
			return;
	out->status = DIAGNOSIS_LIMITED;
	buf_str(&out->found, ": not the processor's own counter, reading it costs more");
	if (available && strstr(available, "tsc"))
		buf_str(&out->advice,
			"echo tsc > /sys/devices/system/clocksource/clocksource0/current_clocksource");
	else
		buf_str(&out->advice,
			"let `dmesg | grep -i clocksource` tell why the counter was given up");
}

static void judge_load(const struct diagnosis_facts *f, const struct check *c, struct finding *out)
{
	const json_t *average = json_array_get(env(f, "load", "average"), 0);

	(void)c;
	if (!json_is_number(average)) {
		not_known(f, out);
		return;
	}
	buf_fmt(&out->found, "%.2f over the last minute", json_number_value(average));
	if (json_number_value(average) <= LOAD_QUIET)
		return;
	out->status = DIAGNOSIS_LIMITED;
	buf_str(&out->found, ": something else runs here");
	buf_str(&out->advice, "stop it (`top` shows what it is), and wait a minute");
}

static void judge_memory(const struct diagnosis_facts *f, const struct check *c,
			 struct finding *out)
{
	int64_t total = env_number(f, "memory", "total_bytes"),
		available = env_number(f, "memory", "available_bytes");
	int64_t max = env_number(f, "cgroup", "memory_max_bytes");

	(void)c;
	if (total < 0 || available < 0) {
		not_known(f, out);
		return;
	}
	size_text((uint64_t)available, &out->found);
	buf_str(&out->found, " available of ");
	size_text((uint64_t)total, &out->found);
	if (max >= 0 && max < total) {
		buf_str(&out->found, ", limited to ");
		size_text((uint64_t)max, &out->found);
	}
	if ((uint64_t)available >= MEMORY_WANTED && (max < 0 || (uint64_t)max >= MEMORY_WANTED))
		return;
	out->status = DIAGNOSIS_LIMITED;
	buf_str(&out->found, ": large files may not stay in the page cache");
	buf_str(&out->advice, "make 1 GiB available, or keep to small files");
}

static void judge_quota(const struct diagnosis_facts *f, const struct check *c, struct finding *out)
{
	int64_t quota = env_number(f, "cgroup", "cpu_quota_us"),
		period = env_number(f, "cgroup", "cpu_period_us");
	const char *text = env_text(f, "cgroup", "cpu_quota_us");

	(void)c;
	if (quota >= 0 && period > 0) {
		out->status = DIAGNOSIS_LIMITED;
		buf_fmt(&out->found, "%.2f CPUs: threads are stopped once that is used up",
			(double)quota / (double)period);
		buf_str(&out->advice,
			"measure outside of the control group that limits it (cpu.max)");
	} else if (text && !strcmp(text, "max")) {
		buf_str(&out->found, "none");
	} else {
		not_known(f, out);
	}
}

static void judge_huge(const struct diagnosis_facts *f, const struct check *c, struct finding *out)
{
	const char *enabled = env_text(f, "memory", "thp_enabled"),
		   *shmem = env_text(f, "memory", "thp_shmem");

	(void)c;
	if (!enabled) {
		not_known(f, out);
		return;
	}
	buf_fmt(&out->found, "transparent: %s%s%s", enabled, shmem ? ", tmpfs: " : "",
		shmem ? shmem : "");
	if (strcmp(enabled, "never"))
		return;
	out->status = DIAGNOSIS_LIMITED;
	buf_str(&out->found, ": no huge faults of anonymous memory");
	buf_str(&out->advice, "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled");
}

/* Refused for want of a privilege, not for want of a counter? */
static bool is_forbidden(const struct pmu_trial *t)
{
	return t->state == PMU_REFUSED && (t->error == EACCES || t->error == EPERM);
}

static void allow_counting(const struct diagnosis_facts *f, struct finding *out)
{
	if (f->paranoid_known && f->paranoid > 1)
		buf_fmt(&out->advice,
			"sysctl kernel.perf_event_paranoid=1 (it is %d), or run as root",
			f->paranoid);
	else
		buf_str(&out->advice,
			"run as root, or with CAP_PERFMON; a container's seccomp filter may forbid it");
}

static void why_not(const struct pmu_trial *t, struct buf *out)
{
	if (t->state == PMU_ZERO)
		buf_str(out, "cycles open and read 0");
	else if (t->state == PMU_NOT_RUN)
		buf_str(out, "cycles open and never get a counter");
	else if (t->error == ENOENT || t->error == ENODEV || t->error == EOPNOTSUPP ||
		 t->error == ENOSYS)
		buf_str(out, "none that the kernel can use");
	else
		buf_fmt(out, "cycles do not open: %s", t->error ? strerror(t->error) : "no answer");
}

/* Neither user nor kernel cycles can be counted. */
static void no_pmu(const struct diagnosis_facts *f, struct finding *out)
{
	const struct pmu_trial *t = &f->cycles_user;

	out->status = DIAGNOSIS_MISSING;
	why_not(t, &out->found);
	if (is_forbidden(t)) {
		allow_counting(f, out);
	} else if (t->state == PMU_NOT_RUN) {
		buf_str(&out->advice,
			"end whatever holds the counters (another perf, the NMI watchdog)");
	} else if (is_virtual(f)) {
		buf_str(&out->found, ": a guest without a virtual PMU");
		buf_str(&out->advice,
			"switch the guest's PMU on (QEMU: -cpu host,pmu=on); times need none");
	} else {
		buf_str(&out->advice, "see what `dmesg | grep -i pmu` says; times need none");
	}
}

static void judge_pmu(const struct diagnosis_facts *f, const struct check *c, struct finding *out)
{
	bool user = f->cycles_user.state == PMU_COUNTS,
	     kernel = f->cycles_kernel.state == PMU_COUNTS;

	(void)c;
	if (user && kernel) {
		buf_fmt(&out->found, "%scycles count in user space and in the kernel",
			is_virtual(f) ? "virtual; " : "");
	} else if (user || kernel) {
		out->status = DIAGNOSIS_LIMITED;
		buf_fmt(&out->found, "cycles count in %s only", user ? "user space" : "the kernel");
		if (is_forbidden(user ? &f->cycles_kernel : &f->cycles_user))
			allow_counting(f, out);
		else
			buf_str(&out->advice,
				"page-cache paths run in the kernel: take counters elsewhere");
	} else {
		no_pmu(f, out);
	}
}

static void judge_software(const struct diagnosis_facts *f, const struct check *c,
			   struct finding *out)
{
	const struct pmu_trial *t = &f->page_faults;

	(void)c;
	if (t->state == PMU_COUNTS) {
		buf_str(&out->found, "page faults count");
		return;
	}
	out->status = DIAGNOSIS_MISSING;
	if (t->state == PMU_REFUSED)
		buf_fmt(&out->found, "page faults do not open: %s",
			t->error ? strerror(t->error) : "no answer");
	else
		buf_str(&out->found, "page faults open and read 0");
	if (is_forbidden(t))
		allow_counting(f, out);
	else
		buf_str(&out->advice, "use a kernel with CONFIG_PERF_EVENTS");
}

static void judge_tracefs(const struct diagnosis_facts *f, const struct check *c,
			  struct finding *out)
{
	(void)c;
	if (!f->tracefs_error) {
		buf_str(&out->found, f->tracefs);
		return;
	}
	out->status = DIAGNOSIS_MISSING;
	if (f->tracefs_error == EACCES || f->tracefs_error == EPERM) {
		buf_fmt(&out->found, "%s: %s", f->tracefs, strerror(f->tracefs_error));
		buf_str(&out->advice, "run as root, if tracepoints are wanted");
	} else {
		buf_str(&out->found, "not mounted");
		buf_fmt(&out->advice, "mount -t tracefs tracefs %s, if tracepoints are wanted",
			f->tracefs);
	}
}

/* Opening proves nothing: where guests of guests are half allowed, KVM takes every request and yet runs no guest. */
static void judge_kvm(const struct diagnosis_facts *f, const struct check *c, struct finding *out)
{
	(void)c;
	if (!f->kvm_error && f->kvm_trial == KVM_BOOTS) {
		out->status = DIAGNOSIS_OK;
		buf_fmt(&out->found, "a guest boots under it (%s)", f->kvm_why);
	} else if (!f->kvm_error && f->kvm_trial == KVM_FAILS) {
		out->status = DIAGNOSIS_MISSING;
		buf_fmt(&out->found, "/dev/kvm opens, but no guest boots under it: %s", f->kvm_why);
		buf_str(&out->advice, "guests are emulated here, and give counts but no times: use another machine for these");
	} else if (!f->kvm_error) {
		out->status = DIAGNOSIS_UNKNOWN;
		buf_fmt(&out->found, "/dev/kvm opens, which proves nothing%s%s", f->kvm_why ? ": " : "",
			f->kvm_why ? f->kvm_why : "");
		buf_str(&out->advice, "`foliogate doctor` without --no-boot boots a guest to find out");
	} else if (f->kvm_error == EACCES || f->kvm_error == EPERM) {
		out->status = DIAGNOSIS_LIMITED;
		buf_fmt(&out->found, "/dev/kvm: %s", strerror(f->kvm_error));
		buf_str(&out->advice, "join its group (usermod -aG kvm USER), and log in again");
	} else {
		out->status = DIAGNOSIS_MISSING;
		buf_fmt(&out->found,
			"/dev/kvm: %s: guests are emulated, and give counts but no times",
			strerror(f->kvm_error));
		buf_str(&out->advice,
			"load the KVM module, allow it in the firmware, or use another machine");
	}
}

static void judge_tool(const struct diagnosis_facts *f, const struct check *c, struct finding *out)
{
	if (f->tool[c->tool]) {
		buf_str(&out->found, "installed");
		return;
	}
	out->status = DIAGNOSIS_MISSING;
	buf_fmt(&out->found, "no %s in PATH, for %s", tools[c->tool].program, tools[c->tool].use);
	buf_fmt(&out->advice, "apt install %s, or your distribution's package of it",
		tools[c->tool].package);
}

/* The plugin speaks the interface of 2019, which QEMU took back in 9.0. */
static void judge_counts(const struct diagnosis_facts *f, const struct check *c, struct finding *out)
{
	const long major = f->qemu ? strtol(f->qemu, NULL, 10) : 0;

	(void)c;
	if (f->plugin_error || !f->qemu) {
		out->status = DIAGNOSIS_MISSING;
		if (f->plugin_error)
			buf_fmt(&out->found, "%s: %s", f->plugin, strerror(f->plugin_error));
		else
			buf_str(&out->found, "no QEMU for this machine's architecture");
		buf_str(&out->advice, f->plugin_error ? "build it with `make`" : "see QEMU");
		return;
	}
	buf_fmt(&out->found, "QEMU %s and %s", f->qemu, f->plugin);
	if (major > QEMU_LAST || major < QEMU_FIRST) {
		out->status = DIAGNOSIS_MISSING;
		buf_fmt(&out->advice, "the plugin works with QEMU %d.2 to %d.x: use one of these", QEMU_FIRST,
			QEMU_LAST);
	}
}

const struct check diagnosis_checks[] = {
	{ .name = "driver", .judge = judge_driver, .needed = true },
	{ .name = "machine", .judge = judge_machine, .needed = true },
	{ .name = "test files", .judge = judge_files, .needed = true },
	{ .name = "results", .judge = judge_results, .needed = true },
	{ .name = "CPUs", .judge = judge_cpus },
	{ .name = "SMT", .judge = judge_smt },
	{ .name = "governor", .judge = judge_governor },
	{ .name = "turbo", .judge = judge_turbo },
	{ .name = "NUMA", .judge = judge_numa },
	{ .name = "clock source", .judge = judge_clock },
	{ .name = "load", .judge = judge_load },
	{ .name = "memory", .judge = judge_memory },
	{ .name = "CPU quota", .judge = judge_quota },
	{ .name = "huge pages", .judge = judge_huge },
	{ .name = "PMU", .judge = judge_pmu },
	{ .name = "software events", .judge = judge_software },
	{ .name = "tracefs", .judge = judge_tracefs },
	{ .name = "KVM", .judge = judge_kvm },
	{ .name = "QEMU x86-64", .judge = judge_tool, .tool = TOOL_QEMU_X86 },
	{ .name = "QEMU arm64", .judge = judge_tool, .tool = TOOL_QEMU_ARM },
	{ .name = "exact counts", .judge = judge_counts },
	{ .name = "gnuplot", .judge = judge_tool, .tool = TOOL_GNUPLOT },
	{ .name = "fio", .judge = judge_tool, .tool = TOOL_FIO },
	{ .name = "gcc", .judge = judge_tool, .tool = TOOL_GCC },
	{ .name = "make", .judge = judge_tool, .tool = TOOL_MAKE },
	{ .name = "git", .judge = judge_tool, .tool = TOOL_GIT },
	{ .name = NULL }
};

void diagnosis_judge(const struct check *c, const struct diagnosis_facts *f, struct finding *out)
{
	*out = (struct finding){ .status = DIAGNOSIS_OK };
	c->judge(f, c, out);
}

void finding_release(struct finding *f)
{
	buf_release(&f->found);
	buf_release(&f->advice);
}
