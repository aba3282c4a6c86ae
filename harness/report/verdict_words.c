/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/report/verdict_words.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "harness/judge/judged.h"
#include "harness/plan/brief.h"
#include "harness/plan/plan.h"
#include "harness/report/finding_text.h"
#include "harness/report/prose.h"
#include "harness/report/report.h"
#include "harness/report/tried.h"
#include "harness/store/samples.h"
#include "lib/buf.h"

/* What it means, around "the patch" or "the change". */
static const struct {
	const char *before, *after;
} meanings[NOUTCOMES] = {
	[OUTCOME_ACCEPT] = { "Nothing that the gate watches became worse by more than it allows. As far as these "
			     "measurements go, ", " may go in." },
	[OUTCOME_REJECT] = { "Something that the gate watches became worse by more than it allows, and it is not chance. "
			     "So ", " should not go in as it is." },
	[OUTCOME_INCONCLUSIVE] = { "These measurements do not tell whether ", " makes a difference: one as large as those "
				   "that matter could still hide in how boots differ. That is no objection, and no "
				   "approval either; more boots settle it." },
	[OUTCOME_CANNOT] = { "The measurement itself did not work out. It says nothing about ", "." },
};

/* The same where no other kernel was compared than the first one again. */
static const char *const with_itself[NOUTCOMES] = {
	[OUTCOME_ACCEPT] = "The kernel was compared with itself, rebuilt, and the measurement found no difference: it can "
			   "be trusted with one.",
	[OUTCOME_REJECT] = "The kernel was compared with itself, rebuilt, and something that the gate watches became worse.",
	[OUTCOME_INCONCLUSIVE] = "The kernel was compared with itself, rebuilt, and a difference as large as those that "
				 "matter could still hide in how boots differ: more boots settle it.",
	[OUTCOME_CANNOT] = "The kernel was compared with itself, rebuilt, and the measurement found a difference that "
			   "cannot be the kernel's: it did not work out.",
};

/* What a metric is, for those that decided. */
struct meaning {
	int first, last;	/* of enum count, or YARDSTICK_TRANSFERS */
	const char *text;
};

static const struct meaning counted[] = {
	{ COUNT_STAC, COUNT_CLAC,
	  "STAC and CLAC are the instructions with which an x86 kernel opens its access to user memory and closes "
	  "it again: a pair more per operation is one more visit there." },
	{ COUNT_PAN, COUNT_STTR,
	  "PAN switches, LDTR and STTR are how an arm64 kernel gets at user memory: more of them per operation are "
	  "more visits there." },
	{ COUNT_KERNEL_INSNS, COUNT_KERNEL_INSNS,
	  "Kernel instructions are all that the kernel executes for one operation." },
	{ COUNT_ATOMICS, COUNT_ATOMICS,
	  "Atomics are instructions that hold on to a cache line while they change it: cheap as long as one CPU "
	  "uses the line, dear where several do." },
	{ COUNT_LSE, COUNT_EXCLUSIVES,
	  "LSE atomics and exclusives hold on to a cache line while they change it: cheap as long as one CPU uses "
	  "the line, dear where several do." },
	{ YARDSTICK_TRANSFERS, YARDSTICK_TRANSFERS,
	  "Transfers are cache lines that go from one CPU to another since both use them, and one writes: they keep "
	  "a workload from getting faster with more CPUs." },
};

/* A paragraph, a blank line before it unless it is the first. */
static void add(const struct buf *text, size_t width, struct buf *out)
{
	const struct prose prose = { .width = width };

	if (text->len && out->len)
		buf_ch(out, '\n');
	prose_add(&prose, buf_text(text), out);
}

static const json_t *incident_of(const struct report_input *in)
{
	return json_array_get(in->samples->incidents, 0);
}

static bool is_wrong_data(const struct report_input *in)
{
	const char *kind = json_get_text(incident_of(in), "incident");

	return kind && !strcmp(kind, "wrong data");
}

/* The kernel that was in trouble; 0 where the plan has none of that name. */
static size_t troubled_kernel(const struct report_input *in)
{
	const char *name = json_get_text(incident_of(in), "kernel");
	size_t k;

	for (k = in->plan->nkernels; --k;)
		if (name && !strcmp(name, in->plan->kernel[k].name))
			break;
	return k;
}

static void add_trouble(const struct report_input *in, struct buf *text)
{
	const struct plan *plan = in->plan;
	const char *change = tried_name(in), *first = plan->kernel[0].name;
	size_t k = troubled_kernel(in);

	if (plan->nkernels == 1)
		buf_str(text, "The kernel got into trouble under this load, so its speed was not judged.");
	else if (!k)
		buf_fmt(text, "Kernel %s, with which the others are compared, got into trouble itself. That says nothing about %s.",
			first, change);
	else if (plan_is_control(plan, k))
		buf_fmt(text, "Kernel %s, which is %s again, got into trouble. That says nothing about %s.", plan->kernel[k].name,
			first, change);
	else if (in->judged->outcome != OUTCOME_REJECT)
		buf_fmt(text, "%s%s%s", meanings[OUTCOME_CANNOT].before, change, meanings[OUTCOME_CANNOT].after);
	else if (is_wrong_data(in))
		buf_fmt(text, "With %s the kernel gives wrong data where %s gives the right ones. A fast wrong answer is no "
			"answer, so its speed was not judged. So %s must not go in.", change, first, change);
	else
		buf_fmt(text, "With %s the kernel got into trouble under a load that %s takes, so its speed was not judged. "
			"As it is, %s must not go in.", change, first, change);
}

static bool is_with_itself(const struct plan *plan)
{
	size_t k;

	for (k = 1; k < plan->nkernels; k++)
		if (!plan_is_control(plan, k))
			return false;
	return true;
}

static void add_meaning(const struct report_input *in, size_t width, struct buf *out)
{
	enum outcome outcome = in->judged->outcome;
	struct buf text = BUF_INIT;

	if (incident_of(in))
		add_trouble(in, &text);
	else if (is_with_itself(in->plan))
		buf_str(&text, with_itself[outcome]);
	else
		buf_fmt(&text, "%s%s%s", meanings[outcome].before, tried_name(in), meanings[outcome].after);
	add(&text, width, out);
	buf_release(&text);
}

/* What decided most, as a sentence. */
static void add_worst(const struct report_input *in, size_t width, struct buf *out)
{
	const struct judged *j = in->judged;
	const struct finding *f = j->ndecided ? &j->finding[j->ranked[0]] : NULL;
	struct buf text = BUF_INIT;

	if (!f || isnan(f->old) || isnan(f->new) || j->outcome != OUTCOME_REJECT)
		return;
	buf_str(&text, "The worst of it: in ");
	brief_add(in->plan, f->cell, &text);
	buf_fmt(&text, " (%s)", in->plan->cell[f->cell].name);
	if (in->plan->nkernels > 2)
		buf_fmt(&text, " on %s", in->plan->kernel[f->kernel].name);
	buf_str(&text, ", ");
	finding_metric(j, j->ranked[0], &text);
	buf_str(&text, f->yardstick.exact ? " per operation went from " : " went from ");
	finding_value(f, f->old, &text);
	buf_str(&text, " to ");
	finding_value(f, f->new, &text);
	if (!f->yardstick.exact) {
		buf_str(&text, ", that is ");
		finding_change(f, &text);
	}
	buf_ch(&text, '.');
	add(&text, width, out);
	buf_release(&text);
}

static bool decided_by(const struct judged *j, const struct meaning *m)
{
	const struct finding *f;
	size_t rank;

	for (rank = 0; rank < j->ndecided; rank++) {
		f = &j->finding[j->ranked[rank]];
		if (f->yardstick.exact && f->yardstick.which >= m->first && f->yardstick.which <= m->last)
			return true;
	}
	return false;
}

/* Were these judged, for any cell? */
static bool judged_by(const struct judged *j, bool exact)
{
	size_t i;

	for (i = 0; i < j->n; i++)
		if (j->finding[i].yardstick.exact == exact && !isnan(j->finding[i].old))
			return true;
	return false;
}

static void add_metrics(const struct judged *j, size_t width, struct buf *out)
{
	struct buf text = BUF_INIT;
	size_t i;

	for (i = 0; i < sizeof(counted) / sizeof(counted[0]); i++)
		if (decided_by(j, &counted[i]))
			buf_fmt(&text, "%s ", counted[i].text);
	if (judged_by(j, true))
		buf_str(&text,
			"Counts are taken on an emulated CPU, which executes the same instructions every time: a difference "
			"is one of the code, and no noise.");
	add(&text, width, out);
	buf_release(&text);
}

static void add_certainty(const struct report_input *in, size_t width, struct buf *out)
{
	const struct judged *j = in->judged;
	struct buf text = BUF_INIT;

	if (judged_by(j, false) && j->level > 0)
		buf_fmt(&text,
			"Times differ from boot to boot even with one kernel. So each kernel was booted %" PRIu32
			" times, in random order, and a change is called one only where chance alone would look as much like "
			"one, in any cell, in %.4g%% of such comparisons at most.",
			j->blocks, 100 * j->level);
	else if (judged_by(j, false))
		buf_fmt(&text, "Each kernel was booted %" PRIu32 " time%s: too few to judge times by.", j->blocks,
			j->blocks == 1 ? "" : "s");
	else if (in->emulated && in->figures)
		buf_str(&text, "Times were not judged: the kernels ran on an emulated CPU, where times say nothing.");
	add(&text, width, out);
	buf_release(&text);
}

void verdict_words(const struct report_input *in, size_t width, struct buf *out)
{
	struct buf all = BUF_INIT;

	add_meaning(in, width, &all);
	add_worst(in, width, &all);
	add_metrics(in->judged, width, &all);
	add_certainty(in, width, &all);
	buf_str(out, buf_text(&all));
	buf_release(&all);
}
