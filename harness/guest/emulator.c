/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/guest/emulator.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/guest/incident.h"
#include "harness/guest/qemu.h"
#include "lib/alloc.h"
#include "lib/clock.h"
#include "lib/err.h"

#define SAID_BYTES (64u << 10)
#define CONSOLE_PIPE (1u << 20)
#define OWN_MAX 8
#define SEND_NS 10000000000ull

/* The descriptors that the child will have, and its ends, which we close once it has them. */
struct handover {
	struct child_fd *fd;
	size_t n;
	int end[16];
	size_t nends;
};

static void hand(struct handover *h, int from, int to)
{
	h->fd[h->n++] = (struct child_fd){ from, to };
}

/* A socket between us and the child's descriptor `to`. */
static int connect_to(struct handover *h, int to, int *ours)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return err("make a socket for QEMU: %m");
	/* only our end: QEMU sets its own to its liking */
	fcntl(pair[0], F_SETFL, O_NONBLOCK);
	*ours = pair[0];
	h->end[h->nends++] = pair[1];
	hand(h, pair[1], to);
	return 0;
}

/* The child's descriptor `to` for writing only. */
static int listen_to(struct handover *h, int to, int *ours)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		return err("make a pipe for QEMU: %m");
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	*ours = ends[0];
	h->end[h->nends++] = ends[1];
	hand(h, ends[1], to);
	return 0;
}

/*
 * A console is written byte by byte, and a socket is full after some 270 pieces: a guest
 * that found it so would show how fast we read. A pipe counts bytes, and takes a megabyte of
 * them where the system lets it. Nothing can be typed into it.
 */
static int connect_console(struct handover *h, bool counted, int *ours)
{
	if (!counted)
		return connect_to(h, QEMU_FD_CONSOLE, ours);
	if (listen_to(h, QEMU_FD_CONSOLE, ours))
		return -1;
	fcntl(*ours, F_SETPIPE_SZ, CONSOLE_PIPE);
	return 0;
}

static int connect_all(struct emulator *e, struct handover *h, const struct emulator_call *call)
{
	size_t i;

	if (listen_to(h, STDERR_FILENO, &e->errors) || connect_console(h, call->counted, &e->console) ||
	    connect_to(h, QEMU_FD_RELAY, &e->relay) || connect_to(h, QEMU_FD_QMP, &e->qmp.fd))
		return -1;
	for (i = 0; call->streams && i < 3; i++)
		if (connect_to(h, QEMU_FD_STDIN + (int)i, &e->stream[i]))
			return -1;
	if (call->terminal && connect_to(h, QEMU_FD_TERMINAL, &e->terminal))
		return -1;
	hand(h, call->kernel, QEMU_FD_KERNEL);
	hand(h, call->initramfs, QEMU_FD_INITRAMFS);
	if (call->counted) {
		hand(h, call->plugin, QEMU_FD_PLUGIN);
		hand(h, call->trace, QEMU_FD_TRACE);
	}
	for (i = 0; i < call->ndisks; i++)
		hand(h, call->disk[i], QEMU_FD_DISK + (int)i);
	return 0;
}

static int open_log(struct emulator *e, const char *path)
{
	e->log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	return e->log < 0 ? err("open %s: %m", path) : 0;
}

int emulator_open(struct emulator *e, const struct emulator_call *call)
{
	struct handover h = { .fd = xcalloc(call->ndisks + 16, sizeof(h.fd[0])) };
	int ret;

	*e = (struct emulator){
		.child = { .pidfd = -1 }, .relay = -1, .console = -1, .errors = -1,
		.stream = { -1, -1, -1 }, .terminal = -1, .qmp = { .fd = -1 }, .log = -1,
	};
	e->finder = incident_finder_new();
	e->console_ns = clock_now_ns();
	ret = open_log(e, call->console);
	if (!ret)
		ret = connect_all(e, &h, call);
	if (!ret)
		ret = child_start(&e->child, &(struct child_spec){
			.argv = (const char *const *)call->argv, .fd = h.fd, .nfds = h.n,
			.drop = call->drop });
	while (h.nends)
		close(h.end[--h.nends]);
	free(h.fd);
	return ret;
}

static void shut(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void emulator_close(struct emulator *e)
{
	int i;

	child_stop(&e->child);
	shut(&e->relay);
	shut(&e->console);
	shut(&e->errors);
	for (i = 0; i < 3; i++)
		shut(&e->stream[i]);
	shut(&e->terminal);
	shut(&e->log);
	qmp_close(&e->qmp);
	buf_release(&e->heard);
	buf_release(&e->said);
	buf_release(&e->tail);
	incident_finder_free(e->finder);
	e->finder = NULL;
}

static void add_to_log(struct emulator *e, const char *text, size_t len)
{
	if (e->log < 0 || e->console_bytes >= CONSOLE_BYTES)
		return;
	if (write(e->log, text, len) < 0) {
		warn("write the guest's console to its log: %m");
		shut(&e->log);
	} else if (e->console_bytes + len >= CONSOLE_BYTES) {
		dprintf(e->log, "\n[more was said than is kept]\n");
	}
}

static void take_console(struct emulator *e, const char *text, size_t len)
{
	add_to_log(e, text, len);
	e->console_bytes += len;
	e->console_ns = clock_now_ns();
	incident_finder_feed(e->finder, text, len);
	buf_add(&e->tail, text, len);
	if (e->tail.len > 2 * CONSOLE_TAIL) {
		memmove(e->tail.s, e->tail.s + e->tail.len - CONSOLE_TAIL, CONSOLE_TAIL + 1);
		e->tail.len = CONSOLE_TAIL;
	}
}

static void take(struct emulator *e, const int *fd, const char *text, size_t len)
{
	if (fd == &e->console)
		take_console(e, text, len);
	else if (fd == &e->relay)
		buf_add(&e->heard, text, len);
	else if (e->said.len < SAID_BYTES)
		buf_add(&e->said, text, len);
}

/* One piece. False where there was none. */
static bool take_piece(struct emulator *e, int *fd)
{
	char piece[32768];
	ssize_t n;

	if (*fd < 0)
		return false;
	n = read(*fd, piece, sizeof(piece));
	if (n > 0)
		take(e, fd, piece, (size_t)n);
	else if (!n || (errno != EAGAIN && errno != EINTR))
		shut(fd);
	return n > 0;
}

/* The child has ended: what it said last is still in the sockets. */
static void reap(struct emulator *e)
{
	int *const fd[] = { &e->console, &e->errors, &e->relay };
	size_t i;

	e->status = child_stop(&e->child);
	for (i = 0; i < sizeof(fd) / sizeof(fd[0]); i++)
		while (take_piece(e, fd[i]))
			;
	e->ended = true;
}

void emulator_wait(struct emulator *e, struct pollfd *own, size_t n, int ms)
{
	struct pollfd p[4 + OWN_MAX] = {
		{ .fd = e->child.pidfd, .events = POLLIN }, { .fd = e->console, .events = POLLIN },
		{ .fd = e->errors, .events = POLLIN }, { .fd = e->relay, .events = POLLIN },
	};

	if (e->ended)
		return;
	if (n > OWN_MAX)
		BUG("%zu descriptors to wait for", n);
	if (n)
		memcpy(p + 4, own, n * sizeof(own[0]));
	if (poll(p, 4 + n, ms) <= 0)
		memset(p + 4, 0, sizeof(p) - 4 * sizeof(p[0]));
	else if (p[0].revents)
		reap(e);
	for (size_t i = 0; i < n; i++)
		own[i].revents = p[4 + i].revents;
	if (e->ended)
		return;
	if (p[1].revents)
		take_piece(e, &e->console);
	if (p[2].revents)
		take_piece(e, &e->errors);
	if (p[3].revents)
		take_piece(e, &e->relay);
}

int emulator_send(struct emulator *e, int fd, const char *text, size_t len)
{
	uint64_t deadline = clock_now_ns() + SEND_NS;
	ssize_t n;

	while (len && fd >= 0 && !e->ended && clock_now_ns() < deadline) {
		n = send(fd, text, len, MSG_NOSIGNAL);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return -1;
		if (n > 0) {
			text += n;
			len -= (size_t)n;
		} else {
			emulator_wait(e, NULL, 0, 20);
		}
	}
	return len ? -1 : 0;
}
