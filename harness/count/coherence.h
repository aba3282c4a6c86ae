/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cores with private caches above one shared level whose directory knows who has
 * which line: MESI, and lines that are busy while they move. Knows nothing of ops,
 * instructions or kernels. Pure.
 *
 * Lines are numbers from 0. Private caches hold any number of them; one that a
 * core has no room for leaves it by coherence_evict().
 */
#ifndef HARNESS_COUNT_COHERENCE_H
#define HARNESS_COUNT_COHERENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In ns, 0 or more. */
struct coherence_costs {
	double transfer;	/* of a line that another core has modified */
	double upgrade;		/* of writing a line that others hold as well */
	double shared;		/* of a line from the shared level, or clean from another core */
	double memory;		/* of a line from neither */
	double busy;		/* from the begin of one move between cores to the earliest begin of the next */
};

/* Atomics and stores are writes. */
enum coherence_kind { COHERENCE_READ, COHERENCE_WRITE };

enum coherence_event {
	COHERENCE_HIT,
	COHERENCE_UPGRADE,	/* it had the line, but not to itself */
	COHERENCE_TRANSFER,	/* from another core's modified copy */
	COHERENCE_SHARED,	/* from the shared level, or a clean copy */
	COHERENCE_MEMORY,
};

struct coherence_access {
	uint32_t core;
	uint32_t line;
	enum coherence_kind kind;
	double now;		/* never before that of an earlier access, or queues are unfair */
};

struct coherence_result {
	double start;		/* when the line was free to move; now, where it was */
	double done;		/* when the core has it; now for a hit */
	enum coherence_event what;
	/* Would it have hit, had other cores not written the line (or, to write it, not held it)? A transfer. */
	bool moved;
};

struct coherence;

/* All lines in memory. cores and lines are 1 or more. */
struct coherence *coherence_new(const struct coherence_costs *costs, uint32_t cores, uint32_t lines);
void coherence_free(struct coherence *m);	/* NULL is fine */

void coherence_access(struct coherence *m, const struct coherence_access *a, struct coherence_result *r);

/* The core's copy goes to the shared level, if it has one. */
void coherence_evict(struct coherence *m, uint32_t core, uint32_t line);

/* 'M', 'E', 'S' or 'I'. */
char coherence_state(const struct coherence *m, uint32_t core, uint32_t line);

#endif
