/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rate of this machine's time stamp counter, which an emulated x86-64 guest
 * sees as its own. Left to measure it, a guest on a busy host may get it wrong by any factor,
 * and then takes seconds for minutes.
 */
#ifndef HARNESS_GUEST_TSC_H
#define HARNESS_GUEST_TSC_H

#include <stdint.h>

/* In kHz, to 10 MHz, measured over 20 ms, once a process; 0 where this machine is no x86-64. */
uint64_t tsc_khz(void);

#endif
