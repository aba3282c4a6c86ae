/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/kernel/cache.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/kernel/cache_dir.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/err.h"

#define ELSEWHERE "name another place with XDG_CACHE_HOME"
#define POLL_US 50000
#define HOLD_TRIES 1000		/* of 1 ms: whoever keeps us from holding an entry is about to rename it */

static const char *const kind_names[CACHE_KINDS] = {
	[CACHE_DEBS] = "debs", [CACHE_SOURCES] = "sources", [CACHE_KERNELS] = "kernels",
	[CACHE_OBJECTS] = "objects", [CACHE_PROBES] = "probes",
};

const char *cache_kind_name(enum cache_kind kind)
{
	return kind_names[kind];
}

const char *cache_remedy(int error)
{
	switch (error) {
	case ENOSPC:
	case EDQUOT:
		return "; make room there (`foliogate results prune`), or " ELSEWHERE;
	case EACCES:
	case EPERM:
	case EROFS:
	case ENOENT:
	case ENOTDIR:
	case EEXIST:
		return "; " ELSEWHERE;
	default:
		return "";
	}
}

/* Where it is */

static char *wanted_place(struct buf *why)
{
	static bool said;
	const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");

	if (xdg && *xdg == '/')
		return xasprintf("%s/foliobench", xdg);
	if (xdg && *xdg && !said) {
		warn("XDG_CACHE_HOME is '%s', not an absolute path: ignored", xdg);
		said = true;
	}
	if (home && *home == '/')
		return xasprintf("%s/.cache/foliobench", home);
	buf_fmt(why, "no place for the cache: HOME is %s; set it, or XDG_CACHE_HOME, to an absolute path",
		home && *home ? "a relative path" : "not set");
	return NULL;
}

/* The directory and its parents. 0, or -1 with errno. */
static int make_dirs(const char *path)
{
	char *copy = xstrdup(path), *p;
	int ret = 0;

	for (p = copy + 1; !ret && *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		ret = mkdir(copy, 0700) && errno != EEXIST ? -1 : 0;
		*p = '/';
	}
	if (!ret)
		ret = mkdir(copy, 0700) && errno != EEXIST ? -1 : 0;
	free(copy);
	return ret;
}

static const char *user_name(uid_t uid, char number[16])
{
	const struct passwd *pw = getpwuid(uid);

	snprintf(number, 16, "%u", (unsigned)uid);
	return pw ? pw->pw_name : number;
}

/* What root leaves in a user's cache the user could not remove, and no user should trust another's. */
static int check_owner(int fd, const char *path, struct buf *why)
{
	char number[16];
	struct stat st;

	if (fstat(fd, &st)) {
		buf_fmt(why, "look at %s: %s", path, strerror(errno));
		return -1;
	}
	if (st.st_uid == geteuid())
		return 0;
	buf_fmt(why, "%s belongs to %s", path, user_name(st.st_uid, number));
	buf_fmt(why, ", and this runs as %s; " ELSEWHERE, user_name(geteuid(), number));
	return -1;
}

/* Without those a cache that may only be read still serves: whoever needs to write says why not. */
static void make_inner_dirs(int root)
{
	int i;

	for (i = 0; i < CACHE_KINDS; i++)
		mkdirat(root, kind_names[i], 0755);
	mkdirat(root, "new", 0755);
	mkdirat(root, "lock", 0755);
}

/* A descriptor, or -1 with why. */
static int open_place(const char *path, struct buf *why)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT && !make_dirs(path))
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		buf_fmt(why, "the cache's directory %s: %s%s", path, strerror(errno),
			cache_remedy(errno));
		return -1;
	}
	if (!check_owner(fd, path, why)) {
		make_inner_dirs(fd);
		return fd;
	}
	close(fd);
	return -1;
}

/* The same with the path. */
static int find_place(char **path, struct buf *why)
{
	int fd;

	*path = wanted_place(why);
	fd = *path ? open_place(*path, why) : -1;
	if (fd < 0) {
		free(*path);
		*path = NULL;
	}
	return fd;
}

int cache_open(char **path)
{
	struct buf why = BUF_INIT;
	int fd = find_place(path, &why);

	if (fd < 0)
		err("%s", buf_text(&why));
	buf_release(&why);
	return fd;
}

int cache_root(char **path)
{
	int fd = cache_open(path);

	if (fd < 0)
		return -1;
	close(fd);
	return 0;
}

static void check_key(const char *key)
{
	if (!*key || *key == '.' || strchr(key, '/'))
		BUG("'%s' is no key of a cache entry", key);
}

char *cache_entry_name(enum cache_kind kind, const char *key)
{
	check_key(key);
	return xasprintf("%s/%s", kind_names[kind], key);
}

char *cache_path(enum cache_kind kind, const char *key)
{
	char *root, *path;

	check_key(key);
	if (cache_root(&root))
		return NULL;
	path = xasprintf("%s/%s/%s", root, kind_names[kind], key);
	free(root);
	return path;
}

/* Locks */

int cache_lock_file(int fd, short type)
{
	struct flock l = { .l_type = type, .l_whence = SEEK_SET };

	if (!fcntl(fd, F_OFD_SETLK, &l))
		return 0;
	if (errno == EACCES)
		errno = EAGAIN;
	return -1;
}

bool cache_is_locked(int fd, short type)
{
	struct flock l = { .l_type = type, .l_whence = SEEK_SET };

	return !fcntl(fd, F_OFD_GETLK, &l) && l.l_type != F_UNLCK;
}

/* Whom we wait for, from what it wrote into its lock file. */
static void say_who(int fd, const char *what)
{
	char text[256];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
	int pid, at = 0;

	if (n < 0)
		n = 0;
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	if (sscanf(text, "%d %n", &pid, &at) == 1 && at)
		info("%s: waiting for process %d (%s)", what, pid, text + at);
	else
		info("%s: waiting for another process", what);
}

/* Waits for the lock. 1: had; 0: stopped; -1 with errno. */
static int wait_for(int fd, const char *what, const volatile sig_atomic_t *stop)
{
	unsigned tries;

	for (tries = 0; cache_lock_file(fd, F_WRLCK); tries++) {
		if (errno != EAGAIN)
			return -1;
		if (stop && *stop)
			return 0;
		if (tries == 1)		/* by now it has written who it is */
			say_who(fd, what);
		usleep(POLL_US);
	}
	return 1;
}

bool cache_is_current(int root, const char *file, int fd)
{
	struct stat ours, named;

	return !fstat(fd, &ours) && !fstatat(root, file, &named, AT_SYMLINK_NOFOLLOW) &&
	       ours.st_ino == named.st_ino && ours.st_dev == named.st_dev;
}

static int lock_named(int root, const char *file, const char *what,
		      const volatile sig_atomic_t *stop)
{
	int fd, got;

	for (;;) {
		fd = openat(root, file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		if (fd < 0)
			return err("lock %s in the cache: %m%s", file, cache_remedy(errno));
		got = wait_for(fd, what, stop);
		if (got < 0)
			err("lock %s in the cache: %m", file);
		else if (got && cache_is_current(root, file, fd))
			break;
		close(fd);
		if (got <= 0)
			return -1;
	}
	/* only for those who wait: a full disk is no reason to fail */
	if (!ftruncate(fd, 0))
		dprintf(fd, "%d %s\n", (int)getpid(), what);
	return fd;
}

int cache_lock(const char *name, const char *what, const volatile sig_atomic_t *stop)
{
	char *path, *file;
	int root, fd;

	check_key(name);
	root = cache_open(&path);
	if (root < 0)
		return -1;
	file = xasprintf("lock/%s", name);
	fd = lock_named(root, file, what, stop);
	free(file);
	free(path);
	close(root);
	return fd;
}

/* Using entries */

enum hold { HELD, NOT_THERE, BUSY };

/* Its lock file, made where an entry lost it: -1 where there is no such entry. */
static int open_entry_lock(int root, const char *entry, const char *file)
{
	struct stat st;
	int fd = openat(root, file, O_RDONLY | O_CLOEXEC);

	if (fd >= 0 || errno != ENOENT || fstatat(root, entry, &st, AT_SYMLINK_NOFOLLOW) ||
	    !S_ISDIR(st.st_mode))
		return fd;
	return openat(root, file, O_RDONLY | O_CREAT | O_CLOEXEC, 0600);
}

static enum hold lock_entry(int root, const char *entry, const char *file, int fd)
{
	if (cache_lock_file(fd, F_RDLCK))
		return errno == EAGAIN ? BUSY : NOT_THERE;
	if (!cache_is_current(root, file, fd))
		return BUSY;	/* removed meanwhile, and perhaps made again */
	/* where the cache may only be read nobody trims either */
	if (utimensat(root, entry, NULL, 0) && errno == ENOENT)
		return NOT_THERE;
	return HELD;
}

static enum hold try_hold(int root, const char *entry, int *fd)
{
	char *file = xasprintf("%s/.lock", entry);
	enum hold got = NOT_THERE;

	*fd = open_entry_lock(root, entry, file);
	if (*fd >= 0)
		got = lock_entry(root, entry, file, *fd);
	if (got != HELD && *fd >= 0) {
		close(*fd);
		*fd = -1;
	}
	free(file);
	return got;
}

int cache_hold(enum cache_kind kind, const char *key)
{
	char *path, *entry = cache_entry_name(kind, key);
	struct buf why = BUF_INIT;
	int root = find_place(&path, &why), fd = -1, tries;

	for (tries = 0; root >= 0 && tries < HOLD_TRIES; tries++) {
		if (try_hold(root, entry, &fd) != BUSY)
			break;
		usleep(1000);
	}
	if (root >= 0)
		close(root);
	buf_release(&why);
	free(path);
	free(entry);
	return fd;
}
