/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * KTAP version 1, as kselftest and KUnit speak it (https://docs.kernel.org/dev-tools/ktap.html):
 * kernels, in them tables, in them cells, in them metrics; a "# Subtest:" line names each, as KUnit
 * does. An undecided test is skipped, with its reason. The last test is the gate's verdict: it
 * knows of what no single finding tells, such as new warnings.
 */
#include "harness/plan/brief.h"
#include "harness/report/report_formats.h"

#include <stdbool.h>

#include "harness/report/escape.h"
#include "harness/report/outline.h"
#include "harness/report/report.h"
#include "lib/buf.h"

/* A test's line: description and what follows may hold no "#", or it would begin a directive. */
struct result {
	unsigned int depth;
	size_t number;
	const char *name;
	enum test_result result;
	const char *directive;		/* "SKIP ", "ERROR ", or "" before the reason */
	const char *reason;		/* NULL: none */
};

static void indent(struct buf *out, unsigned int depth)
{
	buf_pad(out, ' ', 2 * (size_t)depth);
}

static void add_result(struct buf *out, const struct result *r)
{
	indent(out, r->depth);
	buf_fmt(out, "%sok %zu ", r->result == TEST_FAILED ? "not " : "", r->number);
	escape_text(r->name, "#", out);
	if (r->reason) {
		buf_fmt(out, " # %s", r->directive);
		escape_text(r->reason, "#", out);
	}
	buf_ch(out, '\n');
}

static void add_remark(struct buf *out, unsigned int depth, const char *about, const char *text)
{
	indent(out, depth);
	buf_str(out, "# ");
	escape_text(about, "#", out);
	buf_str(out, ": ");
	escape_text(text, "#", out);
	buf_ch(out, '\n');
}

static void open_subtest(struct buf *out, unsigned int depth, const char *name, size_t plan)
{
	indent(out, depth);
	buf_str(out, "KTAP version 1\n");
	indent(out, depth);
	buf_str(out, "# Subtest: ");
	escape_text(name, "#", out);
	buf_ch(out, '\n');
	indent(out, depth);
	buf_fmt(out, "1..%zu\n", plan);
}

/* A parent fails with any of its tests, and is skipped only if all are. */
static void close_subtest(struct buf *out, const struct result *at, const struct outline_counts *c)
{
	struct result r = *at;

	r.directive = "";
	if (c->failed) {
		r.result = TEST_FAILED;
	} else if (c->skipped == c->tests) {
		r.result = TEST_SKIPPED;
		r.directive = "SKIP ";
		r.reason = "all of its tests were";
	}
	add_result(out, &r);
}

static void add_test(struct buf *out, const struct outline_test *t, size_t number)
{
	const struct result r = {
		.depth = 3, .number = number, .name = t->metric, .result = t->result,
		.directive = t->result == TEST_SKIPPED ? "SKIP " : "", .reason = t->reason,
	};

	if (t->say)
		add_remark(out, 3, t->metric, t->say);
	add_result(out, &r);
}

static void add_cell(const struct report_input *in, const struct outline_group *g, size_t from,
		     size_t number, struct buf *out)
{
	size_t to = outline_cell_end(g, from), i;
	struct outline_counts counts = { 0 };
	struct buf name = BUF_INIT;

	brief_add(in->plan, g->test[from].cell, &name);
	open_subtest(out, 3, buf_text(&name), to - from);
	for (i = from; i < to; i++)
		add_test(out, &g->test[i], i - from + 1);
	outline_count(g, from, to, &counts);
	close_subtest(out, &(struct result){ .depth = 2, .number = number, .name = buf_text(&name) },
		      &counts);
	buf_release(&name);
}

static void add_group(const struct report_input *in, const struct outline_group *g, size_t number,
		      struct buf *out)
{
	struct outline_counts counts = { 0 };
	size_t cells = 0, i;

	for (i = 0; i < g->n; i = outline_cell_end(g, i))
		cells++;
	open_subtest(out, 2, g->title, cells);
	cells = 0;
	for (i = 0; i < g->n; i = outline_cell_end(g, i))
		add_cell(in, g, i, ++cells, out);
	outline_count(g, 0, g->n, &counts);
	close_subtest(out, &(struct result){ .depth = 1, .number = number, .name = g->title }, &counts);
}

static void add_incident(struct buf *out, const json_t *incident)
{
	const char *what = json_get_text(incident, "what");
	const json_t *frame;
	size_t i;

	if (what)
		add_remark(out, 0, json_get_text(incident, "incident"), what);
	json_array_foreach(json_object_get(incident, "frames"), i, frame)
		add_remark(out, 0, "frame", json_string_value(frame));
}

static void add_kernel(const struct report_input *in, const struct outline_kernel *k, size_t number,
		       struct buf *out)
{
	struct result r = { .number = number, .name = in->plan->kernel[k->kernel].name, .directive = "" };
	struct outline_counts counts = { 0 };
	size_t i;

	if (k->incident) {
		add_incident(out, k->incident);
		r.result = TEST_FAILED;
		r.reason = json_get_text(k->incident, "incident");
		add_result(out, &r);
		return;
	}
	if (k->n)
		open_subtest(out, 1, r.name, k->n);
	for (i = 0; i < k->n; i++) {
		add_group(in, &k->group[i], i + 1, out);
		outline_count(&k->group[i], 0, k->group[i].n, &counts);
	}
	if (!k->n) {
		r.result = TEST_SKIPPED;
		r.directive = "SKIP ";
		r.reason = "the run ended before it was judged";
		add_result(out, &r);
		return;
	}
	close_subtest(out, &r, &counts);
}

static void add_verdict(const struct judged *j, size_t number, struct buf *out)
{
	static const struct {
		enum test_result result;
		const char *directive;
	} as[NOUTCOMES] = {
		[OUTCOME_ACCEPT] = { TEST_PASSED, "" },
		[OUTCOME_REJECT] = { TEST_FAILED, "" },
		[OUTCOME_INCONCLUSIVE] = { TEST_SKIPPED, "SKIP " },
		[OUTCOME_CANNOT] = { TEST_FAILED, "ERROR " },
	};
	struct result r = { .number = number, .name = "verdict", .reason = j->headline };
	size_t i;

	for (i = 0; i < j->nnotes; i++)
		add_remark(out, 0, "note", j->note[i]);
	r.result = as[j->outcome].result;
	r.directive = as[j->outcome].directive;
	add_result(out, &r);
}

void report_ktap(const struct report_input *in, struct buf *out)
{
	struct outline o;
	size_t i;

	outline_make(in, &o);
	buf_str(out, "KTAP version 1\n");
	add_remark(out, 0, "run", in->run);
	add_remark(out, 0, "job", in->plan->job);
	buf_fmt(out, "1..%zu\n", o.n + (in->judged != NULL));
	for (i = 0; i < o.n; i++)
		add_kernel(in, &o.kernel[i], i + 1, out);
	if (in->judged)
		add_verdict(in->judged, o.n + 1, out);
	outline_release(&o);
}
