/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a program in a guest says on its stderr, and what is made of its end: as
 * child_run() does it for one that runs here.
 */
#ifndef HARNESS_GUEST_TALK_H
#define HARNESS_GUEST_TALK_H

#include <stddef.h>

#include "lib/buf.h"

struct machine_call;

struct talk {
	const struct machine_call *call;
	const char *name;	/* what messages call the program */
	struct buf said;	/* the last of it */
	int log;
	size_t logged;		/* bytes */
};

/* 0, or -1 after reporting a log that cannot be opened. End with talk_close() in both cases. */
int talk_open(struct talk *t, const struct machine_call *call, const char *name);
void talk_close(struct talk *t);
/* A piece of its stderr. */
void talk_take(struct talk *t, const char *text, size_t len);
/*
 * It has ended with this exit code (128 + a signal that killed it): what
 * guest_run() returns, after passing on its last lines.
 */
int talk_outcome(const struct talk *t, int code);
/* "foliobench HOW", and its last lines. EXIT_CANNOT. */
int talk_failed(const struct talk *t, const char *how);

#endif
