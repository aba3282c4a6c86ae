/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/commands/commands.h"

#include "harness/commands/loaded.h"
#include "harness/commands/metric_option.h"
#include "harness/commands/output.h"
#include "harness/report/notes.h"
#include "harness/report/table.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/exitcode.h"

struct compare_opts {
	const char *metric, *results;
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

static void add_tables(const struct loaded *l, int metric, bool percent, struct buf *out)
{
	struct table_style style = { .percent = percent,
				     .emulated_times = l->emulated && l->show_emulated_times };
	struct buf notes = BUF_INIT;
	size_t i;

	for (i = 0; i < l->plan.ntables; i++) {
		if (i)
			buf_ch(out, '\n');
		style.metric = metric_for_table(metric, &l->plan, i, l->figures);
		table_render(&l->plan, i, l->figures, &style, out);
	}
	notes_render(&l->plan, &l->samples, l->figures, &notes);
	if (notes.len)
		buf_fmt(out, "\n%s", buf_text(&notes));
	buf_release(&notes);
}

static int compare(const struct invocation *call)
{
	const struct compare_opts *opts = call->options;
	struct buf out = BUF_INIT;
	struct loaded l;
	int metric, ret = EXIT_CANNOT;

	if (metric_option(opts->metric, &metric))
		return EXIT_USAGE;
	if (opts->percent && opts->no_percent) {
		err("--percent and --no-percent exclude each other");
		return EXIT_USAGE;
	}
	if (!loaded_open(&l, opts->results, call->argv[0], opts->show_emulated_times)) {
		if (opts->percent && !has_percent(&l.plan))
			warn("--percent: this run has one kernel and one column, there is nothing to compare");
		add_tables(&l, metric, wants_percent(opts, &l.plan), &out);
		ret = output_write(NULL, &out) ? EXIT_CANNOT : EXIT_ACCEPT;
	}
	buf_release(&out);
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
		 "one kernel with the first of them. docs/tables.md says how to read the tables.",
	.options = compare_options,
	.options_size = sizeof(struct compare_opts),
	.min = 1,
	.max = 1,
	.run = compare,
};
