/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A whole run in one of several formats: each is one file, report_FORMAT.c,
 * with one function and one entry in report_formats[]. Pure: text into a buffer.
 */
#ifndef HARNESS_REPORT_REPORT_H
#define HARNESS_REPORT_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/judge/summary.h"
#include "harness/plan/plan.h"
#include "harness/store/samples.h"

struct report_input {
	const char *run;		/* id */
	const struct plan *plan;
	const struct samples *samples;
	const struct figure *figures;	/* of emulation: withheld, unless show_emulated_times */
	bool emulated, show_emulated_times;
	const char *machine;		/* that the model's answers are shown for; NULL: all there are */
};

struct report_format {
	const char *name;		/* "text" */
	const char *extension;		/* "txt" */
	void (*render)(const struct report_input *in, struct buf *out);
};

extern const struct report_format report_formats[];	/* name NULL at the end */

/* NULL and why (with the formats there are) where there is none of that name. */
const struct report_format *report_find(const char *name, struct buf *why);

#endif
