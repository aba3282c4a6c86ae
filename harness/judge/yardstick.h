/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a cell can be judged by: a time's metric, which is judged by statistics over blocks,
 * or an exact count per op, which is compared as it is. Names are fixed for good:
 *
 *	bytes_per_s  ops_per_s  ns_per_op		times (harness/judge/summary.h)
 *	kernel_instructions  stac  clac  atomics  ...	counts (harness/count/op.h)
 *	transfers					of cache lines between cores, by the coherence model
 */
#ifndef HARNESS_JUDGE_YARDSTICK_H
#define HARNESS_JUDGE_YARDSTICK_H

#include <stdbool.h>

#include "harness/count/op.h"
#include "harness/judge/summary.h"
#include "harness/judge/verdict.h"

#define YARDSTICK_TRANSFERS NCOUNTS	/* beside an enum count */

struct yardstick {
	bool exact;
	int which;	/* exact: an enum count or YARDSTICK_TRANSFERS; else an enum metric */
};

struct near;

/* "stac", "ops_per_s"; static. */
const char *yardstick_name(struct yardstick y);
/* As tables and sentences say it: "STAC", "kernel instructions", "MiB/s"; static. */
const char *yardstick_label(struct yardstick y);
/* 0, or -1 where there is none of that name; near, unless NULL, is offered all names. */
int yardstick_parse(const char *name, struct yardstick *y, struct near *near);
/* Rates are better higher; times and all counts lower. */
enum better yardstick_better(struct yardstick y);
bool yardstick_same(struct yardstick a, struct yardstick b);

#endif
