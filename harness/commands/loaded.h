/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A stored run with all that reports are made from: its plan, its samples and
 * the figures of these.
 */
#ifndef HARNESS_COMMANDS_LOADED_H
#define HARNESS_COMMANDS_LOADED_H

#include <stdbool.h>

#include "harness/judge/judged.h"
#include "harness/judge/summary.h"
#include "harness/plan/gate.h"
#include "harness/plan/plan.h"
#include "harness/report/report.h"
#include "harness/store/run.h"
#include "harness/store/samples.h"

struct loaded {
	struct run run;
	bool opened;
	struct plan plan;
	struct samples samples;
	struct figure *figures;		/* NULL where a kernel in trouble ended the run */
	struct gate gate;
	struct judged judged;
	bool is_judged;			/* else there is nothing to judge */
	bool emulated, show_emulated_times;
};

struct loaded_call {
	const char *results;		/* NULL: the default directory */
	const char *what;		/* as for run_open() */
	const char *gate;		/* to judge by: as for gate_file_read(); NULL: that of the run */
	const char *machine;		/* whose transfers it is judged by; NULL: the first */
	bool show_emulated_times;
};

/* As below, but also a run that a kernel in trouble ended. An enum exitcode. */
int loaded_open_any(struct loaded *l, const struct loaded_call *call);
/*
 * results: NULL for the default directory; what: as for run_open(). Of a run that was measured
 * in emulation the figures are withheld, as times taken there are no performance, unless
 * show_emulated_times. 0, or -1 after reporting. The caller releases in both cases.
 */
int loaded_open(struct loaded *l, const char *results, const char *what, bool show_emulated_times);
void loaded_release(struct loaded *l);

/* The option of that name, for every command that prints figures. */
#define OPT_EMULATED_TIMES(type) \
	OPT_FLAG(type, show_emulated_times, 0, "show-emulated-times", \
		 "show times taken in emulation, which are no performance")

/* Which of the machines that a run has predictions for is shown. */
#define OPT_PREDICTED_MACHINE(type, def) \
	OPT_TEXT(type, machine, 0, "machine", "MACHINE", \
		 "show what is predicted for it (default: " def ")")

/* Borrows from l. */
struct report_input loaded_input(const struct loaded *l);

/*
 * 0 with the machine of that name in *machine, the first that the run has predictions for with NULL
 * (NULL where it has none); or -1 after reporting that there is none of that name.
 */
int loaded_machine(const struct loaded *l, const char *name, const char **machine);

#endif
