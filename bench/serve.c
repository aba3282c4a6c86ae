/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench/serve.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/answer.h"
#include "lib/clock.h"
#include "lib/err.h"
#include "lib/exitcode.h"
#include "lib/relay.h"

#define PIECE 65536
#define BACKLOG (4u << 20)		/* not yet taken by the harness: with more, programs have to wait */
#define LAST_WORDS_NS 2000000000u
#define DEATH_MS 500

struct server {
	const struct serve *s;
	struct buf in;			/* from the port: the beginning of a line */
	struct buf out;			/* for the port */
	size_t sent;			/* bytes of out */
	int children;			/* signalfd: some ended */
	struct answer answer;		/* to the call that runs */
	bool over;			/* halted, or the harness is gone */
	struct buf fatal;		/* why it cannot go on */
};

static void say(struct server *v, enum relay_kind kind, const char *text, size_t len)
{
	const struct relay_message m = { .kind = kind, .text = (char *)text, .len = len };

	relay_line(&m, &v->out);
}

static size_t backlog(const struct server *v)
{
	return v->out.len - v->sent;
}

/* As much as the port takes. */
static void send_some(struct server *v)
{
	ssize_t n;

	while (backlog(v)) {
		n = write(v->s->port, v->out.s + v->sent, backlog(v));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0) {
			v->over = true;
			return;
		}
		v->sent += (size_t)n;
	}
	buf_reset(&v->out);
	v->sent = 0;
}

/* All of it, but not for ever. */
static void send_last(struct server *v)
{
	uint64_t until = clock_now_ns() + LAST_WORDS_NS, now;
	struct pollfd port = { .fd = v->s->port, .events = POLLOUT };

	for (;;) {
		send_some(v);
		now = clock_now_ns();
		if (!backlog(v) || v->over || now >= until)
			return;
		poll(&port, 1, (int)((until - now) / 1000000) + 1);
		if (port.revents & (POLLHUP | POLLERR))
			return;
	}
}

static void take_children(struct server *v)
{
	struct signalfd_siginfo info;

	while (read(v->children, &info, sizeof(info)) == sizeof(info))
		;
	answer_reap(&v->answer);
}

static void begin_call(struct server *v, const struct relay_message *m)
{
	if (v->answer.call.pid)
		buf_fmt(&v->fatal, "call %u came while call %u ran", m->call, v->answer.number);
	else
		answer_begin(&v->answer, m);
}

static void obey(struct server *v, const char *line, size_t len)
{
	struct buf why = BUF_INIT;
	struct relay_message m;

	if (relay_parse(line, len, &m, &why)) {
		buf_fmt(&v->fatal, "cannot read what the harness says: %s", buf_text(&why));
	} else if (m.kind == RELAY_CALL) {
		begin_call(v, &m);
	} else if (m.kind == RELAY_HALT) {
		v->over = true;
	} else if (m.kind == RELAY_KILL) {
		if (v->answer.call.pid && m.call == v->answer.number)
			call_kill(&v->answer.call);
	} else {
		buf_str(&v->fatal, "the harness speaks as if it were the guest");
	}
	relay_release(&m);
	buf_release(&why);
}

static void obey_lines(struct server *v)
{
	char *at = v->in.s, *end;

	while (!v->over && !v->fatal.len &&
	       (end = memchr(at, '\n', (size_t)(v->in.s + v->in.len - at)))) {
		obey(v, at, (size_t)(end - at));
		at = end + 1;
	}
	v->in.len -= (size_t)(at - v->in.s);
	memmove(v->in.s, at, v->in.len + 1);
	if (v->in.len > RELAY_WIRE_MAX)
		buf_fmt(&v->fatal, "the harness sent a line of more than %u bytes", RELAY_WIRE_MAX);
}

static void take_port(struct server *v)
{
	char piece[PIECE];
	ssize_t n = read(v->s->port, piece, sizeof(piece));

	if (n > 0) {
		buf_add(&v->in, piece, (size_t)n);
		obey_lines(v);
	} else if (!n || (errno != EAGAIN && errno != EINTR)) {
		v->over = true;
	}
}

static void wait_and_take(struct server *v)
{
	bool full = backlog(v) > BACKLOG;
	struct pollfd fds[] = {
		{ .fd = v->s->port, .events = (short)(POLLIN | (backlog(v) ? POLLOUT : 0)) },
		{ .fd = v->children, .events = POLLIN },
		{ .fd = full ? -1 : v->answer.call.out, .events = POLLIN },
		{ .fd = full ? -1 : v->answer.call.err, .events = POLLIN },
	};

	if (poll(fds, 4, -1) < 0)
		return;
	if (fds[2].revents)
		answer_take_out(&v->answer);
	if (fds[3].revents)
		answer_take_err(&v->answer);
	if (fds[1].revents)
		take_children(v);
	if (fds[0].revents & ~POLLOUT)
		take_port(v);
	send_some(v);
}

static void say_ready(struct server *v)
{
	struct utsname name;

	if (uname(&name))
		strcpy(name.release, "unknown");
	say(v, RELAY_READY, name.release, strlen(name.release));
}

/* One that hangs in the kernel does not even die of this, and must not keep us. */
static void stop_call(struct server *v)
{
	struct pollfd children = { .fd = v->children, .events = POLLIN };
	struct call *c = &v->answer.call;

	if (!c->pid)
		return;
	call_kill(c);
	call_close(c);
	if (!waitpid(c->pid, NULL, WNOHANG) && poll(&children, 1, DEATH_MS) > 0)
		waitpid(c->pid, NULL, WNOHANG);
}

static int finish(struct server *v)
{
	stop_call(v);
	if (v->fatal.len) {
		err("%s", buf_text(&v->fatal));
		say(v, RELAY_FATAL, buf_text(&v->fatal), v->fatal.len);
	}
	v->over = false;	/* a harness that said halt may still listen */
	send_last(v);
	return v->fatal.len ? -1 : 0;
}

static int set_nonblocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) ? err("the relay's port: %m") : 0;
}

int serve(const struct serve *s)
{
	struct server v = { .s = s, .answer = { .place = &s->place, .call = { .out = -1, .err = -1 } } };
	void (*pipe_before)(int);
	sigset_t all, before;
	int ret;

	v.answer.out = &v.out;
	if (set_nonblocking(s->port))
		return -1;
	sigfillset(&all);
	v.children = signalfd(-1, &all, SFD_NONBLOCK | SFD_CLOEXEC);
	if (v.children < 0)
		return err("signalfd: %m");
	pipe_before = signal(SIGPIPE, SIG_IGN);
	sigprocmask(SIG_SETMASK, &all, &before);
	say_ready(&v);
	if (s->first)
		buf_add(&v.out, buf_text(s->first), s->first->len);
	send_some(&v);
	while (!v.over && !v.fatal.len)
		wait_and_take(&v);
	ret = finish(&v);
	sigprocmask(SIG_SETMASK, &before, NULL);
	signal(SIGPIPE, pipe_before);
	close(v.children);
	buf_release(&v.in);
	buf_release(&v.out);
	answer_release(&v.answer);
	buf_release(&v.fatal);
	return ret;
}

void serve_fatal(int port, const char *why)
{
	const struct serve s = { .port = port };
	struct server v = { .s = &s };

	if (set_nonblocking(port))
		return;
	say(&v, RELAY_FATAL, why, strlen(why));
	send_last(&v);
	buf_release(&v.out);
}
