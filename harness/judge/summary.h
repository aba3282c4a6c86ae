/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From samples to one summary per kernel, cell and metric. Pure.
 *
 * The boot is the unit of replication (DESIGN, "Statistics"): with two blocks or
 * more, every block gives one number, the median of its windows, and the summary
 * is over those. With one block the summary is over its windows, and says so:
 * such a deviation holds nothing of what differs from boot to boot.
 */
#ifndef HARNESS_JUDGE_SUMMARY_H
#define HARNESS_JUDGE_SUMMARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/record.h"

enum metric { METRIC_BYTES_PER_S, METRIC_OPS_PER_S, METRIC_NS_PER_OP, NMETRICS };

/* Fixed for good: stored data and scripts know them. "bytes_per_s", "ops_per_s", "ns_per_op". */
const char *metric_name(enum metric m);
/* As tables show it: "MiB/s", "ops/s", "ns/op"; and what a base unit is divided by for that: 1048576, 1, 1. */
const char *metric_unit(enum metric m);
double metric_scale(enum metric m);
/* -1 where there is none of that name; takes both forms, and "mib", "ops", "ns". */
int metric_parse(const char *name);

struct summary {
	uint32_t n;		/* numbers summarised; 0: nothing was measured, the rest is meaningless */
	bool blocks;		/* over blocks, else over the windows of one block */
	double mean, sd;	/* sd: sample standard deviation, n - 1; NAN for n = 1 */
	double median, min, max;
};

/* x is left as it is. */
struct summary summary_of(const double *x, size_t n);

/* One kernel's cell. */
struct figure {
	struct summary metric[NMETRICS];	/* base units */
	uint32_t windows, blocks;		/* that there were */
	uint64_t ops, bytes;			/* done in all of these windows, by all threads */
	uint64_t elapsed_ns;			/* what these windows took together; withheld: 0 */
	bool oversubscribed;
	bool withheld;				/* what is a time is NAN, see figures_withhold() */
	double worst_skew;			/* largest skew_ns / elapsed_ns of its windows */
};

struct plan;

/* [kernel * plan->ncells + cell]; the caller frees. Samples of cells that the plan lacks are passed over. */
struct figure *figures_make(const struct plan *plan, const struct sample *sample, size_t n);

/*
 * [(kernel * plan->ncells + cell) * plan->blocks + block]: the median of the boot's windows; NAN where
 * not all of the planned windows are there. The caller frees.
 */
double *figures_boots(const struct plan *plan, const struct sample *sample, size_t n, enum metric m);

/*
 * Takes out whatever is a time or made from one: NAN is in its place, and nothing that is printed
 * from the figures can show it. What was counted stays.
 */
void figures_withhold(struct figure *figures, size_t count);

#endif
