/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SQLite for the store: the only place that includes it. Everyone else includes this and uses
 * SQLite's own API, with these few helpers beside it, which report errors as the index's users
 * need them told.
 */
#ifndef HARNESS_STORE_DB_H
#define HARNESS_STORE_DB_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

struct db {
	char *path;		/* for messages too */
	sqlite3 *handle;	/* NULL while it is closed */
};

/* All of these: 0, or -1 after reporting the error. */

/* flags: SQLITE_OPEN_CREATE or 0. To be closed in either case. */
int db_open(struct db *db, int flags);
void db_close(struct db *db);
/* Says what SQLite's last error was, and what to do about it: -1. */
int db_complain(struct db *db);

/* Statements without rows. */
int db_execute(struct db *db, const char *sql);
/* NULL after reporting; the caller finalizes. */
sqlite3_stmt *db_prepare(struct db *db, const char *sql);
/* Texts are borrowed until the statement is reset; NULL binds NULL. Numbers above 63 bits become the largest. */
void db_bind_text(sqlite3_stmt *statement, int at, const char *text);
void db_bind_number(sqlite3_stmt *statement, int at, uint64_t n);
/* A statement without rows, ready to be bound again; the same, finalized. */
int db_step(struct db *db, sqlite3_stmt *statement);
int db_step_once(struct db *db, sqlite3_stmt *statement);
/* 1: a row; 0: the end. */
int db_next(struct db *db, sqlite3_stmt *statement);
/* "" where it is NULL; until the next step. */
const char *db_text(sqlite3_stmt *statement, int at);

/* Begins a transaction where none is under way, and says whether; the answer goes into db_end(). */
bool db_begin(struct db *db, int *ret);
/* Commits with ret 0, else takes everything back: ret, or -1. */
int db_end(struct db *db, bool own, int ret);

#endif
