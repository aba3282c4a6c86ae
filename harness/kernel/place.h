/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one place of a cache in which kernels are built, always at the same path:
 *
 *	CACHE/place/{src,obj,tmp}	of the build under way; not there between builds
 *	CACHE/place/alive			flocked by every process of a build
 */
#ifndef HARNESS_KERNEL_PLACE_H
#define HARNESS_KERNEL_PLACE_H

#include <signal.h>

struct place {
	char *root, *src, *obj, *tmp, *config;
	int lock;	/* of the cache: one build at a time */
	int alive;	/* inherited by what we start, so that its end can be waited for */
};

/*
 * Waits for other builds of the cache, and for the last process of one that was
 * killed; then the place is ours, and empty but for tmp/. what: the kernel, for those who wait for
 * us. 0, or -1 after reporting (unreported when stopped). End with place_close(), in both cases.
 */
int place_open(struct place *p, const char *what, const volatile sig_atomic_t *stop);
/* Only obj goes. 0, or -1 after reporting. */
int place_drop_objects(const struct place *p);
/* Empties it again, for a second build. 0, or -1 after reporting. */
int place_empty(const struct place *p);
/* Empties it and lets others in. A zeroed one is fine. */
void place_close(struct place *p);

#endif
