/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The last line of `perf stat -r N`, as perf prints it:
 *
 *	           61.3462 +- 0.0597 seconds time elapsed  ( +-  0.10% )
 *
 * What stands after +- is the standard error of the mean, not the deviation of single
 * runs. Pure.
 */
#ifndef HARNESS_REPORT_PERFSTAT_H
#define HARNESS_REPORT_PERFSTAT_H

#include "harness/judge/summary.h"

struct buf;
struct report_input;

/*
 * Of seconds, above 0. Newline at the end. Of a single run, or of runs that all took the same time,
 * there is nothing to put after +-. Nothing for n = 0, or where the mean is no positive number.
 */
void perfstat_elapsed(const struct summary *seconds, struct buf *out);

/*
 * Such a line for every kernel of every cell whose op takes a second or more, as a build does:
 * one op is one run there. Nothing where there is no such cell.
 */
void perfstat_render(const struct report_input *in, struct buf *out);

#endif
