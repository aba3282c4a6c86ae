/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SIGINT, SIGTERM and SIGHUP as a flag that long work looks at.
 */
#ifndef HARNESS_COMMANDS_INTERRUPT_H
#define HARNESS_COMMANDS_INTERRUPT_H

#include <signal.h>

/* Set by the first signal; what runs for long takes its address as `stop`. */
extern volatile sig_atomic_t interrupted;

/* What was ignored stays so (nohup). The second of a kind ends us at once. */
void interrupt_catch(void);

#endif
