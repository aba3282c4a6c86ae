/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All worlds that are simulated, what came of them, and the tables made from that. */
#ifndef TESTS_POWER_GRID_H
#define TESTS_POWER_GRID_H

#include <stdio.h>

#include "tests/power/simulate.h"

enum { NBOOTS = 4, NWINDOWS = 3, NEFFECTS = 5, NCHANGED = 2 };
enum { NWORLDS = NBOOTS * NWINDOWS * NEFFECTS * NCHANGED };
enum { USUAL_WINDOW = 1 };	/* where rules that add blocks are simulated too */
enum { IN_ONE, IN_HALF };	/* of the cells */

struct grid {
	struct world world[NWORLDS];
	struct tally tally[NWORLDS][MOST_RULES];
};

/* Sets all worlds; percent of the runs are made, but one of each kind at least. */
void grid_init(struct grid *g, double percent);

/* Markdown, for docs/power.md. */
void grid_tables(const struct grid *g);

/*
 * For gnuplot, for each rule two data sets: boot deviation and families with a false alarm; effect and
 * share found, with boots that differ by 0.5 %. In percent. Before them a comment line with the rule.
 */
void grid_data(const struct grid *g, FILE *out);

#endif
