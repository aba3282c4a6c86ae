/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of a kernel's functions by their addresses, out of its System.map.
 */
#ifndef HARNESS_GUEST_SYSMAP_H
#define HARNESS_GUEST_SYSMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

/*
 * The function at an address, appended as "filemap_read+0x1f". False, and nothing
 * appended, where the map (sorted, as the kernel's build makes it) has no code there.
 * Good for a kernel that runs where it was linked to: nokaslr. Pure.
 */
bool sysmap_find(const char *map, size_t len, uint64_t address, struct buf *out);

#endif
