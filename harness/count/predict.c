/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/count/predict.h"

#include <math.h>
#include <stdlib.h>

#include "harness/count/predict_cell.h"
#include "harness/count/replay.h"
#include "harness/count/steps.h"
#include "lib/alloc.h"

/* One step that moved a line, at work. */
struct move {
	uint32_t line, insn;
	uint8_t kind;
	uint64_t n;
};

/* The moves of one line stand together. */
struct group {
	const struct move *move;
	size_t nmoves;
	uint64_t n, address;
};

static int compare_moves(const void *a, const void *b)
{
	const struct move *x = a, *y = b;

	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	if (x->insn != y->insn)
		return x->insn < y->insn ? -1 : 1;
	return x->kind - y->kind;
}

/* The moves that there were, one for each line, instruction and kind. */
static struct move *list_moves(const struct steps *s, const uint64_t *moves, size_t *n)
{
	struct move *all;
	size_t i, found = 0;

	for (i = 0; i < s->n; i++)
		found += moves[i] != 0;
	*n = 0;
	if (!found)
		return NULL;
	all = xcalloc(found, sizeof(*all));
	found = 0;
	for (i = 0; i < s->n; i++)
		if (moves[i])
			all[found++] = (struct move){ s->step[i].line, s->step[i].insn, s->step[i].kind,
						      moves[i] };
	qsort(all, found, sizeof(*all), compare_moves);
	for (i = 0; i < found; i++) {
		if (*n && !compare_moves(&all[*n - 1], &all[i]))
			all[*n - 1].n += all[i].n;
		else
			all[(*n)++] = all[i];
	}
	return all;
}

/* Those that moved most first; equal ones by address. */
static int compare_groups(const void *a, const void *b)
{
	const struct group *x = a, *y = b;

	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	return x->address < y->address ? -1 : x->address > y->address;
}

static struct group *group_moves(const struct predict_cell *c, const struct move *move, size_t n,
				 size_t *ngroups)
{
	struct group *group = xcalloc(n, sizeof(*group)), *g = NULL;
	size_t i;

	*ngroups = 0;
	for (i = 0; i < n; i++) {
		if (!i || move[i].line != move[i - 1].line) {
			g = &group[(*ngroups)++];
			g->move = &move[i];
			g->address = c->line[c->shared[move[i].line]].line;
		}
		g->nmoves++;
		g->n += move[i].n;
	}
	qsort(group, *ngroups, sizeof(*group), compare_groups);
	return group;
}

static int compare_movers(const void *a, const void *b)
{
	const struct mover *x = a, *y = b;

	if (x->per_op != y->per_op)
		return x->per_op > y->per_op ? -1 : 1;
	if (x->insn != y->insn)
		return x->insn < y->insn ? -1 : 1;
	return x->kind - y->kind;
}

/* Of that many threads; line is its number among those that move. */
static uint32_t count_touchers(const struct predict_cell *c, uint32_t line, uint32_t threads)
{
	const uint64_t *touchers = c->touchers + (size_t)line * c->words;
	uint32_t i, n = 0;

	for (i = 0; i < c->nthreads && i < threads; i++)
		if (touchers[i / 64] >> i % 64 & 1)
			n += (threads - i + c->nthreads - 1) / c->nthreads;
	return n;
}

static void tell_line(const struct predict_cell *c, const struct group *g, uint64_t ops, struct moved_line *m,
		      uint32_t threads)
{
	const uint32_t index = c->shared[g->move->line];
	size_t i;

	*m = (struct moved_line){
		.line = c->line[index].line, .virt = c->line[index].virt, .nmovers = g->nmoves,
		.per_op = (double)g->n / (double)ops, .threads = count_touchers(c, g->move->line, threads),
		.mover = xcalloc(g->nmoves, sizeof(*m->mover)),
	};
	for (i = 0; i < g->nmoves; i++)
		m->mover[i] = (struct mover){ g->move[i].insn, g->move[i].kind,
					      (double)g->move[i].n / (double)ops };
	qsort(m->mover, m->nmovers, sizeof(*m->mover), compare_movers);
}

static void tell_lines(const struct predict_cell *c, const struct steps *s, const struct replay *r,
		       struct prediction *out)
{
	struct group *group;
	struct move *move;
	size_t n, i;
	uint64_t all = 0;

	move = list_moves(s, r->moves, &n);
	if (!move)
		return;
	group = group_moves(c, move, n, &out->nlines);
	for (i = 0; i < out->nlines; i++)
		all += group[i].n;
	out->transfers = (double)all / (double)r->ops;
	out->nmoved = out->nlines < PREDICT_LINES ? out->nlines : PREDICT_LINES;
	out->moved = xcalloc(out->nmoved, sizeof(*out->moved));
	for (i = 0; i < out->nmoved; i++)
		tell_line(c, &group[i], r->ops, &out->moved[i], out->threads);
	free(group);
	free(move);
}

/* All seeds' replays as one; moves and ops of all of them, the rate their mean. spread: see struct prediction. */
static void replay_all(const struct replay_call *call, struct replay *all, double *spread)
{
	const unsigned seeds = call->cell->nshared ? PREDICT_SEEDS : 1;
	double rate[PREDICT_SEEDS], squares = 0;
	struct replay_call one = *call;
	struct replay r;
	unsigned k;
	size_t i;

	replay_run(&one, all);
	rate[0] = all->ops_per_ns;
	for (k = 1; k < seeds; k++) {
		one.seed = call->seed + k * UINT64_C(0x9e3779b97f4a7c15);
		replay_run(&one, &r);
		rate[k] = r.ops_per_ns;
		all->ops += r.ops;
		all->ops_per_ns += r.ops_per_ns;
		all->waited_ns += r.waited_ns;
		for (i = 0; i < call->steps->n; i++)
			all->moves[i] += r.moves[i];
		free(r.moves);
	}
	all->ops_per_ns /= seeds;
	for (k = 0; k < seeds; k++)
		squares += (rate[k] - all->ops_per_ns) * (rate[k] - all->ops_per_ns);
	*spread = seeds > 1 && all->ops_per_ns > 0 ? sqrt(squares / (seeds - 1)) / all->ops_per_ns : 0;
}

void predict_run(const struct predict_cell *c, const struct processor *p, uint32_t threads, uint64_t seed,
		 struct prediction *out)
{
	const struct steps *steps = steps_of(c, p);
	struct replay r;

	*out = (struct prediction){ .threads = threads };
	replay_all(&(struct replay_call){ c, steps, p, threads, seed }, &r, &out->spread);
	out->ops_per_s = r.ops_per_ns * 1e9;
	out->ns_per_op = r.ops_per_ns > 0 ? threads / r.ops_per_ns : 0;
	out->waited_ns = r.waited_ns / (double)r.ops;
	tell_lines(c, steps, &r, out);
	free(r.moves);
}

void prediction_release(struct prediction *p)
{
	size_t i;

	for (i = 0; i < p->nmoved; i++)
		free(p->moved[i].mover);
	free(p->moved);
	*p = (struct prediction){ 0 };
}

double predict_ns(const struct predict_cell *c, const struct processor *p, uint32_t threads, uint64_t seed)
{
	struct replay r;
	double spread;

	replay_all(&(struct replay_call){ c, steps_of(c, p), p, threads, seed }, &r, &spread);
	free(r.moves);
	return r.ops_per_ns > 0 ? threads / r.ops_per_ns : 0;
}

static void widen(struct predict_range *r, double ns)
{
	if (ns < r->low)
		r->low = ns;
	if (ns > r->high)
		r->high = ns;
}

void predict_range(const struct predict_cell *c, const struct processor *p, uint32_t threads, uint64_t seed,
		   struct predict_range *out)
{
	const double ns = predict_ns(c, p, threads, seed);
	struct processor moved = *p, fast = *p, slow = *p;
	const struct constant_value *at;
	int i;

	*out = (struct predict_range){ .low = ns, .high = ns };
	for (i = 0; i < NCONSTANTS; i++) {
		at = &p->constant[i];
		moved.constant[i].value = at->low;
		out->at_low[i] = at->low < at->value ? predict_ns(c, &moved, threads, seed) : ns;
		moved.constant[i].value = at->high;
		out->at_high[i] = at->high > at->value ? predict_ns(c, &moved, threads, seed) : ns;
		moved.constant[i].value = at->value;
		widen(out, out->at_low[i]);
		widen(out, out->at_high[i]);
		fast.constant[i].value = out->at_low[i] < out->at_high[i] ? at->low : at->high;
		slow.constant[i].value = out->at_low[i] < out->at_high[i] ? at->high : at->low;
	}
	widen(out, predict_ns(c, &fast, threads, seed));
	widen(out, predict_ns(c, &slow, threads, seed));
}

uint32_t predict_knee(const uint32_t *threads, const double *ops_per_s, size_t n)
{
	double most = 0;
	size_t i;

	for (i = 0; i < n; i++)
		if (ops_per_s[i] > most)
			most = ops_per_s[i];
	for (i = 0; i < n; i++)
		if (ops_per_s[i] >= 0.95 * most)
			return threads[i];
	return 0;
}
