/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/guest/autopsy.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "harness/guest/backtrace.h"
#include "harness/guest/emulator.h"
#include "harness/guest/incident.h"
#include "lib/alloc.h"
#include "lib/clock.h"

#define TAIL_LINES 20		/* of a silent guest's console, before it was asked */
#define PATIENCE_NS 4000000000ull
#define QUIET_NS 1000000000ull	/* then a kernel that was asked has said all */

/* The first thing that QEMU said and did not call a warning, without its name. */
static void first_words(const struct emulator *e, struct buf *out)
{
	const char *s = buf_text(&e->said), *colon, *end, *warning;

	while ((warning = strstr(s, "warning:")) && (end = strchr(s, '\n')) && warning < end && end[1])
		s = end + 1;
	if (!strncmp(s, "qemu-system-", 12) && (colon = strstr(s, ": ")))
		s = colon + 2;
	buf_add(out, s, strcspn(s, "\n"));
}

void autopsy_died(const struct emulator *e, struct incident *i)
{
	struct buf what = BUF_INIT;

	if (!e->ended)
		buf_str(&what, "QEMU cannot go on");
	else if (WIFSIGNALED(e->status))
		buf_fmt(&what, "QEMU was killed by signal %d (%s)", WTERMSIG(e->status),
			strsignal(WTERMSIG(e->status)));
	else if (WEXITSTATUS(e->status))
		buf_fmt(&what, "QEMU ended with exit code %d", WEXITSTATUS(e->status));
	else
		buf_str(&what, "the guest switched itself off or was reset");
	if (e->said.len) {
		buf_str(&what, ": ");
		first_words(e, &what);
	}
	i->kind = INCIDENT_DIED;
	i->what = buf_detach(&what);
	buf_add(&i->lines, buf_text(&e->said), e->said.len);
}

/* Where the last n lines begin. */
static size_t last_lines(const struct buf *b, int n)
{
	size_t at = b->len;

	while (at && (b->s[at - 1] != '\n' || at == b->len || --n))
		at--;
	return at;
}

/* "CPU#0\nRAX=... RIP=ffffffff81a3c4d2 RFL=..." (arm64: " PC=ffff80008010a2c4 ") shortened to a line a CPU. */
static void add_counters(const char *registers, struct buf *out)
{
	const char *at = registers, *next, *pc;
	size_t len;

	while (at && (at = strstr(at, "CPU#"))) {
		len = strcspn(at, "\n");
		next = strstr(at + 4, "CPU#");
		pc = strstr(at, " RIP=");
		if (!pc)
			pc = strstr(at, "PC=");
		if (pc && (!next || pc < next)) {
			pc = strchr(pc, '=') + 1;
			buf_fmt(out, "%.*s at %.*s\n", (int)len, at, (int)strcspn(pc, " \r\n"), pc);
		}
		at = next;
	}
}

static void ask_qemu(struct emulator *e, struct buf *out)
{
	struct buf registers = BUF_INIT, why = BUF_INIT;

	if (!qmp_monitor(&e->qmp, "info registers -a", &registers, &why))
		add_counters(buf_text(&registers), out);
	else
		buf_fmt(out, "%s\n", buf_text(&why));
	buf_release(&registers);
	buf_release(&why);
}

/*
 * A break and a letter on the serial console, as an operator would: l for the backtraces
 * of all CPUs, w for those of the tasks that sleep and cannot be woken by signals.
 */
static void sysrq(struct emulator *e, char letter)
{
	struct buf nothing = BUF_INIT;

	if (!qmp_monitor(&e->qmp, "chardev-send-break console", &nothing, &nothing))
		emulator_send(e, e->console, &letter, 1);
	buf_release(&nothing);
}

static void listen(struct emulator *e)
{
	uint64_t start = clock_now_ns(), now = start;

	while (!e->ended && now - start < PATIENCE_NS &&
	       (e->console_ns < start || now - e->console_ns < QUIET_NS)) {
		emulator_wait(e, NULL, 0, 100);
		now = clock_now_ns();
	}
}

static bool find(const struct emulator *e, struct incident *i)
{
	return i->nframes || backtrace_find(buf_text(&e->tail), e->tail.len, i);
}

void autopsy_silent(struct emulator *e, const char *what, struct incident *i)
{
	struct buf before = BUF_INIT;
	size_t at = last_lines(&e->tail, TAIL_LINES);

	i->kind = INCIDENT_SILENT;
	i->what = xstrdup(what);
	buf_add(&before, buf_text(&e->tail) + at, e->tail.len - at);
	buf_reset(&e->tail);
	if (!e->ended) {
		sysrq(e, 'l');
		listen(e);
	}
	if (!find(e, i) && !e->ended) {
		sysrq(e, 'w');	/* no CPU is in it: then it sleeps */
		listen(e);
	}
	if (!find(e, i) && !e->ended)
		ask_qemu(e, &i->lines);
	buf_add(&i->lines, buf_text(&before), before.len);
	buf_add(&i->lines, buf_text(&e->tail), e->tail.len);
	if (e->said.len)
		buf_add(&i->lines, e->said.s, e->said.len);
	buf_release(&before);
}
