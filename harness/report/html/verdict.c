/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/report/html/verdict.h"

#include <inttypes.h>
#include <string.h>

#include "harness/plan/plan.h"
#include "harness/report/html/html.h"
#include "harness/report/html/findings.h"
#include "harness/report/html/mark.h"
#include "harness/report/html/section.h"
#include "harness/report/html/sheet.h"
#include "harness/report/notes.h"
#include "harness/report/report.h"
#include "harness/report/verdict_words.h"
#include "lib/buf.h"

#define WHOLE (1u << 20)	/* no line of a paragraph is broken */
#define SHOWN 24	/* findings that decided; the others are among all of them, further down */

static const json_t *incident_of(const struct report_input *in)
{
	return json_array_get(in->samples->incidents, 0);
}

/* The headline without the word that the banner shows anyway. */
static const char *rest_of(const struct judged *j)
{
	const char *word = j->outcome == OUTCOME_CANNOT ? "could not measure" : outcome_name(j->outcome);
	size_t n = strlen(word);

	if (!strncmp(j->headline, word, n) && !strncmp(j->headline + n, ": ", 2))
		return j->headline + n + 2;
	return j->headline;
}

/* The words come in paragraphs: the first one says what the verdict means, the others why, and how sure it is. */
static const char *add_meaning(const struct buf *words, struct buf *out)
{
	const char *end = strchrnul(buf_text(words), '\n');

	html_fmt(out, "%.*s", (int)(end - buf_text(words)), buf_text(words));
	return end;
}

/* "3 regressed, 12 improved", each with its mark. */
static void add_tally(const struct judged *j, struct buf *out)
{
	static const enum verdict order[] = { VERDICT_REGRESSED, VERDICT_INCONCLUSIVE, VERDICT_IMPROVED,
					      VERDICT_UNCHANGED };
	size_t i;

	if (!j->n)
		return;
	buf_str(out, "<ul class=\"tally\">");
	for (i = 0; i < NVERDICTS; i++)
		if (j->verdicts[order[i]]) {
			buf_fmt(out, "<li><b>%" PRIu32 "</b> ", j->verdicts[order[i]]);
			html_mark(out, order[i]);
			buf_str(out, "</li>");
		}
	buf_str(out, "</ul>\n");
}

static void add_resume(const struct report_input *in, struct buf *out)
{
	buf_str(out, "<p>The run may go on: <code>");
	html_fmt(out, "foliogate run --resume %s", in->run);
	buf_str(out, "</code></p>\n");
}

static void add_judged(const struct report_input *in, struct buf *out)
{
	const struct judged *j = in->judged;
	struct buf words = BUF_INIT;

	html_open(out, "header", "class", outcome_name(j->outcome), "id", "verdict", NULL);
	buf_fmt(out, "\n<h1><span class=\"sign\" aria-hidden=\"true\">%s</span> %s</h1>\n",
		html_outcome_sign(j->outcome), html_outcome_word(j->outcome));
	html_open(out, "p", "class", "headline", NULL);
	html_prose(out, rest_of(j));
	html_close(out, "p");
	verdict_words(in, WHOLE, &words);
	buf_str(out, "\n<p>");
	add_meaning(&words, out);
	buf_str(out, "</p>\n");
	if (!j->final)
		add_resume(in, out);
	add_tally(j, out);
	buf_release(&words);
}

void html_banner(const struct report_input *in, struct buf *out)
{
	if (in->judged) {
		add_judged(in, out);
	} else {
		buf_str(out, "<header id=\"verdict\" class=\"measured\">\n<h1>Measured</h1>\n"
			     "<p>One kernel, and so nothing to compare it with: there is no verdict.</p>\n");
	}
	buf_str(out, "<p class=\"run\">");
	html_fmt(out, "%s \xc2\xb7 run %s", in->plan->job, in->run);
	if (in->judged && in->judged->gate)
		html_fmt(out, " \xc2\xb7 gate %s", in->judged->gate);
	buf_str(out, "</p>\n</header>\n");
}

static void add_fact(const char *name, const char *value, struct buf *out)
{
	if (!value)
		return;
	html_element(out, "dt", name, NULL);
	html_element(out, "dd", value, NULL);
	buf_ch(out, '\n');
}

static const char *name_of_cell(const struct plan *plan, const json_t *line)
{
	const char *id = json_get_text(line, "cell");
	int cell = id ? plan_find(plan, id) : -1;

	return cell < 0 ? id : plan->cell[cell].name;
}

static void add_incident(const struct report_input *in, const json_t *line, struct buf *out)
{
	const json_t *frames = json_object_get(line, "frames"), *frame;
	size_t i;

	buf_str(out, "<section id=\"decided\"><h2>What happened</h2>\n<dl>\n");
	add_fact("kernel", json_get_text(line, "kernel"), out);
	add_fact("trouble", json_get_text(line, "incident"), out);
	add_fact("what it said", json_get_text(line, "what"), out);
	add_fact("cell", name_of_cell(in->plan, line), out);
	add_fact("task", json_get_text(line, "task"), out);
	buf_str(out, "</dl>\n");
	if (json_array_size(frames)) {
		sheet_box("backtrace", out);
		buf_str(out, "<pre>");
		json_array_foreach(frames, i, frame)
			html_fmt(out, "%s", json_string_value(frame) ? json_string_value(frame) : "?"),
				buf_ch(out, '\n');
		buf_str(out, "</pre></div>\n");
	}
	buf_str(out, "<p><code>");
	html_fmt(out, "foliogate results show %s", in->run);
	buf_str(out, "</code> tells more, with the console's own words.</p></section>\n");
}

/* The paragraphs after the first. */
static void add_words(const struct report_input *in, struct buf *out)
{
	struct buf words = BUF_INIT, meaning = BUF_INIT, rest = BUF_INIT;

	verdict_words(in, WHOLE, &words);
	buf_str(&rest, add_meaning(&words, &meaning));
	section_paragraphs(&rest, NULL, out);
	buf_release(&meaning);
	buf_release(&words);
}

/* Of an accepted run: what changed all the same; they come first among the ranked. */
static size_t changed(const struct judged *j)
{
	enum verdict v;
	size_t n = 0;

	for (; n < j->n; n++) {
		v = j->finding[j->ranked[n]].judgement.verdict;
		if (v != VERDICT_IMPROVED && v != VERDICT_REGRESSED)
			break;
	}
	return n;
}

static void add_deciding(const struct report_input *in, size_t n, const char *title, struct buf *out)
{
	const struct html_findings shown = {
		.in = in, .which = in->judged->ranked, .n = n < SHOWN ? n : SHOWN, .label = title, .reasons = true,
	};

	buf_str(out, "<section id=\"decided\">");
	html_element(out, "h2", title, NULL);
	buf_ch(out, '\n');
	html_findings(&shown, out);
	if (n > SHOWN)
		buf_fmt(out, "<p>And %zu more, under <a href=\"#all\">all findings</a>.</p>\n", n - SHOWN);
	add_words(in, out);
	buf_str(out, "</section>\n");
}

void html_deciding(const struct report_input *in, struct buf *out)
{
	const struct judged *j = in->judged;

	if (incident_of(in))
		add_incident(in, incident_of(in), out);
	else if (j && j->ndecided)
		add_deciding(in, j->ndecided, "What decided it", out);
	else if (j && changed(j))
		add_deciding(in, changed(j), "What changed", out);
}

static void add_item(const char *text, struct buf *out)
{
	buf_str(out, "<li>");
	html_prose(out, text);
	buf_str(out, "</li>\n");
}

/* The lines of a text, each an item. */
static void add_lines(char *text, struct buf *out)
{
	char *line;

	while ((line = strsep(&text, "\n")))
		if (*line)
			add_item(line, out);
}

void html_notes(const struct report_input *in, struct buf *out)
{
	struct buf measured = BUF_INIT, items = BUF_INIT;
	size_t i;

	for (i = 0; in->judged && i < in->judged->nnotes; i++)
		add_item(in->judged->note[i], &items);
	if (in->figures)
		notes_render(in, &measured);
	if (measured.len)
		add_lines(measured.s, &items);
	if (items.len)
		buf_fmt(out, "<section id=\"notes\"><h2>Notes</h2>\n<ul>\n%s</ul></section>\n", buf_text(&items));
	buf_release(&measured);
	buf_release(&items);
}
