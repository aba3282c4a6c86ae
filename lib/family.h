/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A program and all that it starts, as one: a guardian process stands between
 * them and us, and takes every one of them along when the program ends, when it
 * is told to (SIGTERM), or when we are gone, kill -9 included.
 */
#ifndef LIB_FAMILY_H
#define LIB_FAMILY_H

#include <signal.h>
#include <sys/types.h>

/*
 * Called in a fresh child of `parent`, whose signals are all blocked, with
 * `before` the mask from before that. Returns in the process that is to become
 * the program; the guardian itself never returns, and ends as the program did.
 */
void family_guard(pid_t parent, const sigset_t *before);

#endif
