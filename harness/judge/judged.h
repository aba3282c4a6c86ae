/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A whole run judged by a gate: a finding for every kernel that is compared with the first,
 * every cell and every metric that the gate names, and what they come to. Pure.
 *
 * Exact counts are compared as they are; times by statistics over blocks (docs/statistics.md), the
 * family of all gating times of a kernel together. The two stand side by side: where the counts say
 * one thing and the time another, a note tells.
 */
#ifndef HARNESS_JUDGE_JUDGED_H
#define HARNESS_JUDGE_JUDGED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/judge/finding.h"
#include "lib/json.h"

struct buf;
struct gate;
struct plan;
struct samples;

/* Fixed for good, as names are: "accept", "reject", "inconclusive", "cannot". */
enum outcome { OUTCOME_ACCEPT, OUTCOME_REJECT, OUTCOME_INCONCLUSIVE, OUTCOME_CANNOT, NOUTCOMES };

const char *outcome_name(enum outcome o);

struct judged {
	enum outcome outcome;
	/*
	 * One line: "reject: write/256/tmpfs +1 STAC/CLAC pair per op (2 -> 3), 3 more";
	 * "accept: 44 cells unchanged or better"; it begins with the outcome's name, but "could not
	 * measure" for OUTCOME_CANNOT.
	 */
	char *headline;
	struct finding *finding;	/* by kernel, cell, the gate's order of metrics */
	size_t n;
	/*
	 * All findings: those that decided the outcome first, or, where none did, the improved ones; by the gate's order of
	 * metrics, the largest change of each first.
	 */
	size_t *ranked;
	size_t ndecided;		/* how many of these decided it; 0 where an incident did, or for accept */
	uint32_t verdicts[NVERDICTS];	/* of gating findings */
	char **note;			/* sentences: disagreements, what was not judged and why, new warnings */
	size_t nnotes;
	uint32_t blocks;		/* that times were judged by: those of the last look, before the first all complete ones */
	double level;			/* of tests and intervals of times, at this look; 0: no times were judged */
	bool decided;			/* more blocks would change nothing: every gating time has its verdict, or there is none */
	bool final;			/* decided, or no more blocks are planned, or an incident has ended the run */
	char *gate;			/* its name */
};

struct judge_call {
	const struct plan *plan;
	const struct samples *samples;
	const struct gate *gate;
	bool times;			/* false: they are withheld (emulation), counts alone are judged */
	const char *machine;		/* whose predicted transfers are taken; NULL: the first */
};

/*
 * 0, or -1 and why: the gate names a metric that there is not (with its place), none of the plan's cells is
 * selected. A plan with one kernel and no incident has nothing to judge: that is BUG(). The caller releases
 * in both cases.
 */
int judged_make(const struct judge_call *call, struct judged *j, struct buf *why);
void judged_release(struct judged *j);

/* Does the gate name metrics that there are? 0, or -1 and why, place first. */
int judged_check_gate(const struct gate *gate, struct buf *why);
/* Does any cell of the plan decide? 0, or -1 and why. */
int judged_check_cells(const struct plan *plan, const struct gate *gate, struct buf *why);

/* As kept in verdict.json: docs/formats.md. The caller owns it. */
json_t *judged_json(const struct plan *plan, const struct judged *j);

#endif
