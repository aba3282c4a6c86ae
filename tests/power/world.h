/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Made-up measurements, of which the truth is known. A figure is
 *
 *	base * exp(boot + window), and divided by 1 + effect in a changed cell of the patched kernel
 *
 * with normal deviations: one for each boot and cell, half of whose variance all cells of the boot
 * share, and one for each window. Every block has a generator of its own, seeded by world, run and
 * block: rules see the same draws, whichever of them look at how many blocks.
 */
#ifndef TESTS_POWER_WORLD_H
#define TESTS_POWER_WORLD_H

#include <stdint.h>

enum { CELLS = 44, WINDOWS = 5, MOST_BLOCKS = 20, LONG_BOOT = 10 };
enum { BASELINE, PATCHED, KERNELS };

struct world {
	double boot, window;	/* standard deviations of logs: 0.01 is 1 % */
	double effect;		/* so much more ns/op: 0.02 */
	uint32_t changed;	/* so many of the first cells are */
	uint32_t runs;
	uint32_t long_runs;	/* so many of these also for rules that add blocks */
};

struct draw {
	const struct world *world;
	uint64_t seed;
	uint32_t blocks;	/* drawn so far */
	/* A boot has WINDOWS, but the first one goes on to LONG_BOOT: for who looks at one boot only. */
	double window[KERNELS][MOST_BLOCKS][CELLS][LONG_BOOT];
	double median[KERNELS][MOST_BLOCKS][CELLS];	/* of the first WINDOWS */
};

/* Begins a run: no blocks yet. */
void draw_begin(struct draw *d, const struct world *w, uint32_t run);
/* Sees to it that there are so many blocks. */
void draw_blocks(struct draw *d, uint32_t blocks);

#endif
