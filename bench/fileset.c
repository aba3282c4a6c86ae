/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench/fileset.h"

#include <unistd.h>

#include "bench/workload.h"

enum { SAME, DIFF };	/* the choices of sharing */

int fileset_check(const struct params *p, struct buf *why)
{
	uint64_t block = params_number(p, "block"), size = params_number(p, "file_size");

	if (block > size) {
		buf_fmt(why, "block: '%s' does not fit file_size '%s'", params_text(p, "block"),
			params_text(p, "file_size"));
		return -1;
	}
	if (params_choice(p, "pattern") == FILESET_RANDOM && size / block > 1ull << 32) {
		buf_fmt(why,
			"file_size: '%s' has more than 2^32 blocks of '%s', too many for pattern=random",
			params_text(p, "file_size"), params_text(p, "block"));
		return -1;
	}
	return 0;
}

static int make(struct testfile *f, const struct bench *b, const struct stamp *stamp,
		struct buf *why)
{
	return testfile_make(f, b->dir, b->fs, params_number(b->params, "file_size"), stamp, why);
}

int fileset_setup(struct fileset *s, struct task *first, uint64_t period)
{
	const struct bench *b = first->bench;
	bool diff = params_choice(b->params, "sharing") == DIFF;

	s->shared = (struct testfile)TESTFILE_INIT;
	s->stamp = (struct stamp){ .key = b->seed, .period = period };
	if (testfile_room(b->dir, params_number(b->params, "file_size") * (diff ? b->threads : 1),
			  &first->why))
		return -1;
	if (diff)
		return 0;
	return make(&s->shared, b, &s->stamp, &first->why);
}

void fileset_release(struct fileset *s)
{
	testfile_close(&s->shared);
}

int fileset_join(struct fileset_member *m, const struct fileset *s, struct task *t, int flags)
{
	m->own = (struct testfile)TESTFILE_INIT;
	m->fd = -1;
	m->stamp = s->stamp;
	m->file = &s->shared;
	m->responsible = t->index == 0;
	if (params_choice(t->bench->params, "sharing") == DIFF) {
		m->stamp.key += t->index + 1;
		m->file = &m->own;
		m->responsible = true;
		if (make(&m->own, t->bench, &m->stamp, &t->why))
			return -1;
	}
	m->fd = testfile_open(m->file, flags, &t->why);
	return m->fd < 0 ? -1 : 0;
}

void fileset_leave(struct fileset_member *m)
{
	if (m->fd >= 0)
		close(m->fd);
	testfile_close(&m->own);
}
