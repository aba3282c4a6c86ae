/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one clock that durations are taken from.
 */
#ifndef LIB_CLOCK_H
#define LIB_CLOCK_H

#include <stdint.h>

/* CLOCK_MONOTONIC, in nanoseconds since some fixed moment before the program began. */
uint64_t clock_now_ns(void);

#endif
