/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One program that a harness asks for, as a process group of its own.
 */
#ifndef BENCH_CALL_H
#define BENCH_CALL_H

#include <sys/types.h>

struct relay_message;

/* Where programs run, and what they get; borrowed. */
struct call_place {
	const char *driver;	/* what runs as "foliobench" */
	const char *root;	/* what calls with root have as their "/"; NULL: there is no such place */
	const char *cwd;	/* a directory in root; NULL, or where it is missing: its "/" */
	const char *terminal;	/* of calls with root, as "/dev/hvc0"; NULL: they get stdio */
	int stdio[3];
};

struct call {
	pid_t pid;
	int out, err;		/* what it prints, O_NONBLOCK; -1: ended, or it prints elsewhere */
};

/*
 * Starts what a RELAY_CALL asks for. 0, or -1 with errno set where there can be no
 * process. One that cannot be executed says so itself, and ends with 127 (no such
 * program) or 126.
 */
int call_start(struct call *c, const struct relay_message *m, const struct call_place *place);

/* SIGKILL to it and all of its group. Only before it is reaped. */
void call_kill(const struct call *c);

/* Closes what is open. */
void call_close(struct call *c);

#endif
