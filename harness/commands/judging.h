/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The verdict of a run: over what the store has, by the gate that it was begun with.
 */
#ifndef HARNESS_COMMANDS_JUDGING_H
#define HARNESS_COMMANDS_JUDGING_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/judge/judged.h"

struct session;

/* Is there anything to judge: kernels to compare, or one in trouble? */
bool judging_wanted(const struct plan *plan, const struct samples *samples);

/* Judges what s->have holds. 0, or -1 after reporting. The caller releases in both cases. */
int judging(const struct session *s, struct judged *j);

/* Warns where times are to be judged, and no number of blocks that is planned could show any change. */
void judging_advise(const struct session *s);

/* Are no more blocks needed after so many: is there a look then, at which every gating cell is decided? */
bool judging_decided(const struct session *s, uint32_t blocks);

/* Judges the run as it is now and keeps the verdict, verdict.json: its enum exitcode, or -1 after reporting. */
int judging_finish(struct session *s);

/* An outcome as an exit code. */
int judging_exit(enum outcome o);
/*
 * An exit code as `git bisect run` wants it: whatever says neither good nor bad is 125. So is a wrong patch or job:
 * git takes other codes for "bad".
 */
int judging_bisect(int code);

#endif
