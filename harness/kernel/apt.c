/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/kernel/apt.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/kernel/cache.h"
#include "harness/kernel/tool.h"
#include "harness/kernel/tree.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/err.h"

#define MAX_WORDS 24

/* One of apt's programs, for the lists in question. */
struct apt_call {
	const char *const *argv;	/* NULL at the end */
	const char *dir;
};

static int run(const struct apt *a, const struct apt_call *c, struct buf *out, struct buf *why)
{
	const char *word[MAX_WORDS], *env[] = { "LC_ALL=C", NULL, NULL };
	struct child_call call = { .argv = word, .env = env, .dir = c->dir, .stop = a->stop };
	char *set[4] = { NULL };
	size_t n = 0, i;
	int ret;

	word[n++] = c->argv[0];
	if (a->lists) {
		set[0] = xasprintf("APT_CONFIG=%s/apt.conf", a->lists);
		set[1] = xasprintf("Dir::State=%s/state", a->lists);
		set[2] = xasprintf("Dir::State::status=%s/state/status", a->lists);
		set[3] = xasprintf("Dir::Cache=%s/cache", a->lists);
		env[1] = set[0];
	}
	for (i = 1; i < 4 && set[i]; i++) {
		word[n++] = "-o";
		word[n++] = set[i];
	}
	for (i = 1; c->argv[i]; i++) {
		if (n + 1 == MAX_WORDS)
			BUG("too many words for %s", c->argv[0]);
		word[n++] = c->argv[i];
	}
	word[n] = NULL;
	ret = tool_try(&call, out, why);
	for (i = 0; i < 4; i++)
		free(set[i]);
	return ret;
}

/* Lists of ours */

/* "lists-ARCH-SECONDS": when they were fetched; -1 for any other key. */
static time_t made_at(const char *key, const char *arch)
{
	char *begin = xasprintf("lists-%s-", arch), *end = NULL;
	size_t len = strlen(begin);
	long long made = strncmp(key, begin, len) ? -1 : strtoll(key + len, &end, 10);

	free(begin);
	return end && !*end && made > 0 ? (time_t)made : -1;
}

/* The newest; NULL: none. The caller frees. */
static char *newest(const char *arch, time_t *made)
{
	char **key, *best = NULL;
	size_t n, i;
	time_t t;

	*made = -1;
	if (cache_keys(CACHE_DEBS, &key, &n))
		return NULL;
	for (i = 0; i < n; i++) {
		t = made_at(key[i], arch);
		if (t > *made) {
			free(best);
			best = xstrdup(key[i]);
			*made = t;
		}
		free(key[i]);
	}
	free(key);
	return best;
}

bool apt_open_lists(struct apt *a, const char *arch)
{
	char *key = newest(arch, &a->made);

	a->hold = key ? cache_hold(CACHE_DEBS, key) : -1;
	a->lists = a->hold >= 0 ? cache_path(CACHE_DEBS, key) : NULL;
	free(key);
	return a->lists != NULL;
}

static bool begins(const char *s, const char *with)
{
	return !strncmp(s, with, strlen(with));
}

/*
 * The system's settings (proxies above all) without what is the system's alone: its
 * directories and architectures, and what it runs after an update.
 */
static void add_setting(const char *text, size_t len, struct buf *conf)
{
	static const char *const ours[] = {
		"APT::Update::", "APT::Architecture", "APT::Periodic", "DPkg::", "Dir::State",
		"Dir::Cache", "Dir::Etc::main ", "Dir::Etc::parts ", "Binary", "CommandLine",
	};
	size_t i;

	for (i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (begins(text, ours[i]))
			return;
	buf_add(conf, text, len);
	buf_ch(conf, '\n');
}

static int read_settings(const struct apt *a, const char *arch, struct buf *conf, struct buf *why)
{
	static const char *const argv[] = { "apt-config", "dump", NULL };
	struct buf all = BUF_INIT;
	const char *at, *end;
	int ret = run(&(struct apt){ .stop = a->stop }, &(struct apt_call){ .argv = argv }, &all, why);

	for (at = buf_text(&all); !ret && *at; at = *end ? end + 1 : end) {
		end = strchrnul(at, '\n');
		add_setting(at, (size_t)(end - at), conf);
	}
	buf_fmt(conf, "APT::Architecture \"%s\";\nAPT::Architectures { \"%s\"; };\n", arch, arch);
	buf_str(conf, "Dir::Etc::main \"/dev/null\";\nDir::Etc::parts \"/dev/null\";\n"
		      "Dir::Cache::pkgcache \"\";\nDir::Cache::srcpkgcache \"\";\n"
		      "Acquire::GzipIndexes \"true\";\nAcquire::Languages { \"none\"; };\n");
	buf_release(&all);
	return ret;
}

/* 0, or -1 with why. */
static int write_file(const char *dir, const char *name, const char *text, struct buf *why)
{
	char *path = xasprintf("%s/%s", dir, name);
	FILE *f = fopen(path, "we");
	int ret = 0;

	if (f)
		fputs(text, f);
	if (!f || fclose(f)) {
		buf_fmt(why, "write %s: %s", path, strerror(errno));
		ret = -1;
	}
	free(path);
	return ret;
}

static int make_dirs(const char *path, struct buf *why)
{
	static const char *const dirs[] = { "state", "state/lists", "state/lists/partial", "cache" };
	char *dir;
	size_t i;
	int ret = 0;

	for (i = 0; !ret && i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		dir = xasprintf("%s/%s", path, dirs[i]);
		ret = mkdir(dir, 0755);
		if (ret)
			buf_fmt(why, "make %s: %s", dir, strerror(errno));
		free(dir);
	}
	return ret;
}

/* One source that cannot be had is no failure, none at all is. */
static bool has_lists(const char *path)
{
	char *pattern = xasprintf("%s/state/lists/*Packages*", path);
	glob_t found;
	bool yes = !glob(pattern, GLOB_NOSORT, NULL, &found);

	if (yes)
		globfree(&found);
	free(pattern);
	return yes;
}

/* What apt did not get whole. */
static int empty_partial(const char *path, struct buf *why)
{
	char *partial = xasprintf("%s/state/lists/partial", path);
	int ret = tree_remove(AT_FDCWD, partial) || mkdir(partial, 0755) ? -1 : 0;

	if (ret)
		buf_fmt(why, "empty %s: %s", partial, strerror(errno));
	free(partial);
	return ret;
}

static int update(struct apt *a, const char *arch, struct buf *why)
{
	static const char *const argv[] = { "apt-get", "-q", "-o", "APT::Update::Error-Mode=any",
					    "update", NULL };
	struct buf conf = BUF_INIT, talk = BUF_INIT;
	int ret = -1;

	if (make_dirs(a->lists, why) || read_settings(a, arch, &conf, why) ||
	    write_file(a->lists, "apt.conf", conf.s, why) ||
	    write_file(a->lists, "state/status", "", why))
		goto out;
	ret = run(a, &(struct apt_call){ .argv = argv }, &talk, why);
	if (ret && has_lists(a->lists) && !tool_no_space(buf_text(why)) && !(a->stop && *a->stop)) {
		detail("apt-get update: %s", buf_text(why));
		buf_reset(why);
		ret = 0;
	}
	if (!ret && !has_lists(a->lists)) {
		buf_str(why, "apt-get update brought no lists of packages");
		ret = -1;
	}
	if (!ret)
		ret = empty_partial(a->lists, why);
out:
	buf_release(&conf);
	buf_release(&talk);
	return ret;
}

static int keep_lists(struct apt *a, struct cache_new *n, const char *arch, struct buf *why)
{
	char *label = xasprintf("apt's lists of packages for %s", arch);
	char *key;

	a->made = time(NULL);
	key = xasprintf("lists-%s-%lld", arch, (long long)a->made);
	if (cache_label(n, label))
		cache_drop(n);
	else
		a->hold = cache_keep_held(n, CACHE_DEBS, key);
	if (a->hold >= 0)
		a->lists = cache_path(CACHE_DEBS, key);
	else
		buf_str(why, "lists of packages could not be kept");
	free(label);
	free(key);
	return a->lists ? 0 : -1;
}

int apt_fetch_lists(struct apt *a, const char *arch, struct buf *why)
{
	struct cache_new n;
	int ret;

	a->lists = NULL;
	a->hold = -1;
	if (cache_make(&n)) {
		buf_str(why, "there is no place for lists of packages");
		return -1;
	}
	info("fetching apt's lists of packages for %s", arch);
	a->lists = n.path;	/* while they are made */
	ret = update(a, arch, why);
	a->lists = NULL;
	if (!ret)
		return keep_lists(a, &n, arch, why);
	cache_drop(&n);
	return -1;
}

void apt_release(struct apt *a)
{
	if (a->lists && a->hold >= 0)
		close(a->hold);
	free(a->lists);
	a->lists = NULL;
	a->hold = -1;
}

/* Questions */

char *apt_native(const volatile sig_atomic_t *stop)
{
	static const char *const argv[] = { "dpkg", "--print-architecture", NULL };
	const struct apt a = { .stop = stop };
	struct buf out = BUF_INIT, why = BUF_INIT;
	int ret = run(&a, &(struct apt_call){ .argv = argv }, &out, &why);

	buf_release(&why);
	if (!ret && out.len)
		out.s[strcspn(out.s, "\n")] = '\0';
	if (!ret && out.len && *out.s)
		return buf_detach(&out);
	buf_release(&out);
	return NULL;
}

/* apt-cache's answer to a package that it does not know is a failure, ours is an empty text. */
static void ask(const struct apt *a, const char *const *argv, struct buf *out)
{
	struct buf why = BUF_INIT;

	if (run(a, &(struct apt_call){ .argv = argv }, out, &why))
		detail("apt-cache: %s", buf_text(&why));
	buf_release(&why);
}

void apt_show(const struct apt *a, const char *const *package, bool all, struct buf *out)
{
	const char *argv[MAX_WORDS] = { "apt-cache", "show",
					all ? "--all-versions" : "--no-all-versions" };
	size_t i;

	for (i = 0; package[i] && i + 4 < MAX_WORDS; i++)
		argv[3 + i] = package[i];
	ask(a, argv, out);
}

void apt_names(const struct apt *a, const char *begin, struct buf *out)
{
	const char *const argv[] = { "apt-cache", "pkgnames", begin, NULL };

	ask(a, argv, out);
}

int apt_download(const struct apt *a, const char *package, const char *dir, struct buf *why)
{
	const char *const argv[] = { "apt-get", "-q", "download", package, NULL };
	struct buf talk = BUF_INIT;
	int ret = run(a, &(struct apt_call){ argv, dir }, &talk, why);

	buf_release(&talk);
	return ret;
}
