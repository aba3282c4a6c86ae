/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 *	history-user make RESULTS NIGHTS	nights of 44 cells and 10 metrics, indexed
 *	history-user time RESULTS TIMES		what questions take, in ms, the median of so many times
 *
 *	history-user rates SERIES		how often changes are found, with none there and with one
 *
 * What a machine leaves in years, without the years: run directories that hold a plan.json and an
 * empty samples.jsonl, and the index as it would be had they been full. Every 63 nights comes
 * a new release; each changes about every tenth figure, times by 2.5 to 8 %, with 1 % of noise
 * from night to night and a bad night now and then. For history.sh.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "harness/commands/history_judge.h"
#include "harness/plan/plan.h"
#include "harness/store/db.h"
#include "harness/store/index.h"
#include "harness/store/rows.h"
#include "harness/store/samples.h"
#include "lib/alloc.h"
#include "lib/buf.h"

enum { CELLS = 44, COUNTS = 6, NIGHT = 86400, RELEASE = 63, TIMES_MAX = 100 };
#define BEGIN 1479690000	/* 2016-11-21, 01:00 */

static const enum count counts[COUNTS] = {
	COUNT_KERNEL_INSNS, COUNT_STAC, COUNT_CLAC, COUNT_ATOMICS, COUNT_LOADS, COUNT_STORES,
};

/* Where the figures of a cell are now. */
struct level {
	double rate, transfers, count[COUNTS];
};

struct world {
	struct plan plan;
	struct plan_kernel kernel;
	struct plan_cell cell[CELLS];
	struct level level[CELLS];
	struct samples samples;
	struct sample sample[CELLS];
	struct count_record count[CELLS];
	struct prediction_record prediction[CELLS];
	uint64_t ops[CELLS], bytes[CELLS];
	char release[32];
};

static double normal(void)
{
	return sqrt(-2 * log(1 - drand48())) * cos(2 * M_PI * drand48());
}

static double either(double a, double b)
{
	return drand48() < 0.5 ? a : b;
}

static void begin_world(struct world *w)
{
	size_t i, c;

	w->kernel.name = (char *)"running";
	for (i = 0; i < CELLS; i++) {
		w->cell[i].name = xasprintf("read block=%zuk file_size=4k sharing=%s threads=16", i / 2 + 1,
					    i % 2 ? "diff" : "same");
		cell_id(w->cell[i].name, w->cell[i].id);
		w->level[i] = (struct level){ .rate = 1e6 * (1 + drand48()), .transfers = 2 };
		for (c = 0; c < COUNTS; c++)
			w->level[i].count[c] = floor(1 + 1000 * drand48());
	}
	w->plan = (struct plan){ .job = (char *)"nightly", .window_ns = 1000000000, .windows = 1, .blocks = 1,
				 .kernel = &w->kernel, .nkernels = 1, .cell = w->cell, .ncells = CELLS };
	if (plan_sort(&w->plan))
		abort();
	w->samples = (struct samples){ .sample = w->sample, .n = CELLS, .count = w->count, .ncounts = CELLS,
				       .prediction = w->prediction, .npredictions = CELLS };
}

static double changed(double x)
{
	return drand48() < 0.1 ? x * (1 + either(-1, 1) * (0.025 + 0.055 * drand48())) : x;
}

static void new_release(struct world *w, unsigned night)
{
	size_t i, c;

	snprintf(w->release, sizeof(w->release), "6.%u.0", night / RELEASE);
	for (i = 0; i < CELLS; i++) {
		w->level[i].rate = changed(w->level[i].rate);
		w->level[i].transfers = changed(w->level[i].transfers);
		for (c = 0; c < COUNTS; c++)
			w->level[i].count[c] += drand48() < 0.1 ? either(2, w->level[i].count[c] > 1 ? -1 : 1) : 0;
	}
}

static void measure_cell(struct world *w, size_t i, double bad)
{
	size_t c;

	w->ops[i] = (uint64_t)(w->level[i].rate * bad * (1 + 0.01 * normal()));
	w->bytes[i] = w->ops[i] * 4096;
	w->sample[i] = (struct sample){ .name = w->cell[i].name, .threads = 1, .ops = &w->ops[i],
					.bytes = &w->bytes[i], .elapsed_ns = 1000000000, .kernel = w->kernel.name };
	w->count[i] = (struct count_record){ .kernel = w->kernel.name, .name = w->cell[i].name };
	w->prediction[i] = (struct prediction_record){ .kernel = w->kernel.name, .machine = (char *)"a machine" };
	w->prediction[i].transfers = w->level[i].transfers * (1 + 0.005 * normal());
	strcpy(w->sample[i].cell, w->cell[i].id);
	strcpy(w->count[i].cell, w->cell[i].id);
	strcpy(w->prediction[i].cell, w->cell[i].id);
	for (c = 0; c < NCOUNTS; c++)
		w->count[i].count[c] = (double)NAN;
	for (c = 0; c < COUNTS; c++)
		w->count[i].count[counts[c]] = w->level[i].count[c];
}

/* An empty file of the run: when it was written, in ns. */
static int64_t make_file(const char *dir, const char *id, const char *name)
{
	char *path = xasprintf("%s/%s/%s", dir, id, name);
	struct stat st;
	FILE *f = fopen(path, "w");

	if (!f || fclose(f) || stat(path, &st)) {
		perror(path);
		exit(4);
	}
	free(path);
	return st.st_mtim.tv_sec * 1000000000LL + st.st_mtim.tv_nsec;
}

static int make_night(struct world *w, struct db *db, const char *dir, unsigned night)
{
	struct run_rows rows = { .plan = &w->plan, .samples = &w->samples, .stamp = { 0, 0, -1 } };
	double bad = drand48() < 0.01 ? 0.9 : 1;
	time_t t = BEGIN + (time_t)night * NIGHT;
	struct tm tm;
	char id[64], *run;
	size_t i;
	int ret;

	strftime(id, sizeof(id), "%Y-%m-%dT%H-%M-%S-nightly", gmtime_r(&t, &tm));
	run = xasprintf("%s/%s", dir, id);
	if (mkdir(run, 0777))
		exit(4);
	free(run);
	make_file(dir, id, "plan.json");
	rows.id = id;
	rows.stamp.mtime_ns = make_file(dir, id, "samples.jsonl");
	if (night % RELEASE == 0)
		new_release(w, night);
	for (i = 0; i < CELLS; i++)
		measure_cell(w, i, bad);
	w->samples.environments = json_pack(
		"[{s:i,s:s,s:s,s:i,s:{s:{s:s,s:s},s:{s:s,s:i}}}]", "schema", 1, "kind", "environment", "kernel", "running",
		"block", 0, "environment", "kernel", "release", w->release, "machine", "x86_64", "cpu", "model",
		"Z80 at 4 MHz", "online_count", 16);
	ret = rows_put(db, &rows);
	json_decref(w->samples.environments);
	return ret;
}

static int make(const char *dir, unsigned nights)
{
	static struct world w;
	struct index *ix;
	unsigned night;
	bool own;
	int ret;

	srand48(1);
	begin_world(&w);
	if (index_open(&ix, dir))
		return 4;
	own = db_begin(index_db(ix), &ret);
	for (night = 0; !ret && night < nights; night++)
		ret = make_night(&w, index_db(ix), dir, night);
	ret = db_end(index_db(ix), own, ret);
	index_close(ix);
	for (night = 0; night < CELLS; night++)
		free(w.cell[night].name);
	free(w.plan.by_id);
	return ret ? 4 : 0;
}

static double now_ms(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int by_number(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Of one metric, or all: points, and ms to load them and to judge them from scratch, and so much of the CPUs' time. */
static int time_metric(struct index *ix, const char *metric, size_t times)
{
	const struct history_filter filter = { .metric = metric, .since = INT64_MIN };
	const struct history_judge_how how = { .magnitude = (double)NAN, .window = CHANGES_WINDOW };
	size_t points = 0, changes = 0, series = 0, i, n;
	double load[TIMES_MAX], judge[TIMES_MAX], cpu[TIMES_MAX], at;
	struct past *past;
	struct history h;

	for (n = 0; n < times; n++) {
		at = now_ms(CLOCK_MONOTONIC);
		if (history_load(ix, &filter, &h))
			return 4;
		load[n] = now_ms(CLOCK_MONOTONIC) - at;
		at = now_ms(CLOCK_MONOTONIC);
		cpu[n] = -now_ms(CLOCK_PROCESS_CPUTIME_ID);
		past = history_judge(&h, &how);
		judge[n] = now_ms(CLOCK_MONOTONIC) - at;
		cpu[n] += now_ms(CLOCK_PROCESS_CPUTIME_ID);
		for (i = points = changes = 0; i < h.n; i++) {
			points += h.series[i].n;
			changes += past[i].nchanges;
		}
		series = h.n;
		past_release(past, h.n);
		history_release(&h);
	}
	qsort(load, times, sizeof(load[0]), by_number);
	qsort(judge, times, sizeof(judge[0]), by_number);
	qsort(cpu, times, sizeof(cpu[0]), by_number);
	printf("%s series %zu points %zu load_ms %.0f judge_ms %.0f judge_cpu_ms %.0f changes %zu\n",
	       metric ? metric : "all", series, points, load[times / 2], judge[times / 2], cpu[times / 2], changes);
	return 0;
}

/* So many nights with a step at one of them: how many changes are found, and whether one is within 3 nights of it. */
static size_t try_series(size_t nights, size_t step, const double by[2], bool *found)
{
	const struct changes_how how = { .window = CHANGES_WINDOW, .magnitude = CHANGES_MAGNITUDE, .seed = 1 };
	double *x = xcalloc(nights, sizeof(*x));
	struct change *change;
	size_t n, i;

	for (i = 0; i < nights; i++)
		x[i] = (1 + by[0] * normal()) * (i < step ? 1 : 1 + by[1]);
	n = changes_find(x, nights, &how, &change);
	*found = false;
	for (i = 0; i < n; i++)
		*found |= change[i].at + 3 >= step && change[i].at <= step + 3;
	free(change);
	free(x);
	return n;
}

/* Per ten years without a change how many are found; of changes after 200 nights, which the next 50 show, how many. */
static int rates(size_t series)
{
	static const double noise[] = { 0.005, 0.01, 0.02, 0.03, 0.05 }, steps[] = { 0.02, 0.03, 0.05, 0.1 };
	size_t i, s, k, alarms, hits;
	double by[2];
	bool found;

	for (i = 0; i < sizeof(noise) / sizeof(noise[0]); i++) {
		srand48(1);
		by[0] = noise[i];
		by[1] = 0;
		for (alarms = s = 0; s < series; s++)
			alarms += try_series(3650, 3650, by, &found);
		printf("noise %4.1f %%: %.3f false in ten years; found of", 100 * noise[i], (double)alarms / (double)series);
		for (k = 0; k < sizeof(steps) / sizeof(steps[0]); k++) {
			by[1] = steps[k];
			for (hits = s = 0; s < series; s++) {
				try_series(250, 200, by, &found);
				hits += found;
			}
			printf(" %.0f %%: %.0f %%%s", 100 * steps[k], 100 * (double)hits / (double)series,
			       k + 1 < sizeof(steps) / sizeof(steps[0]) ? "," : "\n");
		}
	}
	return 0;
}

int main(int argc, char **argv)
{
	unsigned long n = argc == 4 ? strtoul(argv[3], NULL, 10) : 0;
	struct index *ix;
	int ret;

	if (argc == 3 && !strcmp(argv[1], "rates"))
		return rates(strtoul(argv[2], NULL, 10));
	if (n && !strcmp(argv[1], "make"))
		return make(argv[2], (unsigned)n);
	if (!n || n > TIMES_MAX || strcmp(argv[1], "time"))
		return 2;
	if (index_open(&ix, argv[2]))
		return 4;
	ret = time_metric(ix, "ops_per_s", n);
	if (!ret)
		ret = time_metric(ix, NULL, n);
	index_close(ix);
	return ret;
}
