/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A command's results to where they are wanted, whole or with an error.
 */
#ifndef HARNESS_COMMANDS_OUTPUT_H
#define HARNESS_COMMANDS_OUTPUT_H

struct buf;

/*
 * file NULL: standard output, whose errors cmd_main() finds and reports at the
 * end. 0, or -1 after reporting.
 */
int output_write(const char *file, const struct buf *text);

#endif
