/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/count/plugin/writer.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/count/plugin/known.h"
#include "harness/count/trace_format.h"
#include "harness/count/zstream.h"
#include "lib/alloc.h"
#include "lib/err.h"

#define RECORD_MAX 64	/* bytes of the longest piece put together at once */

struct writer {
	struct zwriter *z;
	const struct known *known;
	bool done;		/* or failed */
	uint32_t *number;	/* in the trace, + 1, by known_insn.number; 0: not written yet */
	uint32_t room, written;
	uint64_t pc;		/* of the instruction written last */
	uint64_t region, ops;
};

static void check(struct writer *w, int result)
{
	if (!result || w->done)
		return;
	w->done = true;
	err("write the trace: %m");
}

struct piece {
	unsigned char byte[RECORD_MAX];
	size_t len;
};

static void put_byte(struct piece *p, unsigned value)
{
	p->byte[p->len++] = (unsigned char)value;
}

/* Seven bits a byte, the lowest first; the top bit says that more follow. */
static void put(struct piece *p, uint64_t value)
{
	for (; value >= 0x80; value >>= 7)
		put_byte(p, (unsigned)(value & 0x7f) | 0x80);
	put_byte(p, (unsigned)value);
}

/* Signed ones with the sign in the lowest bit: small either way is short. */
static void put_difference(struct piece *p, uint64_t now, uint64_t before)
{
	uint64_t d = now - before;

	put(p, d >> 63 ? ~(d << 1) : d << 1);
}

static void add(struct writer *w, struct piece *p)
{
	if (!w->done)
		check(w, zwriter_add(w->z, p->byte, p->len));
	p->len = 0;
}

static void write_head(struct writer *w, int fd, bool arm64)
{
	unsigned char head[TRACE_HEAD] = TRACE_MAGIC;
	ssize_t n;

	head[TRACE_HEAD - 2] = TRACE_VERSION;
	head[TRACE_HEAD - 1] = arm64 ? TRACE_ARM64 : TRACE_X86_64;
	n = write(fd, head, sizeof(head));
	if (n >= 0 && n != (ssize_t)sizeof(head))
		errno = ENOSPC;
	check(w, n == (ssize_t)sizeof(head) ? 0 : -1);
}

struct writer *writer_new(int fd, bool arm64, const struct known *known)
{
	struct writer *w = xcalloc(1, sizeof(*w));

	w->z = zwriter_new(fd);
	w->known = known;
	write_head(w, fd, arm64);
	return w;
}

void writer_begin(struct writer *w)
{
	struct piece p = { .len = 0 };

	put_byte(&p, TRACE_BEGIN);
	put(&p, w->region);
	add(w, &p);
	w->ops = 0;
}

void writer_end(struct writer *w)
{
	struct piece p = { .len = 0 };

	put_byte(&p, TRACE_END);
	put(&p, w->region++);
	put(&p, w->ops);
	add(w, &p);
	if (!w->done)
		check(w, zwriter_flush(w->z));
}

static void write_insn(struct writer *w, const struct known_insn *insn)
{
	struct piece p = { .len = 0 };

	put_byte(&p, TRACE_INSN);
	put_difference(&p, insn->pc, w->pc);
	put_byte(&p, insn->len);
	memcpy(p.byte + p.len, insn->byte, insn->len);
	p.len += insn->len;
	add(w, &p);
	w->pc = insn->pc;
}

/* Its number in the trace: in the order in which accesses name them. */
static uint32_t number(struct writer *w, uint32_t known)
{
	uint32_t before = w->room;

	if (known >= w->room) {
		w->room = 2 * known + 1024;
		w->number = xrealloc(w->number, w->room, sizeof(w->number[0]));
		memset(w->number + before, 0, (w->room - before) * sizeof(w->number[0]));
	}
	if (!w->number[known]) {
		write_insn(w, known_get(w->known, known));
		w->number[known] = ++w->written;
	}
	return w->number[known] - 1;
}

/* before: all zeros for an op's first; same_as: its instruction's number. Returns this one's. */
static uint32_t write_access(struct writer *w, const struct access *a, const struct access *before,
			     uint32_t same_as)
{
	uint64_t offset = a->at - a->virt, offset_before = before->at - before->virt;
	uint32_t insn = number(w, a->insn);
	struct piece p = { .len = 0 };

	put_byte(&p, a->kind | (a->string ? TRACE_STRING : 0) | (a->user ? TRACE_USER : 0) |
		     (insn == same_as ? TRACE_SAME_INSN : 0) |
		     (offset == offset_before ? TRACE_SAME_OFFSET : 0) |
		     (a->bytes == OP_LINE ? TRACE_WHOLE_LINE : 0) | (a->looped ? TRACE_LOOPED : 0));
	put(&p, a->gap);
	if (a->looped)
		put(&p, a->looped);
	put_difference(&p, a->virt, before->virt);
	if (insn != same_as)
		put_difference(&p, insn, same_as);
	if (offset != offset_before)
		put_difference(&p, offset, offset_before);
	if (a->bytes != OP_LINE)
		put_byte(&p, a->bytes);
	add(w, &p);
	return insn;
}

/*
 * Differences start from zero in every op: ops that do the same are the same bytes, and
 * are compressed to next to nothing.
 */
void writer_op(struct writer *w, const struct op *op)
{
	struct piece p = { .len = 0 };
	struct access before = { 0 };
	uint32_t insn = 0;
	size_t i;
	int c;

	for (i = 0; i < op->naccesses; i++)
		number(w, op->access[i].insn);	/* instructions first: a record is not cut in two by another */
	put_byte(&p, TRACE_OP);
	put(&p, op->vcpu);
	add(w, &p);
	for (c = 0; c < NCOUNTS; c++) {
		put(&p, op->count[c]);
		add(w, &p);
	}
	put(&p, op->path);
	put(&p, op->tail);
	put(&p, op->naccesses);
	add(w, &p);
	for (i = 0; i < op->naccesses; i++) {
		insn = write_access(w, &op->access[i], &before, insn);
		before = op->access[i];
	}
	w->ops++;
}

void writer_fail(struct writer *w, const char *why)
{
	if (!w->done)
		err("%s", why);
	w->done = true;
}

void writer_abandon(struct writer *w)
{
	if (!w->done)
		check(w, zwriter_end(w->z));
	w->done = true;
}

void writer_finish(struct writer *w)
{
	struct piece p = { .len = 0 };

	put_byte(&p, TRACE_LAST);
	put(&p, w->region);
	add(w, &p);
	writer_abandon(w);
}

void writer_free(struct writer *w)
{
	if (!w)
		return;
	zwriter_free(w->z);
	free(w->number);
	free(w);
}
