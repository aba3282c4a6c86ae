/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/kernel/cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/kernel/cache_dir.h"
#include "harness/kernel/tree.h"
#include "lib/alloc.h"
#include "lib/err.h"
#include "lib/units.h"

#define DEFAULT_LIMIT "20G"

int cache_keys(enum cache_kind kind, char ***key, size_t *n)
{
	char *path;
	int root = cache_open(&path), fd;
	const struct dirent *e;
	DIR *d;

	*key = NULL;
	*n = 0;
	if (root < 0)
		return -1;
	fd = openat(root, cache_kind_name(kind), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	d = fd < 0 ? NULL : fdopendir(fd);
	while (d && (e = readdir(d))) {
		if (*e->d_name == '.')
			continue;
		*key = xrealloc(*key, *n + 1, sizeof(**key));
		(*key)[(*n)++] = xstrdup(e->d_name);
	}
	if (d)
		closedir(d);
	else if (fd >= 0)
		close(fd);
	free(path);
	close(root);
	return 0;
}

/* An entry while the list is made: seconds are too coarse to sort by. */
struct listed {
	struct cache_entry entry;
	struct timespec used;
};

struct listing {
	struct listed *item;
	size_t n, cap;
};

static bool is_held(int kind, const char *key)
{
	char *file = xasprintf("%s/.lock", key);
	int fd = openat(kind, file, O_RDONLY | O_CLOEXEC);
	bool held = fd >= 0 && cache_is_locked(fd, F_WRLCK);

	if (fd >= 0)
		close(fd);
	free(file);
	return held;
}

static char *read_label(int kind, const char *key)
{
	char text[512], *file = xasprintf("%s/label", key);
	int fd = openat(kind, file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = '\0';
	if (fd >= 0)
		close(fd);
	free(file);
	return n > 0 ? xstrndup(text, strcspn(text, "\n")) : NULL;
}

static void add_entry(struct listing *l, int dir, enum cache_kind kind, const char *key)
{
	struct listed *item;
	struct stat st;

	if (fstatat(dir, key, &st, AT_SYMLINK_NOFOLLOW) || !S_ISDIR(st.st_mode))
		return;
	if (l->n == l->cap) {
		l->cap = l->cap ? 2 * l->cap : 16;
		l->item = xrealloc(l->item, l->cap, sizeof(l->item[0]));
	}
	item = &l->item[l->n++];
	*item = (struct listed){ .used = st.st_mtim };
	item->entry = (struct cache_entry){
		.kind = kind, .key = xstrdup(key), .used = st.st_mtim.tv_sec,
		.held = is_held(dir, key), .label = read_label(dir, key),
	};
}

static void add_kind(struct listing *l, int root, enum cache_kind kind)
{
	int fd = openat(root, cache_kind_name(kind), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *e;

	while (d && (e = readdir(d)))
		if (*e->d_name != '.')
			add_entry(l, fd, kind, e->d_name);
	if (d)
		closedir(d);
	else if (fd >= 0)
		close(fd);
}

static int longest_unused_first(const void *va, const void *vb)
{
	const struct listed *a = va, *b = vb;

	if (a->used.tv_sec != b->used.tv_sec)
		return a->used.tv_sec < b->used.tv_sec ? -1 : 1;
	if (a->used.tv_nsec != b->used.tv_nsec)
		return a->used.tv_nsec < b->used.tv_nsec ? -1 : 1;
	return strcmp(a->entry.key, b->entry.key);
}

static void measure(struct cache_entry *e, int root, struct tree_seen *seen)
{
	char *name = cache_entry_name(e->kind, e->key);

	e->bytes = tree_bytes(root, name, seen);
	free(name);
}

static void list_entries(int root, struct cache_entry **entry, size_t *n)
{
	struct listing l = { 0 };
	struct tree_seen seen = { 0 };
	size_t i;
	int kind;

	for (kind = 0; kind < CACHE_KINDS; kind++)
		add_kind(&l, root, (enum cache_kind)kind);
	if (l.n)
		qsort(l.item, l.n, sizeof(l.item[0]), longest_unused_first);
	*entry = xcalloc(l.n + 1, sizeof(**entry));
	*n = l.n;
	for (i = 0; i < l.n; i++) {
		(*entry)[i] = l.item[i].entry;
		measure(&(*entry)[i], root, &seen);
	}
	tree_seen_release(&seen);
	free(l.item);
}

int cache_list(struct cache_entry **entry, size_t *n)
{
	char *path;
	int root = cache_open(&path);

	*entry = NULL;
	*n = 0;
	if (root < 0)
		return -1;
	list_entries(root, entry, n);
	free(path);
	close(root);
	return 0;
}

void cache_list_release(struct cache_entry *entry, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		free(entry[i].key);
		free(entry[i].label);
	}
	free(entry);
}

/* Removing */

/* Out of its place in one step, and then at leisure: nobody ever sees half an entry. 0, or -1 with errno. */
static int discard(int root, const char *entry)
{
	char *name = cache_new_name();
	int ret = renameat(root, entry, root, name);

	if (!ret)
		ret = tree_remove(root, name);
	free(name);
	return ret;
}

/* 0, or -1 with errno: EAGAIN where it is held, ENOENT where there is none. */
static int remove_entry(int root, const char *entry)
{
	char *file = xasprintf("%s/.lock", entry);
	int fd = openat(root, file, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600), ret = -1, saved;

	if (fd < 0) {
		free(file);
		return -1;
	}
	/* locked until it is gone: whoever sweeps new/ takes that for a maker at work */
	if (!cache_lock_file(fd, F_WRLCK)) {
		errno = EAGAIN;		/* another one by now, just made */
		if (cache_is_current(root, file, fd))
			ret = discard(root, entry);
	}
	saved = errno;
	free(file);
	close(fd);
	errno = saved;
	return ret;
}

static int complain(const char *root, const char *entry, int error)
{
	if (error == EAGAIN)
		return err("cache entry %s is in use, and stays", entry);
	if (error == ENOENT)
		return err("%s: no cache entry %s", root, entry);
	errno = error;
	return err("remove %s/%s: %m", root, entry);
}

int cache_remove(enum cache_kind kind, const char *key)
{
	char *path, *entry = cache_entry_name(kind, key);
	int root = cache_open(&path), ret = -1;

	if (root >= 0) {
		ret = remove_entry(root, entry);
		if (ret)
			complain(path, entry, errno);
		close(root);
	}
	free(path);
	free(entry);
	return ret;
}

/* Trimming */

int cache_limit(uint64_t *bytes)
{
	const char *text = getenv("FOLIOBENCH_CACHE_SIZE");

	if (!text || !*text)
		text = DEFAULT_LIMIT;
	if (!units_size(text, bytes))
		return 0;
	return err("FOLIOBENCH_CACHE_SIZE is '%s': not a size like '20G' or '500M'", text);
}

/* Lock files that nobody has; cache_lock() looks whether its own is still there. */
static void trim_locks(int root)
{
	int dir = openat(root, "lock", O_RDONLY | O_DIRECTORY | O_CLOEXEC), fd;
	DIR *d = dir < 0 ? NULL : fdopendir(dir);
	const struct dirent *e;

	while (d && (e = readdir(d))) {
		fd = *e->d_name == '.' ? -1 : openat(dir, e->d_name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (!cache_lock_file(fd, F_WRLCK))
			unlinkat(dir, e->d_name, 0);
		close(fd);
	}
	if (d)
		closedir(d);
	else if (dir >= 0)
		close(dir);
}

static void say_removed(const struct cache_entry *e)
{
	const double mib = (double)e->bytes / (1 << 20);
	const long days = (long)((time(NULL) - e->used) / 86400);

	info("cache: removed %s/%s%s%s%s: %.0f MiB, unused for %ld day%s", cache_kind_name(e->kind),
	     e->key, e->label ? " (" : "", e->label ? e->label : "", e->label ? ")" : "", mib, days,
	     days == 1 ? "" : "s");
}

/* One entry: 1 removed, 0 left (held, or gone already), -1 after reporting. */
static int trim_one(int root, const char *path, const struct cache_entry *e)
{
	char *name;
	int ret = 0;

	if (e->held)
		return 0;
	name = cache_entry_name(e->kind, e->key);
	if (!remove_entry(root, name)) {
		say_removed(e);
		ret = 1;
	} else if (errno != EAGAIN && errno != ENOENT) {
		ret = complain(path, name, errno);
	}
	free(name);
	return ret;
}

/*
 * One walk over the list. What an entry shares with others is freed only with the last of
 * them, so that this may remove too little, never too much. Removed ones, or -1.
 */
static int trim_round(int root, const char *path, uint64_t limit)
{
	struct cache_entry *entry;
	uint64_t total = 0;
	size_t n, i;
	int removed = 0, got;

	list_entries(root, &entry, &n);
	for (i = 0; i < n; i++)
		total += entry[i].bytes;
	for (i = 0; removed >= 0 && i + 1 < n && total > limit; i++) {
		got = trim_one(root, path, &entry[i]);
		if (got > 0)
			total -= entry[i].bytes;
		removed = got < 0 ? -1 : removed + got;
	}
	cache_list_release(entry, n);
	return removed;
}

int cache_trim(uint64_t limit_bytes)
{
	char *path;
	int root = cache_open(&path), removed;

	if (root < 0)
		return -1;
	cache_sweep(root);
	trim_locks(root);
	do
		removed = trim_round(root, path, limit_bytes);
	while (removed > 0);
	free(path);
	close(root);
	return removed;
}
