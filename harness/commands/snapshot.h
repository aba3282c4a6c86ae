/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The environment line that goes before what is measured on one boot of one
 * kernel: what the driver sees, what the guest is, what the kernel was made from.
 */
#ifndef HARNESS_COMMANDS_SNAPSHOT_H
#define HARNESS_COMMANDS_SNAPSHOT_H

#include <stddef.h>
#include <stdint.h>

struct machine;
struct session;

struct snapshot_call {
	struct session *session;
	const struct machine *machine;
	const char *log;		/* of the driver */
	size_t kernel;			/* index in the plan */
	uint32_t block;
	unsigned retries;		/* boots before this one that a fault of the emulator ended */
};

/*
 * Takes it and puts it into the store. 0, or after reporting 1 where the run cannot go on
 * here, as it was begun on another machine, kernel or boot than this one, or else -1.
 */
int snapshot(const struct snapshot_call *call);

#endif
