/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Snapshots of recorded systems under tests/machines/env-*, and of systems
 * that are broken in every way we could think of.
 *
 *	env-epyc-vm		a small KVM guest: no frequency scaling, no DMI, control groups of version 1
 *				with an empty version 2 beside them, one tmpfs mounted over another
 *	env-intel-pstate	two sockets on different microcode, intel_pstate with turbo off, a capped
 *				core, limits on three levels of version 2, mount points with a blank
 *	env-altra		arm64 in a container: no microcode, no SMT, nothing that tells of a hypervisor
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/environment.h"
#include "bench/environment_fact.h"
#include "lib/alloc.h"
#include "lib/buf.h"

#define VM "tests/machines/env-epyc-vm"
#define INTEL "tests/machines/env-intel-pstate"
#define ALTRA "tests/machines/env-altra"
#define CPU "sys/devices/system/cpu/"

/* The JSON text of a fact, or "absent". */
static const char *fact(const json_t *env, const char *group, const char *key)
{
	static struct buf text;
	const json_t *value = json_object_get(json_object_get(env, group), key);

	buf_reset(&text);
	if (value)
		json_line(&text, value);
	else
		buf_str(&text, "absent");
	return buf_text(&text);
}

struct expected {
	const char *group, *key, *json;
};

static void check(const char *root, const char *dir, const struct expected *e)
{
	json_t *env = environment_read(root, dir);
	int wrong = 0;

	for (; e->group; e++)
		if (strcmp(fact(env, e->group, e->key), e->json)) {
			print_error("%s.%s: %s, expected %s\n", e->group, e->key, fact(env, e->group, e->key), e->json);
			wrong++;
		}
	json_decref(env);
	assert_int_equal(wrong, 0);
}

static void a_virtual_machine_shows_what_it_has_and_leaves_out_the_rest(void **state)
{
	static const struct expected e[] = {
		{ "kernel", "type", "\"Linux\"" },
		{ "kernel", "release", "\"6.18.44\"" },
		{ "kernel", "version", "\"#1 SMP PREEMPT_DYNAMIC @0\"" },
		{ "kernel", "machine", "\"x86_64\"" },
		{ "kernel", "build_id", "\"101112131415161718191a1b1c1d1e1f20212223\"" },
		{ "kernel", "command_line", "\"root=/dev/vda ro console=ttyS0 mitigations=auto\"" },
		{ "kernel", "preempt_build", "\"PREEMPT_DYNAMIC\"" },
		{ "kernel", "preempt", "absent" },
		{ "kernel", "lsm", "absent" },
		{ "kernel", "randomize_va_space", "2" },
		{ "kernel", "tainted", "0" },
		{ "cpu", "model", "\"AMD EPYC\"" },
		{ "cpu", "vendor", "\"AuthenticAMD\"" },
		{ "cpu", "family", "\"26\"" },
		{ "cpu", "model_number", "\"2\"" },
		{ "cpu", "stepping", "\"1\"" },
		{ "cpu", "microcode", "\"0x1000065\"" },
		{ "cpu", "implementer", "absent" },
		{ "cpu", "hypervisor", "absent" },	/* there is one: which, only CPUID could tell */
		{ "cpu", "online", "\"0-1\"" },
		{ "cpu", "online_count", "2" },
		{ "cpu", "usable", "\"0-1\"" },
		{ "cpu", "usable_count", "2" },
		{ "cpu", "isolated", "absent" },
		{ "cpu", "smt_active", "false" },
		{ "cpu", "smt_control", "\"notsupported\"" },
		{ "cpu", "governor", "absent" },
		{ "cpu", "min_khz", "absent" },
		{ "cpu", "turbo", "absent" },
		{ "cpu", "idle_driver", "\"haltpoll\"" },
		{ "memory", "total_bytes", "25276510208" },
		{ "memory", "available_bytes", "24955445248" },
		{ "memory", "page_size", "absent" },
		{ "memory", "thp_enabled", "\"madvise\"" },
		{ "memory", "thp_shmem", "\"never\"" },
		{ "memory", "numa_nodes", "\"0\"" },
		{ "memory", "numa_node_count", "1" },
		{ "memory", "numa_balancing", "0" },
		{ "memory", "dirty_ratio", "20" },
		{ "cgroup", "cpu_quota_us", "\"max\"" },
		{ "cgroup", "cpu_period_us", "absent" },
		{ "cgroup", "memory_max_bytes", "\"max\"" },
		{ "cgroup", "memory_high_bytes", "absent" },
		{ "cgroup", "cpus", "\"0-1\"" },
		{ "filesystem", "type", "\"ext4\"" },
		{ "filesystem", "device", "\"/dev/vda\"" },
		{ "filesystem", "mount_point", "\"/\"" },
		{ "filesystem", "options", "\"rw,relatime\"" },
		{ "filesystem", "super_options", "\"rw,discard\"" },
		{ "filesystem", "free_bytes", "absent" },
		{ "load", "running", "1" },
		{ "boot", "id", "\"0f9a61b2-52c1-4b7e-9d0e-5d8f8f4f7a11\"" },
		{ "boot", "uptime_s", "2252" },
		{ "clock", "source", "\"tsc\"" },
		{ "clock", "available", "\"tsc kvm-clock\"" },
		{ "clock", "date", "absent" },
		{ NULL }
	};

	(void)state;
	check(VM, "/home/someone", e);
}

static void a_bare_metal_server_shows_its_settings(void **state)
{
	static const struct expected e[] = {
		{ "kernel", "build_id", "\"a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3\"" },
		{ "kernel", "preempt", "\"voluntary\"" },
		{ "kernel", "lsm", "\"lockdown,capability,landlock,yama,apparmor\"" },
		{ "kernel", "mitigations", "{\"meltdown\":\"Not affected\","
			"\"mmio_stale_data\":\"Mitigation: Clear CPU buffers; SMT vulnerable\"}" },
		{ "cpu", "model", "\"Intel(R) Xeon(R) Gold 6338 CPU @ 2.00GHz\"" },
		{ "cpu", "model_number", "\"106\"" },
		{ "cpu", "microcode", "\"0xd0003a5,0xd0003b9\"" },
		{ "cpu", "hypervisor", "\"none\"" },
		{ "cpu", "online_count", "128" },
		{ "cpu", "usable", "\"0-15,64-79\"" },
		{ "cpu", "usable_count", "32" },
		{ "cpu", "isolated", "\"40-63\"" },
		{ "cpu", "nohz_full", "\"40-63\"" },
		{ "cpu", "smt_active", "true" },
		{ "cpu", "governor", "\"powersave,performance\"" },
		{ "cpu", "frequency_driver", "\"intel_pstate\"" },
		{ "cpu", "min_khz", "[800000]" },
		{ "cpu", "max_khz", "[3200000,3000000,2000000]" },
		{ "cpu", "turbo", "false" },
		{ "memory", "thp_enabled", "\"always\"" },
		{ "memory", "thp_shmem", "absent" },
		{ "memory", "numa_nodes", "\"0-1\"" },
		{ "memory", "numa_node_count", "2" },
		{ "memory", "numa_balancing", "1" },
		{ "load", "average", "[12.05,3.5,1.0]" },
		{ "load", "running", "5" },
		{ NULL }
	};

	(void)state;
	check(INTEL, "/", e);
}

static void an_arm64_server_has_no_model_name_and_no_microcode(void **state)
{
	static const struct expected e[] = {
		{ "kernel", "machine", "\"aarch64\"" },
		{ "kernel", "build_id", "absent" },
		{ "kernel", "preempt_build", "absent" },
		{ "cpu", "model", "absent" },
		{ "cpu", "microcode", "absent" },
		{ "cpu", "implementer", "\"0x41\"" },
		{ "cpu", "part", "\"0xd0c\"" },
		{ "cpu", "variant", "\"0x3\"" },
		{ "cpu", "revision", "\"1\"" },
		{ "cpu", "hypervisor", "absent" },	/* bare metal, but nothing says so */
		{ "cpu", "nohz_full", "absent" },	/* "(null)" */
		{ "cpu", "turbo", "true" },
		{ "memory", "numa_balancing", "absent" },
		{ "clock", "source", "\"arch_sys_counter\"" },
		{ NULL }
	};

	(void)state;
	check(ALTRA, "/data", e);
}

static void the_tightest_limit_of_all_levels_counts(void **state)
{
	static const struct expected e[] = {
		{ "cgroup", "cpu_quota_us", "1600000" },	/* 16 CPUs; the level below allows 18 */
		{ "cgroup", "cpu_period_us", "100000" },
		{ "cgroup", "memory_max_bytes", "137438953472" },
		{ "cgroup", "memory_high_bytes", "68719476736" },
		{ "cgroup", "cpus", "\"0-15,64-79\"" },
		{ NULL }
	};

	(void)state;
	check(INTEL, "/", e);
}

static void a_container_sees_the_limits_of_its_own_root(void **state)
{
	static const struct expected e[] = {
		{ "cgroup", "cpu_quota_us", "\"max\"" },
		{ "cgroup", "cpu_period_us", "absent" },
		{ "cgroup", "memory_max_bytes", "8589934592" },
		{ "cgroup", "memory_high_bytes", "\"max\"" },
		{ "cgroup", "cpus", "absent" },
		{ NULL }
	};

	(void)state;
	check(ALTRA, "/", e);
}

static void check_mount(const char *root, const char *dir, const char *point, const char *device)
{
	const struct expected e[] = {
		{ "filesystem", "mount_point", point }, { "filesystem", "device", device }, { NULL }
	};

	check(root, dir, e);
}

static void the_longest_mount_point_of_whole_components_is_the_file_system(void **state)
{
	(void)state;
	check_mount(INTEL, "/mnt/bench", "\"/mnt/bench\"", "\"/dev/nvme1n1\"");
	check_mount(INTEL, "/mnt/bench/a/b", "\"/mnt/bench\"", "\"/dev/nvme1n1\"");
	check_mount(INTEL, "/mnt/benches", "\"/\"", "\"/dev/nvme0n1p2\"");
	check_mount(INTEL, "/mnt", "\"/\"", "\"/dev/nvme0n1p2\"");
	check_mount(ALTRA, "/data/deep", "\"/data\"", "\"/dev/sda2\"");
	check_mount(ALTRA, "/database", "\"/\"", "\"overlay\"");
}

static void octal_escapes_are_decoded(void **state)
{
	(void)state;
	check_mount(INTEL, "/mnt/bench files/x", "\"/mnt/bench files\"", "\"/dev/mapper/vg-a\\\\b\"");
}

static void the_later_of_two_mounts_on_one_place_hides_the_first(void **state)
{
	static const struct expected e[] = { { "filesystem", "super_options", "\"rw,size=1048576k\"" }, { NULL } };

	(void)state;
	check(VM, "/dev/shm/x", e);
}

static void a_line_that_is_none_of_mountinfos_is_refused(void **state)
{
	static const char *const bad[] = {
		"", " ", "27", "27 1 254:0", "27 1 254:0 / / rw", "27 1 254:0 / / rw shared:1",
		"27 1 254:0 / / rw - ext4", "27 1 254:0 / / rw - ext4 /dev/vda", "27 1 254:0 / / rw -",
		"27 1 254:0  / rw - ext4 /dev/vda rw",
	};
	struct mount m;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(mount_parse(bad[i], strlen(bad[i]), &m), -1);
		mount_release(&m);
	}
}

static void an_incomplete_escape_is_kept_as_it_is(void **state)
{
	const char *line = "1 2 3:4 / /a\\04\\9\\777\\040 rw - t d\\ o";
	struct mount m;

	(void)state;
	assert_int_equal(mount_parse(line, strlen(line), &m), 0);
	assert_string_equal(m.point, "/a\\04\\9\\777 ");
	assert_string_equal(m.device, "d\\");
	mount_release(&m);
}

static const char *named(const char *signature)
{
	static char text[64];
	json_t *name = hypervisor_named(signature);

	snprintf(text, sizeof(text), "%s", name ? json_string_value(name) : "absent");
	json_decref(name);
	return text;
}

static void hypervisors_are_known_by_their_signatures(void **state)
{
	(void)state;
	assert_string_equal(named("KVMKVMKVM\0\0\0"), "kvm");
	assert_string_equal(named("TCGTCGTCGTCG"), "tcg");
	assert_string_equal(named("Microsoft Hv"), "hyperv");
	assert_string_equal(named("SomethingNew"), "SomethingNew");
	assert_string_equal(named("Short\0\0\0\0\0\0\0"), "Short");
	assert_string_equal(named("\0\0\0\0\0\0\0\0\0\0\0\0"), "absent");
	assert_string_equal(named("\1\2" "3456789012"), "absent");
}

/* Trees made for one test, removed after it. */

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int tree_make(void **state)
{
	const char *tmp = getenv("TMPDIR");
	char *root = xasprintf("%s/environment-XXXXXX", tmp ? tmp : "/tmp");

	*state = mkdtemp(root);
	return *state ? 0 : -1;
}

static int tree_remove(void **state)
{
	int ret = nftw(*state, remove_one, 16, FTW_DEPTH | FTW_PHYS);

	free(*state);
	return ret;
}

static char *tree_path(const char *root, const char *path)
{
	char *full = xasprintf("%s/%s", root, path), *slash;

	for (slash = full + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		if (mkdir(full, 0777) && errno != EEXIST)
			fail_msg("mkdir %s", full);
		*slash = '/';
	}
	return full;
}

static void put_bytes(const char *root, const char *path, const void *data, size_t len)
{
	char *full = tree_path(root, path);
	FILE *f = fopen(full, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
	free(full);
}

static void put(const char *root, const char *path, const char *text)
{
	put_bytes(root, path, text, strlen(text));
}

static void expect(const char *root, const char *group, const char *key, const char *json)
{
	const struct expected e[] = { { group, key, json }, { NULL } };

	check(root, "/", e);
}

static void a_system_without_proc_and_sys_has_only_its_driver(void **state)
{
	json_t *env = environment_read(*state, "/"), *group;
	const char *name;

	json_object_foreach(env, name, group)
		if (strcmp(name, "driver") && json_is_object(group))
			assert_int_equal(json_object_size(group), 0);
	assert_int_equal(json_object_size(env), 10);
	assert_int_equal(strlen(json_get_text(env, "identity")), 16);
	assert_string_not_equal(fact(env, "driver", "compiler"), "absent");
	json_decref(env);
}

static void what_makes_no_sense_is_left_out(void **state)
{
	static const struct {
		const char *path, *text, *group, *key;
	} odd[] = {
		{ CPU "smt/active", "2\n", "cpu", "smt_active" },
		{ CPU "smt/active", "-1\n", "cpu", "smt_active" },
		{ CPU "smt/active", "", "cpu", "smt_active" },
		{ CPU "smt/control", " \n", "cpu", "smt_control" },
		{ CPU "smt/control", "on\noff\n", "cpu", "smt_control" },
		{ CPU "online", "0-", "cpu", "online" },
		{ CPU "online", "3-1", "cpu", "online_count" },
		{ CPU "online", "zero", "cpu", "online_count" },
		{ CPU "intel_pstate/no_turbo", "maybe", "cpu", "turbo" },
		{ "sys/kernel/mm/transparent_hugepage/enabled", "always madvise never\n", "memory", "thp_enabled" },
		{ "sys/kernel/mm/transparent_hugepage/enabled", "always [madvise", "memory", "thp_enabled" },
		{ "sys/kernel/mm/transparent_hugepage/enabled", "[]", "memory", "thp_enabled" },
		{ "proc/sys/kernel/numa_balancing", "0x1", "memory", "numa_balancing" },
		{ "proc/sys/kernel/tainted", "18446744073709551615", "kernel", "tainted" },
		{ "proc/sys/kernel/tainted", "99999999999999999999", "kernel", "tainted" },
		{ "proc/meminfo", "MemTotal:       kB\n", "memory", "total_bytes" },
		{ "proc/meminfo", "MemTotal: 5 pages\n", "memory", "total_bytes" },
		{ "proc/meminfo", "NotMemTotal: 5 kB\n", "memory", "total_bytes" },
		{ "proc/meminfo", "MemTotal: 9223372036854775807 kB\n", "memory", "total_bytes" },
		{ "proc/loadavg", "nan inf 0x1p3 1/2 3\n", "load", "average" },
		{ "proc/loadavg", "1.2.3 0 0 1/2 3\n", "load", "average" },
		{ "proc/loadavg", "0.1 0.2\n", "load", "average" },
		{ "proc/loadavg", "0.1 0.2 0.3\n", "load", "running" },
		{ "proc/uptime", ".5 1\n", "boot", "uptime_s" },
		{ "proc/uptime", "soon", "boot", "uptime_s" },
		{ "proc/self/status", "Name:\tx\nCpus_allowed_list:\t\n", "cpu", "usable" },
		{ "proc/self/status", "Cpus_allowed:\t3\n", "cpu", "usable_count" },
		{ "proc/cpuinfo", "model name\nmodel name\t: \nmodel", "cpu", "model" },
		{ "proc/cpuinfo", "model name\t: \x1b[31mred\n", "cpu", "model" },
		{ "proc/cpuinfo", "model names : x\n", "cpu", "model" },
	};
	size_t i;

	for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		put(*state, odd[i].path, odd[i].text);
		expect(*state, odd[i].group, odd[i].key, "absent");
	}
}

static void binary_and_endless_files_are_left_out(void **state)
{
	size_t len = 70000;
	char *big = xcalloc(len + 1, 1);

	put_bytes(*state, "proc/cmdline", "a\0b", 3);
	expect(*state, "kernel", "command_line", "absent");
	put_bytes(*state, "proc/cmdline", "quiet\0", 6);
	expect(*state, "kernel", "command_line", "absent");
	memset(big, 'x', len);
	put(*state, "proc/cmdline", big);
	expect(*state, "kernel", "command_line", "absent");
	free(big);
}

static void text_that_is_not_utf8_is_escaped_not_lost(void **state)
{
	put(*state, "proc/cmdline", "quiet x=\xff\n");
	expect(*state, "kernel", "command_line", "\"quiet x=\\\\xff\"");
}

static void a_fifo_or_a_directory_in_place_of_a_file_is_left_out(void **state)
{
	char *fifo = tree_path(*state, "proc/cmdline"), *dir = tree_path(*state, "proc/cpuinfo/x");

	assert_int_equal(mkfifo(fifo, 0666), 0);
	expect(*state, "kernel", "command_line", "absent");
	expect(*state, "cpu", "model", "absent");
	free(fifo);
	free(dir);
}

static void notes_that_end_too_early_have_no_build_id(void **state)
{
	/* namesz 4, descsz 20, type 3, "GNU", then fewer bytes than announced; and sizes beyond all bounds */
	static const uint32_t short_one[] = { 4, 20, 3, 0x00554e47, 1, 2 };
	static const uint32_t huge_name[] = { 0xffffffff, 20, 3, 0x00554e47, 1, 2, 3, 4, 5 };
	static const uint32_t huge_desc[] = { 4, 0xfffffffe, 3, 0x00554e47, 1, 2, 3, 4, 5 };
	static const uint32_t empty_desc[] = { 4, 0, 3, 0x00554e47 };

	put_bytes(*state, "sys/kernel/notes", short_one, sizeof(short_one));
	expect(*state, "kernel", "build_id", "absent");
	put_bytes(*state, "sys/kernel/notes", huge_name, sizeof(huge_name));
	expect(*state, "kernel", "build_id", "absent");
	put_bytes(*state, "sys/kernel/notes", huge_desc, sizeof(huge_desc));
	expect(*state, "kernel", "build_id", "absent");
	put_bytes(*state, "sys/kernel/notes", empty_desc, sizeof(empty_desc));
	expect(*state, "kernel", "build_id", "absent");
	put_bytes(*state, "sys/kernel/notes", short_one, 3);
	expect(*state, "kernel", "build_id", "absent");
}

#define CGROUP1 "30 20 0:1 / /cg rw - cgroup cgroup rw,cpu,cpuacct\n"

static void limits_of_version_1_are_read_from_the_combined_controllers(void **state)
{
	put(*state, "proc/self/mountinfo", CGROUP1);
	put(*state, "proc/self/cgroup", "3:cpuset:/else\n2:cpu,cpuacct:/a/b\n0::/c\n");
	put(*state, "cg/a/b/cpu.cfs_quota_us", "-1\n");
	put(*state, "cg/a/b/cpu.cfs_period_us", "100000\n");
	expect(*state, "cgroup", "cpu_quota_us", "\"max\"");
	put(*state, "cg/a/cpu.cfs_quota_us", "25000\n");
	put(*state, "cg/a/cpu.cfs_period_us", "50000\n");
	expect(*state, "cgroup", "cpu_quota_us", "25000");
	expect(*state, "cgroup", "cpu_period_us", "50000");
	expect(*state, "cgroup", "memory_max_bytes", "absent");
	expect(*state, "cgroup", "cpus", "absent");
}

static void a_group_outside_of_what_is_mounted_has_no_limits_to_read(void **state)
{
	put(*state, "proc/self/mountinfo", "30 20 0:1 /docker/abc /cg rw - cgroup2 cgroup2 rw\n");
	put(*state, "cg/cpu.max", "100 1000\n");
	put(*state, "cpu.max", "100 1000\n");
	put(*state, "proc/self/cgroup", "0::/docker/abcd\n");
	expect(*state, "cgroup", "cpu_quota_us", "absent");
	put(*state, "proc/self/cgroup", "0::/docker/abc\n");
	expect(*state, "cgroup", "cpu_quota_us", "100");
	put(*state, "proc/self/mountinfo", "30 20 0:1 / /cg rw - cgroup2 cgroup2 rw\n");
	put(*state, "proc/self/cgroup", "0::/..\n");
	expect(*state, "cgroup", "cpu_quota_us", "absent");
	put(*state, "proc/self/cgroup", "0::/../x\n");
	expect(*state, "cgroup", "cpu_quota_us", "absent");
	put(*state, "proc/self/cgroup", "nonsense\n:\n::\n0:\n0::\n0::x\n");
	expect(*state, "cgroup", "cpu_quota_us", "absent");
}

static void odd_limits_are_no_limits(void **state)
{
	static const char *const odd[] = { "", "max", "5", "5 0", "five 100", "-5 100", "5 100 7", "max max" };
	size_t i;

	put(*state, "proc/self/mountinfo", "30 20 0:1 / /cg rw - cgroup2 cgroup2 rw\n");
	put(*state, "proc/self/cgroup", "0::/\n");
	for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		put(*state, "cg/cpu.max", odd[i]);
		put(*state, "cg/memory.max", "much");
		expect(*state, "cgroup", "cpu_quota_us", "absent");
		expect(*state, "cgroup", "memory_max_bytes", "absent");
	}
}

static void version_2_without_a_controller_limits_nothing(void **state)
{
	put(*state, "proc/self/mountinfo", "30 20 0:1 / /cg rw - cgroup2 cgroup2 rw\n");
	put(*state, "proc/self/cgroup", "0::/user.slice\n");
	expect(*state, "cgroup", "cpu_quota_us", "absent");
	put(*state, "cg/user.slice/cgroup.controllers", "\n");
	expect(*state, "cgroup", "cpu_quota_us", "\"max\"");
	expect(*state, "cgroup", "memory_max_bytes", "\"max\"");
}

static void firmware_tells_of_hypervisors_but_never_of_none(void **state)
{
	put(*state, "sys/class/dmi/id/sys_vendor", "Ampere\n");
	expect(*state, "cpu", "hypervisor", "absent");
	put(*state, "sys/class/dmi/id/sys_vendor", "QEMU\n");
	expect(*state, "cpu", "hypervisor", "\"qemu\"");
	put_bytes(*state, "proc/device-tree/hypervisor/compatible", "linux,kvm\0", 10);
	expect(*state, "cpu", "hypervisor", "\"kvm\"");
	put(*state, "proc/cpuinfo", "CPU implementer : 0x00\nCPU part : 0x051\n");
	expect(*state, "cpu", "hypervisor", "\"tcg\"");
	put(*state, "sys/hypervisor/type", "xen\n");
	expect(*state, "cpu", "hypervisor", "\"xen\"");
}

static void cores_of_several_kinds_are_all_named(void **state)
{
	put(*state, "proc/cpuinfo", "CPU part\t: 0xd05\nCPU part\t: 0xd0b\nCPU part\t: 0xd05");
	expect(*state, "cpu", "part", "\"0xd05,0xd0b\"");
}

/* Files of every kind filled with noise: nothing to check but that it ends, and that the sanitizers are silent. */
static void noise_in_any_file_does_no_harm(void **state)
{
	static const char *const files[] = {
		"proc/cpuinfo", "proc/self/mountinfo", "proc/self/cgroup", "proc/self/status", "proc/meminfo",
		"proc/loadavg", "sys/kernel/notes", "proc/sys/kernel/version", CPU "online", "cg/cpu.max",
		"sys/kernel/mm/transparent_hugepage/enabled",
	};
	static const char alphabet[] = "0123456789-:,/ \n\t[]()\\.maxcgroup2kB\0\xff";
	uint64_t x = 88172645463325252;
	char noise[400];
	size_t i, j;
	int round;

	for (round = 0; round < 40; round++)
		for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
			for (j = 0; j < sizeof(noise); j++) {
				x ^= x << 13;
				x ^= x >> 7;
				x ^= x << 17;
				noise[j] = alphabet[x % sizeof(alphabet)];
			}
			put_bytes(*state, files[i], noise, x % sizeof(noise));
			json_decref(environment_read(*state, "/"));
		}
}

static char *identity_of(const char *root)
{
	json_t *env = environment_read(root, "/");
	char *id = xstrdup(json_get_text(env, "identity"));

	json_decref(env);
	return id;
}

static bool identity_changes(const char *root, const char *path, const char *before, const char *after)
{
	char *a, *b;
	bool changed;

	put(root, path, before);
	a = identity_of(root);
	put(root, path, after);
	b = identity_of(root);
	changed = strcmp(a, b);
	free(a);
	free(b);
	return changed;
}

static void the_identity_follows_settings_and_not_the_weather(void **state)
{
	assert_true(identity_changes(*state, CPU "smt/active", "0\n", "1\n"));
	assert_true(identity_changes(*state, CPU "cpufreq/policy3/scaling_governor", "powersave", "performance"));
	assert_true(identity_changes(*state, "proc/cmdline", "a", "a b"));
	assert_true(identity_changes(*state, "proc/cmdline", "", "a"));
	assert_true(identity_changes(*state, CPU "vulnerabilities/meltdown", "Vulnerable", "Not affected"));
	assert_false(identity_changes(*state, "proc/loadavg", "0 0 0 1/2 3", "9 9 9 9/9 9"));
	assert_false(identity_changes(*state, "proc/uptime", "1.0 1.0", "2.0 2.0"));
	assert_false(identity_changes(*state, "proc/sys/kernel/random/boot_id", "a", "b"));
	assert_false(identity_changes(*state, "proc/meminfo", "MemAvailable: 1 kB\n", "MemAvailable: 2 kB\n"));
	assert_true(identity_changes(*state, "proc/meminfo", "MemTotal: 1 kB\n", "MemTotal: 2 kB\n"));
}

static void this_system_tells_what_only_system_calls_know(void **state)
{
	json_t *env = environment_read("", "/"), *again = environment_read("", "/");

	(void)state;
	assert_string_equal(fact(env, "kernel", "type"), "\"Linux\"");
	assert_string_not_equal(fact(env, "kernel", "release"), "absent");
	assert_string_not_equal(fact(env, "memory", "page_size"), "absent");
	assert_string_not_equal(fact(env, "clock", "date"), "absent");
	assert_string_equal(json_get_text(env, "identity"), json_get_text(again, "identity"));
	json_decref(env);
	json_decref(again);
}

static void a_directory_that_is_not_there_has_no_file_system(void **state)
{
	json_t *env = environment_read("", "/nonexistent/at/all");

	(void)state;
	assert_int_equal(json_object_size(json_object_get(env, "filesystem")), 0);
	json_decref(env);
}

static void the_documentation_lists_every_fact_and_its_part_in_the_identity(void **state)
{
	struct buf doc = BUF_INIT;
	const struct fact *f;
	char *row, *line;
	const char *at;
	int wrong = 0;

	(void)state;
	assert_int_equal(buf_read_file(&doc, "docs/environment.md"), 0);
	for (f = environment_facts; f->group; f++) {
		row = xasprintf("| `%s.%s` |", f->group, f->key);
		at = strstr(buf_text(&doc), row);
		line = at ? xstrndup(at, strcspn(at, "\n")) : xstrdup("no such row");
		if (!at || !strstr(line, f->identity ? "| yes |" : "| no |")) {
			print_error("docs/environment.md: %s: %s\n", row, line);
			wrong++;
		}
		free(line);
		free(row);
	}
	buf_release(&doc);
	assert_int_equal(wrong, 0);
}

#define ON_TREE(test) cmocka_unit_test_setup_teardown(test, tree_make, tree_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_virtual_machine_shows_what_it_has_and_leaves_out_the_rest),
		cmocka_unit_test(a_bare_metal_server_shows_its_settings),
		cmocka_unit_test(an_arm64_server_has_no_model_name_and_no_microcode),
		cmocka_unit_test(the_tightest_limit_of_all_levels_counts),
		cmocka_unit_test(a_container_sees_the_limits_of_its_own_root),
		cmocka_unit_test(the_longest_mount_point_of_whole_components_is_the_file_system),
		cmocka_unit_test(octal_escapes_are_decoded),
		cmocka_unit_test(the_later_of_two_mounts_on_one_place_hides_the_first),
		cmocka_unit_test(a_line_that_is_none_of_mountinfos_is_refused),
		cmocka_unit_test(an_incomplete_escape_is_kept_as_it_is),
		cmocka_unit_test(hypervisors_are_known_by_their_signatures),
		ON_TREE(a_system_without_proc_and_sys_has_only_its_driver),
		ON_TREE(what_makes_no_sense_is_left_out),
		ON_TREE(binary_and_endless_files_are_left_out),
		ON_TREE(text_that_is_not_utf8_is_escaped_not_lost),
		ON_TREE(a_fifo_or_a_directory_in_place_of_a_file_is_left_out),
		ON_TREE(notes_that_end_too_early_have_no_build_id),
		ON_TREE(limits_of_version_1_are_read_from_the_combined_controllers),
		ON_TREE(a_group_outside_of_what_is_mounted_has_no_limits_to_read),
		ON_TREE(odd_limits_are_no_limits),
		ON_TREE(version_2_without_a_controller_limits_nothing),
		ON_TREE(firmware_tells_of_hypervisors_but_never_of_none),
		ON_TREE(cores_of_several_kinds_are_all_named),
		ON_TREE(noise_in_any_file_does_no_harm),
		ON_TREE(the_identity_follows_settings_and_not_the_weather),
		cmocka_unit_test(this_system_tells_what_only_system_calls_know),
		cmocka_unit_test(a_directory_that_is_not_there_has_no_file_system),
		cmocka_unit_test(the_documentation_lists_every_fact_and_its_part_in_the_identity),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
