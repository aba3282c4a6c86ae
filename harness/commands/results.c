/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/commands/results.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "harness/commands/commands.h"
#include "harness/plan/plan.h"
#include "harness/store/index.h"
#include "harness/store/outcome.h"
#include "harness/store/run.h"
#include "harness/store/samples.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/exitcode.h"
#include "lib/json.h"
#include "lib/near.h"
#include "lib/units.h"

const char *results_dir(const struct results_opts *opts)
{
	return opts->results ? opts->results : run_results_dir();
}

static const char *state_of(const char *dir, const struct index_row *row)
{
	if (run_writer(dir, row->id))
		return "running";
	if (!strcmp(row->verdict, "cannot"))
		return "ended in trouble";
	if (!strcmp(row->verdict, "reject"))
		return "rejected";
	if (!index_row_complete(row))
		return "incomplete";
	if (!row->verdict[0])
		return "complete";
	return strcmp(row->verdict, "accept") ? "inconclusive" : "accepted";
}

static void print_json(const json_t *json)
{
	struct buf text = BUF_INIT;

	json_pretty(&text, json);
	fwrite(text.s, 1, text.len, stdout);
	buf_release(&text);
}

struct index *results_index(const char *dir)
{
	struct index *ix = NULL;

	if (index_open(&ix, dir))
		return NULL;
	if (!index_refresh(ix))
		return ix;
	index_close(ix);
	return NULL;
}

/* list */

enum { RUN, JOB, KERNEL, CELLS, SAMPLES, STATE, NCOLUMNS };

struct line {
	char *text[NCOLUMNS];
};

struct listing {
	const char *dir;
	struct line *line;
	size_t n;
	json_t *json;
};

/* The caller frees. */
static char *progress_of(const struct index_row *row)
{
	if (index_row_counts_only(row))
		return xasprintf("%" PRIu64 "/%" PRIu64 " counts", row->counted, row->countable);
	return xasprintf("%" PRIu64 "/%" PRIu64, row->samples, row->planned);
}

static void add_line(struct listing *l, const struct index_row *row, const char *state)
{
	l->line = xrealloc(l->line, l->n + 1, sizeof(l->line[0]));
	l->line[l->n++] = (struct line){ {
		[RUN] = xstrdup(row->id), [JOB] = xstrdup(row->job), [KERNEL] = xstrdup(row->kernel[0] ? row->kernel : "-"),
		[CELLS] = xasprintf("%" PRIu32, row->cells),
		[SAMPLES] = progress_of(row),
		[STATE] = xstrdup(state),
	} };
}

static void add_json(struct listing *l, const struct index_row *row, const char *state)
{
	json_t *o = json_object();

	json_put(o, "run", json_text(row->id));
	json_put(o, "job", json_text(row->job));
	json_put(o, "kernel", row->kernel[0] ? json_text(row->kernel) : json_null());
	json_put(o, "cells", json_u64(row->cells));
	json_put(o, "blocks", json_u64(row->blocks));
	json_put(o, "samples", json_u64(row->samples));
	json_put(o, "planned", json_u64(row->planned));
	json_put(o, "counted", json_u64(row->counted));
	json_put(o, "state", json_text(state));
	json_array_append_new(l->json, o);
}

static int take_row(const struct index_row *row, void *data)
{
	struct listing *l = data;
	const char *state = state_of(l->dir, row);

	if (l->json)
		add_json(l, row, state);
	else
		add_line(l, row, state);
	return 0;
}

static void print_lines(const struct listing *l)
{
	static const struct line head = {
		{ "run", "job", "kernel", "cells", "samples", "state" }
	};
	static const bool right[NCOLUMNS] = { [CELLS] = true, [SAMPLES] = true };
	int width[NCOLUMNS];
	const struct line *line;
	size_t i;
	int c, len;

	for (c = 0; c < NCOLUMNS; c++) {
		width[c] = (int)strlen(head.text[c]);
		for (i = 0; i < l->n; i++) {
			len = (int)strlen(l->line[i].text[c]);
			width[c] = len > width[c] ? len : width[c];
		}
	}
	for (i = 0; i <= l->n; i++) {
		line = i ? &l->line[i - 1] : &head;
		for (c = 0; c < STATE; c++)
			printf("%*s  ", right[c] ? width[c] : -width[c], line->text[c]);
		printf("%s\n", line->text[STATE]);
	}
}

static void release_listing(struct listing *l)
{
	int c;

	while (l->n--)
		for (c = 0; c < NCOLUMNS; c++)
			free(l->line[l->n].text[c]);
	free(l->line);
	json_decref(l->json);
}

static int list_runs(const struct results_opts *opts, char **argv)
{
	struct listing l = { .dir = results_dir(opts), .json = opts->json ? json_array() : NULL };
	struct index *ix;
	int ret = 0;

	(void)argv;
	if (!access(l.dir, F_OK) || errno != ENOENT) {	/* one that is not there holds no runs */
		ix = results_index(l.dir);
		ret = ix ? index_list(ix, take_row, &l) : -1;
		index_close(ix);
	}
	if (!ret && l.json)
		print_json(l.json);
	else if (!ret && l.n)
		print_lines(&l);
	else if (!ret)
		info("%s: no runs yet; `foliogate run JOB` makes one", l.dir);
	release_listing(&l);
	return ret;
}

/* show */

struct shown {
	struct run run;
	struct plan plan;
	json_t *plan_json;
	struct samples samples;
	uint64_t done, planned, counted;
	const char *state;
};

static int read_plan(struct shown *s)
{
	struct buf text = BUF_INIT, why = BUF_INIT;
	json_error_t error;
	int ret = -1;

	if (run_read_file(&s->run, "plan.json", &text))
		goto out;
	s->plan_json = json_loadb(buf_text(&text), text.len, JSON_REJECT_DUPLICATES, &error);
	if (!s->plan_json)
		err("%s/plan.json:%d: no JSON: %s", s->run.path, error.line, error.text);
	else if (plan_from_json(s->plan_json, &s->plan, &why))
		err("%s/plan.json: %s", s->run.path, buf_text(&why));
	else
		ret = 0;
out:
	buf_release(&text);
	buf_release(&why);
	return ret;
}

static int by_number(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* The place of a sample among all that the plan asks for, or -1: as the index counts them. */
static int64_t place_of(const struct plan *p, const struct sample *one)
{
	int cell = plan_find(p, one->cell);
	size_t kernel = 0;

	while (kernel < p->nkernels && strcmp(p->kernel[kernel].name, one->kernel))
		kernel++;
	if (cell < 0 || kernel == p->nkernels || one->block >= p->blocks ||
	    one->window >= p->windows)
		return -1;
	return (int64_t)(((kernel * p->blocks + one->block) * p->ncells + (size_t)cell) *
				 p->windows +
			 one->window);
}

/* Windows that the plan asks for and that are there, each counted once. */
static uint64_t windows_done(const struct shown *s)
{
	uint64_t *place = xcalloc(s->samples.n + 1, sizeof(place[0])), done = 0;
	size_t n = 0, i;
	int64_t at;

	for (i = 0; i < s->samples.n; i++) {
		at = place_of(&s->plan, &s->samples.sample[i]);
		if (at >= 0)
			place[n++] = (uint64_t)at;
	}
	qsort(place, n, sizeof(place[0]), by_number);
	for (i = 0; i < n; i++)
		done += !i || place[i] != place[i - 1];
	free(place);
	return done;
}

static const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

static void print_plan(const struct shown *s)
{
	const struct plan *p = &s->plan;
	char warmup[UNITS_TEXT_MAX], window[UNITS_TEXT_MAX];
	struct plan_table *t;
	size_t i;

	printf("plan         %zu cell%s, %" PRIu32 " block%s, %" PRIu32
	       " window%s of %s after %s of warm-up, seed %" PRIu64 "\n",
	       p->ncells, plural(p->ncells), p->blocks, plural(p->blocks), p->windows,
	       plural(p->windows), units_duration_text(p->window_ns, window),
	       units_duration_text(p->warmup_ns, warmup), p->seed);
	printf("kernels     ");
	for (i = 0; i < p->nkernels; i++)
		printf(" %s", p->kernel[i].name);
	putchar('\n');
	for (t = p->table; t < p->table + p->ntables; t++) {
		printf("table        %zu %s", t->nrows, t->rows);
		if (t->columns)
			printf(" by %zu %s", t->ncolumns, t->columns);
		printf("%s%s\n", t->title ? ": " : "", t->title ? t->title : "");
	}
}

/* One line a value, "cpu.model  ..."; arrays and texts as they are in the file. */
static void print_values(const char *prefix, const json_t *object)
{
	struct buf text = BUF_INIT;
	const char *key;
	json_t *value;
	char *name;

	json_object_foreach((json_t *)object, key, value) {
		name = xasprintf("%s%s%s", prefix, *prefix ? "." : "", key);
		buf_reset(&text);
		if (!json_is_object(value) && !json_is_string(value))
			json_line(&text, value);
		if (json_is_object(value))
			print_values(name, value);
		else
			printf("  %-28s %s\n", name,
			       json_is_string(value) ? json_string_value(value) : buf_text(&text));
		free(name);
	}
	buf_release(&text);
}

/* The first of each kernel: the identity in it does not change within a run. */
static void print_environments(const struct shown *s)
{
	const json_t *line;
	uint64_t block;
	size_t kernel, i;

	for (kernel = 0; kernel < s->plan.nkernels; kernel++)
		for (i = 0; i < json_array_size(s->samples.environments); i++) {
			line = json_array_get(s->samples.environments, i);
			if (strcmp(json_get_text(line, "kernel"), s->plan.kernel[kernel].name) ||
			    json_get_u64(line, "block", &block))
				continue;
			printf("environment of %s, block %" PRIu64 ", at %s\n",
			       s->plan.kernel[kernel].name, block, json_get_text(line, "at"));
			print_values("", json_object_get(line, "environment"));
			break;
		}
}

/* Of whom and where is in the heading. */
static void print_incidents(const struct shown *s)
{
	static const char *const elsewhere[] = { "schema", "kind", "kernel", "block" };
	uint64_t block = 0;
	json_t *copy;
	size_t i, k;

	for (i = 0; i < json_array_size(s->samples.incidents); i++) {
		copy = json_copy(json_array_get(s->samples.incidents, i));
		json_get_u64(copy, "block", &block);
		printf("incident of %s, block %" PRIu64 "\n", json_get_text(copy, "kernel"), block);
		for (k = 0; k < sizeof(elsewhere) / sizeof(elsewhere[0]); k++)
			json_object_del(copy, elsewhere[k]);
		print_values("", copy);
		json_decref(copy);
	}
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && strcmp(entry->d_name, "lock");
}

/* Names relative to the run, and sizes, into an array of objects. */
static void collect_files(const struct run *r, const char *below, json_t *files)
{
	char *dir = run_path(r, below), *name, *path;
	struct dirent **entry;
	struct stat st;
	json_t *o;
	int n = scandir(dir, &entry, visible, by_name), i;

	for (i = 0; i < n; i++) {
		name = xasprintf("%s%s%s", below, *below ? "/" : "", entry[i]->d_name);
		path = run_path(r, name);
		if (!lstat(path, &st) && S_ISDIR(st.st_mode)) {
			collect_files(r, name, files);
		} else if (!lstat(path, &st)) {
			o = json_object();
			json_put(o, "name", json_text(name));
			json_put(o, "bytes", json_u64((uint64_t)st.st_size));
			json_array_append_new(files, o);
		}
		free(path);
		free(name);
		free(entry[i]);
	}
	if (n >= 0)
		free(entry);
	free(dir);
}

static void print_files(const json_t *files)
{
	uint64_t bytes = 0;
	size_t i;

	puts("files");
	for (i = 0; i < json_array_size(files); i++) {
		json_get_u64(json_array_get(files, i), "bytes", &bytes);
		printf("  %-28s %" PRIu64 " bytes\n",
		       json_get_text(json_array_get(files, i), "name"), bytes);
	}
}

static void print_shown(const struct shown *s, const json_t *files)
{
	printf("run          %s\n", s->run.id);
	printf("directory    %s\n", s->run.path);
	printf("job          %s\n", s->plan.job);
	printf("state        %s: %" PRIu64 " of %" PRIu64 " samples", s->state, s->done, s->planned);
	if (s->counted)
		printf(", %" PRIu64 " of %zu counts", s->counted, s->plan.nkernels * s->plan.ncells);
	puts(s->samples.torn ? ", and a torn last line" : "");
	print_plan(s);
	print_incidents(s);
	print_environments(s);
	print_files(files);
}

static json_t *shown_json(const struct shown *s, json_t *files)
{
	json_t *o = json_object();

	json_put(o, "run", json_text(s->run.id));
	json_put(o, "directory", json_text(s->run.path));
	json_put(o, "state", json_text(s->state));
	json_put(o, "samples", json_u64(s->done));
	json_put(o, "planned", json_u64(s->planned));
	json_put(o, "counted", json_u64(s->counted));
	json_put(o, "torn", json_boolean(s->samples.torn));
	json_put(o, "plan", json_incref(s->plan_json));
	json_put(o, "environments", json_incref(s->samples.environments));
	json_put(o, "incidents", json_incref(s->samples.incidents));
	json_put(o, "files", json_incref(files));
	return o;
}

/* An incident's, or else what was judged at the run's end. */
static struct outcome outcome_of(const struct shown *s)
{
	const char *verdict = json_get_text(json_array_get(s->samples.incidents, 0), "verdict");
	struct outcome o = { .verdict = NULL };
	struct buf why = BUF_INIT;

	if (outcome_read(s->run.path, &o, &why))
		warn("%s", buf_text(&why));
	buf_release(&why);
	if (verdict)
		o = (struct outcome){ .verdict = verdict, .final = true };
	return o;
}

static void show(struct shown *s, bool as_json)
{
	const struct plan *p = &s->plan;
	json_t *files = json_array(), *json;
	struct outcome outcome = outcome_of(s);
	struct index_row row;

	s->done = windows_done(s);
	s->planned = (uint64_t)p->nkernels * p->ncells * p->blocks * p->windows;
	s->counted = index_counts(p, &s->samples);
	row = (struct index_row){ .id = ".", .samples = s->done, .planned = s->planned,
				  .counted = s->counted,
				  .countable = (uint64_t)p->nkernels * p->ncells,
				  .verdict = outcome.verdict ? outcome.verdict : "", .final = outcome.final };
	s->state = state_of(s->run.path, &row);
	collect_files(&s->run, "", files);
	if (as_json) {
		json = shown_json(s, files);
		print_json(json);
		json_decref(json);
	} else {
		print_shown(s, files);
	}
	json_decref(files);
}

static int show_run(const struct results_opts *opts, char **argv)
{
	struct shown s = { 0 };
	int ret = -1;

	if (run_open(&s.run, results_dir(opts), argv[0]))
		return -1;
	if (!read_plan(&s) && !samples_read(&s.run, &s.samples)) {
		show(&s, opts->json);
		ret = 0;
	}
	samples_release(&s.samples);
	plan_release(&s.plan);
	json_decref(s.plan_json);
	run_close(&s.run);
	return ret;
}

/* reindex */

static int reindex(const struct results_opts *opts, char **argv)
{
	size_t runs;

	(void)argv;
	if (access(results_dir(opts), F_OK) && errno == ENOENT)
		return err("%s: no such directory; `foliogate run JOB` makes it", results_dir(opts));
	if (index_rebuild(results_dir(opts), &runs))
		return -1;
	printf("%zu run%s indexed in %s/index.db\n", runs, plural(runs), results_dir(opts));
	return 0;
}

/* The command */

static const struct what {
	const char *name, *args;
	int nargs;
	bool json, prune;	/* which options go with it */
	int (*run)(const struct results_opts *opts, char **argv);
} whats[] = {
	{ .name = "list", .json = true, .run = list_runs },
	{ .name = "show", .args = " RUN", .nargs = 1, .json = true, .run = show_run },
	{ .name = "reindex", .run = reindex },
	{ .name = "prune", .prune = true, .run = results_prune },
	{ .name = "cache", .json = true, .run = results_cache },
};

#define NWHATS (sizeof(whats) / sizeof(whats[0]))

static const struct what *find_what(const char *name)
{
	struct buf hint = BUF_INIT;
	struct near near;
	size_t i;

	near_init(&near, name);
	for (i = 0; i < NWHATS; i++) {
		if (!strcmp(whats[i].name, name))
			return &whats[i];
		near_offer(&near, whats[i].name);
	}
	near_hint(&near, &hint);
	err("results: '%s' is not one of list, show, reindex, prune, cache%s", name, buf_text(&hint));
	buf_release(&hint);
	return NULL;
}

static int check_options(const struct what *what, const struct results_opts *opts)
{
	const char *alien = NULL;

	if (opts->json && !what->json)
		alien = "--json goes with list, show and cache";
	else if ((opts->keep || opts->older_than || opts->incomplete || opts->cache ||
		  opts->dry_run) && !what->prune)
		alien = "--keep, --older-than, --incomplete, --cache and --dry-run go with prune";
	return alien ? err("results %s: %s only", what->name, alien) : 0;
}

static int results(const struct invocation *call)
{
	const struct results_opts *opts = call->options;
	const struct what *what = find_what(call->argc ? call->argv[0] : "list");
	int nargs = call->argc ? call->argc - 1 : 0;

	if (!what || check_options(what, opts))
		return EXIT_USAGE;
	if (nargs != what->nargs) {
		err("results %s: too %s arguments (%d); usage: foliogate results %s%s", what->name,
		    nargs < what->nargs ? "few" : "many", nargs, what->name,
		    what->args ? what->args : "");
		return EXIT_USAGE;
	}
	return what->run(opts, call->argv + 1);
}

static const struct opt results_options[] = {
	OPT_TEXT(struct results_opts, results, 0, "results", "DIR",
		 "where runs are kept (default: $FOLIOBENCH_RESULTS or results)"),
	OPT_FLAG(struct results_opts, json, 'j', "json", "list, show, cache: as JSON"),
	OPT_TEXT(struct results_opts, keep, 'k', "keep", "N", "prune: all but the N newest runs"),
	OPT_TEXT(struct results_opts, older_than, 0, "older-than", "AGE",
		 "prune: runs begun longer ago, `30d` say"),
	OPT_FLAG(struct results_opts, incomplete, 0, "incomplete", "prune: runs that lack samples"),
	OPT_TEXT(struct results_opts, cache, 0, "cache", "SIZE",
		 "prune: what was longest unused of the cache, until it is at most so large (`5G`, `0`)"),
	OPT_FLAG(struct results_opts, dry_run, 'n', "dry-run", "prune: only say what would go"),
	OPT_END
};

const struct command results_command = {
	.name = "results",
	.args = "[list | show RUN | reindex | prune | cache]",
	.summary = "list, show, index and prune stored runs, and the cache",
	.about = "list      the runs there are, oldest first (what happens without an argument)\n"
		 "show RUN  a run's plan, state, environment and files\n"
		 "reindex   make results/index.db anew from the run directories\n"
		 "prune     remove runs: those that meet all of the conditions given. Runs being written and\n"
		 "          directories renamed by hand always stay. With --cache, kernels, sources and packages\n"
		 "          go too, or alone\n"
		 "cache     kernels, sources and packages kept, longest unused first\n\n"
		 "RUN is an id, the beginning of one, a path of a run's directory, or `last`.",
	.options = results_options,
	.options_size = sizeof(struct results_opts),
	.max = 2,
	.run = results,
};
