/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A QEMU that runs, and the streams between it and us: all of them are read
 * whenever we wait, so that nothing in it ever blocks on us. What is said on them
 * is not judged here, but that the console's lines go to the incident finder.
 */
#ifndef HARNESS_GUEST_EMULATOR_H
#define HARNESS_GUEST_EMULATOR_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/guest/qmp.h"
#include "lib/buf.h"
#include "lib/child.h"

struct incident_finder;

struct emulator_call {
	char *const *argv;		/* see qemu_argv() */
	int kernel, initramfs;		/* descriptors; they stay the caller's, like those of the disks */
	const int *disk;
	size_t ndisks;
	const char *console;		/* file that the console is appended to, at most CONSOLE_BYTES */
	bool counted;			/* with a plugin, and the file that it writes: */
	int plugin, trace;		/* descriptors, likewise */
	bool streams, terminal;		/* the ports of stdin, stdout, stderr; hvc0 */
	bool drop;			/* where we are root: run as nobody */
};
#define CONSOLE_BYTES (16u << 20)
#define CONSOLE_TAIL (64u << 10)	/* at least so many of its last bytes are in `tail` */

struct emulator {
	struct child child;
	int relay, console, errors;	/* -1: closed; of a counted guest the console takes nothing */
	int stream[3], terminal;	/* non-blocking; not read here; -1: none */
	struct qmp qmp;			/* fd is set; qmp_open() is the caller's */
	struct buf heard;		/* from the relay, not yet taken */
	struct buf said;		/* the first of QEMU's stderr */
	struct buf tail;		/* the last of the console */
	struct incident_finder *finder;
	uint64_t console_ns;		/* when the console last said something */
	uint64_t console_bytes;
	int log;
	bool ended;			/* QEMU is gone, and all it said was read */
	int status;			/* then: as of wait() */
};

/* 0, or -1 after reporting. End with emulator_close() in both cases. */
int emulator_open(struct emulator *e, const struct emulator_call *call);
/* Ends QEMU at once where it still runs. */
void emulator_close(struct emulator *e);

/*
 * Waits until something was said, QEMU ended, one of the caller's own descriptors is
 * ready, or the time is over, and reads what is there. A signal ends it as well.
 */
void emulator_wait(struct emulator *e, struct pollfd *own, size_t n, int ms);

/* To the guest's driver, or to its console: 0, or -1 where it takes nothing for 10 s or is gone. */
int emulator_send(struct emulator *e, int fd, const char *text, size_t len);

#endif
