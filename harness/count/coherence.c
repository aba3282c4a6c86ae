/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The directory is the only state: who has a line, to itself or with others, says
 * what every private cache holds. Requests for a line are served in the order in
 * which they are made; the next begins when the one before has kept the line busy
 * for its time, which may be shorter than its latency: a request is on its way to
 * the owner while the owner still waits.
 */
#include "harness/count/coherence.h"

#include <stdlib.h>
#include <string.h>

#include "lib/alloc.h"

#define NOBODY UINT32_MAX
#define WORD 64u

struct line {
	double free_at;
	uint32_t owner;		/* has it to itself, E or M; or NOBODY */
	bool modified;		/* M */
	bool in_level;		/* the shared level has had it */
};

struct coherence {
	struct coherence_costs costs;
	uint32_t words;		/* of a set of cores */
	struct line *line;
	uint64_t *holders;	/* [line * words]: cores with a copy, S or the owner's */
	uint64_t *robbed;	/* likewise: cores whose copy went because another core wrote */
};

struct coherence *coherence_new(const struct coherence_costs *costs, uint32_t cores, uint32_t lines)
{
	struct coherence *m = xcalloc(1, sizeof(*m));
	uint32_t i;

	m->costs = *costs;
	m->words = (cores + WORD - 1) / WORD;
	m->line = xcalloc(lines, sizeof(*m->line));
	m->holders = xcalloc((size_t)lines * m->words, sizeof(*m->holders));
	m->robbed = xcalloc((size_t)lines * m->words, sizeof(*m->robbed));
	for (i = 0; i < lines; i++)
		m->line[i].owner = NOBODY;
	return m;
}

void coherence_free(struct coherence *m)
{
	if (!m)
		return;
	free(m->line);
	free(m->holders);
	free(m->robbed);
	free(m);
}

static bool has(const uint64_t *set, uint32_t core)
{
	return set[core / WORD] >> (core % WORD) & 1;
}

static void put(uint64_t *set, uint32_t core)
{
	set[core / WORD] |= UINT64_C(1) << (core % WORD);
}

static void take(uint64_t *set, uint32_t core)
{
	set[core / WORD] &= ~(UINT64_C(1) << (core % WORD));
}

/* Is there a core in the set but for this one? */
static bool has_other(const uint64_t *set, uint32_t words, uint32_t core)
{
	uint64_t word;
	uint32_t i;

	for (i = 0; i < words; i++) {
		word = set[i];
		if (i == core / WORD)
			word &= ~(UINT64_C(1) << (core % WORD));
		if (word)
			return true;
	}
	return false;
}

static double latest(double a, double b)
{
	return a > b ? a : b;
}

/* From where a core that has no copy gets the line. */
static enum coherence_event source(const struct line *l, bool held)
{
	if (l->owner != NOBODY)
		return l->modified ? COHERENCE_TRANSFER : COHERENCE_SHARED;
	return held || l->in_level ? COHERENCE_SHARED : COHERENCE_MEMORY;
}

static double latency(const struct coherence_costs *c, enum coherence_event what)
{
	switch (what) {
	case COHERENCE_HIT:
		break;
	case COHERENCE_UPGRADE:
		return c->upgrade;
	case COHERENCE_TRANSFER:
		return c->transfer;
	case COHERENCE_SHARED:
		return c->shared;
	case COHERENCE_MEMORY:
		return c->memory;
	}
	return 0;
}

/* All other copies go; the core has the line to itself. */
static void own(struct coherence *m, uint32_t line, uint32_t core)
{
	uint64_t *holders = m->holders + (size_t)line * m->words,
		 *robbed = m->robbed + (size_t)line * m->words;
	uint32_t i;

	for (i = 0; i < m->words; i++) {
		robbed[i] |= holders[i];
		holders[i] = 0;
	}
	take(robbed, core);
	put(holders, core);
	m->line[line].owner = core;
	m->line[line].modified = true;
}

static void write_line(struct coherence *m, const struct coherence_access *a, struct coherence_result *r)
{
	struct line *l = &m->line[a->line];
	const uint64_t *holders = m->holders + (size_t)a->line * m->words,
		       *robbed = m->robbed + (size_t)a->line * m->words;
	bool others;
	double cost;

	if (l->owner == a->core) {
		l->modified = true;
		return;
	}
	others = has_other(holders, m->words, a->core);
	r->what = has(holders, a->core) ? COHERENCE_UPGRADE : source(l, others);
	r->moved = r->what == COHERENCE_TRANSFER || has(robbed, a->core) ||
		   (r->what == COHERENCE_UPGRADE && others);
	cost = latency(&m->costs, r->what);
	/* Data and the others' acknowledgements come side by side. */
	if (r->what == COHERENCE_SHARED && others)
		cost = latest(cost, m->costs.upgrade);
	r->start = latest(a->now, l->free_at);
	r->done = r->start + cost;
	if (others)
		l->free_at = r->start + m->costs.busy;
	own(m, a->line, a->core);
}

static void read_line(struct coherence *m, const struct coherence_access *a, struct coherence_result *r)
{
	struct line *l = &m->line[a->line];
	uint64_t *holders = m->holders + (size_t)a->line * m->words,
		 *robbed = m->robbed + (size_t)a->line * m->words;
	bool others;

	if (has(holders, a->core))
		return;
	others = has_other(holders, m->words, a->core);
	r->what = source(l, others);
	r->moved = r->what == COHERENCE_TRANSFER || has(robbed, a->core);
	r->start = latest(a->now, l->free_at);
	r->done = r->start + latency(&m->costs, r->what);
	/* What is clean can go to many readers at once: only taking it from an owner keeps it busy. */
	if (l->owner != NOBODY)
		l->free_at = r->start + m->costs.busy;
	l->owner = others ? NOBODY : a->core;
	l->modified = false;
	l->in_level = true;
	take(robbed, a->core);
	put(holders, a->core);
}

void coherence_access(struct coherence *m, const struct coherence_access *a, struct coherence_result *r)
{
	*r = (struct coherence_result){ .start = a->now, .done = a->now, .what = COHERENCE_HIT };
	if (a->kind == COHERENCE_WRITE)
		write_line(m, a, r);
	else
		read_line(m, a, r);
}

void coherence_evict(struct coherence *m, uint32_t core, uint32_t line)
{
	uint64_t *holders = m->holders + (size_t)line * m->words;
	struct line *l = &m->line[line];

	if (!has(holders, core))
		return;
	take(holders, core);
	l->in_level = true;
	if (l->owner == core) {
		l->owner = NOBODY;
		l->modified = false;
	}
}

char coherence_state(const struct coherence *m, uint32_t core, uint32_t line)
{
	const struct line *l = &m->line[line];

	if (!has(m->holders + (size_t)line * m->words, core))
		return 'I';
	if (l->owner != core)
		return 'S';
	return l->modified ? 'M' : 'E';
}
