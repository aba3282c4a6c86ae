/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench/answer.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/exitcode.h"
#include "lib/relay.h"

#define PIECE 65536
#define PIPE_MAX (1u << 20)		/* bytes that a pipe may hold, unless someone raised the system's limit */

static void say(struct answer *a, enum relay_kind kind, const char *text, size_t len)
{
	const struct relay_message m = { .kind = kind, .call = a->number, .text = (char *)text, .len = len };

	relay_line(&m, a->out);
}

static void say_exit(struct answer *a, int code)
{
	const struct relay_message m = { .kind = RELAY_EXIT, .call = a->number, .code = code };

	a->code = code;
	relay_line(&m, a->out);
}

/* An error of ours as if the program had said it. */
static void say_error(struct answer *a, const char *what)
{
	struct buf text = BUF_INIT;

	buf_fmt(&text, "foliobench: error: %s\n", what);
	say(a, RELAY_ERR, buf_text(&text), text.len);
	buf_release(&text);
}

static void take_lines(struct answer *a)
{
	char *at = a->line.s, *end;

	while ((end = memchr(at, '\n', (size_t)(a->line.s + a->line.len - at)))) {
		if (end - at > RELAY_LINE_MAX)
			break;
		say(a, RELAY_OUT, at, (size_t)(end - at));
		at = end + 1;
	}
	a->line.len -= (size_t)(at - a->line.s);
	memmove(a->line.s, at, a->line.len + 1);
}

static void take_output(struct answer *a, const char *piece, size_t len)
{
	if (a->refused)
		return;
	buf_add(&a->line, piece, len);
	take_lines(a);
	if (a->line.len <= RELAY_LINE_MAX)
		return;
	a->refused = true;
	say_error(a, "the program printed a line of more than 1 MiB, and was killed");
	call_kill(&a->call);
}

static void take_talk(struct answer *a, const char *piece, size_t len)
{
	say(a, RELAY_ERR, piece, len);
}

/* What one pipe of the program has for us, a piece of it; closed at its end. How many bytes. */
static size_t take_piece(struct answer *a, int *fd, void (*take)(struct answer *a, const char *s, size_t len))
{
	char piece[PIECE];
	ssize_t n;

	if (*fd < 0)
		return 0;
	n = read(*fd, piece, sizeof(piece));
	if (n > 0) {
		take(a, piece, (size_t)n);
		return (size_t)n;
	}
	if (!n || (errno != EAGAIN && errno != EINTR)) {
		close(*fd);
		*fd = -1;
	}
	return 0;
}

/* The rest of a program that has ended, its group too: what is more comes from one who left the group. */
static void take_rest(struct answer *a)
{
	size_t left = PIPE_MAX, n;

	while (left && (n = take_piece(a, &a->call.out, take_output)))
		left -= n < left ? n : left;
	left = PIPE_MAX;
	while (left && (n = take_piece(a, &a->call.err, take_talk)))
		left -= n < left ? n : left;
}

void answer_take_out(struct answer *a)
{
	take_piece(a, &a->call.out, take_output);
}

void answer_take_err(struct answer *a)
{
	take_piece(a, &a->call.err, take_talk);
}

void answer_begin(struct answer *a, const struct relay_message *m)
{
	a->number = m->call;
	if (!call_start(&a->call, m, a->place))
		return;
	a->call.pid = 0;
	say_error(a, errno == ENXIO ? "this guest has no root directory of its host" : strerror(errno));
	say_exit(a, EXIT_CANNOT);
}

static void end_call(struct answer *a, int status)
{
	take_rest(a);
	if (a->refused)
		say_exit(a, EXIT_CANNOT);
	else
		say_exit(a, WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
	call_close(&a->call);
	buf_reset(&a->line);	/* a line without its end is none */
	a->call.pid = 0;
	a->refused = false;
}

void answer_reap(struct answer *a)
{
	siginfo_t child;
	int status;

	for (;;) {
		child.si_pid = 0;
		if (waitid(P_ALL, 0, &child, WEXITED | WNOHANG | WNOWAIT) || !child.si_pid)
			return;
		/* while it is a zombie its number, and so its group's, is nobody else's */
		if (child.si_pid == a->call.pid)
			call_kill(&a->call);
		if (waitpid(child.si_pid, &status, 0) == a->call.pid)
			end_call(a, status);
	}
}

void answer_release(struct answer *a)
{
	buf_release(&a->line);
}
