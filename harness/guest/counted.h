/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One boot of one kernel to count in: every call of the driver is known before it
 * starts and is done by PID 1 without a word to or from the host, whose timing
 * would show in the counts; what the calls printed comes at the end. Two such
 * boots of the same kernel do exactly the same, instruction by instruction.
 */
#ifndef HARNESS_GUEST_COUNTED_H
#define HARNESS_GUEST_COUNTED_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/guest/guest.h"
#include "lib/buf.h"

struct counted_call {
	const struct guest_call *guest;		/* its shape's accel is taken for ACCEL_TCG whatever it says; no virtio disks,
						   no host_root: their timing is the host's (EXIT_USAGE) */
	const char *plugin;			/* path of libfoliotrace.so */
	int trace;				/* where the plugin writes; stays the caller's */
	const char *const *const *call;		/* the driver's words of each call, NULL at the end of each */
	size_t ncalls;
	bool symbols;				/* /proc/kallsyms is wanted: of kernels without a vmlinux */
};

struct counted_answer {
	int code;		/* the call's exit code; -1: it was not come to */
	struct buf out, err;	/* its stdout, its stderr */
};

struct counted {
	struct counted_answer *answer;	/* [ncalls] */
	size_t n;
	size_t begun;			/* calls begun, as far as the console told: in the last of them an incident happened */
	struct buf symbols;		/* /proc/kallsyms, where wanted */
	struct incident incident;	/* INCIDENT_NONE while all is well */
	char *qemu;			/* "7.2.22"; NULL where it never came so far */
};

/*
 * An enum exitcode: EXIT_ACCEPT when every call was made and answered, whatever their codes; EXIT_CANNOT
 * after reporting what stood in the way, an incident as guest_start() and guest_run() report it included. After a call
 * that does not end with 0 no further one is made. The caller releases in every case.
 */
int guest_counted(const struct counted_call *call, struct counted *c);
void counted_release(struct counted *c);

#endif
