/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What Debian's tools say about packages: control stanzas, version numbers. Pure.
 */
#ifndef HARNESS_KERNEL_DEB_H
#define HARNESS_KERNEL_DEB_H

#include <stdbool.h>
#include <stdint.h>

/* A package in one version. */
struct deb {
	char *name, *version, *arch;
	char *depends;		/* "" where it has none */
	bool fetchable;		/* false: it is only known from being installed */
	uint64_t size;		/* of the .deb, in bytes; 0: not known */
};

/*
 * The first stanza about a package of that name in what `apt-cache show` prints; one
 * that can be fetched before one that cannot. 0, or -1 where there is none. The
 * caller releases in both cases.
 */
int deb_find(const char *text, const char *name, struct deb *d);
void deb_release(struct deb *d);

/*
 * Versions of a package in that text, in its order, ", " between them; at most n,
 * then "...". NULL: none. The caller frees.
 */
char *deb_versions(const char *text, const char *name, unsigned n);

/*
 * The package that a meta package stands for: linux-image-6.12-cloud-amd64 depends on
 * linux-image-6.12.117+deb12-cloud-amd64, linux-source on linux-source-6.1. False
 * where it is none. *version is NULL where any will do. The caller frees both.
 */
bool deb_follow(const struct deb *d, char **name, char **version);

/* The unsigned kernel beside a signed one; NULL where the name can have none. The caller frees. */
char *deb_unsigned(const char *name);

/* As Debian's policy orders versions: below 0, 0, above 0. */
int deb_compare(const char *a, const char *b);

/* Can this be a package's name, or a version? What cannot must not reach a command line. */
bool deb_is_name(const char *s);
bool deb_is_version(const char *s);

#endif
