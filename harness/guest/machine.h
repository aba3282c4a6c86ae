/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the driver runs: here, or in a guest. Whoever measures calls the driver
 * through this and need not know which.
 */
#ifndef HARNESS_GUEST_MACHINE_H
#define HARNESS_GUEST_MACHINE_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/kernel/spec.h"

struct buf;
struct guest;

struct machine {
	const char *driver;	/* path of foliobench, for a machine without a guest */
	struct guest *guest;	/* NULL: here */
};

struct machine_call {
	const char *const *argv;	/* the driver's words; NULL at the end */
	const char *log;		/* its stderr is appended, up to 1 MiB; NULL: nowhere */
	struct buf *talk;		/* why it failed, in place of our stderr; or NULL */
	uint64_t limit_ns;		/* killed after so long; 0: never */
	const volatile sig_atomic_t *stop;
};

/* As child_run(): the same lines, exit codes and reports wherever the driver runs. */
int machine_run(const struct machine *m, const struct machine_call *call,
		int (*line)(const char *text, size_t len, void *data), void *data);

/* The driver beside this program; the caller frees. NULL after reporting. */
char *machine_driver(void);
/* The emulator's plugin beside this program; likewise. machine_plugin_path(): whether it is there or not. */
char *machine_plugin(void);
char *machine_plugin_path(void);
/* As PID 1 of a guest: for another architecture than ours it is in a directory there, "arm64/foliobench". */
char *machine_driver_for(enum arch arch);

#endif
