/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From run directories to rows of the index.
 */
#ifndef HARNESS_STORE_REFRESH_H
#define HARNESS_STORE_REFRESH_H

#include <stddef.h>

#include "harness/store/rows.h"

/* All of these: 0, or -1 after reporting; a transaction each where none is under way. dir: of the results. */

/* A run as its caller has it: id, plan and samples; the rest is read from its directory. */
int refresh_put(struct db *db, const char *dir, struct run_rows *run);
int refresh_remove(struct db *db, const char *id);
/*
 * Takes in what came, grew, was judged or went since; damaged runs are said and left out. *runs: how many there
 * are then.
 */
int refresh_all(struct db *db, const char *dir, size_t *runs);

#endif
