/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * results/index.db: what `foliogate results` lists and queries. Only an index:
 * everything in it comes from the run directories, and a missing, damaged or
 * foreign one is rebuilt from them.
 */
#ifndef HARNESS_STORE_INDEX_H
#define HARNESS_STORE_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct db;
struct plan;
struct run;
struct samples;

struct index;

/* All of these: 0, or -1 after reporting the error. */
/*
 * Makes or rebuilds as needed; results_dir must be there. Keep it open only as
 * long as needed: a rebuild by another process waits for it.
 */
int index_open(struct index **ix, const char *results_dir);
void index_close(struct index *ix);
/* Takes in the runs that came, grew or went since; damaged ones are said and left out. */
int index_refresh(struct index *ix);
/* Replaces all that is known of one run. */
int index_put(struct index *ix, const char *id, const struct plan *plan,
	      const struct samples *samples);
int index_remove(struct index *ix, const char *id);
/* Throws the file away and reads every run again; *runs: how many. Damaged runs are said and left out. */
int index_rebuild(const char *results_dir, size_t *runs);

struct index_row {
	const char *id, *job, *kernel;	/* kernel: release, of the first environment; "" if unknown */
	uint32_t cells, blocks;
	uint64_t samples, planned;	/* lines there are, and there would be in a complete run */
	uint64_t counted, countable;	/* cells of kernels that exact counts are there of, and that there are */
	/*
	 * "reject" or "cannot" of a run that a kernel in trouble ended; else what verdict.json says, "accept" or
	 * "inconclusive" too; else "".
	 */
	const char *verdict;
	bool final;			/* judged, perhaps before all planned blocks were measured: no more come */
};
/* Cells of kernels that were counted, of those that the plan asks for. */
uint64_t index_counts(const struct plan *plan, const struct samples *samples);
/* Was nothing measured, but counted? */
bool index_row_counts_only(const struct index_row *row);
/* All samples there, or all counts of a run that only has counts, or decided before? */
bool index_row_complete(const struct index_row *row);
/* For the store's own modules. */
struct db *index_db(struct index *ix);
/* Oldest first. The row is valid during the call. fn's non-zero return ends it and is returned. */
int index_list(struct index *ix, int (*fn)(const struct index_row *row, void *data), void *data);

#endif
