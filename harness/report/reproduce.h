/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two commands that measure again what a run measured, in a clone of this project. Pure.
 */
#ifndef HARNESS_REPORT_REPRODUCE_H
#define HARNESS_REPORT_REPRODUCE_H

#include <stddef.h>

struct buf;
struct report_input;

/* A sentence broken at so many characters, then the commands; the second may go on in a second line. */
void reproduce_render(const struct report_input *in, size_t width, struct buf *out);

#endif
