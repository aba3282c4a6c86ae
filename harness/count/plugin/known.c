/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/count/plugin/known.h"

#include <stdlib.h>
#include <string.h>

#include "lib/alloc.h"

#define FIRST_SLOTS 4096	/* a power of two */

struct known {
	struct known_insn **insn;	/* [n], by number */
	uint32_t *slot;			/* number + 1, 0 where free; by hash, linear probing */
	uint32_t n, slots;		/* slots is a power of two, more than twice n, and insn's room */
};

struct known *known_new(void)
{
	struct known *k = xcalloc(1, sizeof(*k));

	k->slots = FIRST_SLOTS;
	k->slot = xcalloc(k->slots, sizeof(k->slot[0]));
	k->insn = xcalloc(k->slots, sizeof(k->insn[0]));
	return k;
}

void known_free(struct known *k)
{
	uint32_t i;

	if (!k)
		return;
	for (i = 0; i < k->n; i++)
		free(k->insn[i]);
	free(k->insn);
	free(k->slot);
	free(k);
}

static uint32_t slot_of(const struct known *k, uint64_t pc)
{
	return (uint32_t)(pc * 0x9e3779b97f4a7c15ull >> 32) & (k->slots - 1);
}

static void grow(struct known *k)
{
	uint32_t i, s;

	k->slots *= 2;
	k->insn = xrealloc(k->insn, k->slots, sizeof(k->insn[0]));
	free(k->slot);
	k->slot = xcalloc(k->slots, sizeof(k->slot[0]));
	for (i = 0; i < k->n; i++) {
		for (s = slot_of(k, k->insn[i]->pc); k->slot[s]; s = (s + 1) & (k->slots - 1))
			;
		k->slot[s] = i + 1;
	}
}

const struct known_insn *known_add(struct known *k, struct insn_decoder *d, uint64_t pc,
				   const unsigned char *byte, size_t len)
{
	struct known_insn *insn;
	uint32_t s;

	for (s = slot_of(k, pc); k->slot[s]; s = (s + 1) & (k->slots - 1)) {
		insn = k->insn[k->slot[s] - 1];
		if (insn->pc == pc && insn->len == len && !memcmp(insn->byte, byte, len))
			return insn;
	}
	insn = xcalloc(1, sizeof(*insn));
	insn->pc = pc;
	insn->number = k->n;
	insn->len = (uint8_t)len;
	memcpy(insn->byte, byte, len);
	insn->kinds = (uint16_t)insn_kinds(d, byte, len);
	k->insn[k->n++] = insn;
	k->slot[s] = k->n;
	if (k->n > k->slots / 2)
		grow(k);
	return insn;
}

const struct known_insn *known_get(const struct known *k, uint32_t number)
{
	return k->insn[number];
}
