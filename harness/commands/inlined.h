/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A run's drawings as text, for reports that hold them.
 */
#ifndef HARNESS_COMMANDS_INLINED_H
#define HARNESS_COMMANDS_INLINED_H

#include <stddef.h>

#include "harness/report/report.h"

struct drawings;

struct inlined {
	struct report_plot *plot;	/* what was measured first, then the model's curves; by name */
	size_t n;
};

/* All SVG files of a directory; one that there is not holds none. 0, or -1 after reporting. The caller releases. */
int inlined_read(const char *dir, struct inlined *in);
/*
 * Drawn anew, without leaving files behind: d's dir, terminal and paths are set here. 0, or -1 after reporting.
 * The caller releases.
 */
int inlined_draw(const struct drawings *d, struct inlined *in);
void inlined_release(struct inlined *in);

#endif
