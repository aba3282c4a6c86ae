/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/report/verdict_table.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "harness/judge/judged.h"
#include "harness/plan/brief.h"
#include "harness/plan/plan.h"
#include "harness/report/decided.h"
#include "harness/report/escape.h"
#include "harness/report/finding_text.h"
#include "harness/report/overview.h"
#include "harness/report/prose.h"
#include "harness/report/report.h"
#include "harness/store/samples.h"
#include "lib/buf.h"

#define NAMED 3		/* findings named before "and N more" */

static void add_prose(size_t width, const char *first, const struct buf *text, struct buf *out)
{
	const struct prose prose = { .width = width, .first = first };

	prose_add(&prose, buf_text(text), out);
}

/* A blank line between two parts. */
static void add_part(struct buf *part, struct buf *out)
{
	if (part->len)
		buf_fmt(out, "\n%s", buf_text(part));
	buf_reset(part);
}

static void add_place(const struct report_input *in, const json_t *line, struct buf *out)
{
	const char *id = json_get_text(line, "cell"), *task = json_get_text(line, "task");
	int cell = id ? plan_find(in->plan, id) : -1;
	uint64_t block;

	buf_str(out, cell >= 0 ? "in cell " : "while booting");
	if (cell >= 0)
		brief_add(in->plan, (size_t)cell, out);
	if (!json_get_u64(line, "block", &block))
		buf_fmt(out, ", block %" PRIu64, block + 1);
	if (task)
		buf_fmt(out, ", task %s", task);
	buf_ch(out, '.');
}

void verdict_incident(const struct report_input *in, size_t width, struct buf *out)
{
	const json_t *line, *frame;
	const char *what, *kind, *kernel;
	size_t i, n;

	json_array_foreach(in->samples->incidents, i, line) {
		struct buf text = BUF_INIT;

		what = json_get_text(line, "what");
		kind = json_get_text(line, "incident");
		kernel = json_get_text(line, "kernel");
		buf_fmt(&text, "Kernel %s ended the run: %s%s%s, ", kernel ? kernel : "?", kind ? kind : "?",
			what ? ": " : "", what ? what : "");
		add_place(in, line, &text);
		add_prose(width, NULL, &text, out);
		json_array_foreach(json_object_get(line, "frames"), n, frame)
			buf_fmt(out, "    %s\n", json_string_value(frame));
		buf_release(&text);
	}
}

static bool has(const struct judged *j, bool exact)
{
	size_t i;

	for (i = 0; i < j->n; i++)
		if (j->finding[i].yardstick.exact == exact && !isnan(j->finding[i].old))
			return true;
	return false;
}

void verdict_legend(const struct report_input *in, size_t width, struct buf *out)
{
	const struct judged *j = in->judged;
	struct buf text = BUF_INIT;

	if (j->ndecided)
		buf_str(&text, "* decided the verdict. ");
	if (has(j, false) && j->level > 0)
		buf_fmt(&text,
			"Times are over %" PRIu32 " block%s, in each one boot of either kernel: the range holds the change "
			"with %.4g%%, and p is adjusted for all times that are judged together. ",
			j->blocks, j->blocks == 1 ? "" : "s", 100 * (1 - j->level));
	else if (has(j, false))
		buf_fmt(&text, "%" PRIu32 " block%s of times: too few to judge by. ", j->blocks,
			j->blocks == 1 ? "" : "s");
	if (has(j, true))
		buf_str(&text, "Counts are exact, per op.");
	add_prose(width, NULL, &text, out);
	buf_release(&text);
}

void verdict_notes(const struct report_input *in, size_t width, struct buf *out)
{
	const struct prose prose = { .width = width, .first = "- " };
	size_t i;

	for (i = 0; i < in->judged->nnotes; i++)
		prose_add(&prose, in->judged->note[i], out);
}

/* As the judge counts them: each half of a pair is a finding. */
static void add_counts(const struct judged *j, struct buf *out)
{
	static const enum verdict order[] = { VERDICT_REGRESSED, VERDICT_IMPROVED, VERDICT_UNCHANGED,
					      VERDICT_INCONCLUSIVE };
	size_t gating = 0, i;

	for (i = 0; i < NVERDICTS; i++)
		gating += j->verdicts[i];
	buf_fmt(out, "Of %zu gating finding%s", gating, gating == 1 ? "" : "s");
	for (i = 0; i < NVERDICTS; i++)
		if (j->verdicts[order[i]])
			buf_fmt(out, ", %" PRIu32 " %s", j->verdicts[order[i]], verdict_name(order[i]));
	if (j->gate)
		buf_fmt(out, " (gate %s)", j->gate);
	if (j->n > gating)
		buf_fmt(out, "; %zu more decide nothing", j->n - gating);
	buf_ch(out, '.');
}

/* Gating findings that are inconclusive for one reason. */
static void add_reason(const struct report_input *in, enum because because, size_t width, struct buf *out)
{
	const struct judged *j = in->judged;
	struct buf names = BUF_INIT, text = BUF_INIT;
	const struct finding *f;
	size_t n = 0, i;

	for (i = 0; i < j->n; i++) {
		f = &j->finding[i];
		if (!f->gating || f->judgement.verdict != VERDICT_INCONCLUSIVE || f->judgement.because != because)
			continue;
		if (n++ >= NAMED)
			continue;
		buf_str(&names, n > 1 ? ", " : "");
		brief_add(in->plan, f->cell, &names);
		buf_ch(&names, ' ');
		finding_metric(j, i, &names);
		if (in->plan->nkernels > 2)
			buf_fmt(&names, " on %s", in->plan->kernel[f->kernel].name);
	}
	if (n > NAMED)
		buf_fmt(&names, " and %zu more", n - NAMED);
	if (n)
		buf_fmt(&text, "Inconclusive since %s: %s.", because_text(because), buf_text(&names));
	add_prose(width, NULL, &text, out);
	buf_release(&text);
	buf_release(&names);
}

void verdict_sums(const struct report_input *in, size_t width, struct buf *out)
{
	const struct judged *j = in->judged;
	struct buf text = BUF_INIT;
	int because;

	if (!j->n)
		return;
	add_counts(j, &text);
	if (!j->final)
		buf_fmt(&text, " More blocks may still decide: `foliogate run --resume %s` goes on.", in->run);
	add_prose(width, NULL, &text, out);
	for (because = 0; because < NBECAUSE; because++)
		add_reason(in, (enum because)because, width, out);
	buf_release(&text);
}

void judged_render(const struct report_input *in, struct buf *out)
{
	struct buf part = BUF_INIT;
	size_t from = out->len;

	buf_fmt(out, "%s\n", in->judged->headline);
	verdict_incident(in, PROSE_TERMINAL, &part);
	add_part(&part, out);
	decided_render(in, &part);
	add_part(&part, out);
	verdict_legend(in, PROSE_TERMINAL, &part);
	add_part(&part, out);
	verdict_notes(in, PROSE_TERMINAL, &part);
	add_part(&part, out);
	overview_render(in, &part);
	add_part(&part, out);
	verdict_sums(in, PROSE_TERMINAL, &part);
	add_part(&part, out);
	escape_controls(out, from);
	buf_release(&part);
}
