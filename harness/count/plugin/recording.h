/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One vCPU's op while it goes on: instructions and accesses in, a struct op out. Of
 * the emulator it knows how that tells of things, and no call of it.
 */
#ifndef HARNESS_COUNT_PLUGIN_RECORDING_H
#define HARNESS_COUNT_PLUGIN_RECORDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/count/op.h"
#include "harness/count/plugin/known.h"

/* Accesses of one op; the op is not recorded if it has more. 128 MiB. */
#define RECORDING_MAX ((size_t)1 << 22)

struct recording {
	bool on;
	bool overflow;			/* RECORDING_MAX was reached */
	struct op op;			/* access.insn: known_insn.number */
	size_t room;			/* of op.access */
	uint32_t begun, at_access;	/* instructions so far, and at the last access */
	uint32_t looped;		/* COUNT_LOOPED since the last access */
	uint64_t clock;			/* instructions of all ops, with more than OP_LOOP between two ops */
	uint64_t *seen;			/* clock when an instruction was last executed, by its number */
	uint32_t seen_room;
	uint32_t syscalls;		/* arm64: not returned from */
	const struct known_insn *last;	/* the instruction that goes on */
	bool loaded, stored;		/* it counts as one that has */
	bool fetched;			/* it has loaded, and the emulator told so: of an atomic one it may only tell the store */
	size_t open[3];			/* its last access of each kind: index + 1, or 0 */
};

/* One callback's worth, which may cross lines but no page. */
struct touch {
	uint64_t at, virt;	/* physical and virtual address */
	uint32_t bytes;		/* at least 1 */
	bool store;
};

void recording_begin(struct recording *r, uint32_t vcpu);
void recording_insn(struct recording *r, const struct known_insn *insn);
void recording_access(struct recording *r, const struct known_insn *insn, const struct touch *t);
/* The op, until the next recording_begin(); NULL where none was going on. */
const struct op *recording_end(struct recording *r);
void recording_release(struct recording *r);

#endif
