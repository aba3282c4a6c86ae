/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Debian's packages fetched and unpacked into the cache, never installed: apt's
 * own lists where they know the package, else lists of our own in the cache
 * (needed for another architecture, and where the user may not update apt's).
 */
#ifndef HARNESS_KERNEL_PACKAGE_H
#define HARNESS_KERNEL_PACKAGE_H

#include <signal.h>

struct package {
	/* The one that was unpacked: a meta package is followed to its kernel image, unsigned if there is one. */
	char *name;
	char *version;
	/* Of the unpacked tree, in the cache. Of linux-source-* only the kernel's tree is there, as PATH/tree. */
	char *path;
	int hold;	/* see cache_hold() */
};

/*
 * name: "linux-source-6.12", "linux-image-6.12-cloud-amd64", with "=VERSION" after it
 * for a certain one; arch: Debian's word ("amd64", "arm64"), "all" for source
 * packages. What is in the cache in the version that apt would give is not
 * fetched again, nor is a source package that is installed in that version; with
 * no network, the newest that the cache has is used, and said.
 *
 * 0, or -1 after reporting: no such package (with near misses), no network, not
 * a Debian system (says which program is missing). The caller releases.
 */
int package_get(const char *name, const char *arch, const volatile sig_atomic_t *stop,
		struct package *p);
void package_release(struct package *p);

#endif
