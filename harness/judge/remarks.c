/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/judge/remarks.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/plan/brief.h"
#include "harness/plan/gate.h"
#include "harness/plan/plan.h"
#include "harness/store/samples.h"
#include "lib/alloc.h"
#include "lib/buf.h"

#define NOTED 4		/* disagreements told one by one */

static void add_note(struct judged *j, struct buf *text)
{
	j->note = xrealloc(j->note, j->nnotes + 1, sizeof(*j->note));
	j->note[j->nnotes++] = buf_detach(text);
}

static void note(struct judged *j, const char *text)
{
	struct buf b = BUF_INIT;

	buf_str(&b, text);
	add_note(j, &b);
}

/* Of a kernel that may have some: not the first, nor that one rebuilt. NULL: there are none. */
static const json_t *new_warnings(const struct judge_call *call, size_t kernel)
{
	const json_t *line, *list;
	const char *name;
	size_t i;

	json_array_foreach(call->samples->environments, i, line) {
		name = json_get_text(line, "kernel");
		list = json_object_get(json_object_get(line, "build"), "new_warnings");
		if (json_array_size(list) && name && !strcmp(name, call->plan->kernel[kernel].name))
			return list;
	}
	return NULL;
}

static void say_warnings(const json_t *list, struct buf *out)
{
	const json_t *first = json_array_get(list, 0);
	uint64_t line = 0;
	size_t n = json_array_size(list);

	json_get_u64(first, "line", &line);
	buf_fmt(out, "%zu new compiler warning%s: %s:%" PRIu64 ": %s", n, n > 1 ? "s" : "",
		json_get_text(first, "file") ? json_get_text(first, "file") : "?", line,
		json_get_text(first, "text") ? json_get_text(first, "text") : "?");
	if (n > 1)
		buf_fmt(out, ", %zu more", n - 1);
}

/* The worst that the counts of a cell say, VERDICT_INCONCLUSIVE where that is nothing, and the same of its times. */
struct cell_says {
	enum verdict exact, timed;
	const struct finding *exact_finding, *timed_finding;
};

static bool speaks(const struct finding *f)
{
	return f->judgement.verdict == VERDICT_REGRESSED || f->judgement.verdict == VERDICT_IMPROVED;
}

static struct cell_says listen(const struct judged *j, size_t kernel, size_t cell)
{
	struct cell_says s = { VERDICT_INCONCLUSIVE, VERDICT_INCONCLUSIVE, NULL, NULL };
	const struct finding *f;
	enum verdict *v;

	for (f = j->finding; f < j->finding + j->n; f++) {
		if (f->kernel != kernel || f->cell != cell)
			continue;
		v = f->yardstick.exact ? &s.exact : &s.timed;
		if (f->judgement.verdict <= *v)
			continue;
		*v = f->judgement.verdict;
		if (f->yardstick.exact)
			s.exact_finding = f;
		else
			s.timed_finding = f;
	}
	return s;
}

/* Times that change though nothing that is counted does, or the other way than it does. */
static bool disagree(const struct cell_says *s)
{
	if (s->exact == VERDICT_INCONCLUSIVE || s->timed == VERDICT_INCONCLUSIVE || s->exact == s->timed)
		return false;
	return speaks(s->timed_finding) || s->exact == VERDICT_REGRESSED;
}

static void note_disagreements(const struct judge_call *call, struct judged *j)
{
	struct buf text = BUF_INIT;
	struct cell_says s;
	size_t kernel, cell, n = 0;

	for (kernel = 1; kernel < call->plan->nkernels; kernel++)
		for (cell = 0; cell < call->plan->ncells; cell++) {
			s = listen(j, kernel, cell);
			if (!disagree(&s) || n++ >= NOTED)
				continue;
			if (call->plan->nkernels > 2)
				buf_fmt(&text, "%s: ", call->plan->kernel[kernel].name);
			brief_add(call->plan, cell, &text);
			buf_fmt(&text, ": counts and times disagree: the counts say %s (", verdict_name(s.exact));
			finding_say(s.exact_finding, &text);
			buf_fmt(&text, "), the time says %s (", verdict_name(s.timed));
			finding_say(s.timed_finding, &text);
			buf_str(&text, ").");
			add_note(j, &text);
		}
	if (n > NOTED) {
		buf_fmt(&text, "Counts and times disagree in %zu more cells.", n - NOTED);
		add_note(j, &text);
	}
}

static bool gate_names(const struct gate *gate, bool exact)
{
	struct yardstick y;
	size_t i;

	for (i = 0; i < gate->nmetrics; i++)
		if (!yardstick_parse(gate->metric[i].metric.text, &y, NULL) && y.exact == exact)
			return true;
	return false;
}

/* What the gate names and this run has not. */
static void note_absent(const struct judge_call *call, struct judged *j)
{
	struct buf text = BUF_INIT;

	if (!call->times && gate_names(call->gate, false))
		note(j, "Times were not judged: the guests were emulated, and times taken there are no performance.");
	if (!call->samples->ncounts && gate_names(call->gate, true))
		note(j, "Exact counts were not judged: nothing was counted in this run.");
	if (call->times && j->blocks < call->plan->first) {
		buf_fmt(&text, "Times are judged from %" PRIu32 " blocks on; %" PRIu32 " are complete.",
			call->plan->first, j->blocks);
		add_note(j, &text);
	}
}

void remarks_warnings(const struct judge_call *call, struct buf *out)
{
	const struct plan *plan = call->plan;
	const json_t *warnings;
	size_t k;

	for (k = 1; k < plan->nkernels; k++) {
		warnings = plan_is_control(plan, k) ? NULL : new_warnings(call, k);
		if (!warnings)
			continue;
		buf_str(out, out->len ? "; " : "");
		if (plan->nkernels > 2)
			buf_fmt(out, "%s: ", plan->kernel[k].name);
		say_warnings(warnings, out);
	}
}

static void note_warnings(const struct judge_call *call, struct judged *j)
{
	struct buf text = BUF_INIT;

	remarks_warnings(call, &text);
	if (!text.len)
		return;
	buf_str(&text, call->gate->new_warning == GATE_REJECT ? "." : ", which this gate only notes.");
	add_note(j, &text);
}

/* An accept must not hide what the gate chose not to look at. */
static void note_ungating(const struct judge_call *call, struct judged *j)
{
	const struct finding *f, *worst = NULL;
	struct buf text = BUF_INIT;
	size_t n = 0;

	for (f = j->finding; f < j->finding + j->n; f++) {
		if (f->gating || f->judgement.verdict != VERDICT_REGRESSED)
			continue;
		n++;
		if (!worst || fabs(f->effect) > fabs(worst->effect))
			worst = f;
	}
	if (!n)
		return;
	buf_fmt(&text, "%zu finding%s that decide%s nothing %s worse: ", n, n > 1 ? "s" : "", n > 1 ? "" : "s",
		n > 1 ? "are" : "is");
	brief_add(call->plan, worst->cell, &text);
	buf_ch(&text, ' ');
	finding_say(worst, &text);
	if (n > 1)
		buf_fmt(&text, ", %zu more", n - 1);
	buf_ch(&text, '.');
	add_note(j, &text);
}

void remarks_make(const struct judge_call *call, struct judged *j)
{
	note_warnings(call, j);
	note_ungating(call, j);
	note_absent(call, j);
	note_disagreements(call, j);
}
