/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nothing: what the driver itself costs. Each thread counts in a line of its
 * own, so more threads must not slow any of them.
 */
#include "bench/workload.h"

static const struct param params[] = {
	PARAM_END
};

static int run(struct task *t)
{
	while (task_next(t))
		task_done(t);
	return 0;
}

extern const struct workload null_workload;
const struct workload null_workload = {
	.name = "null",
	.summary = "does nothing: what the driver itself costs",
	.about = "An op is a test of the goal and an increment of the thread's own counter. No line is shared;\n"
		 "ops/s is the ceiling of every other workload, and must scale with the threads.",
	.params = params,
	.run = run,
};
