/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a verdict does not say by itself, as sentences: of what the compiler newly warns, what got worse and does not
 * gate, what was not judged and why, where counts and times disagree. Pure.
 */
#ifndef HARNESS_JUDGE_REMARKS_H
#define HARNESS_JUDGE_REMARKS_H

#include "harness/judge/judged.h"

/* "2 new compiler warnings: mm/filemap.c:12: unused variable 'x' [-Wunused-variable], 1 more"; nothing where there is none. */
void remarks_warnings(const struct judge_call *call, struct buf *out);
/* Adds them to j->note, which is otherwise judged by now. */
void remarks_make(const struct judge_call *call, struct judged *j);

#endif
