/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine files that a prediction is wanted for: those named by options, else
 * the standard one of the kernels' architecture.
 */
#ifndef HARNESS_COMMANDS_MACHINES_H
#define HARNESS_COMMANDS_MACHINES_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/plan/processor.h"
#include "lib/cmd.h"

struct machines {
	struct processor *p;
	size_t n;
};

/*
 * Files by path or by their name in configs/machines. An enum exitcode; the error is reported: no such file, a wrong one, one
 * of another architecture than `arm64` says, one named twice. The caller releases in every case.
 */
int machines_load(struct machines *m, const struct opt_list *names, bool arm64);
void machines_release(struct machines *m);

#define OPT_MACHINE(type, member) \
	OPT_MANY(type, member, 0, "machine", "MACHINE", \
		 "predict for it: a file, or one of configs/machines; may be given several times")

#endif
