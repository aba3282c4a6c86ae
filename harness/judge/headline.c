/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/judge/headline.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "harness/plan/brief.h"
#include "harness/plan/plan.h"
#include "lib/buf.h"

static bool is_count(const struct finding *f, int count)
{
	return f->yardstick.exact && f->yardstick.which == count;
}

/* STAC and CLAC of one cell that rise by the same: a pair. NULL, or the other one. */
static const struct finding *other_half(const struct judged *j, const struct finding *f)
{
	int want = is_count(f, COUNT_STAC) ? COUNT_CLAC : is_count(f, COUNT_CLAC) ? COUNT_STAC : -1;
	const struct finding *o;

	for (o = j->finding; want >= 0 && o < j->finding + j->n; o++)
		if (is_count(o, want) && o->kernel == f->kernel && o->cell == f->cell)
			return o->gating == f->gating && o->judgement.verdict == f->judgement.verdict &&
			       o->old == f->old && o->new == f->new ? o : NULL;
	return NULL;
}

/* Returns how many findings it told of. */
static size_t say_first(const struct plan *plan, const struct judged *j, const struct finding *f,
			struct buf *out)
{
	const struct finding *pair = other_half(j, f);
	double n = f->new - f->old;

	if (plan->nkernels > 2)
		buf_fmt(out, "%s: ", plan->kernel[f->kernel].name);
	brief_add(plan, f->cell, out);
	buf_ch(out, ' ');
	if (!pair || n != round(n) || f->old != round(f->old)) {
		finding_say(f, out);
		return 1;
	}
	buf_fmt(out, "%+.0f STAC/CLAC pair%s per op (%.0f -> %.0f)", n, fabs(n) == 1 ? "" : "s", f->old, f->new);
	return 2;
}

static void say_deciding(const struct plan *plan, const struct judged *j, struct buf *out)
{
	size_t told = say_first(plan, j, &j->finding[j->ranked[0]], out);

	if (j->ndecided > told)
		buf_fmt(out, ", %zu more", j->ndecided - told);
}

static void say_accepted(const struct plan *plan, const struct judged *j, struct buf *out)
{
	const uint32_t *v = j->verdicts;
	const struct finding *first = j->n ? &j->finding[j->ranked[0]] : NULL;

	buf_fmt(out, "nothing regressed: %" PRIu32 " finding%s unchanged, %" PRIu32 " improved",
		v[VERDICT_UNCHANGED], v[VERDICT_UNCHANGED] == 1 ? "" : "s", v[VERDICT_IMPROVED]);
	if (v[VERDICT_INCONCLUSIVE])
		buf_fmt(out, ", %" PRIu32 " inconclusive, which this gate lets pass", v[VERDICT_INCONCLUSIVE]);
	if (first && v[VERDICT_IMPROVED]) {
		buf_str(out, ", first of all ");
		say_first(plan, j, first, out);
	}
}

static const char *beginning(enum outcome o)
{
	return o == OUTCOME_CANNOT ? "could not measure" : outcome_name(o);
}

void headline_make(const struct plan *plan, const struct judged *j, const char *warned, struct buf *out)
{
	buf_fmt(out, "%s: ", beginning(j->outcome));
	if (j->outcome == OUTCOME_CANNOT)
		buf_str(out, "the baseline against itself, rebuilt, is not unchanged, which is a fault of this test: ");
	if (warned && j->outcome == OUTCOME_REJECT)
		buf_fmt(out, "%s%s", warned, j->ndecided ? "; " : "");
	if (j->ndecided)
		say_deciding(plan, j, out);
	else if (j->outcome == OUTCOME_ACCEPT)
		say_accepted(plan, j, out);
	else if (!warned)
		buf_str(out, "nothing was measured that the gate judges by");
}

void headline_incident(const json_t *line, enum outcome outcome, struct buf *out)
{
	const char *what = json_get_text(line, "what"), *kernel = json_get_text(line, "kernel"),
		   *incident = json_get_text(line, "incident"),
		   *frame = json_string_value(json_array_get(json_object_get(line, "frames"), 0));

	buf_fmt(out, "%s: %s: %s", beginning(outcome), kernel ? kernel : "?", incident ? incident : "trouble");
	if (what)
		buf_fmt(out, ": %s", what);
	if (frame)
		buf_fmt(out, " in %s", frame);
}
