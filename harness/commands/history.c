/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/commands/commands.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "harness/commands/history_judge.h"
#include "harness/commands/history_plot.h"
#include "harness/commands/history_show.h"
#include "harness/commands/output.h"
#include "harness/commands/results.h"
#include "harness/judge/summary.h"
#include "harness/store/index.h"
#include "harness/store/run.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/exitcode.h"
#include "lib/near.h"
#include "lib/units.h"

struct history_opts {
	const char *machine, *cell, *job, *kernel, *since, *format, *svg, *magnitude, *window, *results;
	bool plot;
};

enum format { TEXT, JSON, CSV, NFORMATS };
static const char *const formats[NFORMATS] = { "text", "json", "csv" };

/* Options, parsed. */
struct wanted {
	struct history_filter filter;
	struct history_judge_how how;
	enum format format;
};

/* -1 after naming what would be right. */
static int not_one_of(const char *what, const char *word, const char *const *known)
{
	struct buf list = BUF_INIT, hint = BUF_INIT;
	struct near near;
	size_t i;

	near_init(&near, word);
	for (i = 0; known[i]; i++) {
		near_offer(&near, known[i]);
		buf_fmt(&list, "%s%s", i ? ", " : "", known[i]);
	}
	near_hint(&near, &hint);
	err("%s'%s' is not one of %s%s", what, word, buf_text(&list), buf_text(&hint));
	buf_release(&list);
	buf_release(&hint);
	return -1;
}

static int parse_metric(const char *word, const char **metric)
{
	const char *known[NIGHTLY_METRICS + 1] = { NULL };
	int brief = metric_parse(word), i;

	for (i = 0; i < NIGHTLY_METRICS; i++)
		known[i] = nightly_metric((size_t)i).name;
	*metric = brief >= 0 ? metric_name((enum metric)brief) : word;
	return nightly_metric_find(*metric) >= 0 ? 0 : not_one_of("history: ", word, known);
}

static int parse_format(const char *word, enum format *format)
{
	static const char *const known[] = { "text", "json", "csv", NULL };
	int i;

	for (i = 0; word && i < NFORMATS; i++)
		if (!strcmp(word, formats[i])) {
			*format = (enum format)i;
			return 0;
		}
	return word ? not_one_of("--format ", word, known) : 0;
}

static int parse_since(const char *text, int64_t *since)
{
	struct tm tm = { 0 };
	const char *end;

	*since = INT64_MIN;
	if (!text)
		return 0;
	end = strptime(text, "%Y-%m-%d", &tm);
	if (!end || *end)
		return err("--since '%s' is no date like 2026-11-21", text);
	*since = timegm(&tm);
	return 0;
}

static int parse_magnitude(const char *text, double *magnitude)
{
	char *end;

	*magnitude = NAN;
	if (!text)
		return 0;
	*magnitude = strtod(text, &end) / 100;
	if (end == text || (strcmp(end, "") && strcmp(end, "%")) || !(*magnitude >= 0 && *magnitude <= 10))
		return err("--min-magnitude '%s' is no percentage from 0 to 1000", text);
	return 0;
}

static int parse_window(const char *text, uint32_t *window)
{
	uint64_t n = CHANGES_WINDOW;

	if (text && (units_count(text, &n) || (n && n < 2 * CHANGES_LEAST) || n > 100000))
		return err("--window '%s' is not 0 (all nights at once) or %d to 100000 nights", text,
			   2 * CHANGES_LEAST);
	*window = (uint32_t)n;
	return 0;
}

static int parse(const struct history_opts *opts, const char *metric, struct wanted *w)
{
	*w = (struct wanted){ .filter = { .machine = opts->machine, .cell = opts->cell, .job = opts->job,
					  .kernel = opts->kernel } };
	if ((metric && parse_metric(metric, &w->filter.metric)) || parse_format(opts->format, &w->format) ||
	    parse_since(opts->since, &w->filter.since) || parse_magnitude(opts->magnitude, &w->how.magnitude) ||
	    parse_window(opts->window, &w->how.window))
		return -1;
	if (!metric && (opts->plot || opts->svg))
		return err("%s needs a METRIC", opts->plot ? "--plot" : "--svg");
	if (opts->plot && w->format != TEXT)
		return err("--plot goes with --format text");
	return 0;
}

static int show_series(const struct shown_history *s, bool plot)
{
	struct buf out = BUF_INIT;
	size_t i;
	int ret = 0;

	for (i = 0; !ret && i < s->h->n; i++) {
		buf_reset(&out);
		history_text(s, i, &out);
		ret = output_write(NULL, &out);
		if (!ret && plot)
			ret = history_plot(s, i);
	}
	buf_release(&out);
	return ret;
}

static int show(const struct shown_history *s, const struct wanted *w, bool plot)
{
	struct buf out = BUF_INIT;
	int ret;

	if (w->format == TEXT && w->filter.metric)
		return show_series(s, plot);
	if (w->format == CSV)
		history_csv(s, &out);
	else if (w->format == JSON)
		history_json(s, w->filter.metric, &out);
	else
		history_list(s, &out);
	ret = output_write(NULL, &out);
	buf_release(&out);
	return ret;
}

static void add_condition(struct buf *out, const char *name, const char *value)
{
	if (value)
		buf_fmt(out, " %s%s", name, value);
}

/* No series meets the conditions: an enum exitcode. */
static int say_none(const char *dir, const struct history_opts *opts, const struct wanted *w,
		    const struct history *h)
{
	struct buf conditions = BUF_INIT;
	int ret = EXIT_ACCEPT;

	add_condition(&conditions, "", w->filter.metric);
	add_condition(&conditions, "--machine ", opts->machine);
	add_condition(&conditions, "--cell ", opts->cell);
	add_condition(&conditions, "--job ", opts->job);
	add_condition(&conditions, "--kernel ", opts->kernel);
	add_condition(&conditions, "--since ", opts->since);
	if (!h->nruns) {
		info("%s: no runs yet; `foliogate run JOB` makes one", dir);
	} else if (h->without == h->nruns) {
		info("%s: none of %zu run%s has a history: not complete, ended in trouble, or emulated and not counted",
		     dir, h->nruns, h->nruns == 1 ? "" : "s");
	} else {
		err("%s: no night fits%s; `foliogate history` lists what there is", dir, buf_text(&conditions));
		ret = EXIT_USAGE;
	}
	buf_release(&conditions);
	return ret;
}

/* An enum exitcode. */
static int judge_and_show(const struct history_opts *opts, const struct wanted *w, const struct history *h)
{
	struct shown_history s = { .h = h, .how = &w->how };
	struct past *past = history_judge(h, &w->how);
	int ret;

	s.past = past;
	ret = show(&s, w, opts->plot);
	if (!ret && opts->svg)
		ret = history_svg(&s, opts->svg);
	if (h->without)
		info("%zu run%s left out: not complete, ended in trouble, or emulated and not counted", h->without,
		     h->without == 1 ? " is" : "s are");
	past_release(past, h->n);
	return ret ? EXIT_CANNOT : EXIT_ACCEPT;
}

static int load(const char *dir, const struct wanted *w, struct history *h)
{
	struct index *ix = results_index(dir);
	int ret = ix ? history_load(ix, &w->filter, h) : -1;

	index_close(ix);
	return ret;
}

static int history(const struct invocation *call)
{
	const struct history_opts *opts = call->options;
	const char *dir = opts->results ? opts->results : run_results_dir();
	struct history h = { 0 };
	struct wanted w;
	int ret = EXIT_CANNOT;

	if (parse(opts, call->argc ? call->argv[0] : NULL, &w))
		return EXIT_USAGE;
	if (access(dir, F_OK) && errno == ENOENT)
		return say_none(dir, opts, &w, &h);
	if (!load(dir, &w, &h))
		ret = h.n ? judge_and_show(opts, &w, &h) : say_none(dir, opts, &w, &h);
	history_release(&h);
	return ret;
}

static const struct opt history_options[] = {
	OPT_TEXT(struct history_opts, machine, 0, "machine", "M",
		 "of machines whose name holds M, or whose id begins so"),
	OPT_TEXT(struct history_opts, cell, 'c', "cell", "TEXT",
		 "of cells whose name holds all of its words, or whose id begins so"),
	OPT_TEXT(struct history_opts, job, 0, "job", "JOB", "of this job"),
	OPT_TEXT(struct history_opts, kernel, 'k', "kernel", "NAME", "of this kernel of the job, `baseline` say"),
	OPT_TEXT(struct history_opts, since, 0, "since", "DATE", "nights from then on, 2026-11-21"),
	OPT_TEXT(struct history_opts, format, 'f', "format", "text|json|csv", "csv: a line a night (default: text)"),
	OPT_FLAG(struct history_opts, plot, 'p', "plot", "draw each series in the terminal"),
	OPT_TEXT(struct history_opts, svg, 0, "svg", "DIR|FILE.svg", "draw each series into a file"),
	OPT_TEXT(struct history_opts, magnitude, 0, "min-magnitude", "PERCENT",
		 "smaller changes are none (default: 2, and 0 of exact counts)"),
	OPT_TEXT(struct history_opts, window, 0, "window", "NIGHTS",
		 "judged at a time (default: 100); 0: all, which takes seconds a series"),
	OPT_TEXT(struct history_opts, results, 0, "results", "DIR",
		 "where runs are kept (default: $FOLIOBENCH_RESULTS or results)"),
	OPT_END
};

const struct command history_command = {
	.name = "history",
	.args = "[METRIC]",
	.summary = "figures over the nights of a machine, and where they changed",
	.about = "Without METRIC: every series, its newest figure and its newest change point. With it: the\n"
		 "change points of that metric's series, each with the kernels before and after it. METRIC is\n"
		 "ops_per_s, bytes_per_s, ns_per_op, transfers or an exact count such as kernel_instructions or\n"
		 "atomics. One number a run: the median over its boots, or the exact count. Change points are\n"
		 "found by E-divisive means, with a permutation test (p 0.001). They are no error: the exit\n"
		 "code is 0.",
	.options = history_options,
	.options_size = sizeof(struct history_opts),
	.max = 1,
	.run = history,
};
