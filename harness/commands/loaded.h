/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A stored run with all that reports are made from: its plan, its samples and
 * the figures of these.
 */
#ifndef HARNESS_COMMANDS_LOADED_H
#define HARNESS_COMMANDS_LOADED_H

#include <stdbool.h>

#include "harness/judge/summary.h"
#include "harness/plan/plan.h"
#include "harness/report/report.h"
#include "harness/store/run.h"
#include "harness/store/samples.h"

struct loaded {
	struct run run;
	bool opened;
	struct plan plan;
	struct samples samples;
	struct figure *figures;
};

/*
 * results: NULL for the default directory; what: as for run_open(). 0, or -1
 * after reporting; a run that was measured under emulation is refused, as times
 * taken there are no performance. The caller releases in both cases.
 */
int loaded_open(struct loaded *l, const char *results, const char *what);
void loaded_release(struct loaded *l);

/* 0, or -1 after reporting that run id was measured under emulation. */
int loaded_refuse_emulated(const char *id, const struct samples *samples);

/* Borrows from l. */
struct report_input loaded_input(const struct loaded *l);

#endif
