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
#define VERIFY_BYTES (1u << 20)	/* of a read; no block is larger */
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
	uint64_t next;			/* block of the next op, pattern=sequential */
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
	const uint64_t block = t->bench->bytes_per_op, blocks = w->member.file->size / block;
	const int fd = w->member.fd;
	uint64_t at = 0, next = w->next;
	const char *from = w->source;
	ssize_t done;

	while (task_next(t)) {
		at = fileset_offset(pattern, blocks, block, &next, &t->random);
		if (source == SAME_FOLIO)
			from = w->source + at;
		if (source == COLD && madvise(w->source, w->mapped, MADV_DONTNEED))
			return task_fail(t, "madvise(MADV_DONTNEED) on the source: %m");
		done = pwrite(fd, from, block, (off_t)at);
		if (__builtin_expect(done != (ssize_t)block, 0))
			return failed(t, done, block, at);
		task_done(t);
	}
	w->next = next;
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
	return task_wrong(t, "after the writes, the block at offset %llu is %s",
			 (unsigned long long)at, what);
}

/*
 * What a file's blocks must hold after the writes. A block has one content before
 * and one after, wherever it lies: that is what a stamp's period is for.
 */
struct expected {
	uint64_t block;
	uint64_t written;	/* blocks from the start that this thread surely wrote */
	uint64_t untouched;	/* from this one on, nobody wrote */
	char *before, *after;	/* contents of a block; one allocation */
};

static void expect_patterns(const struct task *t, uint64_t blocks, bool alone, struct expected *e)
{
	uint64_t ops = atomic_load_explicit(&t->ops, memory_order_relaxed);

	e->written = 0;
	e->untouched = blocks;
	switch (params_choice(t->bench->params, "pattern")) {
	case FILESET_FIXED:
		e->written = ops > 0;
		e->untouched = 1;
		break;
	case FILESET_SEQUENTIAL:
		e->written = ops < blocks ? ops : blocks;
		e->untouched = alone ? e->written : blocks;
		break;
	case DD:
		e->written = ops ? blocks : 0;
		break;
	}
}

static int verify_block(struct task *t, const struct expected *e, const char *data, uint64_t i)
{
	bool before = !memcmp(data, e->before, e->block), after = !memcmp(data, e->after, e->block);

	if (i < e->written && !after)
		return wrong(t, i * e->block, "not what was written");
	if (!before && !after)
		return wrong(t, i * e->block, "neither what it was nor what was written");
	if (i >= e->untouched && !before)
		return wrong(t, i * e->block, "changed though nobody wrote it");
	return 0;
}

/* Many blocks a read, for a block may be one byte of a large file. */
static int verify_blocks(struct task *t, const struct writer *w, const struct expected *e,
			 uint64_t blocks, char *data)
{
	uint64_t most = VERIFY_BYTES / e->block, i, k, n;

	for (i = 0; i < blocks; i += n) {
		n = blocks - i < most ? blocks - i : most;
		if (pread(w->member.fd, data, n * e->block, (off_t)(i * e->block)) !=
		    (ssize_t)(n * e->block))
			return wrong(t, i * e->block, "not to be read back whole");
		for (k = 0; k < n; k++)
			if (verify_block(t, e, data + k * e->block, i + k))
				return -1;
	}
	return 0;
}

/* What is left behind the last whole block is never written. */
static int verify_rest(struct task *t, const struct writer *w, const struct expected *e, char *data)
{
	uint64_t size = w->member.file->size, rest = size % e->block;

	if (pread(w->member.fd, data, rest, (off_t)(size - rest)) != (ssize_t)rest)
		return wrong(t, size - rest, "not to be read back whole");
	if (memcmp(data, e->before, rest))
		return wrong(t, size - rest, "changed though nobody wrote it");
	return 0;
}

/* Each thread looks at the blocks that it surely wrote, the responsible one at the whole file. */
static int verify_file(struct task *t, const struct writer *w, struct expected *e)
{
	uint64_t blocks = w->member.file->size / e->block;
	char *data = malloc(VERIFY_BYTES);
	int ret = -1;

	e->before = calloc(2, e->block);
	if (!data || !e->before) {
		task_fail(t, "out of memory to verify the file");
		goto out;
	}
	e->after = e->before + e->block;
	stamp_fill(&w->member.stamp, e->before, e->block, 0);
	if (params_choice(t->bench->params, "pattern") != DD)	/* whose blocks are zeros */
		stamp_fill(&w->after, e->after, e->block, 0);
	expect_patterns(t, blocks, w->member.file == &w->member.own || t->bench->threads == 1, e);
	if (verify_blocks(t, w, e, w->member.responsible ? blocks : e->written, data))
		goto out;
	ret = w->member.responsible ? verify_rest(t, w, e, data) : 0;
out:
	free(e->before);
	free(data);
	return ret;
}

static int task_verify(struct task *t)
{
	struct writer *w = t->state;
	struct expected e = { .block = params_number(t->bench->params, "block") };

	if (w->member.responsible && (testfile_sized(w->member.file, &t->why) ||
				      testfile_resident(w->member.file, &t->why)))
		return -1;
	if (w->cold.fd >= 0 && (testfile_resident(&w->cold, &t->why) ||
				testfile_verify(&w->cold, &w->after, &t->why)))
		return -1;
	return verify_file(t, w, &e);
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
		 "the source's page table entries comes before each, and its time counts, also that of the\n"
		 "TLB flushes on the other threads' CPUs: they share an address space. pattern=dd is another\n"
		 "shape: an op truncates the file and writes it anew in blocks read from /dev/zero, and a\n"
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
