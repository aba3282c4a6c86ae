/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/store/refresh.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/plan/plan.h"
#include "harness/store/db.h"
#include "harness/store/run.h"
#include "harness/store/samples.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/err.h"

static int64_t mtime_ns(const struct stat *st)
{
	return st->st_mtim.tv_sec * 1000000000LL + st->st_mtim.tv_nsec;
}

static struct stamp stamp_of(const char *results_dir, const char *id)
{
	char *samples = xasprintf("%s/%s/samples.jsonl", results_dir, id),
	     *verdict = xasprintf("%s/%s/" OUTCOME_FILE, results_dir, id);
	struct stamp stamp = { -1, -1, -1 };
	struct stat st;

	if (!stat(samples, &st)) {
		stamp.bytes = st.st_size;
		stamp.mtime_ns = mtime_ns(&st);
	}
	if (!stat(verdict, &st))
		stamp.verdict_ns = mtime_ns(&st);
	free(samples);
	free(verdict);
	return stamp;
}

/* A verdict that cannot be read is said and does without: the samples are whole. */
static int put(struct db *db, const char *results, struct run_rows *run)
{
	char *dir = xasprintf("%s/%s", results, run->id);
	struct buf why = BUF_INIT;
	bool own;
	int ret;

	if (outcome_read(dir, &run->outcome, &why))
		warn("%s; the run is indexed without its verdict", buf_text(&why));
	own = db_begin(db, &ret);
	ret = db_end(db, own, ret ? ret : rows_put(db, run));
	buf_release(&why);
	free(dir);
	return ret;
}

int refresh_put(struct db *db, const char *dir, struct run_rows *run)
{
	run->stamp = stamp_of(dir, run->id);
	return put(db, dir, run);
}

int refresh_remove(struct db *db, const char *id)
{
	int ret;
	bool own = db_begin(db, &ret);

	return db_end(db, own, ret ? ret : rows_remove(db, id));
}

/* From the run directories */

static int parse_plan(const char *path, const struct buf *text, struct plan *plan, struct buf *why)
{
	struct buf reason = BUF_INIT;
	json_error_t error;
	json_t *json = json_loadb(buf_text(text), text->len, JSON_REJECT_DUPLICATES, &error);
	int ret = -1;

	if (!json)
		buf_fmt(why, "%s:%d: no JSON: %s", path, error.line, error.text);
	else if (plan_from_json(json, plan, &reason))
		buf_fmt(why, "%s: %s", path, buf_text(&reason));
	else
		ret = 0;
	json_decref(json);
	buf_release(&reason);
	return ret;
}

/* 0, or -1 and why. What a run lacks altogether is not damaged: it has no samples yet. */
static int load(const char *dir, struct plan *plan, struct samples *samples, struct buf *why)
{
	char *plan_path = xasprintf("%s/plan.json", dir),
	     *samples_path = xasprintf("%s/samples.jsonl", dir);
	struct buf plan_text = BUF_INIT, samples_text = BUF_INIT;
	int ret = -1;

	if (buf_read_file(&plan_text, plan_path))
		buf_fmt(why, "read %s: %s", plan_path, strerror(errno));
	else if (buf_read_file(&samples_text, samples_path) && errno != ENOENT)
		buf_fmt(why, "read %s: %s", samples_path, strerror(errno));
	else if (!parse_plan(plan_path, &plan_text, plan, why))
		ret = samples_parse(samples_path, buf_text(&samples_text), samples_text.len,
				    samples, why);
	buf_release(&plan_text);
	buf_release(&samples_text);
	free(plan_path);
	free(samples_path);
	return ret;
}

/* 0, or -1 after reporting an error of the index's own; a damaged run is said, left out and counted. */
static int put_from_dir(struct db *db, const char *results, const char *id, size_t *damaged)
{
	struct run_rows run = { .id = id, .stamp = stamp_of(results, id) };	/* before it is read */
	char *dir = xasprintf("%s/%s", results, id);
	struct samples samples = { 0 };
	struct buf why = BUF_INIT;
	struct plan plan = { 0 };
	int ret;

	run.plan = &plan;
	run.samples = &samples;
	if (load(dir, &plan, &samples, &why)) {
		warn("%s; this run is left out of the index", buf_text(&why));
		++*damaged;
		ret = refresh_remove(db, id);
	} else {
		ret = put(db, results, &run);
	}
	plan_release(&plan);
	samples_release(&samples);
	buf_release(&why);
	free(dir);
	return ret;
}

/* A run in the index, and the files that it was read from. */
struct known {
	char *id;
	struct stamp stamp;
	bool there;	/* still a directory */
};

struct all_known {
	struct known *run;	/* by id */
	size_t n;
};

static int by_id(const void *a, const void *b)
{
	return strcmp(((const struct known *)a)->id, ((const struct known *)b)->id);
}

static void forget_known(struct all_known *known)
{
	while (known->n)
		free(known->run[--known->n].id);
	free(known->run);
}

static int list_known(struct db *db, struct all_known *known)
{
	sqlite3_stmt *s = db_prepare(db, "SELECT id, file_bytes, file_mtime_ns, verdict_mtime_ns FROM run");
	int ret = s ? 1 : -1;

	while (ret == 1 && (ret = db_next(db, s)) == 1) {
		known->run = xrealloc(known->run, known->n + 1, sizeof(known->run[0]));
		known->run[known->n++] = (struct known){
			xstrdup(db_text(s, 0)),
			{ sqlite3_column_int64(s, 1), sqlite3_column_int64(s, 2), sqlite3_column_int64(s, 3) }, false,
		};
	}
	sqlite3_finalize(s);
	if (known->n)
		qsort(known->run, known->n, sizeof(known->run[0]), by_id);
	return ret;
}

static bool is_current(const char *dir, struct all_known *known, char *id)
{
	const struct known key = { .id = id };
	struct stamp now = stamp_of(dir, id);
	struct known *k = known->n ? bsearch(&key, known->run, known->n, sizeof(key), by_id) : NULL;

	if (!k)
		return false;
	k->there = true;
	return k->stamp.bytes == now.bytes && k->stamp.mtime_ns == now.mtime_ns &&
	       k->stamp.verdict_ns == now.verdict_ns;
}

/* Rows of runs whose directories are gone. */
static int forget_gone(struct db *db, const struct all_known *known)
{
	size_t i;
	int ret = 0;

	for (i = 0; !ret && i < known->n; i++)
		if (!known->run[i].there)
			ret = refresh_remove(db, known->run[i].id);
	return ret;
}

static void free_names(char **name, size_t n)
{
	while (n)
		free(name[--n]);
	free(name);
}

/* runs: how many the index holds then. */
int refresh_all(struct db *db, const char *dir, size_t *runs)
{
	struct all_known known = { 0 };
	size_t i, n, damaged = 0;
	char **there;
	int ret;

	*runs = 0;
	if (run_list(dir, &there, &n))
		return -1;
	ret = list_known(db, &known);
	for (i = 0; !ret && i < n; i++)
		if (!is_current(dir, &known, there[i]))
			ret = put_from_dir(db, dir, there[i], &damaged);
	if (!ret)
		ret = forget_gone(db, &known);
	*runs = n - damaged;
	forget_known(&known);
	free_names(there, n);
	return ret;
}
