/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * foliogate, the harness: the table of its commands.
 */
#include "harness/commands/commands.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "harness/commands/judging.h"

static const struct command *const commands[] = {
	&doctor_command,
	&run_command,
	&try_command,
	&count_command,
	&build_command,
	&boot_command,
	&compare_command,
	&gate_command,
	&validate_command,
	&plot_command,
	&report_command,
	&history_command,
	&results_command,
	NULL
};

static const struct program program = {
	.name = "foliogate",
	.summary = "page-cache benchmarks planned, run, compared and kept",
	.version = VERSION,
	.commands = commands,
};

/* Here rather than in the commands: a command line that is wrong must not call a commit bad either. */
static bool bisects(char **argv)
{
	for (; *argv && strcmp(*argv, "--"); argv++)
		if (!strcmp(*argv, "--bisect"))
			return true;
	return false;
}

int main(int argc, char **argv)
{
	bool bisect = bisects(argv);
	int code = cmd_main(&program, argc, argv);

	return bisect ? judging_bisect(code) : code;
}
