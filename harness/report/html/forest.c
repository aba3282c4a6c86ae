/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/report/html/forest.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "harness/judge/judged.h"
#include "lib/alloc.h"
#include "lib/buf.h"

#define HALF 70.0		/* from 0 to where arrows begin */
#define MIDDLE 80.0		/* of 160 by 16 */
#define HELD 0.8		/* of the findings at least */

/* The largest of a finding's effect and finite bounds, without sign. */
static double size_of(const struct finding *f)
{
	double size = isfinite(f->effect) ? fabs(f->effect) : 0;

	if (isfinite(f->low) && isfinite(f->high))
		size = fmax(size, fmax(fabs(f->low), fabs(f->high)));
	return size;
}

static int by_size(const void *va, const void *vb)
{
	const double *a = va, *b = vb;

	return *a < *b ? -1 : *a > *b;
}

/* The sizes of times, or of counts, sorted; how many there are. */
static size_t sizes_of(const struct finding *finding, const size_t *which, size_t n, bool exact, double *size)
{
	size_t i, known = 0;

	for (i = 0; i < n; i++)
		if (finding[which[i]].yardstick.exact == exact && size_of(&finding[which[i]]) > 0)
			size[known++] = size_of(&finding[which[i]]);
	qsort(size, known, sizeof(size[0]), by_size);
	return known;
}

/* By times where there are some: theirs are the intervals, and counts are exact anyway. */
double forest_reach(const struct finding *finding, const size_t *which, size_t n)
{
	static const double percent[] = { 2, 5, 10, 20, 50, 100, 300 };
	const size_t last = sizeof(percent) / sizeof(percent[0]) - 1;
	double *size = xcalloc(n + 1, sizeof(size[0])), held;
	size_t known = sizes_of(finding, which, n, false, size), i;

	if (!known)
		known = sizes_of(finding, which, n, true, size);
	held = known ? size[(size_t)ceil(HELD * (double)known) - 1] : 0;
	free(size);
	for (i = 0; i < last && log1p(percent[i] / 100) < held; i++)
		;
	return log1p(percent[i] / 100);
}

void forest_scale(double reach, struct buf *out)
{
	buf_fmt(out, "%.0f%% to %+.0f%%", 100 * expm1(-reach), 100 * expm1(reach));
}

double forest_effect(const struct finding *f)
{
	double difference = f->new - f->old;

	if (!isnan(f->effect) || isnan(difference))
		return f->effect;
	return difference == 0 ? 0 : copysign(INFINITY, difference);
}

static double x_of(double effect, double reach)
{
	return MIDDLE + HALF * fmax(-1, fmin(1, effect / reach));
}

static void add_arrow(double effect, double reach, struct buf *out)
{
	double tip = effect > 0 ? MIDDLE + HALF + 8 : MIDDLE - HALF - 8, back = effect > 0 ? tip - 7 : tip + 7;

	if (fabs(effect) > reach)
		buf_fmt(out, "<path class=\"end\" d=\"M%.1f 8L%.1f 4V12z\"/>", tip, back);
}

/* What the gate lets pass, for changes that are relative. */
static void add_minimum(const struct finding *f, double reach, struct buf *out)
{
	double minimum = f->relative ? log1p(f->minimum) : 0, from = x_of(-minimum, reach);

	if (minimum > 0)
		buf_fmt(out, "<path class=\"least\" d=\"M%.1f 1h%.1fv14h%.1fz\"/>", from,
			2 * (MIDDLE - from), -2 * (MIDDLE - from));
}

void forest_row(const struct finding *f, double reach, struct buf *out)
{
	bool bounds = !isnan(f->low) && !isnan(f->high);
	double effect = forest_effect(f);

	if (isnan(effect))
		return;
	buf_fmt(out, "<svg class=\"forest %s\" viewBox=\"0 0 160 16\" aria-hidden=\"true\">",
		verdict_name(f->judgement.verdict));
	add_minimum(f, reach, out);
	buf_fmt(out, "<path class=\"zero\" d=\"M%.0f 0v16\"/>", MIDDLE);
	if (bounds) {
		buf_fmt(out, "<path class=\"bounds\" d=\"M%.1f 8H%.1f\"/>", x_of(f->low, reach), x_of(f->high, reach));
		add_arrow(f->low, reach, out);
		add_arrow(f->high, reach, out);
	} else {
		buf_fmt(out, "<path class=\"bounds\" d=\"M%.0f 8H%.1f\"/>", MIDDLE, x_of(effect, reach));
		add_arrow(effect, reach, out);
	}
	if (fabs(effect) <= reach)
		buf_fmt(out, "<circle cx=\"%.1f\" cy=\"8\" r=\"3.5\"/>", x_of(effect, reach));
	buf_str(out, "</svg>");
}
