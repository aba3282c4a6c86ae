/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/guest/running.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/guest/machine.h"
#include "harness/guest/session.h"
#include "lib/alloc.h"
#include "lib/clock.h"
#include "lib/err.h"
#include "lib/exitcode.h"
#include "lib/talk.h"

#define SECOND_NS 1000000000ull
#define STEP_MS 200			/* a signal may have come just before poll() */

/* One run as it goes on. */
struct running {
	const struct running_call *what;
	struct session *s;
	const struct machine_call *call;
	struct talk talk;
	uint64_t deadline, killed_at;	/* 0: none, not killed */
	bool refused, late, stopped, over;
	int code;
};

static void take(struct running *r, const struct relay_message *m)
{
	if (m->kind == RELAY_FATAL) {
		err("guest with kernel '%s': %s", r->s->kernel, m->text);
		r->s->lost = true;
		r->refused = r->over = true;
	} else if (m->call != r->what->number) {
		return;	/* the last words of one that was given up */
	} else if (m->kind == RELAY_OUT && !r->refused && !r->killed_at) {
		r->refused = r->what->line && r->what->line(m->text, m->len, r->what->data);
	} else if (m->kind == RELAY_ERR) {
		talk_take(&r->talk, m->text, m->len);
	} else if (m->kind == RELAY_EXIT) {
		r->code = m->code;
		r->over = true;
	}
}

static bool asked_to_stop(const struct running *r)
{
	return (r->call->stop && *r->call->stop) || session_stopped(r->s);
}

/* Killed, and still there after all this time: so is a program that never leaves a system call. */
static void give_up(struct running *r)
{
	double limit = (double)r->call->limit_ns / 1e9;

	r->s->lost = r->over = true;
	if (r->stopped)
		return;	/* who stops us has no use for where it hangs */
	if (r->late)
		session_silent(r->s, "foliobench ran longer than %g s, was killed, and does not end", limit);
	else
		session_silent(r->s, "foliobench was killed, and does not end");
}

/* Ends it where it is time to, and sees to it that it ends. */
static void watch(struct running *r)
{
	uint64_t now = clock_now_ns(), patience = r->s->kill_ns ? r->s->kill_ns : SESSION_KILL_NS;

	if (r->killed_at) {
		if (now - r->killed_at > (r->stopped ? SECOND_NS : patience))
			give_up(r);
		return;
	}
	r->stopped = asked_to_stop(r);
	r->late = r->deadline && now >= r->deadline;
	if (!r->stopped && !r->late && !r->refused)
		return;
	r->killed_at = now;
	session_send(r->s, &(struct relay_message){ .kind = RELAY_KILL, .call = r->what->number });
}

/* Until its end, or the guest's: false. */
static bool converse(struct running *r)
{
	struct session *s = r->s;
	struct relay_message m;

	while (!r->over) {
		if (!session_wait(s, NULL, 0, STEP_MS))
			return false;
		while (!r->over && session_message(s, &m)) {
			take(r, &m);
			relay_release(&m);
		}
		if (!r->over)
			watch(r);
	}
	return session_settle(s);
}

static int outcome(struct running *r, bool alive)
{
	char how[64];

	if (r->stopped || asked_to_stop(r))
		return EXIT_CANNOT;
	if (!alive) {
		r->s->lost = true;
		session_tell(r->s);
		return EXIT_CANNOT;
	}
	if (r->refused)
		return EXIT_CANNOT;	/* said by whoever did it */
	if (r->late) {
		snprintf(how, sizeof(how), "ran longer than %g s and was killed",
			 (double)r->call->limit_ns / 1e9);
		return talk_failed(&r->talk, how);
	}
	return r->code > 128 ? talk_killed(&r->talk, r->code - 128) : talk_outcome(&r->talk, r->code);
}

/* The driver's words behind its name. The caller frees the array. */
static char **driver_argv(const char *const *argv)
{
	char **all;
	size_t n = 0;

	while (argv[n])
		n++;
	all = xcalloc(n + 2, sizeof(all[0]));
	all[0] = (char *)"foliobench";
	memcpy(all + 1, argv, n * sizeof(argv[0]));
	return all;
}

int running_go(const struct running_call *what)
{
	struct running r = {
		.what = what, .s = what->s, .call = what->call,
		.talk = { .name = "foliobench", .path = what->call->log, .to = what->call->talk },
	};
	struct relay_message m = { .kind = RELAY_CALL, .call = what->number };
	int ret = EXIT_CANNOT;

	if (r.call->limit_ns)
		r.deadline = clock_now_ns() + r.call->limit_ns;
	m.argv = driver_argv(r.call->argv);
	if (!talk_open(&r.talk)) {
		session_send(r.s, &m);
		ret = outcome(&r, converse(&r));
	}
	talk_close(&r.talk);
	free(m.argv);
	return ret;
}
