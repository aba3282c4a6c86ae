/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/guest/session.h"

#include <stdarg.h>
#include <string.h>

#include "harness/guest/autopsy.h"
#include "lib/clock.h"
#include "lib/err.h"

#define QUIET_NS 2000000000ull		/* a trace that stopped for so long has ended */
#define WHOLE_NS 20000000000ull		/* one that goes on for longer is cut */
#define STEP_MS 200

int session_open(struct session *s, const struct emulator_call *call)
{
	return emulator_open(&s->e, call);
}

void session_close(struct session *s)
{
	emulator_close(&s->e);
	incident_release(&s->incident);
	memset(s, 0, sizeof(*s));
}

bool session_stopped(const struct session *s)
{
	return s->stop && *s->stop;
}

int session_tell(const struct session *s)
{
	struct buf text = BUF_INIT;

	if (s->quiet)
		return -1;
	incident_text(&s->incident, &text);
	while (text.len && text.s[text.len - 1] == '\n')
		text.s[--text.len] = '\0';
	err("guest with kernel '%s': %s\nits console is in %s", s->kernel, buf_text(&text), s->console);
	buf_release(&text);
	return -1;
}

static const struct incident *told(struct session *s, bool *complete)
{
	const struct incident *i = incident_finder_found(s->e.finder, complete);

	return i && i->kind != INCIDENT_NONE ? i : NULL;
}

/* Is what the console tells of whole, or as whole as it will ever be? */
static bool whole(struct session *s, bool complete)
{
	uint64_t now = clock_now_ns();

	if (!s->suspect_ns)
		s->suspect_ns = now;
	return complete || s->e.ended || now - s->suspect_ns > WHOLE_NS ||
	       (now > s->e.console_ns && now - s->e.console_ns > QUIET_NS);
}

/* True: there is an incident. */
static bool judge(struct session *s)
{
	const struct incident *i;
	bool complete = false;

	if (s->incident.kind != INCIDENT_NONE)
		return true;
	if (s->e.ended)
		incident_finder_end(s->e.finder);
	i = told(s, &complete);
	if (i && !whole(s, complete))
		return false;
	if (i) {
		incident_finder_end(s->e.finder);
		incident_copy(&s->incident, told(s, &complete));
	} else if (s->e.ended || (s->e.said.len && strstr(s->e.said.s, "KVM internal error"))) {
		autopsy_died(&s->e, &s->incident);	/* KVM's internal errors stop a guest, not QEMU */
	}
	return s->incident.kind != INCIDENT_NONE;
}

bool session_wait(struct session *s, struct pollfd *own, size_t n, int ms)
{
	emulator_wait(&s->e, own, n, s->suspect_ns && ms > STEP_MS ? STEP_MS : ms);
	return !judge(s);
}

bool session_settle(struct session *s)
{
	bool complete;

	/* what the console said before the message is in its socket by now */
	emulator_wait(&s->e, NULL, 0, 0);
	while (!judge(s) && told(s, &complete))
		emulator_wait(&s->e, NULL, 0, STEP_MS);
	return s->incident.kind == INCIDENT_NONE;
}

void session_silent(struct session *s, const char *fmt, ...)
{
	struct buf what = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vfmt(&what, fmt, ap);
	va_end(ap);
	if (s->incident.kind == INCIDENT_NONE)
		autopsy_silent(&s->e, buf_text(&what), s->symbols, &s->incident);
	buf_release(&what);
}

static void nonsense(struct session *s, const char *why)
{
	session_silent(s, "the driver in the guest no longer speaks as it should: %s", why);
}

static bool from_a_guest(enum relay_kind kind)
{
	return kind != RELAY_CALL && kind != RELAY_KILL && kind != RELAY_HALT;
}

int session_message(struct session *s, struct relay_message *m)
{
	struct buf *in = &s->e.heard, why = BUF_INIT;
	char *end = in->len ? memchr(in->s, '\n', in->len) : NULL;
	int ret = 0;

	if (!end) {
		if (in->len > RELAY_WIRE_MAX)
			nonsense(s, "a line without an end");
		return 0;
	}
	if (relay_parse(in->s, (size_t)(end - in->s), m, &why))
		nonsense(s, buf_text(&why));
	else if (!from_a_guest(m->kind))
		nonsense(s, "it gives orders");
	else
		ret = 1;
	if (!ret)
		relay_release(m);
	in->len -= (size_t)(end + 1 - in->s);
	memmove(in->s, end + 1, in->len + 1);
	buf_release(&why);
	return ret;
}

int session_send(struct session *s, const struct relay_message *m)
{
	struct buf line = BUF_INIT;
	int ret;

	relay_line(m, &line);
	ret = emulator_send(&s->e, s->e.relay, line.s, line.len);
	buf_release(&line);
	return ret;
}
