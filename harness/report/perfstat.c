/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/report/perfstat.h"

#include <inttypes.h>
#include <math.h>

#include "harness/judge/judged.h"
#include "harness/plan/brief.h"
#include "harness/plan/plan.h"
#include "harness/report/report.h"
#include "lib/buf.h"

#define NS 1e9
#define LONG_NS 1e9	/* per op: a run that a person would time, and no system call */

/* perf's own rule: two digits more than where the error's first digit stands. */
static int precision(double error)
{
	return 2 + (error > 1 ? 0 : (int)ceil(-log10(error)));
}

void perfstat_elapsed(const struct summary *seconds, struct buf *out)
{
	double error = seconds->n > 1 ? seconds->sd / sqrt(seconds->n) : 0;
	int digits;

	if (!seconds->n || !isfinite(seconds->mean) || seconds->mean <= 0)
		return;
	if (!isfinite(error) || error <= 0) {
		buf_fmt(out, " %17.9f seconds time elapsed\n", seconds->mean);
		return;
	}
	digits = precision(error);
	buf_fmt(out, " %17.*f +- %.*f seconds time elapsed  ( +-%6.2f%% )\n", digits, seconds->mean, digits,
		error, 100 * error / seconds->mean);
}

/* NULL where an op is short, or was not measured. */
static const struct summary *long_op(const struct report_input *in, size_t kernel, size_t cell)
{
	const struct summary *s =
		&in->figures[kernel * in->plan->ncells + cell].metric[METRIC_NS_PER_OP];

	return s->n && isfinite(s->mean) && s->mean >= LONG_NS ? s : NULL;
}

static void add_cell(const struct report_input *in, size_t kernel, size_t cell, struct buf *out)
{
	const struct summary *ns = long_op(in, kernel, cell);
	struct summary seconds = { 0 };

	if (!ns)
		return;
	seconds = (struct summary){ .n = ns->n, .mean = ns->mean / NS, .sd = ns->sd / NS };
	buf_str(out, out->len ? "\n " : " ");
	brief_add(in->plan, cell, out);
	buf_fmt(out, " on %s (%" PRIu32 " %s%s):\n", in->plan->kernel[kernel].name, ns->n,
		ns->blocks ? "boot" : "window", ns->n == 1 ? "" : "s");
	perfstat_elapsed(&seconds, out);
}

void perfstat_render(const struct report_input *in, struct buf *out)
{
	struct buf all = BUF_INIT;
	size_t cell, k;

	for (cell = 0; in->figures && cell < in->plan->ncells; cell++)
		for (k = 0; k < in->plan->nkernels; k++)
			add_cell(in, k, cell, &all);
	if (all.len)
		buf_fmt(out, "Time per op, as perf stat prints it:\n\n%s", buf_text(&all));
	buf_release(&all);
}
