/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The facts of a snapshot, one by one: how each is read from a system's /proc
 * and /sys. Only bench/environment*.c and their test include this.
 *
 * A reader returns its fact, which the caller owns, or NULL where the fact cannot
 * be read, is empty or makes no sense. `what` is the reader's own: mostly a path
 * without its leading slash.
 */
#ifndef BENCH_ENVIRONMENT_FACT_H
#define BENCH_ENVIRONMENT_FACT_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/buf.h"
#include "lib/json.h"

/* One line of mountinfo, octal escapes decoded. */
struct mount {
	char *root;		/* of the mount within its file system */
	char *point;
	char *type, *device;
	char *options;		/* of this mount: "rw,relatime" */
	char *super_options;	/* of the file system: "rw,discard" */
};

/* The system that is read, and the files that several facts come from: empty where they could not be read. */
struct source {
	const char *root;
	const char *dir;
	bool live;		/* root is "": system calls are asked too */
	struct buf cpuinfo, mountinfo, cgroup;
	struct mount mount;	/* that dir is on; NULLs where that is not known */
};

struct fact {
	const char *group, *key;
	json_t *(*read)(const struct source *s, const char *what);
	const char *what;
	bool identity;		/* must not change within a run */
};

extern const struct fact environment_facts[];	/* in the order of the snapshot; group NULL at the end */

/* The whole of a regular file below root. 0, or -1: not readable, or larger than any such file is. */
int source_file(const struct source *s, const char *path, struct buf *out);

/* Text without its surrounding blanks: NULL if nothing is left, or control characters are. */
json_t *fact_clean(const char *text, size_t len);

/* A file's only line. */
json_t *fact_text(const struct source *s, const char *what);
/* A plain decimal number. */
json_t *fact_number(const struct source *s, const char *what);
/* "0" or "1", as false or true. */
json_t *fact_flag(const struct source *s, const char *what);
/* The word in brackets: "always [madvise] never"; or in parentheses. */
json_t *fact_chosen(const struct source *s, const char *what);
/* A list of numbers, "0-3,8": as it is, and how many it names. */
json_t *fact_list(const struct source *s, const char *what);
json_t *fact_list_count(const struct source *s, const char *what);

/* cpuinfo's field `what`: its different values over all processors, joined by commas. */
json_t *fact_cpuinfo(const struct source *s, const char *what);
/* The CPUs that this process may use: as a list, and how many. */
json_t *fact_usable(const struct source *s, const char *what);
json_t *fact_usable_count(const struct source *s, const char *what);
/* File `what` of every cpufreq policy: the different texts joined by commas, or numbers as an array. */
json_t *fact_policy_text(const struct source *s, const char *what);
json_t *fact_policy_numbers(const struct source *s, const char *what);
json_t *fact_turbo(const struct source *s, const char *what);
/* "kvm", "tcg", "xen", ...; "none" where the CPU says so. */
json_t *fact_hypervisor(const struct source *s, const char *what);
/* The name for a signature as CPUID leaf 0x40000000 gives it; the signature itself if it is not a known one. */
json_t *hypervisor_named(const char signature[12]);

/* uname()'s field for a file of proc/sys/kernel; of a recorded system, that file. */
json_t *fact_uname(const struct source *s, const char *what);
json_t *fact_preempt_build(const struct source *s, const char *what);
/* The GNU build id in a file of ELF notes, in hexadecimal. */
json_t *fact_build_id(const struct source *s, const char *what);
/* Every file of a directory: an object of texts. */
json_t *fact_directory(const struct source *s, const char *what);
/* meminfo's field `what`, in bytes. */
json_t *fact_meminfo(const struct source *s, const char *what);
json_t *fact_load_average(const struct source *s, const char *what);
json_t *fact_load_running(const struct source *s, const char *what);
json_t *fact_uptime(const struct source *s, const char *what);
json_t *fact_page_size(const struct source *s, const char *what);
json_t *fact_clock_source(const struct source *s, const char *what);
json_t *fact_command_line(const struct source *s, const char *what);
json_t *fact_date(const struct source *s, const char *what);
/* What this program was built with. */
json_t *fact_compiler(const struct source *s, const char *what);
json_t *fact_libc(const struct source *s, const char *what);

/* 0, or -1 where the line is none of mountinfo's. The caller releases in both cases. */
int mount_parse(const char *line, size_t len, struct mount *m);
void mount_release(struct mount *m);
/* Fills s->mount from s->mountinfo. */
void mount_find(struct source *s);

/* "type", "device", "point", "options" or "super_options" of s->mount. */
json_t *fact_mount(const struct source *s, const char *what);
json_t *fact_free_bytes(const struct source *s, const char *what);

/* The tightest limit from this process's control group upwards; "max" where there are files and none limits. */
json_t *fact_cgroup_cpu(const struct source *s, const char *what);	/* "quota" or "period", in us */
json_t *fact_cgroup_memory(const struct source *s, const char *what);	/* "max" or "high", in bytes */
json_t *fact_cgroup_cpus(const struct source *s, const char *what);

#endif
