/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The environment line that goes before what is measured on one boot of one
 * kernel: what the driver sees, what the guest is, what the kernel was made from.
 */
#ifndef HARNESS_COMMANDS_SNAPSHOT_H
#define HARNESS_COMMANDS_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/guest/shape.h"

struct machine;
struct plan;
struct session;

struct snapshot_call {
	struct session *session;
	const struct machine *machine;
	const char *log;		/* of the driver */
	size_t kernel;			/* index in the plan */
	uint32_t block;
	unsigned retries;		/* boots before this one that a fault of the emulator ended */
};

/* What is known of a guest and the driver in it does not know. */
struct snapshot_facts {
	size_t kernel;			/* index in the plan */
	uint32_t block;
	enum accel accel;
	const char *qemu;		/* version */
	uint64_t boot_ns;		/* 0: nobody looked */
	unsigned retries;
};

/*
 * Puts an environment that was taken already, the driver's words, into the store, unless the run has one of
 * that kernel. 0, or -1 after reporting.
 */
int snapshot_keep(struct session *s, const struct snapshot_facts *facts, const char *text, size_t len);

/* Where the first cell's files go: as good as any other for a snapshot of the file system. */
const char *snapshot_dir(const struct plan *plan, bool guest);

/*
 * Takes it and puts it into the store. 0, or after reporting 1 where the run cannot go on
 * here, as it was begun on another machine, kernel or boot than this one, or else -1.
 */
int snapshot(const struct snapshot_call *call);

#endif
