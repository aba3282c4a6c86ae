/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel ready to boot: built from a spec, or a distribution's image unpacked,
 * and kept in the cache under a key made of everything that goes into it:
 * source, patches, configuration, compiler.
 *
 * Building happens in one place of the cache, under a lock, always at the same
 * path: objects and their dependencies name paths and trust times, so a copy of
 * the baseline's object tree is only good where it was made. A patched kernel
 * starts from such a copy, and rebuilds what its patch touches.
 */
#ifndef HARNESS_KERNEL_KERNEL_H
#define HARNESS_KERNEL_KERNEL_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

#include "harness/kernel/spec.h"

struct kernel {
	char *name;		/* of the spec */
	char *key;		/* 64 hex digits */
	enum arch arch;
	char *release;		/* "6.12.117", as uname says it */
	char *source;		/* in words, for people; patches by their subjects after it */
	/* Paths in the cache; NULL where there is none. */
	char *dir;
	char *image;		/* bzImage, vmlinuz, Image */
	char *vmlinux;		/* with symbols; NULL for distribution images */
	char *config;
	char *modules;		/* /lib/modules/RELEASE of an image: modules.dep, kernel/...; NULL: none */
	int hold;		/* keeps the entry in the cache while it is open */
};

struct kernel_call {
	struct spec *spec;		/* its patches are read where they were not yet */
	const char *log;		/* make's output goes here as well; NULL: only to the cache's own log */
	const volatile sig_atomic_t *stop;
	bool clean;			/* not from the baseline's objects: everything anew, under a key of its own */
	/*
	 * Called as a build goes on; NULL: nobody wants to know. what: "CC mm/filemap.o", with "baseline: " before it while
	 * that is built first. expected: steps in all as far as that can be told, 0 where it cannot; both begin
	 * anew with each of the two builds.
	 */
	void (*progress)(void *data, unsigned done, unsigned expected, const char *what);
	void *data;
};

/*
 * The kernel of a spec, from the cache or made now. Returns an enum exitcode: EXIT_ACCEPT with k filled; EXIT_USAGE after
 * reporting a spec, patch or fragment that is wrong (a patch that does not apply is);
 * EXIT_CANNOT after reporting what else failed: a compiler's error shows the
 * compiler's lines (file:line:col: error: ..., with their source lines), not make's log,
 * and where the log is. The caller releases in every case.
 */
int kernel_get(const struct kernel_call *call, struct kernel *k);
/* The key alone, and whether the cache has it: cheap, but for getting the source. An enum exitcode. */
int kernel_key(const struct kernel_call *call, char key[65], bool *cached);
void kernel_release(struct kernel *k);

/* What of `a` and `b` differs in loaded code and data, section by section. */
struct kernel_difference {
	bool same;
	char *text;	/* for people: the sections and functions that differ; the caller frees */
};
/*
 * Compares two vmlinux files by their allocated sections (libelf). 0, or -1 after reporting. What
 * holds a build's number or time by design (the banner) is named where it alone differs.
 */
int kernel_compare(const char *a, const char *b, struct kernel_difference *d);

#endif
