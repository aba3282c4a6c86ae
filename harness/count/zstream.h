/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A stream of bytes compressed to, or from, a file descriptor: one zstd frame with a
 * checksum. The only includer of zstd.h. Descriptors stay the caller's.
 */
#ifndef HARNESS_COUNT_ZSTREAM_H
#define HARNESS_COUNT_ZSTREAM_H

#include <stddef.h>
#include <sys/types.h>

struct buf;
struct zwriter;
struct zreader;

/* Equal calls give equal bytes. 0, or -1 with errno set, and from then on always. */
struct zwriter *zwriter_new(int fd);
int zwriter_add(struct zwriter *z, const void *data, size_t len);
int zwriter_flush(struct zwriter *z);	/* what was added can be read, whatever happens next */
int zwriter_end(struct zwriter *z);
void zwriter_free(struct zwriter *z);	/* NULL is fine; ends nothing */

#define ZREADER_BAD -1	/* and why: what the file has there is no such stream, or cannot be read */
#define ZREADER_CUT -2	/* the file ends before the stream does */

struct zreader *zreader_new(int fd);
/* The bytes that come next, valid until the next call: how many, 0 at the end, or ZREADER_*. */
ssize_t zreader_next(struct zreader *z, const unsigned char **data, struct buf *why);
void zreader_free(struct zreader *z);	/* NULL is fine */

#endif
