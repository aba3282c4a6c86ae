/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/commands/commands.h"

#include "harness/commands/judging.h"
#include "harness/commands/loaded.h"
#include "harness/commands/output.h"
#include "harness/report/escape.h"
#include "harness/report/verdict_table.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/exitcode.h"

struct gate_opts {
	const char *gate, *machine, *results;
	bool bisect;		/* main() acts on it: for wrong command lines, too */
	bool headline;
};

/* An enum exitcode. */
static int print(const struct loaded *l, const struct gate_opts *opts)
{
	struct report_input in = loaded_input(l);
	struct buf out = BUF_INIT;
	int ret;

	if (opts->machine && loaded_machine(l, opts->machine, &in.machine))
		return EXIT_USAGE;
	if (!opts->headline) {
		judged_render(&in, &out);
	} else {
		buf_fmt(&out, "%s\n", l->judged.headline);
		escape_controls(&out, 0);
	}
	ret = output_write(NULL, &out) ? EXIT_CANNOT : judging_exit(l->judged.outcome);
	buf_release(&out);
	return ret;
}

static int judge(const struct gate_opts *opts, const char *what)
{
	const struct loaded_call call = {
		.results = opts->results, .what = what, .gate = opts->gate, .machine = opts->machine
	};
	struct loaded l;
	int ret = loaded_open_any(&l, &call);

	if (ret == EXIT_ACCEPT && !l.is_judged) {
		err("run %s has one kernel, '%s': there is nothing to judge", l.run.id, l.plan.kernel[0].name);
		ret = EXIT_USAGE;
	} else if (ret == EXIT_ACCEPT) {
		ret = print(&l, opts);
	}
	loaded_release(&l);
	return ret;
}

static int gate(const struct invocation *call)
{
	return judge(call->options, call->argv[0]);
}

static const struct opt gate_options[] = {
	OPT_TEXT(struct gate_opts, gate, 'g', "gate", "GATE",
		 "what to judge by: a file, or one of configs/gates (default: the run's own)"),
	OPT_FLAG(struct gate_opts, headline, 0, "headline", "print the verdict's one line and no table"),
	OPT_FLAG(struct gate_opts, bisect, 0, "bisect",
		 "for git bisect run: exit with 125 unless it is accept or reject"),
	OPT_PREDICTED_MACHINE(struct gate_opts, "the first there is"),
	OPT_TEXT(struct gate_opts, results, 0, "results", "DIR",
		 "where runs are kept (default: $FOLIOBENCH_RESULTS or results)"),
	OPT_END
};

const struct command gate_command = {
	.name = "gate",
	.args = "RUN",
	.summary = "the verdict of a stored run; exits with it",
	.about = "RUN is an id, the beginning of one, a path or `last`. One line first: accept, reject, inconclusive\n"
		 "or could not measure, and why; then the findings that decided it, then the rest. Exits with 0, 1,\n"
		 "3 or 4. docs/gates.md describes gate files and how to read a verdict.",
	.options = gate_options,
	.options_size = sizeof(struct gate_opts),
	.min = 1,
	.max = 1,
	.run = gate,
};
