/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/report/html/findings.h"

#include <math.h>
#include <string.h>

#include "harness/plan/brief.h"
#include "harness/plan/plan.h"
#include "harness/report/finding_text.h"
#include "harness/report/html/html.h"
#include "harness/report/html/forest.h"
#include "harness/report/html/mark.h"
#include "harness/report/html/sheet.h"
#include "harness/report/report.h"
#include "lib/buf.h"

/* What a column is sorted by where its text will not do. */
static void open_key(struct buf *out, const char *class, double key)
{
	struct buf text = BUF_INIT;

	if (!isnan(key))
		buf_fmt(&text, "%.6g", isinf(key) ? copysign(1e99, key) : key);
	html_open(out, "td", "class", class, "data-key", buf_text(&text), NULL);
	buf_release(&text);
}

static void add_value(const struct finding *f, const char *class, double x, struct buf *out)
{
	open_key(out, class, x);
	finding_value(f, x, out);
	html_close(out, "td");
}

static void add_change(const struct finding *f, struct buf *out)
{
	struct buf interval = BUF_INIT;

	open_key(out, "number change", forest_effect(f));
	finding_change(f, out);
	finding_interval(f, &interval);
	if (interval.len)
		html_element(out, "small", buf_text(&interval), NULL);
	html_close(out, "td");
	buf_release(&interval);
}

static void add_p(const struct finding *f, struct buf *out)
{
	open_key(out, "number p", f->yardstick.exact ? 0 : f->p);
	if (f->yardstick.exact)
		buf_str(out, "exact");
	else if (isnan(f->p))
		buf_ch(out, '-');
	else
		buf_fmt(out, f->p < 0.0001 ? "&lt; 0.0001" : f->p < 0.1 ? "%.4f" : "%.2f", f->p);
	html_close(out, "td");
}

static void add_verdict(const struct finding *f, bool reason, struct buf *out)
{
	static const char *const rank[NVERDICTS] = {
		[VERDICT_REGRESSED] = "0", [VERDICT_INCONCLUSIVE] = "1", [VERDICT_IMPROVED] = "2",
		[VERDICT_UNCHANGED] = "3",
	};

	html_open(out, "td", "class", "verdict", "data-key", rank[f->judgement.verdict], NULL);
	html_mark(out, f->judgement.verdict);
	if (reason && f->judgement.verdict == VERDICT_INCONCLUSIVE)
		html_element(out, "small", because_text(f->judgement.because), "class", "why", NULL);
	html_close(out, "td");
}

static void add_metric(const struct judged *j, size_t i, struct buf *out)
{
	html_open(out, "td", "class", "metric", NULL);
	finding_metric(j, i, out);
	if (j->finding[i].yardstick.exact)
		buf_str(out, " per op");
	if (!j->finding[i].gating)
		buf_str(out, "<small>decides nothing</small>");
	html_close(out, "td");
}

/* It may be broken after a slash. */
static void add_cell(const struct plan *plan, size_t cell, struct buf *out)
{
	struct buf name = BUF_INIT;
	const char *s;
	int n;

	brief_add(plan, cell, &name);
	html_open(out, "th", "scope", "row", NULL);
	for (s = buf_text(&name); *s; s += n) {
		n = (int)strcspn(s, "/");
		n += s[n] == '/';
		html_fmt(out, "%.*s", n, s);
		buf_str(out, s[n] ? "<wbr>" : "");
	}
	html_close(out, "th");
	buf_release(&name);
}

static void add_row(const struct html_findings *all, size_t i, double reach, struct buf *out)
{
	const struct finding *f = &all->in->judged->finding[i];
	const struct plan *plan = all->in->plan;

	buf_str(out, "<tr>");
	add_cell(plan, f->cell, out);
	add_verdict(f, all->reasons, out);
	if (plan->nkernels > 2)
		html_element(out, "td", plan->kernel[f->kernel].name, "class", "kernel", NULL);
	add_metric(all->in->judged, i, out);
	add_change(f, out);
	html_open(out, "td", "class", "drawn", NULL);
	forest_row(f, reach, out);
	html_close(out, "td");
	add_value(f, "number old", f->old, out);
	add_value(f, "number new", f->new, out);
	add_p(f, out);
	buf_str(out, "</tr>\n");
}

static void add_heads(const struct html_findings *f, double reach, struct buf *out)
{
	static const char *const heads[] = { "cell", "verdict", "kernel", "metric", "change", NULL, "old", "new", "p" };
	size_t i;

	buf_str(out, "<thead><tr>");
	for (i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		if (i == 2 && f->in->plan->nkernels < 3)
			continue;
		html_open(out, "th", "scope", "col", "class", i > 3 ? heads[i] ? "number" : "drawn" : NULL,
			  "data-sort", f->sortable && heads[i] ? i == 1 || i > 3 ? "number" : "text" : NULL, NULL);
		if (heads[i])
			buf_str(out, heads[i]);
		else
			forest_scale(reach, out);
		html_close(out, "th");
	}
	buf_str(out, "</tr></thead>\n");
}

void html_findings(const struct html_findings *f, struct buf *out)
{
	const struct finding *finding = f->in->judged->finding;
	double reach = forest_reach(finding, f->which, f->n);
	size_t i;

	sheet_box(f->label, out);
	html_open(out, "table", "class", "findings", "id", f->sortable ? "sorted" : NULL, NULL);
	buf_ch(out, '\n');
	add_heads(f, reach, out);
	buf_str(out, "<tbody>\n");
	for (i = 0; i < f->n; i++)
		if (!finding_is_half(f->in->judged, f->which[i]))
			add_row(f, f->which[i], reach, out);
	buf_str(out, "</tbody></table></div>\n");
}

/* They are sorted by kernel and cell: the first of these, or of what comes after. */
static size_t first_of(const struct judged *j, size_t kernel, size_t cell)
{
	size_t from = 0, to = j->n, at;

	while (from < to) {
		at = from + (to - from) / 2;
		if (j->finding[at].kernel < kernel || (j->finding[at].kernel == kernel && j->finding[at].cell < cell))
			from = at + 1;
		else
			to = at;
	}
	return from;
}

const struct finding *html_finding(const struct report_input *in, size_t kernel, int cell, const struct yardstick *y)
{
	const struct judged *j = in->judged;
	const struct finding *f;
	size_t i;

	if (!j || cell < 0)
		return NULL;
	for (i = first_of(j, kernel, (size_t)cell); i < j->n; i++) {
		f = &j->finding[i];
		if (f->kernel != kernel || f->cell != (size_t)cell)
			return NULL;
		if (y ? yardstick_same(f->yardstick, *y) : !f->yardstick.exact)
			return f;
	}
	return NULL;
}
