/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernels as they are kept in the cache: KERNELS/KEY/{image,vmlinux,System.map,
 * config,lib/modules/RELEASE,kernel.json,warnings.json,label}, and object trees of
 * baselines: OBJECTS/KEY/{obj,label}.
 */
#ifndef HARNESS_KERNEL_ENTRY_H
#define HARNESS_KERNEL_ENTRY_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/kernel/spec.h"

struct kernel;
struct warnings;

/* What is told of a kernel beside its files. */
struct entry {
	const char *name;	/* of the spec */
	enum arch arch;
	const char *release;
	const char *source;	/* in words, patches included */
	const char *compiler;	/* NULL: not built here */
	const char *const *subject;	/* of patches; nsubjects of them */
	size_t nsubjects;
	unsigned steps;		/* 0: not built here, and so of the next two */
	double seconds;
	bool from_nothing;
	const struct warnings *warnings;	/* NULL: not known */
};

/* Writes kernel.json, warnings.json where they are known, and label into a directory that becomes an entry. 0, or -1 after reporting. */
int entry_describe(const struct entry *e, const char *dir);

/* Keeps what a build left in obj: files are linked, obj stays. 0, or -1 after reporting. */
int entry_keep(const struct entry *e, const char *obj, const char *key);
/* Moves obj itself. 0, or -1 after reporting. */
int entry_keep_objects(const struct entry *e, const char *obj, const char *key);

/*
 * Fills k, whose spec's name is given, and holds the entry. 1: done; 0: it is not in the cache; -1 after reporting one that is
 * damaged. The caller releases k in any case.
 */
int entry_load(const char *key, const char *name, struct kernel *k);
/* Steps that the kernel of a key took, where it was built here and is kept; else 0. */
unsigned entry_steps(const char *key, bool *from_nothing);

#endif
