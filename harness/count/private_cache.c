/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/count/private_cache.h"

#include <stdlib.h>
#include <string.h>

#include "harness/count/op.h"
#include "lib/alloc.h"

struct private_cache {
	uint32_t sets, ways;
	uint64_t *tag;	/* [sets * ways]: the line's number + 1, the one used last first in its set; 0: empty */
};

struct private_cache *private_cache_new(uint32_t sets, uint32_t ways)
{
	struct private_cache *c = xcalloc(1, sizeof(*c));

	c->sets = sets;
	c->ways = ways;
	c->tag = xcalloc((size_t)sets * ways, sizeof(*c->tag));
	return c;
}

void private_cache_free(struct private_cache *c)
{
	if (!c)
		return;
	free(c->tag);
	free(c);
}

bool private_cache_touch(struct private_cache *c, uint64_t address)
{
	const uint64_t number = address / OP_LINE, tag = number + 1;
	uint64_t *set = c->tag + number % c->sets * c->ways;
	uint32_t way = 0;
	bool there;

	while (way < c->ways - 1 && set[way] != tag)
		way++;
	there = set[way] == tag;
	memmove(set + 1, set, way * sizeof(*set));
	set[0] = tag;
	return there;
}
