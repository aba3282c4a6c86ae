/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one line that says what became of a run. Pure.
 */
#ifndef HARNESS_JUDGE_HEADLINE_H
#define HARNESS_JUDGE_HEADLINE_H

#include "harness/judge/judged.h"

/* Of a judged run, but for its headline; warned: new warnings that reject it, or NULL. Appended. */
void headline_make(const struct plan *plan, const struct judged *j, const char *warned, struct buf *out);
/* Of a run that a kernel in trouble ended; line: of kind "incident". Appended. */
void headline_incident(const json_t *line, enum outcome outcome, struct buf *out);

#endif
