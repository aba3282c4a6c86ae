/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One boot of one kernel in QEMU, with the driver as its PID 1. From guest_start()
 * to guest_stop() nothing of it outlives this process, not even kill -9.
 */
#ifndef HARNESS_GUEST_GUEST_H
#define HARNESS_GUEST_GUEST_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/guest/incident.h"
#include "harness/guest/machine.h"
#include "harness/guest/shape.h"

struct kernel;

struct guest_call {
	const struct kernel *kernel;
	const struct shape *shape;	/* its accel is decided: not ACCEL_AUTO */
	const char *driver;		/* path of a foliobench for the guest's architecture */
	const char *console;		/* file that the console's lines are appended to */
	const volatile sig_atomic_t *stop;
	uint64_t limit_ns;		/* from start to ready; 0: the default for its accel (or, to count in, between two calls) */
	bool quiet;			/* a boot that may fail: what ends it is not reported, see guest_incident() */
};

struct guest;

/*
 * Boots until the driver in it is ready. 0, or -1 after reporting what stood in
 * the way: a missing QEMU (with the package's name), a kernel without what the
 * shape needs, a guest that ended as guest_incident() tells. *g is made in any
 * case and ends with guest_stop().
 */
int guest_start(struct guest **g, const struct guest_call *call);

/* As machine_run(), of which this is the guest's half. An incident meanwhile: EXIT_CANNOT, reported with its lines. */
int guest_run(struct guest *g, const struct machine_call *call,
	      int (*line)(const char *text, size_t len, void *data), void *data);

/*
 * A program in the host's root directory (a shape with host_root), with our stdin,
 * stdout and stderr (with shape.terminal: our terminal, raw meanwhile). argv
 * {NULL}: a shell. Its exit code, or EXIT_CANNOT after reporting.
 */
int guest_run_in_root(struct guest *g, const char *const *argv, const volatile sig_atomic_t *stop);

/* What became of it; kind INCIDENT_NONE while all is well. Lives as long as the guest. */
const struct incident *guest_incident(const struct guest *g);

/* Which accelerator it runs with, how long it took to be ready. */
enum accel guest_accel(const struct guest *g);
uint64_t guest_boot_ns(const struct guest *g);
/* The version of its QEMU: "7.2.22"; "" where it never came so far. Lives as long as the guest. */
const char *guest_qemu(const struct guest *g);

/* Powers off where it still runs (politely, then not), frees. NULL is fine. */
void guest_stop(struct guest *g);

/*
 * Does a guest with this kernel boot under KVM here? Tried by booting one, once a
 * machine (its id, kernel, QEMU) and kernel; the answer is kept in the cache.
 * why: the reason of a no, "remembered" or "tried now" included.
 */
bool accel_kvm_works(const struct kernel *kernel, const char *driver,
		     const volatile sig_atomic_t *stop, struct buf *why);
/*
 * ACCEL_AUTO decided: KVM where the guest's architecture is the host's and it
 * works, else TCG, which is said aloud once a process with its reason. 0, or -1
 * after reporting (KVM asked for and not to be had; more vCPUs than CPUs under KVM without shape->overcommit).
 */
int accel_choose(struct shape *shape, const struct kernel *kernel, const char *driver,
		 const volatile sig_atomic_t *stop);

#endif
