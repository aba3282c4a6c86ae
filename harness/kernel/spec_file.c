/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel specs and what they name, as files: found, read, their paths made absolute. */
#include "harness/kernel/spec.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/near.h"

#define SPEC_BYTES (1u << 20)		/* more is no spec */
#define PATCH_BYTES (256u << 20)	/* more is no patch, and standard input may have no end */
#define LEVELS 4			/* directories above the program that may hold configs/ */

/* All of an open file, refusing more than `limit`. 0, or -1 with errno set. */
static int read_all(int fd, size_t limit, struct buf *out)
{
	char chunk[65536];
	ssize_t n;

	while ((n = read(fd, chunk, sizeof(chunk))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		buf_add(out, chunk, (size_t)n);
		if (out->len > limit) {
			errno = EFBIG;
			return -1;
		}
	}
	return 0;
}

/* kind: what it was to be. 0, or -1 after reporting. */
static int read_file(const char *kind, const char *path, size_t limit, struct buf *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), ret = -1;

	if (fd < 0)
		return err("open the %s %s: %m", kind, path);
	if (read_all(fd, limit, out))
		err("read the %s %s: %m", kind, path);
	else
		ret = 0;
	close(fd);
	return ret;
}

static int load_patch(struct spec_patch *p, bool *stdin_read)
{
	struct buf text = BUF_INIT;
	int ret = 0;

	if (strcmp(p->path, SPEC_STDIN)) {
		ret = read_file("patch", p->path, PATCH_BYTES, &text);
	} else if (*stdin_read) {
		ret = err("two patches are to come from standard input: it can be read only once");
	} else {
		*stdin_read = true;
		if (read_all(STDIN_FILENO, PATCH_BYTES, &text))
			ret = err("read a patch from standard input: %m");
	}
	p->len = text.len;
	if (!ret)
		p->text = buf_detach(&text);
	buf_release(&text);
	return ret;
}

int spec_load_patches(struct spec *s)
{
	bool stdin_read = false;
	size_t i;

	for (i = 0; i < s->npatches; i++)
		stdin_read |= s->patch[i].text && !strcmp(s->patch[i].path, SPEC_STDIN);
	for (i = 0; i < s->npatches; i++)
		if (!s->patch[i].text && load_patch(&s->patch[i], &stdin_read))
			return -1;
	return 0;
}

/* configs/ in the directory that many levels above a program's own, if it holds kernel specs. */
static char *configs_above(const char *program, int levels)
{
	char *base = xstrdup(program), *slash, *dir = NULL, *kernels;
	int i;

	for (i = 0; i <= levels; i++) {
		slash = strrchr(base, '/');
		if (!slash)
			break;
		*slash = '\0';
	}
	if (i > levels) {
		dir = xasprintf("%s/configs", base);
		kernels = xasprintf("%s/kernels", dir);
		if (access(kernels, X_OK)) {
			free(dir);
			dir = NULL;
		}
		free(kernels);
	}
	free(base);
	return dir;
}

char *spec_configs(void)
{
	const char *set = getenv("FOLIOBENCH_CONFIGS");
	char program[4096], *dir;
	ssize_t len;
	int levels;

	if (set && *set)
		return xstrdup(set);
	len = readlink("/proc/self/exe", program, sizeof(program) - 1);
	if (len < 0) {
		err("readlink /proc/self/exe: %m");
		return NULL;
	}
	program[len] = '\0';
	for (levels = 0; levels <= LEVELS; levels++) {
		dir = configs_above(program, levels);
		if (dir)
			return dir;
	}
	err("no configs/kernels beside %s or up to %d directories above: set FOLIOBENCH_CONFIGS to the directory "
	    "that holds kernels/", program, LEVELS);
	return NULL;
}

static bool is_yaml(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot && !strcmp(dot, ".yaml");
}

/* No file NAME.yaml in dir: says so, with the nearest that is there. */
static void report_missing(const char *dir, const char *name)
{
	struct buf hint = BUF_INIT;
	struct dirent **list;
	struct near near;
	int i, n = scandir(dir, &list, NULL, alphasort);

	if (n < 0) {
		err("no kernel spec '%s': open %s: %m", name, dir);
		return;
	}
	near_init(&near, name);
	for (i = 0; i < n; i++) {
		if (!is_yaml(list[i]->d_name))
			continue;
		*strrchr(list[i]->d_name, '.') = '\0';
		near_offer(&near, list[i]->d_name);
	}
	near_hint(&near, &hint);
	err("no kernel spec '%s' in %s%s", name, dir, buf_text(&hint));
	buf_release(&hint);
	for (i = 0; i < n; i++)
		free(list[i]);
	free(list);
}

/* The file that `what` names. The caller frees; NULL after reporting. */
static char *find_file(const char *what)
{
	char *configs, *dir, *path;

	if (strchr(what, '/') || is_yaml(what))
		return xstrdup(what);
	configs = spec_configs();
	if (!configs)
		return NULL;
	dir = xasprintf("%s/kernels", configs);
	path = xasprintf("%s/%s.yaml", dir, what);
	if (access(path, F_OK)) {
		report_missing(dir, what);
		free(path);
		path = NULL;
	}
	free(dir);
	free(configs);
	return path;
}

/* *path, relative to dir, becomes absolute. 0, or -1 after reporting. */
static int resolve(const char *dir, const char *file, char **path)
{
	const char *home = getenv("HOME");
	char *full;

	if (**path == '/')
		return 0;
	if (**path != '~') {
		full = xasprintf("%s/%s", dir, *path);
	} else if ((*path)[1] && (*path)[1] != '/') {
		return err("%s: '%s': of paths with ~ only ~/ is known", file, *path);
	} else if (!home || *home != '/') {
		return err("%s: '%s': $HOME names no directory", file, *path);
	} else {
		full = xasprintf("%s%s", home, *path + 1);
	}
	free(*path);
	*path = full;
	return 0;
}

static int resolve_all(struct spec *s)
{
	char *real = realpath(s->file, NULL), *slash;
	int ret = 0;
	size_t i;

	if (!real)
		return err("open the kernel spec %s: %m", s->file);
	slash = strrchr(real, '/');
	*slash = '\0';
	if (s->kind == SOURCE_TREE || s->kind == SOURCE_GIT)
		ret = resolve(real, s->file, &s->from);
	if (!ret && s->config_is_file)
		ret = resolve(real, s->file, &s->config);
	for (i = 0; i < s->nfragments && !ret; i++)
		ret = resolve(real, s->file, &s->fragment[i]);
	for (i = 0; i < s->npatches && !ret; i++)
		ret = resolve(real, s->file, &s->patch[i].path);
	free(real);
	return ret;
}

int spec_load(const char *what, struct spec *s)
{
	struct buf text = BUF_INIT, why = BUF_INIT;
	char *file;
	int ret;

	*s = (struct spec){ 0 };
	file = find_file(what);
	if (!file)
		return -1;
	ret = read_file("kernel spec", file, SPEC_BYTES, &text);
	if (!ret && spec_parse(file, buf_text(&text), text.len, s, &why))
		ret = err_at(buf_text(&why));
	if (!ret)
		ret = resolve_all(s);
	free(file);
	buf_release(&text);
	buf_release(&why);
	return ret;
}
