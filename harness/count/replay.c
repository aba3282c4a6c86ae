/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a core waits for. An atomic waits until its line is there, and begins when
 * everything before it is done: so locked instructions work on x86, and so kernel
 * code on arm64 mostly uses them. A store goes to the store buffer and is not
 * waited for until that is full; further stores to a line that is on its way join
 * it. Of a plain load's latency a part is hidden by what else there is to do:
 * CONST_LOAD_WAIT is the rest.
 */
#include "harness/count/replay.h"

#include <stdbool.h>
#include <stdlib.h>

#include "harness/count/coherence.h"
#include "harness/count/predict_cell.h"
#include "harness/count/steps.h"
#include "lib/alloc.h"

#define JITTER 0.05		/* of an op's time, either way: equal ops would lock phase */
#define WARM_OPS 24		/* each thread does these before the measured part begins */
#define MEASURED_OPS 256	/* of the slowest thread, where ops are short */
#define MEASURED_LEAST 64
#define MEASURED_STEPS 2000000	/* fewer ops are enough where each has many steps: its own figure varies less */
#define MEASURED_MOST 64	/* times the wanted ops of all threads: where a thread is far slower than others */

/* Processors differ (Golden Cove has 112 and 16), but only long queues for lines fill either. */
#define STORES 64		/* in a store buffer, behind one whose line is on its way */
#define FETCHES 16		/* lines on their way for stores */

struct fetch {
	uint32_t line;
	double done;
};

struct thread {
	double now;		/* when its next step's access begins */
	double drained;		/* when all that it did not wait for is done */
	uint32_t buffered;	/* stores until then */
	uint32_t nfetches;
	struct fetch fetch[FETCHES];	/* for stores, until then */
	double pace;		/* of this op: 1, give or take the jitter */
	size_t step;
	size_t op;		/* in predict_cell.op[] */
	size_t first_op, nops;
	uint64_t random;
	uint64_t done;		/* ops, warm-up included */
	bool counts;		/* this op began in the measured part */
	uint64_t ops;		/* that did, and ended in it */
	double waited;		/* in this op so far */
	uint32_t nmoves;
	uint32_t *moves;	/* steps of this op that moved a line */
};

struct state {
	const struct replay_call *call;
	struct coherence *lines;
	double *price;		/* of steps, before their access */
	double near, far, load_wait;
	struct thread *thread;
	uint32_t *heap;		/* threads, the one furthest behind first */
	bool measuring;
	double from, to;	/* the measured part: from the end of an op to the end of another */
	uint64_t ended;		/* ops in it, of all threads, also those that began before it */
	uint64_t wanted, most;	/* ops of each thread; of all */
	uint32_t warm, finished;	/* threads that are */
	struct replay *out;
};

/* splitmix64 (Steele, Lea and Flood 2014): the same on every machine and in every version. */
static uint64_t draw(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

/* 0 to 1. */
static double draw_share(uint64_t *state)
{
	return (double)(draw(state) >> 11) * 0x1p-53;
}

static void begin_op(struct state *s, struct thread *t)
{
	t->step = s->call->steps->op[t->op];
	t->pace = 1 + JITTER * (2 * draw_share(&t->random) - 1);
	t->counts = s->measuring;
	t->waited = 0;
	t->nmoves = 0;
	t->now += s->price[t->step] * t->pace;
}

static void count_op(struct state *s, struct thread *t)
{
	uint32_t i;

	if (!s->measuring)
		return;
	s->ended++;
	s->to = t->now;
	if (!t->counts)
		return;
	s->out->ops++;
	s->out->waited_ns += t->waited;
	for (i = 0; i < t->nmoves; i++)
		s->out->moves[t->moves[i]]++;
	if (++t->ops == s->wanted)
		s->finished++;
}

static void end_op(struct state *s, struct thread *t)
{
	count_op(s, t);
	if (++t->done == WARM_OPS && ++s->warm == s->call->threads) {
		s->measuring = true;
		s->from = t->now;
	}
	if (++t->op == t->first_op + t->nops)
		t->op = t->first_op;
	begin_op(s, t);
}

/* When a line that a store of this thread asked for is there; 0 where it asked for none. */
static double fetched(const struct thread *t, uint32_t line)
{
	uint32_t i;

	for (i = 0; i < t->nfetches; i++)
		if (t->fetch[i].line == line)
			return t->fetch[i].done;
	return 0;
}

/* Must the thread first wait for what it has under way? */
static bool blocked(struct thread *t, const struct step *step)
{
	if (t->drained <= t->now) {
		t->nfetches = 0;
		t->buffered = 0;
		return false;
	}
	if (step->line != STEP_END && step->kind == ACCESS_RMW)
		return true;
	t->buffered += step->work.stores + (step->line != STEP_END && step->kind == ACCESS_STORE);
	return t->buffered > STORES || t->nfetches == FETCHES;
}

/* The access itself. Joining a store's fetch is no access of the core's: the line is as if it were there. */
static void access_line(struct state *s, uint32_t index, const struct step *step, struct coherence_result *r)
{
	struct thread *t = &s->thread[index];
	const struct coherence_access a = {
		.core = index, .line = step->line, .now = t->now,
		.kind = step->kind == ACCESS_LOAD ? COHERENCE_READ : COHERENCE_WRITE,
	};
	const double on_its_way = fetched(t, step->line);

	if (on_its_way > t->now) {
		*r = (struct coherence_result){ t->now, on_its_way, COHERENCE_HIT, false };
		return;
	}
	if (step->evicted)
		coherence_evict(s->lines, index, step->line);
	coherence_access(s->lines, &a, r);
	if (r->moved)
		t->moves[t->nmoves++] = (uint32_t)t->step;
	if (step->kind == ACCESS_STORE && r->what != COHERENCE_HIT)
		t->fetch[t->nfetches++] = (struct fetch){ step->line, r->done };
}

/* How long the thread waits for an access that began at t->now. */
static double wait(const struct state *s, struct thread *t, const struct step *step,
		   const struct coherence_result *r)
{
	const double all = r->done - t->now;

	if (step->kind == ACCESS_RMW)
		return all;
	if (r->done > t->drained)
		t->drained = r->done;
	if (step->kind == ACCESS_STORE)
		return 0;
	/* The lines of a copy after the first stream in: their rate counts, and the queue for them. */
	return step->string && !step->first ? r->start - t->now : all * s->load_wait;
}

/* One step; the thread's time is then that of its next one. */
static void advance(struct state *s, uint32_t index)
{
	struct thread *t = &s->thread[index];
	const struct step *step = &s->call->steps->step[t->step];
	struct coherence_result r;
	double waited;

	if (blocked(t, step)) {
		/* Others may come before it: it takes its turn again when it can go on. */
		t->waited += t->drained - t->now;
		t->now = t->drained;
		return;
	}
	if (step->line == STEP_END) {
		end_op(s, t);
		return;
	}
	access_line(s, index, step, &r);
	waited = wait(s, t, step, &r);
	t->waited += waited;
	t->now += waited + step->bytes / (r.what == COHERENCE_HIT ? s->near : s->far);
	t->now += s->price[++t->step] * t->pace;
}

/* Equal times in the order of threads: nothing is left to chance. */
static bool earlier(const struct state *s, uint32_t a, uint32_t b)
{
	const double x = s->thread[a].now, y = s->thread[b].now;

	return x < y || (x == y && a < b);
}

static void sift_down(struct state *s, uint32_t at)
{
	const uint32_t n = s->call->threads, moving = s->heap[at];
	uint32_t child;

	while ((child = 2 * at + 1) < n) {
		if (child + 1 < n && earlier(s, s->heap[child + 1], s->heap[child]))
			child++;
		if (!earlier(s, s->heap[child], moving))
			break;
		s->heap[at] = s->heap[child];
		at = child;
	}
	s->heap[at] = moving;
}

/* Threads beyond the region's do the ops of one of them, from another op on. */
static void init_thread(struct state *s, uint32_t index)
{
	const struct predict_cell *c = s->call->cell;
	const struct cell_thread *of = &c->thread[index % c->nthreads];
	struct thread *t = &s->thread[index];

	t->random = s->call->seed ^ (UINT64_C(0xd1342543de82ef95) * (index + 1));
	t->first_op = of->first;
	t->nops = of->n;
	t->op = of->first + (index < c->nthreads ? 0 : draw(&t->random) % of->n);
	t->moves = xcalloc(s->call->steps->longest, sizeof(*t->moves));
	begin_op(s, t);
	t->now *= draw_share(&t->random);
	s->heap[index] = index;
}

static void init(struct state *s)
{
	const struct replay_call *call = s->call;
	const struct constant_value *cost = call->processor->constant;
	const struct coherence_costs costs = {
		.transfer = cost[CONST_TRANSFER].value, .upgrade = cost[CONST_UPGRADE].value,
		.shared = cost[CONST_SHARED].value, .memory = cost[CONST_MEMORY].value,
		.busy = cost[CONST_BUSY].value,
	};
	const uint32_t lines = call->cell->nshared;
	const uint64_t steps_per_round = call->steps->n / call->cell->nops * call->threads + 1;
	uint32_t i;

	s->lines = coherence_new(&costs, call->threads, lines ? lines : 1);
	s->near = cost[CONST_COPY].value;
	s->far = cost[CONST_COPY_SHARED].value;
	s->load_wait = cost[CONST_LOAD_WAIT].value;
	s->price = steps_price(call->cell, call->steps, call->processor, call->threads);
	s->wanted = MEASURED_STEPS / steps_per_round;
	if (s->wanted > MEASURED_OPS)
		s->wanted = MEASURED_OPS;
	if (s->wanted < MEASURED_LEAST)
		s->wanted = MEASURED_LEAST;
	s->most = s->wanted * call->threads * MEASURED_MOST;
	s->thread = xcalloc(call->threads, sizeof(*s->thread));
	s->heap = xcalloc(call->threads, sizeof(*s->heap));
	s->out->moves = xcalloc(call->steps->n, sizeof(*s->out->moves));
	for (i = 0; i < call->threads; i++)
		init_thread(s, i);
	for (i = call->threads / 2; i-- > 0;)
		sift_down(s, i);
}

static void release(struct state *s)
{
	uint32_t i;

	for (i = 0; i < s->call->threads; i++)
		free(s->thread[i].moves);
	coherence_free(s->lines);
	free(s->price);
	free(s->thread);
	free(s->heap);
}

void replay_run(const struct replay_call *call, struct replay *out)
{
	struct state s = { .call = call, .out = out };

	*out = (struct replay){ 0 };
	init(&s);
	while (s.finished < call->threads && out->ops < s.most) {
		advance(&s, s.heap[0]);
		sift_down(&s, 0);
	}
	/* Whole ops would leave out the waits of those who do many ops at once and then wait for long. */
	if (s.to > s.from)
		out->ops_per_ns = (double)s.ended / (s.to - s.from);
	release(&s);
}
