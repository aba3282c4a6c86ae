/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cells that decided a verdict, in detail: what each of their metrics was and is, counts
 * and times together, by what it changed and what was concluded. Pure.
 */
#ifndef HARNESS_REPORT_DECIDED_H
#define HARNESS_REPORT_DECIDED_H

#include <stddef.h>

struct buf;
struct judged;
struct report_input;

enum { DECIDED_CELLS = 12 };	/* of one kernel, the worst: others are only in the overview */

/* The cells of a kernel that are shown so, the worst first; how many. */
size_t decided_cells(const struct judged *j, size_t kernel, size_t cell[DECIDED_CELLS]);

/* For each kernel that has some a table with a title. Nothing where none decided. */
void decided_render(const struct report_input *in, struct buf *out);

#endif
