/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All that is known of where kernels were measured, a fact a line with its value on each of them: to
 * see what differs beside the kernel. docs/environment.md lists the facts. Pure.
 */
#ifndef HARNESS_REPORT_FACTS_H
#define HARNESS_REPORT_FACTS_H

#include <stdbool.h>
#include <stddef.h>

struct report_input;

struct fact {
	char *name;		/* "cpu.model", "guest.accel", "build.patch_files.1.name" */
	char **value;		/* [nkernels]; NULL: it is not known there */
	bool differs;		/* and not by its nature, as the time of day and the kernel's own build do */
};

struct facts {
	struct fact *fact;
	size_t n, nkernels;
	size_t ndiffer;
};

/* Of each kernel's first environment line; times of emulated guests are left out. The caller releases. */
void facts_make(const struct report_input *in, struct facts *f);
void facts_release(struct facts *f);

#endif
