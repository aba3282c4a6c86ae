/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/power/world.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/normal.h"

static const double base = 1000;

static uint64_t mix(uint64_t seed, uint64_t x)
{
	struct normal n = { .seed = seed ^ (x * UINT64_C(0xd1342543de82ef95)) };

	uniform(&n);
	return n.seed ^ (uint64_t)(uniform(&n) * 0x1p52);
}

void draw_begin(struct draw *d, const struct world *w, uint32_t run)
{
	const double what[] = { w->boot, w->window, w->effect, w->changed };
	size_t i;

	d->world = w;
	d->blocks = 0;
	d->seed = run;
	for (i = 0; i < sizeof(what) / sizeof(what[0]); i++)
		d->seed = mix(d->seed, (uint64_t)(what[i] * 1e6));
}

static int by_size(const void *va, const void *vb)
{
	const double *a = va, *b = vb;

	return (*a > *b) - (*a < *b);
}

static double median(const double *window)
{
	double x[WINDOWS];

	memcpy(x, window, sizeof(x));
	qsort(x, WINDOWS, sizeof(x[0]), by_size);
	return x[WINDOWS / 2];
}

static void boot(struct draw *d, uint32_t kernel, uint32_t block, struct normal *random)
{
	const struct world *w = d->world;
	uint32_t windows = block ? WINDOWS : LONG_BOOT, c, i;
	double half = w->boot * sqrt(0.5), shared = half * normal(random), level;
	double *window;

	for (c = 0; c < CELLS; c++) {
		level = base * exp(shared + half * normal(random));
		if (kernel == PATCHED && c < w->changed)
			level /= 1 + w->effect;
		window = d->window[kernel][block][c];
		for (i = 0; i < windows; i++)
			window[i] = level * exp(w->window * normal(random));
		d->median[kernel][block][c] = median(window);
	}
}

void draw_blocks(struct draw *d, uint32_t blocks)
{
	struct normal random;

	for (; d->blocks < blocks; d->blocks++) {
		random.seed = mix(d->seed, d->blocks + 1);
		boot(d, BASELINE, d->blocks, &random);
		boot(d, PATCHED, d->blocks, &random);
	}
}
