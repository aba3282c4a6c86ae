/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A source without git: known by the content of all its files, but for what a build leaves. */
#include "harness/kernel/source_kinds.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/kernel/cache.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/err.h"

/* Names without a '/' are looked for everywhere, others from the tree's root. */
static const char *const product_dirs[] = {
	"./.git", "include/config", "include/generated", "arch/*/include/generated", ".tmp_versions",
};
static const char *const product_files[] = {
	"*.o", "*.a", "*.ko", "*.mod", "*.mod.c", "*.dwo", "*.su", "*.gcno", "*.i", "*.lst",
	"*.symtypes", "*.so", "*.so.dbg", "*.dtb", "*.dtbo", "*.lex.c", "*.tab.[ch]", ".*.cmd", ".*.d",
	".tmp_*", "modules.order", "Module.symvers", "modules.builtin*", "./.config", "./.config.old",
	"./.version", "./.missing-syscalls.d", "./System.map", "./vmlinux*", "./.vmlinux*", "./.git",
};

static bool matches(const char *path, const char *const *pattern, size_t n)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	size_t i;

	for (i = 0; i < n; i++) {
		if (!strncmp(pattern[i], "./", 2)) {
			if (!slash && !fnmatch(pattern[i] + 2, path, 0))
				return true;
		} else if (!fnmatch(pattern[i], strchr(pattern[i], '/') ? path : name, FNM_PATHNAME)) {
			return true;
		}
	}
	return false;
}

bool source_is_product(const char *path, bool dir)
{
	if (dir)
		return matches(path, product_dirs, sizeof(product_dirs) / sizeof(product_dirs[0]));
	return matches(path, product_files, sizeof(product_files) / sizeof(product_files[0]));
}

bool source_is_binary(const void *content, size_t len)
{
	return (len >= 4 && !memcmp(content, "\177ELF", 4)) ||
	       (len >= 8 && (!memcmp(content, "!<arch>\n", 8) || !memcmp(content, "!<thin>\n", 8)));
}

/* One walk over the tree: hashes, and copies where `to` is given. */
struct walk {
	const char *from, *to;		/* to: NULL, only hash */
	const volatile sig_atomic_t *stop;
	struct cache_hash *hash;
	struct buf content;		/* of one file at a time */
	size_t files;
};

static int write_copy(const struct walk *w, const char *path, mode_t mode)
{
	char *to = xasprintf("%s/%s", w->to, path);
	int fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode), ret = 0;
	size_t at = 0;
	ssize_t n;

	while (fd >= 0 && at < w->content.len) {
		n = write(fd, w->content.s + at, w->content.len - at);
		if (n < 0 && errno != EINTR)
			break;
		at += n > 0 ? (size_t)n : 0;
	}
	if (fd < 0 || at < w->content.len)
		ret = err("write %s: %m%s", to, cache_remedy(errno));
	if (fd >= 0 && close(fd) && !ret)
		ret = err("write %s: %m%s", to, cache_remedy(errno));
	free(to);
	return ret;
}

static int take_file(struct walk *w, const char *path, const struct stat *st)
{
	const bool runs = st->st_mode & 0100;
	char *from = xasprintf("%s/%s", w->from, path);
	int ret = 0;

	buf_reset(&w->content);
	if (buf_read_file(&w->content, from)) {
		ret = err("read %s: %m", from);
	} else if (!source_is_binary(buf_text(&w->content), w->content.len)) {
		cache_hash_text(w->hash, path);
		cache_hash_text(w->hash, runs ? "program" : "file");
		cache_hash_add(w->hash, buf_text(&w->content), w->content.len);
		w->files++;
		if (w->to)
			ret = write_copy(w, path, runs ? 0755 : 0644);
	}
	free(from);
	return ret;
}

static int take_link(struct walk *w, const char *path)
{
	char *from = xasprintf("%s/%s", w->from, path), *to = NULL, target[PATH_MAX];
	ssize_t n = readlink(from, target, sizeof(target) - 1);
	int ret = 0;

	if (n < 0) {
		ret = err("read %s: %m", from);
		goto out;
	}
	target[n] = '\0';
	cache_hash_text(w->hash, path);
	cache_hash_text(w->hash, "link");
	cache_hash_text(w->hash, target);
	if (w->to) {
		to = xasprintf("%s/%s", w->to, path);
		if (symlink(target, to))
			ret = err("write %s: %m%s", to, cache_remedy(errno));
	}
out:
	free(to);
	free(from);
	return ret;
}

static int take_dir(struct walk *w, const char *path);

/* path: "" for the tree itself, else with a '/' at the end. */
static int take_entry(struct walk *w, const char *path)
{
	char *from = xasprintf("%s/%s", w->from, path), *below;
	struct stat st;
	int ret = 0;

	if (w->stop && *w->stop) {
		ret = -1;
	} else if (lstat(from, &st)) {
		ret = err("read %s: %m", from);
	} else if (source_is_product(path, S_ISDIR(st.st_mode))) {
		ret = 0;
	} else if (S_ISDIR(st.st_mode)) {
		below = xasprintf("%s/", path);
		ret = take_dir(w, below);
		free(below);
	} else if (S_ISLNK(st.st_mode)) {
		ret = take_link(w, path);
	} else if (S_ISREG(st.st_mode)) {
		ret = take_file(w, path, &st);
	} else {
		warn("%s: neither file nor directory, left out", from);
	}
	free(from);
	return ret;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int not_dots(const struct dirent *e)
{
	return strcmp(e->d_name, ".") && strcmp(e->d_name, "..");
}

static int take_dir(struct walk *w, const char *path)
{
	char *from = xasprintf("%s/%s", w->from, path), *to = NULL, *below;
	struct dirent **entry = NULL;
	int n = scandir(from, &entry, not_dots, by_name), i, ret = 0;

	if (n < 0)
		ret = err("read %s: %m", from);
	if (!ret && w->to) {
		to = xasprintf("%s/%s", w->to, path);
		if (mkdir(to, 0755))
			ret = err("make %s: %m%s", to, cache_remedy(errno));
	}
	for (i = 0; i < n; i++) {
		below = xasprintf("%s%s", path, entry[i]->d_name);
		if (!ret)
			ret = take_entry(w, below);
		free(below);
		free(entry[i]);
	}
	free(entry);
	free(to);
	free(from);
	return ret;
}

/* Sets s->id. */
static int walk(struct walk *w, struct source *s)
{
	char hex[65];
	int ret;

	w->hash = cache_hash_new();
	ret = take_dir(w, "");
	cache_hash_end(w->hash, hex);
	buf_release(&w->content);
	free(s->id);
	free(s->describe);
	s->id = xasprintf("files %s", hex);
	s->describe = xasprintf("%s (%s, %zu files)", w->from, s->id, w->files);
	return ret;
}

/* What was copied is what the id says, even where somebody edits the tree meanwhile. */
static int copy(const char *dir, const volatile sig_atomic_t *stop, struct source *s)
{
	struct cache_new n;
	struct walk w = { .from = dir, .stop = stop };
	char *to;
	int ret;

	if (cache_make(&n))
		return -1;
	to = xasprintf("%s/tree", n.path);
	w.to = to;
	info("copying %s", dir);
	ret = walk(&w, s);
	free(to);
	if (!ret)
		return source_keep(&n, s);
	cache_drop(&n);
	return -1;
}

int source_from_files(const char *dir, const volatile sig_atomic_t *stop, struct source *s)
{
	struct walk w = { .from = dir, .stop = stop };
	int lock, ret = 0;

	if (walk(&w, s))
		return -1;
	if (source_hold(s))
		return 0;
	lock = source_lock(s, stop);
	if (lock < 0)
		return -1;
	if (!source_hold(s))
		ret = copy(dir, stop, s);
	close(lock);
	return ret;
}
