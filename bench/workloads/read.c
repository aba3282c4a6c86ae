/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Short reads of cached files. The line in question is the folio's reference
 * count: filemap_read() takes and drops a reference around each copy, so reads
 * of the same folio by several cores move that line on every op, and reads of
 * different files move nothing. What the copy costs grows with the block.
 */
#include "bench/workload.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef RWF_DONTCACHE
#define RWF_DONTCACHE 0x00000080	/* include/uapi/linux/fs.h since 6.14 */
#endif

/* Reads a thread that are looked at byte by byte: as many as these bytes hold, within bounds. */
#define CHECKED_BYTES (1u << 20)
#define CHECKED_MIN 64
#define CHECKED_MAX 1024

enum call { PREAD, READ, PREADV, PREADV2_UNCACHED };

static const struct param params[] = {
	FILESET_PARAMS,
	{ .name = "pattern", .kind = PARAM_CHOICE, .def = "fixed",
	  .choices = (const char *const[]){ "fixed", "sequential", "random", NULL },
	  .help = "where to read: offset 0, the next block (over again at the end), any block" },
	{ .name = "call", .kind = PARAM_CHOICE, .def = "pread",
	  .choices = (const char *const[]){ "pread", "read", "preadv", "preadv2-uncached", NULL },
	  .help = "read adds an lseek where the offset must change, uncached needs RWF_DONTCACHE (Linux 6.14)" },
	PARAM_END
};

struct reader {
	struct fileset_member member;
	char *data;
	uint64_t next;		/* block of the next op, pattern=sequential */
	uint64_t last;		/* offset of the last op: what data holds */
};

static int setup(struct task *first)
{
	struct bench *b = first->bench;

	b->bytes_per_op = params_number(b->params, "block");
	b->state = calloc(1, sizeof(struct fileset));
	if (!b->state)
		return task_fail(first, "out of memory");
	return fileset_setup(b->state, first, 0);
}

static int task_setup(struct task *t)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE),
	       size = (t->bench->bytes_per_op + page - 1) / page * page;
	struct reader *r = calloc(1, sizeof(*r));

	if (!r)
		return task_fail(t, "out of memory");
	t->state = r;
	if (fileset_join(&r->member, t->bench->state, t, O_RDONLY))
		return -1;
	r->data = aligned_alloc(page, size);
	if (!r->data)
		return task_fail(t, "out of memory for a block of %zu bytes", size);
	memset(r->data, 0, size);
	return 0;
}

static int failed(struct task *t, ssize_t got, size_t block, uint64_t at)
{
	if (got < 0 && errno == EOPNOTSUPP)
		return task_fail(
			t,
			"RWF_DONTCACHE is not known to this kernel or file system (6.14 and later): %m");
	if (got < 0)
		return task_fail(t, "read of %zu bytes at offset %llu: %m", block,
				 (unsigned long long)at);
	return task_wrong(t, "short read: %zd of %zu bytes at offset %llu", got, block,
			 (unsigned long long)at);
}

static inline __attribute__((always_inline)) ssize_t read_once(const struct reader *r, enum call call,
							      size_t block, uint64_t at)
{
	const struct iovec iov = { r->data, block };

	if (call == PREAD)
		return pread(r->member.fd, r->data, block, (off_t)at);
	if (call == READ)
		return read(r->member.fd, r->data, block);
	if (call == PREADV)
		return preadv(r->member.fd, &iov, 1, (off_t)at);
	return preadv2(r->member.fd, &iov, 1, (off_t)at, RWF_DONTCACHE);
}

/* Inlined once for every call and pattern: what is constant there costs nothing here. */
static inline __attribute__((always_inline)) int loop(struct task *t, enum call call,
						      enum fileset_pattern pattern)
{
	struct reader *r = t->state;
	const uint64_t block = t->bench->bytes_per_op, blocks = r->member.file->size / block;
	uint64_t at = 0, next = r->next;
	ssize_t got;

	while (task_next(t)) {
		at = fileset_offset(pattern, blocks, block, &next, &t->random);
		if (call == READ && (pattern != FILESET_SEQUENTIAL || at == 0) &&
		    lseek(r->member.fd, (off_t)at, SEEK_SET) < 0)
			return task_fail(t, "lseek to %llu: %m", (unsigned long long)at);
		got = read_once(r, call, block, at);
		if (__builtin_expect(got != (ssize_t)block, 0))
			return failed(t, got, block, at);
		task_done(t);
	}
	r->next = next;
	r->last = at;
	return 0;
}

static inline __attribute__((always_inline)) int any_pattern(struct task *t, enum call call,
							     unsigned pattern)
{
	if (pattern == FILESET_FIXED)
		return loop(t, call, FILESET_FIXED);
	if (pattern == FILESET_SEQUENTIAL)
		return loop(t, call, FILESET_SEQUENTIAL);
	return loop(t, call, FILESET_RANDOM);
}

static int run(struct task *t)
{
	unsigned pattern = params_choice(t->bench->params, "pattern");

	switch ((enum call)params_choice(t->bench->params, "call")) {
	case PREAD:
		return any_pattern(t, PREAD, pattern);
	case READ:
		return any_pattern(t, READ, pattern);
	case PREADV:
		return any_pattern(t, PREADV, pattern);
	case PREADV2_UNCACHED:
		break;
	}
	return any_pattern(t, PREADV2_UNCACHED, pattern);
}

static int check(struct task *t, const char *which)
{
	const struct reader *r = t->state;
	ssize_t bad = stamp_check(&r->member.stamp, r->data, t->bench->bytes_per_op, r->last);

	if (bad < 0)
		return 0;
	return task_wrong(t, "%s, at offset %llu, gave a wrong byte 0x%02x at its byte %zd", which,
			  (unsigned long long)r->last, (unsigned char)r->data[bad], bad);
}

/*
 * Looking at every byte in the measured loop would measure that. So the same reads go
 * on after the last window, by all threads at once as before, and each is looked at.
 */
static int read_and_check(struct task *t)
{
	struct reader *r = t->state;
	const uint64_t block = t->bench->bytes_per_op, blocks = r->member.file->size / block;
	const enum call call = (enum call)params_choice(t->bench->params, "call");
	const unsigned pattern = params_choice(t->bench->params, "pattern");
	uint64_t left = CHECKED_BYTES / block;
	ssize_t got;

	left = left < CHECKED_MIN ? CHECKED_MIN : left > CHECKED_MAX ? CHECKED_MAX : left;
	while (left--) {
		r->last = fileset_offset(pattern, blocks, block, &r->next, &t->random);
		if (call == READ && lseek(r->member.fd, (off_t)r->last, SEEK_SET) < 0)
			return task_fail(t, "lseek to %llu: %m", (unsigned long long)r->last);
		got = read_once(r, call, block, r->last);
		if (got != (ssize_t)block)
			return failed(t, got, block, r->last);
		if (check(t, "a read"))
			return -1;
	}
	return 0;
}

static int task_verify(struct task *t)
{
	struct reader *r = t->state;

	if (atomic_load_explicit(&t->ops, memory_order_relaxed) && check(t, "the last read"))
		return -1;
	if (read_and_check(t))
		return -1;
	if (!r->member.responsible)
		return 0;
	if (testfile_resident(r->member.file, &t->why))
		return -1;
	return testfile_verify(r->member.file, &r->member.stamp, &t->why);
}

static void task_teardown(struct task *t)
{
	struct reader *r = t->state;

	if (!r)
		return;
	fileset_leave(&r->member);
	free(r->data);
	free(r);
}

static void teardown(struct bench *b)
{
	if (b->state)
		fileset_release(b->state);
	free(b->state);
}

extern const struct workload read_workload;
const struct workload read_workload = {
	.name = "read",
	.summary = "reads of cached files, the same one or one a thread",
	.about = "The line in question is the folio's reference count: every read takes and drops a reference,\n"
		 "so cores that read the same folio pass that line around, and cores that read different files\n"
		 "share nothing. An op is one system call of `block` bytes.",
	.params = params,
	.check = fileset_check,
	.setup = setup,
	.task_setup = task_setup,
	.run = run,
	.task_verify = task_verify,
	.task_teardown = task_teardown,
	.teardown = teardown,
};
