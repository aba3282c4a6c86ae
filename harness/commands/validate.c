/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/commands/commands.h"

#include <stdlib.h>
#include <string.h>

#include "harness/commands/analysis.h"
#include "harness/commands/config_file.h"
#include "harness/commands/loaded.h"
#include "harness/commands/machines.h"
#include "harness/commands/output.h"
#include "harness/count/fit.h"
#include "harness/count/predict.h"
#include "harness/count/tally.h"
#include "harness/count/trace.h"
#include "harness/plan/published.h"
#include "harness/report/validation.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/exitcode.h"

struct validate_opts {
	const char *results;
	struct opt_list machine;
	bool fit;
};

/* One published figure and the counted cell it is about. */
struct figure_cell {
	struct predict_cell *cell;	/* NULL: not counted */
	double bytes_per_op;
};

struct validating {
	const struct validate_opts *opts;
	struct loaded run;
	struct published published;
	struct machines machines;	/* one */
	struct figure_cell *figure;	/* [published.n] */
};

/* An enum exitcode. */
static int read_published(struct validating *v, const char *what)
{
	char *path = config_file("published", what);
	const struct config_read file = { .kind = "published figures", .dir = "published", .what = what, .path = path };
	struct buf text = BUF_INIT, why = BUF_INIT;
	int ret = EXIT_USAGE;

	if (!path)
		return EXIT_CANNOT;
	if (config_file_read(&file, &text))
		;	/* said */
	else if (published_parse(path, buf_text(&text), text.len, &v->published, &why))
		err_at(buf_text(&why));
	else
		ret = EXIT_ACCEPT;
	buf_release(&text);
	buf_release(&why);
	free(path);
	return ret;
}

/* A cell's region for each figure that is about it. */
static void take_region(struct validating *v, const char *kernel, const struct plan_cell *cell,
			const struct region *r)
{
	const struct count_record *count = samples_count(&v->run.samples, kernel, cell->id);
	struct tally t;
	size_t i;

	if (analysis_threads(cell->name) != v->published.threads)
		return;
	tally_make(r, &t);
	for (i = 0; i < v->published.n; i++)
		if (count && !v->figure[i].cell &&
		    published_matches(&v->published.cell[i], kernel, cell->name)) {
			v->figure[i].cell = predict_cell_new(r, &t);
			v->figure[i].bytes_per_op = (double)count->bytes_per_op;
		}
	tally_release(&t);
}

static int read_trace(struct validating *v, const char *kernel)
{
	char *name = xasprintf("traces/%s.trace", kernel), *path = run_path(&v->run.run, name);
	struct buf why = BUF_INIT;
	struct trace *t = trace_open(path, &why);
	struct region r;
	int more = t ? 1 : -1;
	size_t i;

	for (i = 0; i < v->run.plan.ncells && more == 1; i++) {
		more = trace_next(t, &r, &why);
		if (more == 1)
			take_region(v, kernel, &v->run.plan.cell[i], &r);
		region_release(&r);
	}
	if (more < 0)
		err("%s", buf_text(&why));
	else if (!more)
		more = err("%s: ends after %zu of %zu cells", path, i - 1, v->run.plan.ncells);
	trace_close(t);
	buf_release(&why);
	free(path);
	free(name);
	return more < 0 ? -1 : 0;
}

static int read_traces(struct validating *v)
{
	size_t k;

	v->figure = xcalloc(v->published.n + 1, sizeof(v->figure[0]));
	if (!v->run.samples.ncounts)
		return err("run %s was not counted: `foliogate count --resume %s` does it", v->run.run.id,
			   v->run.run.id);
	for (k = 0; k < v->run.plan.nkernels; k++)
		if (read_trace(v, v->run.plan.kernel[k].name))
			return -1;
	return 0;
}

/* MiB/s of all threads from one thread's ns per op. */
static double rate(const struct validating *v, size_t i, double ns)
{
	return v->published.threads * v->figure[i].bytes_per_op / ns * 1e9 / 1048576;
}

/* One thread's ns per op from MiB/s of all threads. */
static double ns_per_op(const struct validating *v, size_t i)
{
	return v->published.threads * v->figure[i].bytes_per_op / (v->published.cell[i].mean * 1048576) * 1e9;
}

static void print_fit(const struct fit_figure *f, const struct fit_result *r, size_t n, struct buf *out)
{
	size_t i;

	for (i = 0; i < n; i++)
		buf_fmt(out, "fitted: %s: %.4g (%.1f ns per op published, %.1f with it)\n",
			constant_name(f[i].constant), r[i].value, f[i].ns_per_op, r[i].ns_per_op);
	buf_ch(out, '\n');
}

/* The machine's constants from the figures that are marked for it. */
static int fit(struct validating *v, struct buf *out)
{
	struct fit_figure figure[FIT_FIGURES_MAX];
	struct fit_result result[FIT_FIGURES_MAX];
	struct processor *m = &v->machines.p[0];
	struct buf why = BUF_INIT;
	size_t n = 0, i;
	int ret = 0;

	for (i = 0; i < v->published.n; i++) {
		if (v->published.cell[i].fit < 0)
			continue;
		if (!v->figure[i].cell)
			return err("a figure of %s to fit %s to was not counted in run %s", v->published.name,
				   constant_name((enum constant)v->published.cell[i].fit), v->run.run.id);
		figure[n++] = (struct fit_figure){
			.cell = v->figure[i].cell, .threads = v->published.threads,
			.ns_per_op = ns_per_op(v, i), .constant = (enum constant)v->published.cell[i].fit,
		};
	}
	if (!n)
		return err("%s marks no figure to fit to", v->published.name);
	if (fit_run(figure, n, m, result, &why))
		ret = err("%s", buf_text(&why));
	else
		print_fit(figure, result, n, out);
	for (i = 0; i < n; i++)
		m->constant[figure[i].constant].calibrated = true;
	buf_release(&why);
	return ret;
}

static void predict_figure(const struct validating *v, size_t i, struct validation *out)
{
	const struct predict_cell *c = v->figure[i].cell;
	const struct processor *m = &v->machines.p[0];
	struct predict_range range;
	struct prediction p;

	*out = (struct validation){ .published = &v->published.cell[i], .counted = c != NULL };
	if (!c)
		return;
	predict_run(c, m, v->published.threads, v->run.plan.seed, &p);
	predict_range(c, m, v->published.threads, v->run.plan.seed, &range);
	out->ns_per_op = p.ns_per_op;
	out->predicted = rate(v, i, p.ns_per_op);
	out->low = rate(v, i, range.high);
	out->high = rate(v, i, range.low);
	memcpy(out->at_low, range.at_low, sizeof(out->at_low));
	memcpy(out->at_high, range.at_high, sizeof(out->at_high));
	prediction_release(&p);
}

static void render(const struct validating *v, struct buf *out)
{
	struct validation *all = xcalloc(v->published.n + 1, sizeof(all[0]));
	const struct validation_input in = {
		.published = &v->published, .machine = &v->machines.p[0], .v = all, .n = v->published.n,
	};
	size_t i;

	for (i = 0; i < v->published.n; i++)
		predict_figure(v, i, &all[i]);
	validation_render(&in, out);
	free(all);
}

static int validate(const struct invocation *call)
{
	struct validating v = { .opts = call->options };
	struct buf out = BUF_INIT;
	int ret;
	size_t i;

	if (v.opts->machine.n > 1) {
		err("--machine: one machine, not %zu", v.opts->machine.n);
		return EXIT_USAGE;
	}
	ret = read_published(&v, call->argv[1]);
	if (ret == EXIT_ACCEPT && loaded_open(&v.run, v.opts->results, call->argv[0], false))
		ret = EXIT_CANNOT;
	if (ret == EXIT_ACCEPT)
		ret = machines_load(&v.machines, &v.opts->machine,
				    v.run.samples.ncounts && v.run.samples.count[0].arm64);
	if (ret == EXIT_ACCEPT && read_traces(&v))
		ret = EXIT_CANNOT;
	if (ret == EXIT_ACCEPT && v.opts->fit && fit(&v, &out))
		ret = EXIT_CANNOT;
	if (ret == EXIT_ACCEPT) {
		render(&v, &out);
		ret = output_write(NULL, &out) ? EXIT_CANNOT : EXIT_ACCEPT;
	}
	for (i = 0; v.figure && i < v.published.n; i++)
		predict_cell_free(v.figure[i].cell);
	free(v.figure);
	machines_release(&v.machines);
	loaded_release(&v.run);
	published_release(&v.published);
	buf_release(&out);
	return ret;
}

static const struct opt validate_options[] = {
	OPT_MACHINE(struct validate_opts, machine),
	OPT_FLAG(struct validate_opts, fit, 0, "fit",
		 "first fit the machine's constants to the figures that are marked for it, and print them"),
	OPT_TEXT(struct validate_opts, results, 0, "results", "DIR",
		 "where runs are kept (default: $FOLIOBENCH_RESULTS or results)"),
	OPT_END
};

const struct command validate_command = {
	.name = "validate",
	.args = "RUN PUBLISHED",
	.summary = "hold a counted run's predictions against published figures",
	.about = "RUN is an id, the beginning of one, a path or `last`, counted with its traces kept. PUBLISHED is a\n"
		 "file, or one of configs/published. Which figures the model was fitted to is marked, and they say\n"
		 "nothing about it: docs/model.md.",
	.options = validate_options,
	.options_size = sizeof(struct validate_opts),
	.min = 2,
	.max = 2,
	.run = validate,
};
