/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a machine can measure, judged from facts about it: a table of checks,
 * each from facts to one finding. Pure: whoever gathered the facts did the looking.
 */
#ifndef HARNESS_COMMANDS_DIAGNOSIS_H
#define HARNESS_COMMANDS_DIAGNOSIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/commands/pmu.h"
#include "lib/buf.h"
#include "lib/json.h"

/* Programs looked for in PATH. */
enum tool {
	TOOL_QEMU_X86,
	TOOL_QEMU_ARM,
	TOOL_GNUPLOT,
	TOOL_FIO,
	TOOL_GCC,
	TOOL_MAKE,
	TOOL_GIT,
	TOOLS
};
const char *diagnosis_tool(enum tool tool);	/* the program's name */

/* A directory, and what trying to use it gave. */
struct place {
	const char *path;
	int error;			/* errno; 0: it can be used */
	bool free_known;
	uint64_t free_bytes;
};

enum kvm_trial { KVM_NOT_TRIED, KVM_BOOTS, KVM_FAILS };

struct diagnosis_facts {
	const char *driver;		/* NULL: there is none */
	bool driver_runs;
	const json_t *env;		/* what `foliobench env` tells (docs/environment.md); NULL: it did not */
	struct place files;		/* where test files would go: tried with a page */
	struct place results;
	struct pmu_trial cycles_user, cycles_kernel, page_faults;
	bool paranoid_known;
	int paranoid;			/* perf_event_paranoid */
	const char *tracefs;		/* the mount that was tried */
	int tracefs_error, kvm_error;	/* errno of opening; 0: it opened */
	enum kvm_trial kvm_trial;	/* where it opened: did a guest boot under it? */
	const char *kvm_why;		/* what that says, or why it was not tried; or NULL */
	bool tool[TOOLS];
	const char *qemu;		/* version of the one for this machine's architecture, "7.2.22"; NULL: none that tells */
	const char *plugin;		/* path of libfoliotrace.so */
	int plugin_error;		/* errno of reading it; 0: it is there */
};

enum diagnosis_status { DIAGNOSIS_OK, DIAGNOSIS_LIMITED, DIAGNOSIS_MISSING, DIAGNOSIS_UNKNOWN };
const char *diagnosis_word(enum diagnosis_status status);	/* "ok", "limited", ... */

struct finding {
	enum diagnosis_status status;
	struct buf found;
	struct buf advice;		/* empty where there is nothing to do */
};

struct check {
	const char *name;
	void (*judge)(const struct diagnosis_facts *f, const struct check *c, struct finding *out);
	bool needed;			/* missing it means that times cannot be measured */
	enum tool tool;
};

extern const struct check diagnosis_checks[];	/* name NULL at the end */

/* The caller releases with finding_release(). */
void diagnosis_judge(const struct check *c, const struct diagnosis_facts *f, struct finding *out);
void finding_release(struct finding *f);

#endif
