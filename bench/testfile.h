/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files to measure on: made without a name that outlives the call, filled with
 * bytes that tell their key and place, written back, resident in the page
 * cache, and checked for all of that. kill -9 leaves nothing behind.
 */
#ifndef BENCH_TESTFILE_H
#define BENCH_TESTFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct buf;

/*
 * What a file holds: the byte at an offset depends on the key and on the offset
 * modulo period, so that any write of period bytes at a multiple of period has
 * one possible content. flip inverts every bit: two stamps that differ in flip
 * alone differ in every byte.
 */
struct stamp {
	uint64_t key;
	uint64_t period;	/* 0: the offset alone counts */
	bool flip;
};

void stamp_fill(const struct stamp *s, void *data, size_t len, uint64_t offset);
/* The first wrong byte's index, or -1 where all are right. */
ssize_t stamp_check(const struct stamp *s, const void *data, size_t len, uint64_t offset);

struct testfile {
	int fd;			/* -1: not made */
	uint64_t size;
};
#define TESTFILE_INIT { .fd = -1 }

/* File systems that testfile_make() can tell apart: "any" first, NULL at the end. */
extern const char *const testfile_fs_choices[];

/*
 * Is there room for so many bytes of test files, in dir and in memory? Asked before
 * a byte is written: filling a disk takes minutes, filling memory by a tmpfs takes
 * other programs with it. 0, or -1 and why; 0 too where the file system cannot tell.
 */
int testfile_room(const char *dir, uint64_t bytes, struct buf *why);

/*
 * A file of size bytes in dir, filled, synced, verified and resident. fs is one
 * of testfile_fs_choices and must be what dir is on. 0, or -1 and why; the
 * caller closes in both cases.
 */
int testfile_make(struct testfile *f, const char *dir, const char *fs, uint64_t size,
		  const struct stamp *content, struct buf *why);
void testfile_close(struct testfile *f);

/* A further open file description of the same file: its fd, which the caller closes, or -1 and why. */
int testfile_open(const struct testfile *f, int flags, struct buf *why);

/* Every byte as stamped, and the size unchanged? 0, or -1 and why, which names the offset. */
int testfile_verify(const struct testfile *f, const struct stamp *content, struct buf *why);

/* Has any of these functions, in this process, found content or a size that is not what it must be? */
bool testfile_was_wrong(void);

/* Is the size what it was? 0, or -1 and why. */
int testfile_sized(const struct testfile *f, struct buf *why);

/* Every page in the page cache (mincore)? 0, or -1 and why. */
int testfile_resident(const struct testfile *f, struct buf *why);

#endif
