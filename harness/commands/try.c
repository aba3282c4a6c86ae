/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/commands/commands.h"

#include <stdlib.h>

#include "harness/commands/session.h"
#include "harness/kernel/spec.h"
#include "lib/alloc.h"
#include "lib/err.h"
#include "lib/exitcode.h"

#define JOB "ab-short-reads"

struct try_opts {
	struct session_opts session;
	const char *job;
	struct opt_list reverse;
};

/* The standard job's path; the caller frees. NULL after reporting. */
static char *standard_job(void)
{
	char *configs = spec_configs(), *path;

	if (!configs)
		return NULL;
	path = xasprintf("%s/jobs/" JOB ".yaml", configs);
	free(configs);
	return path;
}

static int go(struct session *s, const struct try_opts *opts, const struct invocation *call)
{
	const struct session_patches patches = {
		.in = { .text = (const char **)call->argv, .n = (size_t)call->argc },
		.out = opts->reverse, .any = true,
	};
	char *job = opts->job ? xstrdup(opts->job) : standard_job();
	int ret = job ? session_new(s, &opts->session, job, &patches) : EXIT_CANNOT;

	free(job);
	return ret == EXIT_ACCEPT ? session_finish(s) : ret;
}

static int try(const struct invocation *call)
{
	const struct try_opts *opts = call->options;
	struct session s = { 0 };
	int ret = EXIT_USAGE;

	if (!call->argc && !opts->reverse.n)
		err("try: which patch? a file, or - for standard input");
	else
		ret = go(&s, opts, call);
	session_release(&s);
	return ret;
}

static const struct opt try_options[] = {
	SESSION_OPTIONS(struct try_opts),
	OPT_TEXT(struct try_opts, job, 'j', "job", "JOB",
		 "a job that compares two kernels (default: configs/jobs/" JOB ".yaml)"),
	OPT_MANY(struct try_opts, reverse, 'R', "reverse", "PATCH",
		 "take this patch out of the second kernel, before others go in; may be given several times"),
	OPT_END
};

const struct command try_command = {
	.name = "try",
	.args = "PATCH...",
	.summary = "a job on its first kernel, and on that with the patches",
	.about = "PATCH is a diff, what git format-patch writes, a mail, or an mbox with a series; - is standard\n"
		 "input. The job's own second kernel gives no more than its name. A run that was stopped goes on\n"
		 "with `foliogate run --resume`.",
	.options = try_options,
	.options_size = sizeof(struct try_opts),
	.max = -1,
	.run = try,
};
