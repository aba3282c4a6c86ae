/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a reader of the tables must know to trust them, or not to: a line a
 * note, under the last table. Pure.
 */
#ifndef HARNESS_REPORT_NOTES_H
#define HARNESS_REPORT_NOTES_H

#include "harness/judge/summary.h"

struct buf;
struct plan;
struct samples;

/* Adds nothing where there is nothing to say. Figures are those of these samples. */
void notes_render(const struct plan *plan, const struct samples *samples,
		  const struct figure *figures, struct buf *out);

#endif
