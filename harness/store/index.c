/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/store/index.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "harness/plan/plan.h"
#include "harness/store/db.h"
#include "harness/store/refresh.h"
#include "harness/store/rows.h"
#include "harness/store/run.h"
#include "harness/store/samples.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/err.h"

#define APPLICATION_ID 0x666f6c69	/* "foli" */
#define VERSION 5			/* of the schema; another one is rebuilt */
#define LOCK_MS 30000			/* for a rebuild of another process, or for its readers before ours */

struct index {
	char *dir;	/* of the results */
	struct db db;	/* closed while the file is replaced */
	/*
	 * Of index.lock: shared while the index is open, exclusive while the file
	 * itself is replaced. SQLite's own locks are on the file and cannot guard that.
	 */
	int lock;
};

struct db *index_db(struct index *ix)
{
	return &ix->db;
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

/* What the file was like when it was known to be sound: kept in index.lock. */
struct seal {
	int64_t bytes, seconds, ns;	/* the last two: when it was written last */
	uint64_t inode;
};

static bool seal_of(const struct index *ix, struct seal *seal)
{
	struct stat st;

	if (stat(ix->db.path, &st))
		return false;
	*seal = (struct seal){ st.st_size, st.st_mtim.tv_sec, st.st_mtim.tv_nsec, st.st_ino };
	return true;
}

static int seal_text(const struct seal *seal, char text[96])
{
	return snprintf(text, 96, "%" PRId64 " %" PRId64 ".%09" PRId64 " %" PRIu64 "\n", seal->bytes, seal->seconds,
			seal->ns, seal->inode);
}

/*
 * A file that is as it was when this process, or one before, had made sure of it need not be read
 * through again. Its time is set anew first, to the nanosecond: a write at any moment after that
 * leaves another one, as the kernel's own times are those of its ticks. Only a cache: nothing is
 * lost where it cannot be written.
 */
static void put_seal(struct index *ix)
{
	struct timespec times[2] = { { .tv_nsec = UTIME_OMIT } };
	struct seal seal;
	char text[96];
	int len;

	clock_gettime(CLOCK_REALTIME, &times[1]);
	if (utimensat(AT_FDCWD, ix->db.path, times, 0) || !seal_of(ix, &seal))
		return;
	len = seal_text(&seal, text);
	if (pwrite(ix->lock, text, (size_t)len, 0) != len || ftruncate(ix->lock, len))
		detail("%s/index.lock: %m; the index will be read through when it is opened", ix->dir);
}

static bool is_sealed(const struct index *ix)
{
	char text[96], expected[96];
	struct seal seal;
	ssize_t n = pread(ix->lock, text, sizeof(text), 0);

	return n > 0 && seal_of(ix, &seal) && seal_text(&seal, expected) == n && !memcmp(text, expected, (size_t)n);
}

void index_close(struct index *ix)
{
	bool written;

	if (!ix)
		return;
	written = ix->db.handle && sqlite3_total_changes(ix->db.handle);
	db_close(&ix->db);
	if (written)
		put_seal(ix);
	if (ix->lock >= 0)
		close(ix->lock);
	free(ix->db.path);
	free(ix->dir);
	free(ix);
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
	int code = sqlite3_prepare_v2(ix->db.handle, sql, -1, &statement, NULL);

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
	const bool sealed = is_sealed(ix);
	enum state state = SOUND;
	int code;

	code = ask(ix, "PRAGMA application_id", &id);
	if (!code)
		code = ask(ix, "PRAGMA user_version", &version);
	if (!code && !sealed)
		code = ask(ix, "PRAGMA quick_check(1)", &check);
	if (is_damage(code)) {
		state = DAMAGED;
	} else if (code) {
		db_complain(&ix->db);
		state = FAILED;
	} else if ((!sealed && strcmp(buf_text(&check), "ok")) ||
		   (sqlite3_db_readonly(ix->db.handle, "main") && !access(ix->db.path, W_OK))) {
		state = DAMAGED;	/* a header may also claim that the file must not be written */
	} else if (strtol(buf_text(&id), NULL, 10) != APPLICATION_ID) {
		state = FOREIGN;
	} else if (strtol(buf_text(&version), NULL, 10) != VERSION) {
		state = OUTDATED;
	} else if (!sealed) {
		put_seal(ix);
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

	if (stat(ix->db.path, &st) && errno == ENOENT)
		return MISSING;
	if (stat(ix->db.path, &st)) {
		err("%s: %m", ix->db.path);
		return FAILED;
	}
	if (!S_ISREG(st.st_mode))
		return FOREIGN;
	if (!st.st_size)	/* a valid database for SQLite, and what a first run that was killed leaves */
		return DAMAGED;
	state = db_open(&ix->db, 0) ? FAILED : inspect_db(ix);
	if (state != SOUND)
		db_close(&ix->db);
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
		path = xasprintf("%s%s", ix->db.path, suffix[i]);
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

/* One transaction over everything: killed at any moment it leaves no half index, but an empty file. */
static int fill(struct index *ix, size_t *runs)
{
	char *sql = xasprintf(
		"PRAGMA application_id = %d; PRAGMA user_version = %d; INSERT INTO meta VALUES(%d);",
		APPLICATION_ID, VERSION, VERSION);
	int ret = -1;

	if (!db_execute(&ix->db, "BEGIN IMMEDIATE") && !db_execute(&ix->db, rows_schema) &&
	    !db_execute(&ix->db, sql) && !refresh_all(&ix->db, ix->dir, runs) && !db_execute(&ix->db, "COMMIT"))
		ret = 0;
	free(sql);
	return ret;
}

/* Under the exclusive lock, the database closed. */
static int make_anew(struct index *ix, bool foreign, size_t *runs)
{
	if (clear_away(ix, foreign))
		return -1;
	if (!db_open(&ix->db, SQLITE_OPEN_CREATE) && !fill(ix, runs))
		return 0;
	db_close(&ix->db);
	unlink(ix->db.path);
	return -1;
}

static void say_why(const struct index *ix, enum state state)
{
	if (state == MISSING)
		detail("%s: made from the runs", ix->db.path);
	else
		info("%s: %s; making it anew from the runs", ix->db.path,
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
	ix->db.path = xasprintf("%s/index.db", results_dir);
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
		db_close(&ix->db);
		ret = make_anew(ix, state == FOREIGN, runs);
	}
	index_close(ix);
	return ret;
}

/* Runs */

uint64_t index_counts(const struct plan *plan, const struct samples *samples)
{
	uint64_t n = 0;
	size_t k, c;

	for (k = 0; samples->ncounts && k < plan->nkernels; k++)
		for (c = 0; c < plan->ncells; c++)
			n += samples_count(samples, plan->kernel[k].name, plan->cell[c].id) != NULL;
	return n;
}

int index_put(struct index *ix, const char *id, const struct plan *plan,
	      const struct samples *samples)
{
	return refresh_put(&ix->db, ix->dir, &(struct run_rows){ .id = id, .plan = plan, .samples = samples });
}

int index_remove(struct index *ix, const char *id)
{
	return refresh_remove(&ix->db, id);
}

int index_refresh(struct index *ix)
{
	size_t runs;

	return refresh_all(&ix->db, ix->dir, &runs);
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

static struct index_row row_of(sqlite3_stmt *s)
{
	return (struct index_row){
		.id = db_text(s, 0), .job = db_text(s, 1), .kernel = db_text(s, 2),
		.cells = (uint32_t)sqlite3_column_int64(s, 3), .blocks = (uint32_t)sqlite3_column_int64(s, 4),
		.samples = (uint64_t)sqlite3_column_int64(s, 5), .planned = (uint64_t)sqlite3_column_int64(s, 6),
		.verdict = db_text(s, 7), .counted = (uint64_t)sqlite3_column_int64(s, 8),
		.countable = (uint64_t)sqlite3_column_int64(s, 9), .final = sqlite3_column_int(s, 10),
	};
}

bool index_row_counts_only(const struct index_row *row)
{
	return !row->samples && row->counted;
}

bool index_row_complete(const struct index_row *row)
{
	if (row->final)
		return true;
	return index_row_counts_only(row) ? row->counted == row->countable :
					    row->samples >= row->planned;
}

int index_list(struct index *ix, int (*fn)(const struct index_row *row, void *data), void *data)
{
	struct index_row row;
	sqlite3_stmt *s;
	int code, ret = 0;

	sqlite3_create_collation(ix->db.handle, "age", SQLITE_UTF8, NULL, by_age);
	s = db_prepare(&ix->db, "SELECT id, job, kernel_release, cells, blocks, samples, planned, verdict, counted,"
			" cells * (SELECT count(*) FROM kernel WHERE kernel.run = run.run), final FROM run"
			" ORDER BY id COLLATE age");
	if (!s)
		return -1;
	while (!ret && (code = sqlite3_step(s)) == SQLITE_ROW) {
		row = row_of(s);
		ret = fn(&row, data);
	}
	if (!ret && code != SQLITE_DONE)
		ret = db_complain(&ix->db);
	sqlite3_finalize(s);
	return ret;
}
