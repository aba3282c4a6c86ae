/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sources that git keeps: a revision, or a work tree with what is changed in it. The
 * repository is only read: index and new objects are written elsewhere.
 */
#include "harness/kernel/source_kinds.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "harness/kernel/cache.h"
#include "harness/kernel/tool.h"
#include "harness/kernel/tree.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/near.h"

#define MAX_WORDS 24
#define FULL_BYTES (1u << 20)	/* a disk with less than that is full */

/* A repository, and what stands in for its parts while it is read. */
struct repository {
	const char *dir;
	char *real;		/* the same, absolute and without symbolic links */
	const volatile sig_atomic_t *stop;
	char *ceiling;		/* so that no repository around dir is found */
	char *index, *objects, *alternates, *work_tree;	/* "GIT_...=..."; NULL: its own */
};

/* 0 with stdout in out (NULL: thrown away), or -1 with why. */
static int git(const struct repository *r, const char *const *args, struct buf *out, struct buf *why)
{
	/*
	 * A repository of another user is fine for reading: to build a kernel is to run
	 * what is in it. But nothing that it configures is to run beyond that.
	 */
	const char *argv[MAX_WORDS] = {
		"git", "-c", "safe.directory=*", "-c", "core.fsmonitor=false",
		"-c", "core.hooksPath=/dev/null", "-c", "core.splitIndex=false", "-C", r->dir,
	};
	const char *env[32] = {
		"LC_ALL=C", "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0", "GIT_DIR", "GIT_WORK_TREE",
		"GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR", "GIT_PREFIX", "GIT_NAMESPACE",
	};
	const char *const ours[] = { r->ceiling, r->index, r->objects, r->alternates,
				     r->work_tree };
	const struct child_call call = { .argv = argv, .env = env, .stop = r->stop };
	size_t n, i;

	for (n = 0; argv[n]; n++)
		;
	for (i = 0; args[i] && n + 1 < MAX_WORDS; i++)
		argv[n++] = args[i];
	if (args[i])
		BUG("too many words for git %s", args[0]);
	for (n = 0; env[n]; n++)
		;
	for (i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (ours[i])
			env[n++] = ours[i];
	return tool_try(&call, out, why);
}

static void repository_release(struct repository *r)
{
	free(r->real);
	free(r->ceiling);
	free(r->index);
	free(r->objects);
	free(r->alternates);
	free(r->work_tree);
	*r = (struct repository){ 0 };
}

static void cut_newline(struct buf *b)
{
	while (b->len && b->s[b->len - 1] == '\n')
		b->s[--b->len] = '\0';
}

/* One line of output without its end; NULL with why. The caller frees. */
static char *git_line(const struct repository *r, const char *const *args, struct buf *why)
{
	struct buf out = BUF_INIT;
	int ret = git(r, args, &out, why);

	cut_newline(&out);
	if (!ret && !out.len)
		buf_fmt(why, "git %s said nothing", args[0]);
	if (!ret && out.len)
		return buf_detach(&out);
	buf_release(&out);
	return NULL;
}

static bool stopped(const struct repository *r)
{
	return r->stop && *r->stop;
}

/* -1, reporting "DIR: why" where not stopped. */
static int fail(const struct repository *r, const struct buf *why)
{
	if (!stopped(r))
		err("%s: %s", r->dir, buf_text(why));
	return -1;
}

static int repository_open(struct repository *r, const char *dir, const volatile sig_atomic_t *stop)
{
	static const char *const args[] = { "rev-parse", "--git-dir", NULL };
	struct buf why = BUF_INIT;
	struct stat st;
	size_t len;
	int ret = -1;

	*r = (struct repository){ .dir = dir, .stop = stop };
	if (tool_need("git", dir))
		return -1;
	r->real = realpath(dir, NULL);
	if (!r->real || stat(r->real, &st)) {
		err("%s: %m", dir);
		goto out;
	}
	if (!S_ISDIR(st.st_mode)) {
		err("%s: not a directory; a git repository is wanted", dir);
		goto out;
	}
	len = (size_t)(strrchr(r->real, '/') - r->real);
	r->ceiling = xasprintf("GIT_CEILING_DIRECTORIES=%.*s", len ? (int)len : 1, r->real);
	ret = git(r, args, NULL, &why);
	if (ret)
		fail(r, &why);
out:
	buf_release(&why);
	return ret;
}

/* Revisions */

static void say_unknown(const struct repository *r, const char *revision)
{
	static const char *const refs[] = { "for-each-ref", "--format=%(refname:short)", "refs/tags",
					    "refs/heads", "refs/remotes", NULL };
	static const char *const shallow[] = { "rev-parse", "--is-shallow-repository", NULL };
	struct buf names = BUF_INIT, why = BUF_INIT, hint = BUF_INIT;
	struct near near;
	char *rest, *name, *answer;

	near_init(&near, revision);
	if (!git(r, refs, &names, &why))
		for (rest = names.s; rest && (name = strsep(&rest, "\n"));)
			near_offer(&near, name);
	near_hint(&near, &hint);
	answer = git_line(r, shallow, &why);
	if (stopped(r))
		goto out;
	err("%s: no revision '%s'%s%s", r->dir, revision, buf_text(&hint),
	    answer && !strcmp(answer, "true") ?
	    "; the clone is shallow, perhaps `git fetch --unshallow --tags` brings it" : "");
out:
	free(answer);
	buf_release(&names);
	buf_release(&why);
	buf_release(&hint);
}

/* The full name of what revision means, as a commit or as its tree; NULL: there is none. The caller frees. */
static char *object_of(const struct repository *r, const char *revision, const char *type)
{
	char *spec = xasprintf("%s^{%s}", revision, type), *name;
	const char *const args[] = { "rev-parse", "--verify", "--quiet", "--end-of-options", spec,
				     NULL };
	struct buf why = BUF_INIT;

	name = git_line(r, args, &why);
	buf_release(&why);
	free(spec);
	return name;
}

/* "v6.12-3-g1a2b3c4"; the caller frees. */
static char *git_describe(const struct repository *r, const char *commit)
{
	const char *const args[] = { "describe", "--tags", "--always", commit, NULL };
	struct buf why = BUF_INIT;
	char *name = git_line(r, args, &why);

	buf_release(&why);
	return name ? name : xstrndup(commit, 12);
}

/* Into the cache */

/* What a tree names without holding it. */
static int complain_of_submodules(const struct repository *r)
{
	static const char *const args[] = { "ls-files", "--stage", "-z", NULL };
	struct buf out = BUF_INIT, why = BUF_INIT;
	const char *at, *tab;
	int ret = git(r, args, &out, &why);

	if (ret)
		fail(r, &why);
	for (at = buf_text(&out); !ret && at < buf_text(&out) + out.len; at += strlen(at) + 1) {
		tab = strchr(at, '\t');
		if (!strncmp(at, "160000 ", 7) && tab)
			warn("%s: %s is a repository of its own (a submodule), and is left out",
			     r->dir, tab + 1);
	}
	buf_release(&out);
	buf_release(&why);
	return ret;
}

static void set(char **variable, const char *name, const char *dir, const char *file)
{
	free(*variable);
	*variable = xasprintf("%s=%s/%s", name, dir, file);
}

/* git says only that it could not write, not why. */
static void mention_full_disk(const char *path, struct buf *why)
{
	struct statvfs fs;

	if (!statvfs(path, &fs) && (fs.f_bavail * fs.f_frsize < FULL_BYTES ||
				    (fs.f_files && !fs.f_favail)) &&
	    !tool_no_space(buf_text(why)))
		buf_fmt(why, ": %s%s", strerror(ENOSPC), cache_remedy(ENOSPC));
}

/* n->path/tree from a tree object, by way of an index of its own. */
static int check_out(struct repository *r, const char *tree, struct cache_new *n)
{
	const char *const read[] = { "read-tree", tree, NULL };
	static const char *const write[] = { "checkout-index", "-a", "-q", NULL };
	struct buf why = BUF_INIT;
	char *dir = xasprintf("%s/tree", n->path);
	int ret = -1;

	set(&r->index, "GIT_INDEX_FILE", n->path, "index.new");
	set(&r->work_tree, "GIT_WORK_TREE", n->path, "tree");
	if (mkdir(dir, 0755))
		err("make %s: %m%s", dir, cache_remedy(errno));
	else if (!git(r, read, NULL, &why) && !git(r, write, NULL, &why))
		ret = complain_of_submodules(r);
	if (ret && why.len) {
		mention_full_disk(n->path, &why);
		fail(r, &why);
	}
	free(dir);
	buf_release(&why);
	return ret;
}

static int remove_scraps(const struct cache_new *n)
{
	static const char *const scraps[] = { "index", "index.new", "objects" };
	char *path;
	size_t i;
	int ret = 0;

	for (i = 0; !ret && i < sizeof(scraps) / sizeof(scraps[0]); i++) {
		path = xasprintf("%s/%s", n->path, scraps[i]);
		if (tree_remove(AT_FDCWD, path))
			ret = err("remove %s: %m", path);
		free(path);
	}
	return ret;
}

/* Takes n over. */
static int export_tree(struct repository *r, const char *tree, struct cache_new *n,
		       struct source *s)
{
	char *dir = xasprintf("%s/tree", n->path);
	int ret = -1;

	info("copying %s", s->describe);
	if (check_out(r, tree, n) || source_check(dir, s->describe) || remove_scraps(n))
		cache_drop(n);
	else
		ret = source_keep(n, s);
	free(dir);
	return ret;
}

static int export_revision(struct repository *r, const char *tree, struct source *s)
{
	int lock = source_lock(s, r->stop), ret = -1;
	struct cache_new n;

	if (lock < 0)
		return -1;
	if (source_hold(s))
		ret = 0;
	else if (!cache_make(&n))
		ret = export_tree(r, tree, &n, s);
	close(lock);
	return ret;
}

static int get_revision(struct repository *r, const char *revision, struct source *s)
{
	/* git reads what begins so as an option, whatever comes before it */
	char *commit = *revision == '-' ? NULL : object_of(r, revision, "commit");
	char *tree = commit ? object_of(r, commit, "tree") : NULL, *described;
	int ret = -1;

	if (tree) {
		described = git_describe(r, commit);
		s->id = xasprintf("git tree %s", tree);
		s->describe = xasprintf("%s@%s (%s%s%s)", r->dir, revision,
					strcmp(described, revision) ? described : "",
					strcmp(described, revision) ? ", " : "", s->id);
		free(described);
		ret = source_hold(s) ? 0 : export_revision(r, tree, s);
	} else if (!stopped(r)) {
		say_unknown(r, revision);
	}
	free(tree);
	free(commit);
	return ret;
}

int source_from_git(const char *repository, const char *revision, const volatile sig_atomic_t *stop,
		    struct source *s)
{
	struct repository r;
	int ret = repository_open(&r, repository, stop);

	if (!ret)
		ret = get_revision(&r, revision, s);
	repository_release(&r);
	return ret;
}

/* Work trees */

/* An absolute path in the repository; NULL after reporting. The caller frees. */
static char *git_path(const struct repository *r, const char *name)
{
	const char *const args[] = { "rev-parse", "--path-format=absolute", "--git-path", name, NULL };
	struct buf why = BUF_INIT;
	char *path = git_line(r, args, &why);

	if (!path)
		fail(r, &why);
	buf_release(&why);
	return path;
}

/*
 * With its time: git takes a file changed after the index for changed without
 * looking, and a copy that looks younger would hide what was changed just before.
 */
static int copy_index(const char *from, const char *to)
{
	struct buf content = BUF_INIT;
	struct timespec times[2];
	struct stat st;
	FILE *f;
	int ret = 0;

	if (stat(from, &st))
		return errno == ENOENT ? 0 : err("read %s: %m", from);
	times[0] = st.st_atim;
	times[1] = st.st_mtim;
	if (buf_read_file(&content, from)) {
		ret = err("read %s: %m", from);
		goto out;
	}
	f = fopen(to, "we");
	if (f)
		fwrite(buf_text(&content), 1, content.len, f);
	if (!f || fclose(f) || utimensat(AT_FDCWD, to, times, 0))
		ret = err("write %s: %m%s", to, cache_remedy(errno));
out:
	buf_release(&content);
	return ret;
}

/* An index and a place for objects of our own, in n; the repository's objects beside it. */
static int set_apart(struct repository *r, const struct cache_new *n)
{
	const char *before = getenv("GIT_ALTERNATE_OBJECT_DIRECTORIES");
	char *index = git_path(r, "index"), *objects = index ? git_path(r, "objects") : NULL;
	char *to = xasprintf("%s/index", n->path), *new = xasprintf("%s/objects", n->path);
	int ret = -1;

	if (!objects || copy_index(index, to))
		goto out;
	if (mkdir(new, 0755)) {
		err("make %s: %m%s", new, cache_remedy(errno));
		goto out;
	}
	set(&r->index, "GIT_INDEX_FILE", n->path, "index");
	set(&r->objects, "GIT_OBJECT_DIRECTORY", n->path, "objects");
	r->alternates = xasprintf("GIT_ALTERNATE_OBJECT_DIRECTORIES=%s%s%s", objects,
				  before && *before ? ":" : "", before ? before : "");
	r->work_tree = xasprintf("GIT_WORK_TREE=%s", r->real);
	ret = 0;
out:
	free(index);
	free(objects);
	free(to);
	free(new);
	return ret;
}

/*
 * The tree object of what stands in the work tree now, new objects going to
 * place. NULL after reporting. The caller frees.
 */
static char *write_tree(struct repository *r, const char *place)
{
	static const char *const add[] = { "-c", "core.compression=0", "-c", "advice.addEmbeddedRepo=false",
					   "add", "-A", ".", NULL };
	static const char *const write[] = { "write-tree", NULL };
	struct buf why = BUF_INIT;
	char *tree = NULL;

	if (!git(r, add, NULL, &why))
		tree = git_line(r, write, &why);
	if (!tree) {
		mention_full_disk(place, &why);
		fail(r, &why);
	}
	buf_release(&why);
	return tree;
}

static void describe_worktree(struct repository *r, const char *tree, struct source *s)
{
	char *commit = object_of(r, "HEAD", "commit");
	char *committed = commit ? object_of(r, commit, "tree") : NULL;
	char *described = commit ? git_describe(r, commit) : xstrdup("nothing committed");

	s->id = xasprintf("git tree %s", tree);
	s->describe = xasprintf("%s (%s%s, %s)", r->dir, described,
				committed && !strcmp(committed, tree) ? "" : " with changes", s->id);
	free(described);
	free(committed);
	free(commit);
}

/* Takes n over. */
static int get_worktree(struct repository *r, struct cache_new *n, struct source *s)
{
	char *tree = set_apart(r, n) ? NULL : write_tree(r, n->path);
	int lock, ret = -1;

	if (!tree) {
		cache_drop(n);
		return -1;
	}
	describe_worktree(r, tree, s);
	lock = source_hold(s) ? -1 : source_lock(s, r->stop);
	if (s->tree || (lock >= 0 && source_hold(s))) {
		cache_drop(n);
		ret = 0;
	} else if (lock >= 0) {
		ret = export_tree(r, tree, n, s);
	} else {
		cache_drop(n);
	}
	if (lock >= 0)
		close(lock);
	free(tree);
	return ret;
}

int source_from_worktree(const char *dir, const volatile sig_atomic_t *stop, struct source *s)
{
	struct repository r;
	struct cache_new n;
	int ret = repository_open(&r, dir, stop);

	if (!ret)
		ret = cache_make(&n);
	if (!ret)
		ret = get_worktree(&r, &n, s);
	repository_release(&r);
	return ret;
}
