/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Facts about the processors: what they are, which may be used, how fast they
 * are let run, and whether a hypervisor is in between.
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "bench/environment_fact.h"
#include "lib/alloc.h"
#include "lib/param.h"

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif

#define POLICIES "sys/devices/system/cpu/cpufreq"

/* Adds a value, which is consumed, unless it is there already. NULL is no value. */
static void add_distinct(json_t *array, json_t *value)
{
	size_t i;

	for (i = 0; value && i < json_array_size(array); i++)
		if (json_equal(json_array_get(array, i), value)) {
			json_decref(value);
			return;
		}
	if (value)
		json_array_append_new(array, value);
}

/* The array's texts as one; the array is consumed. */
static json_t *joined(json_t *array)
{
	struct buf b = BUF_INIT;
	json_t *fact = NULL;
	size_t i;

	for (i = 0; i < json_array_size(array); i++)
		buf_fmt(&b, "%s%s", i ? "," : "", json_string_value(json_array_get(array, i)));
	if (b.len)
		fact = json_text(buf_text(&b));
	json_decref(array);
	buf_release(&b);
	return fact;
}

/* The value of "key<blanks>: value", or NULL where the line has another key. */
static const char *cpuinfo_value(const char *line, const char *end, const char *key)
{
	size_t len = strlen(key);

	if ((size_t)(end - line) <= len || memcmp(line, key, len))
		return NULL;
	for (line += len; line < end && (*line == ' ' || *line == '\t'); line++)
		;
	return line < end && *line == ':' ? line + 1 : NULL;
}

json_t *fact_cpuinfo(const struct source *s, const char *what)
{
	const char *at = buf_text(&s->cpuinfo), *end = at + s->cpuinfo.len, *eol, *value;
	json_t *values = json_array();

	for (; at < end; at = eol + 1) {
		eol = memchr(at, '\n', (size_t)(end - at));
		if (!eol)
			eol = end;
		value = cpuinfo_value(at, eol, what);
		if (value)
			add_distinct(values, fact_clean(value, (size_t)(eol - value)));
	}
	return joined(values);
}

json_t *fact_usable(const struct source *s, const char *what)
{
	struct buf status = BUF_INIT;
	json_t *fact = NULL;
	const char *at;

	if (!source_file(s, what, &status) &&
	    (at = strstr(buf_text(&status), "\nCpus_allowed_list:"))) {
		at += strlen("\nCpus_allowed_list:");
		fact = fact_clean(at, strcspn(at, "\n"));
		if (fact && cpulist_parse(json_string_value(fact), NULL, 0) <= 0) {
			json_decref(fact);
			fact = NULL;
		}
	}
	buf_release(&status);
	return fact;
}

json_t *fact_usable_count(const struct source *s, const char *what)
{
	json_t *list = fact_usable(s, what), *fact = NULL;

	if (list)
		fact = json_u64((uint64_t)cpulist_parse(json_string_value(list), NULL, 0));
	json_decref(list);
	return fact;
}

static int is_policy(const struct dirent *d)
{
	return !strncmp(d->d_name, "policy", strlen("policy"));
}

static json_t *policies(const struct source *s, const char *what,
			json_t *(*read)(const struct source *s, const char *path))
{
	char *dir = xasprintf("%s/" POLICIES, s->root), *path;
	json_t *values = json_array();
	struct dirent **entries;
	int n = scandir(dir, &entries, is_policy, versionsort), i;

	for (i = 0; i < n; i++) {
		path = xasprintf(POLICIES "/%s/%s", entries[i]->d_name, what);
		add_distinct(values, read(s, path));
		free(path);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	free(dir);
	return values;
}

json_t *fact_policy_text(const struct source *s, const char *what)
{
	return joined(policies(s, what, fact_text));
}

json_t *fact_policy_numbers(const struct source *s, const char *what)
{
	json_t *values = policies(s, what, fact_number);

	if (json_array_size(values))
		return values;
	json_decref(values);
	return NULL;
}

/* intel_pstate has a switch of its own, which says the opposite of everyone else's. */
json_t *fact_turbo(const struct source *s, const char *what)
{
	json_t *off = fact_flag(s, "sys/devices/system/cpu/intel_pstate/no_turbo"), *fact;

	if (!off)
		return fact_flag(s, what);
	fact = json_boolean(json_is_false(off));
	json_decref(off);
	return fact;
}

json_t *hypervisor_named(const char signature[12])
{
	static const struct {
		const char *signature, *name;
	} known[] = {
		{ "KVMKVMKVM\0\0\0", "kvm" },
		{ "Linux KVM Hv", "kvm" },
		{ "TCGTCGTCGTCG", "tcg" },
		{ "Microsoft Hv", "hyperv" },
		{ "VMwareVMware", "vmware" },
		{ "XenVMMXenVMM", "xen" },
		{ "VBoxVBoxVBox", "virtualbox" },
		{ "bhyve bhyve ", "bhyve" },
		{ "ACRNACRNACRN", "acrn" },
	};
	size_t i, len;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!memcmp(signature, known[i].signature, 12))
			return json_text(known[i].name);
	for (len = 12; len && !signature[len - 1]; len--)
		;
	return fact_clean(signature, len);
}

#if defined(__x86_64__) || defined(__i386__)
static bool signature_at(unsigned base, char signature[12])
{
	unsigned highest, part[3];

	__cpuid(base, highest, part[0], part[1], part[2]);
	memcpy(signature, part, sizeof(part));
	return highest >= base && highest < base + 0x100;
}

/*
 * KVM may offer Hyper-V's interface in first place, its own 0x100 leaves
 * further on: whoever is there as well is who it really is.
 */
static json_t *ask_cpu(void)
{
	unsigned a, b, c = 0, d;
	char first[12], second[12];

	if (!__get_cpuid(1, &a, &b, &c, &d))
		return NULL;
	if (!(c & 1u << 31))
		return json_text("none");
	signature_at(0x40000000, first);
	if (!memcmp(first, "Microsoft Hv", 12) && signature_at(0x40000100, second))
		return hypervisor_named(second);
	return hypervisor_named(first);
}
#else
static json_t *ask_cpu(void)
{
	return NULL;
}
#endif

/* The file's first string is, or begins with, the text: device trees end strings with a NUL. */
static bool file_begins(const struct source *s, const char *path, const char *text)
{
	struct buf b = BUF_INIT;
	bool yes = !source_file(s, path, &b) && !strncmp(buf_text(&b), text, strlen(text));

	buf_release(&b);
	return yes;
}

/* QEMU's `max` CPU under TCG calls itself part 'Q' of the implementer reserved for software. */
static bool is_tcg_max(const struct source *s)
{
	json_t *implementer = fact_cpuinfo(s, "CPU implementer"),
	       *part = fact_cpuinfo(s, "CPU part");
	bool yes = implementer && part && !strcmp(json_string_value(implementer), "0x00") &&
		!strcmp(json_string_value(part), "0x051");

	json_decref(implementer);
	json_decref(part);
	return yes;
}

/* What firmware tells of the machine: that there is a hypervisor, never that there is none. */
static json_t *ask_firmware(const struct source *s)
{
	static const struct {
		const char *file, *text, *name;
	} hints[] = {
		{ "proc/device-tree/hypervisor/compatible", "linux,kvm", "kvm" },
		{ "proc/device-tree/hypervisor/compatible", "xen,xen", "xen" },
		{ "proc/device-tree/hypervisor/compatible", "vmware", "vmware" },
		{ "sys/class/dmi/id/product_name", "KVM", "kvm" },
		{ "sys/class/dmi/id/sys_vendor", "QEMU", "qemu" },	/* KVM or TCG: it does not say */
		{ "sys/class/dmi/id/sys_vendor", "VMware", "vmware" },
		{ "sys/class/dmi/id/sys_vendor", "Xen", "xen" },
		{ "sys/class/dmi/id/sys_vendor", "innotek GmbH", "virtualbox" },
		{ "sys/class/dmi/id/product_name", "Virtual Machine", "hyperv" },
		{ "proc/device-tree/fw-cfg@9020000/compatible", "qemu,fw-cfg-mmio", "qemu" },
	};
	size_t i;

	for (i = 0; i < sizeof(hints) / sizeof(hints[0]); i++)
		if (file_begins(s, hints[i].file, hints[i].text))
			return json_text(hints[i].name);
	return NULL;
}

/* x86's "flags" say whether a hypervisor is there; arm64's "Features" do not. */
static bool flags_lack_hypervisor(const struct source *s)
{
	json_t *flags = fact_cpuinfo(s, "flags");
	bool lack = flags && !strstr(json_string_value(flags), "hypervisor");

	json_decref(flags);
	return lack;
}

json_t *fact_hypervisor(const struct source *s, const char *what)
{
	json_t *fact = fact_text(s, what);	/* only Xen has it, and under it the CPU may say "none" */

	if (!fact && s->live)
		fact = ask_cpu();
	if (!fact && is_tcg_max(s))
		fact = json_text("tcg");
	if (!fact)
		fact = ask_firmware(s);
	if (!fact && flags_lack_hypervisor(s))
		fact = json_text("none");
	return fact;
}
