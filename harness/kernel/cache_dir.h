/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cache's directory as its own files see it; for cache*.c only.
 */
#ifndef HARNESS_KERNEL_CACHE_DIR_H
#define HARNESS_KERNEL_CACHE_DIR_H

#include <stdbool.h>

#include "harness/kernel/cache.h"

/* The open directory, its own directories made: a descriptor, or -1 after reporting. The caller frees *path. */
int cache_open(char **path);

/* A lock on an open file, without waiting: F_RDLCK or F_WRLCK. 0, or -1 with errno (EAGAIN: another has it). */
int cache_lock_file(int fd, short type);
/* Would that lock have to wait? Takes nothing. */
bool cache_is_locked(int fd, short type);

/* Is that file still the one that others would open? */
bool cache_is_current(int root, const char *file, int fd);

/* A name under new/ that nobody ever had. The caller frees. */
char *cache_new_name(void);
/* Removes what is left under new/ of makers that are gone. */
void cache_sweep(int root);

/* "KIND/KEY". The caller frees. */
char *cache_entry_name(enum cache_kind kind, const char *key);

#endif
