/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One counted op as the trace tells it, and a region: all counted ops of one
 * cell. Plain data; the trace's reader fills it, the model reads it.
 */
#ifndef HARNESS_COUNT_OP_H
#define HARNESS_COUNT_OP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OP_LOOP 64u	/* instructions: what comes again so soon is a loop's */
#define OP_LINE 64u	/* bytes of a cache line: all x86-64, and the Neoverse cores */

/* What is counted per op. Names are fixed for good: count_name(). */
enum count {
	COUNT_KERNEL_INSNS,	/* instructions at kernel addresses; a repeated string instruction is one */
	COUNT_USER_INSNS,
	COUNT_STAC,		/* x86-64 */
	COUNT_CLAC,
	COUNT_ATOMICS,		/* the kernel's; x86-64: LOCK prefix, or xchg with memory; arm64: LSE atomics, and LDXR/LDAXR ones */
	COUNT_LOADS,		/* instructions' accesses; a string instruction or one of several registers is one */
	COUNT_STORES,
	COUNT_EXCEPTIONS,	/* returns from exceptions and interrupts (IRET; ERET but for the system call's own) */
	COUNT_STRING_BYTES,	/* moved or set by x86-64 string instructions */
	COUNT_PAN,		/* arm64: writes of PSTATE.PAN */
	COUNT_LDTR,		/* arm64: unprivileged loads and stores */
	COUNT_STTR,
	COUNT_LSE,		/* arm64: of COUNT_ATOMICS, LSE ones */
	COUNT_EXCLUSIVES,	/* arm64: of COUNT_ATOMICS, LDXR and its like */
	COUNT_USER_ATOMICS,	/* user space's: glibc's read() has two where there are threads, for pthread_cancel() */
	COUNT_LOOPED,		/* instructions, of kernel and user space, executed at most OP_LOOP instructions before */
	COUNT_SYSCALLS,		/* SYSCALL, SVC */
	NCOUNTS
};

/* "kernel_instructions", "stac", ... Static. */
const char *count_name(enum count c);
/* Is it counted on this architecture (arm64: true)? */
bool count_exists(enum count c, bool arm64);

enum access_kind { ACCESS_LOAD, ACCESS_STORE, ACCESS_RMW };

/*
 * Accesses to one line by one instruction, joined where they follow each other without a hole: never
 * across a line's border.
 */
struct access {
	uint64_t at;		/* physical address of the lowest byte */
	uint64_t virt;		/* virtual address of the same byte */
	uint32_t insn;		/* index in struct trace's insn[] */
	uint32_t gap;		/* instructions begun since the access before (or the op's begin), this one's included */
	uint32_t looped;	/* of these, how many are COUNT_LOOPED */
	uint8_t bytes;		/* 1 to OP_LINE */
	uint8_t kind;		/* enum access_kind */
	bool string;		/* by a string instruction */
	bool user;		/* by an instruction in user space */
};

struct op {
	uint32_t vcpu;		/* threads are pinned: thread i of the cell is on vCPU i of its placement */
	uint32_t count[NCOUNTS];
	uint64_t path;		/* hash of the instructions' addresses in order */
	uint32_t tail;		/* instructions after the last access */
	struct access *access;
	size_t naccesses;
};

/* Ops of one vCPU stand in the order in which it did them. */
struct region {
	uint32_t number;	/* from 0, in the order in which cells were counted in this boot */
	struct op *op;
	size_t nops;
};

#endif
