/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The patches that a run was made for: those that kernels have and the first one lacks. Kernels that are the first one
 * again, rebuilt, have none. Pure.
 */
#ifndef HARNESS_REPORT_TRIED_H
#define HARNESS_REPORT_TRIED_H

#include <stddef.h>

#include "lib/json.h"

struct report_input;

/* Of one kernel: an array of objects as build.patch_files has them (docs/formats.md), maybe empty. The caller owns it. */
json_t *tried_patches(const struct report_input *in, size_t kernel);

/* The kernel that has some, where it is the only one beside the first and its control; else 0: there is no *the* patch. */
size_t tried_kernel(const struct report_input *in);

/* "the patch"; "the change" where there is none, where it was taken out, or where several kernels were tried. Static. */
const char *tried_name(const struct report_input *in);

#endif
