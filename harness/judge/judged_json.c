/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/judge/judged.h"

#include <math.h>

#include "harness/judge/ratio.h"
#include "harness/plan/brief.h"
#include "harness/plan/plan.h"
#include "lib/buf.h"
#include "lib/record.h"

static json_t *number(double x)
{
	return isfinite(x) ? json_real(x) : json_null();
}

static json_t *change(double log_ratio)
{
	return isfinite(log_ratio) ? number(ratio_change(log_ratio)) : json_null();
}

static json_t *finding_json(const struct plan *plan, const struct finding *f)
{
	json_t *o = json_object();
	struct buf brief = BUF_INIT;

	brief_add(plan, f->cell, &brief);
	json_put(o, "kernel", json_text(plan->kernel[f->kernel].name));
	json_put(o, "cell", json_text(plan->cell[f->cell].id));
	json_put(o, "brief", json_text(buf_text(&brief)));
	json_put(o, "metric", json_text(yardstick_name(f->yardstick)));
	json_put(o, "exact", json_boolean(f->yardstick.exact));
	json_put(o, "gating", json_boolean(f->gating));
	json_put(o, "control", json_boolean(f->control));
	json_put(o, "verdict", json_text(verdict_name(f->judgement.verdict)));
	json_put(o, "because", json_text(because_text(f->judgement.because)));
	json_put(o, "old", number(f->old));
	json_put(o, "new", number(f->new));
	json_put(o, "change", change(f->effect));
	json_put(o, "low", change(f->low));
	json_put(o, "high", change(f->high));
	json_put(o, "p", number(f->p));
	json_put(o, "minimum", number(f->minimum));
	json_put(o, "relative", json_boolean(f->relative));
	json_put(o, "blocks", f->yardstick.exact ? json_null() : json_u64(f->blocks));
	buf_release(&brief);
	return o;
}

static json_t *findings_json(const struct plan *plan, const struct judged *j)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < j->n; i++)
		json_array_append_new(array, finding_json(plan, &j->finding[j->ranked[i]]));
	return array;
}

json_t *judged_json(const struct plan *plan, const struct judged *j)
{
	json_t *o = json_object(), *verdicts = json_object(), *notes = json_array();
	size_t i;
	int v;

	for (v = 0; v < NVERDICTS; v++)
		json_put(verdicts, verdict_name((enum verdict)v), json_u64(j->verdicts[v]));
	for (i = 0; i < j->nnotes; i++)
		json_array_append_new(notes, json_text(j->note[i]));
	json_put(o, "schema", json_u64(RECORD_SCHEMA));
	json_put(o, "kind", json_text("verdict"));
	json_put(o, "outcome", json_text(outcome_name(j->outcome)));
	json_put(o, "headline", json_text(j->headline));
	json_put(o, "gate", json_text(j->gate));
	json_put(o, "final", json_boolean(j->final));
	json_put(o, "blocks", json_u64(j->blocks));
	json_put(o, "level", j->level > 0 ? number(j->level) : json_null());
	json_put(o, "decided_by", json_u64(j->ndecided));
	json_put(o, "gating", verdicts);
	json_put(o, "notes", notes);
	json_put(o, "findings", findings_json(plan, j));
	return o;
}
