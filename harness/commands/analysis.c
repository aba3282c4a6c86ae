/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/commands/analysis.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/count/object.h"
#include "harness/count/predict.h"
#include "harness/count/symbols.h"
#include "harness/count/tally.h"
#include "harness/count/trace.h"
#include "harness/plan/plan.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/err.h"

#define MOVERS_MAX 6u		/* of a line that are kept */

static const uint32_t curve_threads[] = { 1, 2, 4, 8, 12, 16, 24, 32, 48, 64 };
#define CURVE (sizeof(curve_threads) / sizeof(curve_threads[0]))

static const char *const access_names[] = {
	[ACCESS_LOAD] = "load", [ACCESS_STORE] = "store", [ACCESS_RMW] = "atomic",
};

/* One kernel's trace as it is gone through. */
struct analysis {
	const struct analysis_call *call;
	struct trace *trace;
	const struct plan_cell *cell;
	size_t index;			/* of the cell */
	uint32_t threads;
};

uint32_t analysis_threads(const char *cell_name)
{
	struct buf value = BUF_INIT;
	uint32_t n = 1;

	if (!cell_field(cell_name, "threads", &value))
		n = (uint32_t)strtoul(buf_text(&value), NULL, 10);
	buf_release(&value);
	return n;
}

/* The mode of each thread, where not all have the same. */
static json_t *tell_threads(const struct tally *t, bool arm64)
{
	json_t *all, *one, *counts;
	uint32_t i;
	int c;

	if (t->modes < 2)
		return NULL;
	all = json_array();
	for (i = 0; i < t->threads; i++) {
		counts = json_object();
		for (c = 0; c < NCOUNTS; c++)
			if (count_exists((enum count)c, arm64))
				json_put(counts, count_name((enum count)c), json_u64(t->thread[i].count[c]));
		one = json_object();
		json_put(one, "vcpu", json_u64(t->thread[i].vcpu));
		json_put(one, "ops", json_u64(t->thread[i].ops));
		json_put(one, "at_mode", json_u64(t->thread[i].at_mode));
		json_put(one, "counts", counts);
		json_array_append_new(all, one);
	}
	return all;
}

static int keep_count(const struct analysis *a, const struct tally *t)
{
	const bool arm64 = trace_is_arm64(a->trace);
	struct count_record r = {
		.kernel = (char *)a->call->kernel, .name = a->cell->name, .qemu = (char *)a->call->qemu,
		.threads = t->threads, .modes = t->modes, .paths = t->paths, .ops = t->ops,
		.at_mode = t->at_mode, .interrupted = t->interrupted, .share = t->share,
		.bytes_per_op = a->call->bytes_per_op[a->index], .stable = t->stable, .arm64 = arm64,
		.by_thread = tell_threads(t, arm64),
	};
	size_t i;
	int ret;

	memcpy(r.cell, a->cell->id, sizeof(r.cell));
	for (i = 0; i < NCOUNTS; i++)
		r.count[i] = count_exists((enum count)i, arm64) ? t->count[i] : NAN;
	ret = a->call->count(&r, a->call->data);
	json_decref(r.by_thread);
	return ret;
}

static void name_mover(const struct analysis *a, const struct mover *m, struct mover_record *r)
{
	size_t n;
	const struct trace_insn *insn = trace_insns(a->trace, &n);
	const uint64_t pc = insn[m->insn].pc;
	const char *name = a->call->symbols ? symbols_find(a->call->symbols, pc, &r->offset) : NULL;

	if (!name)
		r->offset = pc;
	r->function = xstrdup(name ? name : "?");
	r->access = xstrdup(access_names[m->kind]);
	r->per_op = m->per_op;
}

static char *name_line(const struct analysis *a, const struct moved_line *l)
{
	struct object_toucher *toucher = xcalloc(l->nmovers + 1, sizeof(*toucher));
	const struct object_line line = {
		.line = l->line, .virt = l->virt, .arm64 = trace_is_arm64(a->trace), .toucher = toucher,
		.n = l->nmovers,
	};
	struct buf what = BUF_INIT;
	size_t i, n;
	const struct trace_insn *insn = trace_insns(a->trace, &n);

	for (i = 0; i < l->nmovers; i++)
		toucher[i] = (struct object_toucher){
			.pc = insn[l->mover[i].insn].pc, .virt = l->virt, .kind = l->mover[i].kind,
			.insn = insn[l->mover[i].insn].byte, .len = insn[l->mover[i].insn].len,
		};
	object_describe(&line, a->call->symbols, &what);
	free(toucher);
	return buf_detach(&what);
}

static void name_lines(const struct analysis *a, const struct prediction *p, struct prediction_record *r)
{
	struct line_record *line;
	size_t i, k;

	r->line = xcalloc(p->nmoved + 1, sizeof(r->line[0]));
	for (i = 0; i < p->nmoved; i++) {
		line = &r->line[r->nlines++];
		line->what = name_line(a, &p->moved[i]);
		line->per_op = p->moved[i].per_op;
		line->threads = p->moved[i].threads;
		line->nmovers = p->moved[i].nmovers < MOVERS_MAX ? p->moved[i].nmovers : MOVERS_MAX;
		line->mover = xcalloc(line->nmovers + 1, sizeof(line->mover[0]));
		for (k = 0; k < line->nmovers; k++)
			name_mover(a, &p->moved[i].mover[k], &line->mover[k]);
	}
}

/* One thread alone does not show what threads share: a curve from it would promise that they share nothing. */
static void make_curve(const struct analysis *a, const struct predict_cell *c, const struct processor *m,
		       struct prediction_record *r)
{
	double ops[CURVE];
	struct prediction p;
	size_t i;

	if (a->threads < 2)
		return;
	r->curve = xcalloc(CURVE, sizeof(r->curve[0]));
	for (i = 0; i < CURVE; i++) {
		predict_run(c, m, curve_threads[i], a->call->plan->seed, &p);
		ops[i] = p.ops_per_s;
		r->curve[r->npoints++] = (struct curve_point){ curve_threads[i], p.ops_per_s };
		prediction_release(&p);
	}
	r->knee = predict_knee(curve_threads, ops, CURVE);
}

static int keep_prediction(const struct analysis *a, const struct predict_cell *c, const struct processor *m)
{
	struct prediction_record r = {
		.kernel = xstrdup(a->call->kernel), .machine = xstrdup(m->name),
		.machine_id = xstrdup(m->id), .threads = a->threads,
	};
	struct predict_range range;
	struct prediction p;
	int ret;

	memcpy(r.cell, a->cell->id, sizeof(r.cell));
	predict_run(c, m, a->threads, a->call->plan->seed, &p);
	predict_range(c, m, a->threads, a->call->plan->seed, &range);
	r.ns_per_op = p.ns_per_op;
	r.waited_ns = p.waited_ns;
	r.spread = p.spread;
	r.transfers = p.transfers;
	r.lines_moved = p.nlines;
	r.low = range.low;
	r.high = range.high;
	memcpy(r.at_low, range.at_low, sizeof(r.at_low));
	memcpy(r.at_high, range.at_high, sizeof(r.at_high));
	name_lines(a, &p, &r);
	make_curve(a, c, m, &r);
	ret = a->call->prediction(&r, a->call->data);
	prediction_release(&p);
	prediction_record_release(&r);
	return ret;
}

static int check_region(const struct analysis *a, const struct region *r)
{
	if (r->nops == a->threads * a->call->ops)
		return 0;
	err("%s: region %" PRIu32 " holds %zu ops, but %" PRIu64 " were counted in \"%s\"", a->call->trace,
	    r->number, r->nops, a->threads * a->call->ops, a->cell->name);
	return 1;
}

/* As analyse(). */
static int analyse_region(struct analysis *a, const struct region *r)
{
	struct predict_cell *c;
	struct tally t;
	int ret = -1;
	size_t i;

	a->threads = analysis_threads(a->cell->name);
	if (check_region(a, r))
		return 1;
	tally_make(r, &t);
	c = predict_cell_new(r, &t);
	ret = keep_count(a, &t);
	for (i = 0; c && !ret && i < a->call->machines->n; i++)
		ret = keep_prediction(a, c, &a->call->machines->p[i]);
	predict_cell_free(c);
	tally_release(&t);
	return ret;
}

int analyse(const struct analysis_call *call)
{
	struct analysis a = { .call = call };
	struct buf why = BUF_INIT;
	struct region region;
	int ret = 0, more;

	a.trace = trace_open(call->trace, &why);
	more = a.trace ? 1 : -1;
	for (a.index = 0; a.index < call->plan->ncells && more == 1 && !ret; a.index++) {
		if (call->stop && *call->stop) {
			ret = -1;
			break;
		}
		a.cell = &call->plan->cell[a.index];
		more = trace_next(a.trace, &region, &why);
		if (more == 1)
			ret = analyse_region(&a, &region);
		region_release(&region);
	}
	if (more < 0)
		err("%s", buf_text(&why));
	else if (!more)
		err("%s: ends after %zu of %zu cells", call->trace, a.index - 1, call->plan->ncells);
	trace_close(a.trace);
	buf_release(&why);
	return more == 1 ? ret : 1;
}
