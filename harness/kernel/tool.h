/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Programs like apt, git and tar run for what they do: silent where they
 * succeed, one line of why where they fail.
 */
#ifndef HARNESS_KERNEL_TOOL_H
#define HARNESS_KERNEL_TOOL_H

#include <stdbool.h>

#include "lib/child.h"

struct buf;

/*
 * Runs call as a family, in English unless it sets an environment of its own. Its
 * stdout is appended to out (NULL: thrown away). 0, or -1 with the line of its
 * stderr that says why in why; empty where it was stopped.
 */
int tool_try(const struct child_call *call, struct buf *out, struct buf *why);

/* The same, reporting "WHAT: why" (nothing where it was stopped). */
int tool_run(const struct child_call *call, struct buf *out, const char *what);

/* Does such a why tell of a full disk? Then another try elsewhere is no use. */
bool tool_no_space(const char *why);

/* 0, or -1 after reporting that a program is missing, and what it was wanted for. */
int tool_need(const char *program, const char *what);

#endif
