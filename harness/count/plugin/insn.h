/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an instruction is, as far as ops are counted by it. x86-64 is decoded by
 * capstone, which this module alone includes; arm64's encodings are fixed-width and
 * few, and capstone 4 does not know LSE atomics.
 */
#ifndef HARNESS_COUNT_PLUGIN_INSN_H
#define HARNESS_COUNT_PLUGIN_INSN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INSN_MAX 15	/* bytes */

/* Kinds, or'ed. 0: nothing about it is counted but that it was begun, and what it accessed. */
enum insn_kind {
	INSN_STAC = 1 << 0,
	INSN_CLAC = 1 << 1,
	INSN_ATOMIC = 1 << 2,		/* counts as one: see COUNT_ATOMICS */
	INSN_RMW = 1 << 3,		/* its load and its store cannot be told apart from outside */
	INSN_STRING = 1 << 4,		/* x86-64: movs, stos, lods, scas, cmps, ins, outs */
	INSN_REPEATED = 1 << 5,		/* with a REP prefix: begun anew for each element */
	INSN_RETURN = 1 << 6,		/* IRET, ERET */
	INSN_SYSCALL = 1 << 7,		/* arm64: SVC, which returns by ERET */
	INSN_PAN = 1 << 8,
	INSN_LDTR = 1 << 9,
	INSN_STTR = 1 << 10,
	INSN_LSE = 1 << 11,
	INSN_EXCLUSIVE = 1 << 12,	/* LDXR, LDAXR, LDXP, LDAXP */
	INSN_STORE_EXCLUSIVE = 1 << 13,	/* STXR and its like: the emulator's load is not the program's */
	INSN_SYSCALL_X86 = 1 << 14,	/* SYSCALL, which returns by SYSRET, or by an IRET that is told as an exception's */
};

struct insn_decoder;

/* NULL after reporting: the library does not know the architecture. */
struct insn_decoder *insn_decoder_new(bool arm64);
void insn_decoder_free(struct insn_decoder *d);

/* 1 to INSN_MAX bytes. What cannot be decoded is 0. */
unsigned insn_kinds(struct insn_decoder *d, const unsigned char *byte, size_t len);

/* An enum roi_mark, or -1: no marker. */
int insn_marker(bool arm64, const unsigned char *byte, size_t len);

#endif
