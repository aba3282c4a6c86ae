/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What of a run goes into the history of its machine: a number for each kernel, cell and metric.
 * Pure.
 *
 * Of times it is the median over the boots of each boot's median window, of exact counts the
 * count of the op most ops are, of transfers the model's prediction. Times taken under emulation
 * are no performance and have no history.
 */
#ifndef HARNESS_STORE_NIGHTLY_H
#define HARNESS_STORE_NIGHTLY_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/count/op.h"
#include "lib/json.h"

struct buf;
struct plan;
struct samples;

enum { NIGHTLY_TIMES = 3, NIGHTLY_METRICS = NIGHTLY_TIMES + NCOUNTS + 1 };

struct nightly_metric {
	const char *name;	/* "ops_per_s", "kernel_instructions", "transfers"; static, fixed for good */
	const char *unit;	/* as people read it: "MiB/s", "a op" */
	double scale;		/* what a base unit is divided by for that */
	bool exact;		/* without noise: any step is a change */
	bool more_is_better;
};

/* i below NIGHTLY_METRICS, times first. */
struct nightly_metric nightly_metric(size_t i);
/* -1: there is none of that name. */
int nightly_metric_find(const char *name);

/*
 * One kernel's values of a metric into value[plan->ncells]; NAN where there is none. How many
 * there are. For transfers, of the first machine that the run has predictions for.
 */
size_t nightly_values(const struct plan *plan, const struct samples *samples, size_t kernel, size_t metric,
		      double *value);

/*
 * The machine that an environment line was written on, in words, appended: processor, CPUs, NUMA nodes,
 * and how its guest ran. "unknown machine" where the line is NULL or does not tell. What may change
 * overnight on the same machine (kernel, settings, microcode) is no part of it.
 */
void nightly_machine(const json_t *line, struct buf *name);
/* What tells it from other machines, appended: the same and what words leave out. */
void nightly_machine_facts(const json_t *line, struct buf *facts);

#endif
