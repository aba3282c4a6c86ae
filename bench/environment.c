/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of facts, the snapshot that it makes, and the identity.
 */
#include "bench/environment.h"

#include "bench/environment_fact.h"
#include "lib/buf.h"
#include "lib/param.h"

#define CPU "sys/devices/system/cpu/"
#define CLOCK "sys/devices/system/clocksource/clocksource0/"
#define KERNEL "proc/sys/kernel/"
#define THP "sys/kernel/mm/transparent_hugepage/"
#define VM "proc/sys/vm/"

enum { MAY_CHANGE, IDENTITY };

const struct fact environment_facts[] = {
	{ "kernel", "type", fact_uname, KERNEL "ostype", IDENTITY },
	{ "kernel", "release", fact_uname, KERNEL "osrelease", IDENTITY },
	{ "kernel", "version", fact_uname, KERNEL "version", IDENTITY },
	{ "kernel", "machine", fact_uname, KERNEL "arch", IDENTITY },
	{ "kernel", "build_id", fact_build_id, "sys/kernel/notes", IDENTITY },
	{ "kernel", "command_line", fact_command_line, "proc/cmdline", IDENTITY },
	{ "kernel", "mitigations", fact_directory, CPU "vulnerabilities", IDENTITY },
	{ "kernel", "preempt_build", fact_preempt_build, KERNEL "version", IDENTITY },
	{ "kernel", "preempt", fact_chosen, "sys/kernel/debug/sched/preempt", IDENTITY },
	{ "kernel", "lsm", fact_text, "sys/kernel/security/lsm", IDENTITY },
	{ "kernel", "randomize_va_space", fact_number, KERNEL "randomize_va_space", IDENTITY },
	{ "kernel", "tainted", fact_number, KERNEL "tainted", MAY_CHANGE },

	{ "cpu", "model", fact_cpuinfo, "model name", IDENTITY },
	{ "cpu", "vendor", fact_cpuinfo, "vendor_id", IDENTITY },
	{ "cpu", "family", fact_cpuinfo, "cpu family", IDENTITY },
	{ "cpu", "model_number", fact_cpuinfo, "model", IDENTITY },
	{ "cpu", "stepping", fact_cpuinfo, "stepping", IDENTITY },
	{ "cpu", "microcode", fact_cpuinfo, "microcode", IDENTITY },
	{ "cpu", "implementer", fact_cpuinfo, "CPU implementer", IDENTITY },
	{ "cpu", "part", fact_cpuinfo, "CPU part", IDENTITY },
	{ "cpu", "variant", fact_cpuinfo, "CPU variant", IDENTITY },
	{ "cpu", "revision", fact_cpuinfo, "CPU revision", IDENTITY },
	{ "cpu", "hypervisor", fact_hypervisor, "sys/hypervisor/type", IDENTITY },
	{ "cpu", "online", fact_list, CPU "online", IDENTITY },
	{ "cpu", "online_count", fact_list_count, CPU "online", IDENTITY },
	{ "cpu", "usable", fact_usable, "proc/self/status", IDENTITY },
	{ "cpu", "usable_count", fact_usable_count, "proc/self/status", IDENTITY },
	{ "cpu", "isolated", fact_list, CPU "isolated", IDENTITY },
	{ "cpu", "nohz_full", fact_list, CPU "nohz_full", IDENTITY },
	{ "cpu", "smt_active", fact_flag, CPU "smt/active", IDENTITY },
	{ "cpu", "smt_control", fact_text, CPU "smt/control", IDENTITY },
	{ "cpu", "governor", fact_policy_text, "scaling_governor", IDENTITY },
	{ "cpu", "frequency_driver", fact_policy_text, "scaling_driver", IDENTITY },
	{ "cpu", "energy_preference", fact_policy_text, "energy_performance_preference", IDENTITY },
	{ "cpu", "min_khz", fact_policy_numbers, "scaling_min_freq", IDENTITY },
	{ "cpu", "max_khz", fact_policy_numbers, "scaling_max_freq", IDENTITY },
	{ "cpu", "turbo", fact_turbo, CPU "cpufreq/boost", IDENTITY },
	{ "cpu", "idle_driver", fact_text, CPU "cpuidle/current_driver", IDENTITY },
	{ "cpu", "idle_governor", fact_text, CPU "cpuidle/current_governor", IDENTITY },

	{ "memory", "total_bytes", fact_meminfo, "MemTotal", IDENTITY },
	{ "memory", "available_bytes", fact_meminfo, "MemAvailable", MAY_CHANGE },
	{ "memory", "page_size", fact_page_size, NULL, IDENTITY },
	{ "memory", "thp_enabled", fact_chosen, THP "enabled", IDENTITY },
	{ "memory", "thp_defrag", fact_chosen, THP "defrag", IDENTITY },
	{ "memory", "thp_shmem", fact_chosen, THP "shmem_enabled", IDENTITY },
	{ "memory", "numa_nodes", fact_list, "sys/devices/system/node/online", IDENTITY },
	{ "memory", "numa_node_count", fact_list_count, "sys/devices/system/node/online", IDENTITY },
	{ "memory", "numa_balancing", fact_number, KERNEL "numa_balancing", IDENTITY },
	{ "memory", "dirty_ratio", fact_number, VM "dirty_ratio", IDENTITY },
	{ "memory", "dirty_background_ratio", fact_number, VM "dirty_background_ratio", IDENTITY },
	{ "memory", "dirty_bytes", fact_number, VM "dirty_bytes", IDENTITY },
	{ "memory", "dirty_background_bytes", fact_number, VM "dirty_background_bytes", IDENTITY },

	{ "cgroup", "cpu_quota_us", fact_cgroup_cpu, "quota", IDENTITY },
	{ "cgroup", "cpu_period_us", fact_cgroup_cpu, "period", IDENTITY },
	{ "cgroup", "memory_max_bytes", fact_cgroup_memory, "max", IDENTITY },
	{ "cgroup", "memory_high_bytes", fact_cgroup_memory, "high", IDENTITY },
	{ "cgroup", "cpus", fact_cgroup_cpus, NULL, IDENTITY },

	{ "filesystem", "type", fact_mount, "type", IDENTITY },
	{ "filesystem", "device", fact_mount, "device", IDENTITY },
	{ "filesystem", "mount_point", fact_mount, "point", IDENTITY },
	{ "filesystem", "options", fact_mount, "options", IDENTITY },
	{ "filesystem", "super_options", fact_mount, "super_options", IDENTITY },
	{ "filesystem", "free_bytes", fact_free_bytes, NULL, MAY_CHANGE },

	{ "load", "average", fact_load_average, NULL, MAY_CHANGE },
	{ "load", "running", fact_load_running, NULL, MAY_CHANGE },

	{ "boot", "id", fact_text, KERNEL "random/boot_id", MAY_CHANGE },
	{ "boot", "uptime_s", fact_uptime, "proc/uptime", MAY_CHANGE },

	{ "clock", "source", fact_clock_source, CLOCK "current_clocksource", IDENTITY },
	{ "clock", "available", fact_text, CLOCK "available_clocksource", MAY_CHANGE },
	{ "clock", "date", fact_date, NULL, MAY_CHANGE },

	{ "driver", "compiler", fact_compiler, NULL, IDENTITY },
	{ "driver", "libc", fact_libc, NULL, IDENTITY },
	{ NULL }
};

static void source_init(struct source *s, const char *root, const char *dir)
{
	*s = (struct source){ .root = root, .dir = dir, .live = !root[0] };
	source_file(s, "proc/cpuinfo", &s->cpuinfo);
	source_file(s, "proc/self/mountinfo", &s->mountinfo);
	source_file(s, "proc/self/cgroup", &s->cgroup);
	mount_find(s);
}

static void source_release(struct source *s)
{
	mount_release(&s->mount);
	buf_release(&s->cpuinfo);
	buf_release(&s->mountinfo);
	buf_release(&s->cgroup);
}

/* Every group is there, if only as an empty object: readers need not ask twice. */
static json_t *group_of(json_t *snapshot, const char *name)
{
	json_t *group = json_object_get(snapshot, name);

	if (!group) {
		group = json_object();
		json_put(snapshot, name, group);
	}
	return group;
}

/* Over a line a fact, so that a fact added later changes nothing where it cannot be read. */
static json_t *identity(const json_t *snapshot)
{
	struct buf text = BUF_INIT;
	char id[CELL_ID_LEN + 1];
	const struct fact *f;
	json_t *value;

	for (f = environment_facts; f->group; f++) {
		value = json_object_get(json_object_get(snapshot, f->group), f->key);
		if (!value || !f->identity)
			continue;
		buf_fmt(&text, "%s.%s=", f->group, f->key);
		json_line(&text, value);
		buf_ch(&text, '\n');
	}
	cell_id(buf_text(&text), id);
	buf_release(&text);
	return json_text(id);
}

json_t *environment_read(const char *root, const char *dir)
{
	json_t *snapshot = json_object(), *group, *value;
	const struct fact *f;
	struct source s;

	source_init(&s, root, dir);
	for (f = environment_facts; f->group; f++) {
		group = group_of(snapshot, f->group);
		value = f->read(&s, f->what);
		if (value)
			json_put(group, f->key, value);
	}
	source_release(&s);
	json_put(snapshot, "identity", identity(snapshot));
	return snapshot;
}
