/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/report/html/origin.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "harness/plan/plan.h"
#include "harness/report/facts.h"
#include "harness/report/html/html.h"
#include "harness/report/html/section.h"
#include "harness/report/html/sheet.h"
#include "harness/report/report.h"
#include "harness/report/reproduce.h"
#include "lib/buf.h"
#include "lib/units.h"

#define WHOLE (1u << 20)	/* the sentence is not broken */
#define INDENT 4		/* of commands in text */

static void add_heads(const struct plan *plan, struct buf *out)
{
	size_t k;

	buf_str(out, "<thead><tr><th scope=\"col\">fact</th>");
	for (k = 0; k < plan->nkernels; k++)
		html_element(out, "th", plan->kernel[k].name, "scope", "col", NULL);
	buf_str(out, "</tr></thead>\n");
}

static void add_fact(const struct facts *f, const struct fact *fact, struct buf *out)
{
	size_t k;

	buf_str(out, "<tr>");
	html_element(out, "th", fact->name, "scope", "row", NULL);
	for (k = 0; k < f->nkernels; k++)
		html_element(out, "td", fact->value[k] ? fact->value[k] : "-", NULL);
	buf_str(out, "</tr>\n");
}

static void add_facts(const struct report_input *in, const struct facts *f, bool differ, struct buf *out)
{
	size_t i;

	sheet_box(differ ? "What differs" : "All facts", out);
	buf_str(out, "<table class=\"facts\">");
	add_heads(in->plan, out);
	buf_str(out, "<tbody>\n");
	for (i = 0; i < f->n; i++)
		if (!differ || f->fact[i].differs)
			add_fact(f, &f->fact[i], out);
	buf_str(out, "</tbody></table></div>\n");
}

void html_environment(const struct report_input *in, struct buf *out)
{
	struct facts f;

	facts_make(in, &f);
	if (f.n) {
		section_begin("environment", "Environment", NULL, out);
		if (f.nkernels > 1) {
			html_element(out, "h3", f.ndiffer ? "What differs between the kernels" :
							    "Nothing differs between the kernels", NULL);
			buf_ch(out, '\n');
		}
		if (f.ndiffer)
			add_facts(in, &f, true, out);
		buf_fmt(out, "<details><summary>All %zu facts</summary>\n", f.n);
		add_facts(in, &f, false, out);
		buf_str(out, "</details></section>\n");
	}
	facts_release(&f);
}

static void add_text(const char *name, const char *value, struct buf *out)
{
	html_element(out, "dt", name, NULL);
	html_element(out, "dd", value, NULL);
	buf_ch(out, '\n');
}

static void add_number(const char *name, uint64_t value, struct buf *out)
{
	html_element(out, "dt", name, NULL);
	buf_fmt(out, "<dd>%" PRIu64 "</dd>\n", value);
}

static void add_kernel(const struct plan_kernel *k, struct buf *out)
{
	struct buf text = BUF_INIT;
	size_t i;

	buf_fmt(&text, "%s: %s", k->name, k->spec ? k->spec : "the one that ran");
	for (i = 0; i < k->npatches; i++)
		buf_fmt(&text, "%s%s", k->patch[i].reverse ? ", without " : ", with ", k->patch[i].path);
	if (k->cmdline && *k->cmdline)
		buf_fmt(&text, ", command line %s", k->cmdline);
	add_text("kernel", buf_text(&text), out);
	buf_release(&text);
}

static void add_windows(const struct plan *plan, struct buf *out)
{
	char window[UNITS_TEXT_MAX], warmup[UNITS_TEXT_MAX];

	html_element(out, "dt", "windows", NULL);
	buf_fmt(out, "<dd>%" PRIu32 " of %s in each boot, after %s</dd>\n", plan->windows,
		units_duration_text(plan->window_ns, window), units_duration_text(plan->warmup_ns, warmup));
}

static void add_judged(const struct judged *j, struct buf *out)
{
	if (j->gate)
		add_text("gate", j->gate, out);
	if (j->level > 0) {
		add_number("blocks judged", j->blocks, out);
		buf_fmt(out, "<dt>level of tests and intervals</dt><dd>%.3g</dd>\n", j->level);
	}
}

/* Lines, without the blanks that they all begin with. */
static void add_commands(const char *s, struct buf *out)
{
	size_t n;

	for (; *s; s += n + (s[n] == '\n')) {
		n = strcspn(s, "\n");
		if (!n)
			continue;
		html_fmt(out, "%.*s", n > INDENT ? (int)(n - INDENT) : 0, s + (n > INDENT ? INDENT : 0));
		buf_ch(out, '\n');
	}
}

/* A sentence in one line, then the commands. */
void html_reproduce(const struct report_input *in, struct buf *out)
{
	struct buf text = BUF_INIT;
	const char *commands;

	reproduce_render(in, WHOLE, &text);
	commands = strchrnul(buf_text(&text), '\n');
	section_begin("reproduce", "Measure it again", NULL, out);
	buf_str(out, "<p>");
	html_fmt(out, "%.*s", (int)(commands - buf_text(&text)), buf_text(&text));
	buf_str(out, "</p>\n");
	sheet_box("Commands", out);
	buf_str(out, "<pre>");
	add_commands(commands, out);
	buf_str(out, "</pre></div></section>\n");
	buf_release(&text);
}

void html_run(const struct report_input *in, struct buf *out)
{
	const struct plan *plan = in->plan;
	size_t k;

	section_begin("run", "The run", NULL, out);
	buf_str(out, "<dl>\n");
	add_text("run", in->run, out);
	add_text("job", plan->job, out);
	for (k = 0; k < plan->nkernels; k++)
		add_kernel(&plan->kernel[k], out);
	add_number("cells", plan->ncells, out);
	add_number("blocks planned", plan->blocks, out);
	add_windows(plan, out);
	add_number("seed of the order", plan->seed, out);
	if (in->judged)
		add_judged(in->judged, out);
	add_number("samples", in->samples->n, out);
	add_number("counts", in->samples->ncounts, out);
	add_number("predictions", in->samples->npredictions, out);
	buf_str(out, "</dl></section>\n");
}
