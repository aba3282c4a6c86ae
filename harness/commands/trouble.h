/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel that crashed or gave wrong data: told, put into the store, and judged
 * by the gate.
 */
#ifndef HARNESS_COMMANDS_TROUBLE_H
#define HARNESS_COMMANDS_TROUBLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/guest/incident.h"

struct session;

struct trouble {
	bool any;
	size_t kernel;		/* index in the plan */
	uint32_t block;
	const char *cell;	/* its id, or NULL: while booting */
	struct incident incident;	/* kind INCIDENT_NONE: wrong data, told in `what` */
};

void trouble_release(struct trouble *t);

/* Is it a kernel's doing: not QEMU's own end, nor a known fault of the emulator? */
bool trouble_is_kernels(const struct incident *i);
/* said: what the driver printed when it ended with EXIT_REJECT. The incident gets kind NONE and what it is about. */
void trouble_wrong_data(struct trouble *t, const char *said);

/* The verdict of a run that ended so before, said again: EXIT_REJECT or EXIT_CANNOT. */
int trouble_again(const struct session *s);

/*
 * Its verdict, said and stored as a line of kind "incident" in samples.jsonl: EXIT_REJECT or EXIT_CANNOT.
 * baseline_ran: the first kernel of the plan ran without trouble in this run.
 */
int trouble_judge(struct session *s, const struct trouble *t, bool baseline_ran);

#endif
