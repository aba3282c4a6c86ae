/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/count/plugin/recording.h"

#include <stdlib.h>
#include <string.h>

#include "lib/alloc.h"

#define FIRST_ROOM 1024

void recording_begin(struct recording *r, uint32_t vcpu)
{
	*r = (struct recording){
		.on = true, .op = { .vcpu = vcpu, .access = r->op.access }, .room = r->room,
		.clock = r->clock + 2 * OP_LOOP, .seen = r->seen, .seen_room = r->seen_room,
	};
}

const struct op *recording_end(struct recording *r)
{
	if (!r->on)
		return NULL;
	r->on = false;
	r->op.tail = r->begun - r->at_access;
	return &r->op;
}

void recording_release(struct recording *r)
{
	free(r->op.access);
	free(r->seen);
	memset(r, 0, sizeof(*r));
}

static bool in_user_space(const struct known_insn *insn)
{
	return !(insn->pc >> 63);	/* x86-64 and arm64 alike */
}

static void count_kinds(struct recording *r, unsigned kinds, bool user)
{
	uint32_t *count = r->op.count;

	count[COUNT_STAC] += !!(kinds & INSN_STAC);
	count[COUNT_CLAC] += !!(kinds & INSN_CLAC);
	count[user ? COUNT_USER_ATOMICS : COUNT_ATOMICS] += !!(kinds & INSN_ATOMIC);
	count[COUNT_PAN] += !!(kinds & INSN_PAN);
	count[COUNT_LDTR] += !!(kinds & INSN_LDTR);
	count[COUNT_STTR] += !!(kinds & INSN_STTR);
	count[COUNT_LSE] += kinds & INSN_LSE && !user;
	count[COUNT_EXCLUSIVES] += kinds & INSN_EXCLUSIVE && !user;
	count[COUNT_SYSCALLS] += !!(kinds & (INSN_SYSCALL | INSN_SYSCALL_X86));
	r->syscalls += !!(kinds & INSN_SYSCALL);
	if (!(kinds & INSN_RETURN))
		return;
	if (r->syscalls)
		r->syscalls--;
	else
		count[COUNT_EXCEPTIONS]++;
}

static bool in_loop(struct recording *r, uint32_t insn)
{
	const uint32_t before = r->seen_room;
	uint64_t last;

	if (insn >= before) {
		r->seen_room = 2 * insn + FIRST_ROOM;
		r->seen = xrealloc(r->seen, r->seen_room, sizeof(r->seen[0]));
		memset(r->seen + before, 0, (r->seen_room - before) * sizeof(r->seen[0]));
	}
	last = r->seen[insn];
	r->seen[insn] = ++r->clock;
	return last && r->clock - last <= OP_LOOP;
}

void recording_insn(struct recording *r, const struct known_insn *insn)
{
	bool user = in_user_space(insn);

	/*
	 * The emulator begins a repeated string instruction anew for every element, and once
	 * more to find that none is left. What comes between two of the same is another begin of it.
	 */
	if (insn == r->last && insn->kinds & INSN_REPEATED)
		return;
	r->last = insn;
	r->loaded = r->stored = r->fetched = false;
	memset(r->open, 0, sizeof(r->open));
	r->begun++;
	if (in_loop(r, insn->number)) {
		r->looped++;
		r->op.count[COUNT_LOOPED]++;
	}
	r->op.count[user ? COUNT_USER_INSNS : COUNT_KERNEL_INSNS]++;
	r->op.path = (r->op.path << 5 ^ r->op.path >> 59 ^ insn->pc) * 0x9e3779b97f4a7c15ull;
	if (insn->kinds)
		count_kinds(r, insn->kinds, user);
}

/* Joins an access with the one before of this kind by this instruction: same line, no hole. */
static bool join(struct access *a, const struct access *b)
{
	uint64_t end = a->at + a->bytes, more = b->at + b->bytes;

	if ((a->at ^ b->at) / OP_LINE || a->at - a->virt != b->at - b->virt || b->at > end ||
	    a->at > more)
		return false;
	if (b->at < a->at) {
		a->at = b->at;
		a->virt = b->virt;
	}
	a->bytes = (uint8_t)((more > end ? more : end) - a->at);
	return true;
}

static void append(struct recording *r, const struct access *a)
{
	struct op *op = &r->op;

	if (op->naccesses == RECORDING_MAX) {
		r->overflow = true;
		return;
	}
	if (op->naccesses == r->room) {
		r->room = r->room ? 2 * r->room : FIRST_ROOM;
		op->access = xrealloc(op->access, r->room, sizeof(op->access[0]));
	}
	op->access[op->naccesses] = *a;
	op->access[op->naccesses].looped = r->looped;
	op->access[op->naccesses++].gap = r->begun - r->at_access;
	r->at_access = r->begun;
	r->looped = 0;
	r->open[a->kind] = op->naccesses;
}

static void count_access(struct recording *r, unsigned kinds, const struct touch *t)
{
	bool both = kinds & INSN_RMW, load = both || !t->store, store = both || t->store;

	r->op.count[COUNT_LOADS] += load && !r->loaded;
	r->op.count[COUNT_STORES] += store && !r->stored;
	r->loaded |= load;
	r->stored |= store;
	if (kinds & INSN_STRING && t->store)
		r->op.count[COUNT_STRING_BYTES] += t->bytes;
}

void recording_access(struct recording *r, const struct known_insn *insn, const struct touch *t)
{
	struct access a = {
		.insn = insn->number, .string = insn->kinds & INSN_STRING, .user = in_user_space(insn),
		.kind = insn->kinds & INSN_RMW ? ACCESS_RMW : t->store ? ACCESS_STORE : ACCESS_LOAD,
	};
	uint32_t done, part;

	if (insn->kinds & INSN_STORE_EXCLUSIVE && !t->store)
		return;
	count_access(r, insn->kinds, t);
	if (insn->kinds & INSN_RMW && t->store && r->fetched)
		return;		/* where it has loaded */
	r->fetched |= !t->store;
	for (done = 0; done < t->bytes; done += part) {
		a.at = t->at + done;
		a.virt = t->virt + done;
		part = OP_LINE - (uint32_t)(a.at % OP_LINE);
		part = part < t->bytes - done ? part : t->bytes - done;
		a.bytes = (uint8_t)part;
		if (!r->open[a.kind] || !join(&r->op.access[r->open[a.kind] - 1], &a))
			append(r, &a);
	}
}
