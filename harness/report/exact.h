/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was counted per op, a line a cell: kernel instructions, switches of access to
 * user memory, atomics, transfers; of several kernels each beside the first one, with
 * the difference. Pure.
 */
#ifndef HARNESS_REPORT_EXACT_H
#define HARNESS_REPORT_EXACT_H

#include <stddef.h>

struct buf;
struct predicted;

/* One of the plan's tables, with its title and notes; nothing where nothing of it was counted. */
void exact_render(const struct predicted *p, size_t table, struct buf *out);

#endif
