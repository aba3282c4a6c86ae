/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Facts that are found through the mounts: the file system that test files go
 * to, and the limits of this process's control groups.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "bench/environment_fact.h"
#include "lib/alloc.h"
#include "lib/units.h"

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

/* In place: "\040" is a blank. */
static void unescape(char *s)
{
	char *to = s;

	while (*s) {
		if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && is_octal(s[2]) &&
		    is_octal(s[3])) {
			*to++ = (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 | (s[3] - '0'));
			s += 4;
		} else {
			*to++ = *s++;
		}
	}
	*to = '\0';
}

static char *take_word(char **at)
{
	char *word = strsep(at, " ");

	if (!word || !*word)
		return NULL;
	word = xstrdup(word);
	unescape(word);
	return word;
}

/* "ID PARENT MAJOR:MINOR ROOT POINT OPTIONS [TAG...] - TYPE DEVICE SUPER-OPTIONS" */
int mount_parse(const char *line, size_t len, struct mount *m)
{
	char *copy = xstrndup(line, len), *at = copy, *word;
	int i;

	*m = (struct mount){ 0 };
	for (i = 0; i < 3; i++)
		strsep(&at, " ");
	m->root = take_word(&at);
	m->point = take_word(&at);
	m->options = take_word(&at);
	while ((word = strsep(&at, " ")) && strcmp(word, "-"))
		;
	m->type = take_word(&at);
	m->device = take_word(&at);
	m->super_options = take_word(&at);
	free(copy);
	return m->root && m->point && m->options && m->type && m->device && m->super_options ? 0
											     : -1;
}

void mount_release(struct mount *m)
{
	free(m->root);
	free(m->point);
	free(m->type);
	free(m->device);
	free(m->options);
	free(m->super_options);
	*m = (struct mount){ 0 };
}

/* What is left of path below dir, or NULL where it is not below. */
static const char *below(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	while (len && dir[len - 1] == '/')
		len--;
	if (strncmp(path, dir, len) || (path[len] && path[len] != '/'))
		return NULL;
	return path + len;
}

/* The next line; advances at. NULL at the end. A NUL in it ends the text. */
static const char *next_line(const char **at, size_t *len)
{
	const char *line = *at;

	*len = strcspn(line, "\n");
	*at = line + *len + (line[*len] == '\n');
	return *line ? line : NULL;
}

/* The number that the kernel gives the mount of a path: exact, where mounts hide each other too. -1: old kernel. */
static int64_t mount_id(const char *path)
{
	struct statx st;

	if (statx(AT_FDCWD, path, 0, STATX_MNT_ID, &st) || !(st.stx_mask & STATX_MNT_ID))
		return -1;
	return (int64_t)st.stx_mnt_id;
}

/* Is the mount better than what we have? Of two on one place, the later hides the first. */
static bool covers(const struct source *s, const struct mount *m, const char *path)
{
	return below(path, m->point) &&
	       (!s->mount.point || strlen(m->point) >= strlen(s->mount.point));
}

void mount_find(struct source *s)
{
	char *real = s->live ? realpath(s->dir, NULL) : xstrdup(s->dir);
	int64_t id = s->live ? mount_id(s->dir) : -1;
	const char *at = buf_text(&s->mountinfo), *line;
	struct mount m, old;
	size_t len;

	while (real && (line = next_line(&at, &len))) {
		if (id >= 0 && strtoll(line, NULL, 10) != id)
			continue;
		if (!mount_parse(line, len, &m) && (id >= 0 || covers(s, &m, real))) {
			old = s->mount;
			s->mount = m;
			m = old;
		}
		mount_release(&m);
	}
	free(real);
}

json_t *fact_mount(const struct source *s, const char *what)
{
	const struct {
		const char *what, *value;
	} parts[] = {
		{ "type", s->mount.type },
		{ "device", s->mount.device },
		{ "point", s->mount.point },
		{ "options", s->mount.options },
		{ "super_options", s->mount.super_options },
	};
	size_t i;

	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (parts[i].value && !strcmp(parts[i].what, what))
			return fact_clean(parts[i].value, strlen(parts[i].value));
	return NULL;
}

json_t *fact_free_bytes(const struct source *s, const char *what)
{
	struct statvfs st;
	uint64_t bytes;

	(void)what;
	if (!s->live || statvfs(s->dir, &st) || !st.f_blocks)	/* ramfs, or a tmpfs without limit */
		return NULL;
	if (__builtin_mul_overflow((uint64_t)st.f_bavail, (uint64_t)st.f_frsize, &bytes) ||
	    bytes > INT64_MAX)
		return NULL;
	return json_u64(bytes);
}

/* Is the word one of a comma-separated list? */
static bool has_word(const char *list, size_t len, const char *word)
{
	const char *end = list + len, *comma;

	for (; list <= end; list = comma + 1) {
		comma = memchr(list, ',', (size_t)(end - list));
		if (!comma)
			comma = end;
		if ((size_t)(comma - list) == strlen(word) && !memcmp(list, word, strlen(word)))
			return true;
	}
	return false;
}

/* The directory of a control group, and the mount point that it is at or below. */
struct group {
	char *dir;
	size_t top;	/* length of the mount point */
	bool v2;
};

/* The group's path in /proc/self/cgroup: "4:cpu,cpuacct:/path", or version 2's "0::/path". The caller frees. */
static char *group_path(const struct source *s, const char *controller, bool *v2)
{
	const char *at = buf_text(&s->cgroup), *line, *names, *path;
	char *found = NULL;
	size_t len;

	while ((line = next_line(&at, &len))) {
		names = memchr(line, ':', len);
		path = names ? memchr(names + 1, ':', len - (size_t)(names + 1 - line)) : NULL;
		if (!path || path[1] != '/')
			continue;
		if (has_word(names + 1, (size_t)(path - names - 1), controller)) {
			free(found);
			*v2 = false;
			return xstrndup(path + 1, len - (size_t)(path + 1 - line));
		}
		if (!strncmp(line, "0::", 3) && !found) {
			*v2 = true;
			found = xstrndup(path + 1, len - (size_t)(path + 1 - line));
		}
	}
	return found;
}

/* A group outside the control group namespace: its files are not to be seen. */
static bool is_outside(const char *path)
{
	return !strcmp(path, "/..") || !strncmp(path, "/../", 4);
}

/* 0, or -1 where the controller has no group that is mounted here. The caller frees g->dir. */
static int group_find(const struct source *s, const char *controller, struct group *g)
{
	char *path = group_path(s, controller, &g->v2);
	const char *at = buf_text(&s->mountinfo), *line, *rest;
	struct mount m;
	size_t len;

	g->dir = NULL;
	while (path && !g->dir && (line = next_line(&at, &len))) {
		if (!mount_parse(line, len, &m) && !strcmp(m.type, g->v2 ? "cgroup2" : "cgroup") &&
		    (g->v2 || has_word(m.super_options, strlen(m.super_options), controller)) &&
		    !is_outside(path) && (rest = below(path, m.root))) {
			g->dir = xasprintf("%s%s", m.point, rest);
			g->top = strlen(m.point);
		}
		mount_release(&m);
	}
	free(path);
	return g->dir ? 0 : -1;
}

/* One level up. False at the mount point, where g->dir stays. */
static bool group_up(struct group *g)
{
	char *slash = strrchr(g->dir, '/');

	if (!slash || (size_t)(slash - g->dir) < g->top)
		return false;
	*slash = '\0';
	return true;
}

static json_t *group_fact(const struct source *s, const struct group *g, const char *file,
			  json_t *(*read)(const struct source *s, const char *path))
{
	char *path = xasprintf("%s/%s", g->dir + (g->dir[0] == '/'), file);
	json_t *fact = read(s, path);

	free(path);
	return fact;
}

/*
 * Version 2 has limit files only where a controller is switched on: a level
 * without them is no level without an answer, it limits nothing.
 */
static bool group_visible(const struct source *s, const struct group *g)
{
	struct buf b = BUF_INIT;
	char *path = xasprintf("%s/cgroup.controllers", g->dir + (g->dir[0] == '/'));
	bool visible = g->v2 && !source_file(s, path, &b);

	free(path);
	buf_release(&b);
	return visible;
}

#define UNLIMITED UINT64_MAX

struct cpu_limit {
	uint64_t quota, period;	/* in microseconds; quota UNLIMITED */
};

/* "50000 100000" or "max 100000". */
static int parse_cpu_max(char *text, struct cpu_limit *l)
{
	char *period = strchr(text, ' ');

	if (!period)
		return -1;
	*period++ = '\0';
	if (units_count(period, &l->period) || !l->period)
		return -1;
	l->quota = UNLIMITED;
	return strcmp(text, "max") ? units_count(text, &l->quota) : 0;
}

/* Version 1 has two files, and -1 for no limit. */
static int read_cpu_limit(const struct source *s, const struct group *g, struct cpu_limit *l)
{
	json_t *first = group_fact(s, g, g->v2 ? "cpu.max" : "cpu.cfs_quota_us", fact_text);
	json_t *period = g->v2 ? NULL : group_fact(s, g, "cpu.cfs_period_us", fact_text);
	char *text = NULL;
	int ret = -1;

	if (first && g->v2)
		text = xstrdup(json_string_value(first));
	else if (first && period)
		text = xasprintf("%s %s",
				 strcmp(json_string_value(first), "-1") ? json_string_value(first)
									: "max",
				 json_string_value(period));
	if (text)
		ret = parse_cpu_max(text, l);
	free(text);
	json_decref(first);
	json_decref(period);
	return ret;
}

static bool tighter(const struct cpu_limit *a, const struct cpu_limit *b)
{
	if (a->quota == UNLIMITED || b->quota == UNLIMITED)
		return a->quota != UNLIMITED;
	return (double)a->quota / (double)a->period < (double)b->quota / (double)b->period;
}

json_t *fact_cgroup_cpu(const struct source *s, const char *what)
{
	struct cpu_limit best = { UNLIMITED, 0 }, here;
	bool any, quota = !strcmp(what, "quota");
	struct group g;

	if (group_find(s, "cpu", &g))
		return NULL;
	any = group_visible(s, &g);
	do {
		if (read_cpu_limit(s, &g, &here))
			continue;
		if (tighter(&here, &best))
			best = here;
		any = true;
	} while (group_up(&g));
	free(g.dir);
	if (!any)
		return NULL;
	if (best.quota == UNLIMITED)
		return quota ? json_text("max") : NULL;
	if (best.quota > INT64_MAX || best.period > INT64_MAX)
		return NULL;
	return json_u64(quota ? best.quota : best.period);
}

/* Version 1 says "none" by the largest number of pages that it can count, which depends on the page size. */
static int parse_memory(const char *text, uint64_t *bytes)
{
	if (!strcmp(text, "max")) {
		*bytes = UNLIMITED;
		return 0;
	}
	if (units_count(text, bytes))
		return -1;
	if (*bytes >= 1ull << 62)
		*bytes = UNLIMITED;
	return 0;
}

json_t *fact_cgroup_memory(const struct source *s, const char *what)
{
	uint64_t best = UNLIMITED, here;
	struct group g;
	bool any;
	char *file;
	json_t *text;

	if (group_find(s, "memory", &g))
		return NULL;
	if (!g.v2 && strcmp(what, "max")) {	/* version 1 has nothing that throttles */
		free(g.dir);
		return NULL;
	}
	any = group_visible(s, &g);
	file = g.v2 ? xasprintf("memory.%s", what) : xstrdup("memory.limit_in_bytes");
	do {
		text = group_fact(s, &g, file, fact_text);
		if (text && !parse_memory(json_string_value(text), &here)) {
			any = true;
			if (here < best)
				best = here;
		}
		json_decref(text);
	} while (group_up(&g));
	free(file);
	free(g.dir);
	if (!any)
		return NULL;
	return best == UNLIMITED ? json_text("max") : json_u64(best);
}

json_t *fact_cgroup_cpus(const struct source *s, const char *what)
{
	json_t *fact = NULL;
	struct group g;

	(void)what;
	if (group_find(s, "cpuset", &g))
		return NULL;
	do {
		fact = group_fact(s, &g, g.v2 ? "cpuset.cpus.effective" : "cpuset.effective_cpus",
				  fact_list);
	} while (!fact && group_up(&g));
	free(g.dir);
	return fact;
}
