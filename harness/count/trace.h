/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A trace as libfoliotrace.so writes it, read region by region, so that no more
 * than one cell's ops are in memory. docs/trace.md describes the bytes.
 */
#ifndef HARNESS_COUNT_TRACE_H
#define HARNESS_COUNT_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/count/op.h"

struct buf;

struct trace_insn {
	uint64_t pc;		/* virtual address */
	uint8_t len;
	uint8_t byte[15];
};

struct trace;

/* NULL and why: not a trace, another version, of another architecture than known, cut short at its head. */
struct trace *trace_open(const char *path, struct buf *why);
void trace_close(struct trace *t);	/* NULL is fine */

bool trace_is_arm64(const struct trace *t);

/*
 * The next region: 1; 0 at the end; -1 and why ("PATH: ends in the middle of region 3: the emulator was
 * stopped, or its disk full"). The caller releases it with region_release() in every case.
 */
int trace_next(struct trace *t, struct region *r, struct buf *why);
void region_release(struct region *r);

/* The instructions met so far; access.insn is an index. They live as long as the trace. */
const struct trace_insn *trace_insns(const struct trace *t, size_t *n);

#endif
