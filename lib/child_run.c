/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/clock.h"
#include "lib/err.h"
#include "lib/exitcode.h"
#include "lib/family.h"
#include "lib/talk.h"

#define LINE_BYTES (16u << 20)	/* more without a newline is no line: a program gone wild must not fill memory */

/* A child while it is listened to. */
struct dialogue {
	const struct child_call *call;
	struct talk talk;		/* its stderr */
	pid_t pid;
	int out, err;			/* read ends; -1 once closed */
	int (*take_line)(const char *text, size_t len, void *data);	/* NULL: nobody wants lines */
	void *data;
	struct buf *all;		/* gets the whole stdout in place of take_line(), or NULL */
	struct buf line;		/* what came in so far */
	uint64_t deadline_ns;
	bool refused;			/* by line() */
	bool late, stopped;
};

/* What it will read: a file without a name, or nothing. */
static int input_fd(const struct child_call *call)
{
	const char *at = call->input;
	size_t left = call->input_len;
	ssize_t n;
	int fd;

	if (!call->input)
		return open("/dev/null", O_RDONLY | O_CLOEXEC);
	fd = memfd_create("input", MFD_CLOEXEC);
	while (fd >= 0 && left) {
		n = write(fd, at, left);
		if (n < 0) {
			close(fd);
			return -1;
		}
		at += n;
		left -= (size_t)n;
	}
	if (fd >= 0)
		lseek(fd, 0, SEEK_SET);
	return fd;
}

static void set_environment(const char *const *env)
{
	const char *eq;
	char *key;

	for (; env && *env; env++) {
		eq = strchr(*env, '=');
		if (!eq) {
			unsetenv(*env);
			continue;
		}
		key = xstrndup(*env, (size_t)(eq - *env));
		setenv(key, eq + 1, 1);
		free(key);
	}
}

static _Noreturn void become_program(const struct dialogue *d, pid_t parent, const sigset_t *before,
				     const int fd[3])
{
	const struct child_call *call = d->call;

	if (call->family) {
		family_guard(parent, before);
	} else {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)	/* it died before prctl() */
			_exit(EXIT_CANNOT);
		sigprocmask(SIG_SETMASK, before, NULL);
	}
	dup2(fd[0], STDIN_FILENO);
	dup2(fd[1], STDOUT_FILENO);
	dup2(fd[call->one_stream ? 1 : 2], STDERR_FILENO);
	set_environment(call->env);
	if (call->dir && chdir(call->dir))
		err("go to %s: %m", call->dir);
	else if (execvp(call->argv[0], (char *const *)call->argv))
		err("run %s: %m", call->argv[0]);
	_exit(EXIT_CANNOT);
}

static int make_pipes(int out[2], int errs[2])
{
	if (pipe2(out, O_CLOEXEC))
		return err("make a pipe: %m");
	if (!pipe2(errs, O_CLOEXEC))
		return 0;
	err("make a pipe: %m");
	close(out[0]);
	close(out[1]);
	return -1;
}

static int start(struct dialogue *d)
{
	int in, out[2], errs[2];
	pid_t parent = getpid();
	sigset_t all, before;

	in = input_fd(d->call);
	if (in < 0)
		return err("hand input to %s: %m", d->talk.name);
	if (make_pipes(out, errs)) {
		close(in);
		return -1;
	}
	fflush(NULL);
	signal(SIGCHLD, SIG_DFL);	/* ignored, as we may have inherited it, every child would seem to end well */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	d->pid = fork();
	if (!d->pid)
		become_program(d, parent, &before, (const int[3]){ in, out[1], errs[1] });
	sigprocmask(SIG_SETMASK, &before, NULL);
	close(in);
	close(out[1]);
	close(errs[1]);
	d->out = out[0];
	d->err = errs[0];
	return d->pid < 0 ? err("start a process: %m") : 0;
}

static void take_lines(struct dialogue *d)
{
	char *at = d->line.s, *end;

	while (!d->refused && (end = memchr(at, '\n', (size_t)(d->line.s + d->line.len - at)))) {
		if (d->take_line && d->take_line(at, (size_t)(end - at), d->data))
			d->refused = true;
		at = end + 1;
	}
	d->line.len -= (size_t)(at - d->line.s);
	memmove(d->line.s, at, d->line.len + 1);
}

/* Reads what is there; closes at the end of file. */
static void take(int *fd, struct buf *into)
{
	char chunk[65536];
	ssize_t n = read(*fd, chunk, sizeof(chunk));

	if (n > 0) {
		buf_add(into, chunk, (size_t)n);
	} else if (!n || errno != EINTR) {
		close(*fd);
		*fd = -1;
	}
}

static void take_talk(struct dialogue *d)
{
	struct buf piece = BUF_INIT;

	take(&d->err, &piece);
	if (piece.len)
		talk_take(&d->talk, piece.s, piece.len);
	buf_release(&piece);
}

static void take_output(struct dialogue *d)
{
	struct buf *into = d->all ? d->all : &d->line;
	size_t before = into->len;

	take(&d->out, into);
	if (d->call->log_output && into->len > before)
		talk_log(&d->talk, into->s + before, into->len - before);
	if (d->all || !d->line.len)
		return;
	take_lines(d);
	if (d->refused || d->line.len <= LINE_BYTES)
		return;
	err("%s printed %u MiB without an end of line", d->talk.name, LINE_BYTES >> 20);
	d->refused = true;
}

static bool asked_to_stop(const struct dialogue *d)
{
	return d->call->stop && *d->call->stop;
}

/* How long poll() may wait; checks both reasons to give up. -1: give up. */
static int patience_ms(struct dialogue *d)
{
	uint64_t now = clock_now_ns();

	d->stopped = asked_to_stop(d);
	d->late = d->deadline_ns && now >= d->deadline_ns;
	if (d->stopped || d->late || d->refused)
		return -1;
	if (!d->deadline_ns || d->deadline_ns - now > 200000000)
		return 200;	/* a signal may have come just before poll() */
	return (int)((d->deadline_ns - now) / 1000000) + 1;
}

static void converse(struct dialogue *d)
{
	struct pollfd fds[2];
	int wait;

	while (d->out >= 0 || d->err >= 0) {
		wait = patience_ms(d);
		if (wait < 0)
			return;
		fds[0] = (struct pollfd){ .fd = d->out, .events = POLLIN };
		fds[1] = (struct pollfd){ .fd = d->err, .events = POLLIN };
		if (poll(fds, 2, wait) <= 0)
			continue;
		if (fds[1].revents)
			take_talk(d);
		if (fds[0].revents)
			take_output(d);
	}
}

/* A program that has closed its output may live on: it has no more time than any other. */
static int reap(struct dialogue *d)
{
	int status = 0;

	while (!waitpid(d->pid, &status, WNOHANG)) {
		if (patience_ms(d) < 0) {
			/* a guardian takes its family along */
			kill(d->pid, d->call->family ? SIGTERM : SIGKILL);
			waitpid(d->pid, &status, 0);
			break;
		}
		usleep(1000);
	}
	return status;
}

static int outcome(const struct dialogue *d, int status)
{
	char how[128];

	/* asked again: from a terminal the child gets SIGINT as well, and may be gone first */
	if (d->stopped || d->refused || asked_to_stop(d))
		return EXIT_CANNOT;	/* said by whoever did it */
	if (d->late) {
		snprintf(how, sizeof(how), "ran longer than %g s and was killed",
			 (double)d->call->limit_ns / 1e9);
		return talk_failed(&d->talk, how);
	}
	return WIFSIGNALED(status) ? talk_killed(&d->talk, WTERMSIG(status)) :
				     talk_outcome(&d->talk, WEXITSTATUS(status));
}

static int run(struct dialogue *d)
{
	const struct child_call *call = d->call;
	int ret = EXIT_CANNOT;

	d->talk = (struct talk){ .name = call->name ? call->name : call->argv[0], .path = call->log,
				 .to = call->talk };
	d->pid = d->out = d->err = -1;
	if (call->limit_ns)
		d->deadline_ns = clock_now_ns() + call->limit_ns;
	if (!talk_open(&d->talk) && !start(d)) {
		converse(d);
		ret = outcome(d, reap(d));
	}
	if (d->out >= 0)
		close(d->out);
	if (d->err >= 0)
		close(d->err);
	talk_close(&d->talk);
	buf_release(&d->line);
	return ret;
}

int child_run(const struct child_call *call,
	      int (*line)(const char *text, size_t len, void *data), void *data)
{
	struct dialogue d = { .call = call, .take_line = line, .data = data };

	return run(&d);
}

int child_read(const struct child_call *call, struct buf *out)
{
	struct dialogue d = { .call = call, .all = out };

	return run(&d);
}
