/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What reports need of a run's environment lines (harness/store/samples.h);
 * docs/environment.md lists the facts, and any of them may be missing. Pure.
 */
#ifndef HARNESS_REPORT_ENVIRONMENT_H
#define HARNESS_REPORT_ENVIRONMENT_H

#include <stdbool.h>

#include "lib/json.h"

struct buf;
struct plan;

/* One fact of an environment line, borrowed, or NULL. */
const json_t *environment_fact(const json_t *line, const char *group, const char *key);

/* The first line of a kernel, borrowed, or NULL. */
const json_t *environment_first(const json_t *environments, const char *kernel);

/*
 * Was any of this measured in emulation, see samples_emulated()? Times taken there are no
 * performance, and no report may show them as such.
 */
bool environment_emulated(const json_t *environments);

/*
 * Does this fact differ from boot to boot by its nature, or with every kernel that is built? "boot.id", "load";
 * "identity" only sums up others. docs/environment.md.
 */
bool environment_varies(const char *fact);

/* A few lines on build, guest, kernel, CPU, memory and files, for each kernel of the plan; nothing where nothing is known. */
void environment_summary(const struct plan *plan, const json_t *environments, struct buf *out);

/*
 * How many values a text takes on one kernel's lines (NULL: on all): of group
 * "boot" and key "id", how many boots there were. key NULL: group is the text itself
 * ("identity"). 0: there are no lines, or some line does not know.
 */
size_t environment_distinct(const json_t *environments, const char *kernel, const char *group,
			    const char *key);

#endif
