/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/store/index.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "harness/plan/plan.h"
#include "harness/store/run.h"
#include "harness/store/samples.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/err.h"

#define APPLICATION_ID 0x666f6c69	/* "foli" */
#define VERSION 4			/* of the schema; another one is rebuilt */
#define BUSY_MS 10000			/* for a transaction of another process */
#define LOCK_MS 30000			/* for a rebuild of another process, or for its readers before ours */

/*
 * The rollback journal and not the write-ahead log: as safe against kill -9,
 * needs no shared memory (network file systems), and no transaction here is long.
 */
static const char schema[] =
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
	"	file_bytes INTEGER NOT NULL,"
	"	file_mtime_ns INTEGER NOT NULL);"
	"CREATE INDEX run_by_release ON run(kernel_release, started);"
	"CREATE TABLE kernel("
	"	kernel INTEGER PRIMARY KEY,"
	"	run INTEGER NOT NULL REFERENCES run,"
	"	name TEXT NOT NULL,"
	"	release TEXT,"
	"	build_id TEXT,"
	"	cpu_model TEXT,"
	"	emulated INTEGER NOT NULL,"
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
	"	FROM cell JOIN run USING(run) JOIN sample USING(cell) JOIN kernel ON kernel.kernel = sample.kernel;";

struct index {
	char *dir;	/* of the results */
	char *path;	/* of the database */
	sqlite3 *db;	/* NULL while it is replaced */
	/*
	 * Of index.lock: shared while the index is open, exclusive while the file
	 * itself is replaced. SQLite's own locks are on the file and cannot guard that.
	 */
	int lock;
};

/* Errors */

static int complain(struct index *ix)
{
	switch (sqlite3_extended_errcode(ix->db)) {
	case SQLITE_FULL:
		return err(
			"%s: no room on the disk; the runs are untouched; make room, then `foliogate results "
			"reindex`",
			ix->path);
	case SQLITE_IOERR_WRITE:	/* SQLite does not tell why; a full disk would be SQLITE_FULL */
	case SQLITE_IOERR_FSYNC:
		return err(
			"%s: cannot be written, for a quota, a limit on file sizes (`ulimit -f`) or a failing "
			"disk; the runs are untouched; see to it, then `foliogate results reindex`",
			ix->path);
	}
	switch (sqlite3_errcode(ix->db)) {
	case SQLITE_BUSY:
		return err("%s: in use by another process for more than %d s; try again", ix->path,
			   BUSY_MS / 1000);
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_CANTOPEN:
		return err(
			"%s: %s; the index needs a directory that can be written; the runs are untouched",
			ix->path, sqlite3_errmsg(ix->db));
	default:
		return err(
			"%s: %s; the runs are untouched; `foliogate results reindex` makes the index anew",
			ix->path, sqlite3_errmsg(ix->db));
	}
}

/* Statements. Their helpers report. */

static int execute(struct index *ix, const char *sql)
{
	return sqlite3_exec(ix->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : complain(ix);
}

static sqlite3_stmt *prepare(struct index *ix, const char *sql)
{
	sqlite3_stmt *statement = NULL;

	if (sqlite3_prepare_v2(ix->db, sql, -1, &statement, NULL) != SQLITE_OK)
		complain(ix);
	return statement;
}

/* Texts are borrowed until the statement is reset. */
static void bind_text(sqlite3_stmt *statement, int at, const char *text)
{
	sqlite3_bind_text(statement, at, text, -1, SQLITE_STATIC);	/* NULL binds NULL */
}

static void bind_number(sqlite3_stmt *statement, int at, uint64_t n)
{
	sqlite3_bind_int64(statement, at, n > INT64_MAX ? INT64_MAX : (sqlite3_int64)n);
}

/* A statement without rows, ready to be bound again. */
static int step(struct index *ix, sqlite3_stmt *statement)
{
	int ret = sqlite3_step(statement) == SQLITE_DONE ? 0 : complain(ix);

	sqlite3_reset(statement);
	return ret;
}

static int step_once(struct index *ix, sqlite3_stmt *statement)
{
	int ret = step(ix, statement);

	sqlite3_finalize(statement);
	return ret;
}

/* Opening */

static int take_lock(struct index *ix, short type)
{
	struct flock whole = { .l_type = type, .l_whence = SEEK_SET };
	char *path = xasprintf("%s/index.lock", ix->dir);
	int waited = 0, ret;

	if (ix->lock < 0)
		ix->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	if (ix->lock < 0) {
		ret = err(
			"open %s: %m; the index needs a directory that can be written; the runs are untouched",
			path);
		goto out;
	}
	while ((ret = fcntl(ix->lock, F_OFD_SETLK, &whole)) &&
	       (errno == EAGAIN || errno == EACCES) && waited < LOCK_MS) {
		usleep(20000);
		waited += 20;
	}
	if (ret && (errno == EAGAIN || errno == EACCES))
		ret = err("%s: another process has held the index for %d s; try again", path,
			  LOCK_MS / 1000);
	else if (ret)
		ret = err("lock %s: %m", path);
out:
	free(path);
	return ret;
}

static void close_db(struct index *ix)
{
	sqlite3_close(ix->db);
	ix->db = NULL;
}

void index_close(struct index *ix)
{
	if (!ix)
		return;
	close_db(ix);
	if (ix->lock >= 0)
		close(ix->lock);
	free(ix->path);
	free(ix->dir);
	free(ix);
}

static int open_db(struct index *ix, int flags)
{
	if (sqlite3_open_v2(ix->path, &ix->db, SQLITE_OPEN_READWRITE | flags, NULL) != SQLITE_OK)
		return complain(ix);
	sqlite3_busy_timeout(ix->db, BUSY_MS);
	return 0;
}

enum state { SOUND, MISSING, DAMAGED, FOREIGN, OUTDATED, FAILED };

/* Errors that the content of the file causes, whatever it is kept on; "unsupported file format" is a plain ERROR. */
static bool is_damage(int code)
{
	return code == SQLITE_CORRUPT || code == SQLITE_NOTADB || code == SQLITE_ERROR;
}

/* The first column of a statement's only row as text into out. 0, or SQLite's code. */
static int ask(struct index *ix, const char *sql, struct buf *out)
{
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(ix->db, sql, -1, &statement, NULL);

	buf_reset(out);
	if (code == SQLITE_OK)
		code = sqlite3_step(statement);
	if (code == SQLITE_ROW)
		buf_str(out, (const char *)sqlite3_column_text(statement, 0));
	sqlite3_finalize(statement);
	return code == SQLITE_ROW ? 0 : code;
}

static enum state inspect_db(struct index *ix)
{
	struct buf id = BUF_INIT, version = BUF_INIT, check = BUF_INIT;
	enum state state = SOUND;
	int code;

	code = ask(ix, "PRAGMA application_id", &id);
	if (!code)
		code = ask(ix, "PRAGMA user_version", &version);
	if (!code)
		code = ask(ix, "PRAGMA quick_check(1)", &check);
	if (is_damage(code)) {
		state = DAMAGED;
	} else if (code) {
		complain(ix);
		state = FAILED;
	} else if (strcmp(buf_text(&check), "ok") ||
		   (sqlite3_db_readonly(ix->db, "main") && !access(ix->path, W_OK))) {
		state = DAMAGED;	/* a header may also claim that the file must not be written */
	} else if (strtol(buf_text(&id), NULL, 10) != APPLICATION_ID) {
		state = FOREIGN;
	} else if (strtol(buf_text(&version), NULL, 10) != VERSION) {
		state = OUTDATED;
	}
	buf_release(&id);
	buf_release(&version);
	buf_release(&check);
	return state;
}

/* Leaves the database open where it is sound. */
static enum state inspect(struct index *ix)
{
	enum state state;
	struct stat st;

	if (stat(ix->path, &st) && errno == ENOENT)
		return MISSING;
	if (stat(ix->path, &st)) {
		err("%s: %m", ix->path);
		return FAILED;
	}
	if (!S_ISREG(st.st_mode))
		return FOREIGN;
	if (!st.st_size)	/* a valid database for SQLite, and what a first run that was killed leaves */
		return DAMAGED;
	state = open_db(ix, 0) ? FAILED : inspect_db(ix);
	if (state != SOUND)
		close_db(ix);
	return state;
}

/* Replacing */

/* What is not ours is kept under another name. */
static int set_aside(const char *path)
{
	char *aside = xasprintf("%s.old", path);
	struct stat st;
	unsigned n;
	int ret;

	for (n = 2; !lstat(aside, &st); n++) {
		free(aside);
		aside = xasprintf("%s.old-%u", path, n);
	}
	ret = rename(path, aside);
	if (ret)
		err("move %s out of the way: %m", path);
	else
		info("%s: not an index of foliogate's; moved to %s", path, aside);
	free(aside);
	return ret;
}

/* With its journals: one left behind would be played back into the new file. */
static int clear_away(struct index *ix, bool foreign)
{
	static const char *const suffix[] = { "", "-journal", "-wal", "-shm" };
	struct stat st;
	char *path;
	size_t i;
	int ret = 0;

	for (i = 0; !ret && i < sizeof(suffix) / sizeof(suffix[0]); i++) {
		path = xasprintf("%s%s", ix->path, suffix[i]);
		if (lstat(path, &st))
			ret = errno == ENOENT ? 0 : err("%s: %m", path);
		else if (foreign || S_ISDIR(st.st_mode))
			ret = set_aside(path);
		else if (unlink(path))
			ret = err("remove %s: %m", path);
		free(path);
	}
	return ret;
}

static int refresh(struct index *ix, size_t *runs);

/* One transaction over everything: killed at any moment it leaves no half index, but an empty file. */
static int fill(struct index *ix, size_t *runs)
{
	char *sql = xasprintf(
		"PRAGMA application_id = %d; PRAGMA user_version = %d; INSERT INTO meta VALUES(%d);",
		APPLICATION_ID, VERSION, VERSION);
	int ret = -1;

	if (!execute(ix, "BEGIN IMMEDIATE") && !execute(ix, schema) && !execute(ix, sql) &&
	    !refresh(ix, runs) && !execute(ix, "COMMIT"))
		ret = 0;
	free(sql);
	return ret;
}

/* Under the exclusive lock, the database closed. */
static int make_anew(struct index *ix, bool foreign, size_t *runs)
{
	if (clear_away(ix, foreign))
		return -1;
	if (!open_db(ix, SQLITE_OPEN_CREATE) && !fill(ix, runs))
		return 0;
	close_db(ix);
	unlink(ix->path);
	return -1;
}

static void say_why(const struct index *ix, enum state state)
{
	if (state == MISSING)
		detail("%s: made from the runs", ix->path);
	else
		info("%s: %s; making it anew from the runs", ix->path,
		     state == OUTDATED	? "of another version"
		     : state == FOREIGN ? "not an index"
					: "damaged");
}

/* Another process may have replaced it while this one waited for the lock. */
static int replace(struct index *ix)
{
	size_t runs;
	enum state state;

	if (take_lock(ix, F_UNLCK) || take_lock(ix, F_WRLCK))
		return -1;
	state = inspect(ix);
	if (state == FAILED)
		return -1;
	if (state != SOUND) {
		say_why(ix, state);
		if (make_anew(ix, state == FOREIGN, &runs))
			return -1;
	}
	return take_lock(ix, F_RDLCK);
}

static struct index *new_index(const char *results_dir)
{
	struct index *ix = xcalloc(1, sizeof(*ix));

	signal(SIGXFSZ, SIG_IGN);	/* a limit on file sizes shall be an error, not the end */
	ix->dir = xstrdup(results_dir);
	ix->path = xasprintf("%s/index.db", results_dir);
	ix->lock = -1;
	return ix;
}

int index_open(struct index **out, const char *results_dir)
{
	struct index *ix = new_index(results_dir);
	enum state state = FAILED;

	*out = NULL;
	if (!take_lock(ix, F_RDLCK))
		state = inspect(ix);
	if (state == FAILED || (state != SOUND && replace(ix))) {
		index_close(ix);
		return -1;
	}
	*out = ix;
	return 0;
}

int index_rebuild(const char *results_dir, size_t *runs)
{
	struct index *ix = new_index(results_dir);
	enum state state;
	int ret = -1;

	*runs = 0;
	if (!take_lock(ix, F_WRLCK) && (state = inspect(ix)) != FAILED) {
		close_db(ix);
		ret = make_anew(ix, state == FOREIGN, runs);
	}
	index_close(ix);
	return ret;
}

/* Rows */

/* When samples.jsonl was like what is indexed: tells a run that has grown since. */
struct stamp {
	int64_t bytes, mtime_ns;	/* -1: there is none */
};

static struct stamp stamp_of(const char *results_dir, const char *id)
{
	char *path = xasprintf("%s/%s/samples.jsonl", results_dir, id);
	struct stamp stamp = { -1, -1 };
	struct stat st;

	if (!stat(path, &st))
		stamp = (struct stamp){ st.st_size,
					st.st_mtim.tv_sec * 1000000000LL + st.st_mtim.tv_nsec };
	free(path);
	return stamp;
}

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
	bind_text(statement, at, environment_text(line, "kernel", "release"));
	bind_text(statement, at + 1, environment_text(line, "kernel", "build_id"));
	bind_text(statement, at + 2, environment_text(line, "cpu", "model"));
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
	struct index *ix;
	const char *id;
	const struct plan *plan;
	const struct samples *samples;
	struct stamp stamp;
	int64_t run, *kernel, *cell;	/* parallel to the plan's */
};

uint64_t index_counts(const struct plan *plan, const struct samples *samples)
{
	uint64_t n = 0;
	size_t k, c;

	for (k = 0; samples->ncounts && k < plan->nkernels; k++)
		for (c = 0; c < plan->ncells; c++)
			n += samples_count(samples, plan->kernel[k].name, plan->cell[c].id) != NULL;
	return n;
}

static int put_run(struct put *p)
{
	const json_t *line = first_environment(p->samples, NULL);
	const struct plan *plan = p->plan;
	sqlite3_stmt *s;
	char started[32];

	s = prepare(p->ix,
		    "INSERT INTO run VALUES(NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?)");
	if (!s)
		return -1;
	started_text(p->id, started);
	bind_text(s, 1, p->id);
	bind_text(s, 2, plan->job);
	bind_text(s, 3, started[0] ? started : line ? json_get_text(line, "at") : NULL);
	bind_environment(s, 4, line);
	bind_number(s, 7, plan->seed);
	bind_number(s, 8, plan->ncells);
	bind_number(s, 9, plan->blocks);
	bind_number(s, 10, plan->windows);
	bind_number(s, 11, plan->warmup_ns);
	bind_number(s, 12, plan->window_ns);
	bind_number(s, 13, (uint64_t)plan->nkernels * plan->ncells * plan->blocks * plan->windows);
	bind_number(s, 14, index_counts(plan, p->samples));
	bind_text(s, 15, json_get_text(json_array_get(p->samples->incidents, 0), "verdict"));
	sqlite3_bind_int64(s, 16, p->stamp.bytes);
	sqlite3_bind_int64(s, 17, p->stamp.mtime_ns);
	if (step_once(p->ix, s))
		return -1;
	p->run = sqlite3_last_insert_rowid(p->ix->db);
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

static int put_kernels(struct put *p)
{
	sqlite3_stmt *s = prepare(p->ix, "INSERT INTO kernel VALUES(NULL, ?, ?, ?, ?, ?, ?)");
	size_t i;
	int ret = s ? 0 : -1;

	for (i = 0; !ret && i < p->plan->nkernels; i++) {
		sqlite3_bind_int64(s, 1, p->run);
		bind_text(s, 2, p->plan->kernel[i].name);
		bind_environment(s, 3, first_environment(p->samples, p->plan->kernel[i].name));
		bind_number(s, 6, is_emulated(p, p->plan->kernel[i].name));
		ret = step(p->ix, s);
		p->kernel[i] = sqlite3_last_insert_rowid(p->ix->db);
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
	sqlite3_stmt *s = prepare(p->ix, "INSERT INTO cell VALUES(NULL, ?, ?, ?, ?)");
	const char **title = titles_of(p->plan);
	size_t i;
	int ret = s ? 0 : -1;

	for (i = 0; !ret && i < p->plan->ncells; i++) {
		sqlite3_bind_int64(s, 1, p->run);
		bind_text(s, 2, p->plan->cell[i].id);
		bind_text(s, 3, p->plan->cell[i].name);
		bind_text(s, 4, title[i]);
		ret = step(p->ix, s);
		p->cell[i] = sqlite3_last_insert_rowid(p->ix->db);
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
	bind_number(s, 3, one->block);
	bind_number(s, 4, one->window);
	bind_number(s, 5, one->threads);
	bind_number(s, 6, total(one->ops, one->threads));
	bind_number(s, 7, total(one->bytes, one->threads));
	bind_number(s, 8, one->elapsed_ns);
	bind_number(s, 9, one->skew_ns);
	bind_number(s, 10, one->oversubscribed);
	return step(p->ix, s);
}

/* Only what the plan asks for, each window once: what `samples` counts must tell a complete run from others. */
static int put_samples(struct put *p, uint64_t *count)
{
	sqlite3_stmt *s =
		prepare(p->ix, "INSERT OR IGNORE INTO sample VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
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
		*count += (uint64_t)sqlite3_changes(p->ix->db);
	}
	sqlite3_finalize(s);
	return ret;
}

static int put_count(struct put *p, uint64_t count)
{
	sqlite3_stmt *s = prepare(p->ix, "UPDATE run SET samples = ? WHERE run = ?");

	if (!s)
		return -1;
	bind_number(s, 1, count);
	sqlite3_bind_int64(s, 2, p->run);
	return step_once(p->ix, s);
}

static int remove_rows(struct index *ix, const char *id)
{
	static const char *const sql[] = {
		"DELETE FROM sample WHERE cell IN (SELECT cell FROM cell JOIN run USING(run) WHERE run.id = ?)",
		"DELETE FROM cell WHERE run IN (SELECT run FROM run WHERE id = ?)",
		"DELETE FROM kernel WHERE run IN (SELECT run FROM run WHERE id = ?)",
		"DELETE FROM run WHERE id = ?",
	};
	sqlite3_stmt *s;
	size_t i;

	for (i = 0; i < sizeof(sql) / sizeof(sql[0]); i++) {
		s = prepare(ix, sql[i]);
		if (!s)
			return -1;
		bind_text(s, 1, id);
		if (step_once(ix, s))
			return -1;
	}
	return 0;
}

static int put_rows(struct put *p)
{
	uint64_t count;
	int ret;

	p->kernel = xcalloc(p->plan->nkernels + 1, sizeof(p->kernel[0]));
	p->cell = xcalloc(p->plan->ncells + 1, sizeof(p->cell[0]));
	ret = remove_rows(p->ix, p->id) || put_run(p) || put_kernels(p) || put_cells(p) ||
	      put_samples(p, &count) || put_count(p, count);
	free(p->kernel);
	free(p->cell);
	return ret ? -1 : 0;
}

/* Within the transaction that makes an index there is no other. */
static bool begin(struct index *ix, int *ret)
{
	bool own = sqlite3_get_autocommit(ix->db);

	*ret = own ? execute(ix, "BEGIN IMMEDIATE") : 0;
	return own && !*ret;
}

static int end(struct index *ix, int ret)
{
	if (!ret && !execute(ix, "COMMIT"))
		return 0;
	if (!sqlite3_get_autocommit(ix->db))
		sqlite3_exec(ix->db, "ROLLBACK", NULL, NULL, NULL);	/* the error was said */
	return -1;
}

static int put(struct put *p)
{
	int ret;
	bool own = begin(p->ix, &ret);

	if (!ret)
		ret = put_rows(p);
	return own ? end(p->ix, ret) : ret;
}

int index_put(struct index *ix, const char *id, const struct plan *plan,
	      const struct samples *samples)
{
	struct put p = {
		.ix = ix, .id = id, .plan = plan, .samples = samples, .stamp = stamp_of(ix->dir, id)
	};

	return put(&p);
}

int index_remove(struct index *ix, const char *id)
{
	int ret;
	bool own = begin(ix, &ret);

	if (!ret)
		ret = remove_rows(ix, id);
	return own ? end(ix, ret) : ret;
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
static int put_from_dir(struct index *ix, const char *id, size_t *damaged)
{
	struct put p = { .ix = ix, .id = id, .stamp = stamp_of(ix->dir, id) };	/* before it is read */
	char *dir = xasprintf("%s/%s", ix->dir, id);
	struct samples samples = { 0 };
	struct buf why = BUF_INIT;
	struct plan plan = { 0 };
	int ret;

	p.plan = &plan;
	p.samples = &samples;
	if (load(dir, &plan, &samples, &why)) {
		warn("%s; this run is left out of the index", buf_text(&why));
		++*damaged;
		ret = index_remove(ix, id);
	} else {
		ret = put(&p);
	}
	plan_release(&plan);
	samples_release(&samples);
	buf_release(&why);
	free(dir);
	return ret;
}

/* 1 if what is indexed of a run is what it holds now, 0 if not, -1 after reporting. */
static int is_current(struct index *ix, const char *id)
{
	sqlite3_stmt *s = prepare(
		ix, "SELECT 1 FROM run WHERE id = ? AND file_bytes = ? AND file_mtime_ns = ?");
	struct stamp stamp = stamp_of(ix->dir, id);
	int code, ret;

	if (!s)
		return -1;
	bind_text(s, 1, id);
	sqlite3_bind_int64(s, 2, stamp.bytes);
	sqlite3_bind_int64(s, 3, stamp.mtime_ns);
	code = sqlite3_step(s);
	ret = code == SQLITE_ROW ? 1 : code == SQLITE_DONE ? 0 : complain(ix);
	sqlite3_finalize(s);
	return ret;
}

static bool is_listed(const char *id, char **ids, size_t n)
{
	while (n--)
		if (!strcmp(ids[n], id))
			return true;
	return false;
}

struct names {
	char **name;
	size_t n;
};

static void free_names(struct names *names)
{
	while (names->n)
		free(names->name[--names->n]);
	free(names->name);
}

static int remember(const struct index_row *row, void *data)
{
	struct names *names = data;

	names->name = xrealloc(names->name, names->n + 1, sizeof(names->name[0]));
	names->name[names->n++] = xstrdup(row->id);
	return 0;
}

/* Rows of runs whose directories are gone. */
static int forget_gone(struct index *ix, const struct names *there)
{
	struct names known = { 0 };
	size_t i;
	int ret = index_list(ix, remember, &known);

	for (i = 0; !ret && i < known.n; i++)
		if (!is_listed(known.name[i], there->name, there->n))
			ret = index_remove(ix, known.name[i]);
	free_names(&known);
	return ret;
}

/* runs: how many the index holds then. */
static int refresh(struct index *ix, size_t *runs)
{
	size_t i, damaged = 0;
	struct names there;
	int ret, current;

	*runs = 0;
	if (run_list(ix->dir, &there.name, &there.n))
		return -1;
	ret = forget_gone(ix, &there);
	for (i = 0; !ret && i < there.n; i++) {
		current = is_current(ix, there.name[i]);
		if (current < 1)
			ret = current ? current : put_from_dir(ix, there.name[i], &damaged);
	}
	*runs = there.n - damaged;
	free_names(&there);
	return ret;
}

int index_refresh(struct index *ix)
{
	size_t runs;

	return refresh(ix, &runs);
}

/* Asking */

static int by_age(void *data, int len_a, const void *a, int len_b, const void *b)
{
	char *x = xstrndup(a, (size_t)len_a), *y = xstrndup(b, (size_t)len_b);
	int order = run_compare(x, y);

	(void)data;
	free(x);
	free(y);
	return order;
}

static const char *column_text(sqlite3_stmt *s, int at)
{
	const char *text = (const char *)sqlite3_column_text(s, at);

	return text ? text : "";
}

static struct index_row row_of(sqlite3_stmt *s)
{
	return (struct index_row){
		.id = column_text(s, 0), .job = column_text(s, 1), .kernel = column_text(s, 2),
		.cells = (uint32_t)sqlite3_column_int64(s, 3), .blocks = (uint32_t)sqlite3_column_int64(s, 4),
		.samples = (uint64_t)sqlite3_column_int64(s, 5), .planned = (uint64_t)sqlite3_column_int64(s, 6),
		.verdict = column_text(s, 7), .counted = (uint64_t)sqlite3_column_int64(s, 8),
		.countable = (uint64_t)sqlite3_column_int64(s, 9),
	};
}

bool index_row_counts_only(const struct index_row *row)
{
	return !row->samples && row->counted;
}

bool index_row_complete(const struct index_row *row)
{
	return index_row_counts_only(row) ? row->counted == row->countable :
					    row->samples >= row->planned;
}

int index_list(struct index *ix, int (*fn)(const struct index_row *row, void *data), void *data)
{
	struct index_row row;
	sqlite3_stmt *s;
	int code, ret = 0;

	sqlite3_create_collation(ix->db, "age", SQLITE_UTF8, NULL, by_age);
	s = prepare(ix, "SELECT id, job, kernel_release, cells, blocks, samples, planned, verdict, counted,"
			" cells * (SELECT count(*) FROM kernel WHERE kernel.run = run.run) FROM run"
			" ORDER BY id COLLATE age");
	if (!s)
		return -1;
	while (!ret && (code = sqlite3_step(s)) == SQLITE_ROW) {
		row = row_of(s);
		ret = fn(&row, data);
	}
	if (!ret && code != SQLITE_DONE)
		ret = complain(ix);
	sqlite3_finalize(s);
	return ret;
}
