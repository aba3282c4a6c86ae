/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A distribution's kernel package as a kernel: its image, configuration and
 * modules, with the index of modules that the package lacks.
 */
#ifndef HARNESS_KERNEL_IMAGE_H
#define HARNESS_KERNEL_IMAGE_H

#include <stdbool.h>

struct kernel;
struct kernel_call;

/* The kernel of a spec with `image`. An enum exitcode, as kernel_get(); the caller releases. */
int image_get(const struct kernel_call *call, struct kernel *k);

/* Its key, and whether it is there: gets the package. An enum exitcode. */
int image_key(const struct kernel_call *call, char key[65], bool *cached);

#endif
