/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JUnit's XML, in the part of it that Jenkins, GitLab and Ant agree on: a suite for each table on
 * each kernel, a case for each cell's metric. An undecided case is skipped, its reason the element's
 * text: one schema knows no attributes there. Seconds are those of the windows measured; the counts
 * of a cell took none of their own, and where times are withheld there are none at all.
 */
#include "harness/plan/brief.h"
#include "harness/report/report_formats.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "harness/report/environment.h"
#include "harness/report/escape.h"
#include "harness/report/outline.h"
#include "harness/report/report.h"
#include "lib/buf.h"

struct sums {
	struct outline_counts counts;
	size_t errors;
	double seconds;
};

/* One suite under way: its sums are known only when its cases are written. */
struct suite {
	const struct report_input *in;
	const char *kernel;		/* NULL: of the whole run */
	struct buf cases;
	struct sums sums;
};

static void add_sums(struct sums *to, const struct sums *from)
{
	to->counts.tests += from->counts.tests;
	to->counts.failed += from->counts.failed;
	to->counts.skipped += from->counts.skipped;
	to->errors += from->errors;
	to->seconds += from->seconds;
}

static void attribute(struct buf *out, const char *name, const char *value)
{
	buf_fmt(out, " %s=\"", name);
	escape_xml(value, out);
	buf_ch(out, '"');
}

/* What a suite and the whole have in common; time only where there is any. */
static void add_totals(struct buf *out, const struct sums *s)
{
	buf_fmt(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\"", s->counts.tests,
		s->counts.failed, s->errors);
	if (s->seconds > 0)
		buf_fmt(out, " time=\"%.3f\"", s->seconds);
}

static void add_property(struct buf *out, const char *name, const char *value)
{
	if (!value)
		return;
	buf_str(out, "      <property");
	attribute(out, "name", name);
	attribute(out, "value", value);
	buf_str(out, "/>\n");
}

static void add_fact(struct buf *out, const char *name, const json_t *value)
{
	char number[32];

	if (json_is_integer(value)) {
		snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT, json_integer_value(value));
		add_property(out, name, number);
	} else {
		add_property(out, name, json_string_value(value));
	}
}

static void add_verdict_properties(const struct judged *j, struct buf *out)
{
	char number[32];

	add_property(out, "gate", j->gate);
	add_property(out, "outcome", outcome_name(j->outcome));
	add_property(out, "verdict", j->headline);
	if (!j->blocks)
		return;
	snprintf(number, sizeof(number), "%u", j->blocks);
	add_property(out, "blocks", number);
	if (!(j->level > 0))
		return;
	snprintf(number, sizeof(number), "%g", j->level);
	add_property(out, "level", number);
}

/* Of the kernel's first boot. */
static void add_environment(const json_t *line, struct buf *out)
{
	static const char *const facts[][2] = {
		{ "kernel", "release" }, { "kernel", "version" }, { "kernel", "machine" },
		{ "kernel", "build_id" }, { "cpu", "model" }, { "cpu", "usable_count" },
		{ "cpu", "hypervisor" }, { "cpu", "microcode" }, { "memory", "total_bytes" },
		{ "identity", NULL },
	};
	static const char *const objects[][2] = {
		{ "guest", "accel" }, { "guest", "qemu" }, { "guest", "cpus" },
		{ "build", "key" }, { "build", "source" },
	};
	struct buf name = BUF_INIT;
	size_t i;

	for (i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		buf_reset(&name);
		buf_fmt(&name, "%s%s%s", facts[i][0], facts[i][1] ? "." : "",
			facts[i][1] ? facts[i][1] : "");
		add_fact(out, buf_text(&name), environment_fact(line, facts[i][0], facts[i][1]));
	}
	for (i = 0; i < sizeof(objects) / sizeof(objects[0]); i++) {
		buf_reset(&name);
		buf_fmt(&name, "%s.%s", objects[i][0], objects[i][1]);
		add_fact(out, buf_text(&name),
			 json_object_get(json_object_get(line, objects[i][0]), objects[i][1]));
	}
	buf_release(&name);
}

static const json_t *environment_of(const struct suite *s)
{
	return s->kernel ? environment_first(s->in->samples->environments, s->kernel) : NULL;
}

static void add_properties(const struct suite *s, struct buf *out)
{
	buf_str(out, "    <properties>\n");
	add_property(out, "run", s->in->run);
	add_property(out, "job", s->in->plan->job);
	add_property(out, "kernel", s->kernel);
	if (s->in->judged)
		add_verdict_properties(s->in->judged, out);
	add_environment(environment_of(s), out);
	buf_str(out, "    </properties>\n");
}

/* When the kernel was first booted, in UTC, for which the format has no mark. */
static void add_timestamp(const struct suite *s, struct buf *out)
{
	const char *at = json_get_text(environment_of(s), "at");
	struct buf text = BUF_INIT;

	if (!at)
		return;
	buf_add(&text, at, strcspn(at, "Z"));
	attribute(out, "timestamp", buf_text(&text));
	buf_release(&text);
}

static void end_suite(struct suite *s, const char *name, struct sums *total, struct buf *out)
{
	buf_str(out, "  <testsuite");
	attribute(out, "name", name);
	add_totals(out, &s->sums);
	buf_fmt(out, " skipped=\"%zu\"", s->sums.counts.skipped);
	add_timestamp(s, out);
	buf_str(out, ">\n");
	add_properties(s, out);
	buf_add(out, buf_text(&s->cases), s->cases.len);
	buf_str(out, "  </testsuite>\n");
	add_sums(total, &s->sums);
	buf_release(&s->cases);
}

static void begin_case(struct suite *s, const char *name, double seconds)
{
	struct buf class = BUF_INIT;

	buf_fmt(&class, "foliobench.%s", s->kernel ? s->kernel : "gate");
	buf_str(&s->cases, "    <testcase");
	attribute(&s->cases, "classname", buf_text(&class));
	attribute(&s->cases, "name", name);
	if (seconds > 0)
		buf_fmt(&s->cases, " time=\"%.3f\"", seconds);
	buf_str(&s->cases, ">\n");
	s->sums.seconds += seconds;
	buf_release(&class);
}

static void end_case(struct suite *s)
{
	buf_str(&s->cases, "    </testcase>\n");
}

/* kind: "failure" or "error"; text's lines stay lines. */
static void add_fault(struct suite *s, const char *kind, const char *type, const char *message,
		      const char *text)
{
	struct buf line = BUF_INIT;
	const char *end;

	buf_fmt(&s->cases, "      <%s", kind);
	attribute(&s->cases, "type", type);
	attribute(&s->cases, "message", message);
	buf_ch(&s->cases, '>');
	while (*text) {
		end = strchrnul(text, '\n');
		buf_reset(&line);
		buf_add(&line, text, (size_t)(end - text));
		escape_xml(buf_text(&line), &s->cases);
		if (*end)
			buf_ch(&s->cases, '\n');
		text = *end ? end + 1 : end;
	}
	buf_fmt(&s->cases, "</%s>\n", kind);
	buf_release(&line);
}

static void add_element(struct suite *s, const char *name, const char *text)
{
	buf_fmt(&s->cases, "      <%s>", name);
	escape_xml(text, &s->cases);
	buf_fmt(&s->cases, "</%s>\n", name);
}

static void add_case(struct suite *s, const struct outline_test *t, double seconds)
{
	struct buf name = BUF_INIT, said = BUF_INIT;

	brief_add(s->in->plan, t->cell, &name);
	buf_fmt(&name, ".%s", t->metric);
	begin_case(s, buf_text(&name), seconds);
	if (t->result == TEST_SKIPPED)
		add_element(s, "skipped", t->reason);
	if (t->result == TEST_FAILED)
		add_fault(s, "failure", "regressed", t->say ? t->say : t->reason, "");
	buf_fmt(&said, "%s%s%s", t->reason ? t->reason : "", t->reason && t->say ? ": " : "",
		t->say ? t->say : "");
	if (t->result != TEST_SKIPPED || t->say)
		add_element(s, "system-out", buf_text(&said));
	end_case(s);
	buf_release(&name);
	buf_release(&said);
}

static bool is_time(const struct outline_test *t)
{
	return t->finding ? !t->finding->yardstick.exact : metric_parse(t->metric) >= 0;
}

/* A cell's seconds go to the first of its times. */
static void add_group(struct suite *s, size_t kernel, const struct outline_group *g)
{
	const struct outline_test *t;
	size_t i, of = g->n;

	for (i = 0; i < g->n; i++) {
		t = &g->test[i];
		if (is_time(t) && (of == g->n || g->test[of].cell != t->cell)) {
			add_case(s, t, outline_seconds(s->in, kernel, t->cell));
			of = i;
		} else {
			add_case(s, t, 0);
		}
	}
	outline_count(g, 0, g->n, &s->sums.counts);
}

/* A failure where the gate holds it against the kernel, else an error. */
static void add_incident(struct suite *s, const json_t *incident)
{
	const char *verdict = json_get_text(incident, "verdict"), *what = json_get_text(incident, "what"),
		   *name = json_get_text(incident, "incident"), *frame;
	bool failed = verdict && !strcmp(verdict, "reject");
	struct buf text = BUF_INIT;
	const json_t *line;
	size_t i;

	name = name ? name : "incident";
	json_array_foreach(json_object_get(incident, "frames"), i, line) {
		frame = json_string_value(line);
		buf_fmt(&text, "%s%s", i ? "\n" : "", frame ? frame : "");
	}
	begin_case(s, name, 0);
	add_fault(s, failed ? "failure" : "error", name, what ? what : name, buf_text(&text));
	end_case(s);
	s->sums.counts.tests++;
	s->sums.counts.failed += failed;
	s->sums.errors += !failed;
	buf_release(&text);
}

static void add_unjudged(struct suite *s)
{
	begin_case(s, "measured", 0);
	add_element(s, "skipped", "the run ended before it was judged");
	end_case(s);
	s->sums.counts.tests++;
	s->sums.counts.skipped++;
}

static void add_kernel(const struct report_input *in, const struct outline_kernel *k,
		       struct sums *total, struct buf *out)
{
	const char *kernel = in->plan->kernel[k->kernel].name;
	struct buf name = BUF_INIT;
	struct suite s;
	size_t i;

	for (i = 0; i < k->n; i++) {
		s = (struct suite){ .in = in, .kernel = kernel };
		add_group(&s, k->kernel, &k->group[i]);
		buf_reset(&name);
		buf_fmt(&name, "%s: %s", kernel, k->group[i].title);
		end_suite(&s, buf_text(&name), total, out);
	}
	if (!k->n) {
		s = (struct suite){ .in = in, .kernel = kernel };
		if (k->incident)
			add_incident(&s, k->incident);
		else
			add_unjudged(&s);
		end_suite(&s, kernel, total, out);
	}
	buf_release(&name);
}

/* The gate's own case: it knows of what no single one tells, such as new warnings. */
static void add_verdict(const struct report_input *in, struct sums *total, struct buf *out)
{
	const struct judged *j = in->judged;
	struct suite s = { .in = in };
	struct buf notes = BUF_INIT;
	size_t i;

	for (i = 0; i < j->nnotes; i++)
		buf_fmt(&notes, "%s%s", i ? "\n" : "", j->note[i]);
	begin_case(&s, "verdict", 0);
	if (j->outcome == OUTCOME_REJECT)
		add_fault(&s, "failure", outcome_name(j->outcome), j->headline, buf_text(&notes));
	else if (j->outcome == OUTCOME_CANNOT)
		add_fault(&s, "error", outcome_name(j->outcome), j->headline, buf_text(&notes));
	else
		add_element(&s, j->outcome == OUTCOME_INCONCLUSIVE ? "skipped" : "system-out", j->headline);
	end_case(&s);
	s.sums.counts.tests = 1;
	s.sums.counts.failed = j->outcome == OUTCOME_REJECT;
	s.sums.counts.skipped = j->outcome == OUTCOME_INCONCLUSIVE;
	s.sums.errors = j->outcome == OUTCOME_CANNOT;
	end_suite(&s, "gate", total, out);
	buf_release(&notes);
}

void report_junit(const struct report_input *in, struct buf *out)
{
	struct buf suites = BUF_INIT;
	struct sums total = { 0 };
	struct outline o;
	size_t i;

	outline_make(in, &o);
	for (i = 0; i < o.n; i++)
		add_kernel(in, &o.kernel[i], &total, &suites);
	if (in->judged)
		add_verdict(in, &total, &suites);
	buf_str(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");
	attribute(out, "name", in->run);
	add_totals(out, &total);
	buf_str(out, ">\n");
	buf_add(out, buf_text(&suites), suites.len);
	buf_str(out, "</testsuites>\n");
	buf_release(&suites);
	outline_release(&o);
}
