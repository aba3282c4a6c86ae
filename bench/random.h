/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random numbers for measured loops: a few cycles each, the same on every
 * machine. Not for statistics.
 */
#ifndef BENCH_RANDOM_H
#define BENCH_RANDOM_H

#include <stdint.h>

/*
 * A number below n, uniform to within n / 2^32; n must not pass 2^32. The state
 * must not be 0. Marsaglia, "Xorshift RNGs" (2003), the 64-bit triple 13, 7, 17.
 */
static inline uint64_t random_below(uint64_t *state, uint64_t n)
{
	uint64_t x = *state;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	*state = x;
	return ((x >> 32) * n) >> 32;
}

#endif
