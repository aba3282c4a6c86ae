/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * QEMU's command line and the guest kernel's, as text. Nothing is started here.
 *
 * Everything a guest needs reaches QEMU as an open descriptor with a fixed
 * number: no file of a guest has a name, no socket a path. docs/guests.md says
 * what each word is for.
 */
#ifndef HARNESS_GUEST_QEMU_H
#define HARNESS_GUEST_QEMU_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/guest/shape.h"

struct buf;

/* What QEMU finds under which number, beside its stderr. */
enum qemu_fd {
	QEMU_FD_CONSOLE = 3,	/* socket: the kernel's console, both ways; in guests that are counted in a pipe, one way */
	QEMU_FD_RELAY,		/* socket: RELAY_PORT */
	QEMU_FD_QMP,		/* socket */
	QEMU_FD_KERNEL,		/* these three are opened again through /proc/self/fd: anybody must be allowed to */
	QEMU_FD_INITRAMFS,
	QEMU_FD_PLUGIN,		/* this and the next in guests that are counted in */
	QEMU_FD_TRACE,		/* file: what the plugin writes */
	QEMU_FD_STDIN,		/* sockets, with shape->host_root and no terminal: the ports of those names */
	QEMU_FD_STDOUT,
	QEMU_FD_STDERR,
	QEMU_FD_TERMINAL,	/* socket, with shape->host_root and terminal: hvc0 */
	QEMU_FD_DISK,		/* the first disk's image; further ones follow */
};

/* The mount tag of the host's root directory. */
#define QEMU_ROOT_TAG "foliobench.root"

struct qemu_line {
	const struct shape *shape;	/* its accel is decided */
	const char *append;		/* the kernel's command line, whole */
	size_t ndisks;
	bool paused;			/* no vCPU runs before QMP's `cont` */
	bool counted;			/* the same to the instruction in every boot, and with the plugin */
};

/* "qemu-system-x86_64", and the Debian package that has it. Static. */
const char *qemu_program(enum arch arch);
const char *qemu_package(enum arch arch);

/* QEMU's words, the program's name first, NULL at the end. The caller frees with qemu_argv_free(). */
char **qemu_argv(const struct qemu_line *line);
void qemu_argv_free(char **argv);

/*
 * The kernel's command line for a shape, appended: what every guest has, then what one that
 * is counted in has, then brd's numbers for `ramdisks` disks, then the shape's own words, which win.
 */
void qemu_append(const struct shape *shape, size_t ramdisks, bool counted, struct buf *out);

/*
 * "7.2.22" of the installed QEMU, by asking it. 0, or -1 after reporting (with the
 * package's name where it is not installed).
 */
int qemu_version(enum arch arch, struct buf *version);

#endif
