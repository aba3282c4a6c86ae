/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest's QEMU together with the driver in it: messages both ways, and whether
 * anything has happened that ends all measuring.
 */
#ifndef HARNESS_GUEST_SESSION_H
#define HARNESS_GUEST_SESSION_H

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/guest/emulator.h"
#include "harness/guest/incident.h"
#include "lib/relay.h"

#define SESSION_KILL_NS 10000000000ull

struct session {
	const char *kernel, *console;	/* a name and a path for messages; borrowed */
	const char *symbols;		/* path of the kernel's System.map, or NULL; borrowed */
	const volatile sig_atomic_t *stop;
	bool quiet;			/* session_tell() says nothing */
	uint64_t kill_ns;		/* a program that is killed has ended within; 0: SESSION_KILL_NS */
	bool lost;			/* nothing can run in it any more */
	struct emulator e;
	struct incident incident;	/* kind INCIDENT_NONE while all is well */
	uint64_t suspect_ns;		/* since when the console tells an incident; 0: it does not */
};

/*
 * Starts QEMU; the first fields are set, the others zero. 0, or -1 after reporting.
 * End with session_close() in both cases.
 */
int session_open(struct session *s, const struct emulator_call *call);
void session_close(struct session *s);

/* Waits as emulator_wait() does, and judges. False: there is an incident, nothing more will come. */
bool session_wait(struct session *s, struct pollfd *own, size_t n, int ms);

/*
 * The next message that has come: 1 and the caller releases it; 0: none yet. What is no
 * message is an incident, and so is what only a harness may say: then 0 as well.
 */
int session_message(struct session *s, struct relay_message *m);

/* 0, or -1: nobody takes it, which will turn out to be an incident of its own. */
int session_send(struct session *s, const struct relay_message *m);

/* It does not answer: an incident, for which it is asked where it is; see autopsy_silent(). */
void session_silent(struct session *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * After a program's end: has the console told of an incident meanwhile? Waits for
 * the rest where one has begun. False: there is one.
 */
bool session_settle(struct session *s);

/* Reports the incident, with the console's place. -1. */
int session_tell(const struct session *s);

bool session_stopped(const struct session *s);

#endif
