/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Our streams carried to a guest: pipes in their place here, and the test at QEMU's end of the sockets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "harness/guest/emulator.h"
#include "harness/guest/streams.h"
#include "lib/alloc.h"
#include "lib/buf.h"

static struct emulator e;
static struct streams s;
static int guest[3];			/* the guest's ends */
static int typing, printed, complained;	/* the other ends of our stdin, stdout, stderr */
static int saved[3];

static int ours(int fd, int end)
{
	saved[fd] = fcntl(fd, F_DUPFD_CLOEXEC, 100);
	return dup2(end, fd) == fd && !close(end) ? 0 : -1;
}

static int setup(void **state)
{
	int in[2], out[2], err[2], pair[2], i;

	(void)state;
	e = (struct emulator){ .terminal = -1 };
	for (i = 0; i < 3; i++) {
		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
			return -1;
		fcntl(pair[0], F_SETFL, O_NONBLOCK);
		e.stream[i] = pair[0];
		guest[i] = pair[1];
	}
	if (pipe(in) || pipe(out) || pipe(err))
		return -1;
	typing = in[1];
	printed = out[0];
	complained = err[0];
	return ours(STDIN_FILENO, in[0]) || ours(STDOUT_FILENO, out[1]) || ours(STDERR_FILENO, err[1]);
}

static int teardown(void **state)
{
	int i;

	(void)state;
	streams_end(&s);
	for (i = 0; i < 3; i++) {
		dup2(saved[i], i);
		close(saved[i]);
		close(guest[i]);
		if (e.stream[i] >= 0)
			close(e.stream[i]);
	}
	if (typing >= 0)
		close(typing);
	close(printed);
	close(complained);
	return 0;
}

static void put(int fd, const char *text)
{
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

static void gives(int fd, const char *expected)
{
	char text[64];
	ssize_t n = read(fd, text, sizeof(text) - 1);

	assert_true(n >= 0);
	text[n] = '\0';
	assert_string_equal(text, expected);
}

static void each_stream_goes_its_way(void **state)
{
	(void)state;
	streams_begin(&s, &e, false);
	put(typing, "in");
	put(guest[1], "out");
	put(guest[2], "err");
	streams_carry(&s);
	gives(guest[0], "in");
	gives(printed, "out");
	gives(complained, "err");
}

static void the_end_of_stdin_comes_after_all_of_it(void **state)
{
	char *much = xcalloc(1, 3 << 20), piece[65536];
	size_t sent = 0, had = 0;
	ssize_t n;

	(void)state;
	streams_begin(&s, &e, false);
	fcntl(typing, F_SETFL, O_NONBLOCK);
	for (;;) {
		/* more than all sockets and pipes hold: what is not taken yet has to wait */
		while (sent < 3 << 20 && (n = write(typing, much + sent, (3u << 20) - sent)) > 0)
			sent += (size_t)n;
		if (sent == 3 << 20 && typing >= 0) {
			close(typing);
			typing = -1;
		}
		streams_carry(&s);
		n = recv(guest[0], piece, sizeof(piece), MSG_DONTWAIT);
		if (!n)
			break;
		had += n > 0 ? (size_t)n : 0;
	}
	assert_int_equal(had, 3 << 20);
	free(much);
}

static void nothing_is_waited_for_in_vain(void **state)
{
	struct pollfd p[STREAMS_FDS];

	(void)state;
	streams_begin(&s, &e, false);
	assert_int_equal(streams_wanted(&s, p), 3);
	close(typing);
	typing = -1;
	streams_carry(&s);
	assert_int_equal(streams_wanted(&s, p), 2);	/* an end of file would be ready for ever */
}

static void what_was_said_last_is_drained(void **state)
{
	char text[1000];
	int i;

	(void)state;
	streams_begin(&s, &e, false);
	memset(text, 'x', sizeof(text));
	for (i = 0; i < 50; i++)
		assert_int_equal(write(guest[1], text, sizeof(text)), sizeof(text));
	shutdown(guest[1], SHUT_WR);
	streams_drain(&s);
	assert_int_equal(e.stream[1], -1);
	for (i = 0; i < 50; i++)
		assert_int_equal(read(printed, text, sizeof(text)), sizeof(text));
}

/* A terminal as our stdin; its other end, or -1. */
static int terminal(int *hvc)
{
	const struct winsize size = { .ws_row = 33, .ws_col = 99 };
	int end = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), tty, pair[2];

	if (end < 0 || grantpt(end) || unlockpt(end) || (tty = open(ptsname(end), O_RDWR | O_NOCTTY)) < 0)
		return -1;
	ioctl(tty, TIOCSWINSZ, &size);
	dup2(tty, STDIN_FILENO);
	dup2(tty, STDOUT_FILENO);
	close(tty);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	fcntl(pair[0], F_SETFL, O_NONBLOCK);
	e.terminal = pair[0];
	*hvc = pair[1];
	return end;
}

static void ctrl_a_x_leaves_a_terminal_and_puts_it_back(void **state)
{
	struct termios before, after;
	int hvc = -1, end = terminal(&hvc);

	(void)state;
	assert_true(end >= 0);
	tcgetattr(STDIN_FILENO, &before);
	streams_begin(&s, &e, true);
	assert_int_equal(s.rows, 33);
	assert_int_equal(s.columns, 99);
	put(end, "ls\x03\x01\x01\x01z");
	streams_carry(&s);
	gives(hvc, "ls\x03\x01");
	assert_false(s.left);
	put(hvc, "prompt");
	streams_carry(&s);
	gives(end, "prompt");
	put(end, "\x01x");
	streams_carry(&s);
	assert_true(s.left);
	streams_end(&s);
	tcgetattr(STDIN_FILENO, &after);
	assert_int_equal(before.c_lflag, after.c_lflag);
	close(hvc);
	close(end);
	close(e.terminal);
}

#define on_pipes(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		on_pipes(each_stream_goes_its_way),
		on_pipes(the_end_of_stdin_comes_after_all_of_it),
		on_pipes(nothing_is_waited_for_in_vain),
		on_pipes(what_was_said_last_is_drained),
		on_pipes(ctrl_a_x_leaves_a_terminal_and_puts_it_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
