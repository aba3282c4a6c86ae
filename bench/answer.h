/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One call as it runs, and what it prints as the messages that answer it.
 */
#ifndef BENCH_ANSWER_H
#define BENCH_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/call.h"
#include "lib/buf.h"

struct relay_message;

struct answer {
	const struct call_place *place;
	struct buf *out;		/* where the messages are appended; borrowed */
	struct call call;		/* pid 0: none runs */
	uint32_t number;
	int code;			/* of the last that ended */
	struct buf line;		/* the beginning of a line of its stdout */
	bool refused;			/* its stdout is no lines: what follows is thrown away */
};

/* None may run. One that cannot be started has ended, with the reason as its words. */
void answer_begin(struct answer *a, const struct relay_message *m);

/* A piece of what it has to say, where a->call.out or .err is ready. */
void answer_take_out(struct answer *a);
void answer_take_err(struct answer *a);

/*
 * Reaps every child of this process that has ended, as PID 1 has to. With the call's own its
 * messages are complete: a->call.pid is 0 then.
 */
void answer_reap(struct answer *a);

void answer_release(struct answer *a);

#endif
