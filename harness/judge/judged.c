/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/judge/judged.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/judge/headline.h"
#include "harness/judge/remarks.h"
#include "harness/judge/timed.h"
#include "harness/plan/gate.h"
#include "harness/plan/plan.h"
#include "harness/store/samples.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/near.h"

static const char *const names[NOUTCOMES] = {
	[OUTCOME_ACCEPT] = "accept",
	[OUTCOME_REJECT] = "reject",
	[OUTCOME_INCONCLUSIVE] = "inconclusive",
	[OUTCOME_CANNOT] = "cannot",
};

/* What is under way. */
struct judging {
	const struct judge_call *call;
	const struct plan *plan;
	const struct gate *gate;
	struct yardstick *yardstick;	/* [gate->nmetrics] */
	double *boots[NMETRICS];	/* figures_boots(); NULL: not needed */
	const char *machine;		/* whose transfers are taken, or NULL */
	uint32_t complete;		/* blocks that all kernels have */
	struct judged *j;
};

const char *outcome_name(enum outcome o)
{
	return names[o];
}

static enum better better_of(const struct gate_metric *m, struct yardstick y)
{
	if (m->better == GATE_BETTER_DEFAULT)
		return yardstick_better(y);
	return m->better == GATE_HIGHER ? HIGHER_IS_BETTER : LOWER_IS_BETTER;
}

static int complain(const struct gate *gate, const struct schema_text *at, struct buf *why)
{
	buf_fmt(why, "%s:", gate->file);
	if (at->line)
		buf_fmt(why, "%u:%u:", at->line, at->column);
	buf_ch(why, ' ');
	return -1;
}

static int check_metric(const struct gate *gate, const struct gate_metric *m, struct yardstick *y,
			struct buf *why)
{
	struct near near;

	near_init(&near, m->metric.text);
	if (yardstick_parse(m->metric.text, y, &near)) {
		complain(gate, &m->metric, why);
		buf_fmt(why, "unknown metric '%s'", m->metric.text);
		near_hint(&near, why);
		if (!near.best)
			buf_str(why, "; docs/gates.md lists them");
		return -1;
	}
	if (!y->exact && !m->relative && m->minimum > 0) {
		complain(gate, &m->metric, why);
		buf_fmt(why, "metric '%s' is a time, whose minimum is in percent: %g%% rather than %g?",
			m->metric.text, m->minimum, m->minimum);
		return -1;
	}
	return 0;
}

int judged_check_gate(const struct gate *gate, struct buf *why)
{
	struct yardstick y;
	size_t i;

	for (i = 0; i < gate->nmetrics; i++)
		if (check_metric(gate, &gate->metric[i], &y, why))
			return -1;
	return 0;
}

int judged_check_cells(const struct plan *plan, const struct gate *gate, struct buf *why)
{
	size_t i;

	for (i = 0; i < plan->ncells; i++)
		if (gate_selects(gate, plan->cell[i].name))
			return 0;
	buf_fmt(why, "%s: cells: none of job '%s' has these parameters", gate->file, plan->job);
	return -1;
}

/* Was anything counted at all, and is the metric one of that architecture? */
static bool is_counted(const struct judging *g, struct yardstick y)
{
	const struct samples *s = g->call->samples;

	if (y.which == YARDSTICK_TRANSFERS)
		return g->machine;
	return s->ncounts && count_exists((enum count)y.which, s->count[0].arm64);
}

static const double *boots_of(const struct judging *g, int metric, size_t kernel, size_t cell)
{
	return g->boots[metric] + (kernel * g->plan->ncells + cell) * g->plan->blocks;
}

/* Some workloads move no bytes: 0 in all boots that there are is no figure of theirs, and none that is missing. */
static bool is_moot(const struct judging *g, const struct finding *f)
{
	const double *old = boots_of(g, f->yardstick.which, 0, f->cell);
	const double *new = boots_of(g, f->yardstick.which, f->kernel, f->cell);
	bool any = false;
	uint32_t i;

	if (f->yardstick.which != METRIC_BYTES_PER_S)
		return false;
	for (i = 0; i < g->plan->blocks; i++) {
		if (old[i] > 0 || new[i] > 0)
			return false;
		any |= !isnan(old[i]) && !isnan(new[i]);
	}
	return any;
}

static struct exact_sides sides_of(const struct judging *g, size_t kernel, size_t cell)
{
	const struct samples *s = g->call->samples;
	const char *id = g->plan->cell[cell].id, *old = g->plan->kernel[0].name, *new = g->plan->kernel[kernel].name;

	return (struct exact_sides){
		.old = samples_count(s, old, id), .new = samples_count(s, new, id),
		.predicted_old = g->machine ? samples_prediction(s, old, id, g->machine) : NULL,
		.predicted_new = g->machine ? samples_prediction(s, new, id, g->machine) : NULL,
	};
}

/* One cell on one kernel, by one metric after the other. */
struct place {
	size_t kernel, cell;
	struct exact_sides sides;
};

static void add_finding(struct judging *g, const struct place *at, size_t metric)
{
	const struct gate_metric *m = &g->gate->metric[metric];
	struct judged *j = g->j;
	struct finding f = {
		.kernel = at->kernel, .cell = at->cell, .yardstick = g->yardstick[metric],
		.gating = gate_selects_for(g->gate, m, g->plan->cell[at->cell].name),
		.control = plan_is_control(g->plan, at->kernel),
		.minimum = m->minimum, .relative = m->relative,
		.old = (double)NAN, .new = (double)NAN, .effect = (double)NAN,
		.low = (double)NAN, .high = (double)NAN, .p = (double)NAN,
	};

	if (f.yardstick.exact ? !is_counted(g, f.yardstick) : !g->call->times || is_moot(g, &f))
		return;
	if (f.yardstick.exact)
		finding_exact(&f, &at->sides, better_of(m, f.yardstick));
	j->finding[j->n++] = f;
}

static void find_all(struct judging *g)
{
	struct place at;
	size_t metric;

	g->j->finding = xcalloc(g->plan->nkernels * g->plan->ncells * g->gate->nmetrics + 1,
				sizeof(*g->j->finding));
	for (at.kernel = 1; at.kernel < g->plan->nkernels; at.kernel++)
		for (at.cell = 0; at.cell < g->plan->ncells; at.cell++) {
			at.sides = sides_of(g, at.kernel, at.cell);
			for (metric = 0; metric < g->gate->nmetrics; metric++)
				add_finding(g, &at, metric);
		}
}

/* Blocks from the first on where every cell has both kernels' figures. */
static uint32_t complete_blocks(const struct judging *g, size_t kernel)
{
	int metric = METRIC_OPS_PER_S;
	uint32_t n;
	size_t cell;

	for (n = 0; n < g->plan->blocks; n++)
		for (cell = 0; cell < g->plan->ncells; cell++)
			if (isnan(boots_of(g, metric, 0, cell)[n]) ||
			    isnan(boots_of(g, metric, kernel, cell)[n]))
				return n;
	return n;
}

/* The gate's better of a finding's metric. */
static enum better finding_better(const struct judging *g, const struct finding *f)
{
	size_t i = 0;

	while (!yardstick_same(g->yardstick[i], f->yardstick))
		i++;
	return better_of(&g->gate->metric[i], f->yardstick);
}

/* Those of one kernel that decide are a family of their own, and so are those that do not. */
static void judge_family(struct judging *g, size_t kernel, bool gating)
{
	struct timed *t = xcalloc(g->j->n + 1, sizeof(*t));
	const struct timed_call call = {
		/* kernels share the error; within a family max-T does */
		.looks = { .alpha = g->gate->family_error / (double)(g->plan->nkernels - 1),
			   .first = g->plan->first, .step = g->plan->step, .cap = g->plan->blocks },
		.blocks = g->complete, .seed = (uint32_t)g->plan->seed,
	};
	struct timed_look look;
	struct finding *f;
	size_t n = 0, i;

	for (i = 0; i < g->j->n; i++) {
		f = &g->j->finding[i];
		if (f->kernel != kernel || f->gating != gating || f->yardstick.exact)
			continue;
		t[n++] = (struct timed){
			.finding = f, .better = finding_better(g, f),
			.old = boots_of(g, f->yardstick.which, 0, f->cell),
			.new = boots_of(g, f->yardstick.which, kernel, f->cell),
		};
	}
	if (n) {
		look = timed_judge(t, n, &call);
		if (gating || !(g->j->level > 0)) {
			g->j->level = look.level;
			g->j->blocks = look.blocks;
		}
	}
	free(t);
}

/* All kernels by the same blocks: those that are complete on each. */
static void judge_times(struct judging *g)
{
	size_t kernel;

	if (!g->call->times)
		return;
	g->complete = g->plan->blocks;
	for (kernel = 1; kernel < g->plan->nkernels; kernel++)
		if (complete_blocks(g, kernel) < g->complete)
			g->complete = complete_blocks(g, kernel);
	g->j->blocks = g->complete;
	for (kernel = 1; kernel < g->plan->nkernels; kernel++) {
		judge_family(g, kernel, true);
		judge_family(g, kernel, false);
	}
}

/* More blocks cannot take back a number that has no log. */
static bool is_open(const struct finding *f)
{
	return f->gating && !f->yardstick.exact && f->judgement.verdict == VERDICT_INCONCLUSIVE &&
	       f->judgement.because != BECAUSE_UNUSABLE;
}

/* Who leads the ranking, and decides. */
enum leads {
	LEADS_DEFECT,		/* the baseline differs from itself */
	LEADS_REGRESSED,
	LEADS_INCONCLUSIVE,
	LEADS_IMPROVED		/* nothing: improvements decide no more than that nothing else did */
};

static bool changed(const struct finding *f)
{
	return f->judgement.verdict == VERDICT_REGRESSED || f->judgement.verdict == VERDICT_IMPROVED;
}

static bool leads(const struct finding *f, enum leads what)
{
	static const enum verdict verdict[] = {
		[LEADS_REGRESSED] = VERDICT_REGRESSED,
		[LEADS_INCONCLUSIVE] = VERDICT_INCONCLUSIVE,
		[LEADS_IMPROVED] = VERDICT_IMPROVED,
	};

	if (!f->gating)
		return false;
	return what == LEADS_DEFECT ? f->control && changed(f) : f->judgement.verdict == verdict[what];
}

static size_t count_leading(const struct judged *j, enum leads what)
{
	size_t i, n = 0;

	for (i = 0; i < j->n; i++)
		n += leads(&j->finding[i], what);
	return n;
}

/* What was seen fits both a change and none. Not to have seen it is another thing, and passes no gate. */
static bool is_undecided(const struct finding *f)
{
	return f->judgement.because == BECAUSE_WIDE || f->judgement.because == BECAUSE_SMALL;
}

static bool undecided_blocks(const struct judging *g)
{
	size_t i;

	if (g->gate->inconclusive == GATE_BLOCKS)
		return true;
	for (i = 0; i < g->j->n; i++)
		if (leads(&g->j->finding[i], LEADS_INCONCLUSIVE) && !is_undecided(&g->j->finding[i]))
			return true;
	return false;
}

static enum leads leader(const struct judging *g)
{
	enum leads what;

	for (what = LEADS_DEFECT; what < LEADS_IMPROVED; what++)
		if (count_leading(g->j, what) && (what != LEADS_INCONCLUSIVE || undecided_blocks(g)))
			break;
	return what;
}

struct rank {
	size_t index;
	bool first;
	size_t metric;		/* in the gate's order */
	double size;		/* of the change; what was nothing before is larger than all */
};

static int by_rank(const void *va, const void *vb)
{
	const struct rank *a = va, *b = vb;

	if (a->first != b->first)
		return a->first ? -1 : 1;
	if (a->first && a->metric != b->metric)
		return a->metric < b->metric ? -1 : 1;
	if (a->first && a->size != b->size)
		return a->size > b->size ? -1 : 1;
	return a->index < b->index ? -1 : 1;
}

static void rank_findings(struct judging *g, enum leads what)
{
	struct judged *j = g->j;
	struct rank *rank = xcalloc(j->n + 1, sizeof(*rank));
	const struct finding *f;
	size_t i;

	for (i = 0; i < j->n; i++) {
		f = &j->finding[i];
		rank[i] = (struct rank){ .index = i, .size = fabs(f->effect),
					 .first = leads(f, what) };
		if (isnan(f->effect))
			rank[i].size = f->new != f->old ? (double)INFINITY : 0;
		while (!yardstick_same(g->yardstick[rank[i].metric], f->yardstick))
			rank[i].metric++;
	}
	qsort(rank, j->n, sizeof(*rank), by_rank);
	j->ranked = xcalloc(j->n + 1, sizeof(*j->ranked));
	for (i = 0; i < j->n; i++)
		j->ranked[i] = rank[i].index;
	free(rank);
}

static void count_verdicts(struct judged *j)
{
	size_t i;

	j->decided = true;
	for (i = 0; i < j->n; i++) {
		j->verdicts[j->finding[i].judgement.verdict] += j->finding[i].gating;
		j->decided &= !is_open(&j->finding[i]);
	}
}

static bool any_gating(const struct judged *j)
{
	size_t i = 0;

	while (i < j->n && !j->finding[i].gating)
		i++;
	return i < j->n;
}

static enum outcome outcome_of(const struct judging *g, enum leads what, bool warned)
{
	if (what == LEADS_DEFECT)
		return OUTCOME_CANNOT;
	if (what == LEADS_REGRESSED || warned)
		return OUTCOME_REJECT;
	return what == LEADS_INCONCLUSIVE || !any_gating(g->j) ? OUTCOME_INCONCLUSIVE : OUTCOME_ACCEPT;
}

static void decide(struct judging *g)
{
	struct judged *j = g->j;
	struct buf text = BUF_INIT, warned = BUF_INIT;
	enum leads what;

	count_verdicts(j);
	what = leader(g);
	rank_findings(g, what);
	j->ndecided = what == LEADS_IMPROVED ? 0 : count_leading(j, what);
	remarks_warnings(g->call, &warned);
	j->outcome = outcome_of(g, what, warned.len && g->gate->new_warning == GATE_REJECT);
	headline_make(g->plan, j, warned.len && g->gate->new_warning == GATE_REJECT ? buf_text(&warned) : NULL,
		      &text);
	j->headline = buf_detach(&text);
	j->final = j->decided || !g->call->times || g->complete >= g->plan->blocks;
	remarks_make(g->call, j);
	buf_release(&warned);
}

static int prepare(struct judging *g, struct buf *why)
{
	const struct judge_call *c = g->call;
	size_t i;

	g->yardstick = xcalloc(g->gate->nmetrics + 1, sizeof(*g->yardstick));
	for (i = 0; i < g->gate->nmetrics; i++) {
		if (check_metric(g->gate, &g->gate->metric[i], &g->yardstick[i], why))
			return -1;
	}
	if (judged_check_cells(c->plan, g->gate, why))
		return -1;
	for (i = 0; i < NMETRICS; i++)
		g->boots[i] = figures_boots(c->plan, c->samples->sample, c->samples->n, (enum metric)i);
	g->machine = c->machine ? c->machine : samples_machine(c->samples, 0);
	return 0;
}

/* A kernel in trouble: the store has the gate's answer to it. */
static void judge_incident(struct judging *g)
{
	const json_t *line = json_array_get(g->call->samples->incidents, 0);
	const char *answer = json_get_text(line, "verdict");
	struct buf text = BUF_INIT;

	g->j->outcome = answer && !strcmp(answer, "reject") ? OUTCOME_REJECT : OUTCOME_CANNOT;
	headline_incident(line, g->j->outcome, &text);
	g->j->headline = buf_detach(&text);
	g->j->finding = xcalloc(1, sizeof(*g->j->finding));
	g->j->ranked = xcalloc(1, sizeof(*g->j->ranked));
	g->j->decided = g->j->final = true;
}

int judged_make(const struct judge_call *call, struct judged *j, struct buf *why)
{
	struct judging g = { .call = call, .plan = call->plan, .gate = call->gate, .j = j };
	int ret = 0, i;

	*j = (struct judged){ .gate = xstrdup(call->gate->name) };
	if (json_array_size(call->samples->incidents)) {
		judge_incident(&g);
		return 0;
	}
	ret = prepare(&g, why);
	if (!ret) {
		find_all(&g);
		judge_times(&g);
		decide(&g);
	}
	for (i = 0; i < NMETRICS; i++)
		free(g.boots[i]);
	free(g.yardstick);
	return ret;
}

void judged_release(struct judged *j)
{
	size_t i;

	for (i = 0; i < j->nnotes; i++)
		free(j->note[i]);
	free(j->note);
	free(j->headline);
	free(j->finding);
	free(j->ranked);
	free(j->gate);
	*j = (struct judged){ 0 };
}
