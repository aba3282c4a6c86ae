/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a guest is to look like: plain data, from a job or from options.
 */
#ifndef HARNESS_GUEST_SHAPE_H
#define HARNESS_GUEST_SHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/kernel/spec.h"

enum accel { ACCEL_AUTO, ACCEL_KVM, ACCEL_TCG, ACCEL_TCG_MULTI };
const char *accel_name(enum accel a);	/* "auto", "kvm", "tcg", "tcg-multi" */

enum disk { DISK_RAM, DISK_VIRTIO };

#define SHAPE_CPUS_MAX 64
#define SHAPE_FS_MAX 8

struct shape {
	enum arch arch;
	enum accel accel;		/* ACCEL_AUTO: see accel_choose() */
	unsigned cpus;			/* 1 to SHAPE_CPUS_MAX */
	uint64_t memory;		/* bytes */
	const char *cmdline;		/* added to the kernel's command line, or NULL */
	const char *fs[SHAPE_FS_MAX];	/* "tmpfs", "ramfs", "ext4", "xfs", "btrfs": mounted on /mnt/NAME */
	size_t nfs;
	enum disk disk;			/* what those with a disk lie on */
	uint64_t disk_size;		/* bytes, each */
	bool host_root;			/* the host's root directory, read-only, by 9p, under an overlay */
	bool terminal;			/* with host_root: an interactive shell on our terminal */
	bool overcommit;		/* more vCPUs than CPUs are allowed under KVM */
	bool huge_pages;		/* memory on them (KVM) */
	int numa_node;			/* memory bound to it (KVM); -1: none */
};

/* Where the driver's test files go in a guest for a cell's `fs`: "/mnt/ext4"; "any" is tmpfs. Static. */
const char *shape_dir(const char *fs);

#endif
