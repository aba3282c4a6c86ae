/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/guest/guest.h"

#include <stdlib.h>

#include "harness/guest/boot.h"
#include "harness/guest/running.h"
#include "harness/guest/streams.h"
#include "harness/kernel/kernel.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/clock.h"
#include "lib/err.h"
#include "lib/exitcode.h"

#define HALT_NS 3000000000ull
#define STEP_MS 200			/* a signal may have come just before poll() */

struct guest {
	struct boot boot;
	enum accel accel;
	bool host_root, terminal;
	uint32_t calls;
};

int guest_start(struct guest **made, const struct guest_call *call)
{
	struct guest *g = xcalloc(1, sizeof(*g));

	*made = g;
	g->accel = call->shape->accel;
	g->host_root = call->shape->host_root;
	g->terminal = call->shape->terminal;
	return boot_begin(&g->boot, call, NULL);
}

static int check_places(const struct guest *g)
{
	struct buf why = BUF_INIT;
	int ret = vcpus_check(&g->boot.vcpus, &why);

	if (ret)
		err("guest with kernel '%s': %s", g->boot.kernel, buf_text(&why));
	buf_release(&why);
	return ret;
}

static int cannot_any_more(const struct guest *g)
{
	const struct incident *i = &g->boot.session.incident;

	if (i->kind != INCIDENT_NONE)
		err("guest with kernel '%s': nothing runs in it any more: %s (%s)", g->boot.kernel,
		    incident_name(i->kind), i->what ? i->what : "no more is known");
	else
		err("guest with kernel '%s': nothing runs in it any more", g->boot.kernel);
	return EXIT_CANNOT;
}

int guest_run(struct guest *g, const struct machine_call *call,
	      int (*line)(const char *text, size_t len, void *data), void *data)
{
	int ret;

	if (g->boot.session.lost)
		return cannot_any_more(g);
	ret = running_go(&(struct running_call){ &g->boot.session, ++g->calls, call, line, data });
	if (!g->boot.session.lost && check_places(g))
		ret = EXIT_CANNOT;
	return ret;
}

/* What a program in the host's root directory wants to know of our surroundings. */
static char **root_argv(const char *const *argv, const struct streams *s)
{
	static const char *const wanted[] = { "PATH", "HOME", "USER", "LOGNAME", "SHELL", "TERM", "LANG",
					      "LC_ALL", "COLORTERM", "EDITOR", "PAGER" };
	const size_t nwanted = sizeof(wanted) / sizeof(wanted[0]);
	const char *value;
	char **all;
	size_t n = 0, i;

	for (i = 0; argv[i]; i++)
		;
	all = xcalloc(i + nwanted + 3, sizeof(all[0]));
	for (i = 0; i < nwanted; i++)
		if ((value = getenv(wanted[i])))
			all[n++] = xasprintf("%s=%s", wanted[i], value);
	if (s->rows && s->columns) {
		all[n++] = xasprintf("LINES=%u", s->rows);
		all[n++] = xasprintf("COLUMNS=%u", s->columns);
	}
	for (i = 0; argv[i]; i++)
		all[n++] = xstrdup(argv[i]);
	return all;
}

/* Until the program has ended, its exit code; -1: the guest has, or we were told to stop. */
static int carry_on(struct guest *g, struct streams *st, const volatile sig_atomic_t *stop)
{
	struct session *s = &g->boot.session;
	struct pollfd p[STREAMS_FDS];
	struct relay_message m = { 0 };
	int code = -1;

	while (code < 0 && !s->e.ended && !st->left && !session_stopped(s) && !(stop && *stop)) {
		/* what its kernel complains of is told afterwards: here nothing is measured */
		session_wait(s, p, streams_wanted(st, p), STEP_MS);
		streams_carry(st);
		while (code < 0 && session_message(s, &m)) {
			if (m.kind == RELAY_EXIT && m.call == g->calls)
				code = m.code;
			else if (m.kind == RELAY_FATAL)
				s->lost = err("guest with kernel '%s': %s", g->boot.kernel, m.text) != 0;
			relay_release(&m);
		}
		if (s->lost)
			break;
	}
	streams_drain(st);
	return code;
}

int guest_run_in_root(struct guest *g, const char *const *argv, const volatile sig_atomic_t *stop)
{
	struct relay_message m = { .kind = RELAY_CALL, .call = ++g->calls, .root = true };
	struct streams st;
	size_t i;
	int code;

	if (!g->host_root)
		BUG("a program in a root directory that the guest does not have");
	if (g->boot.session.lost)
		return cannot_any_more(g);
	streams_begin(&st, &g->boot.session.e, g->terminal);
	m.argv = root_argv(argv, &st);
	session_send(&g->boot.session, &m);
	code = carry_on(g, &st, stop);
	for (i = 0; m.argv[i]; i++)
		free(m.argv[i]);
	free(m.argv);
	if (st.left || code < 0)
		g->boot.session.lost = true;
	streams_end(&st);
	if (!session_settle(&g->boot.session)) {
		g->boot.session.lost = true;
		session_tell(&g->boot.session);
		return EXIT_CANNOT;
	}
	return code < 0 ? EXIT_CANNOT : code;
}

const struct incident *guest_incident(const struct guest *g)
{
	return &g->boot.session.incident;
}

enum accel guest_accel(const struct guest *g)
{
	return g->accel;
}

uint64_t guest_boot_ns(const struct guest *g)
{
	return g->boot.ns;
}

const char *guest_qemu(const struct guest *g)
{
	return g->boot.session.e.qmp.version;
}

void guest_stop(struct guest *g)
{
	if (!g)
		return;
	boot_power_off(&g->boot, HALT_NS);
	boot_end(&g->boot);
	free(g);
}
