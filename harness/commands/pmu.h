/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Does an event count? Found by counting a little work of this thread: events
 * exist that open, run and read 0.
 */
#ifndef HARNESS_COMMANDS_PMU_H
#define HARNESS_COMMANDS_PMU_H

enum pmu_event { PMU_CYCLES_USER, PMU_CYCLES_KERNEL, PMU_PAGE_FAULTS };

enum pmu_state {
	PMU_COUNTS,
	PMU_ZERO,	/* opened and ran, yet counted nothing */
	PMU_NOT_RUN,	/* opened and never got a counter */
	PMU_REFUSED,	/* did not open, or could not be read: see error */
};

struct pmu_trial {
	enum pmu_state state;
	int error;		/* errno of PMU_REFUSED */
};

struct pmu_trial pmu_try(enum pmu_event event);

#endif
