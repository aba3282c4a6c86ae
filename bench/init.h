/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The driver as PID 1 of a guest: makes the place that measurements need, as
 * RELAY_SETUP_FILE tells it, and serves the harness's calls until it powers off.
 */
#ifndef BENCH_INIT_H
#define BENCH_INIT_H

#include <stdbool.h>

/* Did a kernel start us as its init? In a container the driver may be PID 1 as well, and only measures. */
bool init_wanted(const char *name);	/* our argv[0] */

/* Powers off when all is done, or cannot be: it does not return to a running system. */
int init_main(void);

#endif
