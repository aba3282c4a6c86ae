/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a program needs beside itself to start on another root: its loader and
 * shared libraries, as the dynamic loader of this machine finds them.
 */
#ifndef HARNESS_GUEST_LIBRARY_H
#define HARNESS_GUEST_LIBRARY_H

#include <stddef.h>

#include "harness/kernel/spec.h"

struct library {
	char *from;	/* path on this machine */
	char *to;	/* path there, where its loader looks without a cache */
};

struct library_list {
	struct library *lib;
	size_t n;
};

/*
 * Appends what `program` needs; nothing for a static one. 0, or -1 after
 * reporting: a file that is no program for `arch`, a dynamic one for an
 * architecture that is not ours, a library that is not there. The caller
 * releases in both cases.
 */
int library_list_add(struct library_list *list, const char *program, enum arch arch);
void library_list_release(struct library_list *list);

#endif
