/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A directory with all that is below it. Nothing here follows a symbolic link.
 */
#ifndef HARNESS_KERNEL_TREE_H
#define HARNESS_KERNEL_TREE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Removes dir's entry of that name, whatever it is. 0 (also where there is none), or -1 with errno. */
int tree_remove(int dir, const char *name);

/* On disk when this returns 0; -1 with errno. */
int tree_sync(const char *path);

/* Files with several names that were counted already. Start with { 0 }. */
struct tree_seen {
	struct tree_inode {
		dev_t dev;
		ino_t ino;
	} *slot;
	size_t n, cap;
};
void tree_seen_release(struct tree_seen *seen);
/* Bytes of disk that dir's entry of that name takes; what cannot be read counts nothing. */
uint64_t tree_bytes(int dir, const char *name, struct tree_seen *seen);

/*
 * A copy whose files are hard links to the original's; where the file system has none, files
 * are copied with their times, which is said once. `to` must not exist; is
 * removed again when this fails. 0, or -1 after reporting.
 */
int tree_link(const char *from, const char *to);

#endif
