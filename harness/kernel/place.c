/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/kernel/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/kernel/cache.h"
#include "lib/alloc.h"
#include "lib/err.h"

#define PATIENCE_MS 10000	/* for killed processes to be gone: they need a few ms, one in the disk's queue more */
#define NAP_MS 20

/*
 * Moved away first and removed then: who is killed here leaves nothing half removed in the
 * place, and what is in the cache's directory of new entries others clear up.
 */
static int remove_all(const char *const *path, size_t n)
{
	struct cache_new away;
	int ret = 0;
	char *to;
	size_t i;

	if (cache_make(&away))
		return -1;
	for (i = 0; i < n && !ret; i++) {
		to = xasprintf("%s/%zu", away.path, i);
		if (rename(path[i], to) && errno != ENOENT)
			ret = err("move %s away: %m", path[i]);
		free(to);
	}
	cache_drop(&away);
	return ret;
}

int place_drop_objects(const struct place *p)
{
	const char *const path[] = { p->obj };

	return remove_all(path, 1);
}

int place_empty(const struct place *p)
{
	const char *const path[] = { p->src, p->obj, p->tmp };

	if (remove_all(path, sizeof(path) / sizeof(path[0])))
		return -1;
	return mkdir(p->tmp, 0777) ? err("mkdir %s: %m", p->tmp) : 0;
}

/*
 * The build lock goes with the harness that held it. What that had started is being killed then, and is
 * gone a moment later: `alive`, which all of it has inherited, tells when.
 */
static int await_the_dead(const struct place *p, const volatile sig_atomic_t *stop)
{
	int waited;

	for (waited = 0; flock(p->alive, LOCK_EX | LOCK_NB); waited += NAP_MS) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return err("lock %s/alive: %m", p->root);
		if (stop && *stop)
			return -1;
		if (waited >= PATIENCE_MS)
			return err("processes of a build that was ended still run in %s (`fuser %s/alive` names "
				   "them)", p->root, p->root);
		usleep(NAP_MS * 1000);
	}
	return 0;
}

int place_open(struct place *p, const char *what, const volatile sig_atomic_t *stop)
{
	char *cache, *alive;

	*p = (struct place){ .lock = -1, .alive = -1 };
	if (cache_root(&cache))
		return -1;
	p->root = xasprintf("%s/place", cache);
	free(cache);
	p->src = xasprintf("%s/src", p->root);
	p->obj = xasprintf("%s/obj", p->root);
	p->tmp = xasprintf("%s/tmp", p->root);
	p->config = xasprintf("%s/config", p->tmp);	/* kconfig leaves a config.old beside it */
	p->lock = cache_lock("build", what, stop);
	if (p->lock < 0)
		return -1;
	if (mkdir(p->root, 0777) && errno != EEXIST)
		return err("mkdir %s: %m", p->root);
	alive = xasprintf("%s/alive", p->root);
	p->alive = open(alive, O_RDWR | O_CREAT, 0666);	/* not O_CLOEXEC, see above */
	free(alive);
	if (p->alive < 0)
		return err("open %s/alive: %m", p->root);
	if (await_the_dead(p, stop)) {
		close(p->alive);
		p->alive = -1;	/* not ours: place_close() must leave it alone */
		return -1;
	}
	return place_empty(p);
}

void place_close(struct place *p)
{
	if (p->alive > 0) {
		place_empty(p);
		rmdir(p->tmp);
		close(p->alive);
	}
	if (p->lock > 0)
		close(p->lock);
	free(p->root);
	free(p->src);
	free(p->obj);
	free(p->tmp);
	free(p->config);
	*p = (struct place){ .lock = -1, .alive = -1 };
}
