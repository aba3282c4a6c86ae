/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two commands that measure again what a run measured, in a clone of this project. Pure.
 */
#ifndef HARNESS_REPORT_REPRODUCE_H
#define HARNESS_REPORT_REPRODUCE_H

#include <stddef.h>

#include "lib/json.h"

struct buf;
struct report_input;

/* A sentence broken at so many characters, then the commands; the second may go on in a second line. */
void reproduce_render(const struct report_input *in, size_t width, struct buf *out);

/*
 * The patches that were tried: an array of objects as build.patch_files has them (docs/formats.md), those of the
 * first later kernel that has some which the first kernel lacks. The caller owns it; it may be empty.
 */
json_t *reproduce_patches(const struct report_input *in);

#endif
