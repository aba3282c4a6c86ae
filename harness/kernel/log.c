/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/kernel/log.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/kernel/cache.h"
#include "lib/alloc.h"
#include "lib/err.h"

static char *logs_dir(void)
{
	char *root, *dir = NULL;

	if (cache_root(&root))
		return NULL;
	dir = xasprintf("%s/logs", root);
	free(root);
	return dir;
}

char *log_path(const char *key)
{
	char *dir = logs_dir(), *path = NULL;

	if (!dir)
		return NULL;
	if (mkdir(dir, 0777) && errno != EEXIST)
		err("mkdir %s: %m", dir);
	else
		path = xasprintf("%s/%s.log", dir, key);
	free(dir);
	return path;
}

static int is_log(const struct dirent *d)
{
	const char *dot = strrchr(d->d_name, '.');

	return dot && !strcmp(dot, ".log");
}

struct file {
	char *path;
	struct timespec when;
};

static int newest_first(const void *a, const void *b)
{
	const struct file *x = a, *y = b;

	if (x->when.tv_sec != y->when.tv_sec)
		return x->when.tv_sec < y->when.tv_sec ? 1 : -1;
	return (x->when.tv_nsec < y->when.tv_nsec) - (x->when.tv_nsec > y->when.tv_nsec);
}

void log_trim(void)
{
	char *dir = logs_dir();
	struct dirent **list = NULL;
	int i, n = dir ? scandir(dir, &list, is_log, NULL) : 0;
	struct file *file = xcalloc(n > 0 ? (size_t)n : 1, sizeof(file[0]));
	struct stat st;

	for (i = 0; i < n; i++) {
		file[i].path = xasprintf("%s/%s", dir, list[i]->d_name);
		if (!stat(file[i].path, &st))
			file[i].when = st.st_mtim;
		free(list[i]);
	}
	if (n > LOGS_KEPT)
		qsort(file, (size_t)n, sizeof(file[0]), newest_first);
	for (i = 0; i < n; i++) {
		if (i >= LOGS_KEPT)
			unlink(file[i].path);
		free(file[i].path);
	}
	free(file);
	free(list);
	free(dir);
}
