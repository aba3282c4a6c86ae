/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One entry a file in this directory; harness/main.c puts them into one table.
 */
#ifndef HARNESS_COMMANDS_COMMANDS_H
#define HARNESS_COMMANDS_COMMANDS_H

#include "lib/cmd.h"

extern const struct command boot_command, build_command, compare_command, count_command, doctor_command,
	gate_command, history_command, plot_command, report_command, results_command, run_command, try_command,
	validate_command;

#endif
