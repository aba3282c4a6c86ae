/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A harness's calls, taken from a port and run one at a time, as lib/relay.h has
 * them.
 */
#ifndef BENCH_SERVE_H
#define BENCH_SERVE_H

#include "bench/call.h"

struct buf;

struct serve {
	int port;		/* to the harness; made O_NONBLOCK */
	struct call_place place;
	const struct buf *first;	/* messages to be sent after the one that it is ready; or NULL */
};

/*
 * Says that it is ready, and serves until told to halt, or until the harness is
 * gone: 0. -1 after reporting, here and on the port, what it could not go on with.
 * No program of a call runs on after that. Between events it sleeps: a program
 * that measures has the machine for itself. Every other child of this process is
 * reaped as well, as PID 1 has to.
 */
int serve(const struct serve *s);

/* Says why there will be no guest. What the port does not take within seconds is lost. */
void serve_fatal(int port, const char *why);

#endif
