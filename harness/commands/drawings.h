/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All of a run's plots.
 */
#ifndef HARNESS_COMMANDS_DRAWINGS_H
#define HARNESS_COMMANDS_DRAWINGS_H

#include <stdbool.h>

#include "harness/judge/summary.h"

struct buf;
struct plan;
struct samples;

struct drawings {
	const struct plan *plan;
	const struct samples *samples;
	const struct figure *figures;
	const char *machine;	/* that the model's curves are drawn for; NULL: none are */
	int metric;		/* an enum metric, or METRIC_OF_TABLE */
	const char *terminal;	/* "svg", "png", "dumb"; NULL: SVG and PNG */
	bool emulated, show_emulated_times;
	const char *dir;	/* where files go, there already; not used with dumb, which draws on standard output */
	struct buf *paths;	/* takes the files' paths, a line each; NULL: they are printed as they are drawn */
};

/*
 * One a table, named by what is drawn and by the table's number: "throughput-by-block-1.svg"
 * of what was measured, "scaling-MACHINE-1.svg" of the model's curves. Tables without figures, or whose rows
 * no script draws, are passed over with a word, and so are all figures of a run whose figures are withheld. 0, or
 * -1 after reporting.
 */
int drawings_make(const struct drawings *d);

#endif
