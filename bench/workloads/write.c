/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Buffered writes to cached files. The instructions in question are STAC and
 * CLAC (PAN switches on arm64) around the touch of the source that
 * generic_perform_write() makes before the copy, and around the copy itself. A
 * source that is not resident takes the slow path, and a source that is the
 * page being written is why prefaulting is there at all.
 */
#include "bench/workload.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define DD FILESET_PATTERNS	/* one more pattern than the usual ones */
enum source { RESIDENT, COLD, SAME_FOLIO };

static const struct param params[] = {
	FILESET_PARAMS,
	{ .name = "pattern", .kind = PARAM_CHOICE, .def = "fixed",
	  .choices = (const char *const[]){ "fixed", "sequential", "random", "dd", NULL },
	  .help = "over offset 0, the next block, any block; dd: an op is the whole file anew, from /dev/zero" },
	{ .name = "source", .kind = PARAM_CHOICE, .def = "resident",
	  .choices = (const char *const[]){ "resident", "cold", "same-folio", NULL },
	  .help = "what is written: private memory; a mapping dropped before every op; the page written to" },
	PARAM_END
};

struct writer {
	struct fileset_member member;	/* its stamp: a block never written */
	struct stamp after;		/* one that was */
	struct testfile cold;		/* what a cold source is a mapping of */
	int zero;			/* /dev/zero, for dd */
	char *source;
	size_t mapped;			/* bytes at source */
};

static int check(const struct params *p, struct buf *why)
{
	if (fileset_check(p, why))
		return -1;
	if (params_choice(p, "pattern") != DD)
		return 0;
	if (params_number(p, "file_size") % params_number(p, "block"))
		buf_fmt(why, "file_size: '%s' is no multiple of block '%s', as pattern=dd needs",
			params_text(p, "file_size"), params_text(p, "block"));
	else if (params_choice(p, "source") != RESIDENT)
		buf_fmt(why,
			"source: '%s' does not go with pattern=dd, whose source is read from /dev/zero",
			params_text(p, "source"));
	else if (params_number(p, "threads") > 1 && strcmp(params_text(p, "sharing"), "diff"))
		buf_str(why,
			"sharing: 'same' does not go with pattern=dd and several threads: each truncates "
			"its file (use sharing=diff)");
	else
		return 0;
	return -1;
}

/* A pass of dd is long: count passes, not passes begun within a second. */
static uint64_t default_ops(const struct params *p)
{
	return params_choice(p, "pattern") == DD ? 1 : 0;
}

static int setup(struct task *first)
{
	struct bench *b = first->bench;
	bool dd = params_choice(b->params, "pattern") == DD;

	b->bytes_per_op = params_number(b->params, dd ? "file_size" : "block");
	b->state = calloc(1, sizeof(struct fileset));
	if (!b->state)
		return task_fail(first, "out of memory");
	return fileset_setup(b->state, first, params_number(b->params, "block"));
}

static int map(struct task *t, struct writer *w, size_t len, int prot, int flags, int fd)
{
	void *p = mmap(NULL, len, prot, flags, fd, 0);

	if (p == MAP_FAILED)
		return task_fail(t, "map a source of %zu bytes: %m", len);
	w->source = p;
	w->mapped = len;
	return 0;
}

static int make_source(struct task *t, struct writer *w)
{
	const struct params *p = t->bench->params;
	uint64_t block = params_number(p, "block");

	switch ((enum source)params_choice(p, "source")) {
	case RESIDENT:
		if (map(t, w, block, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1))
			return -1;
		stamp_fill(&w->after, w->source, block, 0);
		return 0;
	case COLD:
		if (testfile_make(&w->cold, t->bench->dir, t->bench->fs, block, &w->after, &t->why))
			return -1;
		return map(t, w, block, PROT_READ, MAP_PRIVATE, w->cold.fd);
	case SAME_FOLIO:
		w->after = w->member.stamp;	/* it is written onto itself */
		return map(t, w, w->member.file->size, PROT_READ, MAP_SHARED, w->member.fd);
	}
	return 0;
}

static int task_setup(struct task *t)
{
	struct writer *w = calloc(1, sizeof(*w));

	if (!w)
		return task_fail(t, "out of memory");
	t->state = w;
	w->zero = -1;
	w->cold = (struct testfile)TESTFILE_INIT;
	if (fileset_join(&w->member, t->bench->state, t, O_RDWR))
		return -1;
	w->after = w->member.stamp;
	w->after.flip = true;
	if (params_choice(t->bench->params, "pattern") == DD) {
		w->zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
		if (w->zero < 0)
			return task_fail(t, "open /dev/zero: %m");
	}
	return make_source(t, w);
}

static int failed(struct task *t, ssize_t got, uint64_t block, uint64_t at)
{
	if (got < 0)
		return task_fail(t, "write of %llu bytes at offset %llu: %m",
				 (unsigned long long)block, (unsigned long long)at);
	return task_fail(t, "short write: %zd of %llu bytes at offset %llu", got,
			 (unsigned long long)block, (unsigned long long)at);
}

/* Inlined once for every source and pattern: what is constant there costs nothing here. */
static inline __attribute__((always_inline)) int loop(struct task *t, enum source source,
						      enum fileset_pattern pattern)
{
	struct writer *w = t->state;
	const uint64_t size = w->member.file->size, block = t->bench->bytes_per_op;
	const int fd = w->member.fd;
	uint64_t at = 0, next = 0;
	const char *from = w->source;
	ssize_t done;

	while (task_next(t)) {
		at = fileset_offset(pattern, size, block, &next, &t->random);
		if (source == SAME_FOLIO)
			from = w->source + at;
		if (source == COLD && madvise(w->source, w->mapped, MADV_DONTNEED))
			return task_fail(t, "madvise(MADV_DONTNEED) on the source: %m");
		done = pwrite(fd, from, block, (off_t)at);
		if (__builtin_expect(done != (ssize_t)block, 0))
			return failed(t, done, block, at);
		task_done(t);
	}
	return 0;
}

/* What `dd if=/dev/zero of=FILE bs=BLOCK` does between open and close. */
static int dd(struct task *t)
{
	struct writer *w = t->state;
	const uint64_t size = w->member.file->size,
		       block = params_number(t->bench->params, "block");
	uint64_t at;
	ssize_t done;

	while (task_next(t)) {
		if (ftruncate(w->member.fd, 0) || lseek(w->member.fd, 0, SEEK_SET))
			return task_fail(t, "start the file over: %m");
		for (at = 0; at < size; at += block) {
			if (read(w->zero, w->source, block) != (ssize_t)block)
				return task_fail(t, "read of /dev/zero: %m");
			done = write(w->member.fd, w->source, block);
			if (done != (ssize_t)block)
				return failed(t, done, block, at);
		}
		task_done(t);
	}
	return 0;
}

static inline __attribute__((always_inline)) int any_pattern(struct task *t, enum source source,
							     unsigned pattern)
{
	if (pattern == FILESET_FIXED)
		return loop(t, source, FILESET_FIXED);
	if (pattern == FILESET_SEQUENTIAL)
		return loop(t, source, FILESET_SEQUENTIAL);
	return loop(t, source, FILESET_RANDOM);
}

static int run(struct task *t)
{
	unsigned pattern = params_choice(t->bench->params, "pattern");

	if (pattern == DD)
		return dd(t);
	switch ((enum source)params_choice(t->bench->params, "source")) {
	case RESIDENT:
		return any_pattern(t, RESIDENT, pattern);
	case COLD:
		return any_pattern(t, COLD, pattern);
	case SAME_FOLIO:
		break;
	}
	return any_pattern(t, SAME_FOLIO, pattern);
}

static int wrong(struct task *t, uint64_t at, const char *what)
{
	return task_fail(t, "after the writes, the block at offset %llu is %s",
			 (unsigned long long)at, what);
}

/* Blocks that this thread certainly wrote, counted from the file's start. */
static uint64_t certain(const struct task *t, uint64_t blocks)
{
	uint64_t ops = atomic_load_explicit(&t->ops, memory_order_relaxed);

	switch (params_choice(t->bench->params, "pattern")) {
	case FILESET_FIXED:
		return ops > 0;
	case FILESET_SEQUENTIAL:
		return ops < blocks ? ops : blocks;
	default:
		return 0;
	}
}

/*
 * Each block is what it was or what was written, never a mix; those that this
 * thread wrote are written; and with a file of its own and no randomness,
 * nothing else is. dd's are zeros.
 */
static int verify_blocks(struct task *t, const struct writer *w, char *data)
{
	const struct params *p = t->bench->params;
	uint64_t block = params_number(p, "block"), blocks = w->member.file->size / block,
		 sure = certain(t, blocks), i;
	bool alone =
		w->member.file == &w->member.own && params_choice(p, "pattern") != FILESET_RANDOM;
	bool old, new;

	for (i = 0; i < blocks; i++) {
		if (pread(w->member.fd, data, block, (off_t)(i * block)) != (ssize_t)block)
			return wrong(t, i * block, "not to be read back whole");
		if (params_choice(p, "pattern") == DD) {
			if (data[0] || memcmp(data, data + 1, block - 1))
				return wrong(t, i * block, "not all zeros");
			continue;
		}
		old = stamp_check(&w->member.stamp, data, block, i * block) < 0;
		new = stamp_check(&w->after, data, block, i * block) < 0;
		if (!old && !new)
			return wrong(t, i * block, "neither what it was nor what was written");
		if (i < sure && !new)
			return wrong(t, i * block, "not what was written");
		if (i >= sure && alone && !old)
			return wrong(t, i * block, "changed though nobody wrote it");
	}
	return 0;
}

static int task_verify(struct task *t)
{
	struct writer *w = t->state;
	uint64_t block = params_number(t->bench->params, "block");
	char *data;
	int ret;

	if (w->member.responsible && testfile_resident(w->member.file, &t->why))
		return -1;
	data = malloc(block);
	if (!data)
		return task_fail(t, "out of memory for a block of %llu bytes",
				 (unsigned long long)block);
	ret = verify_blocks(t, w, data);
	free(data);
	return ret;
}

static void task_teardown(struct task *t)
{
	struct writer *w = t->state;

	if (!w)
		return;
	if (w->mapped)
		munmap(w->source, w->mapped);
	if (w->zero >= 0)
		close(w->zero);
	testfile_close(&w->cold);
	fileset_leave(&w->member);
	free(w);
}

static void teardown(struct bench *b)
{
	if (b->state)
		fileset_release(b->state);
	free(b->state);
}

extern const struct workload write_workload;
const struct workload write_workload = {
	.name = "write",
	.summary = "buffered writes to cached files, from a resident, a cold or the same page",
	.about = "The instructions in question are STAC and CLAC around the touch of the source before the copy\n"
		 "and around the copy. An op is one pwrite of `block` bytes; with source=cold a madvise that drops\n"
		 "the source's page table entries comes before each, and its time counts. pattern=dd is another\n"
		 "shape: an op truncates the file and writes it anew in blocks that are read from /dev/zero, and a\n"
		 "window is one op a thread unless `ops` says otherwise (file_size=512M block=1M is the known one).",
	.params = params,
	.default_ops = default_ops,
	.check = check,
	.setup = setup,
	.task_setup = task_setup,
	.run = run,
	.task_verify = task_verify,
	.task_teardown = task_teardown,
	.teardown = teardown,
};
