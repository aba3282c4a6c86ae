/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/count/trace.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/count/trace_format.h"
#include "harness/count/zstream.h"
#include "lib/alloc.h"
#include "lib/buf.h"

#define ACCESSES_MAX ((uint64_t)1 << 22)	/* of an op: the plugin writes no more */
#define GAP_MAX UINT32_MAX

struct trace {
	char *path;
	int fd;
	bool arm64;
	bool failed;			/* why was told; nothing more comes */
	bool last;			/* the last record was read */
	struct zreader *z;
	const unsigned char *at, *end;	/* what was uncompressed and not read yet */
	struct trace_insn *insn;
	size_t ninsns, room;
	uint64_t pc;			/* of the instruction read last */
	uint32_t regions;		/* whole ones so far */
	bool inside;			/* of a region */
};

/* Where it is: for messages. */
static void place(const struct trace *t, struct buf *why)
{
	buf_fmt(why, "%s: ", t->path);
	if (t->inside)
		buf_fmt(why, "in region %" PRIu32 ": ", t->regions);
	else if (t->regions)
		buf_fmt(why, "after region %" PRIu32 ": ", t->regions - 1);
}

/* Says why, once, and that there is nothing more to have of it. Always false. */
static bool damaged(struct trace *t, struct buf *why, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
static bool damaged(struct trace *t, struct buf *why, const char *fmt, ...)
{
	va_list ap;

	if (t->failed)
		return false;
	t->failed = true;
	place(t, why);
	va_start(ap, fmt);
	buf_vfmt(why, fmt, ap);
	va_end(ap);
	return false;
}

static bool cut(struct trace *t, struct buf *why)
{
	if (t->failed)
		return false;
	t->failed = true;
	buf_fmt(why, "%s: ends ", t->path);
	if (t->inside)
		buf_fmt(why, "in the middle of region %" PRIu32, t->regions);
	else if (t->regions)
		buf_fmt(why, "after region %" PRIu32 " without its last record", t->regions - 1);
	else
		buf_str(why, "before its first region");
	buf_str(why, ": the emulator was stopped, or its disk full");
	return false;
}

/* False at the stream's end, and where it is damaged; the caller tells the two apart by t->failed. */
static bool more(struct trace *t, struct buf *why)
{
	struct buf reason = BUF_INIT;
	ssize_t n;

	if (t->failed)
		return false;
	if (t->at != t->end)
		return true;
	n = zreader_next(t->z, &t->at, &reason);
	t->end = t->at + (n > 0 ? n : 0);
	if (n == ZREADER_CUT)
		cut(t, why);
	else if (n < 0)
		damaged(t, why, "%s", buf_text(&reason));
	buf_release(&reason);
	return n > 0;
}

static bool get_byte(struct trace *t, uint8_t *value, struct buf *why)
{
	if (t->at == t->end && !more(t, why))
		return cut(t, why);
	*value = *t->at++;
	return true;
}

static bool get(struct trace *t, uint64_t *value, struct buf *why)
{
	unsigned shift;
	uint8_t byte;

	*value = 0;
	for (shift = 0; shift < 64; shift += 7) {
		if (!get_byte(t, &byte, why))
			return false;
		if (shift == 63 && byte > 1)
			break;
		*value |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return true;
	}
	return damaged(t, why, "damaged: a number of more than 64 bits");
}

/* At most max; what: its name in a message. */
static bool get_below(struct trace *t, uint64_t max, uint64_t *value, const char *what, struct buf *why)
{
	if (!get(t, value, why))
		return false;
	return *value <= max || damaged(t, why, "damaged: %s is %" PRIu64, what, *value);
}

/* Adds to *value. */
static bool get_difference(struct trace *t, uint64_t *value, struct buf *why)
{
	uint64_t d;

	if (!get(t, &d, why))
		return false;
	*value += d & 1 ? ~(d >> 1) : d >> 1;
	return true;
}

static bool get_insn(struct trace *t, struct buf *why)
{
	struct trace_insn insn = { 0 };
	unsigned i;

	if (!get_difference(t, &t->pc, why) || !get_byte(t, &insn.len, why))
		return false;
	if (!insn.len || insn.len > sizeof(insn.byte))
		return damaged(t, why, "damaged: an instruction of %u bytes", insn.len);
	for (i = 0; i < insn.len; i++)
		if (!get_byte(t, &insn.byte[i], why))
			return false;
	insn.pc = t->pc;
	if (t->ninsns == UINT32_MAX)
		return damaged(t, why, "damaged: too many instructions");
	if (t->ninsns == t->room) {
		t->room = t->room ? 2 * t->room : 1024;
		t->insn = xrealloc(t->insn, t->room, sizeof(t->insn[0]));
	}
	t->insn[t->ninsns++] = insn;
	return true;
}

/* What an access is told as a difference from. */
struct before {
	uint64_t virt, offset, insn;
};

static bool get_access(struct trace *t, struct before *b, struct access *a, struct buf *why)
{
	uint64_t gap, looped = 0;
	uint8_t bits;

	if (!get_byte(t, &bits, why) || !get_below(t, GAP_MAX, &gap, "a gap", why) ||
	    (bits & TRACE_LOOPED && !get_below(t, gap, &looped, "a loop", why)) ||
	    !get_difference(t, &b->virt, why) ||
	    (!(bits & TRACE_SAME_INSN) && !get_difference(t, &b->insn, why)) ||
	    (!(bits & TRACE_SAME_OFFSET) && !get_difference(t, &b->offset, why)))
		return false;
	a->bytes = OP_LINE;
	if (!(bits & TRACE_WHOLE_LINE) && !get_byte(t, &a->bytes, why))
		return false;
	a->virt = b->virt;
	a->at = b->virt + b->offset;
	a->gap = (uint32_t)gap;
	a->looped = (uint32_t)looped;
	a->insn = (uint32_t)b->insn;
	a->kind = bits & TRACE_KIND;
	a->string = bits & TRACE_STRING;
	a->user = bits & TRACE_USER;
	if (a->kind > ACCESS_RMW)
		return damaged(t, why, "damaged: an access of kind %u", a->kind);
	if (b->insn >= t->ninsns)
		return damaged(t, why, "damaged: an access by instruction %" PRIu64 " of %zu", b->insn,
			       t->ninsns);
	if (!a->bytes || a->bytes > OP_LINE - a->at % OP_LINE)
		return damaged(t, why, "damaged: an access of %u bytes at byte %u of a line", a->bytes,
			       (unsigned)(a->at % OP_LINE));
	return true;
}

/* Room is made as accesses come: a damaged number of them costs no memory. */
static bool get_accesses(struct trace *t, uint64_t n, struct op *op, struct buf *why)
{
	struct before before = { 0 };
	size_t room = 0;

	while (op->naccesses < n) {
		if (op->naccesses == room) {
			room = room ? 2 * room : 256;
			room = room < n ? room : n;
			op->access = xrealloc(op->access, room, sizeof(op->access[0]));
		}
		if (!get_access(t, &before, &op->access[op->naccesses], why))
			return false;
		op->naccesses++;
	}
	return true;
}

static bool get_op(struct trace *t, struct op *op, struct buf *why)
{
	uint64_t n;
	int c;

	if (!get_below(t, UINT32_MAX, &n, "a vCPU", why))
		return false;
	op->vcpu = (uint32_t)n;
	for (c = 0; c < NCOUNTS; c++) {
		if (!get_below(t, UINT32_MAX, &n, count_name((enum count)c), why))
			return false;
		op->count[c] = (uint32_t)n;
	}
	if (!get(t, &op->path, why) || !get_below(t, GAP_MAX, &n, "an op's tail", why))
		return false;
	op->tail = (uint32_t)n;
	return get_below(t, ACCESSES_MAX, &n, "the number of accesses", why) &&
	       get_accesses(t, n, op, why);
}

/* With room for one more. */
static struct op *append_op(struct region *r)
{
	if (!(r->nops & (r->nops - 1)))	/* 0 or a power of two: full */
		r->op = xrealloc(r->op, r->nops ? 2 * r->nops : 1, sizeof(r->op[0]));
	memset(&r->op[r->nops], 0, sizeof(r->op[0]));
	return &r->op[r->nops++];
}

static bool begin(struct trace *t, struct region *r, struct buf *why)
{
	uint64_t n;

	if (!get(t, &n, why))
		return false;
	if (t->inside || n != t->regions)
		return damaged(t, why, "damaged: region %" PRIu64 " begins", n);
	r->number = t->regions;
	t->inside = true;
	return true;
}

static bool end(struct trace *t, const struct region *r, struct buf *why)
{
	uint64_t n, ops;

	if (!get(t, &n, why) || !get(t, &ops, why))
		return false;
	if (!t->inside || n != t->regions || ops != r->nops)
		return damaged(t, why, "damaged: region %" PRIu64 " ends with %" PRIu64 " ops, not %zu", n,
			       ops, r->nops);
	t->inside = false;
	t->regions++;
	return true;
}

static bool last(struct trace *t, struct buf *why)
{
	uint64_t n;

	if (!get(t, &n, why))
		return false;
	if (t->inside || n != t->regions)
		return damaged(t, why, "damaged: ends with %" PRIu64 " regions", n);
	if (more(t, why))
		return damaged(t, why, "damaged: goes on after its last record");
	t->last = true;
	return !t->failed;
}

static bool get_record(struct trace *t, struct region *r, struct buf *why)
{
	uint8_t type;

	if (!get_byte(t, &type, why))
		return false;
	switch (type) {
	case TRACE_INSN:
		return get_insn(t, why);
	case TRACE_BEGIN:
		return begin(t, r, why);
	case TRACE_OP:
		if (!t->inside)
			return damaged(t, why, "damaged: an op outside of any region");
		return get_op(t, append_op(r), why);
	case TRACE_END:
		return end(t, r, why);
	case TRACE_LAST:
		return last(t, why);
	}
	return damaged(t, why, "damaged: a record of type 0x%02x", type);
}

int trace_next(struct trace *t, struct region *r, struct buf *why)
{
	uint32_t before = t->regions;

	*r = (struct region){ .number = t->regions };
	if (t->failed) {
		buf_fmt(why, "%s: nothing can be read after what was wrong with it", t->path);
		return -1;
	}
	while (!t->last && t->regions == before)
		if (!get_record(t, r, why))
			return -1;
	return t->regions > before;
}

void region_release(struct region *r)
{
	size_t i;

	for (i = 0; i < r->nops; i++)
		free(r->op[i].access);
	free(r->op);
	*r = (struct region){ 0 };
}

/* 0, or -1 and why. */
static int read_head(struct trace *t, struct buf *why)
{
	const size_t magic = strlen(TRACE_MAGIC);
	unsigned char head[TRACE_HEAD];
	size_t have = 0;
	ssize_t n = 1;

	while (have < sizeof(head) && n > 0) {
		n = read(t->fd, head + have, sizeof(head) - have);
		have += n > 0 ? (size_t)n : 0;
	}
	if (n < 0)
		buf_fmt(why, "%s: read: %m", t->path);
	else if (!have)
		buf_fmt(why, "%s: is empty: the emulator has not loaded the plugin", t->path);
	else if (memcmp(head, TRACE_MAGIC, have < magic ? have : magic))
		buf_fmt(why, "%s: is no trace of libfoliotrace.so", t->path);
	else if (have < sizeof(head))
		buf_fmt(why, "%s: is cut short at its head", t->path);
	else if (head[magic] != TRACE_VERSION)
		buf_fmt(why, "%s: is a trace of version %u; this program reads version %u", t->path,
			head[magic], TRACE_VERSION);
	else if (head[magic + 1] != TRACE_X86_64 && head[magic + 1] != TRACE_ARM64)
		buf_fmt(why, "%s: is of architecture number %u; known are %u (x86-64) and %u (arm64)", t->path,
			head[magic + 1], TRACE_X86_64, TRACE_ARM64);
	else
		t->arm64 = head[magic + 1] == TRACE_ARM64;
	return why->len ? -1 : 0;
}

struct trace *trace_open(const char *path, struct buf *why)
{
	struct trace *t = xcalloc(1, sizeof(*t));

	buf_reset(why);
	t->path = xstrdup(path);
	t->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (t->fd < 0)
		buf_fmt(why, "open %s: %m", path);
	else if (!read_head(t, why))
		t->z = zreader_new(t->fd);
	if (t->z)
		return t;
	trace_close(t);
	return NULL;
}

void trace_close(struct trace *t)
{
	if (!t)
		return;
	zreader_free(t->z);
	if (t->fd >= 0)
		close(t->fd);
	free(t->insn);
	free(t->path);
	free(t);
}

bool trace_is_arm64(const struct trace *t)
{
	return t->arm64;
}

const struct trace_insn *trace_insns(const struct trace *t, size_t *n)
{
	*n = t->ninsns;
	return t->insn;
}
