/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel made ready to boot, watched: how far its build is, on stderr.
 */
#ifndef HARNESS_COMMANDS_READY_H
#define HARNESS_COMMANDS_READY_H

#include <stdbool.h>

struct kernel;
struct spec;

/* As kernel_get(), until interrupted. An enum exitcode; the caller releases k in every case. */
int ready_kernel(struct spec *spec, bool clean, struct kernel *k);

#endif
