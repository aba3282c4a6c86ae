/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A plan: the cells that a job spans, the tables they are shown in, and the
 * order in which they are measured. Everything after planning works from this
 * and from nothing else. Pure.
 */
#ifndef HARNESS_PLAN_PLAN_H
#define HARNESS_PLAN_PLAN_H

#include <stddef.h>
#include <stdint.h>

#include "lib/json.h"
#include "lib/param.h"

struct buf;
struct catalogue;
struct job;

struct plan_cell {
	char *name;			/* see cell_name() */
	char id[CELL_ID_LEN + 1];
	char **argv;			/* "read", "block=4k", ...: every parameter of its identity, then what
					   `where` ones the job sets; NULL at the end */
};

/* One printed table: a grid of cells. */
struct plan_table {
	char *title;			/* as the job says, or NULL: made from what its cells have in common */
	char *rows, *columns;		/* parameter names; columns may be NULL: one column */
	char **row, **column;		/* their values, canonical: "4k", "same"; column[0] is "" with one column */
	size_t nrows, ncolumns;
	int *cell;			/* [row * ncolumns + column]: index in plan.cell, or -1: none there */
};

struct plan {
	char *job;			/* the job's name */
	uint64_t seed;			/* of the order */
	uint64_t warmup_ns, window_ns;
	uint32_t windows, blocks;
	char **kernel;			/* names of the kernels compared; for now one: "running" */
	size_t nkernels;
	struct plan_cell *cell;		/* no two with one id */
	size_t ncells;
	struct plan_table *table;
	size_t ntables;
	uint32_t *order;		/* [block * ncells + i]: the cell measured as i-th in that block */
	uint32_t *by_id;		/* cells sorted by id, for plan_find(); NULL: not sorted yet */
};

#define PLAN_CELLS_MAX 100000		/* cells of a plan, and of any of its tables */
#define PLAN_ORDER_MAX 1000000		/* blocks * ncells */

/* Facts of the machine that a job may refer to. */
struct plan_machine {
	uint32_t cpus;			/* usable by us: `threads: 1..cpus` */
};

/*
 * 0, or -1 with "FILE:LINE:COL: what, and what would be right" in why. Where a
 * cell's value is wrong, the place is that of the value in the job. The caller
 * releases what succeeded.
 */
int plan_make(const struct job *job, const struct catalogue *catalogue,
	      const struct plan_machine *machine, struct plan *plan, struct buf *why);

/* plan.json, to and from. plan_from_json(): 0, or -1 and why. */
json_t *plan_json(const struct plan *plan);
int plan_from_json(const json_t *json, struct plan *plan, struct buf *why);
void plan_release(struct plan *plan);

/* The index of a cell by its id, or -1. */
int plan_find(const struct plan *plan, const char *id);

/* Fills by_id. 0, or -1 where two cells have one id. plan_make() and plan_from_json() have done it. */
int plan_sort(struct plan *plan);

#endif
