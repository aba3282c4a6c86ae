/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/commands/commands.h"

#include <stdlib.h>

#include "harness/commands/drawings.h"
#include "harness/commands/inlined.h"
#include "harness/commands/loaded.h"
#include "harness/commands/metric_option.h"
#include "harness/commands/output.h"
#include "harness/report/plot.h"
#include "harness/report/report.h"
#include "harness/report/report_formats.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/exitcode.h"

struct report_opts {
	const char *format, *output, *machine, *results;
	bool show_emulated_times, no_plots;
};

static int draw(const struct loaded *l, const char *machine, struct inlined *plots)
{
	const struct drawings d = {
		.plan = &l->plan, .samples = &l->samples, .figures = l->figures,
		.machine = machine ? machine : samples_machine(&l->samples, 0), .metric = METRIC_OF_TABLE,
		.emulated = l->emulated, .show_emulated_times = l->show_emulated_times,
	};

	return plot_check() ? -1 : inlined_draw(&d, plots);
}

/*
 * Those that the run has, if they show what is wanted; else they are drawn. A report without them is better than
 * none.
 */
static void take_plots(const struct loaded *l, const char *machine, struct inlined *plots)
{
	char *dir = run_path(&l->run, "report");
	int ret = 0;

	if (!machine && !l->show_emulated_times)
		ret = inlined_read(dir, plots);
	if (!ret && !plots->n)
		ret = draw(l, machine, plots);
	if (ret)
		info("the report holds no plots, or not all");
	free(dir);
}

/* An enum exitcode. */
static int write_report(const struct loaded *l, const struct report_opts *opts,
			const struct report_format *format)
{
	struct report_input in = loaded_input(l);
	struct inlined plots = { 0 };
	struct buf out = BUF_INIT;
	int ret;

	if (opts->machine && loaded_machine(l, opts->machine, &in.machine))
		return EXIT_USAGE;
	if (format->plots && l->figures && !opts->no_plots)
		take_plots(l, in.machine, &plots);
	in.plot = plots.plot;
	in.nplots = plots.n;
	format->render(&in, &out);
	ret = output_write(opts->output, &out) ? EXIT_CANNOT : EXIT_ACCEPT;
	inlined_release(&plots);
	buf_release(&out);
	return ret;
}

static int report(const struct invocation *call)
{
	const struct report_opts *opts = call->options;
	const struct loaded_call from = {
		.results = opts->results, .what = call->argv[0], .machine = opts->machine,
		.show_emulated_times = opts->show_emulated_times,
	};
	const struct report_format *format;
	struct buf why = BUF_INIT;
	struct loaded l;
	int ret;

	format = report_find(opts->format ? opts->format : "text", &why);
	if (!format) {
		err("--%s", buf_text(&why));
		buf_release(&why);
		return EXIT_USAGE;
	}
	ret = loaded_open_any(&l, &from);
	if (ret == EXIT_ACCEPT)
		ret = write_report(&l, opts, format);
	loaded_release(&l);
	return ret;
}

static const struct opt report_options[] = {
	OPT_TEXT(struct report_opts, format, 'f', "format", REPORT_FORMAT_NAMES, "what to write (default: text)"),
	OPT_TEXT(struct report_opts, output, 'o', "output", "FILE",
		 "where to (default: standard output)"),
	OPT_FLAG(struct report_opts, no_plots, 0, "no-plots", "leave the plots out of a report that would hold them"),
	OPT_EMULATED_TIMES(struct report_opts),
	OPT_PREDICTED_MACHINE(struct report_opts, "all there are"),
	OPT_TEXT(struct report_opts, results, 0, "results", "DIR",
		 "where runs are kept (default: $FOLIOBENCH_RESULTS or results)"),
	OPT_END
};

const struct command report_command = {
	.name = "report",
	.args = "RUN",
	.summary = "a whole run as text, a page, a mail, or for other programs",
	.about = "RUN is an id, the beginning of one, a path or `last`. docs/reports.md and docs/tables.md describe the\n"
		 "formats. Those for programs are in base units: bytes per second, operations per second, nanoseconds\n"
		 "per operation. html is one file that needs no other: open it in a browser, or attach it to a mail.",
	.options = report_options,
	.options_size = sizeof(struct report_opts),
	.min = 1,
	.max = 1,
	.run = report,
};
