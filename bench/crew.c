/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench/crew.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/gate.h"
#include "bench/place.h"
#include "bench/task.h"
#include "lib/alloc.h"
#include "lib/clock.h"
#include "lib/err.h"
#include "lib/exitcode.h"
#include "lib/roi.h"

#define BEGIN_LIMIT_S 60	/* for every thread to finish an operation, after the warm-up */
#define STOP_LIMIT_S 60		/* for a thread to leave its operation */
#define SKEW_TRIES 8		/* the coordinator may lose its CPU in the middle of reading the counters */
/* Before counted ops each page of a file is touched some 16 times, after which kernels note no more that it is. */
#define WARM_TOUCHES 16
#define WARM_PAGE 4096u
#define WARM_BYTES_MIN (16u << 20)
#define WARM_BYTES_MAX (64u << 20)	/* larger files would take an emulator minutes */
#define SKEW_SHARE 10000	/* 1 / SKEW_SHARE of a window is good enough */

struct crew {
	const struct crew_plan *plan;
	struct bench bench;
	struct task *task;
	pthread_t *thread;
	struct gate gate;
	uint64_t rounds;	/* how often run() is called */
};

static int place(struct crew *c, struct task *t)
{
	uint32_t cpu = c->plan->cpu[t->index];

	if (cpu != PLACE_NONE && topo_pin(c->plan->topo, cpu, &t->why))
		return -1;
	return memory_apply(c->plan->memory, c->plan->memory_text, &t->why);
}

static void set_goals(struct crew *c, uint64_t goal)
{
	unsigned i;

	for (i = 0; i < c->bench.threads; i++)
		atomic_store_explicit(&c->task[i].goal, goal, memory_order_relaxed);
}

/* No thread starts another phase, and those in a loop leave it: of ops it could last for days. */
static void fail(struct crew *c)
{
	gate_fail(&c->gate);
	set_goals(c, 0);
}

/* One phase of one thread: skipped once anything has failed. */
static void phase(struct crew *c, struct task *t, int (*step)(struct task *t))
{
	if (!step || gate_failed(&c->gate))
		return;
	if (!step(t))
		return;
	if (!t->why.len)
		BUG("%s: a step failed and did not say why", c->plan->workload->name);
	fail(c);
}

/* A figure is of the CPU that it names; cpusets change, and CPUs go offline. */
static void check_place(struct crew *c, struct task *t)
{
	uint32_t cpu = c->plan->cpu[t->index];

	if (cpu != PLACE_NONE && !gate_failed(&c->gate) &&
	    topo_pinned(c->plan->topo, cpu, &t->why))
		fail(c);
}

static void run_rounds(struct crew *c, struct task *t)
{
	uint64_t i;

	for (i = 0; i < c->rounds; i++) {
		gate_pass(&c->gate, 0);		/* goals are set */
		t->began_ns = clock_now_ns();
		phase(c, t, c->plan->workload->run);
		t->ended_ns = clock_now_ns();
		gate_pass(&c->gate, 0);		/* everyone has left the loop */
	}
}

struct start {
	struct crew *crew;
	struct task *task;
};

static void *thread_main(void *arg)
{
	struct start start = *(struct start *)arg;
	const struct workload *w = start.crew->plan->workload;
	struct crew *c = start.crew;
	struct task *t = start.task;
	bool first = t->index == 0;

	free(arg);
	if (place(c, t))
		fail(c);
	gate_pass(&c->gate, 0);
	if (first)
		phase(c, t, w->setup);
	gate_pass(&c->gate, 0);
	phase(c, t, w->task_setup);
	run_rounds(c, t);
	check_place(c, t);
	phase(c, t, w->task_verify);
	gate_pass(&c->gate, 0);
	if (first)
		phase(c, t, w->verify);
	gate_pass(&c->gate, 0);
	if (w->task_teardown)
		w->task_teardown(t);
	return NULL;
}

/* All counters and the time they were read at: the middle of the shortest of a few tries. */
struct reading {
	uint64_t *ops;
	uint64_t at_ns, skew_ns;
};

static void read_counters(const struct crew *c, struct reading *r)
{
	uint64_t *spare = xcalloc(c->bench.threads, sizeof(spare[0])), before, after;
	unsigned i, tries;

	r->skew_ns = UINT64_MAX;
	for (tries = 0; tries < SKEW_TRIES && r->skew_ns > c->plan->window_ns / SKEW_SHARE;
	     tries++) {
		before = clock_now_ns();
		for (i = 0; i < c->bench.threads; i++)
			spare[i] = atomic_load_explicit(&c->task[i].ops, memory_order_relaxed);
		after = clock_now_ns();
		if (after - before >= r->skew_ns)
			continue;
		memcpy(r->ops, spare, c->bench.threads * sizeof(spare[0]));
		r->skew_ns = after - before;
		r->at_ns = before + r->skew_ns / 2;
	}
	free(spare);
}

static int no_progress(const struct crew *c)
{
	return err("%s: no operation was finished in a window of %g s: make the window longer",
		   c->plan->workload->name, (double)c->plan->window_ns / 1e9);
}

/* ops[i] becomes what was done since `since`. False: nothing was. */
static bool difference(const struct crew *c, const uint64_t *since, uint64_t *ops)
{
	bool any = false;
	unsigned i;

	for (i = 0; i < c->bench.threads; i++) {
		ops[i] -= since[i];
		any |= ops[i] > 0;
	}
	return any;
}

static bool all_began(const struct crew *c)
{
	unsigned i;

	for (i = 0; i < c->bench.threads; i++)
		if (!atomic_load_explicit(&c->task[i].ops, memory_order_relaxed))
			return false;
	return true;
}

/* Until every thread has done an op, too: a cell is of so many threads, not of fewer. */
static int warm_up(struct crew *c)
{
	uint64_t now = clock_now_ns(), end = now + c->plan->warmup_ns;
	uint64_t limit = end + BEGIN_LIMIT_S * 1000000000ull;

	if (gate_sleep(&c->gate, end))
		return -1;
	while (!all_began(c)) {
		now = clock_now_ns();
		if (now > limit)
			return err("%s: a thread has not finished an operation within %d s",
				   c->plan->workload->name, BEGIN_LIMIT_S);
		if (gate_sleep(&c->gate, now + 1000000))
			return -1;
	}
	return 0;
}

static int windows_of_time(struct crew *c, int (*window)(const struct crew_window *w, void *data),
			   void *data)
{
	size_t bytes = c->bench.threads * sizeof(uint64_t);
	struct reading last = { .ops = xcalloc(1, bytes) }, now = { .ops = xcalloc(1, bytes) };
	uint64_t *ops = xcalloc(1, bytes);
	unsigned i;
	int ret = -1;

	set_goals(c, BENCH_NEVER);
	gate_pass(&c->gate, 0);
	if (warm_up(c))
		goto out;
	read_counters(c, &last);
	for (i = 0; i < c->plan->windows; i++) {
		if (gate_sleep(&c->gate, last.at_ns + c->plan->window_ns))
			goto out;
		read_counters(c, &now);
		memcpy(ops, now.ops, bytes);
		if (!difference(c, last.ops, ops)) {
			no_progress(c);
			goto out;
		}
		if (window(&(struct crew_window){
				.index = i, .ops = ops, .bytes_per_op = c->bench.bytes_per_op,
				.elapsed_ns = now.at_ns - last.at_ns,
				.skew_ns = now.skew_ns > last.skew_ns ? now.skew_ns : last.skew_ns,
			}, data))
			goto out;
		memcpy(last.ops, now.ops, bytes);
		last.at_ns = now.at_ns;
		last.skew_ns = now.skew_ns;
	}
	ret = 0;
out:
	set_goals(c, 0);
	free(last.ops);
	free(now.ops);
	free(ops);
	return ret;
}

/* From the first thread's start to the last one's end. */
static uint64_t span(const struct crew *c, uint64_t *skew_ns)
{
	uint64_t first = UINT64_MAX, last_start = 0, end = 0;
	const struct task *t;

	for (t = c->task; t < c->task + c->bench.threads; t++) {
		first = t->began_ns < first ? t->began_ns : first;
		last_start = t->began_ns > last_start ? t->began_ns : last_start;
		end = t->ended_ns > end ? t->ended_ns : end;
	}
	*skew_ns = last_start - first;
	return end - first;
}

static int windows_of_ops(struct crew *c, int (*window)(const struct crew_window *w, void *data),
			  void *data)
{
	uint64_t *ops = xcalloc(c->bench.threads, sizeof(ops[0])), i, shown;
	uint64_t hidden = c->rounds - c->plan->windows;
	struct crew_window w = { .ops = ops, .bytes_per_op = c->bench.bytes_per_op };
	int ret = 0;
	unsigned k;

	for (k = 0; k < c->bench.threads; k++)
		ops[k] = c->plan->ops;
	for (i = 0; i < c->rounds; i++) {
		set_goals(c, ret ? 0 : c->plan->ops * (i + 1));
		gate_pass(&c->gate, 0);
		gate_pass(&c->gate, 0);
		if (gate_failed(&c->gate))
			ret = -1;
		if (ret || i < hidden)
			continue;	/* the threads count rounds too: pass all gates */
		shown = i - hidden;
		w.index = (unsigned)shown;
		w.elapsed_ns = span(c, &w.skew_ns);
		ret = window(&w, data);
	}
	free(ops);
	return ret;
}

/* The emulator's plugin learns that ops to count come while every thread waits for them. */
static void arm(struct crew *c)
{
	unsigned i;

	for (i = 0; i < c->bench.threads; i++)
		task_count(&c->task[i], c->plan->counted);
	gate_wait_for_others(&c->gate);
	ROI_MARK(ROI_ARM);
}

static uint64_t warm_ops(const struct crew *c)
{
	uint64_t bytes = c->bench.bytes_per_op > WARM_PAGE ? c->bench.bytes_per_op : WARM_PAGE;
	uint64_t all = WARM_BYTES_MAX;

	if (c->plan->warm_ops)
		return c->plan->warm_ops;
	if (c->plan->file_size < WARM_BYTES_MAX / WARM_TOUCHES)
		all = c->plan->file_size * WARM_TOUCHES;
	all = all > WARM_BYTES_MIN ? all : WARM_BYTES_MIN;
	return bytes < all ? all / bytes : 1;
}

static int counted_ops(struct crew *c, int (*window)(const struct crew_window *w, void *data),
		       void *data)
{
	uint64_t *ops = xcalloc(c->bench.threads, sizeof(ops[0]));
	struct crew_window w = { .ops = ops, .bytes_per_op = c->bench.bytes_per_op };
	unsigned i;
	int ret = -1;

	set_goals(c, warm_ops(c));
	gate_pass(&c->gate, 0);
	gate_pass(&c->gate, 0);
	arm(c);
	gate_pass(&c->gate, 0);
	gate_pass(&c->gate, 0);
	ROI_MARK(ROI_DISARM);
	for (i = 0; i < c->bench.threads; i++)
		ops[i] = c->plan->counted;
	w.elapsed_ns = span(c, &w.skew_ns);
	if (!gate_failed(&c->gate))
		ret = window(&w, data);
	free(ops);
	return ret;
}

static void wait_for_stop(struct crew *c)
{
	if (gate_pass(&c->gate, clock_now_ns() + STOP_LIMIT_S * 1000000000ull))
		return;
	err("%s: a thread did not come back from its operation within %d s of being told to stop",
	    c->plan->workload->name, STOP_LIMIT_S);
	fflush(NULL);
	_exit(EXIT_CANNOT);
}

/* The first failure; wrong data before anything else. */
static int report_failure(const struct crew *c)
{
	const struct task *worst = NULL, *t;

	for (t = c->task; t < c->task + c->bench.threads; t++)
		if (t->why.len && (!worst || t->wrong > worst->wrong))
			worst = t;
	if (!worst)
		return -1;
	err("%s: thread %u: %s", c->plan->workload->name, worst->index, buf_text(&worst->why));
	return worst->wrong || testfile_was_wrong() ? CREW_WRONG : -1;
}

static int start_threads(struct crew *c)
{
	struct start *start;
	sigset_t all, before;
	int error = 0;
	unsigned i;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	for (i = 0; i < c->bench.threads && !error; i++) {
		start = xcalloc(1, sizeof(*start));
		*start = (struct start){ c, &c->task[i] };
		error = pthread_create(&c->thread[i], NULL, thread_main, start);
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!error)
		return 0;
	/* those that did start wait at the first gate for good: there is nothing to join */
	err("start thread %u of %u: %s (see ulimit -u and -v, and the cgroup's pids.max)", i,
	    c->bench.threads, strerror(error));
	fflush(NULL);
	_exit(EXIT_CANNOT);
}

static int conduct(struct crew *c, int (*window)(const struct crew_window *w, void *data),
		   void *data)
{
	int ret;

	gate_pass(&c->gate, 0);		/* placed */
	gate_pass(&c->gate, 0);		/* set up; task_setup() follows */
	if (c->plan->counted) {
		ret = counted_ops(c, window, data);
	} else if (c->plan->ops) {
		ret = windows_of_ops(c, window, data);
	} else {
		ret = windows_of_time(c, window, data);
		wait_for_stop(c);
	}
	gate_pass(&c->gate, 0);		/* each thread has verified */
	gate_pass(&c->gate, 0);		/* and the first one for all */
	return ret;
}

static uint64_t rounds(const struct crew_plan *plan)
{
	if (plan->counted)
		return 2;	/* the first is to warm up */
	return plan->ops ? plan->windows + (plan->warmup_ns > 0) : 1;
}

int crew_run(const struct crew_plan *plan, int (*window)(const struct crew_window *w, void *data),
	     void *data)
{
	struct crew c = {
		.plan = plan,
		.bench = { .params = plan->params, .threads = plan->threads, .dir = plan->dir, .fs = plan->fs,
			   .seed = plan->seed },
		.gate.parties = plan->threads + 1,
		.rounds = rounds(plan),
	};
	unsigned i;
	int ret;

	c.thread = xcalloc(plan->threads, sizeof(c.thread[0]));
	c.task = aligned_alloc(_Alignof(struct task), plan->threads * sizeof(c.task[0]));
	if (!c.task) {
		free(c.thread);
		return err("out of memory");
	}
	for (i = 0; i < plan->threads; i++)
		task_init(&c.task[i], &c.bench, i);
	start_threads(&c);
	ret = conduct(&c, window, data);
	for (i = 0; i < plan->threads; i++)
		pthread_join(c.thread[i], NULL);
	if (plan->workload->teardown)
		plan->workload->teardown(&c.bench);
	if (gate_failed(&c.gate))
		ret = report_failure(&c);
	for (i = 0; i < plan->threads; i++)
		buf_release(&c.task[i].why);
	free(c.task);
	free(c.thread);
	return ret;
}
