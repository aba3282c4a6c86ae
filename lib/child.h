/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Other programs run as children, so that nothing of them outlives this
 * process: not after an error, a signal, or kill -9.
 *
 * child_run() is for programs that print lines and end; child_start() for one
 * that is talked to while it runs.
 */
#ifndef LIB_CHILD_H
#define LIB_CHILD_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct buf;

/* A descriptor of ours that the child gets under another number. */
struct child_fd {
	int from, to;
};

struct child_call {
	const char *const *argv;	/* argv[0]: a path, or a name that is looked up in PATH; NULL at the end */
	const char *const *env;		/* "KEY=VALUE" set on top of our environment, "KEY" unset; NULL at the end; or NULL */
	const char *dir;		/* to run in; NULL: ours */
	const char *name;		/* what messages call it; NULL: argv[0] */
	const char *input;		/* text of its stdin; NULL: nothing */
	size_t input_len;
	const char *log;		/* its stderr is appended, up to 1 MiB; NULL: nowhere */
	bool log_output;		/* its stdout goes to the log as well */
	bool one_stream;		/* its stderr goes where its stdout does: no log, no talk of it */
	struct buf *talk;		/* the end of its stderr, and why it failed, in place of our stderr; or NULL */
	uint64_t limit_ns;		/* killed after so long; 0: never */
	const volatile sig_atomic_t *stop;	/* killed when set (by a signal handler); NULL: never */
	bool family;			/* it starts others (make, git): all of them end when it or we do */
};

/*
 * Runs to the end. line() gets each stdout line without its newline, and ends
 * the child by returning -1, having reported; NULL: its stdout is thrown away.
 *
 * Returns EXIT_ACCEPT, or the child's own exit code after passing on the last
 * lines of its stderr (or saying that there are none), or EXIT_CANNOT after
 * reporting what else went wrong (cannot be started, killed by a signal, ran past
 * its limit, no end of a line, line() refused), or unreported when stopped.
 */
int child_run(const struct child_call *call, int (*line)(const char *text, size_t len, void *data), void *data);

/* The whole stdout, newlines included, appended to out. As child_run(). */
int child_read(const struct child_call *call, struct buf *out);

struct child_spec {
	const char *const *argv;
	const struct child_fd *fd;	/* nfds of them; every other descriptor of ours is closed in the child */
	size_t nfds;			/* stdin, stdout and stderr are /dev/null where none of these is theirs */
	bool drop;			/* where we are root: run as `nobody`, with the group of /dev/kvm where it has one */
};

struct child {
	pid_t pid;
	int pidfd;	/* becomes readable when it has ended */
};

/*
 * Starts one program that starts no others; it gets SIGKILL when the calling
 * thread ends. 0, or -1 after reporting (a program that cannot be executed
 * included). End with child_stop().
 */
int child_start(struct child *c, const struct child_spec *spec);
/* Kills it where it still runs, and reaps it. Its wait status. A child that was never started (pid 0) is fine. */
int child_stop(struct child *c);

/* Is a program of that name in PATH? */
bool child_exists(const char *name);

#endif
