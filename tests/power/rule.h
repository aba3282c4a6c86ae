/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules that say of two kernels' figures which cells changed: ours, and those of other tools, each
 * written from its description (docs/power.md names them). Adding one: a row in rules.c.
 */
#ifndef TESTS_POWER_RULE_H
#define TESTS_POWER_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/power/world.h"

enum { FIXED_BLOCKS = 8 };

/* What of a draw a rule is given. */
enum given {
	GIVEN_ONE_BOOT,		/* all windows of a long boot of either kernel */
	GIVEN_WINDOWS,		/* all windows of FIXED_BLOCKS boots, as if from one */
	GIVEN_BOOTS,		/* one figure for each of these boots, its median */
	NGIVEN,
	GIVEN_BLOCKS,		/* all of it: our own rules */
};

const char *given_text(enum given g);

struct sides {
	const double *a, *b;	/* baseline and patched, n each, in the order of blocks */
	size_t n;
};

struct ruling {
	int8_t call[CELLS];	/* -1 lower, 1 higher, 0 no change found */
	bool open_first, open_last;	/* neither changed nor unchanged: the first and the last cell */
	uint32_t blocks;	/* that were measured for it */
};

struct rule {
	const char *name;
	const char *level;	/* what it promises, in words */
	enum given given;
	int (*call)(const struct sides *s);		/* of others: one cell at a time */
	void (*judge)(struct draw *d, struct ruling *r);	/* of our own */
	bool adds_blocks;	/* slow to simulate: see struct world */
};

extern const struct rule rules[];
extern const size_t nrules;

/* ours.c */
void ours_fixed(struct draw *d, struct ruling *r);
void ours_fixed_no_minimum(struct draw *d, struct ruling *r);
void ours_sequential(struct draw *d, struct ruling *r);

/* theirs.c */
int call_lkp_apart(const struct sides *s);
int call_lkp_listed(const struct sides *s);
int call_mmtests(const struct sides *s);
int call_benchstat(const struct sides *s);
int call_ministat(const struct sides *s);
int call_student(const struct sides *s);
int call_paired(const struct sides *s);

#endif
