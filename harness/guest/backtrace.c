/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/guest/backtrace.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "harness/guest/console_line.h"
#include "harness/guest/incident.h"
#include "lib/alloc.h"

/* One CPU's backtrace, or that of a task that sleeps. */
struct section {
	char *comm;
	char *frame[INCIDENT_FRAMES];
	size_t n;
	bool in_syscall;
};

struct search {
	struct section now, best;
	bool tracing, interrupted;	/* below "Call Trace:"; between <IRQ> or <NMI> and its end */
};

static void drop_frames(struct section *s)
{
	while (s->n)
		free(s->frame[--s->n]);
	s->in_syscall = false;
}

static void drop(struct section *s)
{
	drop_frames(s);
	free(s->comm);
	*s = (struct section){ 0 };
}

static int worth(const struct section *s)
{
	if (!s->n || !s->comm || !strncmp(s->comm, "swapper", 7))
		return 0;
	return s->in_syscall ? 2 : 1;
}

static void section_ends(struct search *s)
{
	if (worth(&s->now) > worth(&s->best)) {
		drop(&s->best);
		s->best = s->now;
		s->now = (struct section){ 0 };
	}
	drop(&s->now);
	s->tracing = s->interrupted = false;
}

/* The text after `key` in the line, or NULL. */
static const char *after(const char *line, const char *key)
{
	const char *at = strstr(line, key);

	return at ? at + strlen(key) : NULL;
}

static bool starts(const char *s, const char *with)
{
	return !strncmp(s, with, strlen(with));
}

/* "name+0x1a/0x300" at s: its length, or 0. */
static size_t frame_len(const char *s)
{
	size_t name = strcspn(s, " +"), len = strcspn(s, " ");
	const char *slash = memchr(s, '/', len);

	return name && starts(s + name, "+0x") && slash && starts(slash, "/0x") ? len : 0;
}

static bool is_syscall(const char *s)
{
	return starts(s, "do_syscall_64+") || starts(s, "entry_SYSCALL_64") ||
	       starts(s, "invoke_syscall+") || starts(s, "el0_svc+");
}

static void add_frame(struct section *s, const char *at)
{
	size_t len = frame_len(at);
	char *last = s->n ? s->frame[s->n - 1] : NULL;

	if (!len || starts(at, "__schedule+") || starts(at, "schedule+"))
		return;
	if (is_syscall(at))
		s->in_syscall = true;
	/* the program counter is said twice */
	if (s->n == INCIDENT_FRAMES || (last && strlen(last) == len && starts(at, last)))
		return;
	s->frame[s->n++] = xstrndup(at, len);
}

static void take_comm(struct section *s, const char *at)
{
	const char *end = strstr(at, " Not tainted");

	if (!end)
		end = strstr(at, " Tainted:");
	if (end && !s->comm)
		s->comm = xstrndup(at, (size_t)(end - at));
}

/* A line below "Call Trace:". */
static void take_trace(struct search *s, const char *text)
{
	text += strspn(text, " ");
	if (starts(text, "<IRQ>") || starts(text, "<NMI>")) {
		s->interrupted = true;
	} else if (starts(text, "</IRQ>") || starts(text, "</NMI>")) {
		s->interrupted = false;
	} else if (starts(text, "el1h_64_irq+")) {
		drop_frames(&s->now);	/* arm64: what was interrupted begins below it */
	} else if (!s->interrupted && *text != '?') {
		add_frame(&s->now, text);
	}
}

static void take(const struct console_line *line, void *data)
{
	struct search *s = data;
	const char *text = line->text, *at;

	if (strstr(text, "backtrace for cpu ")) {
		section_ends(s);
	} else if (starts(text, "task:")) {
		section_ends(s);
		at = text + 5;
		s->now.comm = xstrndup(at, strcspn(at, " "));
	} else if (starts(text, "CPU: ") && (at = after(text, " Comm: "))) {
		take_comm(&s->now, at);
	} else if ((at = after(text, "RIP: 0010:"))) {
		/* within a trace: what the interrupt interrupted */
		drop_frames(&s->now);
		add_frame(&s->now, at);
	} else if (starts(text, "pc : ")) {
		drop_frames(&s->now);
		add_frame(&s->now, text + 5);
	} else if (starts(text, "Call Trace:") || starts(text, "Call trace:")) {
		s->tracing = true;
	} else if (s->tracing) {
		take_trace(s, text);
	}
}

bool backtrace_find(const char *console, size_t len, struct incident *i)
{
	struct console_lines lines = CONSOLE_LINES_INIT;
	struct search s = { 0 };
	bool found;

	console_lines_feed(&lines, console, len, take, &s);
	console_lines_end(&lines, take, &s);
	console_lines_release(&lines);
	section_ends(&s);
	found = s.best.n > 0;
	if (found) {
		i->comm = s.best.comm;
		memcpy(i->frame, s.best.frame, sizeof(i->frame));
		i->nframes = s.best.n;
	}
	return found;
}
