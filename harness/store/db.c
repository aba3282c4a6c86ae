/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/store/db.h"

#include <stddef.h>

#include "lib/err.h"

#define BUSY_MS 10000	/* for a transaction of another process */

int db_complain(struct db *db)
{
	switch (sqlite3_extended_errcode(db->handle)) {
	case SQLITE_FULL:
		return err(
			"%s: no room on the disk; the runs are untouched; make room, then `foliogate results "
			"reindex`",
			db->path);
	case SQLITE_IOERR_WRITE:	/* SQLite does not tell why; a full disk would be SQLITE_FULL */
	case SQLITE_IOERR_FSYNC:
		return err(
			"%s: cannot be written, for a quota, a limit on file sizes (`ulimit -f`) or a failing "
			"disk; the runs are untouched; see to it, then `foliogate results reindex`",
			db->path);
	}
	switch (sqlite3_errcode(db->handle)) {
	case SQLITE_BUSY:
		return err("%s: in use by another process for more than %d s; try again", db->path,
			   BUSY_MS / 1000);
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_CANTOPEN:
		return err(
			"%s: %s; the index needs a directory that can be written; the runs are untouched",
			db->path, sqlite3_errmsg(db->handle));
	default:
		return err(
			"%s: %s; the runs are untouched; `foliogate results reindex` makes the index anew",
			db->path, sqlite3_errmsg(db->handle));
	}
}

int db_open(struct db *db, int flags)
{
	if (sqlite3_open_v2(db->path, &db->handle, SQLITE_OPEN_READWRITE | flags, NULL) != SQLITE_OK)
		return db_complain(db);
	sqlite3_busy_timeout(db->handle, BUSY_MS);
	return 0;
}

void db_close(struct db *db)
{
	sqlite3_close(db->handle);
	db->handle = NULL;
}

int db_execute(struct db *db, const char *sql)
{
	return sqlite3_exec(db->handle, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : db_complain(db);
}

sqlite3_stmt *db_prepare(struct db *db, const char *sql)
{
	sqlite3_stmt *statement = NULL;

	if (sqlite3_prepare_v2(db->handle, sql, -1, &statement, NULL) != SQLITE_OK)
		db_complain(db);
	return statement;
}

void db_bind_text(sqlite3_stmt *statement, int at, const char *text)
{
	sqlite3_bind_text(statement, at, text, -1, SQLITE_STATIC);	/* NULL binds NULL */
}

void db_bind_number(sqlite3_stmt *statement, int at, uint64_t n)
{
	sqlite3_bind_int64(statement, at, n > INT64_MAX ? INT64_MAX : (sqlite3_int64)n);
}

int db_step(struct db *db, sqlite3_stmt *statement)
{
	int ret = sqlite3_step(statement) == SQLITE_DONE ? 0 : db_complain(db);

	sqlite3_reset(statement);
	return ret;
}

int db_step_once(struct db *db, sqlite3_stmt *statement)
{
	int ret = db_step(db, statement);

	sqlite3_finalize(statement);
	return ret;
}

int db_next(struct db *db, sqlite3_stmt *statement)
{
	int code = sqlite3_step(statement);

	return code == SQLITE_ROW ? 1 : code == SQLITE_DONE ? 0 : db_complain(db);
}

const char *db_text(sqlite3_stmt *statement, int at)
{
	const char *text = (const char *)sqlite3_column_text(statement, at);

	return text ? text : "";
}

bool db_begin(struct db *db, int *ret)
{
	bool own = sqlite3_get_autocommit(db->handle);

	*ret = own ? db_execute(db, "BEGIN IMMEDIATE") : 0;
	return own && !*ret;
}

int db_end(struct db *db, bool own, int ret)
{
	if (!own || (!ret && !db_execute(db, "COMMIT")))
		return ret;
	if (!sqlite3_get_autocommit(db->handle))
		sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);	/* the error was said */
	return -1;
}
