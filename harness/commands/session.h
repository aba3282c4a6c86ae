/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One run from its job, or from what an earlier process left of it, to the
 * point where it can be measured: planned, its kernels ready, its directory made.
 */
#ifndef HARNESS_COMMANDS_SESSION_H
#define HARNESS_COMMANDS_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/commands/lineup.h"
#include "harness/commands/machines.h"
#include "harness/plan/gate.h"
#include "harness/plan/plan.h"
#include "harness/store/run.h"
#include "harness/store/samples.h"
#include "lib/cmd.h"

/* What `run` and `try` have in common. */
struct session_opts {
	const char *results, *driver, *gate;
	struct opt_list set, machine;
	bool dry_run, no_plots, show_emulated_times, no_count, aa, only_aa;
	bool bisect;		/* main() acts on it: for wrong command lines, too */
	bool count_only;	/* measure nothing, count all; no option */
	uint64_t ops;		/* counted a thread and cell; 0: SESSION_COUNTED_OPS */
};
#define SESSION_COUNTED_OPS 60
#define SESSION_COUNTED_MAX 100000

#define SESSION_OPTIONS_COMMON(type) \
	OPT_MANY(type, session.set, 's', "set", "KEY=VALUE", \
		 "replace a key of the job; may be given several times"), \
	OPT_FLAG(type, session.dry_run, 'n', "dry-run", \
		 "print the cells and the time they would take"), \
	OPT_FLAG(type, session.no_plots, 0, "no-plots", "draw nothing"), \
	OPT_TEXT(type, session.gate, 'g', "gate", "GATE", \
		 "what speaks against a patch: a file, or one of configs/gates (default: the job's, else default)"), \
	OPT_MACHINE(type, session.machine), \
	OPT_TEXT(type, session.results, 0, "results", "DIR", \
		 "where runs are kept (default: $FOLIOBENCH_RESULTS or results)"), \
	OPT_TEXT(type, session.driver, 0, "driver", "PATH", \
		 "the foliobench to measure with (default: the one beside this)")

/* What takes times has these as well. */
#define SESSION_OPTIONS(type) \
	SESSION_OPTIONS_COMMON(type), \
	OPT_FLAG(type, session.aa, 0, "aa", \
		 "also compare the first kernel with itself, rebuilt: any change there is our fault"), \
	OPT_FLAG(type, session.only_aa, 0, "only-aa", "compare the first kernel with itself, rebuilt, and no other"), \
	OPT_FLAG(type, session.bisect, 0, "bisect", \
		 "for git bisect run: exit with 125 unless it is accept or reject"), \
	OPT_FLAG(type, session.no_count, 0, "no-count", \
		 "do not count where guests are emulated"), \
	OPT_FLAG(type, session.show_emulated_times, 0, "show-emulated-times", \
		 "show times taken in emulation, which are no performance")

/* Patches that `try` puts into the job's second kernel; n 0 for `run`. */
struct session_patches {
	struct opt_list in, out;
	bool any;
};

struct session {
	const struct session_opts *opts;
	const char *results;
	char *driver;
	struct plan plan;
	struct lineup lineup;		/* empty where nothing is measured in guests */
	struct gate gate;
	struct machines machines;	/* that predictions are wanted for; empty where nothing is counted */
	char *uncountable;	/* why it cannot be counted, or NULL */
	uint64_t ops;		/* counted a thread and cell */
	struct run run;
	bool opened;
	struct samples have;		/* what was there before, when resumed */
};

/*
 * From a job's file: an enum exitcode. EXIT_ACCEPT with opts->dry_run: the plan was made and
 * nothing else, s->opened is false. session_release() in every case.
 */
int session_new(struct session *s, const struct session_opts *opts, const char *job,
		const struct session_patches *patches);
/* What was begun and is to be gone on with. An enum exitcode. */
int session_resume(struct session *s, const struct session_opts *opts, const char *what);
void session_release(struct session *s);

/* What the store has by now, read again: 0, or -1 after reporting. */
int session_reread(struct session *s);

/* The rest: measure, count, update the index, publish; with opts->dry_run: the plan for people, on stdout. An enum exitcode. */
int session_finish(struct session *s);

#endif
