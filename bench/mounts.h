/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The file systems of a guest, as its PID 1 makes and mounts them. Every function:
 * 0, or -1 and why, with the CONFIG_ symbol that a kernel lacks.
 */
#ifndef BENCH_MOUNTS_H
#define BENCH_MOUNTS_H

#include "lib/relay.h"

/* /proc, /sys, /dev and what belongs to them. */
int mounts_system(struct buf *why);

/* Makes it where that is asked for, mounts it, and lets everyone write to it. */
int mounts_make(const struct relay_mount *m, struct buf *why);

#define MOUNTS_HOST_ROOT "/host/root"	/* where mounts_host() puts the host's root directory */

/* The host's root, read-only by 9p, under a layer in memory that takes what is written. */
int mounts_host(const char *tag, struct buf *why);

#endif
