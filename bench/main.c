/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * foliobench, the driver: the table of its commands.
 */
#include <stdbool.h>
#include <stdio.h>
#include <sys/prctl.h>

#include "bench/cell.h"
#include "bench/describe.h"
#include "bench/environment.h"
#include "bench/init.h"
#include "bench/workload.h"
#include "lib/cmd.h"
#include "lib/err.h"
#include "lib/exitcode.h"

static void print(struct buf *text)
{
	fwrite(buf_text(text), 1, text->len, stdout);
	buf_release(text);
}

static int list(const struct invocation *call)
{
	struct buf text = BUF_INIT;

	(void)call;
	describe_list(&text);
	print(&text);
	return EXIT_ACCEPT;
}

struct describe_opts {
	bool json;
};

static int describe(const struct invocation *call)
{
	const struct describe_opts *opts = call->options;
	const struct workload *w;
	struct buf text = BUF_INIT;

	if (opts->json) {
		describe_json(&text);
	} else if (!call->argc) {
		err("describe: which workload? `foliobench list` names them");
		return EXIT_USAGE;
	} else {
		w = cell_workload(call->argv[0]);
		if (!w)
			return EXIT_USAGE;
		describe_text(w, &text);
	}
	print(&text);
	return EXIT_ACCEPT;
}

struct run_opts {
	bool dry_run;
};

static int run(const struct invocation *call)
{
	const struct run_opts *opts = call->options;

	return cell_run(call->argv[0], call->argv + 1, call->argc - 1, opts->dry_run);
}

static int env(const struct invocation *call)
{
	json_t *o = environment_read("", call->argc ? call->argv[0] : ".");
	struct buf text = BUF_INIT;

	json_line(&text, o);
	buf_ch(&text, '\n');
	json_decref(o);
	print(&text);
	return EXIT_ACCEPT;
}

static const struct command list_command = {
	.name = "list", .args = "", .summary = "the workloads there are", .run = list,
};

static const struct opt describe_options[] = {
	OPT_FLAG(struct describe_opts, json, 0, "json",
		 "all workloads and parameters, for programs"),
	OPT_END
};

static const struct command describe_command = {
	.name = "describe", .args = "[WORKLOAD]", .summary = "what a workload does, and its parameters",
	.options = describe_options, .options_size = sizeof(struct describe_opts), .max = 1, .run = describe,
};

static const struct opt run_options[] = {
	OPT_FLAG(struct run_opts, dry_run, 'n', "dry-run",
		 "check the words, print the cell's name, measure nothing"),
	OPT_END
};

static const struct command run_command = {
	.name = "run", .args = "WORKLOAD [KEY=VALUE...]", .summary = "measure one cell: a JSON line a window on stdout",
	.about = "The lines are described in docs/formats.md, the keys by `foliobench describe WORKLOAD`.",
	.options = run_options, .options_size = sizeof(struct run_opts), .min = 1, .max = -1, .run = run,
};

static const struct command env_command = {
	.name = "env", .args = "[DIR]", .summary = "this system as one JSON line: all that is known to change figures",
	.about = "DIR is where test files would go (default: here); its file system is part of the snapshot.",
	.max = 1, .run = env,
};

static const struct command *const commands[] = {
	&list_command, &describe_command, &run_command, &env_command, NULL
};

static const struct program program = {
	.name = "foliobench",
	.summary = "pinned threads on the hot paths of the page cache",
	.version = VERSION,
	.commands = commands,
};

int main(int argc, char **argv)
{
	if (init_wanted(argv[0]))
		return init_main();
	/* a guest's PID 1 starts us as /proc/self/exe: a kernel in trouble shall not call us "exe" */
	prctl(PR_SET_NAME, "foliobench");
	return cmd_main(&program, argc, argv);
}
