/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How often each rule is right in one world. The same world, the same tallies. */
#ifndef TESTS_POWER_SIMULATE_H
#define TESTS_POWER_SIMULATE_H

#include <stdint.h>

#include "tests/power/rule.h"

enum { MOST_RULES = 32 };

struct tally {
	uint32_t runs;		/* 0: the rule took no part */
	uint32_t alarmed;	/* runs where a cell without a change, or the wrong way, was called */
	uint32_t alarms;	/* such cells */
	uint32_t found;		/* changed cells that were called the right way */
	uint32_t open_first, open_last;
	uint64_t blocks;
};

/* Fills tally[nrules]. */
void simulate(const struct world *w, struct tally *tally);

#endif
