/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes a trace. Where a call fails it reports, once, and all later ones do nothing:
 * the trace then has no last record, by which its reader knows. Not thread-safe.
 */
#ifndef HARNESS_COUNT_PLUGIN_WRITER_H
#define HARNESS_COUNT_PLUGIN_WRITER_H

#include <stdbool.h>

#include "harness/count/op.h"

struct known;
struct writer;

/* Both stay the caller's. `known` has every instruction that an op's accesses name. */
struct writer *writer_new(int fd, bool arm64, const struct known *known);
void writer_begin(struct writer *w);			/* of a region: they are numbered from 0 */
void writer_op(struct writer *w, const struct op *op);
void writer_end(struct writer *w);			/* of a region */
void writer_finish(struct writer *w);			/* the trace is whole; nothing more is written */
void writer_abandon(struct writer *w);			/* it is not; nothing more is written */
void writer_fail(struct writer *w, const char *why);	/* says so, once; nothing more is written */
void writer_free(struct writer *w);			/* NULL is fine */

#endif
