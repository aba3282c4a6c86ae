/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Parameters of workloads, as one const table from which the driver's
 * arguments, `foliobench describe`, a job file's keys and a cell's identity
 * all follow. Pure. Tables are borrowed; a struct params owns its texts.
 */
#ifndef LIB_PARAM_H
#define LIB_PARAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

enum param_kind {
	PARAM_COUNT,	/* plain number */
	PARAM_SIZE,	/* bytes: `4k`, `1M` */
	PARAM_DURATION,	/* nanoseconds: `2s`, `500ms` */
	PARAM_CHOICE,	/* one of choices */
	PARAM_TEXT,	/* anything, a path say */
};

struct param {
	const char *name;
	enum param_kind kind;
	const char *def;		/* the default as a user would write it; NULL: must be given */
	uint64_t min, max;		/* numbers, inclusive, in base units */
	/*
	 * PARAM_CHOICE, NULL at the end. Two entries stand for more than themselves:
	 * "LIST" for a list of CPU numbers (`0,2,4-7`), and one that ends in ":N" for
	 * its prefix and a number (`node:N`: `node:1`).
	 */
	const char *const *choices;
	const char *help;		/* one line, no full stop */
	bool where;			/* says where or how long to measure, not what: no part of a cell's identity */
};

#define PARAM_END { .name = NULL }

struct param_value {
	uint64_t n;	/* numbers; PARAM_CHOICE: the index in choices */
	char *text;	/* as written; owned by the params */
	bool set;	/* written by the user, not the default */
};

/* A value for every row of one or two tables (a workload's own and the driver's common one). */
struct params {
	const struct param **row;
	struct param_value *value;
	size_t n;
};

/* Rows of `own`, then of `common` (either may be NULL), each at its default. */
void params_init(struct params *p, const struct param *own, const struct param *common);
void params_release(struct params *p);

/* The index of a row, or -1. */
int params_find(const struct params *p, const char *name);

/*
 * Sets one value. 0, or -1 with the reason appended to why: "block: '33M' is
 * above the maximum 1M", "unknown parameter 'blok' (did you mean 'block'?)".
 */
int params_set(struct params *p, const char *name, const char *text, struct buf *why);

/* "key=value". 0, or -1 and why. */
int params_assign(struct params *p, const char *assignment, struct buf *why);

/* Rows without default that were never set: -1 and why names the first. */
int params_complete(const struct params *p, struct buf *why);

/* Values by name; asking for what no table has, or for the wrong kind, is a BUG(). */
uint64_t params_number(const struct params *p, const char *name);
const char *params_text(const struct params *p, const char *name);
unsigned params_choice(const struct params *p, const char *name);

/* Does one text fit a row? 0, or -1 and why, which starts with the row's name. n may be NULL. */
int param_check(const struct param *row, const char *text, uint64_t *n, struct buf *why);

/* What may be written for a row: "1 to 1M", "same|diff", "text". */
void param_range(const struct param *row, struct buf *out);

/* The value in its shortest form: "4k", "2s", "same". */
void param_canonical(const struct param *row, const struct param_value *v, struct buf *out);

/*
 * The name of a cell: "read block=4k file_size=4k ... threads=16", every
 * parameter of its identity in the order of the tables; and the name's hash, by
 * which samples, plans and reports know the cell. Equal names have equal hashes
 * on every machine and in every version; a parameter added later changes both.
 */
#define CELL_ID_LEN 16
void cell_name(const char *workload, const struct params *p, struct buf *out);
void cell_id(const char *name, char id[CELL_ID_LEN + 1]);

/*
 * The value of one key in a cell's name. 0 with out reset and filled, or -1.
 * The key "workload" is the first word.
 */
int cell_field(const char *name, const char *key, struct buf *out);

/* A list of CPU numbers such as "0,2,4-7". The count, or -1; cpus may be NULL, else holds max entries. */
int cpulist_parse(const char *text, unsigned *cpus, size_t max);

#endif
