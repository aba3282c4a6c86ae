/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/guest/qmp.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/clock.h"

#define ANSWER_MAX (4u << 20)	/* bytes; QEMU gone wild must not fill the memory */
#define MONITOR_NS 2000000000ull

/* Waits until the socket is ready. 0, or -1 and why. */
static int await(const struct qmp *q, short events, uint64_t deadline, struct buf *why)
{
	struct pollfd p = { .fd = q->fd, .events = events };
	uint64_t now;
	int n;

	do {
		now = clock_now_ns();
		n = now >= deadline ? 0 : poll(&p, 1, (int)((deadline - now) / 1000000) + 1);
	} while ((n < 0 && errno == EINTR) || (!n && now < deadline));
	if (n > 0)
		return 0;
	if (!n)
		buf_str(why, "QEMU does not answer");
	else
		buf_fmt(why, "wait for QEMU: %m");
	return -1;
}

static int send_all(struct qmp *q, const struct buf *line, uint64_t deadline, struct buf *why)
{
	size_t done = 0;
	ssize_t n;

	while (done < line->len) {
		if (await(q, POLLOUT, deadline, why))
			return -1;
		n = send(q->fd, line->s + done, line->len - done, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno != EAGAIN && errno != EINTR) {
			buf_fmt(why, "speak to QEMU: %m");
			return -1;
		}
		done += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

static int receive(struct qmp *q, uint64_t deadline, struct buf *why)
{
	char chunk[16384];
	ssize_t n;

	if (await(q, POLLIN, deadline, why))
		return -1;
	n = recv(q->fd, chunk, sizeof(chunk), MSG_DONTWAIT);
	if (n > 0) {
		buf_add(&q->in, chunk, (size_t)n);
		if (q->in.len <= ANSWER_MAX)
			return 0;
		buf_str(why, "QEMU's answer has no end");
		return -1;
	}
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	buf_str(why, "QEMU has ended");
	return -1;
}

/* The next line as JSON, which the caller decrefs; NULL and why. */
static json_t *next(struct qmp *q, uint64_t deadline, struct buf *why)
{
	json_error_t error;
	json_t *j;
	char *end;
	size_t len;

	while (!q->in.len || !(end = memchr(q->in.s, '\n', q->in.len)))
		if (receive(q, deadline, why))
			return NULL;
	len = (size_t)(end - q->in.s);
	j = json_loadb(q->in.s, len, 0, &error);
	if (!j)
		buf_fmt(why, "QEMU's monitor said what is no JSON: %.*s", (int)(len > 200 ? 200 : len),
			q->in.s);
	q->in.len -= len + 1;
	memmove(q->in.s, end + 1, q->in.len + 1);
	return j;
}

static int refused(const char *command, const json_t *error, struct buf *why)
{
	const char *desc = json_get_text(error, "desc");

	buf_fmt(why, "QEMU refuses %s: %s", command, desc ? desc : "without a reason");
	return -1;
}

int qmp_call(struct qmp *q, const struct qmp_call *call, json_t **answer, struct buf *why)
{
	uint64_t deadline = clock_now_ns() + call->limit_ns;
	json_t *command = json_object(), *j, *got;
	struct buf line = BUF_INIT;
	int ret;

	json_put(command, "execute", json_text(call->command));
	if (call->arguments)
		json_put(command, "arguments", call->arguments);
	json_line(&line, command);
	buf_ch(&line, '\n');
	json_decref(command);
	ret = send_all(q, &line, deadline, why);
	buf_release(&line);
	while (!ret && (j = next(q, deadline, why))) {
		got = json_object_get(j, "return");
		if (got && answer)
			*answer = json_incref(got);
		if (!got && json_object_get(j, "error"))
			ret = refused(call->command, json_object_get(j, "error"), why);
		json_decref(j);
		if (got || ret)
			return ret;
	}
	return -1;
}

static int greeting(struct qmp *q, const json_t *j, struct buf *why)
{
	const json_t *qemu = json_object_get(json_object_get(json_object_get(j, "QMP"), "version"),
					     "qemu");
	uint64_t major, minor, micro;

	if (json_get_u64(qemu, "major", &major) || json_get_u64(qemu, "minor", &minor) ||
	    json_get_u64(qemu, "micro", &micro)) {
		buf_str(why, "QEMU's monitor does not tell its version");
		return -1;
	}
	snprintf(q->version, sizeof(q->version), "%u.%u.%u", (unsigned)major, (unsigned)minor,
		 (unsigned)micro);
	return 0;
}

int qmp_open(struct qmp *q, int fd, uint64_t limit_ns, struct buf *why)
{
	const struct qmp_call begin = { .command = "qmp_capabilities", .limit_ns = limit_ns };
	json_t *j;
	int ret;

	*q = (struct qmp){ .fd = fd };
	j = next(q, clock_now_ns() + limit_ns, why);
	if (!j)
		return -1;
	ret = greeting(q, j, why);
	json_decref(j);
	return ret ? ret : qmp_call(q, &begin, NULL, why);
}

void qmp_close(struct qmp *q)
{
	if (q->fd > STDERR_FILENO)
		close(q->fd);
	buf_release(&q->in);
	*q = (struct qmp){ .fd = -1 };
}

int qmp_monitor(struct qmp *q, const char *line, struct buf *out, struct buf *why)
{
	json_t *arguments = json_object(), *answer = NULL;

	json_put(arguments, "command-line", json_text(line));
	if (qmp_call(q, &(struct qmp_call){ "human-monitor-command", arguments, MONITOR_NS },
		     &answer, why))
		return -1;
	if (json_is_string(answer))
		buf_add(out, json_string_value(answer), json_string_length(answer));
	json_decref(answer);
	return 0;
}
