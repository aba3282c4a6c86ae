/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All cells that are not shown as having decided the verdict (harness/report/decided.h), a line
 * a cell: how each metric changed. Pure.
 */
#ifndef HARNESS_REPORT_OVERVIEW_H
#define HARNESS_REPORT_OVERVIEW_H

struct buf;
struct report_input;

/* For each kernel that is compared; nothing where no cell is left. */
void overview_render(const struct report_input *in, struct buf *out);

#endif
