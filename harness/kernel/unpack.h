/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packages taken apart in a directory of the cache that is being made.
 */
#ifndef HARNESS_KERNEL_UNPACK_H
#define HARNESS_KERNEL_UNPACK_H

#include <signal.h>
#include <stdbool.h>

struct unpack {
	const char *dir;		/* for the result, and for what is needed meanwhile */
	const char *name, *version;
	const volatile sig_atomic_t *stop;
};

/*
 * linux-source-6.12: a package that holds a kernel's source as a tarball. Of such
 * DIR/tree is made and nothing else.
 */
bool unpack_is_source(const char *name);

/* The .deb that lies in u->dir, which it replaces by what is in it. 0, or -1 after reporting. */
int unpack_deb(const struct unpack *u);

/*
 * A source package that is installed in this very version needs no download. False:
 * this is none. Else *ret is 0, or -1 after reporting.
 */
bool unpack_installed(const struct unpack *u, int *ret);

#endif
