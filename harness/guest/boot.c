/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/guest/boot.h"

#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "harness/guest/counted.h"
#include "harness/guest/guest.h"
#include "harness/guest/qemu.h"
#include "harness/guest/supplies.h"
#include "harness/guest/tsc.h"
#include "harness/kernel/kernel.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/clock.h"
#include "lib/err.h"

#define SECOND_NS 1000000000ull
#define READY_KVM_NS (30 * SECOND_NS)
#define READY_TCG_NS (60 * SECOND_NS)
#define READY_TCG_CPU_NS (3 * SECOND_NS)	/* and for each vCPU: they take turns */
#define QUIET_CALL_NS (180 * SECOND_NS)		/* between two calls that are counted */
#define QMP_NS (10 * SECOND_NS)
#define STEP_MS 200			/* a signal may have come just before poll() */

/* May an ordinary user use KVM here? Else QEMU has to stay root for it. */
static bool kvm_is_for_others(void)
{
	struct stat st;

	if (stat("/dev/kvm", &st))
		return true;
	return (st.st_mode & 06) == 06 || (st.st_gid && (st.st_mode & 060) == 060);
}

static int start_qemu(struct boot *b, const struct guest_call *call, const struct counted_call *counted,
		      const struct supplies *s)
{
	const struct shape *shape = call->shape;
	bool kvm = shape->accel == ACCEL_KVM;
	struct buf append = BUF_INIT;
	struct emulator_call e = {
		.kernel = s->kernel, .initramfs = s->initramfs, .disk = s->disk, .ndisks = s->ndisks,
		.console = call->console, .streams = shape->host_root && !shape->terminal,
		.terminal = shape->host_root && shape->terminal,
		.drop = !shape->host_root && (!kvm || kvm_is_for_others()),
		.counted = counted, .plugin = s->plugin, .trace = counted ? counted->trace : -1,
	};
	char **argv;
	int ret;

	if (!counted && !kvm && shape->arch == ARCH_X86_64 && tsc_khz())
		buf_fmt(&append, "tsc_early_khz=%" PRIu64 " ", tsc_khz());
	qemu_append(shape, s->outfit.ramdisks, counted, &append);
	argv = qemu_argv(&(struct qemu_line){ .shape = shape, .append = buf_text(&append),
					      .ndisks = s->ndisks, .paused = kvm, .counted = counted });
	e.argv = argv;
	ret = session_open(&b->session, &e);
	qemu_argv_free(argv);
	buf_release(&append);
	return ret;
}

/* Waits until QEMU has ended or the time is over. */
static void wait_for_end(struct boot *b, uint64_t ns)
{
	uint64_t deadline = clock_now_ns() + ns;

	while (!b->session.e.ended && clock_now_ns() < deadline)
		emulator_wait(&b->session.e, NULL, 0, 50);
}

/*
 * The monitor, and under KVM the vCPUs' places before any of them runs. What fails
 * here because QEMU is gone is told as that.
 */
static int set_going(struct boot *b, const struct shape *shape)
{
	struct qmp *qmp = &b->session.e.qmp;
	struct buf why = BUF_INIT;
	int ret = qmp_open(qmp, qmp->fd, QMP_NS, &why);

	if (!ret && shape->accel == ACCEL_KVM) {
		ret = vcpus_pin(&b->vcpus, shape, qmp, &why);
		if (!ret)
			ret = qmp_call(qmp, &(struct qmp_call){ .command = "cont", .limit_ns = QMP_NS },
				       NULL, &why);
	}
	if (ret) {
		wait_for_end(b, SECOND_NS);
		if (!session_wait(&b->session, NULL, 0, 0))
			session_tell(&b->session);
		else
			err("guest with kernel '%s': %s", b->kernel, buf_text(&why));
	}
	buf_release(&why);
	return ret;
}

/* The message that it is ready has come, or why it never will be. 0, -1 after reporting, 1: neither. */
static int take_ready(struct boot *b)
{
	struct relay_message m;
	int ret;

	if (!session_message(&b->session, &m))
		return 1;
	if (m.kind == RELAY_READY) {
		b->ready = true;
		ret = 0;
	} else if (m.kind == RELAY_FATAL) {
		ret = err("guest with kernel '%s': %s\nits console is in %s", b->kernel, m.text,
			  b->console);
	} else {
		ret = 1;
	}
	relay_release(&m);
	return ret;
}

/* How long it may take, from the start; where calls are made meanwhile, from the last word on the console. */
struct patience {
	uint64_t start, limit_ns, quiet_ns;	/* 0: for ever */
};

static struct patience patience_for(const struct guest_call *call, bool counted)
{
	const struct shape *s = call->shape;
	uint64_t usual = s->accel == ACCEL_KVM ? READY_KVM_NS : READY_TCG_NS + s->cpus * READY_TCG_CPU_NS;
	struct patience p = { .start = clock_now_ns(), .limit_ns = call->limit_ns };

	if (!p.limit_ns && counted)
		p.quiet_ns = usual > QUIET_CALL_NS ? usual : QUIET_CALL_NS;
	else if (!p.limit_ns)
		p.limit_ns = usual;
	return p;
}

/* What it is to be blamed for once patience is over. */
static void lose_patience(struct boot *b, const struct patience *p)
{
	uint64_t now = clock_now_ns();

	if (p->limit_ns && now - p->start >= p->limit_ns)
		session_silent(&b->session, "not ready after %g s", (double)p->limit_ns / 1e9);
	else if (p->quiet_ns && now - b->session.e.console_ns >= p->quiet_ns && now > b->session.e.console_ns)
		session_silent(&b->session, "no word for %g s", (double)p->quiet_ns / 1e9);
}

static int await_ready(struct boot *b, const struct patience *p)
{
	int ret = 1;

	while (ret > 0) {
		if (session_stopped(&b->session))
			return -1;
		lose_patience(b, p);
		if (!session_wait(&b->session, NULL, 0, STEP_MS))
			return session_tell(&b->session);
		ret = take_ready(b);
	}
	if (!ret && !session_settle(&b->session))
		return session_tell(&b->session);
	return ret;
}

static int go(struct boot *b, const struct guest_call *call, const struct counted_call *counted)
{
	const struct patience p = patience_for(call, counted);
	struct supplies s;
	int ret;

	ret = supplies_gather(&s, call, counted);
	if (!ret)
		ret = start_qemu(b, call, counted, &s);
	supplies_release(&s);
	if (!ret)
		ret = set_going(b, call->shape);
	if (!ret)
		ret = await_ready(b, &p);
	b->ns = clock_now_ns() - p.start;
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

int boot_begin(struct boot *b, const struct guest_call *call, const struct counted_call *counted)
{
	int ret;

	*b = (struct boot){ .kernel = xstrdup(call->kernel->name), .console = xstrdup(call->console) };
	if (call->kernel->dir)
		b->symbols = xasprintf("%s/System.map", call->kernel->dir);
	b->session = (struct session){ .kernel = b->kernel, .console = b->console,
				       .symbols = b->symbols, .stop = call->stop, .quiet = call->quiet };
	ret = check(call);
	if (!ret)
		ret = go(b, call, counted);
	b->session.lost = ret != 0;
	return ret;
}

/* As a person would switch it off; where that takes too long, QEMU is told to end. */
int boot_power_off(struct boot *b, uint64_t polite_ns)
{
	const struct qmp_call quit = { .command = "quit", .limit_ns = SECOND_NS };
	struct session *s = &b->session;
	struct buf why = BUF_INIT;

	if (!b->ready || s->lost || s->e.ended || session_stopped(s))
		return -1;
	session_send(s, &(struct relay_message){ .kind = RELAY_HALT });
	wait_for_end(b, polite_ns);
	if (s->e.ended)
		return 0;
	if (!qmp_call(&s->e.qmp, &quit, NULL, &why))
		wait_for_end(b, SECOND_NS);
	buf_release(&why);
	return -1;
}

void boot_end(struct boot *b)
{
	session_close(&b->session);
	vcpus_release(&b->vcpus);
	free(b->kernel);
	free(b->console);
	free(b->symbols);
}
