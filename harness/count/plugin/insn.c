/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/count/plugin/insn.h"

#include <capstone/capstone.h>

#include "lib/alloc.h"
#include "lib/err.h"
#include "lib/roi.h"

struct insn_decoder {
	bool arm64;
	csh handle;
	cs_insn *insn;	/* room for one with detail, used over and over */
};

struct insn_decoder *insn_decoder_new(bool arm64)
{
	struct insn_decoder *d = xcalloc(1, sizeof(*d));
	cs_err error;

	d->arm64 = arm64;
	if (arm64)
		return d;
	error = cs_open(CS_ARCH_X86, CS_MODE_64, &d->handle);
	if (!error)
		error = cs_option(d->handle, CS_OPT_DETAIL, CS_OPT_ON);
	if (!error)
		d->insn = cs_malloc(d->handle);
	if (d->insn)
		return d;
	err("capstone cannot decode x86-64: %s", cs_strerror(error));
	insn_decoder_free(d);
	return NULL;
}

void insn_decoder_free(struct insn_decoder *d)
{
	if (!d)
		return;
	if (d->insn)
		cs_free(d->insn, 1);
	if (d->handle)
		cs_close(&d->handle);
	free(d);
}

static uint32_t word(const unsigned char *byte)
{
	return byte[0] | (uint32_t)byte[1] << 8 | (uint32_t)byte[2] << 16 | (uint32_t)byte[3] << 24;
}

/*
 * By opcode, for capstone calls the string instruction and the SSE move both "movsd". One-byte
 * opcodes (Intel SDM volume 2): 6c to 6f ins and outs, a4 to a7 movs and cmps, aa to af stos, lods and scas.
 */
static bool is_string(const cs_x86 *x)
{
	uint8_t op = x->opcode[0];

	return (op >= 0x6c && op <= 0x6f) || (op >= 0xa4 && op <= 0xa7) || (op >= 0xaa && op <= 0xaf);
}

static bool has_memory_operand(const cs_x86 *x)
{
	unsigned i;

	for (i = 0; i < x->op_count; i++)
		if (x->operands[i].type == X86_OP_MEM)
			return true;
	return false;
}

static unsigned x86_kinds(const cs_insn *insn)
{
	const cs_x86 *x = &insn->detail->x86;

	switch (insn->id) {
	case X86_INS_STAC:
		return INSN_STAC;
	case X86_INS_CLAC:
		return INSN_CLAC;
	case X86_INS_SYSCALL:
		return INSN_SYSCALL_X86;
	case X86_INS_IRET:
	case X86_INS_IRETD:
	case X86_INS_IRETQ:
		return INSN_RETURN;
	case X86_INS_XCHG:	/* with memory it locks, prefix or not */
		return has_memory_operand(x) ? INSN_ATOMIC | INSN_RMW : 0;
	}
	if (x->prefix[0] == X86_PREFIX_LOCK)
		return INSN_ATOMIC | INSN_RMW;
	if (is_string(x))
		return INSN_STRING | (x->prefix[0] ? INSN_REPEATED : 0);
	return 0;
}

/* Encodings from the Arm ARM, C4.1 "A64 instruction set encoding"; the first match counts. */
static const struct {
	uint32_t mask, value;
	unsigned kinds;
} arm64_encodings[] = {
	{ 0x3ffffc00, 0x38bfc000, 0 },						/* LDAPR: no more than a load */
	{ 0x3f208c00, 0x38200000, INSN_ATOMIC | INSN_RMW | INSN_LSE },		/* LDADD, LDSET, ... */
	{ 0x3f20fc00, 0x38208000, INSN_ATOMIC | INSN_RMW | INSN_LSE },		/* SWP */
	{ 0x3fa07c00, 0x08a07c00, INSN_ATOMIC | INSN_RMW | INSN_LSE },		/* CAS */
	{ 0xbfa07c00, 0x08207c00, INSN_ATOMIC | INSN_RMW | INSN_LSE },		/* CASP */
	{ 0x3fe00000, 0x08400000, INSN_ATOMIC | INSN_EXCLUSIVE },		/* LDXR, LDAXR */
	{ 0xbfe00000, 0x88600000, INSN_ATOMIC | INSN_EXCLUSIVE },		/* LDXP, LDAXP */
	{ 0x3fe00000, 0x08000000, INSN_STORE_EXCLUSIVE },			/* STXR, STLXR */
	{ 0xbfe00000, 0x88200000, INSN_STORE_EXCLUSIVE },			/* STXP, STLXP */
	{ 0x3fe00c00, 0x38000800, INSN_STTR },
	{ 0x3f200c00, 0x38000800, INSN_LDTR },
	{ 0xfffff0ff, 0xd500409f, INSN_PAN },					/* MSR PAN, #imm */
	{ 0xffffffe0, 0xd5184260, INSN_PAN },					/* MSR PAN, Xt */
	{ 0xffffffff, 0xd69f03e0, INSN_RETURN },
	{ 0xfffffbff, 0xd69f0bff, INSN_RETURN },				/* ERETAA, ERETAB */
	{ 0xffe0001f, 0xd4000001, INSN_SYSCALL },
};

static unsigned arm64_kinds(uint32_t insn)
{
	size_t i;

	for (i = 0; i < sizeof(arm64_encodings) / sizeof(arm64_encodings[0]); i++)
		if ((insn & arm64_encodings[i].mask) == arm64_encodings[i].value)
			return arm64_encodings[i].kinds;
	return 0;
}

unsigned insn_kinds(struct insn_decoder *d, const unsigned char *byte, size_t len)
{
	uint64_t pc = 0;

	if (d->arm64)
		return len == 4 ? arm64_kinds(word(byte)) : 0;
	return cs_disasm_iter(d->handle, &byte, &len, &pc, d->insn) ? x86_kinds(d->insn) : 0;
}

int insn_marker(bool arm64, const unsigned char *byte, size_t len)
{
	uint32_t mark;

	if (arm64) {
		if (len != ROI_LEN_ARM64 || (word(byte) & 0xffe0001f) != 0xd2e0001f)
			return -1;
		mark = ((word(byte) >> 5) & 0xffff) - ROI_MAGIC_ARM64;
	} else {
		if (len != ROI_LEN_X86 || byte[0] != 0x0f || byte[1] != 0x1f || byte[2] != 0x80)
			return -1;
		mark = word(byte + 3) - ROI_MAGIC_X86;
	}
	return mark < ROI_MARKS ? (int)mark : -1;
}
