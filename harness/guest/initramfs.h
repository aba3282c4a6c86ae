/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a guest's kernel starts from: a cpio archive with the driver as /init, the
 * modules that this guest needs, a few programs, and PID 1's instructions.
 * libarchive is included here only.
 */
#ifndef HARNESS_GUEST_INITRAMFS_H
#define HARNESS_GUEST_INITRAMFS_H

struct kernel;
struct relay_setup;

struct initramfs_call {
	const struct kernel *kernel;	/* its architecture, release and modules */
	const char *driver;		/* path of a foliobench for kernel->arch; /init is it */
	/*
	 * More programs by name ("mkfs.ext4"), found in PATH, /usr/sbin or /sbin, and put into
	 * the archive at the path where they were found; NULL at the end; or NULL for none. They
	 * are this machine's: with any of them kernel->arch must be arch_host().
	 */
	const char *const *program;
	/*
	 * Modules wanted, by name ("virtio_blk", "xfs", "9pnet_virtio"; '-' and '_' are the same);
	 * NULL at the end; or NULL. Those that a module depends on come with it and before it. One
	 * that the kernel has built in (modules.builtin, or =y in kernel->config) is skipped; one
	 * that the kernel has neither way is an error that names the kernel and the module.
	 */
	const char *const *module;
	/*
	 * Written to RELAY_SETUP_FILE. initramfs_make() sets ->module (paths in the archive in
	 * the order to be loaded; .ko, decompressed) and, where a mkfs[0] is a bare name of a
	 * program above, replaces it by its path. The caller releases it.
	 */
	struct relay_setup *setup;
};

/*
 * The archive (newc, not compressed: unpacking costs an emulated guest more than
 * reading) in a sealed memfd: its descriptor, O_CLOEXEC, offset 0; the caller
 * closes. -1 after reporting: a driver or program that is not there (with the
 * Debian package's name for a mkfs) or not for kernel->arch, a library that cannot
 * be found, a module as above. Programs and the driver come with every shared library
 * they need and their loader; /dev, /proc, /sys, /mnt, /tmp are empty directories;
 * /dev/console is a node, so that what init says first is not lost. Needs no root.
 */
int initramfs_make(const struct initramfs_call *call);

#endif
