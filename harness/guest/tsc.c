/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/guest/tsc.h"

#include "lib/clock.h"

#ifdef __x86_64__

#define MEASURED_NS 20000000ull
#define STEP_KHZ 10000ull

static uint64_t measure(void)
{
	uint64_t began_ns = clock_now_ns(), began = __builtin_ia32_rdtsc(), ns, ticks;

	do {
		ns = clock_now_ns() - began_ns;
		ticks = __builtin_ia32_rdtsc() - began;
	} while (ns < MEASURED_NS);
	return (ticks * 1000000 / ns + STEP_KHZ / 2) / STEP_KHZ * STEP_KHZ;
}

uint64_t tsc_khz(void)
{
	static uint64_t khz;

	if (!khz)
		khz = measure();
	return khz;
}

#else

uint64_t tsc_khz(void)
{
	return 0;
}

#endif
