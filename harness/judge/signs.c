/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/judge/signs.h"

#include <gsl/gsl_rng.h>
#include <stdlib.h>

#include "lib/alloc.h"

struct signs {
	size_t blocks;
	uint64_t total, given;
	gsl_rng *rng;		/* NULL: exact */
	double *sign;
};

struct signs *signs_new(size_t blocks, const struct chance *chance)
{
	struct signs *s = xcalloc(1, sizeof(*s));

	s->blocks = blocks;
	s->sign = xcalloc(blocks + 1, sizeof(*s->sign));
	if (blocks <= SIGNS_EXACT) {
		s->total = blocks ? UINT64_C(1) << (blocks - 1) : 1;
		return s;
	}
	s->total = (chance->draws ? chance->draws : (uint64_t)SIGNS_DRAWS) + 1;
	s->rng = gsl_rng_alloc(gsl_rng_mt19937);
	gsl_rng_set(s->rng, chance->seed);
	return s;
}

void signs_free(struct signs *s)
{
	if (!s)
		return;
	if (s->rng)
		gsl_rng_free(s->rng);
	free(s->sign);
	free(s);
}

bool signs_exact(const struct signs *s)
{
	return !s->rng;
}

uint64_t signs_total(const struct signs *s)
{
	return s->total;
}

/* A binary counter whose last block is the lowest bit: the front of the line seldom changes. */
static size_t count_on(struct signs *s)
{
	size_t i;

	for (i = s->blocks - 1; s->sign[i] < 0; i--)
		s->sign[i] = 1;
	s->sign[i] = -1;
	return i;
}

static size_t draw(struct signs *s)
{
	unsigned long bits = 0;
	size_t i;

	for (i = 1; i < s->blocks; i++) {
		if (i % 32 == 1)
			bits = gsl_rng_get(s->rng);	/* mt19937 gives 32 bits */
		s->sign[i] = bits >> (i - 1) % 32 & 1 ? -1 : 1;
	}
	return 1;
}

const double *signs_next(struct signs *s, size_t *from)
{
	size_t i;

	if (s->given == s->total)
		return NULL;
	*from = 0;
	if (!s->given)
		for (i = 0; i < s->blocks; i++)
			s->sign[i] = 1;
	else
		*from = s->rng ? draw(s) : count_on(s);
	s->given++;
	return s->sign;
}

uint32_t signs_blocks_needed(double alpha)
{
	double least = 1;
	uint32_t n;

	for (n = 1; least > alpha; n++)
		least /= 2;
	return n;
}
