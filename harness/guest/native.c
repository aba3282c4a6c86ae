/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/guest/native.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/clock.h"
#include "lib/err.h"
#include "lib/exitcode.h"

#define TAIL_LINES 5	/* of the driver's stderr, passed on when it fails */
/* A driver gone wild must fill neither memory nor disk: */
#define LINE_BYTES (16u << 20)	/* more without a newline is no line of JSON */
#define TALK_BYTES (64u << 10)	/* of its stderr that are remembered */
#define LOG_BYTES (1u << 20)	/* of its stderr that go to the log */

struct child {
	const struct native_call *call;
	pid_t pid;
	int out, err;			/* read ends; -1 once closed */
	int log;			/* -1: none */
	struct buf line, talk;		/* what came in so far, and the end of it */
	size_t logged;			/* bytes */
	uint64_t deadline_ns;
	bool refused;			/* by line() */
	bool late, stopped;
};

char *native_driver(void)
{
	char self[4096], *slash, *path;
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n < 0) {
		err("read /proc/self/exe: %m");
		return NULL;
	}
	self[n] = '\0';
	slash = strrchr(self, '/');
	path = xasprintf("%.*s/foliobench", (int)(slash - self), self);
	if (!access(path, X_OK))
		return path;
	err("%s: %m: build it with `make`, or name another with --driver", path);
	free(path);
	return NULL;
}

static _Noreturn void become_driver(const struct native_call *call, pid_t parent, int out,
				    int errfd)
{
	size_t n = 0;
	char **argv;

	while (call->argv[n])
		n++;
	argv = xcalloc(n + 2, sizeof(argv[0]));
	argv[0] = (char *)call->driver;
	memcpy(argv + 1, call->argv, n * sizeof(argv[0]));
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)	/* it died before prctl() */
		_exit(EXIT_CANNOT);
	dup2(out, STDOUT_FILENO);
	dup2(errfd, STDERR_FILENO);
	execv(call->driver, argv);
	err("run %s: %m", call->driver);
	free(argv);
	_exit(EXIT_CANNOT);
}

static int start(struct child *c)
{
	int out[2], errs[2], nothing;
	pid_t parent = getpid();

	if (c->call->log) {
		c->log = open(c->call->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
		if (c->log < 0)
			return err("open %s: %m", c->call->log);
	}
	if (pipe2(out, O_CLOEXEC))
		return err("make a pipe: %m");
	if (pipe2(errs, O_CLOEXEC)) {
		close(out[0]);
		close(out[1]);
		return err("make a pipe: %m");
	}
	nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
	fflush(NULL);
	c->pid = fork();
	if (!c->pid) {
		if (nothing >= 0)
			dup2(nothing, STDIN_FILENO);
		become_driver(c->call, parent, out[1], errs[1]);
	}
	if (nothing >= 0)
		close(nothing);
	close(out[1]);
	close(errs[1]);
	c->out = out[0];
	c->err = errs[0];
	return c->pid < 0 ? err("start a process: %m") : 0;
}

static void take_lines(struct child *c, int (*line)(const char *text, size_t len, void *data),
		       void *data)
{
	char *at = c->line.s, *end;

	while (!c->refused && (end = memchr(at, '\n', (size_t)(c->line.s + c->line.len - at)))) {
		if (line(at, (size_t)(end - at), data))
			c->refused = true;
		at = end + 1;
	}
	c->line.len -= (size_t)(at - c->line.s);
	memmove(c->line.s, at, c->line.len + 1);
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

static void add_to_log(struct child *c, const char *text, size_t len)
{
	if (c->logged >= LOG_BYTES)
		return;
	c->logged += len;
	if (write(c->log, text, len) >= 0) {
		if (c->logged >= LOG_BYTES)
			dprintf(c->log, "\n[the driver said more than is kept]\n");
		return;
	}
	warn("write to %s: %m", c->call->log);
	close(c->log);
	c->log = -1;
}

static void take_talk(struct child *c)
{
	size_t before = c->talk.len;

	take(&c->err, &c->talk);
	if (c->log >= 0 && c->talk.len > before)
		add_to_log(c, c->talk.s + before, c->talk.len - before);
	if (c->talk.len > 2 * TALK_BYTES) {
		memmove(c->talk.s, c->talk.s + c->talk.len - TALK_BYTES, TALK_BYTES + 1);
		c->talk.len = TALK_BYTES;
	}
}

static void take_output(struct child *c, int (*line)(const char *text, size_t len, void *data),
			void *data)
{
	take(&c->out, &c->line);
	if (c->line.len)
		take_lines(c, line, data);
	if (c->refused || c->line.len <= LINE_BYTES)
		return;
	err("%s printed %u MiB without an end of line", c->call->driver, LINE_BYTES >> 20);
	c->refused = true;
}

static bool asked_to_stop(const struct child *c)
{
	return c->call->stop && *c->call->stop;
}

/* How long poll() may wait; checks both reasons to give up. -1: give up. */
static int patience_ms(struct child *c)
{
	uint64_t now = clock_now_ns();

	c->stopped = asked_to_stop(c);
	c->late = c->deadline_ns && now >= c->deadline_ns;
	if (c->stopped || c->late || c->refused)
		return -1;
	if (!c->deadline_ns || c->deadline_ns - now > 200000000)
		return 200;	/* a signal may have come just before poll() */
	return (int)((c->deadline_ns - now) / 1000000) + 1;
}

static void converse(struct child *c, int (*line)(const char *text, size_t len, void *data),
		     void *data)
{
	struct pollfd fds[2];
	int wait;

	while (c->out >= 0 || c->err >= 0) {
		wait = patience_ms(c);
		if (wait < 0)
			return;
		fds[0] = (struct pollfd){ .fd = c->out, .events = POLLIN };
		fds[1] = (struct pollfd){ .fd = c->err, .events = POLLIN };
		if (poll(fds, 2, wait) <= 0)
			continue;
		if (fds[1].revents)
			take_talk(c);
		if (fds[0].revents)
			take_output(c, line, data);
	}
}

/* A driver that has closed its output may live on: it has no more time than any other. */
static int reap(struct child *c)
{
	int status = 0;

	while (!waitpid(c->pid, &status, WNOHANG)) {
		if (patience_ms(c) < 0) {
			kill(c->pid, SIGKILL);
			waitpid(c->pid, &status, 0);
			break;
		}
		usleep(1000);
	}
	return status;
}

/* Its last lines, to whoever is to have them. */
static void pass_on(const struct child *c)
{
	const char *s = buf_text(&c->talk), *at = s + c->talk.len;
	int lines = 0;

	while (at > s && (at[-1] != '\n' || at == s + c->talk.len || ++lines < TAIL_LINES))
		at--;
	if (c->call->talk)
		buf_str(c->call->talk, at);
	else if (*at)
		fprintf(stderr, "%s%s", at, s[c->talk.len - 1] == '\n' ? "" : "\n");
}

static int failed(const struct child *c, const char *how)
{
	if (c->call->talk)
		buf_fmt(c->call->talk, "%s %s\n", c->call->driver, how);
	else
		err("%s %s", c->call->driver, how);
	pass_on(c);
	return EXIT_CANNOT;
}

static int outcome(const struct child *c, int status)
{
	char how[128];

	/* asked again: from a terminal the driver gets SIGINT as well, and may be gone first */
	if (c->stopped || c->refused || asked_to_stop(c))
		return EXIT_CANNOT;	/* said by whoever did it */
	if (c->late) {
		snprintf(how, sizeof(how), "ran longer than %g s and was killed",
			 (double)c->call->limit_ns / 1e9);
		return failed(c, how);
	}
	if (WIFSIGNALED(status)) {
		snprintf(how, sizeof(how), "was killed by signal %d (%s)", WTERMSIG(status),
			 strsignal(WTERMSIG(status)));
		return failed(c, how);
	}
	if (WEXITSTATUS(status) == EXIT_ACCEPT)
		return EXIT_ACCEPT;
	if (c->talk.len) {
		pass_on(c);
	} else {
		snprintf(how, sizeof(how), "ended with exit code %d and without a word",
			 WEXITSTATUS(status));
		failed(c, how);
	}
	return WEXITSTATUS(status);
}

int native_run(const struct native_call *call,
	       int (*line)(const char *text, size_t len, void *data), void *data)
{
	struct child c = { .call = call, .pid = -1, .out = -1, .err = -1, .log = -1 };
	int ret = EXIT_CANNOT;

	if (call->limit_ns)
		c.deadline_ns = clock_now_ns() + call->limit_ns;
	if (start(&c))
		goto out;
	converse(&c, line, data);
	ret = outcome(&c, reap(&c));
out:
	if (c.out >= 0)
		close(c.out);
	if (c.err >= 0)
		close(c.err);
	if (c.log >= 0)
		close(c.log);
	buf_release(&c.line);
	buf_release(&c.talk);
	return ret;
}
