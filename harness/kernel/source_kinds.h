/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ways to get a source, and what they share; for source*.c only.
 */
#ifndef HARNESS_KERNEL_SOURCE_KINDS_H
#define HARNESS_KERNEL_SOURCE_KINDS_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

#include "harness/kernel/source.h"

struct cache_new;

/* Each fills s->id, s->describe, s->tree and s->hold. 0, or -1 after reporting (or unreported when stopped). */
int source_from_git(const char *repository, const char *revision, const volatile sig_atomic_t *stop,
		    struct source *s);
int source_from_worktree(const char *dir, const volatile sig_atomic_t *stop, struct source *s);
int source_from_files(const char *dir, const volatile sig_atomic_t *stop, struct source *s);

/* Is the cache's entry for s->id there? Then it is held. */
bool source_hold(struct source *s);
/* The lock under which the entry for s->id is made. The fd, or -1 as cache_lock(). */
int source_lock(const struct source *s, const volatile sig_atomic_t *stop);
/* n->path/tree is whole: becomes the entry for s->id, held. Frees n in every case. 0, or -1 after reporting. */
int source_keep(struct cache_new *n, struct source *s);

/* Is it a kernel's source? 0, or -1 after reporting; named: what messages call it. */
int source_check(const char *dir, const char *named);

/* Does a build leave a file or directory of that name in a source tree? path: from the tree's root. */
bool source_is_product(const char *path, bool dir);
/* The same by a file's first bytes: objects, archives and programs. */
bool source_is_binary(const void *content, size_t len);

#endif
