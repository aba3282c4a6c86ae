/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A verdict as text: one line first, then the cells that decided it, then the rest. Within
 * 100 columns, but for the first line, which is whole whatever its length. Pure.
 */
#ifndef HARNESS_REPORT_VERDICT_TABLE_H
#define HARNESS_REPORT_VERDICT_TABLE_H

#include <stddef.h>

struct buf;
struct report_input;

/* All of it, the headline first. in->judged is there; in->figures need not be. Appended, newline at the end. */
void judged_render(const struct report_input *in, struct buf *out);

/*
 * The parts, for reports that have the headline elsewhere; the sentences of some are broken at
 * so many characters. Each adds nothing where there is nothing to say.
 */

/* What ended the run before its time: the kernel's words, and where it happened. */
void verdict_incident(const struct report_input *in, size_t width, struct buf *out);
/* What its columns mean, under tables of findings. */
void verdict_legend(const struct report_input *in, size_t width, struct buf *out);
/* Disagreements, what was not judged, new warnings. */
void verdict_notes(const struct report_input *in, size_t width, struct buf *out);
/* How many findings there are of each verdict, and why some are inconclusive. */
void verdict_sums(const struct report_input *in, size_t width, struct buf *out);

#endif
