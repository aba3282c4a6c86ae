/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/commands/commands.h"

#include "harness/commands/loaded.h"
#include "harness/commands/output.h"
#include "harness/report/report.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/exitcode.h"

struct report_opts {
	const char *format, *output, *machine, *results;
	bool show_emulated_times;
};

/* An enum exitcode. */
static int write_report(const struct loaded *l, const struct report_opts *opts,
			const struct report_format *format)
{
	struct report_input in = loaded_input(l);
	struct buf out = BUF_INIT;
	int ret;

	if (opts->machine && loaded_machine(l, opts->machine, &in.machine))
		return EXIT_USAGE;
	format->render(&in, &out);
	ret = output_write(opts->output, &out) ? EXIT_CANNOT : EXIT_ACCEPT;
	buf_release(&out);
	return ret;
}

static int report(const struct invocation *call)
{
	const struct report_opts *opts = call->options;
	const struct report_format *format;
	struct buf why = BUF_INIT;
	struct loaded l;
	int ret = EXIT_CANNOT;

	format = report_find(opts->format ? opts->format : "text", &why);
	if (!format) {
		err("--%s", buf_text(&why));
		buf_release(&why);
		return EXIT_USAGE;
	}
	if (!loaded_open(&l, opts->results, call->argv[0], opts->show_emulated_times))
		ret = write_report(&l, opts, format);
	loaded_release(&l);
	return ret;
}

static const struct opt report_options[] = {
	OPT_TEXT(struct report_opts, format, 'f', "format", "text|json|csv",
		 "what to write (default: text)"),
	OPT_TEXT(struct report_opts, output, 'o', "output", "FILE",
		 "where to (default: standard output)"),
	OPT_EMULATED_TIMES(struct report_opts),
	OPT_PREDICTED_MACHINE(struct report_opts, "all there are"),
	OPT_TEXT(struct report_opts, results, 0, "results", "DIR",
		 "where runs are kept (default: $FOLIOBENCH_RESULTS or results)"),
	OPT_END
};

const struct command report_command = {
	.name = "report",
	.args = "RUN",
	.summary = "a whole run as text, JSON or CSV",
	.about = "RUN is an id, the beginning of one, a path or `last`. JSON and CSV are in base units: bytes per\n"
		 "second, operations per second, nanoseconds per operation. docs/tables.md describes them.",
	.options = report_options,
	.options_size = sizeof(struct report_opts),
	.min = 1,
	.max = 1,
	.run = report,
};
