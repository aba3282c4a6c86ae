/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A growing byte buffer, always NUL-terminated once anything was added. Start
 * with BUF_INIT, end with buf_release(); buf_text() of an empty buffer is "".
 */
#ifndef LIB_BUF_H
#define LIB_BUF_H

#include <stdarg.h>
#include <stddef.h>

struct buf {
	char *s;
	size_t len;	/* without the NUL */
	size_t cap;
};
#define BUF_INIT { 0 }

void buf_add(struct buf *b, const void *data, size_t len);
void buf_str(struct buf *b, const char *s);
void buf_ch(struct buf *b, char c);
void buf_pad(struct buf *b, char c, size_t n);	/* c, n times */
void buf_fmt(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_vfmt(struct buf *b, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
void buf_reset(struct buf *b);			/* empty, memory kept */
void buf_release(struct buf *b);
const char *buf_text(const struct buf *b);
char *buf_detach(struct buf *b);		/* the caller frees; b is empty again */

/* The whole of a file. 0, or -1 with errno set and b unchanged. */
int buf_read_file(struct buf *b, const char *path);

#endif
