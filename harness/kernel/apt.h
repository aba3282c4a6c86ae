/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Asking apt, with its own lists of packages or with lists of ours: those are an
 * entry of the cache, made with the system's sources and keyrings, and change
 * nothing of the system.
 */
#ifndef HARNESS_KERNEL_APT_H
#define HARNESS_KERNEL_APT_H

#include <signal.h>
#include <stdbool.h>
#include <time.h>

struct buf;

struct apt {
	char *lists;	/* the entry's path; NULL: the system's own */
	int hold;
	time_t made;
	const volatile sig_atomic_t *stop;
};

/* Our newest lists for an architecture: false where the cache has none. Ends with apt_release(). */
bool apt_open_lists(struct apt *a, const char *arch);
/* New ones from the network. 0, or -1 with why. */
int apt_fetch_lists(struct apt *a, const char *arch, struct buf *why);
void apt_release(struct apt *a);

/* The architecture whose packages this system takes; the caller frees. NULL where dpkg cannot say. */
char *apt_native(const volatile sig_atomic_t *stop);

/*
 * Stanzas of packages, each "NAME" or "NAME=VERSION"; NULL at the end. all: every
 * version, not only the one that would be installed. Unknown ones are left out.
 */
void apt_show(const struct apt *a, const char *const *package, bool all, struct buf *out);

/* One name a line: all that begin so. */
void apt_names(const struct apt *a, const char *begin, struct buf *out);

/* "NAME=VERSION" as a .deb into dir. 0, or -1 with why. */
int apt_download(const struct apt *a, const char *package, const char *dir, struct buf *why);

#endif
