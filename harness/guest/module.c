/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/guest/module.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness/kernel/config.h"
#include "harness/kernel/kernel.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/err.h"

/* One line of modules.dep: "kernel/fs/xfs/xfs.ko.xz: kernel/lib/libcrc32c.ko.xz ...". */
struct module {
	char *name, *path;
	char *needs;	/* the rest of the line */
	bool listed;	/* in the result already, or being put there */
};

struct index {
	const struct kernel *kernel;
	struct module *module;
	size_t n;
	struct buf builtin, modinfo, softdep, alias;	/* whole files; empty where there are none */
	struct config config;
	struct buf config_text;
	bool config_read;
};

/* Where the symbol's name is not the module's in capitals. */
static const struct {
	const char *module, *symbol;
} symbols[] = {
	{ "9p", "9P_FS" },
	{ "9pnet", "NET_9P" },
	{ "9pnet_virtio", "NET_9P_VIRTIO" },
	{ "brd", "BLK_DEV_RAM" },
	{ "btrfs", "BTRFS_FS" },
	{ "ext4", "EXT4_FS" },
	{ "overlay", "OVERLAY_FS" },
	{ "virtio_rng", "HW_RANDOM_VIRTIO" },
	{ "xfs", "XFS_FS" },
};

/* "kernel/drivers/block/virtio-blk.ko.xz" -> "virtio_blk" */
static char *name_of(const char *path, size_t len)
{
	const char *begin = memrchr(path, '/', len), *end;
	char *name, *at;

	begin = begin ? begin + 1 : path;
	end = memchr(begin, '.', len - (size_t)(begin - path));
	name = xstrndup(begin, end ? (size_t)(end - begin) : len - (size_t)(begin - path));
	for (at = name; *at; at++)
		if (*at == '-')
			*at = '_';
	return name;
}

/* The symbol that has it built in. The caller frees. */
static char *symbol_of(const char *name)
{
	char *symbol, *at;
	size_t i;

	for (i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++)
		if (!strcmp(symbols[i].module, name))
			return xstrdup(symbols[i].symbol);
	symbol = xstrdup(name);
	for (at = symbol; *at; at++)
		*at = (char)toupper((unsigned char)*at);
	return symbol;
}

static int read_index_file(const struct index *ix, const char *file, struct buf *text, bool needed)
{
	char *path = xasprintf("%s/%s", ix->kernel->modules, file);
	int ret = buf_read_file(text, path);

	if (ret && errno == ENOENT && !needed)
		ret = 0;
	else if (ret)
		err("read %s, the modules of kernel %s: %m", path, ix->kernel->name);
	free(path);
	return ret;
}

static void add_module(struct index *ix, const char *line, size_t len)
{
	const char *colon = memchr(line, ':', len);
	struct module *m;
	size_t path_len;

	if (!colon)
		return;
	path_len = (size_t)(colon - line);
	ix->module = xrealloc(ix->module, ix->n + 1, sizeof(ix->module[0]));
	m = &ix->module[ix->n++];
	*m = (struct module){ .name = name_of(line, path_len), .path = xstrndup(line, path_len),
			      .needs = xstrndup(colon + 1, len - path_len - 1) };
}

static int index_read(struct index *ix)
{
	struct buf dep = BUF_INIT;
	const char *at, *end;
	int ret = -1;

	if (!ix->kernel->modules)
		return 0;
	if (read_index_file(ix, "modules.dep", &dep, true) ||
	    read_index_file(ix, "modules.builtin", &ix->builtin, false) ||
	    read_index_file(ix, "modules.builtin.modinfo", &ix->modinfo, false) ||
	    read_index_file(ix, "modules.softdep", &ix->softdep, false) ||
	    read_index_file(ix, "modules.alias", &ix->alias, false))
		goto out;
	for (at = buf_text(&dep); *at; at = *end ? end + 1 : end) {
		end = strchrnul(at, '\n');
		add_module(ix, at, (size_t)(end - at));
	}
	ret = 0;
out:
	buf_release(&dep);
	return ret;
}

static void index_release(struct index *ix)
{
	size_t i;

	for (i = 0; i < ix->n; i++) {
		free(ix->module[i].name);
		free(ix->module[i].path);
		free(ix->module[i].needs);
	}
	free(ix->module);
	buf_release(&ix->builtin);
	buf_release(&ix->modinfo);
	buf_release(&ix->softdep);
	buf_release(&ix->alias);
	config_release(&ix->config);
	buf_release(&ix->config_text);
}

static struct module *find_module(const struct index *ix, const char *name)
{
	size_t i;

	for (i = 0; i < ix->n; i++)
		if (!strcmp(ix->module[i].name, name))
			return &ix->module[i];
	return NULL;
}

/* Is it in modules.builtin? */
static bool listed_as_builtin(const struct index *ix, const char *name)
{
	const char *at, *end;
	bool found = false;
	char *other;

	for (at = buf_text(&ix->builtin); *at && !found; at = *end ? end + 1 : end) {
		end = strchrnul(at, '\n');
		other = name_of(at, (size_t)(end - at));
		found = !strcmp(other, name);
		free(other);
	}
	return found;
}

/* 1: =y in the configuration, 0: not so, -1 after reporting. */
static int configured_in(struct index *ix, const char *symbol)
{
	const struct config_symbol *s;
	struct buf why = BUF_INIT;
	int ret = 0;

	if (!ix->config_read && ix->kernel->config) {
		if (buf_read_file(&ix->config_text, ix->kernel->config))
			ret = err("read %s, the configuration of kernel %s: %m", ix->kernel->config, ix->kernel->name);
		else if (config_add(&ix->config, ix->kernel->config, buf_text(&ix->config_text),
				    ix->config_text.len, &why))
			ret = err_at(buf_text(&why));
		ix->config_read = !ret;
	}
	buf_release(&why);
	if (ret)
		return ret;
	s = config_find(&ix->config, symbol);
	return s && s->value && !strcmp(s->value, "y");
}

static void list_module(struct index *ix, struct module_list *list, struct module *m);

/* Does something that is built in answer to an alias? modinfo's entries "NAME.alias=ALIAS" end in NUL. */
static bool builtin_alias(const struct index *ix, const char *alias)
{
	char *entry = xasprintf(".alias=%s", alias);
	bool found = ix->modinfo.len && memmem(ix->modinfo.s, ix->modinfo.len, entry, strlen(entry) + 1);

	free(entry);
	return found;
}

/*
 * The module behind an alias of modules.alias, or NULL: "crc32c" is an algorithm.
 * Of several the generic one: others refuse a CPU that lacks what they use.
 */
static struct module *find_alias(const struct index *ix, const char *alias)
{
	char *line = xasprintf("alias %s ", alias), *name;
	const char *at = buf_text(&ix->alias);
	struct module *m = NULL, *other;

	while ((at = strstr(at, line))) {
		at += strlen(line);
		name = name_of(at, strcspn(at, "\n"));
		other = find_module(ix, name);
		if (other && (!m || strstr(name, "_generic")))
			m = other;
		free(name);
	}
	free(line);
	return m;
}

/* One word of a softdep. What nobody has is left out: the module asking for it can do without. */
static void list_softdep(struct index *ix, struct module_list *list, const char *word)
{
	char *name = name_of(word, strlen(word));
	struct module *m = find_module(ix, name);

	if (!m && !listed_as_builtin(ix, name) && !builtin_alias(ix, word))
		m = find_alias(ix, word);
	if (m)
		list_module(ix, list, m);
	free(name);
}

/* "softdep NAME pre: A B post: C": A and B are asked for by name at run time, when nobody can load them. */
static void list_softdeps(struct index *ix, struct module_list *list, const char *name)
{
	char *start = xasprintf("softdep %s ", name), *line, *word, *save;
	const char *at, *end;
	bool pre;

	for (at = buf_text(&ix->softdep); *at; at = *end ? end + 1 : end) {
		end = strchrnul(at, '\n');
		if (strncmp(at, start, strlen(start)))
			continue;
		line = xstrndup(at + strlen(start), (size_t)(end - at) - strlen(start));
		pre = false;
		for (word = strtok_r(line, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
			if (word[strlen(word) - 1] == ':')
				pre = !strcmp(word, "pre:");
			else if (pre)
				list_softdep(ix, list, word);
		}
		free(line);
	}
	free(start);
}

/* What it needs stands in its line with the deepest last. */
static void list_needs(struct index *ix, struct module_list *list, const char *needs)
{
	const char *end = needs + strlen(needs), *begin;
	struct module *m;
	char *name;

	while (end > needs) {
		for (begin = end; begin > needs && begin[-1] != ' ';)
			begin--;
		if (begin < end) {
			name = name_of(begin, (size_t)(end - begin));
			m = find_module(ix, name);
			if (m)
				list_module(ix, list, m);
			free(name);
		}
		end = begin > needs ? begin - 1 : needs;
	}
}

static void list_module(struct index *ix, struct module_list *list, struct module *m)
{
	struct module_file *file;

	if (m->listed)
		return;
	m->listed = true;
	list_softdeps(ix, list, m->name);
	list_needs(ix, list, m->needs);
	list->file = xrealloc(list->file, list->n + 1, sizeof(list->file[0]));
	file = &list->file[list->n++];
	file->name = xstrdup(m->name);
	file->path = m->path[0] == '/' ? xstrdup(m->path) : xasprintf("%s/%s", ix->kernel->modules, m->path);
}

static int no_such_module(const struct index *ix, const char *name, const char *symbol)
{
	const struct config_symbol *s = config_find(&ix->config, symbol);

	if (s && s->value && !strcmp(s->value, "m"))
		return err("kernel %s (%s) has %s as a module (CONFIG_%s=m), but that module is not there: "
			   "set CONFIG_%s=y", ix->kernel->name, ix->kernel->release, name, symbol, symbol);
	return err("kernel %s (%s) has no %s, neither built in nor as a module: it needs CONFIG_%s", ix->kernel->name,
		   ix->kernel->release, name, symbol);
}

static int want(struct index *ix, struct module_list *list, const char *as_written)
{
	char *name = name_of(as_written, strlen(as_written)), *symbol = symbol_of(name);
	struct module *m = find_module(ix, name);
	int ret = 0, in;

	if (m) {
		list_module(ix, list, m);
	} else if (!listed_as_builtin(ix, name)) {
		in = configured_in(ix, symbol);
		ret = in < 0 ? -1 : in ? 0 : no_such_module(ix, name, symbol);
	}
	free(symbol);
	free(name);
	return ret;
}

int module_list_make(struct module_list *list, const struct kernel *kernel, const char *const *wanted)
{
	struct index ix = { .kernel = kernel };
	int ret = -1;

	*list = (struct module_list){ 0 };
	if (!wanted)
		return 0;
	if (index_read(&ix))
		goto out;
	for (; *wanted; wanted++)
		if (want(&ix, list, *wanted))
			goto out;
	ret = 0;
out:
	index_release(&ix);
	return ret;
}

void module_list_release(struct module_list *list)
{
	size_t i;

	for (i = 0; i < list->n; i++) {
		free(list->file[i].name);
		free(list->file[i].path);
	}
	free(list->file);
	*list = (struct module_list){ 0 };
}
