/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A plan: the cells that a job spans, the kernels they are measured on, the
 * tables they are shown in, and the order in which all of it is measured. Everything after planning works from this
 * and from nothing else. Pure.
 */
#ifndef HARNESS_PLAN_PLAN_H
#define HARNESS_PLAN_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/json.h"
#include "lib/param.h"

struct buf;
struct catalogue;
struct job;

struct plan_cell {
	char *name;			/* see cell_name() */
	char *brief;			/* see brief.h; NULL in plans made by hand */
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

struct plan_patch {
	char *path;			/* "-": standard input */
	bool reverse;			/* taken out */
};

/* One side of the comparison. */
struct plan_kernel {
	char *name;			/* "baseline"; "running" where it is the kernel that runs here */
	char *spec;			/* a kernel spec's name or path; NULL: the running kernel, without a guest */
	struct plan_patch *patch;	/* in the order to be applied, after the spec's own */
	size_t npatches;
	char *cmdline;			/* added to the kernel's command line after the guest's, or NULL */
	bool rebuild;			/* not from the cache of those that are the same, but from nothing */
};

/* What guests are to look like; zeroed where there are none. See guest/shape.h. */
struct plan_guest {
	uint32_t cpus;
	uint64_t memory, disk_size;	/* bytes */
	const char *accel;		/* "auto", "kvm", "tcg", "tcg-multi"; static */
	const char *disk;		/* "ram", "virtio"; static */
	char *cmdline;			/* for all kernels, or NULL */
	bool overcommit, huge_pages;
	int numa_node;			/* -1: any */
};

struct plan {
	char *job;			/* the job's name */
	char **option;			/* what was said beside the job: "--set", "blocks=2", "--aa"; or NULL */
	size_t noptions;
	uint64_t seed;			/* of the orders */
	uint64_t warmup_ns, window_ns;
	uint32_t windows;
	uint32_t blocks;		/* at most */
	uint32_t first, step;		/* a run may end after `first` blocks, and after each `step` more, once all is decided */
	struct plan_kernel *kernel;	/* those compared: all in guests, or none; no two with one name */
	size_t nkernels;		/* 1 to PLAN_KERNELS_MAX */
	struct plan_guest guest;
	bool emulated;			/* planned for guests without hardware support: their times say nothing */
	struct plan_cell *cell;		/* no two with one id */
	size_t ncells;
	struct plan_table *table;
	size_t ntables;
	uint32_t *order;		/* [block * ncells + i]: the cell measured as i-th in that block, on every kernel */
	uint32_t *kernel_order;		/* [block * nkernels + i]: the kernel booted as i-th in that block */
	uint32_t *by_id;		/* cells sorted by id, for plan_find(); NULL: not sorted yet */
};

#define PLAN_CELLS_MAX 100000		/* cells of a plan, and of any of its tables */
#define PLAN_ORDER_MAX 1000000		/* blocks * ncells */
#define PLAN_KERNELS_MAX 64
#define PLAN_PATCHES_MAX 1000		/* of one kernel */
#define PLAN_NODE_MAX 1023		/* a NUMA node's number: the kernel's NODES_SHIFT is 10 at most */

/* Facts of the machine that a job may refer to. */
struct plan_machine {
	uint32_t cpus;			/* usable by us: `threads: 1..cpus`; with guests their own count */
	bool emulated;			/* the guests will be: the job's `emulated` keys hold */
	const char *home;		/* what `~/` stands for; NULL: a path that begins so is an error */
	const char *directory;		/* relative paths are made absolute with it; NULL: they stay relative */
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

/* Is this kernel the first one again, rebuilt: an A/A comparison? */
bool plan_is_control(const struct plan *plan, size_t kernel);

/* Are the kernels booted in guests? Else the plan is for the kernel that runs here. */
bool plan_in_guests(const struct plan *plan);

/*
 * The file systems that the cells need, in the order of the plan and no two the same: "any"
 * counts as "tmpfs", and cells without `fs` need none. Their number; the first `max` of
 * them are put into fs, borrowed from the plan.
 */
size_t plan_file_systems(const struct plan *plan, const char **fs, size_t max);

/* The index of a cell by its id, or -1. */
int plan_find(const struct plan *plan, const char *id);

/* Fills by_id. 0, or -1 where two cells have one id. plan_make() and plan_from_json() have done it. */
int plan_sort(struct plan *plan);

#endif
