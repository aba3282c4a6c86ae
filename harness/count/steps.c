/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/count/steps.h"

#include <stdlib.h>

#include "harness/count/predict_cell.h"
#include "harness/count/private_cache.h"
#include "lib/alloc.h"

/* What one op's counts say of its accesses. */
struct shares {
	float atomic;	/* atomics for each read-modify-write: below 1 where some are not atomic */
	float copied;	/* bytes copied for each byte that string instructions access: a copy reads and writes */
	float rest;	/* atomics that no access stands for */
};

struct making {
	const struct predict_cell *cell;
	struct private_cache *cache;
	struct steps *steps;
	size_t room;
	/* Of each line that moves, the last access that was a step: its op + 1, and instructions from that op's begin. */
	struct touched {
		size_t op;
		uint32_t insns;
	} *touched;
};

static struct shares shares_of(const struct predict_cell *c, const struct cell_op *op)
{
	const struct cell_access *a = c->access + op->first, *end = a + op->n;
	struct shares s = { 0 };
	uint32_t rmws = 0;
	uint64_t bytes = 0;

	for (; a < end; a++) {
		rmws += a->kind == ACCESS_RMW && !a->string;
		bytes += a->string ? a->bytes : 0;
	}
	if (rmws)
		s.atomic = op->atomics < rmws ? (float)op->atomics / (float)rmws : 1;
	if (op->atomics > rmws)
		s.rest = (float)(op->atomics - rmws);
	if (bytes)
		s.copied = (float)op->string_bytes / (float)bytes;
	return s;
}

static struct step *next_step(struct making *m)
{
	struct steps *s = m->steps;

	if (s->n == m->room) {
		m->room = m->room ? 2 * m->room : 1024;
		s->step = xrealloc(s->step, m->room, sizeof(*s->step));
	}
	return &s->step[s->n++];
}

static bool is_first(const struct cell_access *a)
{
	return a->string && a->gap;
}

/* An access to a line that stays: part of the work before the next step. */
static void add_private(struct step_work *w, const struct cell_access *a, const struct shares *s, bool there)
{
	w->stores += a->kind != ACCESS_LOAD;
	if (a->string) {
		*(there ? &w->near_bytes : &w->far_bytes) += s->copied * a->bytes;
		/* What follows the first line streams in, at the rate of such copies. */
		w->far_loads += !there && is_first(a) && a->kind == ACCESS_LOAD;
	} else if (!there && a->kind == ACCESS_LOAD) {
		w->far_loads++;
	} else if (!there && a->kind == ACCESS_RMW) {
		w->far_atomics++;
	}
}

/*
 * Does an earlier access of this op bring the line for this one too? Once the earlier one has the
 * line, an out-of-order core does all loads from it that it has under way, long before another core takes the line again.
 * Stores and atomics wait until it is their turn.
 */
static bool comes_along(struct making *m, const struct cell_access *a, size_t op, uint32_t insns)
{
	struct touched *t = &m->touched[m->cell->line[a->line].shared];
	bool along = a->kind == ACCESS_LOAD && t->op == op + 1 && insns - t->insns < m->steps->window;

	if (!along)
		*t = (struct touched){ op + 1, insns };
	return along;
}

static void make_op(struct making *m, size_t index)
{
	const struct predict_cell *c = m->cell;
	const struct cell_op *op = &c->op[index];
	const struct cell_access *a = c->access + op->first, *end = a + op->n;
	const struct shares shares = shares_of(c, op);
	struct step_work w = {
		.syscalls = op->syscalls, .exceptions = op->exceptions,
		.switches = op->switches, .atomics = shares.rest,
	};
	uint32_t insns = 0;
	bool there;

	m->steps->op[index] = m->steps->n;
	for (; a < end; a++) {
		there = private_cache_touch(m->cache, c->line[a->line].line);
		w.insns += a->gap;
		w.looped += a->looped;
		insns += a->gap;
		w.strings += is_first(a);
		if (a->kind == ACCESS_RMW && !a->string)
			w.atomics += shares.atomic;
		if (c->line[a->line].shared == CELL_PRIVATE) {
			add_private(&w, a, &shares, there);
			continue;
		}
		if (comes_along(m, a, index, insns)) {
			add_private(&w, a, &shares, true);
			continue;
		}
		*next_step(m) = (struct step){
			.line = c->line[a->line].shared, .insn = a->insn, .kind = a->kind,
			.string = a->string, .first = is_first(a), .evicted = !there,
			.bytes = a->string ? shares.copied * a->bytes : 0, .work = w,
		};
		w = (struct step_work){ 0 };
	}
	w.insns += op->tail;
	w.looped += op->tail_looped;
	*next_step(m) = (struct step){ .line = STEP_END, .work = w };
}

/* A thread does its ops over and over: what its cache holds at the end is what it begins with. */
static void fill_cache(struct making *m, const struct cell_thread *t)
{
	const struct predict_cell *c = m->cell;
	const struct cell_op *op;
	size_t i;

	for (op = c->op + t->first; op < c->op + t->first + t->n; op++)
		for (i = op->first; i < op->first + op->n; i++)
			private_cache_touch(m->cache, c->line[c->access[i].line].line);
}

static void make_thread(struct making *m, const struct cell_thread *t)
{
	size_t i, begin;

	m->cache = private_cache_new(m->steps->sets, m->steps->ways);
	fill_cache(m, t);
	for (i = t->first; i < t->first + t->n; i++) {
		begin = m->steps->n;
		make_op(m, i);
		if (m->steps->n - begin > m->steps->longest)
			m->steps->longest = m->steps->n - begin;
	}
	private_cache_free(m->cache);
}

const struct steps *steps_of(const struct predict_cell *c, const struct processor *p)
{
	const uint32_t sets = (uint32_t)(p->private_bytes / OP_LINE / p->private_ways);
	struct steps *s = *c->steps;
	struct making m;
	uint32_t i;

	if (s && s->sets == sets && s->ways == p->private_ways && s->window == p->window)
		return s;
	steps_free(s);
	s = xcalloc(1, sizeof(*s));
	s->sets = sets;
	s->ways = p->private_ways;
	s->window = p->window;
	s->op = xcalloc(c->nops, sizeof(*s->op));
	m = (struct making){ .cell = c, .steps = s };
	m.touched = xcalloc(c->nshared ? c->nshared : 1, sizeof(*m.touched));
	for (i = 0; i < c->nthreads; i++)
		make_thread(&m, &c->thread[i]);
	free(m.touched);
	*c->steps = s;
	return s;
}

void steps_free(struct steps *s)
{
	if (!s)
		return;
	free(s->step);
	free(s->op);
	free(s);
}

/* The latency of a line that has left a private cache: of memory for as much as the shared level cannot hold. */
static double far_latency(const struct predict_cell *c, const struct processor *p, uint32_t threads)
{
	const double shared = p->constant[CONST_SHARED].value, memory = p->constant[CONST_MEMORY].value;
	double bytes = c->common_lines, missing;
	uint32_t i;

	for (i = 0; i < threads; i++)
		bytes += c->thread[i % c->nthreads].own_lines;
	bytes *= OP_LINE;
	missing = bytes > (double)p->shared_bytes ? 1 - (double)p->shared_bytes / bytes : 0;
	return shared + missing * (memory - shared);
}

double *steps_price(const struct predict_cell *c, const struct steps *s, const struct processor *p,
		    uint32_t threads)
{
	const double far = far_latency(c, p, threads);
	const struct constant_value *cost = p->constant;
	double *ns = xcalloc(s->n, sizeof(*ns));
	const struct step_work *w;
	size_t i;

	for (i = 0; i < s->n; i++) {
		w = &s->step[i].work;
		ns[i] = (w->insns - w->looped) * cost[CONST_INSTRUCTION].value +
			w->looped * cost[CONST_LOOPED].value +
			w->syscalls * cost[CONST_SYSCALL].value +
			w->exceptions * cost[CONST_EXCEPTION].value +
			w->switches * cost[CONST_USER_ACCESS].value +
			w->atomics * cost[CONST_ATOMIC].value +
			w->strings * cost[CONST_STRING_START].value +
			w->near_bytes / cost[CONST_COPY].value +
			w->far_bytes / cost[CONST_COPY_SHARED].value +
			w->far_loads * far * cost[CONST_LOAD_WAIT].value + w->far_atomics * far;
	}
	return ns;
}
