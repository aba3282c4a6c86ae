/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/kernel/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/kernel/cache.h"
#include "lib/alloc.h"
#include "lib/err.h"

#define SYNC_FILES 64	/* up to so many are synced one by one: cheaper than all that others have written */

static bool is_dot(const char *name)
{
	return !strcmp(name, ".") || !strcmp(name, "..");
}

static DIR *open_dir(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), saved;
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (!d && fd >= 0) {
		saved = errno;
		close(fd);
		errno = saved;
	}
	return d;
}

/* closedir() that keeps errno, for the way out. */
static void close_dir(DIR *d)
{
	int saved = errno;

	closedir(d);
	errno = saved;
}

int tree_remove(int dir, const char *name)
{
	const struct dirent *e;
	struct stat st;
	int ret = 0;
	DIR *d;

	if (!unlinkat(dir, name, 0) || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return -1;
	/* packages hold directories that not even their owner may write to */
	if (!fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) && S_ISDIR(st.st_mode) &&
	    (st.st_mode & 0700) != 0700)
		fchmodat(dir, name, 0700, 0);
	d = open_dir(dir, name);
	if (!d)
		return errno == ENOENT ? 0 : -1;
	while (!ret && (e = readdir(d)))
		if (!is_dot(e->d_name))
			ret = tree_remove(dirfd(d), e->d_name);
	close_dir(d);
	if (!ret && unlinkat(dir, name, AT_REMOVEDIR) && errno != ENOENT)
		ret = -1;
	return ret;
}

/* Sync */

static int sync_one(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC), ret, saved;

	if (fd < 0)
		return errno == ELOOP || errno == ENXIO ? 0 : -1;
	ret = fsync(fd);
	saved = errno;
	close(fd);
	errno = saved;
	return ret;
}

/* 0, or -1 with errno; stops when left has come to 0. */
static int sync_below(int dir, const char *name, int *left)
{
	DIR *d = open_dir(dir, name);
	const struct dirent *e;
	int ret = 0;

	if (!d)
		return -1;
	while (!ret && *left > 0 && (e = readdir(d))) {
		if (is_dot(e->d_name))
			continue;
		--*left;
		if (e->d_type == DT_DIR)
			ret = sync_below(dirfd(d), e->d_name, left);
		else if (e->d_type == DT_REG)
			ret = sync_one(dirfd(d), e->d_name);
		else if (e->d_type == DT_UNKNOWN)
			*left = 0;
	}
	if (!ret && fsync(dirfd(d)) && errno != EINVAL)	/* not every file system can, for directories */
		ret = -1;
	close_dir(d);
	return ret;
}

int tree_sync(const char *path)
{
	int left = SYNC_FILES, fd, ret, saved;

	if (sync_below(AT_FDCWD, path, &left))
		return -1;
	if (left > 0)
		return 0;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	ret = syncfs(fd);
	saved = errno;
	close(fd);
	errno = saved;
	return ret;
}

/* Size */

void tree_seen_release(struct tree_seen *seen)
{
	free(seen->slot);
	*seen = (struct tree_seen){ 0 };
}

/* Its slot, or the free one where it would be. An inode's number is never 0. */
static struct tree_inode *slot_of(const struct tree_seen *seen, dev_t dev, ino_t ino)
{
	size_t at = ((size_t)ino * 0x9e3779b97f4a7c15u) >> 20;
	struct tree_inode *slot;

	for (;; at++) {
		slot = &seen->slot[at & (seen->cap - 1)];
		if (!slot->ino || (slot->ino == ino && slot->dev == dev))
			return slot;
	}
}

static void grow(struct tree_seen *seen)
{
	struct tree_seen bigger = { .n = seen->n, .cap = seen->cap ? 2 * seen->cap : 1024 };
	size_t i;

	bigger.slot = xcalloc(bigger.cap, sizeof(bigger.slot[0]));
	for (i = 0; i < seen->cap; i++)
		if (seen->slot[i].ino)
			*slot_of(&bigger, seen->slot[i].dev, seen->slot[i].ino) = seen->slot[i];
	free(seen->slot);
	*seen = bigger;
}

/* Has it been counted? It has now. */
static bool was_seen(struct tree_seen *seen, const struct stat *st)
{
	struct tree_inode *slot;

	if (2 * seen->n >= seen->cap)
		grow(seen);
	slot = slot_of(seen, st->st_dev, st->st_ino);
	if (slot->ino)
		return true;
	*slot = (struct tree_inode){ .dev = st->st_dev, .ino = st->st_ino };
	seen->n++;
	return false;
}

uint64_t tree_bytes(int dir, const char *name, struct tree_seen *seen)
{
	const struct dirent *e;
	struct stat st;
	uint64_t sum;
	DIR *d;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW))
		return 0;
	sum = (uint64_t)st.st_blocks * 512;
	if (!S_ISDIR(st.st_mode))
		return st.st_nlink > 1 && was_seen(seen, &st) ? 0 : sum;
	d = open_dir(dir, name);
	if (!d)
		return sum;
	while ((e = readdir(d)))
		if (!is_dot(e->d_name))
			sum += tree_bytes(dirfd(d), e->d_name, seen);
	closedir(d);
	return sum;
}

/* Copies */

struct copy {
	bool no_links;		/* the file system has none: files are copied */
	char *failed;		/* name of what could not be copied */
};

static int copy_content(int from, int to, const struct stat *st)
{
	const struct timespec times[2] = { st->st_atim, st->st_mtim };
	ssize_t n;

	do
		n = sendfile(to, from, NULL, 1 << 20);
	while (n > 0 || (n < 0 && errno == EINTR));
	return n || fchmod(to, st->st_mode & 07777) || futimens(to, times) ? -1 : 0;
}

static int copy_file(int from, int to, const char *name)
{
	int in = openat(from, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC), out = -1, ret = -1, saved;
	struct stat st;

	if (in >= 0 && !fstat(in, &st))
		out = openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (out >= 0)
		ret = copy_content(in, out, &st);
	if (out >= 0 && close(out))
		ret = -1;
	saved = errno;
	if (in >= 0)
		close(in);
	errno = saved;
	return ret;
}

static int copy_symlink(int from, int to, const char *name)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(from, name, target, sizeof(target) - 1);

	if (n < 0)
		return -1;
	target[n] = '\0';
	return symlinkat(target, to, name);
}

static int link_file(struct copy *c, int from, int to, const char *name)
{
	if (!c->no_links && !linkat(from, name, to, name, 0))
		return 0;
	if (!c->no_links && errno != EXDEV && errno != EPERM && errno != EMLINK &&
	    errno != EOPNOTSUPP && errno != ENOSYS)
		return -1;
	/* EMLINK is of this one file: it has as many names as the file system allows */
	if (!c->no_links && errno != EMLINK) {
		c->no_links = true;
		info("no hard links in the cache's file system (%m): files are copied");
	}
	return copy_file(from, to, name);
}

static int copy_below(struct copy *c, int from_dir, const char *from, int to_dir, const char *to);

static int copy_entry(struct copy *c, int from, int to, const char *name)
{
	struct stat st;
	int ret = -1;

	if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW))
		ret = -1;
	else if (S_ISDIR(st.st_mode))
		return copy_below(c, from, name, to, name);
	else if (S_ISLNK(st.st_mode))
		ret = copy_symlink(from, to, name);
	else
		ret = link_file(c, from, to, name);
	if (ret && !c->failed)
		c->failed = xstrdup(name);
	return ret;
}

static int copy_below(struct copy *c, int from_dir, const char *from, int to_dir, const char *to)
{
	DIR *d = open_dir(from_dir, from);
	const struct dirent *e;
	int out, ret = 0, saved;

	if (!d)
		return -1;
	if (mkdirat(to_dir, to, 0777) ||
	    (out = openat(to_dir, to, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)) < 0) {
		close_dir(d);
		return -1;
	}
	while (!ret && (e = readdir(d)))
		if (!is_dot(e->d_name))
			ret = copy_entry(c, dirfd(d), out, e->d_name);
	saved = errno;
	close(out);
	errno = saved;
	close_dir(d);
	return ret;
}

int tree_link(const char *from, const char *to)
{
	struct copy c = { 0 };
	struct stat st;
	int ret;

	if (!lstat(to, &st))
		return err("copy %s to %s: it is there already", from, to);
	ret = copy_below(&c, AT_FDCWD, from, AT_FDCWD, to);
	if (ret) {
		err("copy %s to %s: %s%s%m%s", from, to, c.failed ? c.failed : "",
		    c.failed ? ": " : "", cache_remedy(errno));
		tree_remove(AT_FDCWD, to);
	}
	free(c.failed);
	return ret;
}
