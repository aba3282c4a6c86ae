/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "harness/judge/judged.h"
#include "harness/plan/gate.h"
#include "lib/buf.h"
#include "tests/unit/close.h"
#include "tests/unit/made_judged.h"

static const char gate_text[] =
	"gate: test\n"
	"metrics:\n"
	"  - {metric: stac}\n"
	"  - {metric: clac}\n"
	"  - {metric: atomics}\n"
	"  - {metric: transfers, minimum: 0.05}\n"
	"  - {metric: kernel_instructions, minimum: 1%}\n"
	"  - {metric: ops_per_s, minimum: 2%}\n";

/* What is judged, by which gate, and what came of it. */
struct fixture {
	struct made_judged made;
	struct gate gate;
	struct judged j;
	struct buf why;
	int ret;
};

static void judge_by(struct fixture *x, const char *gate, bool times)
{
	const struct judge_call call = {
		.plan = &x->made.m.plan, .samples = &x->made.samples, .gate = &x->gate, .times = times
	};

	gate_release(&x->gate);
	buf_reset(&x->why);
	if (x->j.gate)
		judged_release(&x->j);
	x->ret = gate_parse("test.yaml", gate, strlen(gate), &x->gate, &x->why);
	if (!x->ret)
		x->ret = judged_make(&call, &x->j, &x->why);
}

static void judge(struct fixture *x, enum made_outcome o)
{
	*x = (struct fixture){ .why = BUF_INIT };
	made_judged(&x->made, o);
	judge_by(x, gate_text, true);
}

static void release(struct fixture *x)
{
	if (x->j.gate)
		judged_release(&x->j);
	gate_release(&x->gate);
	made_judged_release(&x->made);
	buf_release(&x->why);
}

static const struct finding *find(const struct fixture *x, size_t cell, const char *metric)
{
	size_t i;

	for (i = 0; i < x->j.n; i++)
		if (x->j.finding[i].cell == cell && !strcmp(yardstick_name(x->j.finding[i].yardstick), metric))
			return &x->j.finding[i];
	fail_msg("nothing was found of cell %zu by %s", cell, metric);
	return NULL;
}

static void a_pair_of_stac_and_clac_rejects_and_leads_the_headline(void **state)
{
	struct fixture x;

	(void)state;
	judge(&x, MADE_REJECT);
	assert_int_equal(x.ret, 0);
	assert_int_equal(x.j.outcome, OUTCOME_REJECT);
	assert_ptr_equal(strstr(x.j.headline, "reject: write/256/tmpfs"), x.j.headline);
	assert_non_null(strstr(x.j.headline, " +1 STAC/CLAC pair per op (2 -> 3), "));
	assert_int_equal(find(&x, MADE_WRITES, "stac")->judgement.verdict, VERDICT_REGRESSED);
	assert_int_equal(find(&x, MADE_WRITES, "stac")->judgement.because, BECAUSE_APART);
	assert_int_equal(find(&x, 0, "stac")->judgement.because, BECAUSE_EQUAL);
	release(&x);
}

static void the_deciding_findings_are_ranked_first(void **state)
{
	struct fixture x;
	size_t i;

	(void)state;
	judge(&x, MADE_REJECT);
	assert_true(x.j.ndecided > 1);
	for (i = 0; i < x.j.n; i++)
		assert_int_equal(i < x.j.ndecided,
				 x.j.finding[x.j.ranked[i]].judgement.verdict == VERDICT_REGRESSED);
	release(&x);
}

static void instructions_have_an_allowance(void **state)
{
	struct fixture x;
	const struct finding *f;

	(void)state;
	judge(&x, MADE_REJECT);
	f = find(&x, MADE_WRITES, "kernel_instructions");	/* 5 more of some 1700 */
	assert_close(f->new - f->old, 5, 1e-9);
	assert_int_equal(f->judgement.verdict, VERDICT_UNCHANGED);
	assert_int_equal(f->judgement.because, BECAUSE_ALLOWED);
	judge_by(&x, "gate: tight\nmetrics:\n  - {metric: kernel_instructions, minimum: 0.1%}\n", true);
	f = find(&x, MADE_WRITES, "kernel_instructions");
	assert_int_equal(f->judgement.verdict, VERDICT_REGRESSED);
	release(&x);
}

static void times_are_judged_over_blocks(void **state)
{
	struct fixture x;
	const struct finding *f;

	(void)state;
	judge(&x, MADE_REJECT);
	f = find(&x, 4, "ops_per_s");
	assert_int_equal(f->blocks, 8);
	assert_true(f->effect < 0 && f->low < f->effect && f->effect < f->high);
	assert_true(f->p > 0 && f->p <= 1);
	assert_close(f->new / f->old, exp(f->effect), 1e-12);
	assert_close(x.j.level, 0.01, 1e-15);
	assert_true(x.j.final);
	release(&x);
}

static void fewer_pairs_are_an_improvement_and_accepted(void **state)
{
	struct fixture x;

	(void)state;
	judge(&x, MADE_ACCEPT);
	judge_by(&x, "gate: counts\nmetrics:\n  - {metric: stac}\n  - {metric: clac}\n", true);
	assert_int_equal(x.j.outcome, OUTCOME_ACCEPT);
	assert_int_equal(x.j.ndecided, 0);
	assert_non_null(strstr(x.j.headline, "accept: nothing regressed: 8 findings unchanged, 8 improved"));
	assert_non_null(strstr(x.j.headline, "-1 STAC/CLAC pair per op (2 -> 1)"));
	release(&x);
}

static void few_blocks_are_inconclusive(void **state)
{
	struct fixture x;

	(void)state;
	judge(&x, MADE_INCONCLUSIVE);
	assert_int_equal(x.j.outcome, OUTCOME_INCONCLUSIVE);
	assert_int_equal(find(&x, 0, "ops_per_s")->judgement.because, BECAUSE_FEW);
	assert_false(x.j.decided);
	release(&x);
}

static const char lax[] = "gate: lax\ninconclusive: passes\nmetrics:\n  - {metric: ops_per_s, minimum: 0.01%}\n"
			  "cells:\n  - {workload: read}\n";

/* So small a minimum, and reads that scatter by more: nobody can tell. */
static void a_gate_may_let_the_undecided_pass(void **state)
{
	struct fixture x;
	size_t i;

	(void)state;
	judge(&x, MADE_ACCEPT);
	judge_by(&x, lax, true);
	for (i = 0; i < x.j.n; i++)
		if (x.j.finding[i].gating)
			assert_int_equal(x.j.finding[i].judgement.because, BECAUSE_WIDE);
	assert_int_equal(x.j.outcome, OUTCOME_ACCEPT);
	assert_non_null(strstr(x.j.headline, "4 inconclusive, which this gate lets pass"));
	release(&x);
}

/* Expected: inconclusive. Buggy: accept, with nothing measured that could have spoken against it. */
static void what_was_not_measured_passes_by_no_gate(void **state)
{
	struct fixture x;

	(void)state;
	judge(&x, MADE_INCONCLUSIVE);
	judge_by(&x, lax, true);		/* four blocks are too few */
	assert_int_equal(x.j.outcome, OUTCOME_INCONCLUSIVE);
	judge_by(&x, "gate: lax\ninconclusive: passes\nmetrics:\n  - {metric: stac}\n", true);
	assert_int_equal(x.j.outcome, OUTCOME_ACCEPT);
	x.made.samples.count[MADE_CELLS].cell[0] ^= 1;	/* the patched kernel's first cell: as if not counted */
	judge_by(&x, "gate: lax\ninconclusive: passes\nmetrics:\n  - {metric: stac}\n", true);
	assert_int_equal(find(&x, 0, "stac")->judgement.because, BECAUSE_UNCOUNTED);
	assert_int_equal(x.j.outcome, OUTCOME_INCONCLUSIVE);
	release(&x);
}

static void set_rates(struct fixture *x, size_t cell, bool ops)
{
	struct sample *s;
	uint32_t t;
	size_t i;

	for (i = 0; i < x->made.samples.n; i++) {
		s = &x->made.samples.sample[i];
		if (strcmp(s->cell, x->made.m.plan.cell[cell].id))
			continue;
		for (t = 0; t < s->threads; t++) {
			s->bytes[t] = 0;
			if (ops)
				s->ops[t] = 0;
		}
	}
}

static void no_bytes_at_all_are_no_figure_but_no_ops_are_one(void **state)
{
	static const char bytes[] = "gate: bytes\nmetrics:\n  - {metric: bytes_per_s, minimum: 2%}\n";
	struct fixture x;

	(void)state;
	judge(&x, MADE_ACCEPT);
	set_rates(&x, 0, false);
	x.made.m.plan.blocks = 8;
	judge_by(&x, bytes, true);
	assert_int_equal(x.j.n, MADE_CELLS - 1);
	set_rates(&x, 0, true);
	judge_by(&x, gate_text, true);
	assert_int_equal(find(&x, 0, "ops_per_s")->judgement.because, BECAUSE_UNUSABLE);
	assert_int_equal(x.j.outcome, OUTCOME_INCONCLUSIVE);
	release(&x);
}

static void emulated_times_are_not_judged_and_that_is_said(void **state)
{
	struct fixture x;
	size_t i;

	(void)state;
	judge(&x, MADE_REJECT);
	judge_by(&x, gate_text, false);
	assert_int_equal(x.j.outcome, OUTCOME_REJECT);
	for (i = 0; i < x.j.n; i++)
		assert_true(x.j.finding[i].yardstick.exact);
	assert_true(x.j.nnotes > 0);
	assert_non_null(strstr(x.j.note[0], "emulated"));
	assert_true(x.j.final && x.j.decided);
	release(&x);
}

static void nothing_to_judge_by_is_inconclusive(void **state)
{
	struct fixture x;

	(void)state;
	judge(&x, MADE_REJECT);
	judge_by(&x, "gate: times\nmetrics:\n  - {metric: ops_per_s, minimum: 2%}\n", false);
	assert_int_equal(x.j.n, 0);
	assert_int_equal(x.j.outcome, OUTCOME_INCONCLUSIVE);
	assert_string_equal(x.j.headline, "inconclusive: nothing was measured that the gate judges by");
	release(&x);
}

static void only_the_cells_of_the_gate_decide(void **state)
{
	struct fixture x;
	size_t i;

	(void)state;
	judge(&x, MADE_REJECT);
	judge_by(&x, "gate: reads\nmetrics:\n  - {metric: stac}\ncells:\n  - {workload: read}\n", true);
	assert_int_equal(x.j.outcome, OUTCOME_ACCEPT);
	assert_int_equal(x.j.n, MADE_CELLS);
	for (i = 0; i < x.j.n; i++)
		assert_int_equal(x.j.finding[i].gating, x.j.finding[i].cell < MADE_WRITES);
	release(&x);
}

static void a_gate_that_selects_no_cell_is_refused(void **state)
{
	struct fixture x;

	(void)state;
	judge(&x, MADE_REJECT);
	judge_by(&x, "gate: none\nmetrics:\n  - {metric: stac}\ncells:\n  - {workload: bounce}\n", true);
	assert_int_equal(x.ret, -1);
	assert_non_null(strstr(buf_text(&x.why), "test.yaml"));
	release(&x);
}

static void an_unknown_metric_is_refused_with_its_place_and_a_near_miss(void **state)
{
	struct fixture x;

	(void)state;
	judge(&x, MADE_REJECT);
	judge_by(&x, "gate: bad\nmetrics:\n  - metric: stack\n", true);
	assert_int_equal(x.ret, -1);
	assert_string_equal(buf_text(&x.why), "test.yaml:3:13: unknown metric 'stack' (did you mean 'stac'?)");
	judge_by(&x, "gate: bad\nmetrics:\n  - {metric: ops_per_s, minimum: 2}\n", true);
	assert_int_equal(x.ret, -1);
	assert_non_null(strstr(buf_text(&x.why), "test.yaml:3:14: "));
	release(&x);
}

static void a_kernel_in_trouble_is_the_verdict(void **state)
{
	struct fixture x;

	(void)state;
	judge(&x, MADE_INCIDENT);
	assert_int_equal(x.j.outcome, OUTCOME_REJECT);
	assert_int_equal(x.j.n, 0);
	assert_true(x.j.final);
	assert_string_equal(x.j.headline, "reject: patched: oops: BUG: kernel NULL pointer dereference, address: "
					  "0000000000000008 in filemap_read+0x8a/0x510");
	release(&x);
}

static void counts_and_times_that_disagree_are_noted(void **state)
{
	struct fixture x;
	size_t i, n = 0;

	(void)state;
	judge(&x, MADE_REJECT);
	for (i = 0; i < x.j.nnotes; i++)
		n += strstr(x.j.note[i], "disagree") != NULL;
	assert_true(n > 0);	/* cell 0 is faster, and all its counts are as they were */
	release(&x);
}

static void new_warnings_reject_or_are_noted(void **state)
{
	struct fixture x;
	json_t *line;

	(void)state;
	judge(&x, MADE_ACCEPT);
	line = json_array_get(x.made.samples.environments, 1);
	json_object_set_new(json_object_get(line, "build"), "new_warnings",
			    json_pack("[{s:s,s:i,s:i,s:s}]", "file", "mm/filemap.c", "line", 12, "column", 3, "text",
				      "unused variable 'x' [-Wunused-variable]"));
	judge_by(&x, "gate: counts\nmetrics:\n  - {metric: stac}\n", true);
	assert_int_equal(x.j.outcome, OUTCOME_REJECT);
	assert_string_equal(x.j.headline, "reject: 1 new compiler warning: mm/filemap.c:12: "
					  "unused variable 'x' [-Wunused-variable]");
	judge_by(&x, "gate: counts\nnew_warning: note\nmetrics:\n  - {metric: stac}\n", true);
	assert_int_equal(x.j.outcome, OUTCOME_ACCEPT);
	assert_non_null(strstr(x.j.note[0], "mm/filemap.c:12"));
	release(&x);
}

/* The patched kernel of the fixture becomes the baseline again: whatever differs is then our own fault. */
static void a_baseline_that_differs_from_itself_is_a_fault_and_no_verdict(void **state)
{
	struct fixture x;
	struct plan_kernel *first, *again;

	(void)state;
	judge(&x, MADE_REJECT);
	first = &x.made.m.plan.kernel[0];
	again = &x.made.m.plan.kernel[1];
	free(again->spec);
	again->spec = xstrdup(first->spec);
	again->rebuild = true;
	judge_by(&x, gate_text, true);
	assert_int_equal(x.j.outcome, OUTCOME_CANNOT);
	assert_ptr_equal(strstr(x.j.headline, "could not measure: the baseline against itself"), x.j.headline);
	judge_by(&x, "gate: reads\nmetrics:\n  - {metric: stac}\ncells:\n  - {workload: read}\n", true);
	assert_int_equal(x.j.outcome, OUTCOME_ACCEPT);
	release(&x);
}

static void a_verdict_as_json_holds_every_finding_and_no_nan(void **state)
{
	struct fixture x;
	struct buf text = BUF_INIT;
	json_t *json;

	(void)state;
	judge(&x, MADE_REJECT);
	json = judged_json(&x.made.m.plan, &x.j);
	json_pretty(&text, json);
	assert_string_equal(json_get_text(json, "outcome"), "reject");
	assert_int_equal(json_array_size(json_object_get(json, "findings")), x.j.n);
	assert_null(strcasestr(buf_text(&text), "nan"));
	json_decref(json);
	buf_release(&text);
	release(&x);
}

static void names_of_yardsticks_read_back(void **state)
{
	struct yardstick y, again;
	int exact;

	(void)state;
	for (exact = 0; exact < 2; exact++)
		for (y = (struct yardstick){ exact, 0 }; y.which < (exact ? YARDSTICK_TRANSFERS + 1 : NMETRICS); y.which++) {
			assert_int_equal(yardstick_parse(yardstick_name(y), &again, NULL), 0);
			assert_true(yardstick_same(y, again));
			assert_non_null(yardstick_label(y));
		}
	assert_int_equal(yardstick_parse("STAC", &again, NULL), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pair_of_stac_and_clac_rejects_and_leads_the_headline),
		cmocka_unit_test(the_deciding_findings_are_ranked_first),
		cmocka_unit_test(instructions_have_an_allowance),
		cmocka_unit_test(times_are_judged_over_blocks),
		cmocka_unit_test(fewer_pairs_are_an_improvement_and_accepted),
		cmocka_unit_test(few_blocks_are_inconclusive),
		cmocka_unit_test(a_gate_may_let_the_undecided_pass),
		cmocka_unit_test(what_was_not_measured_passes_by_no_gate),
		cmocka_unit_test(no_bytes_at_all_are_no_figure_but_no_ops_are_one),
		cmocka_unit_test(emulated_times_are_not_judged_and_that_is_said),
		cmocka_unit_test(nothing_to_judge_by_is_inconclusive),
		cmocka_unit_test(only_the_cells_of_the_gate_decide),
		cmocka_unit_test(a_gate_that_selects_no_cell_is_refused),
		cmocka_unit_test(an_unknown_metric_is_refused_with_its_place_and_a_near_miss),
		cmocka_unit_test(a_kernel_in_trouble_is_the_verdict),
		cmocka_unit_test(counts_and_times_that_disagree_are_noted),
		cmocka_unit_test(new_warnings_reject_or_are_noted),
		cmocka_unit_test(a_baseline_that_differs_from_itself_is_a_fault_and_no_verdict),
		cmocka_unit_test(a_verdict_as_json_holds_every_finding_and_no_nan),
		cmocka_unit_test(names_of_yardsticks_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
