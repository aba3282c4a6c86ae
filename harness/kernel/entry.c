/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/kernel/entry.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/kernel/cache.h"
#include "harness/kernel/kernel.h"
#include "harness/kernel/make.h"
#include "harness/kernel/warnings.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/json.h"

#define JSON_NAME "kernel.json"
#define FORMAT 1

static int write_file(const char *dir, const char *name, const struct buf *text)
{
	char *path = xasprintf("%s/%s", dir, name);
	FILE *f = fopen(path, "we");
	int ret = -1;
	bool bad;

	if (!f) {
		err("open %s: %m", path);
	} else {
		bad = fwrite(buf_text(text), 1, text->len, f) != text->len;
		ret = fclose(f) || bad ? err("write %s: %m", path) : 0;
	}
	free(path);
	return ret;
}

static json_t *as_json(const struct entry *e)
{
	json_t *o = json_object(), *patches = json_array();
	size_t i;

	for (i = 0; i < e->nsubjects; i++)
		json_array_append_new(patches, json_text(e->subject[i]));
	json_put(o, "kernel_format", json_u64(FORMAT));
	json_put(o, "name", json_text(e->name));
	json_put(o, "arch", json_text(arch_name(e->arch)));
	json_put(o, "release", json_text(e->release));
	json_put(o, "source", json_text(e->source));
	json_put(o, "patches", patches);
	if (!e->compiler)
		return o;
	json_put(o, "compiler", json_text(e->compiler));
	json_put(o, "steps", json_u64(e->steps));
	json_put(o, "seconds", json_real(e->seconds));
	json_put(o, "from_nothing", json_boolean(e->from_nothing));
	return o;
}

static int write_label(const struct entry *e, const char *what, const char *dir)
{
	struct buf text = BUF_INIT;
	int ret;

	buf_fmt(&text, "%s%s, %s, %s (%s)\n", what, e->name, e->release, arch_name(e->arch), e->source);
	ret = write_file(dir, "label", &text);
	buf_release(&text);
	return ret;
}

/* Consumes o. */
static int write_json(const char *dir, const char *name, json_t *o)
{
	struct buf text = BUF_INIT;
	int ret;

	json_pretty(&text, o);
	ret = write_file(dir, name, &text);
	json_decref(o);
	buf_release(&text);
	return ret;
}

int entry_describe(const struct entry *e, const char *dir)
{
	if (write_json(dir, JSON_NAME, as_json(e)))
		return -1;
	if (e->warnings && write_json(dir, WARNINGS_FILE, warnings_json(e->warnings)))
		return -1;
	return write_label(e, "kernel ", dir);
}

/* A build replaces files and writes none in place, so that a link keeps what it holds. */
static int link_files(const struct entry *e, const char *obj, const char *dir)
{
	const struct { const char *from, *to; } file[] = {
		{ make_image(e->arch), "image" },
		{ "vmlinux", "vmlinux" },
		{ "System.map", "System.map" },
		{ ".config", "config" },
	};
	char *from, *to;
	int ret = 0;
	size_t i;

	for (i = 0; i < sizeof(file) / sizeof(file[0]) && !ret; i++) {
		from = xasprintf("%s/%s", obj, file[i].from);
		to = xasprintf("%s/%s", dir, file[i].to);
		if (link(from, to))
			ret = err("link %s to %s: %m", from, to);
		free(from);
		free(to);
	}
	return ret;
}

int entry_keep(const struct entry *e, const char *obj, const char *key)
{
	struct cache_new n;

	if (cache_make(&n))
		return -1;
	if (!link_files(e, obj, n.path) && !entry_describe(e, n.path))
		return cache_keep(&n, CACHE_KERNELS, key);
	cache_drop(&n);
	return -1;
}

int entry_keep_objects(const struct entry *e, const char *obj, const char *key)
{
	struct cache_new n;
	int ret = 0;
	char *to;

	if (cache_make(&n))
		return -1;
	to = xasprintf("%s/obj", n.path);
	if (rename(obj, to))
		ret = err("move %s to %s: %m", obj, to);
	free(to);
	if (!ret && !write_label(e, "objects of ", n.path))
		return cache_keep(&n, CACHE_OBJECTS, key);
	cache_drop(&n);
	return -1;
}

/* DIR/NAME where it is there, else NULL. The caller frees. */
static char *file_in(const char *dir, const char *name)
{
	char *path = xasprintf("%s/%s", dir, name);

	if (!access(path, F_OK))
		return path;
	free(path);
	return NULL;
}

static json_t *read_json(const char *dir)
{
	char *path = xasprintf("%s/%s", dir, JSON_NAME);
	struct buf text = BUF_INIT;
	json_t *o = NULL;

	if (!buf_read_file(&text, path))
		o = json_loadb(buf_text(&text), text.len, 0, NULL);
	free(path);
	buf_release(&text);
	return o;
}

static int fill(struct kernel *k, const json_t *o)
{
	const char *arch = json_get_text(o, "arch"), *release = json_get_text(o, "release");
	const char *source = json_get_text(o, "source");
	char *modules;

	if (!arch || !release || !source)
		return -1;
	while (k->arch < ARCHS && strcmp(arch_name(k->arch), arch))
		k->arch++;
	k->release = xstrdup(release);
	k->source = xstrdup(source);
	k->image = file_in(k->dir, "image");
	k->vmlinux = file_in(k->dir, "vmlinux");
	k->config = file_in(k->dir, "config");
	modules = xasprintf("lib/modules/%s", release);
	k->modules = file_in(k->dir, modules);
	free(modules);
	return k->arch < ARCHS && k->image && k->config ? 0 : -1;
}

int entry_load(const char *key, const char *name, struct kernel *k)
{
	json_t *o;
	int ret;

	*k = (struct kernel){ .hold = cache_hold(CACHE_KERNELS, key) };
	if (k->hold < 0)
		return 0;
	k->name = xstrdup(name);
	k->key = xstrdup(key);
	k->dir = cache_path(CACHE_KERNELS, key);
	if (!k->dir)
		return -1;
	o = read_json(k->dir);
	ret = fill(k, o);
	json_decref(o);
	if (!ret)
		return 1;
	return err("%s is damaged; remove it, and the kernel is made again", k->dir);
}

unsigned entry_steps(const char *key, bool *from_nothing)
{
	char *dir = cache_path(CACHE_KERNELS, key);
	json_t *o = dir ? read_json(dir) : NULL;
	uint64_t steps = 0;

	if (!o || json_get_u64(o, "steps", &steps) || steps > UINT32_MAX)
		steps = 0;
	*from_nothing = o && json_is_true(json_object_get(o, "from_nothing"));
	json_decref(o);
	free(dir);
	return (unsigned)steps;
}
