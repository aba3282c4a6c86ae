/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a group's key says, as values of its parameter: `cpus`, ranges and other
 * spellings are gone. Pure.
 *
 * A count or a size may be written as a range `A..B`: A, twice A, four times A,
 * ..., and at last B. In a count, and at both ends of a range, the word `cpus`
 * is the number of CPUs.
 */
#ifndef HARNESS_PLAN_AXIS_H
#define HARNESS_PLAN_AXIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct job;
struct job_key;
struct param;

#define AXIS_VALUES_MAX 1000

struct axis {
	const struct param *row;
	const struct job_key *key;	/* as written */
	char **value;			/* canonical, no two the same */
	bool *machine;			/* of each value: only `cpus` made it */
	size_t n;			/* 1 or more */
	bool is_axis;			/* a list or a range, even of one value */
};

/* 0, or -1 with the place and the reason in why; the caller releases in both cases. */
int axis_make(struct axis *a, const struct job *job, const struct job_key *key,
	      const struct param *row, uint32_t cpus, struct buf *why);
void axis_release(struct axis *a);

#endif
