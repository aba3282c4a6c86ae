/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Figures drawn by gnuplot from the scripts in plots/: throughput over block
 * size, throughput over threads, with error bars, a line a column of the table.
 */
#ifndef HARNESS_REPORT_PLOT_H
#define HARNESS_REPORT_PLOT_H

#include <stddef.h>

#include "harness/judge/summary.h"

struct buf;
struct plan;

/*
 * One table's data for gnuplot, and the script that draws it: "throughput-by-block.gp", or NULL
 * where the rows are neither block sizes nor threads. Pure.
 */
void plot_data(const struct plan *plan, size_t table, const struct figure *figures,
	       enum metric metric, struct buf *out);
const char *plot_script(const struct plan *plan, size_t table);

/* A heading, label or panel's name in such data, in quotes. */
void plot_quote(const char *s, struct buf *out);

/* Where the plots/ directory of this copy of the project is: NULL after reporting. The caller frees. */
char *plot_scripts_dir(void);

/* Are gnuplot and the scripts there? 0, or -1 after saying what to do. */
int plot_check(void);

/*
 * Draws data, the text that plot_data() made, with a script given by its path.
 * output NULL and terminal "dumb": on standard output; else terminal "svg" or "png"
 * into output. 0, or -1 after reporting: gnuplot missing (says what to install) or
 * failed (the line that names its error).
 */
int plot_draw(const char *script, const char *data, const char *title, const char *ylabel,
	      const char *terminal, const char *output);

#endif
