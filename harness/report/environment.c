/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/report/environment.h"

#include <inttypes.h>
#include <string.h>

#include "harness/plan/plan.h"
#include "harness/report/escape.h"
#include "harness/store/samples.h"
#include "lib/buf.h"

const json_t *environment_fact(const json_t *line, const char *group, const char *key)
{
	const json_t *value = json_object_get(json_object_get(line, "environment"), group);

	return key ? json_object_get(value, key) : value;
}

bool environment_emulated(const json_t *environments)
{
	const json_t *line;
	size_t i;

	json_array_foreach(environments, i, line)
		if (samples_emulated(line))
			return true;
	return false;
}

static bool is_of(const json_t *line, const char *kernel)
{
	const char *name = json_get_text(line, "kernel");

	return !kernel || (name && !strcmp(name, kernel));
}

/* Has one of the kernel's lines before the i-th this text? */
static bool seen(const json_t *environments, size_t i, const char *kernel, const char *group,
		 const char *key, const char *text)
{
	const json_t *line;

	while (i--) {
		line = json_array_get(environments, i);
		if (is_of(line, kernel) &&
		    !strcmp(json_string_value(environment_fact(line, group, key)), text))
			return true;
	}
	return false;
}

size_t environment_distinct(const json_t *environments, const char *kernel, const char *group,
			    const char *key)
{
	const json_t *line;
	size_t distinct = 0, i;
	const char *text;

	json_array_foreach(environments, i, line) {
		if (!is_of(line, kernel))
			continue;
		text = json_string_value(environment_fact(line, group, key));
		if (!text)
			return 0;
		distinct += !seen(environments, i, kernel, group, key, text);
	}
	return distinct;
}

/* A piece of a summary line: text before and after a fact that may be missing. */
struct piece {
	const char *group, *key, *before, *after;
};

/* Each line is one: what a machine or a patch says of itself begins no other. */
static void add_value(const json_t *value, struct buf *out)
{
	if (json_is_string(value))
		escape_text(json_string_value(value), NULL, out);
	else if (json_is_integer(value))
		buf_fmt(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	else
		json_line(out, value);
}

/* A line of what is known; no line where nothing is. */
static void add_line(const char *head, const json_t *env, const struct piece *piece, size_t n,
		     struct buf *out)
{
	const json_t *value;
	bool any = false;
	size_t i;

	for (i = 0; i < n; i++) {
		value = environment_fact(env, piece[i].group, piece[i].key);
		if (!value)
			continue;
		if (any)
			buf_str(out, ", ");
		else
			buf_fmt(out, "%-12s ", head);
		buf_str(out, piece[i].before);
		add_value(value, out);
		buf_str(out, piece[i].after);
		any = true;
	}
	if (any)
		buf_ch(out, '\n');
}

static void add_memory(const json_t *env, struct buf *out)
{
	const json_t *total = environment_fact(env, "memory", "total_bytes");
	static const struct piece rest[] = {
		{ "memory", "page_size", "pages of ", " bytes" },
		{ "memory", "thp_enabled", "THP ", "" },
		{ "memory", "numa_node_count", "NUMA nodes: ", "" },
	};
	struct buf head = BUF_INIT;

	if (json_is_integer(total))
		buf_fmt(&head, "%-12s %.1f GiB,", "memory",
			(double)json_integer_value(total) / (1 << 30));
	add_line(head.len ? buf_text(&head) : "memory", env, rest, sizeof(rest) / sizeof(rest[0]),
		 out);
	buf_release(&head);
}

static void add_environment(const json_t *env, struct buf *out)
{
	static const struct piece kernel[] = {
		{ "kernel", "release", "", "" },
		{ "kernel", "version", "", "" },
		{ "kernel", "machine", "", "" },
	};
	static const struct piece cpu[] = {
		{ "cpu", "model", "", "" },
		{ "cpu", "usable_count", "CPUs: ", "" },
		{ "cpu", "hypervisor", "hypervisor ", "" },
		{ "cpu", "microcode", "microcode ", "" },
		{ "cpu", "governor", "governor ", "" },
	};
	static const struct piece files[] = {
		{ "filesystem", "type", "", "" },
		{ "filesystem", "device", "on ", "" },
		{ "filesystem", "options", "", "" },
	};

	add_line("kernel", env, kernel, sizeof(kernel) / sizeof(kernel[0]), out);
	add_line("CPU", env, cpu, sizeof(cpu) / sizeof(cpu[0]), out);
	add_memory(env, out);
	add_line("file system", env, files, sizeof(files) / sizeof(files[0]), out);
}

static void add_named(const char *name, const char *text, struct buf *out)
{
	if (!text || !*text)
		return;
	buf_fmt(out, "%-12s ", name);
	escape_text(text, NULL, out);
	buf_ch(out, '\n');
}

/* What was built, of what and with what in it. */
static void add_build(const json_t *build, struct buf *out)
{
	const char *release = json_get_text(build, "release"), *source = json_get_text(build, "source");
	struct buf what = BUF_INIT;
	const json_t *patch;
	size_t i;

	buf_fmt(&what, "%s%s%s", release ? release : "", release && source ? " from " : "", source ? source : "");
	add_named("build", buf_text(&what), out);
	json_array_foreach(json_object_get(build, "patches"), i, patch)
		add_named("patch", json_string_value(patch), out);
	add_named("command line", json_get_text(build, "cmdline"), out);
	buf_release(&what);
}

static void add_guest(const json_t *guest, struct buf *out)
{
	const char *accel = json_get_text(guest, "accel"), *qemu = json_get_text(guest, "qemu");
	struct buf line = BUF_INIT;
	uint64_t n;

	if (!json_get_u64(guest, "cpus", &n))
		buf_fmt(&line, ", %" PRIu64 " CPU%s", n, n == 1 ? "" : "s");
	if (!json_get_u64(guest, "memory", &n))
		buf_fmt(&line, ", %.1f GiB", (double)n / (1 << 30));
	if (accel)
		buf_fmt(&line, ", %s", accel);
	if (qemu)
		buf_fmt(&line, ", QEMU %s", qemu);
	if (line.len)
		buf_fmt(out, "%-12s %s\n", "guest", buf_text(&line) + 2);
	buf_release(&line);
}

const json_t *environment_first(const json_t *environments, const char *kernel)
{
	const json_t *line;
	size_t i;

	json_array_foreach(environments, i, line)
		if (is_of(line, kernel))
			return line;
	return NULL;
}

void environment_summary(const struct plan *plan, const json_t *environments, struct buf *out)
{
	const json_t *line;
	size_t k;

	for (k = 0; k < plan->nkernels; k++) {
		line = environment_first(environments, plan->kernel[k].name);
		if (line && plan->nkernels > 1)
			buf_fmt(out, "%-12s %s\n", "measured", plan->kernel[k].name);
		add_build(json_object_get(line, "build"), out);
		add_guest(json_object_get(line, "guest"), out);
		add_environment(line, out);
	}
}

bool environment_varies(const char *fact)
{
	static const char *const facts[] = {
		"kernel.version", "kernel.build_id", "kernel.tainted", "memory.available_bytes", "filesystem.free_bytes",
		"load", "load.average", "load.running", "boot", "boot.id", "boot.uptime_s", "clock.date",
		"clock.available", "identity", "guest.boot_ns", "guest.retries", NULL
	};
	const char *const *f;

	for (f = facts; *f; f++)
		if (!strcmp(fact, *f))
			return true;
	return false;
}
