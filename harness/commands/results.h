/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `foliogate results`: what its parts share. One file a part.
 */
#ifndef HARNESS_COMMANDS_RESULTS_H
#define HARNESS_COMMANDS_RESULTS_H

#include <stdbool.h>

struct index;

struct results_opts {
	const char *results, *keep, *older_than, *cache;
	bool json, dry_run, incomplete;
};

/* Where runs are kept. */
const char *results_dir(const struct results_opts *opts);
/* The index, current; NULL after reporting. */
struct index *results_index(const char *dir);

/* Each an enum exitcode. */
int results_prune(const struct results_opts *opts, char **argv);
int results_cache(const struct results_opts *opts, char **argv);
/* The part of pruning that is about the cache: an enum exitcode. */
int results_prune_cache(const struct results_opts *opts);

#endif
