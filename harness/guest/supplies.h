/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All that a QEMU is started with, as open descriptors: the kernel, the initramfs,
 * the disks, the plugin. None of it has a name in any file system.
 */
#ifndef HARNESS_GUEST_SUPPLIES_H
#define HARNESS_GUEST_SUPPLIES_H

#include <stddef.h>

#include "harness/guest/outfit.h"

struct counted_call;
struct guest_call;

struct supplies {
	struct outfit outfit;
	int kernel, initramfs;
	int plugin;		/* of a guest that is counted in; else -1 */
	int disk[SHAPE_FS_MAX];
	size_t ndisks;
};

/*
 * counted: or NULL. 0, or -1 after reporting; memory that is not there (huge pages) included. The caller releases
 * in both cases.
 */
int supplies_gather(struct supplies *s, const struct guest_call *call, const struct counted_call *counted);
void supplies_release(struct supplies *s);

#endif
