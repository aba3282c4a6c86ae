/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/judge/timed.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "harness/judge/flip.h"
#include "harness/judge/maxt.h"
#include "harness/judge/ratio.h"
#include "lib/alloc.h"

/* The family at one look. */
struct look {
	const struct timed *timed;
	size_t n;
	uint32_t blocks;
	double level;		/* of intervals too */
	bool decides;
	struct chance chance;
	double *ratio, *blur;	/* [cell * blocks + block], [cell] */
	struct ratio *of;	/* [cell] */
	struct adjusted *adjusted;
};

static double geometric_mean(const double *x, const double *d, uint32_t blocks)
{
	double sum = 0;
	uint32_t i, n = 0;

	for (i = 0; i < blocks; i++)
		if (isfinite(d[i])) {
			sum += log(x[i]);
			n++;
		}
	return n ? exp(sum / n) : (double)NAN;
}

/* What is known of one cell by now. */
static struct finding find(const struct look *l, size_t i)
{
	const struct timed *t = &l->timed[i];
	const double *d = l->ratio + i * l->blocks;
	const struct flip_how how = { .alpha = l->level, .blur = l->blur[i], .chance = l->chance };
	struct flip flip = flip_test(d, l->blocks, &how);
	const struct evidence evidence = {
		.blocks = l->of[i].present, .unusable = l->of[i].unusable, .effect = flip.effect,
		.low = flip.low, .high = flip.high, .p = l->adjusted[i].adjusted, .p_least = flip.p_least,
	};
	const struct limits limits = { .alpha = l->level, .minimum = t->finding->minimum, .better = t->better };
	struct finding f = *t->finding;

	f.old = geometric_mean(t->old, d, l->blocks);
	f.new = geometric_mean(t->new, d, l->blocks);
	f.effect = flip.effect;
	f.low = flip.low;
	f.high = flip.high;
	f.p = evidence.p;
	f.blocks = l->of[i].present;
	f.judgement = verdict_of(&evidence, &limits);
	if (!l->decides && f.judgement.because > BECAUSE_UNUSABLE)
		f.judgement = (struct judgement){ VERDICT_INCONCLUSIVE, BECAUSE_FEW };
	return f;
}

static void take_look(struct look *l)
{
	struct family family = { .blocks = l->blocks, .cells = l->n, .chance = l->chance };
	size_t i;

	l->ratio = xcalloc(l->n * l->blocks + 1, sizeof(*l->ratio));
	l->blur = xcalloc(l->n, sizeof(*l->blur));
	l->of = xcalloc(l->n, sizeof(*l->of));
	l->adjusted = xcalloc(l->n, sizeof(*l->adjusted));
	for (i = 0; i < l->n; i++) {
		const struct paired paired = {
			.baseline = l->timed[i].old, .patched = l->timed[i].new, .n = l->blocks
		};

		l->of[i] = ratio_of(&paired, l->ratio + i * l->blocks);
		l->blur[i] = l->of[i].blur;
	}
	family.ratio = l->ratio;
	family.blur = l->blur;
	maxt_adjust(&family, l->adjusted);
	for (i = 0; i < l->n; i++)
		*l->timed[i].finding = find(l, i);
	free(l->ratio);
	free(l->blur);
	free(l->of);
	free(l->adjusted);
}

struct timed_look timed_judge(const struct timed *t, size_t n, const struct timed_call *call)
{
	struct look look = { .timed = t, .n = n, .level = call->looks.alpha, .blocks = call->blocks,
			     .chance = { .seed = call->seed } };
	uint32_t at = 0;
	size_t i;

	while ((at = looks_next(&call->looks, at)) && at <= call->blocks)
		if (looks_level(&call->looks, at) > 0) {
			look.level = looks_level(&call->looks, at);
			look.blocks = at;
			look.decides = true;
		}
	for (i = 0; i < n && !look.blocks; i++)
		t[i].finding->judgement = (struct judgement){ VERDICT_INCONCLUSIVE, BECAUSE_ABSENT };
	if (look.blocks)
		take_look(&look);
	return (struct timed_look){ look.blocks, look.decides ? look.level : 0 };
}
