/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/commands/judging.h"

#include <inttypes.h>

#include "harness/commands/session.h"
#include "harness/judge/looks.h"
#include "harness/judge/signs.h"
#include "harness/plan/gate.h"
#include "harness/report/environment.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/exitcode.h"

#define VERDICT "verdict.json"		/* in the run's directory */

bool judging_wanted(const struct plan *plan, const struct samples *samples)
{
	return plan->nkernels > 1 || json_array_size(samples->incidents);
}

int judging(const struct session *s, struct judged *j)
{
	const struct judge_call call = {
		.plan = &s->plan, .samples = &s->have, .gate = &s->gate,
		.times = !s->plan.emulated && !environment_emulated(s->have.environments),
	};
	struct buf why = BUF_INIT;
	int ret = judged_make(&call, j, &why);

	if (ret)
		err_at(buf_text(&why));
	buf_release(&why);
	return ret;
}

static struct looks looks_of(const struct session *s)
{
	return (struct looks){
		.alpha = s->gate.family_error / (double)(s->plan.nkernels > 1 ? s->plan.nkernels - 1 : 1),
		.first = s->plan.first, .step = s->plan.step, .cap = s->plan.blocks,
	};
}

static bool judges_times(const struct gate *g)
{
	struct yardstick y;
	size_t i;

	for (i = 0; i < g->nmetrics; i++)
		if (g->metric[i].gating && !yardstick_parse(g->metric[i].metric.text, &y, NULL) && !y.exact)
			return true;
	return false;
}

void judging_advise(const struct session *s)
{
	const struct looks looks = looks_of(s);
	uint32_t at = 0, needed;
	double level;

	if (s->plan.nkernels < 2 || s->plan.emulated || !judges_times(&s->gate))
		return;
	while ((at = looks_next(&looks, at))) {
		level = looks_level(&looks, at);
		if (level > 0 && signs_blocks_needed(level) <= at)
			return;
	}
	needed = signs_blocks_needed(looks.alpha);
	warn("with %" PRIu32 " block%s no change of a time can be significant, and all will be inconclusive: gate '%s' needs %"
	     PRIu32 " for %zu kernels (--set blocks=%" PRIu32 ")", s->plan.blocks, s->plan.blocks == 1 ? "" : "s",
	     s->gate.name, needed, s->plan.nkernels, needed);
}

bool judging_decided(const struct session *s, uint32_t blocks)
{
	const struct looks looks = looks_of(s);
	struct judged j;
	bool decided;

	if (!judging_wanted(&s->plan, &s->have) || blocks < s->plan.first || !looks_at(&looks, blocks))
		return false;
	decided = !judging(s, &j) && j.decided && j.blocks == blocks;
	judged_release(&j);
	return decided;
}

static int keep(const struct session *s, const struct judged *j)
{
	json_t *json = judged_json(&s->plan, j);
	struct buf text = BUF_INIT;
	int ret;

	json_pretty(&text, json);
	ret = run_write_file(&s->run, VERDICT, text.s, text.len);
	json_decref(json);
	buf_release(&text);
	return ret;
}

int judging_finish(struct session *s)
{
	struct judged j = { 0 };
	int ret = -1;

	if (session_reread(s))
		return -1;
	if (!judging_wanted(&s->plan, &s->have))
		return EXIT_ACCEPT;
	if (!judging(s, &j) && !keep(s, &j))
		ret = judging_exit(j.outcome);
	judged_release(&j);
	return ret;
}

int judging_exit(enum outcome o)
{
	static const int codes[NOUTCOMES] = {
		[OUTCOME_ACCEPT] = EXIT_ACCEPT,
		[OUTCOME_REJECT] = EXIT_REJECT,
		[OUTCOME_INCONCLUSIVE] = EXIT_INCONCLUSIVE,
		[OUTCOME_CANNOT] = EXIT_CANNOT,
	};

	return codes[o];
}

int judging_bisect(int code)
{
	return code == EXIT_ACCEPT || code == EXIT_REJECT ? code : EXIT_SKIP;
}
