/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/kernel/objects.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/child.h"
#include "lib/err.h"
#include "lib/exitcode.h"

#define OPEN_DIRS 32

/* nftw() passes nothing on to its callback: the walk under way. */
static struct {
	struct timespec newest;
	const char *const *file;
	size_t nfiles;
	unsigned found;
} walk;

int objects_copy(const char *from, const char *to, const volatile sig_atomic_t *stop)
{
	const char *const argv[] = { "cp", "-a", "--reflink=auto", "-T", "--", from, to, NULL };
	const struct child_call call = { .argv = argv, .stop = stop };

	return child_run(&call, NULL, NULL) == EXIT_ACCEPT ? 0 : -1;
}

static bool later(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec > b->tv_sec || (a->tv_sec == b->tv_sec && a->tv_nsec > b->tv_nsec);
}

static int note_time(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)path, (void)ftw;
	if (flag == FTW_F && later(&st->st_mtim, &walk.newest))
		walk.newest = st->st_mtim;
	return 0;
}

int objects_newest(const char *dir, struct timespec *when)
{
	walk.newest = (struct timespec){ 0 };
	if (nftw(dir, note_time, OPEN_DIRS, FTW_PHYS))
		return err("look through %s: %m", dir);
	*when = walk.newest;
	return 0;
}

/* Is the path there, as a whole word? */
static bool names(const struct buf *text, const char *path)
{
	const char *at = buf_text(text);
	size_t len = strlen(path);

	while ((at = strstr(at, path))) {
		at += len;
		if (strchr(" \t\n)\\", *at))	/* holds the NUL as well */
			return true;
	}
	return false;
}

static int note_maker(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	size_t len = strlen(path), i;
	struct buf text = BUF_INIT;

	(void)st, (void)ftw;
	if (flag != FTW_F || len < 6 || strcmp(path + len - 6, ".o.cmd") || buf_read_file(&text, path))
		return 0;
	for (i = 0; i < walk.nfiles; i++) {
		if (!names(&text, walk.file[i]))
			continue;
		walk.found++;
		break;
	}
	buf_release(&text);
	return 0;
}

unsigned objects_made_from(const char *dir, const char *const *file, size_t n)
{
	walk.file = file;
	walk.nfiles = n;
	walk.found = 0;
	nftw(dir, note_maker, OPEN_DIRS, FTW_PHYS);
	return walk.found;
}
