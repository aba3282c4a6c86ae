/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/judge/finding.h"

#include <math.h>

#include "harness/judge/ratio.h"
#include "harness/store/counted.h"
#include "lib/buf.h"

#define CLOSE 1e-9	/* counts are small numbers or means of these over threads: what is nearer is equal */

static double side(const struct finding *f, const struct count_record *c,
		   const struct prediction_record *p)
{
	if (f->yardstick.which == YARDSTICK_TRANSFERS)
		return p ? p->transfers : (double)NAN;
	return c ? c->count[f->yardstick.which] : (double)NAN;
}

double finding_allowance(const struct finding *f)
{
	return f->relative ? f->minimum * f->old : f->minimum;
}

static struct judgement compare(const struct finding *f, enum better better)
{
	double apart = f->new - f->old;
	bool higher = apart > 0;

	if (fabs(apart) <= CLOSE)
		return (struct judgement){ VERDICT_UNCHANGED, BECAUSE_EQUAL };
	if (fabs(apart) <= finding_allowance(f) + CLOSE)
		return (struct judgement){ VERDICT_UNCHANGED, BECAUSE_ALLOWED };
	return (struct judgement){ higher == (better == HIGHER_IS_BETTER) ? VERDICT_IMPROVED : VERDICT_REGRESSED,
				   BECAUSE_APART };
}

static bool is_stable(const struct count_record *c)
{
	return !c || c->stable;
}

void finding_exact(struct finding *f, const struct exact_sides *s, enum better better)
{
	f->old = side(f, s->old, s->predicted_old);
	f->new = side(f, s->new, s->predicted_new);
	f->effect = f->old > 0 && f->new > 0 ? log(f->new / f->old) : (double)NAN;
	f->low = f->high = f->p = (double)NAN;
	if (isnan(f->old) || isnan(f->new))
		f->judgement = (struct judgement){ VERDICT_INCONCLUSIVE, BECAUSE_UNCOUNTED };
	else if (is_stable(s->old) && is_stable(s->new))
		f->judgement = compare(f, better);
	else
		f->judgement = (struct judgement){ VERDICT_INCONCLUSIVE, BECAUSE_UNSTABLE };
	if (!is_stable(s->old) && !is_stable(s->new))
		f->gating = false;
}

static bool is_whole(double x)
{
	return fabs(x - round(x)) <= CLOSE;
}

/* Whole numbers as such; where there are others, as many decimals as make the difference show. */
static int decimals(const struct finding *f)
{
	double apart = fabs(f->new - f->old);

	if (is_whole(f->old) && is_whole(f->new))
		return 0;
	return apart > CLOSE && apart < 0.1 ? (int)(1 - floor(log10(apart) + CLOSE)) : 2;
}

static void say_count(const struct finding *f, struct buf *out)
{
	int n = decimals(f);

	buf_fmt(out, "%+.*f %s per op (%.*f -> %.*f)", n, f->new - f->old, yardstick_label(f->yardstick), n, f->old,
		n, f->new);
}

static double percent(double log_ratio)
{
	return ratio_change(log_ratio) * 100;
}

static void say_time(const struct finding *f, struct buf *out)
{
	buf_fmt(out, "%+.1f%% %s (p %.2g)", percent(f->effect), yardstick_label(f->yardstick), f->p);
	if (isfinite(f->low) && isfinite(f->high))
		buf_fmt(out, ", between %+.1f%% and %+.1f%%", percent(f->low), percent(f->high));
}

void finding_say(const struct finding *f, struct buf *out)
{
	if (isnan(f->old) || isnan(f->new))
		buf_fmt(out, "%s: %s", yardstick_label(f->yardstick), because_text(f->judgement.because));
	else if (f->yardstick.exact)
		say_count(f, out);
	else
		say_time(f, out);
}
