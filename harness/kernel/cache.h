/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is dear to make and can be made again: packages, sources, kernels,
 * answers of probes. A directory of entries, each complete or not there:
 *
 *	$XDG_CACHE_HOME/foliobench/		(~/.cache where that is not set)
 *	  KIND/KEY/				an entry; its mtime is when it was last used
 *	  KIND/KEY/.lock			locked shared by those who hold it, exclusively to remove it
 *	  new/					being made or removed; removed by whoever finds its maker gone
 *	  lock/					files for cache_lock()
 *
 * Locks are the kernel's, of open files (F_OFD_SETLK): they work over NFS, and
 * one can be looked at without taking it.
 *
 * Any number of processes may use it; kill -9 at any moment leaves no entry half
 * made and no lock held.
 */
#ifndef HARNESS_KERNEL_CACHE_H
#define HARNESS_KERNEL_CACHE_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct buf;

/* "debs", "sources", "kernels", "objects", "probes": a directory each. */
enum cache_kind { CACHE_DEBS, CACHE_SOURCES, CACHE_KERNELS, CACHE_OBJECTS, CACHE_PROBES, CACHE_KINDS };
const char *cache_kind_name(enum cache_kind kind);

/*
 * The cache's directory, made where missing: 0, or -1 after reporting (nowhere to
 * put it, cannot be made, another user's). The caller frees *path.
 */
int cache_root(char **path);

/* What to do where writing there failed with that errno, "; " before it; "" where there is nothing to say. */
const char *cache_remedy(int error);

/* KIND/KEY's path, there or not. The caller frees; NULL after reporting that there is no cache directory. */
char *cache_path(enum cache_kind kind, const char *key);

/*
 * Is the entry there? Then it is marked as used now, and held: while the fd (>= 0)
 * is open, nobody trims it. -1: it is not there (nothing is reported).
 */
int cache_hold(enum cache_kind kind, const char *key);

/*
 * An entry is made in a directory of its own under new/, and appears whole or not
 * at all. cache_make() gives that directory, empty but for its .lock; cache_keep() syncs it,
 * renames it to its place (an entry that is there already wins: ours is removed)
 * and frees, also where it fails; cache_drop() gives up. 0, or -1 after reporting.
 */
struct cache_new {
	char *path;	/* fill this */
	int lock;
};
int cache_make(struct cache_new *n);
int cache_keep(struct cache_new *n, enum cache_kind kind, const char *key);
/* cache_keep() and cache_hold() with nothing in between: the held fd, or -1 after reporting. */
int cache_keep_held(struct cache_new *n, enum cache_kind kind, const char *key);
/* Writes the file `label`: what an entry is, in words, one line. 0, or -1 after reporting. */
int cache_label(const struct cache_new *n, const char *text);
void cache_drop(struct cache_new *n);

/*
 * A lock by name ("build", "debs-linux-source-6.12"): waits, saying once for whom
 * (pid, and what), until it is had or *stop is set. The fd, to be closed; -1
 * after reporting (unreported when stopped). A child that inherits the fd keeps
 * the lock: open it O_CLOEXEC, as this does.
 */
int cache_lock(const char *name, const char *what, const volatile sig_atomic_t *stop);

/* The keys of all entries of a kind, in no order, at the time of asking. The caller frees each and the array. */
int cache_keys(enum cache_kind kind, char ***key, size_t *n);

/* One entry, for those who list and prune. */
struct cache_entry {
	enum cache_kind kind;
	char *key;
	uint64_t bytes;		/* of disk; hard links shared with another entry count once, with the first listed */
	time_t used;
	bool held;
	char *label;		/* the first line of its file `label`, or NULL: what it is in words */
};
/* All entries, longest unused first. The caller frees with cache_list_release(). */
int cache_list(struct cache_entry **entry, size_t *n);
void cache_list_release(struct cache_entry *entry, size_t n);
/* One entry away; a held one is refused, with a report. */
int cache_remove(enum cache_kind kind, const char *key);

/* $FOLIOBENCH_CACHE_SIZE (a size: `20G`, the default): 0, or -1 after reporting a value that is none. */
int cache_limit(uint64_t *bytes);
/*
 * Removes what was longest unused until the cache is at most so large; never what is held, nor the
 * entry that was used last. What went is said by info(). 0, or -1 after reporting.
 */
int cache_trim(uint64_t limit_bytes);

/* Content keys: SHA-256 in 64 hex digits (libgcrypt, which cache_hash.c owns). */
struct cache_hash;
struct cache_hash *cache_hash_new(void);
/* Adds one field: its length goes in before it, so that fields cannot run into each other. */
void cache_hash_add(struct cache_hash *h, const void *data, size_t len);
void cache_hash_text(struct cache_hash *h, const char *s);	/* NULL is a field of its own */
/* A file's content as one field. 0, or -1 after reporting. */
int cache_hash_file(struct cache_hash *h, const char *path);
/* Ends and frees. */
void cache_hash_end(struct cache_hash *h, char hex[65]);

/* SHA-256 of just these bytes, as sha256sum prints it: no key of the cache. */
void cache_sha256(const void *data, size_t len, char hex[65]);

#endif
