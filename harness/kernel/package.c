/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/kernel/package.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/kernel/apt.h"
#include "harness/kernel/cache.h"
#include "harness/kernel/deb.h"
#include "harness/kernel/tool.h"
#include "harness/kernel/unpack.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/near.h"

#define HOPS 4			/* from one meta package to the next */
#define FRESH_S 600		/* lists so young are not fetched again for a package that they do not know */

/* What is wanted, and what was learned on the way. */
struct search {
	char *name, *version;	/* version NULL: any */
	const char *arch;
	const volatile sig_atomic_t *stop;
	bool known;		/* some list had it */
	bool reported;		/* a failure that other lists would not change */
	struct buf why;		/* it could not be had */
};

static bool stopped(const struct search *s)
{
	return s->stop && *s->stop;
}

/* Which package */

/* One package by name, and where unsigned_too its unsigned twin before it. 0, or -1: not known. */
static int look_up(const struct apt *apt, const char *name, const char *version, bool unsigned_too,
		   struct deb *d)
{
	char *twin = unsigned_too ? deb_unsigned(name) : NULL;
	char *word[2] = { NULL };
	const char *words[3] = { NULL };
	struct buf text = BUF_INIT;
	size_t n = 0;
	int ret = -1;

	if (twin)
		word[n++] = xasprintf("%s%s%s", twin, version ? "=" : "", version ? version : "");
	word[n++] = xasprintf("%s%s%s", name, version ? "=" : "", version ? version : "");
	words[0] = word[0];
	words[1] = word[1];
	apt_show(apt, words, false, &text);
	if (twin)
		ret = deb_find(buf_text(&text), twin, d);
	if (ret)
		ret = deb_find(buf_text(&text), name, d);
	free(twin);
	free(word[0]);
	free(word[1]);
	buf_release(&text);
	return ret;
}

/* An image that is installed in a version which no list has any more: then the newest that one has. */
static void prefer_fetchable(const struct apt *apt, const struct search *s, struct deb *d)
{
	const char *const words[] = { d->name, NULL };
	struct buf text = BUF_INIT;
	struct deb other;

	if (d->fetchable || s->version || unpack_is_source(d->name))
		return;
	apt_show(apt, words, true, &text);
	if (deb_find(buf_text(&text), d->name, &other)) {
		deb_release(&other);
	} else {
		deb_release(d);
		*d = other;
	}
	buf_release(&text);
}

/* Follows meta packages. 0, or -1: not known. */
static int resolve(const struct apt *apt, const struct search *s, struct deb *d)
{
	char *name = xstrdup(s->name), *version = xstrdup(s->version), *next, *next_version;
	int hops, ret = -1;

	for (hops = 0; hops < HOPS; hops++) {
		ret = look_up(apt, name, version, hops > 0, d);
		if (ret)
			break;
		prefer_fetchable(apt, s, d);
		if (!deb_follow(d, &next, &next_version))
			break;
		deb_release(d);
		free(name);
		free(version);
		name = next;
		version = next_version;
		ret = -1;
	}
	if (ret)
		deb_release(d);
	free(name);
	free(version);
	return ret;
}

/* Into the cache */

static enum cache_kind kind_of(const char *name)
{
	return unpack_is_source(name) ? CACHE_SOURCES : CACHE_DEBS;
}

static void take(struct package *p, const char *name, const char *version, const char *key)
{
	p->name = xstrdup(name);
	p->version = xstrdup(version);
	p->path = cache_path(kind_of(name), key);
}

/* Under which names an entry was asked for: how it is found where apt cannot be asked. One a line. */
static bool was_asked(const char *entry, const char *name)
{
	char *path = xasprintf("%s/asked", entry), *line, *rest;
	struct buf text = BUF_INIT;
	bool yes = false;

	if (!buf_read_file(&text, path))
		for (rest = text.s; !yes && (line = strsep(&rest, "\n"));)
			yes = !strcmp(line, name);
	buf_release(&text);
	free(path);
	return yes;
}

static void note_asked(const char *entry, const char *name)
{
	char *path, *line;
	int fd;

	if (was_asked(entry, name))
		return;
	path = xasprintf("%s/asked", entry);
	line = xasprintf("%s\n", name);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	/* only lost where there is no network later */
	if (fd < 0 || write(fd, line, strlen(line)) < 0)
		detail("note in %s: %m", path);
	if (fd >= 0)
		close(fd);
	free(line);
	free(path);
}

static int fill(const struct apt *apt, const struct search *s, const struct deb *d,
		struct cache_new *n, struct buf *why)
{
	const struct unpack u = { .dir = n->path, .name = d->name, .version = d->version,
				  .stop = s->stop };
	char *package = xasprintf("%s=%s", d->name, d->version);
	char *label = xasprintf("%s %s (%s)", d->name, d->version, d->arch);
	int ret;

	if (!unpack_installed(&u, &ret)) {
		info("fetching %s %s (%.1f MiB)", d->name, d->version,
		     (double)d->size / (1 << 20));
		ret = apt_download(apt, package, n->path, why);
		if (!ret)
			ret = unpack_deb(&u);
	}
	if (!ret)
		ret = cache_label(n, label);
	free(label);
	free(package);
	return ret;
}

/* 0, or -1: with why in s->why where other lists may help, else reported. */
static int make(const struct apt *apt, struct search *s, const struct deb *d, const char *key,
		struct package *p)
{
	struct cache_new n;

	p->hold = -1;
	buf_reset(&s->why);
	s->reported = true;
	if (cache_make(&n))
		return -1;
	if (!fill(apt, s, d, &n, &s->why)) {
		note_asked(n.path, s->name);
		p->hold = cache_keep_held(&n, kind_of(d->name), key);
	} else {
		cache_drop(&n);
		s->reported = !s->why.len || tool_no_space(s->why.s);
		if (s->why.len && s->reported)
			err("%s: %s", d->name, s->why.s);
	}
	return p->hold < 0 ? -1 : 0;
}

static int obtain(const struct apt *apt, struct search *s, const struct deb *d, struct package *p)
{
	char *key = xasprintf("%s_%s_%s", d->name, d->version, d->arch);
	char *lock = xasprintf("%s-%s", cache_kind_name(kind_of(d->name)), key);
	char *what = xasprintf("fetching %s %s", d->name, d->version);
	int fd = -1, ret = 0;

	p->hold = cache_hold(kind_of(d->name), key);
	if (p->hold < 0) {
		fd = cache_lock(lock, what, s->stop);
		s->reported = fd < 0;
		ret = fd < 0 ? -1 : 0;
		if (!ret)
			p->hold = cache_hold(kind_of(d->name), key);
		if (!ret && p->hold < 0)
			ret = make(apt, s, d, key, p);
	}
	if (!ret) {
		take(p, d->name, d->version, key);
		note_asked(p->path, s->name);
	}
	if (fd >= 0)
		close(fd);
	free(what);
	free(lock);
	free(key);
	return ret;
}

/* Without apt */

/* NAME_VERSION_ARCH, where the architecture is right or none. False: another's. The caller frees. */
static bool split_key(const char *key, const char *arch, char **name, char **version)
{
	const char *first = strchr(key, '_'), *last = strrchr(key, '_');

	if (!first || first == last || (strcmp(last + 1, arch) && strcmp(last + 1, "all")))
		return false;
	*name = xstrndup(key, (size_t)(first - key));
	*version = xstrndup(first + 1, (size_t)(last - first - 1));
	return true;
}

/* Is that entry one for s, and better than what p holds? Then p holds it. */
static void consider(const struct search *s, enum cache_kind kind, const char *key,
		     struct package *p)
{
	char *name, *version, *path = cache_path(kind, key);
	int hold;

	if (!path)
		return;
	if (!split_key(key, s->arch, &name, &version)) {
		free(path);
		return;
	}
	hold = cache_hold(kind, key);
	if (hold >= 0 && (!strcmp(name, s->name) || was_asked(path, s->name)) &&
	    (!s->version || !strcmp(version, s->version)) &&
	    (!p->version || deb_compare(version, p->version) > 0)) {
		package_release(p);
		*p = (struct package){ name, version, path, hold };
		return;
	}
	if (hold >= 0)
		close(hold);
	free(name);
	free(version);
	free(path);
}

static bool newest_cached(const struct search *s, struct package *p)
{
	static const enum cache_kind kinds[] = { CACHE_DEBS, CACHE_SOURCES };
	char **key;
	size_t n, i, k;

	for (k = 0; k < 2; k++) {
		if (cache_keys(kinds[k], &key, &n))
			return false;
		for (i = 0; i < n; i++) {
			consider(s, kinds[k], key[i], p);
			free(key[i]);
		}
		free(key);
	}
	return p->path != NULL;
}

/* What to say */

/* A near miss, or the versions that there are. */
static void hint(const struct apt *apt, const struct search *s, struct buf *out)
{
	const char *const words[] = { s->name, NULL };
	char begin[3] = { 0 }, *versions, *rest, *name;
	struct buf text = BUF_INIT;
	struct near near;

	apt_show(apt, words, true, &text);
	versions = deb_versions(buf_text(&text), s->name, 8);
	if (versions) {
		buf_fmt(out, " in version %s; there is %s", s->version, versions);
	} else {
		memcpy(begin, s->name, strnlen(s->name, 2));
		buf_reset(&text);
		apt_names(apt, begin, &text);
		near_init(&near, s->name);
		rest = text.s;
		while (text.len && (name = strsep(&rest, "\n")))
			near_offer(&near, name);
		near_hint(&near, out);
	}
	free(versions);
	buf_release(&text);
}

static void complain(const struct apt *apt, const struct search *s)
{
	struct buf more = BUF_INIT;

	if (s->known) {
		err("%s: %s", s->name, buf_text(&s->why));
		return;
	}
	hint(apt, s, &more);
	err("no package %s for %s%s%s%s", s->name, s->arch, buf_text(&more),
	    s->why.len ? "; newer lists could not be had: " : "", buf_text(&s->why));
	buf_release(&more);
}

/* The way through the lists: apt's own, ours, new ones of ours */

/* 0: had; -1: reported, stopped, or worth a look at other lists. */
static int try_lists(const struct apt *apt, struct search *s, struct package *p)
{
	struct deb d;
	int ret = resolve(apt, s, &d);

	if (!ret) {
		s->known = true;
		ret = obtain(apt, s, &d, p);
	}
	deb_release(&d);
	return ret;
}

static bool go_on(const struct search *s, int ret)
{
	return ret && !s->reported && !stopped(s);
}

static int search_lists(struct apt *own, struct search *s, bool native, struct package *p)
{
	const struct apt system = { .hold = -1, .stop = s->stop };
	bool have;
	int ret = -1;

	if (native)
		ret = try_lists(&system, s, p);
	if (!go_on(s, ret))
		return ret;
	have = apt_open_lists(own, s->arch);
	/* what apt knows and could not fetch, lists of unknown age will not bring */
	if (have && !s->known)
		ret = try_lists(own, s, p);
	if (!go_on(s, ret) || (have && time(NULL) - own->made < FRESH_S))
		return ret;
	apt_release(own);
	if (!apt_fetch_lists(own, s->arch, &s->why))
		ret = try_lists(own, s, p);
	else if (!stopped(s))
		apt_open_lists(own, s->arch);	/* old ones still have names to suggest */
	return ret;
}

static int find_package(struct search *s, struct package *p)
{
	static const char *const programs[] = { "apt-get", "apt-cache", "dpkg", "dpkg-deb" };
	struct apt own = { .hold = -1, .stop = s->stop };
	char *native = NULL;
	size_t i;
	int ret = -1;

	for (i = 0; i < sizeof(programs) / sizeof(programs[0]) && !s->why.len; i++)
		if (!child_exists(programs[i]))
			buf_fmt(&s->why, "%s is not installed (kernels of packages need a Debian system)",
				programs[i]);
	if (!s->why.len && !(native = apt_native(s->stop)))
		buf_str(&s->why, "dpkg does not tell this system's architecture");
	if (native && !strcmp(s->arch, "all"))
		s->arch = native;
	if (native)
		ret = search_lists(&own, s, !strcmp(s->arch, native), p);
	else
		s->known = true;	/* as far as anybody can tell */
	if (go_on(s, ret) && newest_cached(s, p)) {
		info("%s: %s; using %s %s from the cache", s->name,
		     s->why.len ? s->why.s : "not known to apt", p->name, p->version);
		ret = 0;
	} else if (go_on(s, ret)) {
		complain(&own, s);
	}
	apt_release(&own);
	free(native);
	return ret;
}

int package_get(const char *name, const char *arch, const volatile sig_atomic_t *stop,
		struct package *p)
{
	struct search s = { .arch = arch, .stop = stop };
	const char *equals = strchr(name, '=');
	int ret;

	*p = (struct package){ .hold = -1 };
	s.name = equals ? xstrndup(name, (size_t)(equals - name)) : xstrdup(name);
	s.version = equals ? xstrdup(equals + 1) : NULL;
	if (!deb_is_name(s.name))
		ret = err("'%s' is not the name of a Debian package", s.name);
	else if (s.version && !deb_is_version(s.version))
		ret = err("%s: '%s' is not a version of a Debian package", s.name, s.version);
	else
		ret = find_package(&s, p);
	free(s.name);
	free(s.version);
	buf_release(&s.why);
	return ret;
}

void package_release(struct package *p)
{
	if (p->path && p->hold >= 0)
		close(p->hold);
	free(p->name);
	free(p->version);
	free(p->path);
	*p = (struct package){ .hold = -1 };
}
