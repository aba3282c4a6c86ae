/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * foliogate, the harness: the table of its commands.
 */
#include "harness/commands/commands.h"

#include <stddef.h>

static const struct command *const commands[] = {
	&doctor_command,
	&run_command,
	&try_command,
	&count_command,
	&build_command,
	&boot_command,
	&compare_command,
	&validate_command,
	&plot_command,
	&report_command,
	&results_command,
	NULL
};

static const struct program program = {
	.name = "foliogate",
	.summary = "page-cache benchmarks planned, run, compared and kept",
	.version = VERSION,
	.commands = commands,
};

int main(int argc, char **argv)
{
	return cmd_main(&program, argc, argv);
}
