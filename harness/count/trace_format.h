/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the plugin's writer and the trace's reader agree on: docs/trace.md says it in
 * words. A head, then one zstd stream of records.
 */
#ifndef HARNESS_COUNT_TRACE_FORMAT_H
#define HARNESS_COUNT_TRACE_FORMAT_H

#define TRACE_MAGIC "FOLIOTRC"	/* without its NUL: the head's first bytes */
#define TRACE_VERSION 1
#define TRACE_X86_64 1		/* the head's last byte; before it stands the version */
#define TRACE_ARM64 2
#define TRACE_HEAD 10		/* bytes */

/* A record's first byte. */
enum trace_record {
	TRACE_INSN = 'i',
	TRACE_BEGIN = 'b',	/* of a region */
	TRACE_OP = 'o',
	TRACE_END = 'e',	/* of a region */
	TRACE_LAST = 'z',
};

/* The first byte of an access: enum access_kind in the lowest two bits, and these. */
enum trace_access_bits {
	TRACE_KIND = 3 << 0,
	TRACE_STRING = 1 << 2,
	TRACE_USER = 1 << 3,
	TRACE_SAME_INSN = 1 << 4,	/* as the access before; else a number follows */
	TRACE_SAME_OFFSET = 1 << 5,	/* physical minus virtual address as the access before; else it follows */
	TRACE_WHOLE_LINE = 1 << 6,	/* 64 bytes; else their number follows */
	TRACE_LOOPED = 1 << 7,		/* how many of the gap's instructions are a loop's follows it */
};

#endif
