/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * In what two kernels were measured under other conditions, but for what was built into
 * them: command line, compiler, microcode, the guest's shape, ... Facts that differ from boot to boot anyway
 * (free memory, load, the boot's id) are left out. Pure.
 */
#ifndef HARNESS_REPORT_DIFFERENCE_H
#define HARNESS_REPORT_DIFFERENCE_H

#include <stddef.h>

struct buf;
struct report_input;

/*
 * An item for each fact in which a kernel's first environment line is not as that of the first kernel, broken
 * at so many characters. How many there are; -1 where one of them has no such line.
 */
int difference_render(const struct report_input *in, size_t kernel, size_t width, struct buf *out);

#endif
