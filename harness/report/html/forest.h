/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changes with their intervals as a small drawing a row, all on one scale: a line from bound to bound
 * with a dot at the effect, 0 in the middle, what is too small to count shaded. Pure.
 */
#ifndef HARNESS_REPORT_HTML_FOREST_H
#define HARNESS_REPORT_HTML_FOREST_H

#include <stddef.h>

struct buf;
struct finding;

/*
 * How far a drawing reaches to either side of 0, as a log ratio: so far that most of the times among the
 * findings fit, or, where there are none, most of the counts.
 */
double forest_reach(const struct finding *finding, const size_t *which, size_t n);

/* "-10% to +10%" */
void forest_scale(double reach, struct buf *out);

/* What it changed by, as a log ratio: infinite where it came from nothing, or went. NAN: not known. */
double forest_effect(const struct finding *f);

/* One row's. Nothing where no change is known. What lies beyond the reach ends in an arrow. */
void forest_row(const struct finding *f, double reach, struct buf *out);

#endif
