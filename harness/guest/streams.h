/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Our stdin, stdout and stderr carried to and from a guest, or our terminal,
 * raw as long as it is.
 */
#ifndef HARNESS_GUEST_STREAMS_H
#define HARNESS_GUEST_STREAMS_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

#include "lib/buf.h"

struct emulator;

#define STREAMS_FDS 4

struct streams {
	int *in, *out, *err;	/* the emulator's; closed (-1) when a stream is at its end; err may be NULL */
	struct buf typed;	/* read from our stdin, not yet taken by the guest */
	bool eof, told;		/* our stdin is at its end; and the guest knows */
	bool escape;		/* Ctrl-A was typed */
	bool left;		/* and X: who sits there wants to leave */
	bool raw;		/* the terminal was changed, from: */
	struct termios before;
	unsigned short rows, columns;	/* of the terminal; 0: not known */
};

/* terminal: through hvc0. End with streams_end(), which puts the terminal back. */
void streams_begin(struct streams *s, struct emulator *e, bool terminal);
void streams_end(struct streams *s);

/* What to wait for before the next streams_carry(): fills p, returns how many. */
size_t streams_wanted(const struct streams *s, struct pollfd p[STREAMS_FDS]);
/* Carries what there is, without waiting for the guest. */
void streams_carry(struct streams *s);
/* All that the guest has said, once it says no more. */
void streams_drain(struct streams *s);

#endif
