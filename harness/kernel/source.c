/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/kernel/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/kernel/cache.h"
#include "harness/kernel/package.h"
#include "harness/kernel/source_kinds.h"
#include "harness/kernel/spec.h"
#include "harness/kernel/tree.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/err.h"

/* "git tree 1a2b" -> "git-tree-1a2b". The caller frees. */
static char *key_of(const char *id)
{
	char *key = xstrdup(id), *p;

	for (p = key; *p; p++)
		if (*p == ' ' || *p == '/')
			*p = '-';
	return key;
}

bool source_hold(struct source *s)
{
	char *key = key_of(s->id), *path;

	s->hold = cache_hold(CACHE_SOURCES, key);
	path = s->hold >= 0 ? cache_path(CACHE_SOURCES, key) : NULL;
	s->tree = path ? xasprintf("%s/tree", path) : NULL;
	free(path);
	free(key);
	return s->tree != NULL;
}

int source_lock(const struct source *s, const volatile sig_atomic_t *stop)
{
	char *key = key_of(s->id), *name = xasprintf("sources-%s", key);
	char *what = xasprintf("copying the source %s", s->id);
	int fd = cache_lock(name, what, stop);

	free(what);
	free(name);
	free(key);
	return fd;
}

int source_keep(struct cache_new *n, struct source *s)
{
	char *key = key_of(s->id), *path = NULL;

	s->hold = -1;
	if (cache_label(n, s->describe))
		cache_drop(n);
	else
		s->hold = cache_keep_held(n, CACHE_SOURCES, key);
	if (s->hold >= 0)
		path = cache_path(CACHE_SOURCES, key);
	s->tree = path ? xasprintf("%s/tree", path) : NULL;
	free(path);
	free(key);
	return s->tree ? 0 : -1;
}

/* Does a line of the text begin so? */
static bool has_line(const char *text, const char *begin)
{
	const char *at = text;

	while ((at = strstr(at, begin))) {
		if (at == text || at[-1] == '\n')
			return true;
		at++;
	}
	return false;
}

int source_check(const char *dir, const char *named)
{
	char *makefile = xasprintf("%s/Makefile", dir), *kconfig = xasprintf("%s/Kconfig", dir);
	struct buf text = BUF_INIT;
	int ret = 0;

	if (buf_read_file(&text, makefile) && errno != ENOENT && errno != EISDIR)
		ret = err("read %s: %m", makefile);
	else if (!has_line(buf_text(&text), "VERSION = ") ||
		 !has_line(buf_text(&text), "PATCHLEVEL = "))
		ret = err("%s: not the source of a kernel: no Makefile with VERSION and PATCHLEVEL",
			  named);
	else if (access(kconfig, F_OK))
		ret = err("%s: not the source of a kernel: no Kconfig", named);
	buf_release(&text);
	free(makefile);
	free(kconfig);
	return ret;
}

static int from_debian(const struct spec *spec, const volatile sig_atomic_t *stop, struct source *s)
{
	struct package p;

	if (package_get(spec->from, "all", stop, &p))
		return -1;
	s->id = xasprintf("%s %s", p.name, p.version);
	s->describe = xstrdup(s->id);
	s->tree = xasprintf("%s/tree", p.path);
	s->hold = p.hold;
	p.hold = -1;	/* ours now */
	package_release(&p);
	return source_check(s->tree, s->id);
}

/* A directory with a .git of its own is git's to describe; one that merely lies in a repository is not. */
static int from_directory(const char *dir, const volatile sig_atomic_t *stop, struct source *s)
{
	char *git = xasprintf("%s/.git", dir);
	struct stat st;
	int ret;

	if (stat(dir, &st))
		ret = err("%s: %m", dir);
	else if (!S_ISDIR(st.st_mode))
		ret = err("%s: not a directory; `tree:` names an unpacked source", dir);
	else if (source_check(dir, dir))
		ret = -1;
	else if (!lstat(git, &st))
		ret = source_from_worktree(dir, stop, s);
	else
		ret = source_from_files(dir, stop, s);
	free(git);
	return ret;
}

int source_get(const struct spec *spec, const volatile sig_atomic_t *stop, struct source *s)
{
	*s = (struct source){ .hold = -1 };
	switch (spec->kind) {
	case SOURCE_DEBIAN:
		return from_debian(spec, stop, s);
	case SOURCE_TREE:
		return from_directory(spec->from, stop, s);
	case SOURCE_GIT:
		return source_from_git(spec->from, spec->revision, stop, s);
	case SOURCE_IMAGE:
		break;
	}
	BUG("%s: an image has no source", spec->name);
}

void source_release(struct source *s)
{
	if (s->tree && s->hold >= 0)
		close(s->hold);
	free(s->id);
	free(s->describe);
	free(s->tree);
	*s = (struct source){ .hold = -1 };
}

int source_copy(const struct source *s, const char *dir)
{
	return tree_link(s->tree, dir);
}
