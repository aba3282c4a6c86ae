/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/count/zstream.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#include "lib/alloc.h"
#include "lib/buf.h"

#define CHUNK ((size_t)128 << 10)	/* zstd's own block */
#define LEVEL 3
#define WINDOW_LOG 23			/* 8 MiB: an op's like is up to 16 threads' ops ago */

struct zwriter {
	int fd, error;
	ZSTD_CCtx *zstd;
	size_t len;			/* of in[] */
	unsigned char in[CHUNK];	/* zstd is given whole chunks, however small the pieces are */
	unsigned char out[CHUNK];
};

struct zwriter *zwriter_new(int fd)
{
	struct zwriter *z = xcalloc(1, sizeof(*z));

	z->fd = fd;
	z->zstd = ZSTD_createCCtx();
	if (!z->zstd) {
		z->error = ENOMEM;
		return z;
	}
	ZSTD_CCtx_setParameter(z->zstd, ZSTD_c_compressionLevel, LEVEL);
	ZSTD_CCtx_setParameter(z->zstd, ZSTD_c_windowLog, WINDOW_LOG);
	ZSTD_CCtx_setParameter(z->zstd, ZSTD_c_checksumFlag, 1);
	return z;
}

static int failed(struct zwriter *z, int error)
{
	z->error = errno = error;
	return -1;
}

static int write_all(struct zwriter *z, size_t len)
{
	size_t done = 0;
	ssize_t n;

	while (done < len) {
		n = write(z->fd, z->out + done, len - done);
		if (n > 0)
			done += (size_t)n;
		else if (n == 0 || errno != EINTR)
			return failed(z, n ? errno : ENOSPC);
	}
	return 0;
}

/* Gives zstd what is in in[]. */
static int compress(struct zwriter *z, ZSTD_EndDirective directive)
{
	ZSTD_inBuffer in = { z->in, z->len, 0 };
	ZSTD_outBuffer out;
	size_t left;

	if (z->error)
		return failed(z, z->error);
	do {
		out = (ZSTD_outBuffer){ z->out, sizeof(z->out), 0 };
		left = ZSTD_compressStream2(z->zstd, &out, &in, directive);
		if (ZSTD_isError(left))
			return failed(z, ENOMEM);	/* of its errors the only one that can be */
		if (write_all(z, out.pos))
			return -1;
	} while (directive == ZSTD_e_continue ? in.pos < in.size : left > 0);
	z->len = 0;
	return 0;
}

int zwriter_add(struct zwriter *z, const void *data, size_t len)
{
	const unsigned char *from = data;
	size_t part;

	for (; len; from += part, len -= part) {
		part = len < CHUNK - z->len ? len : CHUNK - z->len;
		memcpy(z->in + z->len, from, part);
		z->len += part;
		if (z->len == CHUNK && compress(z, ZSTD_e_continue))
			return -1;
	}
	return z->error ? failed(z, z->error) : 0;
}

int zwriter_flush(struct zwriter *z)
{
	return compress(z, ZSTD_e_flush);
}

int zwriter_end(struct zwriter *z)
{
	return compress(z, ZSTD_e_end);
}

void zwriter_free(struct zwriter *z)
{
	if (!z)
		return;
	ZSTD_freeCCtx(z->zstd);
	free(z);
}

struct zreader {
	int fd;
	ZSTD_DCtx *zstd;
	bool ended;
	ZSTD_inBuffer in;
	unsigned char raw[CHUNK];
	unsigned char out[CHUNK];
};

struct zreader *zreader_new(int fd)
{
	struct zreader *z = xcalloc(1, sizeof(*z));

	z->fd = fd;
	z->zstd = ZSTD_createDCtx();
	z->in.src = z->raw;
	return z;
}

/* More of the file: how much, 0 at its end, -1 and why. */
static ssize_t refill(struct zreader *z, struct buf *why)
{
	ssize_t n;

	do
		n = read(z->fd, z->raw, sizeof(z->raw));
	while (n < 0 && errno == EINTR);
	if (n < 0)
		buf_fmt(why, "read: %m");
	z->in.pos = 0;
	z->in.size = n < 0 ? 0 : (size_t)n;
	return n;
}

/* Nothing may follow the stream. */
static ssize_t at_end(struct zreader *z, struct buf *why)
{
	if (z->in.pos == z->in.size && !refill(z, why))
		return 0;
	if (!why->len)
		buf_str(why, "goes on after its end");
	return ZREADER_BAD;
}

ssize_t zreader_next(struct zreader *z, const unsigned char **data, struct buf *why)
{
	ZSTD_outBuffer out = { z->out, sizeof(z->out), 0 };
	ssize_t n = 1;
	size_t left;

	*data = z->out;
	if (!z->zstd) {
		buf_str(why, "out of memory");
		return ZREADER_BAD;
	}
	while (!out.pos && !z->ended) {
		left = ZSTD_decompressStream(z->zstd, &out, &z->in);
		if (ZSTD_isError(left)) {
			buf_fmt(why, "damaged: zstd: %s", ZSTD_getErrorName(left));
			return ZREADER_BAD;
		}
		z->ended = left == 0;
		if (out.pos || z->ended)
			break;
		if (z->in.pos == z->in.size)
			n = refill(z, why);
		if (n <= 0)
			return n ? ZREADER_BAD : ZREADER_CUT;
	}
	return out.pos ? (ssize_t)out.pos : at_end(z, why);
}

void zreader_free(struct zreader *z)
{
	if (!z)
		return;
	ZSTD_freeDCtx(z->zstd);
	free(z);
}
