/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Virtio-serial ports, which have names.
 */
#ifndef BENCH_PORTS_H
#define BENCH_PORTS_H

#include <stdint.h>

struct buf;

/*
 * Waits for the port of that name, opens it with open(2)'s flags, and waits until
 * the host listens at the other end, but for that no longer than host_ns: then it
 * is open all the same, and closed by the host as far as reads can tell. The
 * descriptor, O_CLOEXEC, or -1 and why (what the kernel or QEMU lacks).
 */
int port_open(const char *name, int flags, uint64_t host_ns, struct buf *why);

/* Waits, up to five seconds, for a file that a device makes when it is found. 0, or -1 and why. */
int port_device(const char *path, struct buf *why);

#endif
