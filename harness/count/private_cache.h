/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One core's private cache as far as its size goes: set-associative, the line used
 * longest ago makes room. Knows nothing of other cores. Pure.
 */
#ifndef HARNESS_COUNT_PRIVATE_CACHE_H
#define HARNESS_COUNT_PRIVATE_CACHE_H

#include <stdbool.h>
#include <stdint.h>

struct private_cache;

/* sets and ways are 1 or more; empty. */
struct private_cache *private_cache_new(uint32_t sets, uint32_t ways);
void private_cache_free(struct private_cache *c);	/* NULL is fine */

/* Was the line of this physical address there? It is afterwards. */
bool private_cache_touch(struct private_cache *c, uint64_t address);

#endif
