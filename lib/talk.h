/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a program says on its stderr while it runs, here or in a guest, and what
 * is made of its end.
 */
#ifndef LIB_TALK_H
#define LIB_TALK_H

#include <stddef.h>

#include "lib/buf.h"

struct talk {
	const char *name;	/* what messages call the program; borrowed, as is path */
	const char *path;	/* of the log; NULL: none */
	struct buf *to;		/* gets why it failed, in place of our stderr; or NULL */
	struct buf said;	/* the last of it */
	int log;
	size_t logged;		/* bytes */
};

/*
 * name, path and `to` are set, the rest zero. 0, or -1 after reporting a log that cannot be opened.
 * End with talk_close() in both cases.
 */
int talk_open(struct talk *t);
void talk_close(struct talk *t);
/* A piece of its stderr: to the log, up to 1 MiB in all, and the last 64 KiB are remembered. */
void talk_take(struct talk *t, const char *text, size_t len);
/* A piece of something else, to the log alone. */
void talk_log(struct talk *t, const char *text, size_t len);
/*
 * It has ended with this exit code, which is returned after passing on its last
 * lines, or saying that there are none. 0 passes on nothing.
 */
int talk_outcome(const struct talk *t, int code);
/* A signal killed it: as talk_failed(). */
int talk_killed(const struct talk *t, int number);
/* "NAME HOW", and its last lines. EXIT_CANNOT. */
int talk_failed(const struct talk *t, const char *how);

#endif
