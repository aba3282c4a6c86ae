/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/plan/order.h"

#include <stddef.h>

#include "lib/alloc.h"

/*
 * splitmix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number
 * generators", OOPSLA 2014). Written out here, and not a library's generator, so
 * that a seed means the same order on every machine and in every version.
 */
static uint64_t splitmix64(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

/* A number below n, every one equally likely: the first 2^64 mod n outcomes are drawn again. */
static uint64_t below(uint64_t *state, uint64_t n)
{
	uint64_t x;

	do
		x = splitmix64(state);
	while (x < -n % n);
	return x % n;
}

/* Cells start from the seed itself, as they always did; kernels from a number that was never a seed. */
static uint64_t start_of(uint64_t seed, enum order_stream stream)
{
	uint64_t state = seed ^ 0x6b65726e656c73;	/* "kernels" */

	return stream == ORDER_CELLS ? seed : splitmix64(&state);
}

/* Fisher and Yates' shuffle, downwards, of 0, 1, 2, ... for each block; one stream of numbers for all blocks. */
uint32_t *order_make(uint64_t seed, enum order_stream stream, uint32_t blocks, uint32_t n)
{
	uint32_t *all = xcalloc((size_t)blocks * n, sizeof(all[0])), *order, block, i, j, swap;
	uint64_t state = start_of(seed, stream);

	for (block = 0; block < blocks; block++) {
		order = all + (size_t)block * n;
		for (i = 0; i < n; i++)
			order[i] = i;
		for (i = n - 1; i > 0; i--) {
			j = (uint32_t)below(&state, i + 1);
			swap = order[i];
			order[i] = order[j];
			order[j] = swap;
		}
	}
	return all;
}
