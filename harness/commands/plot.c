/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/commands/commands.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/commands/drawings.h"
#include "harness/commands/loaded.h"
#include "harness/commands/metric_option.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/exitcode.h"
#include "lib/near.h"

struct plot_opts {
	const char *metric, *terminal, *output, *machine, *results;
	bool show_emulated_times;
};

static const char *const terminals[] = { "svg", "png", "dumb" };
#define NTERMINALS (sizeof(terminals) / sizeof(terminals[0]))

static int check_terminal(const char *name)
{
	struct buf hint = BUF_INIT;
	struct near near;
	size_t i;

	if (!name)
		return 0;
	near_init(&near, name);
	for (i = 0; i < NTERMINALS; i++) {
		if (!strcmp(name, terminals[i]))
			return 0;
		near_offer(&near, terminals[i]);
	}
	near_hint(&near, &hint);
	err("--terminal '%s' is not one of svg|png|dumb%s", name, buf_text(&hint));
	buf_release(&hint);
	return -1;
}

/* An enum exitcode. */
static int plot_run(const struct plot_opts *opts, const struct loaded *l, int metric)
{
	struct drawings d = { .plan = &l->plan, .samples = &l->samples,
			      .figures = l->figures, .metric = metric,
			      .terminal = opts->terminal, .emulated = l->emulated,
			      .show_emulated_times = l->show_emulated_times };
	char *report;
	int ret = 0;

	if (loaded_machine(l, opts->machine, &d.machine))
		return EXIT_USAGE;
	report = run_path(&l->run, "report");
	d.dir = opts->output ? opts->output : report;
	if ((!opts->terminal || strcmp(opts->terminal, "dumb")) && mkdir(d.dir, 0777) &&
	    errno != EEXIST)
		ret = err("mkdir %s: %m", d.dir);
	if (!ret)
		ret = drawings_make(&d);
	free(report);
	return ret ? EXIT_CANNOT : EXIT_ACCEPT;
}

static int plot(const struct invocation *call)
{
	const struct plot_opts *opts = call->options;
	int metric, ret = EXIT_CANNOT;
	struct loaded l;

	if (metric_option(opts->metric, &metric) || check_terminal(opts->terminal))
		return EXIT_USAGE;
	if (!loaded_open(&l, opts->results, call->argv[0], opts->show_emulated_times))
		ret = plot_run(opts, &l, metric);
	loaded_release(&l);
	return ret;
}

static const struct opt plot_options[] = {
	OPT_TEXT(struct plot_opts, metric, 'm', "metric", "mib|ops|ns",
		 "MiB/s, ops/s or ns per op (default: MiB/s where bytes were moved, else ops/s)"),
	OPT_TEXT(struct plot_opts, terminal, 't', "terminal", "svg|png|dumb",
		 "one kind of drawing only; dumb: characters, on standard output"),
	OPT_TEXT(struct plot_opts, output, 'o', "output", "DIR",
		 "where files go (default: the run's report directory)"),
	OPT_EMULATED_TIMES(struct plot_opts),
	OPT_PREDICTED_MACHINE(struct plot_opts, "the first there is"),
	OPT_TEXT(struct plot_opts, results, 0, "results", "DIR",
		 "where runs are kept (default: $FOLIOBENCH_RESULTS or results)"),
	OPT_END
};

const struct command plot_command = {
	.name = "plot",
	.args = "RUN",
	.summary = "draw a run's tables and the model's curves as SVG and PNG, or in the terminal",
	.about = "RUN is an id, the beginning of one, a path or `last`. Prints the paths of the files it wrote. Draws\n"
		 "with gnuplot and the scripts in plots/ ($FOLIOBENCH_PLOTS names another directory of them).",
	.options = plot_options,
	.options_size = sizeof(struct plot_opts),
	.min = 1,
	.max = 1,
	.run = plot,
};
