/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Images for a guest's virtio-blk disks: files without a name, with a file system
 * made by its own mkfs.
 */
#ifndef HARNESS_GUEST_DISK_H
#define HARNESS_GUEST_DISK_H

#include <stdint.h>

struct buf;

/*
 * The words after the program's name that make `fs` ("ext4", "xfs", "btrfs"), the
 * same on a host's image and on a guest's RAM disk, so that both measure the same
 * layout; NULL at the end, the device or file not included. disk_mkfs_program():
 * "mkfs.ext4". Both static; NULL for a file system that needs no disk.
 */
const char *disk_mkfs_program(const char *fs);
const char *const *disk_mkfs_options(const char *fs);
/* The Debian package with the program "mkfs.ext4"; NULL for any other program. Static. */
const char *disk_mkfs_package(const char *program);

/*
 * 0 where a disk of so many bytes is large enough for `fs`; -1 and why it is not, with
 * what would be ("xfs wants at least 300M, not 64M"). Pure.
 */
int disk_fits(const char *fs, uint64_t bytes, struct buf *why);

/*
 * An image of `bytes`, sparse, made in $TMPDIR (O_TMPFILE; /tmp where it is not
 * set), or in a memfd where no file can be made there. Its descriptor, O_RDWR and
 * O_CLOEXEC; the caller closes, and nothing is left. -1 after reporting: a mkfs that
 * is not installed (with its package's name), one that failed (with what it said), too few bytes.
 */
int disk_make(const char *fs, uint64_t bytes);

#endif
