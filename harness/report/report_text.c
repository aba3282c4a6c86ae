/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/report/report_formats.h"

#include "harness/report/environment.h"
#include "harness/report/report.h"
#include "harness/report/tables.h"
#include "lib/buf.h"

void report_text(const struct report_input *in, struct buf *out)
{
	const struct tables_style style = { .metric = TABLES_METRIC,
					    .percent = in->plan->nkernels > 1 };
	struct buf tables = BUF_INIT;

	buf_fmt(out, "%-12s %s\n", "run", in->run);
	buf_fmt(out, "%-12s %s\n", "job", in->plan->job);
	environment_summary(in->plan, in->samples->environments, out);
	tables_render(in, &style, &tables);
	if (tables.len)
		buf_fmt(out, "\n%s", buf_text(&tables));
	buf_release(&tables);
}
