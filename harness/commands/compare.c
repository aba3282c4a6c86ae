/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/commands/commands.h"

#include <string.h>

#include "harness/commands/loaded.h"
#include "harness/commands/metric_option.h"
#include "harness/commands/output.h"
#include "harness/report/tables.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/exitcode.h"

struct compare_opts {
	const char *metric, *machine, *results;
	bool percent, no_percent, show_emulated_times;
};

static bool has_percent(const struct plan *plan)
{
	size_t i;

	for (i = 0; i < plan->ntables; i++)
		if (plan->table[i].ncolumns > 1)
			return true;
	return plan->nkernels > 1;
}

/* Several kernels are there to be compared; the columns of one only where that is asked for. */
static bool wants_percent(const struct compare_opts *opts, const struct plan *plan)
{
	return !opts->no_percent && (opts->percent || plan->nkernels > 1);
}

/* The tables show one machine: what else there is. */
static void note_machines(const struct loaded *l, const char *shown, struct buf *out)
{
	const char *name;
	size_t i, n = 0;

	for (i = 0; (name = samples_machine(&l->samples, i)); i++)
		if (strcmp(name, shown))
			buf_fmt(out, "%s%s", n++ ? ", " : "\nAlso predicted for (--machine): ", name);
	buf_str(out, n ? ".\n" : "");
}

/* An enum exitcode. */
static int print(const struct loaded *l, const struct compare_opts *opts, int metric)
{
	const struct tables_style style = { .metric = metric,
					    .percent = wants_percent(opts, &l->plan) };
	struct report_input in = loaded_input(l);
	struct buf out = BUF_INIT;
	int ret;

	if (loaded_machine(l, opts->machine, &in.machine))
		return EXIT_USAGE;
	if (opts->percent && !has_percent(&l->plan))
		warn("--percent: this run has one kernel and one column, there is nothing to compare");
	tables_render(&in, &style, &out);
	if (in.machine)
		note_machines(l, in.machine, &out);
	ret = output_write(NULL, &out) ? EXIT_CANNOT : EXIT_ACCEPT;
	buf_release(&out);
	return ret;
}

static int compare(const struct invocation *call)
{
	const struct compare_opts *opts = call->options;
	int metric, ret = EXIT_CANNOT;
	struct loaded l;

	if (metric_option(opts->metric, &metric))
		return EXIT_USAGE;
	if (opts->percent && opts->no_percent) {
		err("--percent and --no-percent exclude each other");
		return EXIT_USAGE;
	}
	if (!loaded_open(&l, opts->results, call->argv[0], opts->show_emulated_times))
		ret = print(&l, opts, metric);
	loaded_release(&l);
	return ret;
}

static const struct opt compare_options[] = {
	OPT_TEXT(struct compare_opts, metric, 'm', "metric", "mib|ops|ns",
		 "MiB/s, ops/s or ns per op (default: MiB/s where bytes were moved, else ops/s)"),
	OPT_FLAG(struct compare_opts, percent, 'p', "percent",
		 "columns of differences in percent beside the figures (default with several kernels)"),
	OPT_FLAG(struct compare_opts, no_percent, 0, "no-percent", "no such columns"),
	OPT_EMULATED_TIMES(struct compare_opts),
	OPT_PREDICTED_MACHINE(struct compare_opts, "the first there is"),
	OPT_TEXT(struct compare_opts, results, 0, "results", "DIR",
		 "where runs are kept (default: $FOLIOBENCH_RESULTS or results)"),
	OPT_END
};

const struct command compare_command = {
	.name = "compare",
	.args = "RUN",
	.summary = "print a run's tables",
	.about = "RUN is an id, the beginning of one, a path or `last`. Under a mean stands its standard deviation.\n"
		 "Several kernels are compared with the first of them, in percent; with --percent also the columns of\n"
		 "one kernel with the first of them. What was counted exactly, and what is predicted from it, comes\n"
		 "after what was measured. docs/tables.md says how to read the tables.",
	.options = compare_options,
	.options_size = sizeof(struct compare_opts),
	.min = 1,
	.max = 1,
	.run = compare,
};
