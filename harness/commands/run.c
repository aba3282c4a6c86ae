/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/commands/commands.h"

#include <ctype.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "harness/commands/publish.h"
#include "harness/guest/native.h"
#include "harness/plan/catalogue.h"
#include "harness/plan/job.h"
#include "harness/plan/plan.h"
#include "harness/progress.h"
#include "harness/report/plot.h"
#include "harness/store/index.h"
#include "harness/store/run.h"
#include "harness/store/samples.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/exitcode.h"
#include "lib/json.h"
#include "lib/record.h"

#define DRIVER_START_NS 300000000ull	/* of a process: files made, threads started; for estimates only */
#define MANY_CELLS 500			/* take seconds to check */
#define PATIENCE 10			/* a driver may take so many times its planned time, and ... */
#define PATIENCE_NS 120000000000ull	/* ... this much on top, before it is killed */

struct run_opts {
	const char *resume, *results, *driver;
	struct opt_list set;
	bool dry_run, no_plots;
};

/* Everything one run needs while it goes on. */
struct session {
	const struct run_opts *opts;
	const char *results;
	char *driver;
	char *log;
	struct plan plan;
	struct run run;
	bool opened;
	bool unwritten;			/* the store failed, and has said how to go on */
	struct samples have;		/* what was there before, when resumed */
	struct progress progress;
	/* Of the cell under way. */
	const struct plan_cell *cell;
	uint32_t block, next;		/* next: the window that must come now */
};

static volatile sig_atomic_t stop;

static void on_signal(int signal)
{
	(void)signal;
	stop = 1;
}

/* What was ignored stays so (nohup). The second of a kind ends us at once. */
static void catch_signals(void)
{
	/* no SA_RESTART: poll() must return */
	const struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESETHAND };
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction before;
	size_t i;

	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (!sigaction(signals[i], NULL, &before) && before.sa_handler != SIG_IGN)
			sigaction(signals[i], &action, NULL);
}

static int add_line(const char *text, size_t len, void *data)
{
	struct buf *all = data;

	buf_add(all, text, len);
	buf_ch(all, '\n');
	return 0;
}

/* The stdout of a short call of the driver. 0, or -1 after reporting. */
static int ask_driver(const struct session *s, const char *const *argv, struct buf *answer)
{
	const struct native_call call = {
		.driver = s->driver, .argv = argv, .limit_ns = PATIENCE_NS, .stop = &stop
	};

	return native_run(&call, add_line, answer) == EXIT_ACCEPT ? 0 : -1;
}

/* CPUs that we may use; the driver's placement counts the same ones. */
static uint32_t usable_cpus(void)
{
	const size_t size = CPU_ALLOC_SIZE(65536);
	cpu_set_t *set = xcalloc(1, size);
	int n = sched_getaffinity(0, size, set) ? 1 : CPU_COUNT_S(size, set);

	free(set);
	return n > 0 ? (uint32_t)n : 1;
}

/* Job file, --set and catalogue to plan; the job's text goes to text. An enum exitcode. */
static int plan_job(struct session *s, const char *file, struct buf *text)
{
	const char *const ask[] = { "describe", "--json", NULL };
	const struct plan_machine machine = { .cpus = usable_cpus() };
	struct catalogue catalogue = { 0 };
	struct buf described = BUF_INIT, why = BUF_INIT;
	struct job job = { 0 };
	int ret = EXIT_USAGE;
	size_t i;

	if (ask_driver(s, ask, &described)) {
		ret = EXIT_CANNOT;
		goto out;
	}
	if (catalogue_parse(buf_text(&described), described.len, &catalogue, &why)) {
		err("%s describe --json: %s", s->driver, buf_text(&why));
		ret = EXIT_CANNOT;
		goto out;
	}
	if (buf_read_file(text, file)) {
		err("read job %s: %m", file);
		goto out;
	}
	if (job_parse(file, buf_text(text), text->len, &job, &why)) {
		err_at(buf_text(&why));
		goto out;
	}
	if (s->opts->set.n && text->len && text->s[text->len - 1] != '\n')
		buf_ch(text, '\n');
	for (i = 0; i < s->opts->set.n; i++) {
		if (job_set(&job, &catalogue, s->opts->set.text[i], &why)) {
			err_at(buf_text(&why));
			goto out;
		}
		buf_fmt(text, "# --set %s\n", s->opts->set.text[i]);
	}
	if (plan_make(&job, &catalogue, &machine, &s->plan, &why)) {
		err_at(buf_text(&why));
		goto out;
	}
	ret = EXIT_ACCEPT;
out:
	job_release(&job);
	catalogue_release(&catalogue);
	buf_release(&described);
	buf_release(&why);
	return ret;
}

static int ignore_line(const char *text, size_t len, void *data)
{
	(void)text;
	(void)len;
	(void)data;
	return 0;
}

/*
 * What only the driver knows: do a cell's parameters go together, are its CPUs
 * there? Asked for every cell before the first is measured. An enum exitcode.
 */
static int check_cells(const struct session *s, const char *file)
{
	struct buf talk = BUF_INIT;
	static const char *const dry_run[] = { "run", "--dry-run" };
	struct native_call call = {
		.driver = s->driver, .limit_ns = PATIENCE_NS, .stop = &stop, .talk = &talk,
	};
	int ret = EXIT_ACCEPT;
	const char **words;
	size_t i, n;

	if (s->plan.ncells >= MANY_CELLS)
		info("checking %zu cells", s->plan.ncells);
	for (i = 0; i < s->plan.ncells && ret == EXIT_ACCEPT; i++) {
		for (n = 0; s->plan.cell[i].argv[n]; n++)
			;
		words = xcalloc(n + 3, sizeof(words[0]));
		memcpy(words, dry_run, sizeof(dry_run));
		memcpy(words + 2, s->plan.cell[i].argv, n * sizeof(words[0]));
		call.argv = words;
		ret = native_run(&call, ignore_line, NULL);
		if (ret != EXIT_ACCEPT)
			err("%s: cell \"%s\" cannot be measured:\n%.*s", file, s->plan.cell[i].name,
			    (int)(talk.len ? talk.len - 1 : 0), buf_text(&talk));
		free(words);
	}
	buf_release(&talk);
	return ret == EXIT_ACCEPT || ret == EXIT_USAGE ? ret : EXIT_CANNOT;
}

/* plan.json last: it is what makes the directory a run. */
static int write_plan(const struct session *s, const struct buf *job)
{
	json_t *json = plan_json(&s->plan);
	struct buf text = BUF_INIT;
	int ret;

	json_pretty(&text, json);
	json_decref(json);
	ret = run_write_file(&s->run, "job.yaml", buf_text(job), job->len);
	if (!ret)
		ret = run_write_file(&s->run, "plan.json", text.s, text.len);
	buf_release(&text);
	return ret;
}

/* Before hours are spent, not after. */
static int check_plots(const struct session *s)
{
	size_t i = 0;

	while (i < s->plan.ntables && !plot_script(&s->plan, i))
		i++;
	return s->opts->no_plots || i == s->plan.ntables ? 0 : plot_check();
}

static int new_run(struct session *s, const char *file)
{
	struct buf job = BUF_INIT;
	int ret = plan_job(s, file, &job);

	if (ret == EXIT_ACCEPT)
		ret = check_cells(s, file);
	if (ret == EXIT_ACCEPT && !s->opts->dry_run) {
		if (check_plots(s) || run_create(&s->run, s->results, s->plan.job)) {
			ret = EXIT_CANNOT;
		} else {
			s->opened = true;
			ret = write_plan(s, &job) ? EXIT_CANNOT : EXIT_ACCEPT;
		}
	}
	buf_release(&job);
	return ret;
}

static int old_run(struct session *s)
{
	struct buf text = BUF_INIT, why = BUF_INIT;
	json_error_t error;
	json_t *json = NULL;
	int ret = EXIT_CANNOT;

	if (run_resume(&s->run, s->results, s->opts->resume))
		return EXIT_CANNOT;
	s->opened = true;
	if (run_read_file(&s->run, "plan.json", &text))
		goto out;
	json = json_loadb(buf_text(&text), text.len, JSON_REJECT_DUPLICATES, &error);
	if (!json) {
		err("%s/plan.json:%d:%d: %s", s->run.path, error.line, error.column, error.text);
		goto out;
	}
	if (plan_from_json(json, &s->plan, &why)) {
		err("%s/plan.json: %s", s->run.path, buf_text(&why));
		goto out;
	}
	if (samples_read(&s->run, &s->have) || check_plots(s))
		goto out;
	ret = EXIT_ACCEPT;
out:
	json_decref(json);
	buf_release(&text);
	buf_release(&why);
	return ret;
}

static const char *plan_dir(const struct session *s)
{
	char *const *argv;

	if (s->plan.ncells)
		for (argv = s->plan.cell[0].argv; *argv; argv++)
			if (!strncmp(*argv, "dir=", 4))
				return *argv + 4;
	return ".";
}

static const json_t *environment_of(const json_t *line)
{
	return json_object_get(line, "environment");
}

static int differs(const struct session *s, const json_t *now, const char *group, const char *key,
		   const char *advice)
{
	const json_t *then = environment_of(json_array_get(s->have.environments, 0));
	const char *a, *b;

	if (!then)
		return 0;
	a = json_get_text(group ? json_object_get(then, group) : then, key);
	b = json_get_text(group ? json_object_get(now, group) : now, key);
	if (!a || !b || !strcmp(a, b))
		return 0;
	return err(
		"run %s cannot go on here: %s (`foliogate results show %s` tells what it was measured on)",
		s->run.id, advice, s->run.id);
}

/* Samples of two machines, kernels or boots do not belong into one block. */
static int same_place(const struct session *s, const json_t *now)
{
	const char *hypervisor = json_get_text(json_object_get(now, "cpu"), "hypervisor");

	if (hypervisor && !strcmp(hypervisor, "tcg"))
		return err(
			"this is a guest under emulation (TCG): times taken here are no performance, none are taken");
	if (differs(s, now, NULL, "identity",
		    "the kernel, the machine or its settings have changed since; start a new run"))
		return -1;
	return differs(s, now, "boot", "id", "the machine was booted again since; start a new run");
}

static int snapshot(struct session *s)
{
	const char *const ask[] = { "env", plan_dir(s), NULL };
	struct buf answer = BUF_INIT, line = BUF_INIT;
	struct tm tm;
	time_t now = time(NULL);
	json_error_t error;
	json_t *o = NULL, *env = NULL;
	char at[32];
	int ret = -1;

	if (ask_driver(s, ask, &answer))
		goto out;
	env = json_loadb(buf_text(&answer), answer.len, 0, &error);
	if (!json_is_object(env)) {
		err("%s env: %s", s->driver, env ? "JSON, but no object" : error.text);
		goto out;
	}
	if (same_place(s, env))
		goto out;
	strftime(at, sizeof(at), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
	o = json_object();
	json_put(o, "schema", json_u64(RECORD_SCHEMA));
	json_put(o, "kind", json_text("environment"));
	json_put(o, "kernel", json_text(s->plan.kernel[0]));
	json_put(o, "block", json_u64(s->block));
	json_put(o, "at", json_text(at));
	json_put(o, "environment", json_incref(env));
	json_line(&line, o);
	ret = run_append(&s->run, line.s, line.len);
out:
	json_decref(o);
	json_decref(env);
	buf_release(&answer);
	buf_release(&line);
	return ret;
}

#define SHOWN 200	/* bytes of a line that should not be there */

/* Its beginning, without what a terminal would obey. */
static int complain_of_line(const struct session *s, const char *why, const char *text, size_t len)
{
	char shown[SHOWN + 1];
	size_t i;

	for (i = 0; i < len && i < SHOWN; i++)
		shown[i] = iscntrl((unsigned char)text[i]) ? '?' : text[i];
	shown[i] = '\0';
	return err("%s printed what is no sample: %s: %s%s", s->driver, why, shown,
		   len > SHOWN ? "..." : "");
}

/* One line of the driver: checked, completed, stored. */
static int store_line(const char *text, size_t len, void *data)
{
	struct session *s = data;
	struct buf why = BUF_INIT, line = BUF_INIT;
	struct sample sample;
	int ret;

	if (sample_parse(text, len, &sample, &why)) {
		ret = complain_of_line(s, buf_text(&why), text, len);
		buf_release(&why);
		return ret;
	}
	if (s->next == s->plan.windows) {
		ret = err("%s measured more windows than the %" PRIu32 " of \"%s\"", s->driver,
			  s->plan.windows, s->cell->name);
	} else if (strcmp(sample.cell, s->cell->id) || sample.window != s->next) {
		ret = err("%s measured window %" PRIu32 " of \"%s\", but window %" PRIu32
			  " of \"%s\" was asked for", s->driver, sample.window, sample.name,
			  s->next, s->cell->name);
	} else {
		sample.kernel = xstrdup(s->plan.kernel[0]);
		sample.block = s->block;
		sample_line(&sample, &line);
		ret = run_append(&s->run, line.s, line.len);
		s->unwritten = ret != 0;
		s->next++;
	}
	sample_release(&sample);
	buf_release(&line);
	return ret;
}

/* The driver's words for one cell from window `first` on; the caller frees array and the texts from *own on. */
static const char **cell_argv(const struct session *s, uint32_t first, size_t *own)
{
	const char **argv;
	size_t n = 0;

	while (s->cell->argv[n])
		n++;
	argv = xcalloc(n + 7, sizeof(argv[0]));
	argv[0] = "run";
	memcpy(argv + 1, s->cell->argv, n * sizeof(argv[0]));
	*own = ++n;
	argv[n++] = xasprintf("warmup=%" PRIu64 "ns", s->plan.warmup_ns);
	argv[n++] = xasprintf("window=%" PRIu64 "ns", s->plan.window_ns);
	argv[n++] = xasprintf("windows=%" PRIu32, s->plan.windows - first);
	argv[n++] = xasprintf("first=%" PRIu32, first);
	return argv;
}

static int measure_cell(struct session *s, uint32_t first)
{
	uint64_t planned = s->plan.warmup_ns + s->plan.window_ns * (s->plan.windows - first);
	size_t own, i;
	const char **argv = cell_argv(s, first, &own);
	const struct native_call call = {
		.driver = s->driver, .argv = argv, .log = s->log, .stop = &stop,
		.limit_ns = planned * PATIENCE + PATIENCE_NS,
	};
	int ret;

	s->next = first;
	ret = native_run(&call, store_line, s);
	if (ret == EXIT_ACCEPT && s->next != s->plan.windows) {
		err("%s ended well but left out windows from %u on of \"%s\"", s->driver, s->next,
		    s->cell->name);
		ret = EXIT_CANNOT;
	}
	for (i = own; argv[i]; i++)
		free((char *)argv[i]);
	free(argv);
	if (ret == EXIT_ACCEPT)
		return run_sync(&s->run);
	if (!stop && !s->unwritten)
		info("what is complete is kept: foliogate run --resume %s", s->run.id);
	return -1;
}

/* Is this parameter of the cell under way the same in all cells of its workload? */
static bool shared_by_all(const struct session *s, const char *workload, const char *key,
			  const char *text)
{
	struct buf value = BUF_INIT;
	bool same = true;
	size_t i;

	for (i = 0; i < s->plan.ncells && same; i++) {
		cell_field(s->plan.cell[i].name, "workload", &value);
		if (strcmp(buf_text(&value), workload))
			continue;
		same = !cell_field(s->plan.cell[i].name, key, &value) &&
		       !strcmp(buf_text(&value), text);
	}
	buf_release(&value);
	return same;
}

/* The cell under way in a few words: what tells it from the others of its workload. */
static void brief(const struct session *s, struct buf *out)
{
	char *copy = xstrdup(s->cell->name), *at = copy, *workload = strsep(&at, " "), *word, *eq;

	buf_reset(out);
	buf_str(out, workload);
	while ((word = strsep(&at, " "))) {
		eq = strchr(word, '=');
		*eq = '\0';
		if (!shared_by_all(s, workload, word, eq + 1))
			buf_fmt(out, " %s=%s", word, eq + 1);
	}
	free(copy);
}

static uint32_t windows_done(const struct session *s, uint32_t block, const struct plan_cell *cell)
{
	uint32_t n = samples_done(&s->have, s->plan.kernel[0], block, cell->id);

	return n < s->plan.windows ? n : s->plan.windows;
}

static size_t cells_done(const struct session *s)
{
	size_t n = 0, i;
	uint32_t block;

	for (block = 0; block < s->plan.blocks; block++)
		for (i = 0; i < s->plan.ncells; i++)
			n += windows_done(s, block, &s->plan.cell[i]) == s->plan.windows;
	return n;
}

static int measure_block(struct session *s)
{
	struct buf what = BUF_INIT;
	bool fresh = true;
	uint32_t done;
	int ret = -1;
	size_t i;

	for (i = 0; i < s->plan.ncells; i++) {
		s->cell = &s->plan.cell[s->plan.order[s->block * s->plan.ncells + i]];
		done = windows_done(s, s->block, s->cell);
		if (done == s->plan.windows)
			continue;
		if (fresh && snapshot(s))
			goto out;
		fresh = false;
		brief(s, &what);
		progress_step(&s->progress, buf_text(&what));
		if (measure_cell(s, done))
			goto out;
		progress_done(&s->progress);
	}
	progress_clear(&s->progress);
	ret = 0;
out:
	buf_release(&what);
	return ret;
}

static int measure(struct session *s)
{
	uint64_t each = s->plan.warmup_ns + s->plan.window_ns * s->plan.windows + DRIVER_START_NS;

	s->log = run_path(&s->run, "logs/driver.log");
	progress_init(&s->progress, s->plan.ncells * s->plan.blocks, cells_done(s), each);
	info("run %s: %zu cells, %" PRIu32 " block%s", s->run.id, s->plan.ncells, s->plan.blocks,
	     s->plan.blocks == 1 ? "" : "s");
	if (s->progress.done)
		info("%zu of %zu cells are there already", s->progress.done, s->progress.steps);
	for (s->block = 0; s->block < s->plan.blocks; s->block++) {
		if (!measure_block(s))
			continue;
		if (stop)
			err("interrupted; what is complete is kept: foliogate run --resume %s",
			    s->run.id);
		return -1;
	}
	return 0;
}

static int update_index(const struct session *s)
{
	struct samples samples = { 0 };
	struct index *ix = NULL;
	int ret = -1;

	if (samples_read(&s->run, &samples))
		return -1;
	if (!index_open(&ix, s->results)) {
		ret = index_put(ix, s->run.id, &s->plan, &samples);
		index_close(ix);
	}
	samples_release(&samples);
	return ret;
}

static int print_plan(const struct session *s)
{
	uint64_t each = s->plan.warmup_ns + s->plan.window_ns * s->plan.windows + DRIVER_START_NS;
	size_t i;

	for (i = 0; i < s->plan.ncells; i++)
		printf("%s  %s\n", s->plan.cell[i].id, s->plan.cell[i].name);
	printf("%zu cells, %" PRIu32 " block%s, %" PRIu32 " windows each: about %" PRIu64 " s\n",
	       s->plan.ncells, s->plan.blocks, s->plan.blocks == 1 ? "" : "s", s->plan.windows,
	       each * s->plan.ncells * s->plan.blocks / 1000000000);
	return EXIT_ACCEPT;
}

static int go(struct session *s, const char *job)
{
	int ret;

	s->driver = s->opts->driver ? xstrdup(s->opts->driver) : native_driver();
	if (!s->driver)
		return EXIT_CANNOT;
	ret = job ? new_run(s, job) : old_run(s);
	if (ret != EXIT_ACCEPT)
		return ret;
	if (s->opts->dry_run)
		return print_plan(s);
	catch_signals();
	if (measure(s))
		return EXIT_CANNOT;	/* `foliogate results` takes unfinished runs into the index when it is asked */
	/* The samples are safe by now: an index that could not be kept is rebuilt from them later. */
	if (update_index(s))
		warn("the index was not brought up to date; `foliogate results reindex` does it");
	return publish(&s->run, !s->opts->no_plots) ? EXIT_CANNOT : EXIT_ACCEPT;
}

static int run(const struct invocation *call)
{
	const struct run_opts *opts = call->options;
	struct session s = { .opts = opts,
			     .results = opts->results ? opts->results : run_results_dir() };
	int ret = EXIT_USAGE;

	if (opts->resume && call->argc)
		err("run: --resume takes the job from the run: give no other");
	else if (opts->resume && (opts->set.n || opts->dry_run))
		err("run: --resume goes on with the plan as it was: --set and --dry-run do not go with it");
	else if (!opts->resume && !call->argc)
		err("run: which job? for example `foliogate run configs/jobs/quick.yaml`");
	else
		ret = go(&s, call->argc ? call->argv[0] : NULL);
	if (s.opened)
		run_close(&s.run);
	samples_release(&s.have);
	plan_release(&s.plan);
	free(s.driver);
	free(s.log);
	return ret;
}

static const struct opt run_options[] = {
	OPT_MANY(struct run_opts, set, 's', "set", "KEY=VALUE",
		 "replace a key of the job; may be given several times"),
	OPT_TEXT(struct run_opts, resume, 'r', "resume", "RUN",
		 "go on with a run that was stopped (id, path or `last`)"),
	OPT_FLAG(struct run_opts, dry_run, 'n', "dry-run",
		 "print the cells and the time they would take"),
	OPT_FLAG(struct run_opts, no_plots, 0, "no-plots", "draw nothing"),
	OPT_TEXT(struct run_opts, results, 0, "results", "DIR",
		 "where runs are kept (default: $FOLIOBENCH_RESULTS or results)"),
	OPT_TEXT(struct run_opts, driver, 0, "driver", "PATH",
		 "the foliobench to measure with (default: the one beside this)"),
	OPT_END
};

const struct command run_command = {
	.name = "run",
	.args = "JOB | --resume RUN",
	.summary = "measure a job's cells, keep the samples, print the tables",
	.about = "JOB is a YAML file as docs/jobs.md describes it. kill -9 at any moment costs at most the window\n"
		 "under way: --resume goes on from the next. The tables go to stdout, everything else to stderr.",
	.options = run_options,
	.options_size = sizeof(struct run_opts),
	.max = 1,
	.run = run,
};
