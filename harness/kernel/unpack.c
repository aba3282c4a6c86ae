/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/kernel/unpack.h"

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

bool unpack_is_source(const char *name)
{
	return !strncmp(name, "linux-source-", 13);
}

/* The one file that matches; NULL: none, or several. The caller frees. */
static char *only_match(const char *pattern)
{
	char *path = NULL;
	glob_t found;

	if (glob(pattern, 0, NULL, &found))
		return NULL;
	if (found.gl_pathc == 1)
		path = xstrdup(found.gl_pathv[0]);
	globfree(&found);
	return path;
}

static char *find_tarball(const char *usr_src, const char *name)
{
	char *pattern = xasprintf("%s/%s.tar.*", usr_src, name), *path = only_match(pattern);

	free(pattern);
	return path;
}

/* The tarball's one directory becomes DIR/tree. */
static int untar(const struct unpack *u, const char *tarball)
{
	/* a block of xz a thread, where the tarball has several */
	static const char *const env[] = { "LC_ALL=C", "XZ_DEFAULTS=-T0", NULL };
	char *tree = xasprintf("%s/tree", u->dir), *what = xasprintf("unpack %s", tarball);
	const char *const argv[] = { "tar", "--no-same-owner", "--strip-components=1", "-C", tree,
				     "-xf", tarball, NULL };
	const struct child_call call = { .argv = argv, .env = env, .stop = u->stop };
	int ret;

	info("unpacking %s %s", u->name, u->version);
	ret = mkdir(tree, 0755) ? err("make %s: %m%s", tree, cache_remedy(errno)) : tool_run(&call, NULL, what);
	free(what);
	free(tree);
	return ret;
}

/* Of a source package only the tree is wanted. */
static int unpack_source(const struct unpack *u, const char *unpacked)
{
	char *usr_src = xasprintf("%s/usr/src", unpacked), *tarball = find_tarball(usr_src, u->name);
	int ret;

	if (!tarball)
		ret = err("%s %s: no usr/src/%s.tar.* in it", u->name, u->version, u->name);
	else
		ret = untar(u, tarball);
	free(tarball);
	free(usr_src);
	if (!ret && tree_remove(AT_FDCWD, unpacked))
		ret = err("remove %s: %m", unpacked);
	return ret;
}

static int extract(const struct unpack *u, const char *deb, const char *into)
{
	const char *const argv[] = { "dpkg-deb", "-x", deb, into, NULL };
	const struct child_call call = { .argv = argv, .stop = u->stop };
	char *what = xasprintf("unpack %s %s", u->name, u->version);
	int ret = tool_run(&call, NULL, what);

	free(what);
	if (!ret && unlink(deb))
		ret = err("remove %s: %m", deb);
	return ret;
}

int unpack_deb(const struct unpack *u)
{
	char *pattern = xasprintf("%s/*.deb", u->dir), *deb = only_match(pattern);
	char *unpacked = xasprintf("%s/unpacked", u->dir);
	int ret;

	if (!deb)
		ret = err("apt-get downloaded no package to %s", u->dir);
	else if (unpack_is_source(u->name))
		ret = extract(u, deb, unpacked) || unpack_source(u, unpacked) ? -1 : 0;
	else
		ret = extract(u, deb, u->dir);
	free(unpacked);
	free(deb);
	free(pattern);
	return ret;
}

static bool is_installed(const struct unpack *u)
{
	const char *const argv[] = { "dpkg-query", "-W", "-f", "${db:Status-Status} ${Version}\n",
				     u->name, NULL };
	const struct child_call call = { .argv = argv, .stop = u->stop };
	struct buf out = BUF_INIT, why = BUF_INIT;
	char *wanted = xasprintf("installed %s\n", u->version);
	bool yes = !tool_try(&call, &out, &why) && !strcmp(buf_text(&out), wanted);

	free(wanted);
	buf_release(&why);
	buf_release(&out);
	return yes;
}

bool unpack_installed(const struct unpack *u, int *ret)
{
	char *tarball;

	if (!unpack_is_source(u->name) || !is_installed(u))
		return false;
	tarball = find_tarball("/usr/src", u->name);
	if (!tarball)
		return false;
	*ret = untar(u, tarball);
	free(tarball);
	return true;
}
