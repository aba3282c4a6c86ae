/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Series of a history drawn: in the terminal, and as SVG.
 */
#ifndef HARNESS_COMMANDS_HISTORY_PLOT_H
#define HARNESS_COMMANDS_HISTORY_PLOT_H

#include "harness/commands/history_show.h"

/* On standard output, with characters. 0, or -1 after reporting. */
int history_plot(const struct shown_history *s, size_t series);
/*
 * Every series into files. path: a file if it ends in ".svg", and then there must be one series; else a
 * directory, made if missing, where they are "history-METRIC-1.svg" and so on. Prints their
 * paths. 0, or -1 after reporting.
 */
int history_svg(const struct shown_history *s, const char *path);

#endif
