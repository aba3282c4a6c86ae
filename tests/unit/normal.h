/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Made-up noise for tests of statistics, the same on every machine: splitmix64, and Box and Muller. */
#ifndef TESTS_UNIT_NORMAL_H
#define TESTS_UNIT_NORMAL_H

#include <math.h>
#include <stdint.h>

struct normal {
	uint64_t seed;
};

/* Within 0 and 1, neither of them. */
static inline double uniform(struct normal *n)
{
	uint64_t z = n->seed += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return ((double)((z ^ z >> 31) >> 12) + 0.5) / (double)(UINT64_C(1) << 52);
}

static inline double normal(struct normal *n)
{
	double length = sqrt(-2 * log(uniform(n)));

	return length * cos(2 * M_PI * uniform(n));
}

#endif
