/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The driver run where this harness runs: a child process whose stdout is lines
 * of JSON, whose stderr goes to a log, and whose exit code is one of
 * lib/exitcode.h. That is the whole contract.
 */
#ifndef HARNESS_GUEST_NATIVE_H
#define HARNESS_GUEST_NATIVE_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

struct native_call {
	const char *driver;		/* path of foliobench */
	const char *const *argv;	/* after the program's name; NULL at the end */
	const char *log;		/* its stderr is appended, up to 1 MiB; NULL: nowhere */
	struct buf *talk;		/* why it failed, in place of our stderr; or NULL */
	uint64_t limit_ns;		/* killed after so long; 0: never */
	const volatile sig_atomic_t *stop;	/* killed when set (by a signal handler); NULL: never */
};

/*
 * Runs to the end. line() gets each stdout line without its newline, and ends
 * the driver by returning -1, having reported. The driver dies with this
 * process, kill -9 included.
 *
 * Returns EXIT_ACCEPT, or the driver's own exit code after passing on the last
 * lines of its stderr (or saying that there are none), or EXIT_CANNOT after
 * reporting what else went wrong (cannot be started, killed by a signal, ran past
 * its limit, no end of a line, line() refused), or unreported when stopped.
 */
int native_run(const struct native_call *call,
	       int (*line)(const char *text, size_t len, void *data), void *data);

/* The driver beside this program, or NULL after reporting that there is none. The caller frees. */
char *native_driver(void);

#endif
