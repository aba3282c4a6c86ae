/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A whole run in one of several formats: each is one file, report_FORMAT.c,
 * with one function and one entry in report_formats.h. Pure: text into a buffer.
 */
#ifndef HARNESS_REPORT_REPORT_H
#define HARNESS_REPORT_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/judge/judged.h"
#include "harness/judge/summary.h"
#include "harness/plan/plan.h"
#include "harness/store/samples.h"

/* A drawing, for formats that can hold one. */
struct report_plot {
	char *name;			/* "throughput-by-block-1" */
	char *svg;			/* the whole file's text */
};

struct report_input {
	const char *run;		/* id */
	const struct plan *plan;
	const struct samples *samples;
	/* Of emulation: withheld, unless show_emulated_times. NULL where a kernel in trouble ended the run: no table is to be made. */
	const struct figure *figures;
	const struct judged *judged;	/* NULL: one kernel, and no trouble: nothing was judged */
	const struct report_plot *plot;
	size_t nplots;			/* 0: none were drawn */
	bool emulated, show_emulated_times;
	const char *machine;		/* that the model's answers are shown for; NULL: all there are */
};

struct report_format {
	const char *name;		/* "text" */
	const char *extension;		/* "txt" */
	bool plots;			/* it shows report_input's */
	void (*render)(const struct report_input *in, struct buf *out);
};

extern const struct report_format report_formats[];	/* name NULL at the end */

/* NULL and why (with the formats there are) where there is none of that name. */
const struct report_format *report_find(const char *name, struct buf *why);

#endif
