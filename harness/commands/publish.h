/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a run ends with: the text report on stdout; that, all other formats and the plots in its
 * report/ directory; and their paths on stdout.
 */
#ifndef HARNESS_COMMANDS_PUBLISH_H
#define HARNESS_COMMANDS_PUBLISH_H

#include <stdbool.h>

struct run;

/*
 * 0, or -1 after reporting: some report or drawing could not be made. All others are, and the text is on stdout all
 * the same: what a run has found is not lost with its files. A run that a kernel in trouble ended has reports without
 * figures.
 * show_emulated_times: see loaded_open().
 */
int publish(const struct run *run, bool plots, bool show_emulated_times);

#endif
