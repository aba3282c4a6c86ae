/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/power/simulate.h"

#include <stdlib.h>
#include <string.h>

#include "lib/alloc.h"

/* A cell's figures as rules are given them. */
struct figures {
	double x[KERNELS][FIXED_BLOCKS * WINDOWS];
	size_t n;
};

static void gather(const struct draw *d, enum given given, uint32_t cell, struct figures *f)
{
	uint32_t k, i;

	for (k = 0; k < KERNELS; k++) {
		if (given == GIVEN_ONE_BOOT)
			memcpy(f->x[k], d->window[k][0][cell], LONG_BOOT * sizeof(double));
		for (i = 0; i < FIXED_BLOCKS; i++) {
			if (given == GIVEN_WINDOWS)
				memcpy(f->x[k] + (size_t)i * WINDOWS, d->window[k][i][cell],
				       WINDOWS * sizeof(double));
			else if (given == GIVEN_BOOTS)
				f->x[k][i] = d->median[k][i][cell];
		}
	}
	f->n = given == GIVEN_ONE_BOOT ? LONG_BOOT : given == GIVEN_BOOTS ? FIXED_BLOCKS : FIXED_BLOCKS * WINDOWS;
}

static void count(const struct world *w, const struct ruling *r, struct tally *t)
{
	uint32_t c, alarms = 0, found = 0;

	for (c = 0; c < CELLS; c++) {
		if (c < w->changed && r->call[c] < 0)
			found++;
		else if (r->call[c])
			alarms++;
	}
	t->runs++;
	t->alarmed += alarms > 0;
	t->alarms += alarms;
	t->found += found;
	t->open_first += r->open_first;
	t->open_last += r->open_last;
	t->blocks += r->blocks;
}

static void call_cell(const struct figures *f, enum given given, uint32_t cell, struct ruling *r)
{
	const struct sides s = { f->x[BASELINE], f->x[PATCHED], f->n };
	size_t i;

	for (i = 0; i < nrules; i++)
		if (rules[i].call && rules[i].given == given)
			r[i].call[cell] = (int8_t)rules[i].call(&s);
}

static void others(const struct draw *d, struct ruling *r)
{
	struct figures f;
	enum given g;
	uint32_t c;

	for (g = 0; g < NGIVEN; g++)
		for (c = 0; c < CELLS; c++) {
			gather(d, g, c, &f);
			call_cell(&f, g, c, r);
		}
}

void simulate(const struct world *w, struct tally *tally)
{
	struct ruling r[MOST_RULES] = { 0 };
	struct draw *d = xcalloc(1, sizeof(*d));
	uint32_t run;
	size_t i;

	memset(tally, 0, nrules * sizeof(*tally));
	for (i = 0; i < nrules; i++)
		r[i].blocks = rules[i].given == GIVEN_ONE_BOOT ? 1 : FIXED_BLOCKS;
	for (run = 0; run < w->runs; run++) {
		draw_begin(d, w, run);
		draw_blocks(d, FIXED_BLOCKS);
		others(d, r);
		for (i = 0; i < nrules; i++) {
			if (rules[i].adds_blocks && run >= w->long_runs)
				continue;
			if (rules[i].judge)
				rules[i].judge(d, &r[i]);
			count(w, &r[i], &tally[i]);
		}
	}
	free(d);
}
