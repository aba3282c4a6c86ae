/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cache lines that move between cores: what they are, and which functions
 * move them. Pure.
 */
#ifndef HARNESS_REPORT_MOVED_H
#define HARNESS_REPORT_MOVED_H

#include <stddef.h>

struct buf;
struct predicted;

/* Of one of the plan's tables; nothing where nothing was predicted for the machine. */
void moved_render(const struct predicted *p, size_t table, struct buf *out);

#endif
