/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/commands/inlined.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/commands/drawings.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/err.h"

#define EXTENSION ".svg"

static bool is_model(const char *name)
{
	return !strncmp(name, "scaling-", strlen("scaling-"));
}

static int in_order(const void *va, const void *vb)
{
	const struct report_plot *a = va, *b = vb;

	if (is_model(a->name) != is_model(b->name))
		return is_model(a->name) ? 1 : -1;
	return strverscmp(a->name, b->name);
}

static bool is_drawing(const char *name)
{
	size_t len = strlen(name), end = strlen(EXTENSION);

	return len > end && name[0] != '.' && !strcmp(name + len - end, EXTENSION);
}

static int add(struct inlined *in, const char *dir, const char *name)
{
	char *path = xasprintf("%s/%s", dir, name);
	struct buf text = BUF_INIT;
	int ret = buf_read_file(&text, path);

	if (ret) {
		err("read %s: %m", path);
	} else {
		buf_ch(&text, '\n');	/* there is text, even of an empty file */
		in->plot = xrealloc(in->plot, in->n + 1, sizeof(in->plot[0]));
		in->plot[in->n].name = xstrndup(name, strlen(name) - strlen(EXTENSION));
		in->plot[in->n++].svg = buf_detach(&text);
	}
	free(path);
	return ret;
}

int inlined_read(const char *dir, struct inlined *in)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	int ret = 0;

	*in = (struct inlined){ 0 };
	if (!d)
		return errno == ENOENT || errno == ENOTDIR ? 0 : err("open %s: %m", dir);
	while (!ret && (e = readdir(d)))
		if (is_drawing(e->d_name))
			ret = add(in, dir, e->d_name);
	closedir(d);
	if (in->n)
		qsort(in->plot, in->n, sizeof(in->plot[0]), in_order);
	return ret;
}

/* The drawings in it, and nothing else: nobody else has put anything there. */
static void remove_dir(const char *dir, const struct inlined *in)
{
	char *path;
	size_t i;

	for (i = 0; i < in->n; i++) {
		path = xasprintf("%s/%s%s", dir, in->plot[i].name, EXTENSION);
		unlink(path);
		free(path);
	}
	if (rmdir(dir))
		warn("remove %s: %m", dir);
}

int inlined_draw(const struct drawings *d, struct inlined *in)
{
	const char *tmp = getenv("TMPDIR");
	char *dir = xasprintf("%s/foliogate-plots-XXXXXX", tmp && *tmp ? tmp : "/tmp");
	struct buf paths = BUF_INIT;
	struct drawings here = *d;
	int ret;

	*in = (struct inlined){ 0 };
	if (!mkdtemp(dir)) {
		ret = err("make a directory %s: %m", dir);
		free(dir);
		return ret;
	}
	here.dir = dir;
	here.terminal = "svg";
	here.paths = &paths;
	ret = drawings_make(&here);
	if (inlined_read(dir, in))
		ret = -1;
	remove_dir(dir, in);
	buf_release(&paths);
	free(dir);
	return ret;
}

void inlined_release(struct inlined *in)
{
	size_t i;

	for (i = 0; i < in->n; i++) {
		free(in->plot[i].name);
		free(in->plot[i].svg);
	}
	free(in->plot);
	*in = (struct inlined){ 0 };
}
