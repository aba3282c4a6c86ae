/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A processor as the coherence model knows it, from a file in configs/machines:
 * what things cost on it, each with the range that is plausible and where it is
 * from. Pure.
 *
 *	machine: xeon-platinum-8480
 *	about: ...
 *	arch: x86-64
 *	cores: 56
 *	private_cache: 2M		(per core, what the model keeps lines in)
 *	private_ways: 16
 *	shared_cache: 105M		(what lines that leave a private cache go to)
 *	window: 512			(instructions that a core has under way at once)
 *	constants:
 *	  instruction_ns: {value: 0.4, low: 0.25, high: 0.5, source: "...", calibrated: true}
 *	  ...
 */
#ifndef HARNESS_PLAN_PROCESSOR_H
#define HARNESS_PLAN_PROCESSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/plan/schema.h"
#include "lib/param.h"

struct buf;

/* The file's keys, those of `constants`, and those of each constant, for docs/model.md. */
extern const struct schema processor_schema, processor_constants_schema, processor_value_schema;

/* Names in files and reports are fixed for good: constant_name(). All in ns but for the last three. */
enum constant {
	CONST_INSTRUCTION,	/* of one instruction that hits its private cache */
	CONST_LOOPED,		/* of one that is a loop's: executed a moment before, see OP_LOOP */
	CONST_SYSCALL,		/* added by entry to the kernel and return, beyond their instructions */
	CONST_ATOMIC,		/* added by an atomic instruction whose line is there already */
	CONST_USER_ACCESS,	/* added by one STAC or CLAC (arm64: one switch of PAN) */
	CONST_STRING_START,	/* added by a string instruction, before its first byte */
	CONST_TRANSFER,		/* latency of a line that another core has modified */
	CONST_UPGRADE,		/* latency of writing a line that others hold shared */
	CONST_SHARED,		/* latency of a line that is in the shared level, or clean elsewhere */
	CONST_BUSY,		/* how long a line that moves cannot move again */
	CONST_MEMORY,		/* latency of a line that is in no cache */
	CONST_EXCEPTION,	/* added by an exception or interrupt and the return from it */
	CONST_LOAD_WAIT,	/* share of the latency of a plain load that the core waits for: 0 to 1 */
	CONST_COPY,		/* bytes per ns that a core copies, both ends in its private cache */
	CONST_COPY_SHARED,	/* bytes per ns where the source is in the shared level */
	NCONSTANTS
};

const char *constant_name(enum constant c);	/* "instruction_ns", ..., "copy_bytes_per_ns". Static. */
const char *constant_about(enum constant c);	/* one line. Static. */

struct constant_value {
	double value, low, high;	/* low <= value <= high; rates and what is divided by are above 0 */
	char *source;			/* a public one: paper, manual, table; "fitted to ..." where calibrated */
	bool calibrated;
};

struct processor {
	char *name, *about;
	char id[CELL_ID_LEN + 1];	/* hash of all figures below: another for another file of the same name */
	bool arm64;
	uint32_t cores;			/* 1 to 1024 */
	uint64_t private_bytes;		/* of cache a core */
	uint32_t private_ways;
	uint64_t shared_bytes;		/* of all cores */
	uint32_t window;		/* instructions under way: entries of the reorder buffer; 1: in order */
	struct constant_value constant[NCONSTANTS];
};

/* 0, or -1 with "FILE:LINE:COL: what, and what would be right" in why. The caller releases where it succeeded. */
int processor_parse(const char *file, const char *text, size_t len, struct processor *p, struct buf *why);
void processor_release(struct processor *p);

#endif
