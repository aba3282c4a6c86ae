/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel sources as pristine trees in the cache, one per content: from Debian's
 * source package, from a directory, from a revision of a git repository.
 */
#ifndef HARNESS_KERNEL_SOURCE_H
#define HARNESS_KERNEL_SOURCE_H

#include <signal.h>

struct spec;

struct source {
	char *id;	/* names the content: "linux-source-6.12 6.12.117-1~deb12u1", "git tree 1a2b..." */
	char *describe;	/* for people: the above, and for git also revision and `git describe` */
	char *tree;	/* path of the unpacked, unpatched tree; never to be written to */
	int hold;
};

/*
 * The source of a spec (not one with `image`). `tree: PATH` is taken as it stands,
 * with what is changed and not committed; what git ignores, or without git what a
 * build leaves (*.o, .config, include/generated, ...), is left out.
 * 0, or -1 after reporting. The caller releases.
 */
int source_get(const struct spec *spec, const volatile sig_atomic_t *stop, struct source *s);
void source_release(struct source *s);

/* A copy to build in, made of hard links: dir must not exist, on the cache's file system. 0, or -1 after reporting. */
int source_copy(const struct source *s, const char *dir);

#endif
