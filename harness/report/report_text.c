/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/report/report_formats.h"

#include "harness/report/environment.h"
#include "harness/report/notes.h"
#include "harness/report/report.h"
#include "harness/report/table.h"
#include "lib/buf.h"

void report_text(const struct report_input *in, struct buf *out)
{
	struct table_style style = { .percent = in->plan->nkernels > 1,
				     .emulated_times = in->emulated && in->show_emulated_times };
	struct buf notes = BUF_INIT;
	size_t i;

	buf_fmt(out, "%-12s %s\n", "run", in->run);
	buf_fmt(out, "%-12s %s\n", "job", in->plan->job);
	environment_summary(in->plan, in->samples->environments, out);
	for (i = 0; i < in->plan->ntables; i++) {
		buf_ch(out, '\n');
		style.metric = table_metric(in->plan, i, in->figures);
		table_render(in->plan, i, in->figures, &style, out);
	}
	notes_render(in->plan, in->samples, in->figures, &notes);
	if (notes.len)
		buf_fmt(out, "\n%s", buf_text(&notes));
	buf_release(&notes);
}
