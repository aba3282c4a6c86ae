/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a guest of some shape is fitted out with: its file systems, the disks they
 * lie on, the modules and programs that they take.
 */
#ifndef HARNESS_GUEST_OUTFIT_H
#define HARNESS_GUEST_OUTFIT_H

#include <stddef.h>

#include "harness/guest/shape.h"
#include "lib/relay.h"

struct buf;

#define OUTFIT_MODULES (SHAPE_FS_MAX + 8)

struct outfit {
	struct relay_setup setup;			/* but for ->module */
	const char *module[OUTFIT_MODULES + 1];		/* wanted; NULL at the end */
	const char *program[SHAPE_FS_MAX + 1];		/* needed in the guest; NULL at the end */
	size_t ramdisks;
	const char *disk_fs[SHAPE_FS_MAX];		/* of each virtio disk in order: vda, vdb, ... */
	size_t ndisks;
};

/*
 * 0, or -1 and why: a disk too small for its file system, a file system that has to
 * be made inside a guest whose programs this machine does not have. A file system named
 * twice is made once. Pure but for the working directory. The caller releases in both cases.
 */
int outfit_plan(struct outfit *o, const struct shape *shape, struct buf *why);
void outfit_release(struct outfit *o);

#endif
