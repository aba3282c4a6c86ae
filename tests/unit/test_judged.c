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

static void what_does_not_gate_and_is_worse_is_noted(void **state)
{
	struct fixture x;

	(void)state;
	judge(&x, MADE_REJECT);
	judge_by(&x, "gate: shown\nmetrics:\n  - {metric: stac, gating: no}\n  - {metric: atomics}\n", false);
	assert_int_equal(x.j.outcome, OUTCOME_ACCEPT);
	assert_non_null(strstr(x.j.note[0], "4 findings that decide nothing are worse: write/"));
	assert_non_null(strstr(x.j.note[0], " +1 STAC per op (2 -> 3), 3 more."));
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

/* One cell's STAC on either kernel, and how many ops are at the mode. */
static struct finding exact(double old, bool old_stable, double new, bool new_stable, double minimum)
{
	struct count_record a = { .stable = old_stable }, b = { .stable = new_stable };
	struct finding f = { .gating = true, .minimum = minimum, .yardstick = { true, COUNT_STAC } };

	a.count[COUNT_STAC] = old;
	b.count[COUNT_STAC] = new;
	finding_exact(&f, &(struct exact_sides){ .old = &a, .new = &b }, LOWER_IS_BETTER);
	return f;
}

static void unstable_counts_decide_nothing_unless_the_patch_made_them_so(void **state)
{
	struct finding f = exact(1, false, 2, false, 0);

	(void)state;
	assert_int_equal(f.judgement.because, BECAUSE_UNSTABLE);
	assert_false(f.gating);
	f = exact(1, true, 2, false, 0);
	assert_int_equal(f.judgement.because, BECAUSE_UNSTABLE);
	assert_true(f.gating);
	f = exact(1, false, 1, true, 0);
	assert_int_equal(f.judgement.verdict, VERDICT_INCONCLUSIVE);
	assert_true(f.gating);
	f = exact(1, true, 2, true, 0);
	assert_int_equal(f.judgement.verdict, VERDICT_REGRESSED);
}

static void a_count_at_its_allowance_is_unchanged_and_beyond_it_is_not(void **state)
{
	(void)state;
	assert_int_equal(exact(10, true, 10.5, true, 0.5).judgement.because, BECAUSE_ALLOWED);
	assert_int_equal(exact(10, true, 9.5, true, 0.5).judgement.because, BECAUSE_ALLOWED);
	assert_int_equal(exact(10, true, 10.51, true, 0.5).judgement.verdict, VERDICT_REGRESSED);
	assert_int_equal(exact(10, true, 9.49, true, 0.5).judgement.verdict, VERDICT_IMPROVED);
	assert_int_equal(exact(0, true, 1, true, 0).judgement.verdict, VERDICT_REGRESSED);
	assert_close(exact(2, true, 3, true, 0).effect, log(1.5), 1e-15);
	assert_true(isnan(exact(0, true, 3, true, 0).effect));
}

static void expect_said(double old, double new, const char *words)
{
	struct finding f = exact(old, true, new, true, 0);
	struct buf out = BUF_INIT;

	finding_say(&f, &out);
	assert_string_equal(buf_text(&out), words);
	buf_release(&out);
}

static void counts_are_said_so_that_a_small_change_shows(void **state)
{
	(void)state;
	expect_said(2, 3, "+1 STAC per op (2 -> 3)");
	expect_said(3, 2, "-1 STAC per op (3 -> 2)");
	expect_said(1, 2.5, "+1.50 STAC per op (1.00 -> 2.50)");
	expect_said(1, 1.001, "+0.0010 STAC per op (1.0000 -> 1.0010)");
	expect_said(1, 1.051, "+0.051 STAC per op (1.000 -> 1.051)");
}

static void a_gate_may_want_the_other_direction(void **state)
{
	struct fixture x;

	(void)state;
	judge(&x, MADE_REJECT);
	judge_by(&x, "gate: more\nmetrics:\n  - {metric: stac, better: higher}\n", true);
	assert_int_equal(x.j.outcome, OUTCOME_ACCEPT);
	assert_int_equal(find(&x, MADE_WRITES, "stac")->judgement.verdict, VERDICT_IMPROVED);
	judge_by(&x, "gate: slow\nmetrics:\n  - {metric: ops_per_s, minimum: 2%, better: lower}\n", true);
	assert_int_equal(find(&x, 4, "ops_per_s")->judgement.verdict, VERDICT_IMPROVED);
	release(&x);
}

/* Its samples are the patched kernel's again. */
static void add_third_kernel(struct fixture *x)
{
	struct samples *s = &x->made.samples;
	struct plan *plan = &x->made.m.plan;
	size_t n = s->n, i;
	struct sample *copy;
	uint32_t t;

	plan->kernel = xrealloc(plan->kernel, 3, sizeof(plan->kernel[0]));
	plan->kernel[2] = (struct plan_kernel){ .name = xstrdup("third"), .spec = xstrdup("6.12") };
	plan->nkernels = 3;
	s->sample = xrealloc(s->sample, 2 * n, sizeof(*s->sample));
	for (i = 0; i < n; i++) {
		if (strcmp(s->sample[i].kernel, "patched"))
			continue;
		copy = &s->sample[s->n++];
		*copy = s->sample[i];
		copy->name = xstrdup(copy->name);
		copy->kernel = xstrdup("third");
		copy->ops = xcalloc(copy->threads, sizeof(*copy->ops));
		copy->bytes = xcalloc(copy->threads, sizeof(*copy->bytes));
		copy->cpus = xcalloc(copy->threads, sizeof(*copy->cpus));
		for (t = 0; t < copy->threads; t++)
			copy->ops[t] = s->sample[i].ops[t];
	}
}

static void kernels_share_the_error(void **state)
{
	struct fixture x;
	size_t i;

	(void)state;
	judge(&x, MADE_REJECT);
	add_third_kernel(&x);
	judge_by(&x, "gate: times\nmetrics:\n  - {metric: ops_per_s, minimum: 2%}\n", true);
	assert_int_equal(x.j.n, 2 * MADE_CELLS);
	assert_close(x.j.level, 0.005, 1e-15);
	/* of eight blocks no p is below 2/256 */
	for (i = 0; i < x.j.n; i++)
		assert_int_not_equal(x.j.finding[i].judgement.verdict, VERDICT_REGRESSED);
	judge_by(&x, "gate: times\nfamily_error: 2%\nmetrics:\n  - {metric: ops_per_s, minimum: 2%}\n", true);
	assert_close(x.j.level, 0.01, 1e-15);
	assert_int_equal(x.j.outcome, OUTCOME_REJECT);
	release(&x);
}

static void a_block_that_lacks_a_cell_ends_what_is_judged(void **state)
{
	struct fixture x;
	size_t i;

	(void)state;
	judge(&x, MADE_REJECT);
	for (i = 0; i < x.made.samples.n; i++)
		if (x.made.samples.sample[i].block == 6 && !strcmp(x.made.samples.sample[i].cell, x.made.m.plan.cell[5].id))
			x.made.samples.sample[i].block = 99;
	judge_by(&x, gate_text, true);
	assert_int_equal(x.j.blocks, 6);
	assert_int_equal(find(&x, 0, "ops_per_s")->blocks, 6);
	assert_false(x.j.final);
	release(&x);
}

static void those_that_decide_nothing_are_a_family_of_their_own(void **state)
{
	static const char text[] = "gate: few\nmetrics:\n  - {metric: ops_per_s, minimum: 2%}\n"
				   "cells:\n  - {workload: write, block: 256, fs: tmpfs}\n";
	struct fixture x;
	double together;

	(void)state;
	judge(&x, MADE_REJECT);
	together = find(&x, 4, "ops_per_s")->p;
	judge_by(&x, text, true);
	assert_true(find(&x, 4, "ops_per_s")->p <= together);
	assert_true(find(&x, 4, "ops_per_s")->gating);
	assert_false(find(&x, 0, "ops_per_s")->gating);
	assert_true(find(&x, 0, "ops_per_s")->p < 1);	/* judged, too */
	release(&x);
}

static void what_a_gate_could_not_judge_is_said_of_an_incident(void **state)
{
	struct fixture x;

	(void)state;
	judge(&x, MADE_INCIDENT);
	json_object_set_new(json_array_get(x.made.samples.incidents, 0), "verdict", json_string("cannot"));
	judge_by(&x, gate_text, true);
	assert_int_equal(x.j.outcome, OUTCOME_CANNOT);
	assert_ptr_equal(strstr(x.j.headline, "could not measure: patched: oops: "), x.j.headline);
	release(&x);
}

static void the_gates_order_of_metrics_leads_and_then_the_largest_change(void **state)
{
	static const char text[] = "gate: order\nmetrics:\n  - {metric: kernel_instructions, minimum: 0}\n  - {metric: stac}\n";
	const struct finding *a, *b;
	struct fixture x;
	size_t i;

	(void)state;
	judge(&x, MADE_REJECT);
	judge_by(&x, text, true);
	for (i = 1; i < x.j.ndecided; i++) {
		a = &x.j.finding[x.j.ranked[i - 1]];
		b = &x.j.finding[x.j.ranked[i]];
		if (yardstick_same(a->yardstick, b->yardstick))
			assert_true(fabs(a->effect) >= fabs(b->effect));
		else
			assert_int_equal(a->yardstick.which, COUNT_KERNEL_INSNS);
	}
	assert_int_equal(x.j.finding[x.j.ranked[0]].yardstick.which, COUNT_KERNEL_INSNS);
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
		cmocka_unit_test(what_does_not_gate_and_is_worse_is_noted),
		cmocka_unit_test(a_gate_that_selects_no_cell_is_refused),
		cmocka_unit_test(an_unknown_metric_is_refused_with_its_place_and_a_near_miss),
		cmocka_unit_test(a_kernel_in_trouble_is_the_verdict),
		cmocka_unit_test(counts_and_times_that_disagree_are_noted),
		cmocka_unit_test(new_warnings_reject_or_are_noted),
		cmocka_unit_test(a_baseline_that_differs_from_itself_is_a_fault_and_no_verdict),
		cmocka_unit_test(a_verdict_as_json_holds_every_finding_and_no_nan),
		cmocka_unit_test(unstable_counts_decide_nothing_unless_the_patch_made_them_so),
		cmocka_unit_test(a_count_at_its_allowance_is_unchanged_and_beyond_it_is_not),
		cmocka_unit_test(counts_are_said_so_that_a_small_change_shows),
		cmocka_unit_test(a_gate_may_want_the_other_direction),
		cmocka_unit_test(kernels_share_the_error),
		cmocka_unit_test(a_block_that_lacks_a_cell_ends_what_is_judged),
		cmocka_unit_test(those_that_decide_nothing_are_a_family_of_their_own),
		cmocka_unit_test(what_a_gate_could_not_judge_is_said_of_an_incident),
		cmocka_unit_test(the_gates_order_of_metrics_leads_and_then_the_largest_change),
		cmocka_unit_test(names_of_yardsticks_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
