/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One cell as the driver's command line gives it: a workload and key=value
 * words, checked, placed, measured, printed a sample a line.
 */
#ifndef BENCH_CELL_H
#define BENCH_CELL_H

#include <stdbool.h>

#include "lib/param.h"

/* What every workload takes besides its own: threads, placement, memory, files, windows. PARAM_END at the end. */
extern const struct param cell_params[];

struct workload;

/* By name; NULL after reporting that there is none. */
const struct workload *cell_workload(const char *name);

/*
 * Measures and prints samples on stdout; with dry_run only checks everything
 * that can be checked beforehand and prints the cell's name. assignments: n
 * texts "key=value". An enum exitcode; the error is reported. Wrong words are
 * EXIT_USAGE before anything was run.
 */
int cell_run(const char *workload, char *const *assignments, int n, bool dry_run);

#endif
