/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/guest/guest.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/guest/qemu.h"
#include "harness/guest/running.h"
#include "harness/guest/session.h"
#include "harness/guest/streams.h"
#include "harness/guest/supplies.h"
#include "harness/guest/tsc.h"
#include "harness/guest/vcpus.h"
#include "harness/kernel/kernel.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/clock.h"
#include "lib/err.h"
#include "lib/exitcode.h"

#define SECOND_NS 1000000000ull
#define READY_KVM_NS (30 * SECOND_NS)
#define READY_TCG_NS (60 * SECOND_NS)
#define READY_TCG_CPU_NS (3 * SECOND_NS)	/* and for each vCPU: they take turns */
#define HALT_NS (3 * SECOND_NS)
#define QMP_NS (10 * SECOND_NS)
#define STEP_MS 200			/* a signal may have come just before poll() */

struct guest {
	struct session session;
	struct vcpus vcpus;
	char *kernel, *console, *symbols;
	enum accel accel;
	bool host_root, terminal;
	bool ready;
	uint32_t calls;
	uint64_t boot_ns;
};

/* May an ordinary user use KVM here? Else QEMU has to stay root for it. */
static bool kvm_is_for_others(void)
{
	struct stat st;

	if (stat("/dev/kvm", &st))
		return true;
	return (st.st_mode & 06) == 06 || (st.st_gid && (st.st_mode & 060) == 060);
}

static int start_qemu(struct guest *g, const struct guest_call *call, const struct supplies *s)
{
	const struct shape *shape = call->shape;
	bool kvm = shape->accel == ACCEL_KVM;
	struct buf append = BUF_INIT;
	struct emulator_call e = {
		.kernel = s->kernel, .initramfs = s->initramfs, .disk = s->disk, .ndisks = s->ndisks,
		.console = call->console, .streams = shape->host_root && !shape->terminal,
		.terminal = shape->host_root && shape->terminal,
		.drop = !shape->host_root && (!kvm || kvm_is_for_others()),
	};
	char **argv;
	int ret;

	if (!kvm && shape->arch == ARCH_X86_64 && tsc_khz())
		buf_fmt(&append, "tsc_early_khz=%" PRIu64 " ", tsc_khz());
	qemu_append(shape, s->outfit.ramdisks, &append);
	argv = qemu_argv(&(struct qemu_line){ .shape = shape, .append = buf_text(&append),
					      .ndisks = s->ndisks, .paused = kvm });
	e.argv = argv;
	ret = session_open(&g->session, &e);
	qemu_argv_free(argv);
	buf_release(&append);
	return ret;
}

/* Waits until QEMU has ended or the time is over. */
static void wait_for_end(struct guest *g, uint64_t ns)
{
	uint64_t deadline = clock_now_ns() + ns;

	while (!g->session.e.ended && clock_now_ns() < deadline)
		emulator_wait(&g->session.e, NULL, 0, 50);
}

/*
 * The monitor, and under KVM the vCPUs' places before any of them runs. What fails
 * here because QEMU is gone is told as that.
 */
static int set_going(struct guest *g, const struct shape *shape)
{
	struct qmp *qmp = &g->session.e.qmp;
	struct buf why = BUF_INIT;
	int ret = qmp_open(qmp, qmp->fd, QMP_NS, &why);

	if (!ret && shape->accel == ACCEL_KVM) {
		ret = vcpus_pin(&g->vcpus, shape, qmp, &why);
		if (!ret)
			ret = qmp_call(qmp, &(struct qmp_call){ .command = "cont", .limit_ns = QMP_NS },
				       NULL, &why);
	}
	if (ret) {
		wait_for_end(g, SECOND_NS);
		if (!session_wait(&g->session, NULL, 0, 0))
			session_tell(&g->session);
		else
			err("guest with kernel '%s': %s", g->kernel, buf_text(&why));
	}
	buf_release(&why);
	return ret;
}

/* The message that it is ready has come, or why it never will be. 0, -1 after reporting, 1: neither. */
static int take_ready(struct guest *g)
{
	struct relay_message m;
	int ret;

	if (!session_message(&g->session, &m))
		return 1;
	if (m.kind == RELAY_READY) {
		g->ready = true;
		ret = 0;
	} else if (m.kind == RELAY_FATAL) {
		ret = err("guest with kernel '%s': %s\nits console is in %s", g->kernel, m.text,
			  g->console);
	} else {
		ret = 1;
	}
	relay_release(&m);
	return ret;
}

static int await_ready(struct guest *g, uint64_t start, uint64_t limit_ns)
{
	int ret = 1;

	while (ret > 0) {
		if (session_stopped(&g->session))
			return -1;
		if (clock_now_ns() - start >= limit_ns)
			session_silent(&g->session, "not ready after %g s", (double)limit_ns / 1e9);
		if (!session_wait(&g->session, NULL, 0, STEP_MS))
			return session_tell(&g->session);
		ret = take_ready(g);
	}
	if (!ret && !session_settle(&g->session))
		return session_tell(&g->session);
	return ret;
}

static int boot(struct guest *g, const struct guest_call *call)
{
	uint64_t start = clock_now_ns(), limit = call->limit_ns;
	struct supplies s;
	int ret;

	if (!limit)
		limit = call->shape->accel == ACCEL_KVM ?
				READY_KVM_NS : READY_TCG_NS + call->shape->cpus * READY_TCG_CPU_NS;
	ret = supplies_gather(&s, call);
	if (!ret)
		ret = start_qemu(g, call, &s);
	supplies_release(&s);
	if (!ret)
		ret = set_going(g, call->shape);
	if (!ret)
		ret = await_ready(g, start, limit);
	g->boot_ns = clock_now_ns() - start;
	return ret;
}

static int check(const struct guest_call *call)
{
	const struct shape *s = call->shape;

	if (s->accel == ACCEL_AUTO || !s->cpus || s->cpus > SHAPE_CPUS_MAX)
		BUG("a guest of %u CPUs, accelerator %d", s->cpus, (int)s->accel);
	if (s->arch != call->kernel->arch)
		return err("guest with kernel '%s': the kernel is %s, the guest %s", call->kernel->name,
			   arch_name(call->kernel->arch), arch_name(s->arch));
	if (!child_exists(qemu_program(s->arch)))
		return err("%s is not installed (Debian: apt install %s)", qemu_program(s->arch),
			   qemu_package(s->arch));
	return 0;
}

int guest_start(struct guest **made, const struct guest_call *call)
{
	struct guest *g = xcalloc(1, sizeof(*g));
	int ret;

	*made = g;
	g->kernel = xstrdup(call->kernel->name);
	g->console = xstrdup(call->console);
	if (call->kernel->dir)
		g->symbols = xasprintf("%s/System.map", call->kernel->dir);
	g->session = (struct session){ .kernel = g->kernel, .console = g->console,
				       .symbols = g->symbols, .stop = call->stop, .quiet = call->quiet };
	g->accel = call->shape->accel;
	g->host_root = call->shape->host_root;
	g->terminal = call->shape->terminal;
	ret = check(call);
	if (!ret)
		ret = boot(g, call);
	g->session.lost = ret != 0;
	return ret;
}

static int check_places(const struct guest *g)
{
	struct buf why = BUF_INIT;
	int ret = vcpus_check(&g->vcpus, &why);

	if (ret)
		err("guest with kernel '%s': %s", g->kernel, buf_text(&why));
	buf_release(&why);
	return ret;
}

static int cannot_any_more(const struct guest *g)
{
	const struct incident *i = &g->session.incident;

	if (i->kind != INCIDENT_NONE)
		err("guest with kernel '%s': nothing runs in it any more: %s (%s)", g->kernel,
		    incident_name(i->kind), i->what ? i->what : "no more is known");
	else
		err("guest with kernel '%s': nothing runs in it any more", g->kernel);
	return EXIT_CANNOT;
}

int guest_run(struct guest *g, const struct machine_call *call,
	      int (*line)(const char *text, size_t len, void *data), void *data)
{
	int ret;

	if (g->session.lost)
		return cannot_any_more(g);
	ret = running_go(&(struct running_call){ &g->session, ++g->calls, call, line, data });
	if (!g->session.lost && check_places(g))
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
	struct session *s = &g->session;
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
				s->lost = err("guest with kernel '%s': %s", g->kernel, m.text) != 0;
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
	if (g->session.lost)
		return cannot_any_more(g);
	streams_begin(&st, &g->session.e, g->terminal);
	m.argv = root_argv(argv, &st);
	session_send(&g->session, &m);
	code = carry_on(g, &st, stop);
	for (i = 0; m.argv[i]; i++)
		free(m.argv[i]);
	free(m.argv);
	if (st.left || code < 0)
		g->session.lost = true;
	streams_end(&st);
	if (!session_settle(&g->session)) {
		g->session.lost = true;
		session_tell(&g->session);
		return EXIT_CANNOT;
	}
	return code < 0 ? EXIT_CANNOT : code;
}

const struct incident *guest_incident(const struct guest *g)
{
	return &g->session.incident;
}

enum accel guest_accel(const struct guest *g)
{
	return g->accel;
}

uint64_t guest_boot_ns(const struct guest *g)
{
	return g->boot_ns;
}

const char *guest_qemu(const struct guest *g)
{
	return g->session.e.qmp.version;
}

/* As a person would switch it off; where that takes too long, QEMU is told to end. */
static void ask_to_end(struct guest *g)
{
	const struct qmp_call quit = { .command = "quit", .limit_ns = SECOND_NS };
	struct buf why = BUF_INIT;

	session_send(&g->session, &(struct relay_message){ .kind = RELAY_HALT });
	wait_for_end(g, HALT_NS);
	if (!g->session.e.ended && !qmp_call(&g->session.e.qmp, &quit, NULL, &why))
		wait_for_end(g, SECOND_NS);
	buf_release(&why);
}

void guest_stop(struct guest *g)
{
	if (!g)
		return;
	if (g->ready && !g->session.lost && !g->session.e.ended && !session_stopped(&g->session))
		ask_to_end(g);
	session_close(&g->session);
	vcpus_release(&g->vcpus);
	free(g->kernel);
	free(g->console);
	free(g->symbols);
	free(g);
}
