/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/report/validation.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/judge/summary.h"
#include "lib/alloc.h"
#include "lib/buf.h"

#define AIM_MEDIAN 10.0		/* percent */
#define AIM_WORST 25.0
#define NOISE 2.0		/* a published change of fewer standard deviations has no sign */

static double error_of(const struct validation *v)
{
	return (v->predicted / v->published->mean - 1) * 100;
}

/* A figure that is there to be fitted to says nothing only about a machine whose constant was. */
static bool fitted(const struct validation_input *in, const struct validation *v)
{
	return v->published->fit >= 0 && in->machine->constant[v->published->fit].calibrated;
}

/* "read 4k file, block 1, same": the values alone, in the file's order. */
static void name_cell(const struct published_cell *c, struct buf *out)
{
	size_t i;

	for (i = 0; i < c->nfields; i++)
		buf_fmt(out, "%s%s%s", i ? " " : "", strcmp(c->field[i].key, "block") ? "" : "block ",
			c->field[i].value);
}

static void render_figure(const struct validation_input *in, const struct validation *v, struct buf *out)
{
	struct buf name = BUF_INIT;

	name_cell(v->published, &name);
	buf_fmt(out, "%-9s %-28s %10.5g", v->published->kernel, buf_text(&name), v->published->mean);
	if (!v->counted)
		buf_str(out, "  not counted in this run");
	else
		buf_fmt(out, " %10.5g %10.5g %10.5g  %+6.1f %%%s%s", v->predicted, v->low, v->high, error_of(v),
			fitted(in, v) ? "  fitted: " : "",
			fitted(in, v) ? constant_name((enum constant)v->published->fit) : "");
	buf_ch(out, '\n');
	buf_release(&name);
}

static void render_figures(const struct validation_input *in, struct buf *out)
{
	size_t i;

	buf_fmt(out, "%-9s %-28s %10s %10s %10s %10s  %8s\n", "kernel", "cell (MiB/s)", "published", "predicted",
		"low", "high", "error");
	for (i = 0; i < in->n; i++)
		render_figure(in, &in->v[i], out);
}

static void render_errors(const struct validation_input *in, struct buf *out)
{
	double *e = xcalloc(in->n + 1, sizeof(*e)), worst = 0;
	size_t n = 0, beyond = 0, inside = 0, i;

	for (i = 0; i < in->n; i++) {
		const struct validation *v = &in->v[i];

		if (!v->counted || fitted(in, v))
			continue;
		e[n] = fabs(error_of(v));
		worst = fmax(worst, e[n]);
		beyond += e[n++] > AIM_WORST;
		inside += v->low <= v->published->mean && v->published->mean <= v->high;
	}
	if (n)
		buf_fmt(out, "\n%zu figures that nothing was fitted to: median error %.1f %% (aim: %.0f), largest %.1f %%, "
			     "%zu beyond %.0f %%, %zu within the range\n", n, summary_of(e, n).median, AIM_MEDIAN, worst,
			beyond, AIM_WORST, inside);
	else
		buf_str(out, "\nno figure that nothing was fitted to was counted\n");
	free(e);
}

/* The same cell on the first kernel that figures name. */
static const struct validation *baseline_of(const struct validation_input *in, const struct validation *v)
{
	const struct published_cell *c = v->published, *b;
	bool same;
	size_t i, k;

	for (i = 0; i < in->n; i++) {
		b = in->v[i].published;
		same = !strcmp(b->kernel, in->v[0].published->kernel) && b->nfields == c->nfields;
		for (k = 0; same && k < c->nfields; k++)
			same = !strcmp(b->field[k].key, c->field[k].key) &&
			       !strcmp(b->field[k].value, c->field[k].value);
		if (same)
			return &in->v[i] == v ? NULL : &in->v[i];
	}
	return NULL;
}

/* Changes from the first kernel: those that were published as more than noise, and those that were not. */
static void render_signs(const struct validation_input *in, struct buf *out)
{
	size_t clear = 0, right = 0, i;
	struct buf wrong = BUF_INIT, noisy = BUF_INIT, name = BUF_INIT;

	for (i = 0; i < in->n; i++) {
		const struct validation *v = &in->v[i], *b = baseline_of(in, v);
		double published, predicted, sd;
		bool is_clear, same_sign;

		if (!b || !v->counted || !b->counted)
			continue;
		published = v->published->mean / b->published->mean - 1;
		predicted = v->predicted / b->predicted - 1;
		sd = hypot(v->published->sd / b->published->mean, b->published->sd / b->published->mean);
		is_clear = fabs(published) > NOISE * sd;
		same_sign = published * predicted > 0;
		clear += is_clear;
		right += is_clear && same_sign;
		buf_reset(&name);
		name_cell(v->published, &name);
		if (!same_sign)
			buf_fmt(is_clear ? &wrong : &noisy, "  %s %s: published %+.1f %%, predicted %+.1f %%\n",
				v->published->kernel, buf_text(&name), published * 100, predicted * 100);
	}
	buf_fmt(out, "%zu changes were published as more than %.0f standard deviations; %zu of them have their sign\n",
		clear, NOISE, right);
	if (wrong.len)
		buf_fmt(out, "not their sign:\n%s", buf_text(&wrong));
	if (noisy.len)
		buf_fmt(out, "not their sign, published within the noise:\n%s", buf_text(&noisy));
	buf_release(&wrong);
	buf_release(&noisy);
	buf_release(&name);
}

/* The largest change of ns per op that one end of a constant's range makes in any figure, in percent. */
static double largest(const struct validation_input *in, size_t constant, bool high)
{
	double most = 0, change;
	size_t i;

	for (i = 0; i < in->n; i++) {
		const struct validation *v = &in->v[i];

		if (!v->counted)
			continue;
		change = ((high ? v->at_high : v->at_low)[constant] / v->ns_per_op - 1) * 100;
		if (fabs(change) > fabs(most))
			most = change;
	}
	return most;
}

static void render_constants(const struct validation_input *in, struct buf *out)
{
	size_t i;

	buf_fmt(out, "\n%-26s %9s %9s %9s   %s\n", "constant", "value", "low", "high",
		"largest change of a figure's ns per op at low, high");
	for (i = 0; i < NCONSTANTS; i++) {
		const struct constant_value *c = &in->machine->constant[i];

		buf_fmt(out, "%-26s %9.4g %9.4g %9.4g   %+7.1f %% %+7.1f %%%s\n", constant_name((enum constant)i),
			c->value, c->low, c->high, largest(in, i, false), largest(in, i, true),
			c->calibrated ? "  calibrated" : "");
	}
}

void validation_render(const struct validation_input *in, struct buf *out)
{
	buf_fmt(out, "%s, %u threads, predicted for %s (calibrated model)\n", in->published->name,
		(unsigned)in->published->threads, in->machine->name);
	buf_fmt(out, "published: %s\n\n", in->published->source);
	render_figures(in, out);
	render_errors(in, out);
	render_signs(in, out);
	render_constants(in, out);
}
