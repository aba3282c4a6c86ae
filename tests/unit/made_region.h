/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Regions and processors made by hand, for tests of what is counted and predicted.
 *
 *	struct region r = { 0 };
 *	made_op(&r, 0);				by the thread on vCPU 0
 *	made_access(&r, ACCESS_RMW, 0x1000, 3);	its third instruction from here
 *	made_rest(&r, 10);			ten more instructions
 */
#ifndef TESTS_UNIT_MADE_REGION_H
#define TESTS_UNIT_MADE_REGION_H

#include <stdlib.h>

#include "harness/count/op.h"
#include "harness/plan/processor.h"
#include "lib/alloc.h"

static inline struct op *made_op(struct region *r, uint32_t vcpu)
{
	if (!(r->nops & (r->nops - 1)))
		r->op = xrealloc(r->op, r->nops ? 2 * r->nops : 1, sizeof(*r->op));
	r->op[r->nops] = (struct op){ .vcpu = vcpu, .path = 1 };
	return &r->op[r->nops++];
}

static inline struct op *made_last(struct region *r)
{
	return &r->op[r->nops - 1];
}

/* 8 bytes in user space, by an instruction that is a hundredth of its address; an atomic one where it is ACCESS_RMW. */
static inline struct access *made_access(struct region *r, enum access_kind kind, uint64_t at, uint32_t gap)
{
	static const enum count counted[] = {
		[ACCESS_LOAD] = COUNT_LOADS, [ACCESS_STORE] = COUNT_STORES, [ACCESS_RMW] = COUNT_ATOMICS,
	};
	struct op *op = made_last(r);

	/* Room for the next power of two. */
	if (!(op->naccesses & (op->naccesses - 1)))
		op->access = xrealloc(op->access, op->naccesses ? 2 * op->naccesses : 1, sizeof(*op->access));
	op->access[op->naccesses] = (struct access){
		.at = at, .virt = at + 0xffff000000000000, .insn = (uint32_t)at / 256, .gap = gap,
		.bytes = 8, .kind = (uint8_t)kind, .user = true,
	};
	op->count[COUNT_USER_INSNS] += gap;
	op->count[counted[kind]]++;
	return &op->access[op->naccesses++];
}

static inline void made_rest(struct region *r, uint32_t insns)
{
	made_last(r)->tail += insns;
	made_last(r)->count[COUNT_USER_INSNS] += insns;
}

static inline void made_release(struct region *r)
{
	size_t i;

	for (i = 0; i < r->nops; i++)
		free(r->op[i].access);
	free(r->op);
	*r = (struct region){ 0 };
}

/* Round figures to work with on paper; nothing to release. */
static inline struct processor made_processor(void)
{
	static const struct constant_value constants[NCONSTANTS] = {
		[CONST_INSTRUCTION] = { 0.5, 0.25, 1, "test", false },
		[CONST_LOOPED] = { 0.125, 0.0625, 0.25, "test", false },
		[CONST_SYSCALL] = { 50, 25, 100, "test", false },
		[CONST_ATOMIC] = { 5, 2, 10, "test", false },
		[CONST_USER_ACCESS] = { 4, 0, 8, "test", false },
		[CONST_STRING_START] = { 8, 4, 16, "test", false },
		[CONST_TRANSFER] = { 60, 50, 100, "test", false },
		[CONST_UPGRADE] = { 40, 30, 60, "test", false },
		[CONST_SHARED] = { 30, 20, 50, "test", false },
		[CONST_BUSY] = { 25, 20, 50, "test", false },
		[CONST_MEMORY] = { 100, 80, 150, "test", false },
		[CONST_EXCEPTION] = { 200, 100, 400, "test", false },
		[CONST_LOAD_WAIT] = { 0.5, 0.25, 1, "test", false },
		[CONST_COPY] = { 64, 32, 128, "test", false },
		[CONST_COPY_SHARED] = { 16, 8, 32, "test", false },
	};
	struct processor p = {
		.cores = 64, .private_bytes = 1 << 20, .private_ways = 16, .shared_bytes = 64 << 20,
		.window = 256,
	};
	int i;

	for (i = 0; i < NCONSTANTS; i++)
		p.constant[i] = constants[i];
	return p;
}

#endif
