/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/near.h"

#include <string.h>

#include "lib/buf.h"

#define LONGEST 64

static unsigned min(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Optimal string alignment: insert, delete, replace and swap of neighbours cost one each. */
static unsigned distance(const char *a, const char *b)
{
	size_t la = strlen(a), lb = strlen(b), i, j;
	unsigned row[3][LONGEST + 1], *before = row[0], *last = row[1], *now = row[2], *spare;

	if (la > LONGEST || lb > LONGEST)
		return LONGEST;
	for (j = 0; j <= lb; j++)
		last[j] = (unsigned)j;
	for (i = 1; i <= la; i++) {
		now[0] = (unsigned)i;
		for (j = 1; j <= lb; j++) {
			now[j] = min(min(last[j], now[j - 1]) + 1,
				     last[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				now[j] = min(now[j], before[j - 2] + 1);
		}
		spare = before;
		before = last;
		last = now;
		now = spare;
	}
	return last[lb];
}

void near_init(struct near *n, const char *word)
{
	n->word = word;
	n->best = NULL;
	/* a third of the word may be wrong, and never more than two letters and a bit */
	n->distance = min((unsigned)strlen(word) / 3 + 1, 3) + 1;
}

void near_offer(struct near *n, const char *candidate)
{
	unsigned d = distance(n->word, candidate);

	if (d < n->distance && d < strlen(candidate)) {
		n->distance = d;
		n->best = candidate;
	}
}

void near_hint(const struct near *n, struct buf *out)
{
	if (n->best)
		buf_fmt(out, " (did you mean '%s'?)", n->best);
}
