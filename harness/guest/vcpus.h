/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A KVM guest's CPUs: which thread of QEMU is which, and on which CPU of ours each
 * runs, alone.
 */
#ifndef HARNESS_GUEST_VCPUS_H
#define HARNESS_GUEST_VCPUS_H

#include <stddef.h>
#include <sys/types.h>

struct buf;
struct qmp;
struct shape;
struct topo;

struct vcpus {
	pid_t *tid;		/* by the guest's number of the CPU */
	unsigned *cpu;		/* ours, as the kernel numbers them */
	size_t n;
};

/*
 * A CPU for each of n vCPUs: different cores first, neighbours first, as the driver's
 * smt-last; only those of NUMA node `node` unless that is -1. More vCPUs than CPUs
 * start over. 0, or -1 and why: no usable CPU there. Pure.
 */
int vcpus_place(const struct topo *t, int node, unsigned *cpu, size_t n, struct buf *why);

/* Asks QEMU for its vCPU threads, pins each, checks. 0, or -1 and why. The caller releases in both cases. */
int vcpus_pin(struct vcpus *v, const struct shape *shape, struct qmp *qmp, struct buf *why);
/* Is each still where it was pinned? 0, or -1 and why. */
int vcpus_check(const struct vcpus *v, struct buf *why);
void vcpus_release(struct vcpus *v);

#endif
