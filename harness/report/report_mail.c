/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From and To are the sender's: sendmail -t, git send-email and mutt -H put the
 * first in, and a made-up one would be sent as it is.
 */
#include "harness/report/report_formats.h"

#include <stdbool.h>
#include <string.h>

#include "harness/judge/judged.h"
#include "harness/plan/plan.h"
#include "harness/report/decided.h"
#include "harness/report/difference.h"
#include "harness/report/environment.h"
#include "harness/report/escape.h"
#include "harness/report/lkp.h"
#include "harness/report/mail_header.h"
#include "harness/report/overview.h"
#include "harness/report/perfstat.h"
#include "harness/report/prose.h"
#include "harness/report/report.h"
#include "harness/report/reproduce.h"
#include "harness/report/tables.h"
#include "harness/report/tried.h"
#include "harness/report/verdict_table.h"
#include "harness/report/verdict_words.h"
#include "harness/store/samples.h"
#include "lib/buf.h"

#define OCTETS 998	/* of a line, without its end */

static void add_prose(const struct buf *text, struct buf *out)
{
	const struct prose prose = { .width = PROSE_MAIL };

	prose_add(&prose, buf_text(text), out);
}

/* A blank line and a part, where there is one. */
static void add_part(struct buf *part, struct buf *out)
{
	if (part->len)
		buf_fmt(out, "\n%s", buf_text(part));
	buf_reset(part);
}

/* The first patch that came by mail: to it the report is an answer. NULL: none did. */
static const json_t *answered(const json_t *patches)
{
	const json_t *file;
	const char *id;
	size_t i;

	json_array_foreach(patches, i, file) {
		id = json_get_text(file, "message_id");
		if (id && mail_is_id(id))
			return file;
	}
	return NULL;
}

static const char *subject_of(const json_t *file)
{
	const char *subject = json_get_text(file, "subject"), *name = json_get_text(file, "name");

	return subject ? subject : name ? name : "a patch";
}

/* patches: of the only kernel that was tried; where there are several, the job has the name. */
static void add_subject(const struct report_input *in, const json_t *patches, struct buf *out)
{
	const char *outcome = in->judged ? outcome_name(in->judged->outcome) : NULL;
	const json_t *mail = answered(patches);
	struct buf text = BUF_INIT;

	if (mail)
		buf_fmt(&text, "Re: [PATCH] %s", subject_of(mail));
	else
		buf_fmt(&text, "foliobench: %s%s%s", outcome ? outcome : "", outcome ? ": " : "",
			json_array_size(patches) ? subject_of(json_array_get(patches, 0)) : in->plan->job);
	if (mail && outcome)
		buf_fmt(&text, " - foliobench: %s", outcome);
	mail_header("Subject", buf_text(&text), out);
	buf_release(&text);
}

/* A run's id begins with when it began; one that was renamed has its first environment line. */
static void add_date(const struct report_input *in, struct buf *out)
{
	const char *at = json_get_text(json_array_get(in->samples->environments, 0), "at");

	if (mail_date(in->run, out) && at)
		mail_date(at, out);
}

static void add_headers(const struct report_input *in, struct buf *out)
{
	json_t *patches = tried_patches(in, tried_kernel(in));
	const json_t *mail = answered(patches);

	add_subject(in, patches, out);
	add_date(in, out);
	if (mail)
		mail_answer(json_get_text(mail, "message_id"), out);
	buf_str(out, "MIME-Version: 1.0\n"
		     "Content-Type: text/plain; charset=utf-8\n"
		     "Content-Transfer-Encoding: 8bit\n");
	json_decref(patches);
}

static void add_patches(const struct report_input *in, size_t kernel, struct buf *out)
{
	const struct prose prose = { .width = PROSE_MAIL, .first = "    " };
	json_t *patches = tried_patches(in, kernel), *file;
	struct buf text = BUF_INIT;
	size_t i;

	json_array_foreach(patches, i, file) {
		buf_reset(&text);
		if (in->plan->nkernels > 2)
			buf_fmt(&text, "%s: ", in->plan->kernel[kernel].name);
		buf_fmt(&text, "%s%s", subject_of(file),
			json_is_true(json_object_get(file, "reverse")) ? " (taken out)" : "");
		prose_add(&prose, buf_text(&text), out);
	}
	json_decref(patches);
	buf_release(&text);
}

static void add_what(const struct report_input *in, struct buf *out)
{
	const struct plan *plan = in->plan;
	struct buf text = BUF_INIT, patches = BUF_INIT;
	size_t k;

	buf_fmt(&text, "foliobench measured job %s, %zu cell%s, on kernel%s ", plan->job, plan->ncells,
		plan->ncells == 1 ? "" : "s", plan->nkernels == 1 ? "" : "s");
	for (k = 0; k < plan->nkernels; k++) {
		buf_fmt(&text, "%s%s", k ? k + 1 == plan->nkernels ? " and " : ", " : "", plan->kernel[k].name);
		add_patches(in, k, &patches);
	}
	buf_str(&text, patches.len ? ". What was tried:" : ".");
	add_prose(&text, out);
	add_part(&patches, out);
	buf_release(&patches);
	buf_release(&text);
}

static void add_verdict(const struct report_input *in, struct buf *out)
{
	struct buf part = BUF_INIT, headline = BUF_INIT;

	buf_fmt(&headline, "Verdict: %s", in->judged->headline);
	add_prose(&headline, &part);
	add_part(&part, out);
	verdict_words(in, PROSE_MAIL, &part);
	add_part(&part, out);
	verdict_incident(in, PROSE_MAIL, &part);
	add_part(&part, out);
	decided_render(in, &part);
	add_part(&part, out);
	verdict_notes(in, PROSE_MAIL, &part);
	add_part(&part, out);
	buf_release(&part);
	buf_release(&headline);
}

/* What speaks against taking the patch for the only difference. */
static void add_difference(const struct report_input *in, size_t kernel, struct buf *out)
{
	const char *first = in->plan->kernel[0].name, *name = in->plan->kernel[kernel].name;
	struct buf items = BUF_INIT, text = BUF_INIT;
	int n = difference_render(in, kernel, PROSE_MAIL, &items);

	if (n < 0)
		buf_fmt(&text, "Whether %s and %s were measured in the same environment is not known.", first, name);
	else
		buf_fmt(&text, "Between the boots of %s and %s %s differs%s", first, name,
			n ? "the environment" : "nothing",
			n ? ", beside what was built into them:" : " but what was built into them.");
	add_prose(&text, out);
	buf_str(out, buf_text(&items));
	buf_release(&items);
	buf_release(&text);
}

static void add_environment(const struct report_input *in, struct buf *out)
{
	struct buf part = BUF_INIT;
	size_t k;

	reproduce_render(in, PROSE_MAIL, &part);
	add_part(&part, out);
	for (k = 1; k < in->plan->nkernels; k++)
		add_difference(in, k, &part);
	add_part(&part, out);
	environment_summary(in->plan, in->samples->environments, &part);
	add_part(&part, out);
	buf_release(&part);
}

static void add_rest(const struct report_input *in, struct buf *out)
{
	struct buf part = BUF_INIT;

	overview_render(in, &part);
	add_part(&part, out);
	verdict_legend(in, PROSE_MAIL, &part);
	add_part(&part, out);
	verdict_sums(in, PROSE_MAIL, &part);
	add_part(&part, out);
	buf_release(&part);
}

static void add_figures(const struct report_input *in, struct buf *out)
{
	const struct tables_style style = {
		.metric = TABLES_METRIC, .percent = in->plan->nkernels > 1, .width = PROSE_MAIL,
	};
	struct buf part = BUF_INIT;

	tables_render(in, &style, &part);
	add_part(&part, out);
	perfstat_render(in, &part);
	add_part(&part, out);
	lkp_render(in, &part);
	add_part(&part, out);
	buf_release(&part);
}

/* How many bytes of a line that is too long fit into one, without tearing a character apart. */
static size_t fitting(const char *line)
{
	size_t n = OCTETS;

	while (((unsigned char)line[n] & 0xc0) == 0x80)
		n--;
	return n;
}

/* RFC 5322 knows no longer lines; what is as long is no sentence. */
static void add_body(const struct buf *body, struct buf *out)
{
	const char *line = buf_text(body);
	size_t len;

	while (*line) {
		len = strcspn(line, "\n");
		len = len > OCTETS ? fitting(line) : len;
		buf_add(out, line, len);
		buf_ch(out, '\n');
		line += len + (line[len] == '\n');
	}
}

void report_mail(const struct report_input *in, struct buf *out)
{
	struct buf body = BUF_INIT, part = BUF_INIT;

	add_headers(in, out);
	add_what(in, &part);
	add_part(&part, &body);
	if (in->judged)
		add_verdict(in, &body);
	add_environment(in, &body);
	if (in->judged)
		add_rest(in, &body);
	if (in->figures)
		add_figures(in, &body);
	buf_fmt(&body, "\n-- \nfoliobench, run %s\n", in->run);
	escape_controls(&body, 0);
	add_body(&body, out);
	buf_release(&part);
	buf_release(&body);
}
