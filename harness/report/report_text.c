/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/report/report_formats.h"

#include "harness/report/environment.h"
#include "harness/report/escape.h"
#include "harness/report/lkp.h"
#include "harness/report/perfstat.h"
#include "harness/report/report.h"
#include "harness/report/tables.h"
#include "harness/report/verdict_table.h"
#include "lib/buf.h"

/* A blank line and a part, where there is one. */
static void add_part(struct buf *part, struct buf *out)
{
	if (part->len)
		buf_fmt(out, "\n%s", buf_text(part));
	buf_reset(part);
}

static void add_figures(const struct report_input *in, struct buf *out)
{
	const struct tables_style style = { .metric = TABLES_METRIC, .percent = in->plan->nkernels > 1 };
	struct buf part = BUF_INIT;

	tables_render(in, &style, &part);
	add_part(&part, out);
	perfstat_render(in, &part);
	add_part(&part, out);
	lkp_render(in, &part);
	add_part(&part, out);
	buf_release(&part);
}

void report_text(const struct report_input *in, struct buf *out)
{
	size_t from = out->len;

	if (in->judged) {
		judged_render(in, out);
		buf_ch(out, '\n');
	}
	buf_fmt(out, "%-12s %s\n", "run", in->run);
	buf_fmt(out, "%-12s %s\n", "job", in->plan->job);
	environment_summary(in->plan, in->samples->environments, out);
	if (in->figures)
		add_figures(in, out);
	escape_controls(out, from);
}
