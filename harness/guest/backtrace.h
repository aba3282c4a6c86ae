/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the tasks of a guest that fell silent are, out of what its kernel printed
 * when asked: the backtraces of all CPUs (SysRq l), and of blocked tasks (SysRq w). Pure.
 */
#ifndef HARNESS_GUEST_BACKTRACE_H
#define HARNESS_GUEST_BACKTRACE_H

#include <stdbool.h>
#include <stddef.h>

struct incident;

/*
 * Sets i->comm and i->frame to those of the first task that is in a system call, else of the
 * first that is not a CPU's idle task; frames of the interrupt that asked are left out. False, and
 * nothing set, where there is none. i->comm and i->frame must be empty.
 */
bool backtrace_find(const char *console, size_t len, struct incident *i);

#endif
