/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Object trees of kernel builds: copied so that make believes them, and asked
 * what they were made from and when.
 */
#ifndef HARNESS_KERNEL_OBJECTS_H
#define HARNESS_KERNEL_OBJECTS_H

#include <signal.h>
#include <stddef.h>
#include <time.h>

/* A copy with its times; `to` must not exist. 0, or -1 after reporting (unreported when stopped). */
int objects_copy(const char *from, const char *to, const volatile sig_atomic_t *stop);

/* When the newest file of a tree was written. 0, or -1 after reporting. */
int objects_newest(const char *dir, struct timespec *when);

/*
 * How many objects of a tree were made from one of these files, given with the path that the
 * tree was built with (SRC/mm/filemap.c): kbuild's NAME.o.cmd files say so. An estimate for people: what cannot be
 * read is passed over.
 */
unsigned objects_made_from(const char *dir, const char *const *file, size_t n);

#endif
