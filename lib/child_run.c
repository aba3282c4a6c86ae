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

#define TAIL_LINES 5	/* of its stderr, passed on when it fails */
/* A program gone wild must fill neither memory nor disk: */
#define LINE_BYTES (16u << 20)	/* more without a newline is no line of JSON */
#define TALK_BYTES (64u << 10)	/* of its stderr that are remembered */
#define LOG_BYTES (1u << 20)	/* of its stderr that go to the log */

/* A child while it is listened to. */
struct talk {
	const struct child_call *call;
	const char *name;
	pid_t pid;
	int out, err;			/* read ends; -1 once closed */
	int log;			/* -1: none */
	int (*take_line)(const char *text, size_t len, void *data);	/* NULL: nobody wants lines */
	void *data;
	struct buf *all;		/* gets the whole stdout in place of take_line(), or NULL */
	struct buf line, said;		/* what came in so far, and the end of it */
	size_t logged;			/* bytes */
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

static _Noreturn void become_program(const struct talk *t, pid_t parent, const sigset_t *before,
				     const int fd[3])
{
	const struct child_call *call = t->call;

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

static int start(struct talk *t)
{
	int in, out[2], errs[2];
	pid_t parent = getpid();
	sigset_t all, before;

	if (t->call->log) {
		t->log = open(t->call->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
		if (t->log < 0)
			return err("open %s: %m", t->call->log);
	}
	in = input_fd(t->call);
	if (in < 0)
		return err("hand input to %s: %m", t->name);
	if (make_pipes(out, errs)) {
		close(in);
		return -1;
	}
	fflush(NULL);
	signal(SIGCHLD, SIG_DFL);	/* ignored, as we may have inherited it, every child would seem to end well */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	t->pid = fork();
	if (!t->pid)
		become_program(t, parent, &before, (const int[3]){ in, out[1], errs[1] });
	sigprocmask(SIG_SETMASK, &before, NULL);
	close(in);
	close(out[1]);
	close(errs[1]);
	t->out = out[0];
	t->err = errs[0];
	return t->pid < 0 ? err("start a process: %m") : 0;
}

static void take_lines(struct talk *t)
{
	char *at = t->line.s, *end;

	while (!t->refused && (end = memchr(at, '\n', (size_t)(t->line.s + t->line.len - at)))) {
		if (t->take_line && t->take_line(at, (size_t)(end - at), t->data))
			t->refused = true;
		at = end + 1;
	}
	t->line.len -= (size_t)(at - t->line.s);
	memmove(t->line.s, at, t->line.len + 1);
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

static void add_to_log(struct talk *t, const char *text, size_t len)
{
	if (t->logged >= LOG_BYTES)
		return;
	t->logged += len;
	if (write(t->log, text, len) >= 0) {
		if (t->logged >= LOG_BYTES)
			dprintf(t->log, "\n[more was said than is kept]\n");
		return;
	}
	warn("write to %s: %m", t->call->log);
	close(t->log);
	t->log = -1;
}

static void take_talk(struct talk *t)
{
	size_t before = t->said.len;

	take(&t->err, &t->said);
	if (t->log >= 0 && t->said.len > before)
		add_to_log(t, t->said.s + before, t->said.len - before);
	if (t->said.len > 2 * TALK_BYTES) {
		memmove(t->said.s, t->said.s + t->said.len - TALK_BYTES, TALK_BYTES + 1);
		t->said.len = TALK_BYTES;
	}
}

static void take_output(struct talk *t)
{
	struct buf *into = t->all ? t->all : &t->line;
	size_t before = into->len;

	take(&t->out, into);
	if (t->call->log_output && t->log >= 0 && into->len > before)
		add_to_log(t, into->s + before, into->len - before);
	if (t->all || !t->line.len)
		return;
	take_lines(t);
	if (t->refused || t->line.len <= LINE_BYTES)
		return;
	err("%s printed %u MiB without an end of line", t->name, LINE_BYTES >> 20);
	t->refused = true;
}

static bool asked_to_stop(const struct talk *t)
{
	return t->call->stop && *t->call->stop;
}

/* How long poll() may wait; checks both reasons to give up. -1: give up. */
static int patience_ms(struct talk *t)
{
	uint64_t now = clock_now_ns();

	t->stopped = asked_to_stop(t);
	t->late = t->deadline_ns && now >= t->deadline_ns;
	if (t->stopped || t->late || t->refused)
		return -1;
	if (!t->deadline_ns || t->deadline_ns - now > 200000000)
		return 200;	/* a signal may have come just before poll() */
	return (int)((t->deadline_ns - now) / 1000000) + 1;
}

static void converse(struct talk *t)
{
	struct pollfd fds[2];
	int wait;

	while (t->out >= 0 || t->err >= 0) {
		wait = patience_ms(t);
		if (wait < 0)
			return;
		fds[0] = (struct pollfd){ .fd = t->out, .events = POLLIN };
		fds[1] = (struct pollfd){ .fd = t->err, .events = POLLIN };
		if (poll(fds, 2, wait) <= 0)
			continue;
		if (fds[1].revents)
			take_talk(t);
		if (fds[0].revents)
			take_output(t);
	}
}

/* A program that has closed its output may live on: it has no more time than any other. */
static int reap(struct talk *t)
{
	int status = 0;

	while (!waitpid(t->pid, &status, WNOHANG)) {
		if (patience_ms(t) < 0) {
			/* a guardian takes its family along */
			kill(t->pid, t->call->family ? SIGTERM : SIGKILL);
			waitpid(t->pid, &status, 0);
			break;
		}
		usleep(1000);
	}
	return status;
}

/* Its last lines, to whoever is to have them. */
static void pass_on(const struct talk *t)
{
	const char *s = buf_text(&t->said), *at = s + t->said.len;
	int lines = 0;

	while (at > s && (at[-1] != '\n' || at == s + t->said.len || ++lines < TAIL_LINES))
		at--;
	if (t->call->talk)
		buf_str(t->call->talk, at);
	else if (*at)
		fprintf(stderr, "%s%s", at, s[t->said.len - 1] == '\n' ? "" : "\n");
}

static int failed(const struct talk *t, const char *how)
{
	if (t->call->talk)
		buf_fmt(t->call->talk, "%s %s\n", t->name, how);
	else
		err("%s %s", t->name, how);
	pass_on(t);
	return EXIT_CANNOT;
}

static int outcome(const struct talk *t, int status)
{
	char how[128];

	/* asked again: from a terminal the child gets SIGINT as well, and may be gone first */
	if (t->stopped || t->refused || asked_to_stop(t))
		return EXIT_CANNOT;	/* said by whoever did it */
	if (t->late) {
		snprintf(how, sizeof(how), "ran longer than %g s and was killed",
			 (double)t->call->limit_ns / 1e9);
		return failed(t, how);
	}
	if (WIFSIGNALED(status)) {
		snprintf(how, sizeof(how), "was killed by signal %d (%s)", WTERMSIG(status),
			 strsignal(WTERMSIG(status)));
		return failed(t, how);
	}
	if (WEXITSTATUS(status) == EXIT_ACCEPT)
		return EXIT_ACCEPT;
	if (t->said.len) {
		pass_on(t);
	} else {
		snprintf(how, sizeof(how), "ended with exit code %d and without a word",
			 WEXITSTATUS(status));
		failed(t, how);
	}
	return WEXITSTATUS(status);
}

static int run(struct talk *t)
{
	int ret = EXIT_CANNOT;

	t->name = t->call->name ? t->call->name : t->call->argv[0];
	t->pid = t->out = t->err = t->log = -1;
	if (t->call->limit_ns)
		t->deadline_ns = clock_now_ns() + t->call->limit_ns;
	if (start(t))
		goto out;
	converse(t);
	ret = outcome(t, reap(t));
out:
	if (t->out >= 0)
		close(t->out);
	if (t->err >= 0)
		close(t->err);
	if (t->log >= 0)
		close(t->log);
	buf_release(&t->line);
	buf_release(&t->said);
	return ret;
}

int child_run(const struct child_call *call,
	      int (*line)(const char *text, size_t len, void *data), void *data)
{
	struct talk t = { .call = call, .take_line = line, .data = data };

	return run(&t);
}

int child_read(const struct child_call *call, struct buf *out)
{
	struct talk t = { .call = call, .all = out };

	return run(&t);
}
