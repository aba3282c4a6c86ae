/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/guest/autopsy.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "harness/guest/backtrace.h"
#include "harness/guest/emulator.h"
#include "harness/guest/incident.h"
#include "harness/guest/sysmap.h"
#include "lib/alloc.h"
#include "lib/clock.h"

#define TAIL_LINES 20		/* of a silent guest's console, before it was asked */
#define PATIENCE_NS 3000000000ull
#define QUIET_NS 1000000000ull	/* then a kernel that was asked has said all */

/* The first thing that QEMU said and did not call a warning, without its name. GLib sets asterisks before its own. */
static void first_words(const struct emulator *e, struct buf *out)
{
	const char *s = buf_text(&e->said), *colon, *end, *warning;

	s += strspn(s, "*\n");
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

/* Where a CPU is that does nothing. */
static bool is_idle(const char *function)
{
	return strstr(function, "_halt+") || strstr(function, "idle");
}

/* A CPU's place, with its function where that is known; the first that does something is the incident's frame. */
static void add_counter(const char *cpu, const char *counter, const struct buf *map, struct incident *i)
{
	struct buf function = BUF_INIT;

	buf_fmt(&i->lines, "%.*s at %.*s", (int)strcspn(cpu, " \r\n"), cpu, (int)strcspn(counter, " \r\n"),
		counter);
	if (sysmap_find(buf_text(map), map->len, strtoull(counter, NULL, 16), &function)) {
		buf_fmt(&i->lines, " %s", buf_text(&function));
		if (!i->nframes && !is_idle(buf_text(&function)))
			i->frame[i->nframes++] = xstrdup(buf_text(&function));
	}
	buf_ch(&i->lines, '\n');
	buf_release(&function);
}

/* "CPU#0\nRAX=...\nRIP=ffffffff81a3c4d2 RFL=..." (arm64: " PC=ffff80008010a2c4 ") shortened to a line a CPU. */
static void add_counters(const char *registers, const struct buf *map, struct incident *i)
{
	const char *at = strstr(registers, "CPU#"), *next, *counter;

	for (; at; at = next) {
		next = strstr(at + 4, "CPU#");
		counter = strstr(at, "RIP=");
		if (!counter)
			counter = strstr(at, "PC=");
		if (counter && (!next || counter < next))
			add_counter(at, strchr(counter, '=') + 1, map, i);
	}
}

static void ask_qemu(struct emulator *e, const char *symbols, struct incident *i)
{
	struct buf registers = BUF_INIT, map = BUF_INIT, why = BUF_INIT;

	if (symbols && buf_read_file(&map, symbols))
		buf_reset(&map);	/* then there are only numbers */
	if (!qmp_monitor(&e->qmp, "info registers -a", &registers, &why))
		add_counters(buf_text(&registers), &map, i);
	else
		buf_fmt(&i->lines, "%s\n", buf_text(&why));
	buf_release(&registers);
	buf_release(&map);
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

void autopsy_silent(struct emulator *e, const char *what, const char *symbols, struct incident *i)
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
		ask_qemu(e, symbols, i);
	buf_add(&i->lines, buf_text(&before), before.len);
	buf_add(&i->lines, buf_text(&e->tail), e->tail.len);
	if (e->said.len)
		buf_add(&i->lines, e->said.s, e->said.len);
	buf_release(&before);
}
