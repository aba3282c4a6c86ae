/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/kernel/cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/kernel/cache_dir.h"
#include "harness/kernel/tree.h"
#include "lib/alloc.h"
#include "lib/err.h"

char *cache_new_name(void)
{
	uint64_t number;

	/* never twice: whoever sweeps may act late on a name that it saw */
	if (getrandom(&number, sizeof(number), 0) != (ssize_t)sizeof(number))
		BUG("getrandom(): %m");
	return xasprintf("new/%d-%016llx", (int)getpid(), (unsigned long long)number);
}

/* 0 with the locked file in n, 1: swept away under our hands, -1 with errno. */
static int begin(struct cache_new *n, int root, const char *name)
{
	char *file = xasprintf("%s/.lock", name);
	int ret = -1;

	if (mkdirat(root, name, 0755))
		goto out;
	n->lock = openat(root, file, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (n->lock < 0)
		ret = errno == ENOENT || errno == EEXIST ? 1 : -1;
	else if (cache_lock_file(n->lock, F_WRLCK))
		ret = errno == EAGAIN ? 1 : -1;
	else
		ret = cache_is_current(root, file, n->lock) ? 0 : 1;
out:
	if (ret && n->lock >= 0) {
		close(n->lock);
		n->lock = -1;
	}
	free(file);
	return ret;
}

int cache_make(struct cache_new *n)
{
	char *path, *name = NULL;
	int root, ret;

	*n = (struct cache_new){ .lock = -1 };
	root = cache_open(&path);
	if (root < 0)
		return -1;
	cache_sweep(root);
	do {
		free(name);
		name = cache_new_name();
		ret = begin(n, root, name);
	} while (ret > 0);
	if (ret)
		err("make a directory in %s/new: %m%s", path, cache_remedy(errno));
	else
		n->path = xasprintf("%s/%s", path, name);
	free(name);
	free(path);
	close(root);
	return ret;
}

static void forget(struct cache_new *n)
{
	if (n->lock >= 0)
		close(n->lock);
	free(n->path);
	*n = (struct cache_new){ .lock = -1 };
}

void cache_drop(struct cache_new *n)
{
	if (n->path && tree_remove(AT_FDCWD, n->path))
		warn("remove %s: %m", n->path);
	forget(n);
}

int cache_label(const struct cache_new *n, const char *text)
{
	char *path = xasprintf("%s/label", n->path);
	FILE *f = fopen(path, "we");
	int ret = 0;

	if (f)
		fprintf(f, "%.*s\n", (int)strcspn(text, "\n"), text);
	if (!f || fclose(f))
		ret = err("write %s: %m%s", path, cache_remedy(errno));
	free(path);
	return ret;
}

/* 0, 1: another was first, or -1 after reporting. */
static int put_in_place(struct cache_new *n, int root, const char *entry)
{
	char *dir = xstrndup(entry, strcspn(entry, "/"));
	int kind, ret = -1;

	/* from now on it counts as held by us, and was used now */
	if (cache_lock_file(n->lock, F_RDLCK) || utimensat(AT_FDCWD, n->path, NULL, 0))
		err("%s vanished while it was made: %m", n->path);
	else if (tree_sync(n->path))
		err("write %s to the disk: %m%s", n->path, cache_remedy(errno));
	else if (!renameat(AT_FDCWD, n->path, root, entry))
		ret = 0;
	else if (errno == EEXIST || errno == ENOTEMPTY)
		ret = 1;
	else
		err("rename %s to %s: %m%s", n->path, entry, cache_remedy(errno));
	kind = ret ? -1 : openat(root, dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (kind >= 0) {
		fsync(kind);	/* lost, it would only have to be made again */
		close(kind);
	}
	free(dir);
	return ret;
}

int cache_keep_held(struct cache_new *n, enum cache_kind kind, const char *key)
{
	char *path, *entry = cache_entry_name(kind, key);
	int root = cache_open(&path), ret = -1, fd = -1;

	if (root >= 0) {
		ret = put_in_place(n, root, entry);
		close(root);
	}
	if (!ret) {
		fd = n->lock;
		n->lock = -1;
		forget(n);
	} else {
		cache_drop(n);
	}
	if (ret > 0) {
		fd = cache_hold(kind, key);
		if (fd < 0)
			err("cache entry %s was removed just after it was made", entry);
	}
	free(path);
	free(entry);
	return fd;
}

int cache_keep(struct cache_new *n, enum cache_kind kind, const char *key)
{
	int fd = cache_keep_held(n, kind, key);

	if (fd < 0)
		return -1;
	close(fd);
	return 0;
}

/* Its lock can be had: its maker is gone. What is renamed to its place meanwhile is not below new/ any more. */
static void sweep_one(int new, const char *name)
{
	char *file = xasprintf("%s/.lock", name);
	int fd = openat(new, file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd >= 0) {
		if (!cache_lock_file(fd, F_WRLCK))
			tree_remove(new, name);
		close(fd);
	} else if (errno == ENOTDIR) {
		tree_remove(new, name);
	}
	free(file);
}

void cache_sweep(int root)
{
	int new = openat(root, "new", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = new < 0 ? NULL : fdopendir(new);
	const struct dirent *e;

	while (d && (e = readdir(d)))
		if (*e->d_name != '.')
			sweep_one(new, e->d_name);
	if (d)
		closedir(d);
	else if (new >= 0)
		close(new);
}
