/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/commands/session.h"

#include <ctype.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/commands/config_file.h"
#include "harness/commands/counting.h"
#include "harness/commands/described.h"
#include "harness/commands/gate_file.h"
#include "harness/commands/interrupt.h"
#include "harness/commands/judging.h"
#include "harness/commands/measure.h"
#include "harness/commands/publish.h"
#include "harness/guest/machine.h"
#include "harness/plan/catalogue.h"
#include "harness/plan/job.h"
#include "harness/report/plot.h"
#include "harness/store/index.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/exitcode.h"
#include "lib/json.h"

#define MANY_CELLS 500			/* take seconds to check */
#define PIPED "stdin.patch"		/* in the run's directory: a patch that came from standard input */

/* Between the job's text and a plan: what both plans, before and after the kernels are known, are made from. */
struct draft {
	struct job job;
	struct catalogue catalogue;
	struct buf text;		/* job.yaml as it is kept, --set and patches as comments after it */
	const char *file;
};

static void draft_release(struct draft *d)
{
	job_release(&d->job);
	catalogue_release(&d->catalogue);
	buf_release(&d->text);
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

static int set_keys(const struct session *s, struct draft *d, struct buf *why)
{
	size_t i;

	if (s->opts->set.n && d->text.len && d->text.s[d->text.len - 1] != '\n')
		buf_ch(&d->text, '\n');
	for (i = 0; i < s->opts->set.n; i++) {
		if (job_set(&d->job, &d->catalogue, s->opts->set.text[i], why))
			return -1;
		buf_fmt(&d->text, "# --set %s\n", s->opts->set.text[i]);
	}
	return 0;
}

static int put_control(const struct session *s, struct draft *d, struct buf *why)
{
	if (!s->opts->aa && !s->opts->only_aa)
		return 0;
	if (job_add_control(&d->job, s->opts->only_aa, why))
		return -1;
	buf_str(&d->text, s->opts->only_aa ? "# --only-aa\n" : "# --aa\n");
	return 0;
}

static int put_patches(struct draft *d, const struct session_patches *p, struct buf *why)
{
	size_t i;

	if (!p || !p->any)
		return 0;
	if (job_level_kernels(&d->job, why))
		return -1;
	for (i = 0; i < p->out.n; i++) {
		if (job_add_patch(&d->job, p->out.text[i], true, why))
			return -1;
		buf_fmt(&d->text, "# reverse %s\n", p->out.text[i]);
	}
	for (i = 0; i < p->in.n; i++) {
		if (job_add_patch(&d->job, p->in.text[i], false, why))
			return -1;
		buf_fmt(&d->text, "# patch %s\n", p->in.text[i]);
	}
	return 0;
}

/* An enum exitcode. */
static int read_draft(const struct session *s, struct draft *d, const struct session_patches *patches)
{
	const struct config_read file = { .kind = "job", .dir = "jobs", .what = d->file, .path = d->file };
	struct buf why = BUF_INIT;
	int ret = described(s->driver, &d->catalogue);

	if (ret != EXIT_ACCEPT)
		return ret;
	ret = EXIT_USAGE;
	if (config_file_read(&file, &d->text))
		;	/* said */
	else if (job_parse(d->file, buf_text(&d->text), d->text.len, &d->job, &why) ||
		 set_keys(s, d, &why) || put_patches(d, patches, &why) ||
		 put_control(s, d, &why))
		err_at(buf_text(&why));
	else
		ret = EXIT_ACCEPT;
	buf_release(&why);
	return ret;
}

/* For who wants to do the same again. */
static void keep_options(struct session *s)
{
	const struct session_opts *opts = s->opts;
	struct plan *p = &s->plan;
	size_t i;

	p->option = xcalloc(2 * opts->set.n + 3, sizeof(p->option[0]));
	for (i = 0; i < opts->set.n; i++) {
		p->option[p->noptions++] = xstrdup("--set");
		p->option[p->noptions++] = xstrdup(opts->set.text[i]);
	}
	if (opts->aa)
		p->option[p->noptions++] = xstrdup("--aa");
	if (opts->only_aa)
		p->option[p->noptions++] = xstrdup("--only-aa");
}

static int make_plan(struct session *s, const struct draft *d, bool emulated)
{
	char *cwd = getcwd(NULL, 0);
	const struct plan_machine machine = {
		.cpus = d->job.nkernels ? d->job.guest.cpus : usable_cpus(), .emulated = emulated,
		.home = getenv("HOME"), .directory = cwd,
	};
	struct buf why = BUF_INIT;
	int ret = EXIT_ACCEPT;

	plan_release(&s->plan);
	if (plan_make(&d->job, &d->catalogue, &machine, &s->plan, &why)) {
		err_at(buf_text(&why));
		ret = EXIT_USAGE;
	} else {
		keep_options(s);
	}
	buf_release(&why);
	free(cwd);
	return ret;
}

static int ignore_line(const char *text, size_t len, void *data)
{
	(void)text;
	(void)len;
	(void)data;
	return 0;
}

/* A list of CPUs is the guest's matter where there is one: it may have others. */
static bool is_cpu_list(const char *word)
{
	return !strncmp(word, "placement=", 10) && isdigit((unsigned char)word[10]);
}

/*
 * What only the driver knows: do a cell's parameters go together, are its CPUs
 * there? Asked for every cell before the first is measured. An enum exitcode.
 */
static int check_cells(const struct session *s, const char *file)
{
	static const char *const dry_run[] = { "run", "--dry-run" };
	const struct machine here = { .driver = s->driver };
	const bool guests = plan_in_guests(&s->plan);
	struct buf talk = BUF_INIT;
	struct machine_call call = { .limit_ns = DESCRIBED_LIMIT_NS, .stop = &interrupted, .talk = &talk };
	int ret = EXIT_ACCEPT;
	const char **words;
	char *const *argv;
	size_t i, n;

	if (s->plan.ncells >= MANY_CELLS)
		info("checking %zu cells", s->plan.ncells);
	for (i = 0; i < s->plan.ncells && ret == EXIT_ACCEPT; i++) {
		argv = s->plan.cell[i].argv;
		for (n = 0; argv[n]; n++)
			;
		words = xcalloc(n + 3, sizeof(words[0]));
		memcpy(words, dry_run, sizeof(dry_run));
		for (n = 2; *argv; argv++)
			if (!guests || !is_cpu_list(*argv))
				words[n++] = *argv;
		call.argv = words;
		ret = machine_run(&here, &call, ignore_line, NULL);
		if (ret != EXIT_ACCEPT)
			err("%s: cell \"%s\" cannot be measured:\n%.*s", file, s->plan.cell[i].name,
			    (int)(talk.len ? talk.len - 1 : 0), buf_text(&talk));
		free(words);
	}
	buf_release(&talk);
	return ret == EXIT_ACCEPT || ret == EXIT_USAGE ? ret : EXIT_CANNOT;
}

/* Before hours are spent, not after. */
static int check_plots(const struct session *s)
{
	size_t i = 0;

	while (i < s->plan.ntables && !plot_script(&s->plan, i))
		i++;
	return s->opts->no_plots || s->plan.emulated || i == s->plan.ntables ? 0 : plot_check();
}

/* The job's own gate is about its second kernel: what `try` puts there is judged by the standard one. */
static char *which_gate(const struct session *s, const struct draft *d, bool patched)
{
	const char *gate = d->job.gate, *slash = strrchr(d->file, '/');

	if (s->opts->gate)
		return xstrdup(s->opts->gate);
	if (!gate || patched)
		return NULL;
	if (!slash || *gate == '/' || !config_file_is_path(gate))
		return xstrdup(gate);
	return xasprintf("%.*s/%s", (int)(slash - d->file), d->file, gate);
}

static int check_gate(const struct session *s)
{
	struct buf why = BUF_INIT;
	int ret = EXIT_ACCEPT;

	if (judged_check_cells(&s->plan, &s->gate, &why)) {
		err_at(buf_text(&why));
		ret = EXIT_USAGE;
	}
	buf_release(&why);
	return ret;
}

/* Who compares nothing needs no file for it. An enum exitcode. */
static int read_gate(struct session *s, const struct draft *d, bool patched, struct buf *text)
{
	char *what = which_gate(s, d, patched);
	int ret = EXIT_ACCEPT;

	if (what || plan_in_guests(&s->plan))
		ret = gate_file_read(what, &d->catalogue, &s->gate, text);
	else
		gate_file_standard(&s->gate, text);
	free(what);
	return ret == EXIT_ACCEPT && s->plan.nkernels > 1 ? check_gate(s) : ret;
}

/* plan.json last: it is what makes the directory a run. */
static int write_plan(const struct session *s, const struct buf *job, const struct buf *gate)
{
	const char *piped = lineup_piped(&s->lineup);
	json_t *json = plan_json(&s->plan);
	struct buf text = BUF_INIT;
	int ret;

	json_pretty(&text, json);
	json_decref(json);
	ret = run_write_file(&s->run, "job.yaml", buf_text(job), job->len);
	if (!ret)
		ret = run_write_file(&s->run, "gate.yaml", buf_text(gate), gate->len);
	if (!ret && piped)
		ret = run_write_file(&s->run, PIPED, piped, strlen(piped));
	if (!ret)
		ret = run_write_file(&s->run, "plan.json", text.s, text.len);
	buf_release(&text);
	return ret;
}

/* The kernels of a plan in guests, and the plan again now that it is known how they run. An enum exitcode. */
static int make_lineup(struct session *s, const struct draft *d)
{
	int ret;

	if (!plan_in_guests(&s->plan))
		return EXIT_ACCEPT;
	if (s->opts->count_only)
		lineup_emulate(&s->lineup);
	ret = lineup_build(&s->lineup, &s->plan, s->driver);
	return ret == EXIT_ACCEPT ? make_plan(s, d, s->lineup.emulated) : ret;
}

static int create(struct session *s, const struct draft *d, const struct buf *gate)
{
	if (run_create(&s->run, s->results, s->plan.job))
		return EXIT_CANNOT;
	s->opened = true;
	s->run.command = s->opts->count_only ? "count" : "run";
	return write_plan(s, &d->text, gate) ? EXIT_CANNOT : EXIT_ACCEPT;
}

/* An enum exitcode. */
static int begin(struct session *s, const struct session_opts *opts)
{
	*s = (struct session){
		.opts = opts, .results = opts->results ? opts->results : run_results_dir(),
		.ops = opts->ops ? opts->ops : SESSION_COUNTED_OPS,
	};
	s->driver = opts->driver ? xstrdup(opts->driver) : machine_driver();
	return s->driver ? EXIT_ACCEPT : EXIT_CANNOT;
}

int session_new(struct session *s, const struct session_opts *opts, const char *job,
		const struct session_patches *patches)
{
	struct draft d = { .file = job };
	struct buf gate = BUF_INIT;
	int ret = begin(s, opts);

	if (ret == EXIT_ACCEPT)
		ret = read_draft(s, &d, patches);
	if (ret == EXIT_ACCEPT)
		ret = make_plan(s, &d, false);
	if (ret == EXIT_ACCEPT)
		ret = read_gate(s, &d, patches && patches->any, &gate);
	if (ret == EXIT_ACCEPT)
		ret = check_cells(s, job);
	if (ret == EXIT_ACCEPT && plan_in_guests(&s->plan))
		ret = lineup_load(&s->lineup, &s->plan, NULL);
	if (ret == EXIT_ACCEPT)
		ret = counting_prepare(s);
	if (ret != EXIT_ACCEPT || opts->dry_run)
		goto out;
	interrupt_catch();
	ret = make_lineup(s, &d);
	if (ret == EXIT_ACCEPT && !opts->count_only)
		judging_advise(s);
	if (ret == EXIT_ACCEPT)
		ret = check_plots(s) ? EXIT_CANNOT : create(s, &d, &gate);
out:
	draft_release(&d);
	buf_release(&gate);
	return ret;
}

static int read_plan(struct session *s)
{
	struct buf text = BUF_INIT, why = BUF_INIT;
	json_error_t error;
	json_t *json = NULL;
	int ret = -1;

	if (run_read_file(&s->run, "plan.json", &text))
		goto out;
	json = json_loadb(buf_text(&text), text.len, JSON_REJECT_DUPLICATES, &error);
	if (!json)
		err("%s/plan.json:%d:%d: %s", s->run.path, error.line, error.column, error.text);
	else if (plan_from_json(json, &s->plan, &why))
		err("%s/plan.json: %s", s->run.path, buf_text(&why));
	else
		ret = 0;
out:
	json_decref(json);
	buf_release(&text);
	buf_release(&why);
	return ret;
}

static bool reads_stdin(const struct plan *p)
{
	size_t k, i;

	for (k = 0; k < p->nkernels; k++)
		for (i = 0; i < p->kernel[k].npatches; i++)
			if (!strcmp(p->kernel[k].patch[i].path, "-"))
				return true;
	return false;
}

/* An enum exitcode. */
static int ready_again(struct session *s)
{
	struct buf piped = BUF_INIT;
	int ret;

	if (!plan_in_guests(&s->plan))
		return EXIT_ACCEPT;
	if (reads_stdin(&s->plan) && run_read_file(&s->run, PIPED, &piped))
		return EXIT_CANNOT;
	ret = lineup_load(&s->lineup, &s->plan, reads_stdin(&s->plan) ? buf_text(&piped) : NULL);
	if (ret == EXIT_ACCEPT)
		ret = counting_prepare(s);
	if (ret == EXIT_ACCEPT && s->opts->count_only)
		lineup_emulate(&s->lineup);
	/* all is there: no kernel is built for a run that will boot none */
	if (ret == EXIT_ACCEPT && (s->opts->count_only || measure_done(s)) && counting_done(s))
		goto out;
	if (ret == EXIT_ACCEPT)
		ret = lineup_build(&s->lineup, &s->plan, s->driver);
	if (ret == EXIT_ACCEPT && !s->opts->count_only &&
	    s->lineup.emulated != s->plan.emulated) {
		err("run %s cannot go on here: its guests ran %s KVM, here they run %s it", s->run.id,
		    s->plan.emulated ? "without" : "with", s->plan.emulated ? "with" : "without");
		ret = EXIT_CANNOT;
	}
out:
	buf_release(&piped);
	return ret;
}

int session_resume(struct session *s, const struct session_opts *opts, const char *what)
{
	int ret = begin(s, opts);

	if (ret != EXIT_ACCEPT)
		return ret;
	if (run_resume(&s->run, s->results, what))
		return EXIT_CANNOT;
	s->opened = true;
	s->run.command = s->opts->count_only ? "count" : "run";
	if (read_plan(s) || gate_file_kept(&s->run, &s->gate) || samples_read(&s->run, &s->have))
		return EXIT_CANNOT;
	/* no kernel is built for a run that will boot none */
	if (json_array_size(s->have.incidents))
		return EXIT_ACCEPT;
	if (check_plots(s))
		return EXIT_CANNOT;
	interrupt_catch();
	return ready_again(s);
}

void session_release(struct session *s)
{
	if (s->opened)
		run_close(&s->run);
	samples_release(&s->have);
	lineup_release(&s->lineup);
	plan_release(&s->plan);
	gate_release(&s->gate);
	machines_release(&s->machines);
	free(s->uncountable);
	free(s->driver);
}

int session_reread(struct session *s)
{
	samples_release(&s->have);
	return samples_read(&s->run, &s->have);
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

static void print_plan(const struct session *s)
{
	const struct plan *p = &s->plan;
	uint64_t cells = (uint64_t)p->ncells * p->nkernels * p->blocks;
	size_t i;

	for (i = 0; i < p->ncells; i++)
		printf("%s  %s\n", p->cell[i].id, p->cell[i].name);
	printf("%zu cells, ", p->ncells);
	if (p->nkernels > 1)
		printf("%zu kernels, ", p->nkernels);
	if (s->opts->count_only) {
		printf("counted in one boot%s\n", p->nkernels > 1 ? " of each" : "");
		return;
	}
	if (p->first < p->blocks)
		printf("%" PRIu32 " to ", p->first);
	printf("%" PRIu32 " block%s, %" PRIu32 " window%s each: about %" PRIu64 " s\n", p->blocks,
	       p->blocks == 1 ? "" : "s", p->windows, p->windows == 1 ? "" : "s", measure_estimate(p) * cells / 1000000000);
}

/*
 * The samples are safe by now: an index that could not be kept is rebuilt from them later. An enum exitcode, that of
 * the verdict.
 */
static int conclude(struct session *s)
{
	int ret = judging_finish(s);

	if (ret < 0)
		return EXIT_CANNOT;
	if (update_index(s))
		warn("the index was not brought up to date; `foliogate results reindex` does it");
	/* a verdict stands, whether or not its report could be written; but nothing is accepted unseen */
	if (publish(&s->run, !s->opts->no_plots, s->opts->show_emulated_times) && ret == EXIT_ACCEPT)
		ret = EXIT_CANNOT;
	return ret;
}

int session_finish(struct session *s)
{
	int ret = EXIT_ACCEPT;

	if (s->opts->dry_run) {
		print_plan(s);
		return EXIT_ACCEPT;
	}
	if (!s->opts->count_only)
		ret = measure(s);
	if (ret == EXIT_ACCEPT)
		ret = counting(s);
	/* `foliogate results` takes unfinished runs into the index when it is asked */
	if (ret != EXIT_ACCEPT && (session_reread(s) || !json_array_size(s->have.incidents)))
		return ret;
	return conclude(s);
}
