/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/commands/config_file.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "harness/kernel/spec.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/near.h"

bool config_file_is_path(const char *what)
{
	return strchr(what, '/') || (strlen(what) > 5 && !strcmp(what + strlen(what) - 5, ".yaml"));
}

char *config_file(const char *dir, const char *what)
{
	char *configs, *path;

	if (config_file_is_path(what))
		return xstrdup(what);
	configs = spec_configs();
	if (!configs)
		return NULL;
	path = xasprintf("%s/%s/%s.yaml", configs, dir, what);
	free(configs);
	return path;
}

/* Appends " (did you mean 'DIR/X'?)" with the nearest name in path's directory, or nothing. */
static void add_hint(const char *path, struct buf *out)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	char *dir = xstrndup(path, (size_t)(base - path));
	struct dirent **list = NULL;
	struct near near;
	int i, n = scandir(*dir ? dir : ".", &list, NULL, alphasort);

	near_init(&near, base);
	for (i = 0; i < n; i++)
		if (list[i]->d_name[0] != '.')
			near_offer(&near, list[i]->d_name);
	if (near.best)
		buf_fmt(out, " (did you mean '%s%s'?)", dir, near.best);
	for (i = 0; i < n; i++)
		free(list[i]);
	free(list);
	free(dir);
}

int config_file_read(const struct config_read *file, struct buf *text)
{
	struct buf hint = BUF_INIT;
	char *path;
	int error;

	if (!buf_read_file(text, file->path))
		return 0;
	error = errno;
	path = error == ENOENT ? config_file(file->dir, file->what) : NULL;
	if (path)
		add_hint(path, &hint);
	errno = error;
	err("read %s %s: %m%s", file->kind, file->path, buf_text(&hint));
	buf_release(&hint);
	free(path);
	return -1;
}
