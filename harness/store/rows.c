/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/store/rows.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "harness/plan/plan.h"
#include "harness/store/db.h"
#include "harness/store/history.h"
#include "harness/store/index.h"
#include "harness/store/run.h"
#include "harness/store/samples.h"
#include "lib/alloc.h"
#include "lib/buf.h"

/*
 * The rollback journal and not the write-ahead log: as safe against kill -9,
 * needs no shared memory (network file systems), and no transaction here is long.
 */
const char rows_schema[] =
	"CREATE TABLE meta(version INTEGER NOT NULL);"
	"CREATE TABLE run("
	"	run INTEGER PRIMARY KEY,"
	"	id TEXT NOT NULL UNIQUE,"
	"	job TEXT NOT NULL,"
	"	started TEXT,"
	"	kernel_release TEXT,"
	"	build_id TEXT,"
	"	cpu_model TEXT,"
	"	seed INTEGER NOT NULL,"
	"	cells INTEGER NOT NULL,"
	"	blocks INTEGER NOT NULL,"
	"	windows INTEGER NOT NULL,"
	"	warmup_ns INTEGER NOT NULL,"
	"	window_ns INTEGER NOT NULL,"
	"	samples INTEGER NOT NULL,"
	"	planned INTEGER NOT NULL,"
	"	counted INTEGER NOT NULL,"
	"	verdict TEXT,"
	"	final INTEGER NOT NULL,"
	"	file_bytes INTEGER NOT NULL,"
	"	file_mtime_ns INTEGER NOT NULL,"
	"	verdict_mtime_ns INTEGER NOT NULL);"
	"CREATE INDEX run_by_release ON run(kernel_release, started);"
	"CREATE TABLE kernel("
	"	kernel INTEGER PRIMARY KEY,"
	"	run INTEGER NOT NULL REFERENCES run,"
	"	name TEXT NOT NULL,"
	"	release TEXT,"
	"	build_id TEXT,"
	"	cpu_model TEXT,"
	"	emulated INTEGER NOT NULL,"
	"	source TEXT,"
	"	patches TEXT,"
	"	UNIQUE(run, name));"
	"CREATE INDEX kernel_by_release ON kernel(release);"
	"CREATE TABLE cell("
	"	cell INTEGER PRIMARY KEY,"
	"	run INTEGER NOT NULL REFERENCES run,"
	"	id TEXT NOT NULL,"
	"	name TEXT NOT NULL,"
	"	title TEXT,"
	"	UNIQUE(run, id));"
	"CREATE INDEX cell_by_id ON cell(id);"
	"CREATE TABLE sample("
	"	cell INTEGER NOT NULL REFERENCES cell,"
	"	kernel INTEGER NOT NULL REFERENCES kernel,"
	"	block INTEGER NOT NULL,"
	"	window INTEGER NOT NULL,"
	"	threads INTEGER NOT NULL,"
	"	ops INTEGER NOT NULL,"
	"	bytes INTEGER NOT NULL,"
	"	elapsed_ns INTEGER NOT NULL,"
	"	skew_ns INTEGER NOT NULL,"
	"	oversubscribed INTEGER NOT NULL,"
	"	PRIMARY KEY(cell, kernel, block, window)) WITHOUT ROWID;"
	"CREATE VIEW measured AS SELECT"
	"	run.id AS run, run.job, run.started, kernel.name AS kernel, kernel.release, kernel.build_id,"
	"	kernel.cpu_model, cell.id AS cell, cell.name, cell.title, block, window, threads, ops, bytes,"
	"	elapsed_ns, skew_ns, oversubscribed, emulated,"
	"	CASE WHEN NOT emulated THEN bytes * 1e9 / elapsed_ns END AS bytes_per_s,"
	"	CASE WHEN NOT emulated THEN ops * 1e9 / elapsed_ns END AS ops_per_s,"
	"	CASE WHEN NOT emulated THEN 1.0 * threads * elapsed_ns / nullif(ops, 0) END AS ns_per_op"
	"	FROM cell JOIN run USING(run) JOIN sample USING(cell) JOIN kernel ON kernel.kernel = sample.kernel;"
	HISTORY_SCHEMA;

/* The first environment line of one kernel, or of any with NULL; NULL where there is none. */
static const json_t *first_environment(const struct samples *samples, const char *kernel)
{
	const json_t *line;
	size_t i;

	for (i = 0; i < json_array_size(samples->environments); i++) {
		line = json_array_get(samples->environments, i);
		if (!kernel || !strcmp(json_get_text(line, "kernel"), kernel))
			return line;
	}
	return NULL;
}

static const char *environment_text(const json_t *line, const char *group, const char *key)
{
	return json_get_text(json_object_get(json_object_get(line, "environment"), group), key);
}

/* Release, build id and CPU model, at three places from `at` on. */
static void bind_environment(sqlite3_stmt *statement, int at, const json_t *line)
{
	db_bind_text(statement, at, environment_text(line, "kernel", "release"));
	db_bind_text(statement, at + 1, environment_text(line, "kernel", "build_id"));
	db_bind_text(statement, at + 2, environment_text(line, "cpu", "model"));
}

static void started_text(const char *id, char text[32])
{
	time_t t = run_started(id);
	struct tm tm;

	text[0] = '\0';
	if (t >= 0)
		strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&t, &tm));
}

/* What is being put: ids in the database beside what they stand for. */
struct put {
	struct db *db;
	const struct run_rows *run;
	const struct plan *plan;
	const struct samples *samples;
	int64_t key, *kernel, *cell;	/* the last two parallel to the plan's */
};

/* Of a kernel in trouble, else the judge's; NULL where there is none. */
static const char *verdict_of(const struct put *p)
{
	const char *trouble = json_get_text(json_array_get(p->samples->incidents, 0), "verdict");

	return trouble ? trouble : p->run->outcome.verdict;
}

static int put_run(struct put *p)
{
	const json_t *line = first_environment(p->samples, NULL);
	const struct plan *plan = p->plan;
	sqlite3_stmt *s;
	char started[32];

	s = db_prepare(p->db, "INSERT INTO run VALUES(NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?,"
			      " ?)");
	if (!s)
		return -1;
	started_text(p->run->id, started);
	db_bind_text(s, 1, p->run->id);
	db_bind_text(s, 2, plan->job);
	db_bind_text(s, 3, started[0] ? started : line ? json_get_text(line, "at") : NULL);
	bind_environment(s, 4, line);
	db_bind_number(s, 7, plan->seed);
	db_bind_number(s, 8, plan->ncells);
	db_bind_number(s, 9, plan->blocks);
	db_bind_number(s, 10, plan->windows);
	db_bind_number(s, 11, plan->warmup_ns);
	db_bind_number(s, 12, plan->window_ns);
	db_bind_number(s, 13, (uint64_t)plan->nkernels * plan->ncells * plan->blocks * plan->windows);
	db_bind_number(s, 14, index_counts(plan, p->samples));
	db_bind_text(s, 15, verdict_of(p));
	db_bind_number(s, 16, p->run->outcome.final);
	sqlite3_bind_int64(s, 17, p->run->stamp.bytes);
	sqlite3_bind_int64(s, 18, p->run->stamp.mtime_ns);
	sqlite3_bind_int64(s, 19, p->run->stamp.verdict_ns);
	if (db_step_once(p->db, s))
		return -1;
	p->key = sqlite3_last_insert_rowid(p->db->handle);
	return 0;
}

/* Was any of a kernel's figures measured in emulation? */
static bool is_emulated(const struct put *p, const char *kernel)
{
	const json_t *line;
	size_t i;

	json_array_foreach(p->samples->environments, i, line)
		if (!strcmp(json_get_text(line, "kernel"), kernel) && samples_emulated(line))
			return true;
	return p->plan->emulated;
}

static int put_kernel(struct put *p, sqlite3_stmt *s, const char *name)
{
	const json_t *line = first_environment(p->samples, name);
	const json_t *build = json_object_get(line, "build"), *patches = json_object_get(build, "patches");
	struct buf text = BUF_INIT;
	int ret;

	if (json_array_size(patches))
		json_line(&text, patches);
	sqlite3_bind_int64(s, 1, p->key);
	db_bind_text(s, 2, name);
	bind_environment(s, 3, line);
	db_bind_number(s, 6, is_emulated(p, name));
	db_bind_text(s, 7, json_get_text(build, "source"));
	db_bind_text(s, 8, text.len ? buf_text(&text) : NULL);
	ret = db_step(p->db, s);
	buf_release(&text);
	return ret;
}

static int put_kernels(struct put *p)
{
	sqlite3_stmt *s = db_prepare(p->db, "INSERT INTO kernel VALUES(NULL, ?, ?, ?, ?, ?, ?, ?, ?)");
	size_t i;
	int ret = s ? 0 : -1;

	for (i = 0; !ret && i < p->plan->nkernels; i++) {
		ret = put_kernel(p, s, p->plan->kernel[i].name);
		p->kernel[i] = sqlite3_last_insert_rowid(p->db->handle);
	}
	sqlite3_finalize(s);
	return ret;
}

/* Of every cell, the title of the first table that shows it; NULL where the job gave none. The caller frees. */
static const char **titles_of(const struct plan *plan)
{
	const char **title = xcalloc(plan->ncells + 1, sizeof(title[0]));
	const struct plan_table *t;
	size_t i, cell;

	for (t = plan->table + plan->ntables; t-- > plan->table;)	/* the first is the last to write */
		for (i = 0; i < t->nrows * t->ncolumns; i++) {
			cell = (size_t)t->cell[i];
			if (t->cell[i] >= 0 && cell < plan->ncells)
				title[cell] = t->title;
		}
	return title;
}

static int put_cells(struct put *p)
{
	sqlite3_stmt *s = db_prepare(p->db, "INSERT INTO cell VALUES(NULL, ?, ?, ?, ?)");
	const char **title = titles_of(p->plan);
	size_t i;
	int ret = s ? 0 : -1;

	for (i = 0; !ret && i < p->plan->ncells; i++) {
		sqlite3_bind_int64(s, 1, p->key);
		db_bind_text(s, 2, p->plan->cell[i].id);
		db_bind_text(s, 3, p->plan->cell[i].name);
		db_bind_text(s, 4, title[i]);
		ret = db_step(p->db, s);
		p->cell[i] = sqlite3_last_insert_rowid(p->db->handle);
	}
	sqlite3_finalize(s);
	free(title);
	return ret;
}

static uint64_t total(const uint64_t *n, uint32_t count)
{
	uint64_t sum = 0;

	while (count--)
		if (__builtin_add_overflow(sum, *n++, &sum))
			return UINT64_MAX;
	return sum;
}

/* Windows of a cell come one after the other, so the last answer is nearly always right. */
static int find_cell(const struct plan *plan, const char *id, int last)
{
	return last >= 0 && !strcmp(plan->cell[last].id, id) ? last : plan_find(plan, id);
}

static int find_kernel(const struct plan *plan, const char *name)
{
	size_t i;

	for (i = 0; i < plan->nkernels; i++)
		if (!strcmp(plan->kernel[i].name, name))
			return (int)i;
	return -1;
}

static int put_sample(struct put *p, sqlite3_stmt *s, const struct sample *one, int cell,
		      int kernel)
{
	sqlite3_bind_int64(s, 1, p->cell[cell]);
	sqlite3_bind_int64(s, 2, p->kernel[kernel]);
	db_bind_number(s, 3, one->block);
	db_bind_number(s, 4, one->window);
	db_bind_number(s, 5, one->threads);
	db_bind_number(s, 6, total(one->ops, one->threads));
	db_bind_number(s, 7, total(one->bytes, one->threads));
	db_bind_number(s, 8, one->elapsed_ns);
	db_bind_number(s, 9, one->skew_ns);
	db_bind_number(s, 10, one->oversubscribed);
	return db_step(p->db, s);
}

/* Only what the plan asks for, each window once: what `samples` counts must tell a complete run from others. */
static int put_samples(struct put *p, uint64_t *count)
{
	sqlite3_stmt *s =
		db_prepare(p->db, "INSERT OR IGNORE INTO sample VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
	const struct sample *one;
	int cell = -1, kernel, ret = s ? 0 : -1;

	*count = 0;
	for (one = p->samples->sample; !ret && one < p->samples->sample + p->samples->n; one++) {
		cell = find_cell(p->plan, one->cell, cell);
		kernel = find_kernel(p->plan, one->kernel);
		if (cell < 0 || kernel < 0 || one->block >= p->plan->blocks ||
		    one->window >= p->plan->windows)
			continue;
		ret = put_sample(p, s, one, cell, kernel);
		*count += (uint64_t)sqlite3_changes(p->db->handle);
	}
	sqlite3_finalize(s);
	return ret;
}

static int put_count(struct put *p, uint64_t count)
{
	sqlite3_stmt *s = db_prepare(p->db, "UPDATE run SET samples = ? WHERE run = ?");

	if (!s)
		return -1;
	db_bind_number(s, 1, count);
	sqlite3_bind_int64(s, 2, p->key);
	return db_step_once(p->db, s);
}

int rows_remove(struct db *db, const char *id)
{
	static const char *const sql[] = {
		"DELETE FROM night WHERE run IN (SELECT run FROM run WHERE id = ?)",
		"DELETE FROM sample WHERE cell IN (SELECT cell FROM cell JOIN run USING(run) WHERE run.id = ?)",
		"DELETE FROM cell WHERE run IN (SELECT run FROM run WHERE id = ?)",
		"DELETE FROM kernel WHERE run IN (SELECT run FROM run WHERE id = ?)",
		"DELETE FROM run WHERE id = ?",
	};
	sqlite3_stmt *s;
	size_t i;

	for (i = 0; i < sizeof(sql) / sizeof(sql[0]); i++) {
		s = db_prepare(db, sql[i]);
		if (!s)
			return -1;
		db_bind_text(s, 1, id);
		if (db_step_once(db, s))
			return -1;
	}
	return 0;
}

/* A run that is still measured, or ended in trouble, is none to compare others with. */
static bool belongs_to_history(const struct put *p, uint64_t count)
{
	const struct plan *plan = p->plan;
	const struct index_row row = {
		.samples = count, .planned = (uint64_t)plan->nkernels * plan->ncells * plan->blocks * plan->windows,
		.counted = index_counts(plan, p->samples), .countable = (uint64_t)plan->nkernels * plan->ncells,
		.final = p->run->outcome.final,
	};

	return index_row_complete(&row) && !json_array_size(p->samples->incidents);
}

static int put_history(struct put *p)
{
	struct history_put h = { .plan = p->plan, .samples = p->samples, .run = p->key,
				 .at = run_started(p->run->id) };
	int ret = 0;

	for (h.kernel = 0; !ret && h.kernel < p->plan->nkernels; h.kernel++) {
		h.kernel_key = p->kernel[h.kernel];
		h.environment = first_environment(p->samples, p->plan->kernel[h.kernel].name);
		ret = history_put(p->db, &h);
	}
	return ret;
}

static int put_all(struct put *p)
{
	uint64_t count;

	if (rows_remove(p->db, p->run->id) || put_run(p) || put_kernels(p) || put_cells(p) ||
	    put_samples(p, &count) || put_count(p, count))
		return -1;
	return belongs_to_history(p, count) ? put_history(p) : 0;
}

int rows_put(struct db *db, const struct run_rows *run)
{
	struct put p = { .db = db, .run = run, .plan = run->plan, .samples = run->samples };
	int ret;

	p.kernel = xcalloc(run->plan->nkernels + 1, sizeof(p.kernel[0]));
	p.cell = xcalloc(run->plan->ncells + 1, sizeof(p.cell[0]));
	ret = put_all(&p);
	free(p.kernel);
	free(p.cell);
	return ret;
}
