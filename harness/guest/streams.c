/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/guest/streams.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/guest/emulator.h"

#define CTRL_A 1
#define QUIET_MS 200	/* without a word: then nothing is on its way any more */

static void make_raw(struct streams *s)
{
	struct termios raw;
	struct winsize size;

	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size)) {
		s->rows = size.ws_row;
		s->columns = size.ws_col;
	}
	if (tcgetattr(STDIN_FILENO, &s->before))
		return;
	raw = s->before;
	cfmakeraw(&raw);
	s->raw = !tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
}

void streams_begin(struct streams *s, struct emulator *e, bool terminal)
{
	*s = (struct streams){ .in = &e->stream[0], .out = &e->stream[1], .err = &e->stream[2] };
	if (!terminal)
		return;
	s->in = s->out = &e->terminal;
	s->err = NULL;
	make_raw(s);
}

size_t streams_wanted(const struct streams *s, struct pollfd p[STREAMS_FDS])
{
	size_t n = 0;

	if (*s->out >= 0)
		p[n++] = (struct pollfd){ .fd = *s->out, .events = POLLIN };
	if (s->err && *s->err >= 0)
		p[n++] = (struct pollfd){ .fd = *s->err, .events = POLLIN };
	if (s->typed.len && *s->in >= 0)
		p[n++] = (struct pollfd){ .fd = *s->in, .events = POLLOUT };
	else if (!s->eof && *s->in >= 0)
		p[n++] = (struct pollfd){ .fd = STDIN_FILENO, .events = POLLIN };
	return n;
}

static void shut(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void write_all(int fd, const char *text, size_t len)
{
	ssize_t n;

	while (len) {
		n = write(fd, text, len);
		if (n < 0 && errno == EAGAIN)
			poll(&(struct pollfd){ .fd = fd, .events = POLLOUT }, 1, 1000);
		else if (n < 0 && errno != EINTR)
			return;	/* nobody reads it any more */
		text += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
}

void streams_end(struct streams *s)
{
	if (s->raw)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &s->before);
	if (s->raw && s->left)
		write_all(STDERR_FILENO, "\n", 1);	/* the cursor stands behind some prompt */
	s->raw = false;
	buf_release(&s->typed);
}

/* From the guest to one of ours. */
static void carry_out(int *from, int to)
{
	char piece[32768];
	ssize_t n;

	if (*from < 0)
		return;
	n = read(*from, piece, sizeof(piece));
	if (n > 0)
		write_all(to, piece, (size_t)n);
	else if (!n || (errno != EAGAIN && errno != EINTR))
		shut(from);
}

static bool stdin_has_something(void)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };

	return poll(&p, 1, 0) > 0;
}

/* On a terminal Ctrl-A is ours: X after it leaves, Ctrl-A or A sends one. */
static void take_typed(struct streams *s, const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (!s->raw) {
			buf_ch(&s->typed, text[i]);
		} else if (!s->escape) {
			s->escape = text[i] == CTRL_A;
			if (!s->escape)
				buf_ch(&s->typed, text[i]);
		} else {
			s->escape = false;
			s->left |= text[i] == 'x' || text[i] == 'X';
			if (text[i] == CTRL_A || text[i] == 'a' || text[i] == 'A')
				buf_ch(&s->typed, CTRL_A);
		}
	}
}

static void read_typed(struct streams *s)
{
	char piece[16384];
	ssize_t n;

	if (s->eof || s->typed.len || *s->in < 0 || !stdin_has_something())
		return;
	n = read(STDIN_FILENO, piece, sizeof(piece));
	if (n > 0)
		take_typed(s, piece, (size_t)n);
	else if (!n || (errno != EAGAIN && errno != EINTR))
		s->eof = true;
}

static void carry_in(struct streams *s)
{
	ssize_t n;

	read_typed(s);
	if (*s->in >= 0 && s->eof && !s->typed.len && s->in != s->out && !s->told) {
		/* an end of file for whoever reads it in there; closed, QEMU would drop what it has not read yet */
		shutdown(*s->in, SHUT_WR);
		s->told = true;
	}
	if (!s->typed.len || *s->in < 0)
		return;
	n = send(*s->in, s->typed.s, s->typed.len, MSG_NOSIGNAL);
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		shut(s->in);
	if (n <= 0)
		return;
	s->typed.len -= (size_t)n;
	memmove(s->typed.s, s->typed.s + n, s->typed.len + 1);
}

void streams_carry(struct streams *s)
{
	carry_out(s->out, STDOUT_FILENO);
	if (s->err)
		carry_out(s->err, STDERR_FILENO);
	carry_in(s);
}

/* Is there something from the guest within a while? */
static bool more_comes(const struct streams *s)
{
	struct pollfd p[2] = { { .fd = *s->out, .events = POLLIN },
			       { .fd = s->err ? *s->err : -1, .events = POLLIN } };

	return poll(p, 2, QUIET_MS) > 0;
}

void streams_drain(struct streams *s)
{
	while (more_comes(s)) {
		carry_out(s->out, STDOUT_FILENO);
		if (s->err)
			carry_out(s->err, STDERR_FILENO);
	}
}
