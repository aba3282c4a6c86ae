/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For tests that need a directory of their own or look at what is said on
 * stderr. One scratch directory a test program; scratch_end() removes it.
 */
#ifndef TESTS_UNIT_SCRATCH_H
#define TESTS_UNIT_SCRATCH_H

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/alloc.h"
#include "lib/buf.h"

static char scratch_dir[64];

static inline const char *scratch_begin(void)
{
	strcpy(scratch_dir, "/tmp/foliobench-test-XXXXXX");
	if (!mkdtemp(scratch_dir))
		abort();
	return scratch_dir;
}

static inline int scratch_remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st, (void)flag, (void)ftw;
	return remove(path);
}

static inline void scratch_remove(const char *path)
{
	nftw(path, scratch_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static inline void scratch_end(void)
{
	scratch_remove(scratch_dir);
}

static inline void scratch_write(const char *path, const void *data, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

	if (fd < 0 || write(fd, data, len) != (ssize_t)len || close(fd))
		abort();
}

/*
 * What a function says on stderr: scratch_listen(), call, scratch_heard(), whose
 * text lasts until the next. A pipe and no file: limits on files must not touch it.
 */
static struct {
	int saved, from;
	struct buf text;
} scratch_ear = { -1, -1, BUF_INIT };

static inline void scratch_listen(void)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK))
		abort();
	fflush(stderr);
	scratch_ear.saved = dup(STDERR_FILENO);
	scratch_ear.from = ends[0];
	dup2(ends[1], STDERR_FILENO);
	close(ends[1]);
}

static inline const char *scratch_heard(void)
{
	char piece[4096];
	ssize_t n;

	fflush(stderr);
	dup2(scratch_ear.saved, STDERR_FILENO);
	close(scratch_ear.saved);
	buf_reset(&scratch_ear.text);
	while ((n = read(scratch_ear.from, piece, sizeof(piece))) > 0)
		buf_add(&scratch_ear.text, piece, (size_t)n);
	close(scratch_ear.from);
	return buf_text(&scratch_ear.text);
}

#endif
