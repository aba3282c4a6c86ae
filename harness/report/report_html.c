/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/report/report_formats.h"

#include <stdlib.h>
#include <string.h>

#include "harness/plan/plan.h"
#include "harness/report/html/html.h"
#include "harness/report/html/findings.h"
#include "harness/report/html/moved.h"
#include "harness/report/html/origin.h"
#include "harness/report/html/section.h"
#include "harness/report/html/sheet.h"
#include "harness/report/html/svg.h"
#include "harness/report/html/tables.h"
#include "harness/report/html/verdict.h"
#include "harness/report/html/page.h"
#include "harness/report/report.h"
#include "lib/alloc.h"
#include "lib/buf.h"

#define ROWS 5000	/* of all findings: a browser takes more only slowly */

static void add_plot(const struct report_plot *plot, size_t number, struct buf *out)
{
	char *prefix = xasprintf("p%zu-", number);

	buf_str(out, "<figure class=\"plot\">");
	sheet_box(plot->name, out);
	if (html_svg(plot->svg, prefix, plot->name, out))
		buf_str(out, "<p>This drawing is damaged.</p>");
	buf_str(out, "</div>");
	html_element(out, "figcaption", plot->name, NULL);
	buf_str(out, "</figure>\n");
	free(prefix);
}

static void add_plots(const struct report_input *in, struct buf *out)
{
	size_t i;

	section_begin("plots", "Plots", in->nplots ? NULL : "None were drawn for this page.", out);
	for (i = 0; i < in->nplots; i++)
		add_plot(&in->plot[i], i + 1, out);
	buf_str(out, "</section>\n");
}

static void add_findings(const struct report_input *in, struct buf *out)
{
	const struct judged *j = in->judged;
	const struct html_findings all = {
		.in = in, .which = j->ranked, .n = j->n < ROWS ? j->n : ROWS, .label = "All findings", .sortable = true,
	};

	section_begin("all", "All findings", "What decided it first; dots are effects, lines their intervals, what is "
		      "shaded is too small for the gate.", out);
	buf_str(out, "<div class=\"tools\" hidden><label for=\"search\">Search</label>"
		     "<input type=\"search\" id=\"search\" placeholder=\"regressed 4k ext4\">"
		     "<output id=\"found\" for=\"search\"></output></div>\n");
	html_findings(&all, out);
	if (j->n > ROWS)
		buf_fmt(out, "<p class=\"remark\">And %zu more: the reports as CSV and JSON have all.</p>\n", j->n - ROWS);
	buf_str(out, "</section>\n");
}

/* All but the banner, in the order in which it is read. */
static void add_body(const struct report_input *in, struct buf *out)
{
	html_deciding(in, out);
	html_notes(in, out);
	if (in->figures) {
		html_measured(in, out);
		html_predicted(in, out);
		html_counts(in, out);
		html_moved(in, out);
		add_plots(in, out);
	}
	if (in->judged && in->judged->n)
		add_findings(in, out);
	html_environment(in, out);
	html_reproduce(in, out);
	html_run(in, out);
}

/* Links to the sections that there are: each begins with its id and its heading. */
static void add_navigation(const char *body, struct buf *out)
{
	static const char id[] = "<section id=\"", title[] = "<h2>";
	const char *at = body, *name, *end;

	buf_str(out, "<nav aria-label=\"Sections\">");
	while ((at = strstr(at, id))) {
		name = at + sizeof(id) - 1;
		at = strstr(name, title);
		end = at ? strchr(at + 4, '<') : NULL;
		if (!end)
			break;
		buf_fmt(out, "<a href=\"#%.*s\">%.*s</a> ", (int)strcspn(name, "\""), name, (int)(end - at - 4), at + 4);
	}
	buf_str(out, "<button type=\"button\" id=\"theme\" hidden>Dark</button></nav>\n");
}

void report_html(const struct report_input *in, struct buf *out)
{
	struct buf title = BUF_INIT, body = BUF_INIT;

	buf_fmt(&title, "%s: %s", in->judged ? outcome_name(in->judged->outcome) : "measured", in->plan->job);
	page_begin(buf_text(&title), out);
	html_banner(in, out);
	add_body(in, &body);
	add_navigation(buf_text(&body), out);
	buf_fmt(out, "<main>\n%s</main>\n", buf_text(&body));
	page_end(out);
	buf_release(&title);
	buf_release(&body);
}
