/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A run as a tree of tests that passed, failed or were skipped: kernel, table, cell, metric. What
 * formats of test results are made from. Pure.
 *
 * A judged run has the kernels that were compared with the first, and a test for each finding:
 * one that gates and has regressed has failed, one that is undecided is skipped, for it has not
 * passed. A run that was not judged has all kernels, and a test for each metric that there is: it
 * has passed where it was measured.
 */
#ifndef HARNESS_REPORT_OUTLINE_H
#define HARNESS_REPORT_OUTLINE_H

#include <stddef.h>

#include "harness/judge/finding.h"
#include "lib/json.h"

struct judged;
struct report_input;

enum test_result { TEST_PASSED, TEST_FAILED, TEST_SKIPPED };

struct outline_test {
	size_t cell;			/* in the plan */
	const char *metric;		/* "stac", "ops_per_s"; static */
	enum test_result result;
	char *reason;			/* "regressed", "inconclusive: ..."; NULL: nothing to add */
	char *say;			/* "+1 STAC per op (2 -> 3)"; NULL: no figures */
	const struct finding *finding;	/* NULL: not judged */
};

/* A table, or the cells that no table shows. */
struct outline_group {
	char *title;			/* no two of a kernel's are the same */
	struct outline_test *test;	/* one or more; those of a cell together */
	size_t n;
};

struct outline_kernel {
	size_t kernel;			/* in the plan */
	const json_t *incident;		/* borrowed: the line of the trouble that it was in, or NULL */
	struct outline_group *group;
	size_t n;			/* 0: nothing was found of it */
};

struct outline {
	struct outline_kernel *kernel;
	size_t n;
};

/* Borrows from in, which must outlive it. The caller releases. */
void outline_make(const struct report_input *in, struct outline *o);
void outline_release(struct outline *o);

/* What was found of a kernel's cell by that yardstick, or NULL; j may be NULL. */
const struct finding *outline_finding(const struct judged *j, size_t kernel, size_t cell, struct yardstick y);

struct outline_counts {
	size_t tests, failed, skipped;
};

/* Of the tests from..to of a group, `to` excluded; adds to what is in there. */
void outline_count(const struct outline_group *g, size_t from, size_t to, struct outline_counts *c);
/* The end of the tests that belong to the cell of test `from`. */
size_t outline_cell_end(const struct outline_group *g, size_t from);

/* What a kernel's windows of a cell took together, in seconds; 0: there were none, or times are withheld. */
double outline_seconds(const struct report_input *in, size_t kernel, size_t cell);

#endif
