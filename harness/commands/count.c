/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/commands/commands.h"

#include <stdlib.h>

#include "harness/commands/session.h"
#include "lib/err.h"
#include "lib/exitcode.h"
#include "lib/units.h"

struct count_opts {
	struct session_opts session;
	const char *resume, *ops;
};

static int read_ops(struct count_opts *opts)
{
	if (opts->ops && (units_count(opts->ops, &opts->session.ops) || opts->session.ops < 1 ||
			  opts->session.ops > SESSION_COUNTED_MAX))
		return err("--ops %s: a number from 1 to %d", opts->ops, SESSION_COUNTED_MAX);
	return 0;
}

static int go(struct session *s, const struct count_opts *opts, const char *job)
{
	int ret = job ? session_new(s, &opts->session, job, NULL) :
			session_resume(s, &opts->session, opts->resume);

	return ret == EXIT_ACCEPT ? session_finish(s) : ret;
}

static int count(const struct invocation *call)
{
	struct count_opts opts = *(const struct count_opts *)call->options;
	struct session s = { 0 };
	int ret = EXIT_USAGE;

	opts.session.count_only = true;
	if (opts.resume && call->argc)
		err("count: --resume takes the job from the run: give no other");
	else if (opts.resume && (opts.session.set.n || opts.session.dry_run || opts.session.gate))
		err("count: --resume goes on with the plan as it was: --set, --gate and --dry-run do not go with it");
	else if (!opts.resume && !call->argc)
		err("count: which job? for example `foliogate count configs/jobs/ab-short-reads.yaml`");
	else if (!read_ops(&opts))
		ret = go(&s, &opts, call->argc ? call->argv[0] : NULL);
	session_release(&s);
	return ret;
}

static const struct opt count_options[] = {
	OPT_TEXT(struct count_opts, ops, 0, "ops", "N", "count N ops of every thread in every cell (default: 60)"),
	OPT_TEXT(struct count_opts, resume, 'r', "resume", "RUN",
		 "go on with a run that was stopped, or count one that was only measured (id, path or `last`)"),
	SESSION_OPTIONS_COMMON(struct count_opts),
	OPT_END
};

const struct command count_command = {
	.name = "count",
	.args = "JOB | --resume RUN",
	.summary = "count a job's ops exactly in emulated guests, and predict their speed",
	.about = "Every kernel of JOB is booted once under QEMU\'s TCG with a plugin that counts instructions, STAC and\n"
		 "CLAC, atomics and accesses per op, the same on every machine. A coherence model says which cache\n"
		 "lines move between cores, and predicts the throughput on MACHINE: docs/model.md.",
	.options = count_options,
	.options_size = sizeof(struct count_opts),
	.max = 1,
	.run = count,
};
