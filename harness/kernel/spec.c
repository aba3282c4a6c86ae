/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/kernel/spec.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "harness/plan/yaml.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/near.h"

static const struct {
	const char *name, *debian, *linux_name;
} archs[ARCHS] = {
	[ARCH_X86_64] = { "x86-64", "amd64", "x86" },
	[ARCH_ARM64] = { "arm64", "arm64", "arm64" },
};

static const char *const arch_choices[] = { "x86-64", "arm64", NULL };

const char *arch_name(enum arch arch)
{
	return archs[arch].name;
}

const char *arch_debian(enum arch arch)
{
	return archs[arch].debian;
}

const char *arch_linux(enum arch arch)
{
	return archs[arch].linux_name;
}

enum arch arch_host(void)
{
#ifdef __aarch64__
	return ARCH_ARM64;
#else
	return ARCH_X86_64;
#endif
}

/* A spec as the file has it. */
struct written {
	char *name, *about;
	uint32_t arch;
	struct schema_text source[4], config;	/* source: by enum source_kind */
};

#define SOURCE_KEY(from, key, text)                                         \
	{                                                                   \
		.param = { .name = key, .kind = PARAM_TEXT, .help = text }, \
		SCHEMA_AT(struct written, source[from]), .optional = true   \
	}

static const struct schema_key spec_keys[] = {
	{ .param = { .name = "kernel", .kind = PARAM_TEXT, .help = "the spec's name, for people" },
	  SCHEMA_AT(struct written, name) },
	{ .param = { .name = "about", .kind = PARAM_TEXT, .help = "what the kernel is for" },
	  SCHEMA_AT(struct written, about), .optional = true, .lines = true },
	{ .param = { .name = "arch", .kind = PARAM_CHOICE, .choices = arch_choices,
		     .help = "what it is built for; this machine's where nothing is said" },
	  SCHEMA_AT(struct written, arch), .optional = true },
	SOURCE_KEY(SOURCE_DEBIAN, "debian", "a source package of Debian, with `=VERSION` after it for a certain one"),
	SOURCE_KEY(SOURCE_TREE, "tree", "a directory with the source, taken as it stands"),
	SOURCE_KEY(SOURCE_GIT, "git", "`REPOSITORY@REVISION`: a commit, tag or branch of a repository on this machine"),
	SOURCE_KEY(SOURCE_IMAGE, "image", "a kernel package of Debian, ready to boot; unpacked, not installed"),
	{ .param = { .name = "config", .kind = PARAM_TEXT,
		     .help = "what the configuration starts from: a target of make (`tinyconfig`), or a file" },
	  SCHEMA_AT(struct written, config), .optional = true },
	{ .param = { .name = "fragments", .help = "files with lines of a configuration, applied in order" },
	  .form = SCHEMA_LIST, .optional = true },
	{ .param = { .name = "patches", .help = "files with patches, applied in order" },
	  .form = SCHEMA_LIST, .optional = true },
	SCHEMA_END
};

const struct schema spec_schema = { .what = "a kernel spec", .keys = spec_keys };

static const char *const source_keys[] = {
	[SOURCE_DEBIAN] = "debian", [SOURCE_TREE] = "tree", [SOURCE_GIT] = "git", [SOURCE_IMAGE] = "image",
};
#define SOURCES (sizeof(source_keys) / sizeof(source_keys[0]))

void spec_release(struct spec *s)
{
	size_t i;

	for (i = 0; i < s->nfragments; i++)
		free(s->fragment[i]);
	for (i = 0; i < s->npatches; i++) {
		free(s->patch[i].path);
		free(s->patch[i].text);
	}
	free(s->fragment);
	free(s->patch);
	free(s->file);
	free(s->name);
	free(s->about);
	free(s->from);
	free(s->revision);
	free(s->config);
	*s = (struct spec){ 0 };
}

static void written_release(struct written *w)
{
	size_t i;

	for (i = 0; i < SOURCES; i++)
		free(w->source[i].text);
	free(w->config.text);
	free(w->name);
	free(w->about);
}

static int complain(const struct spec *s, const struct schema_text *at, const char *what,
		    struct buf *why)
{
	yaml_place(s->file, at->line, at->column, why);
	buf_str(why, what);
	return -1;
}

/* Exactly one of the four. */
static int take_source(struct spec *s, const struct written *w, struct buf *why)
{
	const struct schema_text *found = NULL;
	size_t i;

	for (i = 0; i < SOURCES; i++) {
		if (!w->source[i].text)
			continue;
		if (found) {
			yaml_place(s->file, w->source[i].line, w->source[i].column, why);
			buf_fmt(why, "'%s' and '%s' both say where the kernel is from: only one may",
				source_keys[s->kind], source_keys[i]);
			return -1;
		}
		found = &w->source[i];
		s->kind = (enum source_kind)i;
	}
	if (found) {
		s->from = xstrdup(found->text);
		return 0;
	}
	buf_fmt(why, "%s: nothing says where the kernel is from: one of 'debian', 'tree', 'git', 'image' must",
		s->file);
	return -1;
}

/* PATH@REVISION; a path may hold a '@', a revision of ours may not (`@{1 day ago}` names no certain one). */
static int split_revision(struct spec *s, const struct schema_text *at, struct buf *why)
{
	char *sign = strrchr(s->from, '@');

	if (!sign || sign == s->from || !sign[1])
		return complain(s, at, "git: expected REPOSITORY@REVISION, as ~/src/linux@v6.12", why);
	if (sign[1] == '-' || sign[1] == '{')
		return complain(s, at, "git: what follows the '@' is no revision", why);
	s->revision = xstrdup(sign + 1);
	*sign = '\0';
	return 0;
}

/* "linux-image-6.12-cloud-amd64" says for which machines it is. */
static int check_image_arch(const struct spec *s, const struct schema_text *at, struct buf *why)
{
	size_t len = strcspn(s->from, "="), i, n;
	const char *end;

	for (i = 0; i < ARCHS; i++) {
		n = strlen(archs[i].debian);
		for (end = s->from; (end = strstr(end + 1, archs[i].debian)) && end < s->from + len;)
			if (end[-1] == '-' && (end + n == s->from + len || end[n] == '-') && i != s->arch) {
				yaml_place(s->file, at->line, at->column, why);
				buf_fmt(why, "image: '%s' is for %s, and this spec for %s: `arch: %s` changes that",
					s->from, archs[i].name, archs[s->arch].name, archs[i].name);
				return -1;
			}
	}
	return 0;
}

static bool ends_in(const char *s, const char *end)
{
	size_t len = strlen(s), n = strlen(end);

	return len >= n && !strcmp(s + len - n, end);
}

/*
 * Targets that make the same configuration every time and everywhere. The others ask
 * questions, throw dice, or look at the machine that builds.
 */
static int check_target(const struct spec *s, const struct schema_text *at, struct buf *why)
{
	static const char *const targets[] = { "defconfig", "tinyconfig", "allnoconfig", "allyesconfig",
					       "allmodconfig", "alldefconfig" };
	struct near near;
	size_t i;

	if (strspn(at->text, "abcdefghijklmnopqrstuvwxyz0123456789_-") == strlen(at->text) &&
	    *at->text != '-' && ends_in(at->text, "_defconfig"))
		return 0;
	near_init(&near, at->text);
	for (i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		if (!strcmp(at->text, targets[i]))
			return 0;
		near_offer(&near, targets[i]);
	}
	complain(s, at, "config: ", why);
	yaml_quote(at->text, why);
	buf_str(why, " is no target that configures always alike (defconfig, NAME_defconfig, tinyconfig, "
		     "allnoconfig, allyesconfig, allmodconfig, alldefconfig), and a file's name holds a '/' or a '.'");
	near_hint(&near, why);
	return -1;
}

static int take_config(struct spec *s, const struct written *w, const struct yaml_value *root,
		       struct buf *why)
{
	const struct schema_text *source = &w->source[s->kind];

	if (s->kind == SOURCE_IMAGE) {
		if (!w->config.text && !yaml_find(root, "fragments") && !yaml_find(root, "patches"))
			return 0;
		return complain(s, source,
				"image: a ready kernel takes no 'config', 'fragments' or 'patches': they are for "
				"kernels that are built", why);
	}
	if (!w->config.text)
		return complain(s, source, "a kernel that is built needs 'config': a target of make, or a file",
				why);
	s->config_is_file = strpbrk(w->config.text, "/.") != NULL;
	if (!s->config_is_file && check_target(s, &w->config, why))
		return -1;
	s->config = xstrdup(w->config.text);
	return 0;
}

/* One text of a list. 0, or -1 and why. */
static int check_item(const struct spec *s, const char *key, const struct yaml_value *v, struct buf *why)
{
	struct buf reason = BUF_INIT;
	int ret = 0;

	if (v->kind != YAML_TEXT) {
		buf_fmt(&reason, "%s: expected the path of a file, found %s", key, yaml_kind_name(v->kind));
		ret = -1;
	} else {
		ret = schema_check_text(key, v->text, false, &reason);
	}
	if (!ret && !strcmp(v->text, SPEC_STDIN)) {
		buf_fmt(&reason, "%s: standard input is for the command line, not for a spec", key);
		ret = -1;
	}
	if (ret) {
		yaml_place(s->file, v->line, v->column, why);
		buf_str(why, buf_text(&reason));
	}
	buf_release(&reason);
	return ret;
}

static int take_lists(struct spec *s, const struct yaml_value *root, struct buf *why)
{
	const struct yaml_value *list = yaml_find(root, "fragments");
	size_t i;

	for (i = 0; list && i < list->n; i++) {
		if (check_item(s, "fragments", &list->item[i], why))
			return -1;
		s->fragment = xrealloc(s->fragment, s->nfragments + 1, sizeof(s->fragment[0]));
		s->fragment[s->nfragments++] = xstrdup(list->item[i].text);
	}
	list = yaml_find(root, "patches");
	for (i = 0; list && i < list->n; i++) {
		if (check_item(s, "patches", &list->item[i], why))
			return -1;
		spec_add_patch(s, list->item[i].text, false);
	}
	return 0;
}

static int take(struct spec *s, struct written *w, const struct yaml_value *root, struct buf *why)
{
	if (schema_read(&spec_schema, s->file, root, w, why))
		return -1;
	s->name = xstrdup(w->name);
	s->about = xstrdup(w->about);
	s->arch = (enum arch)w->arch;
	if (take_source(s, w, why))
		return -1;
	if (s->kind == SOURCE_GIT && split_revision(s, &w->source[s->kind], why))
		return -1;
	if (s->kind == SOURCE_IMAGE && check_image_arch(s, &w->source[s->kind], why))
		return -1;
	if (take_config(s, w, root, why))
		return -1;
	return take_lists(s, root, why);
}

int spec_parse(const char *file, const char *text, size_t len, struct spec *s, struct buf *why)
{
	struct written w = { .arch = arch_host() };
	struct yaml_value root;
	int ret;

	*s = (struct spec){ .file = xstrdup(file) };
	ret = yaml_read(file, text, len, &root, why);
	if (!ret)
		ret = take(s, &w, &root, why);
	yaml_release(&root);
	written_release(&w);
	return ret;
}

void spec_add_patch(struct spec *s, const char *path, bool reverse)
{
	s->patch = xrealloc(s->patch, s->npatches + 1, sizeof(s->patch[0]));
	s->patch[s->npatches++] = (struct spec_patch){ .path = xstrdup(path), .reverse = reverse };
}
