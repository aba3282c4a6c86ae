/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The series of a history and the change points of each, found by as many threads as there are
 * CPUs.
 */
#ifndef HARNESS_COMMANDS_HISTORY_JUDGE_H
#define HARNESS_COMMANDS_HISTORY_JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/judge/changes.h"
#include "harness/store/history.h"

struct past {
	const struct history_series *series;
	struct change *change;
	size_t nchanges;
};

struct history_judge_how {
	double magnitude;	/* NAN: CHANGES_MAGNITUDE, and of exact counts any */
	uint32_t window;
};

/* [h->n]: the caller releases. */
struct past *history_judge(const struct history *h, const struct history_judge_how *how);
void past_release(struct past *past, size_t n);

bool revision_same(const struct history_revision *a, const struct history_revision *b);

/*
 * Which kernels a change lies between: those of the nights on both sides of the nearest place where
 * the kernel changed, at most PAST_NEAR nights from the change. A noisy series puts a change a
 * night or two beside its place. The same kernel on both sides: none changed near it.
 */
enum { PAST_NEAR = 5 };

struct past_kernels {
	const struct history_revision *before, *after;
	bool same;
	int nights;	/* from the change to there; below 0: earlier */
};

struct past_kernels past_kernels(const struct history *h, const struct past *p, size_t change);

#endif
