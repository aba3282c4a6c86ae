/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/commands/commands.h"

#include "harness/commands/session.h"
#include "lib/err.h"
#include "lib/exitcode.h"

struct run_opts {
	struct session_opts session;
	const char *resume;
};

static int go(struct session *s, const struct run_opts *opts, const char *job)
{
	int ret = job ? session_new(s, &opts->session, job, NULL) :
			session_resume(s, &opts->session, opts->resume);

	return ret == EXIT_ACCEPT ? session_finish(s) : ret;
}

static int run(const struct invocation *call)
{
	const struct run_opts *opts = call->options;
	const struct session_opts *common = &opts->session;
	struct session s = { 0 };
	int ret = EXIT_USAGE;

	if (opts->resume && call->argc)
		err("run: --resume takes the job from the run: give no other");
	else if (opts->resume && (common->set.n || common->dry_run || common->gate || common->aa || common->only_aa))
		err("run: --resume goes on with the plan as it was: --set, --gate, --aa and --dry-run do not go with it");
	else if (!opts->resume && !call->argc)
		err("run: which job? for example `foliogate run configs/jobs/quick.yaml`");
	else
		ret = go(&s, opts, call->argc ? call->argv[0] : NULL);
	session_release(&s);
	return ret;
}

static const struct opt run_options[] = {
	SESSION_OPTIONS(struct run_opts),
	OPT_TEXT(struct run_opts, resume, 'r', "resume", "RUN",
		 "go on with a run that was stopped (id, path or `last`)"),
	OPT_END
};

const struct command run_command = {
	.name = "run",
	.args = "JOB | --resume RUN",
	.summary = "measure a job's cells, keep the samples, print the tables",
	.about = "JOB is a YAML file as docs/jobs.md describes it. kill -9 at any moment costs at most the window\n"
		 "under way (in guests: the cell): --resume goes on from the next. The tables go to stdout,\n"
		 "everything else to stderr.",
	.options = run_options,
	.options_size = sizeof(struct run_opts),
	.max = 1,
	.run = run,
};
