/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/guest/incident.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "harness/guest/console_line.h"
#include "harness/guest/incident_headline.h"
#include "lib/alloc.h"

#define LINES_BYTES (64u << 10)	/* of an incident: a trace of every CPU fits, a kernel that repeats itself does not */
#define BEFORE_LINES 16		/* between "cut here" and the headline: a WARN()'s own words */

enum trace { TRACE_BEFORE, TRACE_IN, TRACE_PAST };

struct incident_finder {
	struct console_lines console;
	struct incident found;
	enum incident_end end;
	bool complete, closed;	/* closed: something else has begun, nothing belongs to it any more */
	bool timed;		/* the console's messages have times: a line without is no message */
	bool by_caller;		/* lines of others can be told by their caller */
	char caller[16];
	char *pid;		/* of the task it happened in, or NULL: not known yet */
	bool mixed;		/* another CPU reports in between, and nothing tells whose line is whose */
	unsigned unmarked;	/* reports begun whose "end trace" is to come */
	bool victim;		/* what comes is about RCU's own thread, which waits for a CPU like all others */
	enum trace trace;
	struct buf before;	/* what may turn out to be the beginning */
	unsigned before_lines;
};

static const char *const names[] = {
	[INCIDENT_NONE] = "none",
	[INCIDENT_PANIC] = "panic",
	[INCIDENT_OOPS] = "oops",
	[INCIDENT_BUG] = "bug",
	[INCIDENT_WARN] = "warn",
	[INCIDENT_SANITIZER] = "sanitizer",
	[INCIDENT_LOCKDEP] = "lockdep",
	[INCIDENT_SOFT_LOCKUP] = "soft lockup",
	[INCIDENT_HARD_LOCKUP] = "hard lockup",
	[INCIDENT_HUNG_TASK] = "hung task",
	[INCIDENT_RCU_STALL] = "rcu stall",
	[INCIDENT_OOM] = "oom",
	[INCIDENT_SILENT] = "silent",
	[INCIDENT_DIED] = "died",
	[INCIDENT_EMULATOR] = "emulator",
};

const char *incident_name(enum incident_kind kind)
{
	return names[kind];
}

static bool starts(const char *s, const char *with)
{
	return !strncmp(s, with, strlen(with));
}

static bool starts_with_one_of(const char *s, const char *const *list)
{
	while (*list && !starts(s, *list))
		list++;
	return *list;
}

/* Register dumps, also those of the user's side that stand within a trace. */
static bool is_register_line(const char *text)
{
	static const char *const list[] = {
		"RIP: ", "RSP: ", "RAX: ", "RDX: ", "RBP: ", "R10: ", "R13: ", "FS: ", "CS: ", "CR2: ",
		"DR0: ", "DR3: ", "PKRU: ", "Code: ", "ORIG_RAX: ", "pstate: ", "pc : ", "lr : ", "sp : ", "pmr: ", NULL
	};

	if (text[0] == 'x')	/* "x29: ffff800082cdbd10 x28: ..." */
		return isdigit((unsigned char)text[1]);
	return starts_with_one_of(text, list);
}

static bool is_ruler(const char *text)
{
	size_t n = strspn(text, "=");

	return n >= 20 && !text[n];
}

static bool is_cut_here(const char *text)
{
	return starts(text, "------------[ cut here ]");
}

/* The end of a panic's words; what comes after is another boot, or nothing. */
static bool is_panics_end(const char *text)
{
	static const char *const list[] = { "Kernel Offset: ", "---[ end Kernel panic", "Rebooting in ", NULL };

	return starts_with_one_of(text, list);
}

/* What kernels say between the end of a report and their own. */
static bool is_aftermath(const char *text)
{
	static const char *const list[] = {
		"note: ", "Kernel panic - not syncing", "SMP: stopping ", "Shutting down cpus", "CPU: ",
		"CPU features: ",
		"Tainted: ", "Hardware name: ", "Memory Limit: ", "PHYS_OFFSET: ", "Modules linked in:",
		"Call Trace:", "Call trace:", "Fixing recursive fault", "---[ end ", " <", NULL
	};

	return starts_with_one_of(text, list) || is_register_line(text) || is_panics_end(text);
}

/*
 * The first "symbol+0x12/0x34 [module]" at or after s: its length (0: there is
 * none) and where it begins.
 */
static size_t symbol_in(const char *s, const char **begin)
{
	const char *plus = strstr(s, "+0x"), *at;
	size_t hex;

	for (; plus; plus = strstr(plus + 1, "+0x")) {
		hex = strspn(plus + 3, "0123456789abcdef");
		at = plus + 3 + hex;
		if (!hex || strncmp(at, "/0x", 3) || !strspn(at + 3, "0123456789abcdef"))
			continue;
		at += 3 + strspn(at + 3, "0123456789abcdef");
		for (*begin = plus; *begin > s && !strchr(" \t:", (*begin)[-1]);)
			(*begin)--;
		if (*begin == plus)
			continue;
		if (!strncmp(at, " [", 2) && strchr(at, ']'))
			at = strchr(at, ']') + 1;
		return (size_t)(at - *begin);
	}
	return 0;
}

/* Functions that print a report, and would be on top of each. */
static bool is_reporter(const char *symbol)
{
	static const char *const list[] = {
		"dump_backtrace+", "show_stack+", "dump_stack+", "dump_stack_lvl+", "dump_header+", "panic+", "vpanic+",
		"print_report+", "kasan_report+", "ubsan_epilogue+", NULL
	};

	return starts_with_one_of(symbol, list);
}

static void add_frame(struct incident *i, const char *symbol, size_t len)
{
	const char *last = i->nframes ? i->frame[i->nframes - 1] : "";

	if (i->nframes == INCIDENT_FRAMES || is_reporter(symbol))
		return;
	/* A trace often begins with what the registers have told already; recursion is no such thing. */
	if (i->nframes == 1 && strlen(last) == len && !strncmp(last, symbol, len))
		return;
	i->frame[i->nframes++] = xstrndup(symbol, len);
}

/* A line of a trace: " fn+0x1/0x2", " ? fn+0x1/0x2", " fn+0x1/0x2 (P)". */
static bool is_frame(const char *text, bool *guess, const char **symbol, size_t *len)
{
	const char *at = text + strspn(text, " ");

	if (at == text)
		return false;
	*guess = starts(at, "? ");
	at += *guess ? 2 : 0;
	*len = symbol_in(at, symbol);
	return *len && *symbol == at;
}

/* Who it happened in, where nobody has said so before. */
static void set_comm(struct incident *i, const char *from, size_t len)
{
	if (!i->comm && len)
		i->comm = xstrndup(from, len);
}

/* comm, or both, where a headline names the task; each kind has its own way. */
static void comm_of_headline(struct incident *i, const char *text)
{
	const char *begin, *end;

	if ((begin = strstr(text, "s! [")) && (end = strrchr(text, ':')))
		begin += 4;		/* soft lockup: "stuck for 9s! [spinner:140]" */
	else if ((begin = strstr(text, "INFO: task ")) && (end = strstr(text, " blocked ")))
		for (begin += 11; end > begin && *end != ':';)
			end--;
	else if ((begin = strstr(text, ", CPU#")) && (begin = strstr(begin, ": ")) && (end = strrchr(begin, '/')))
		begin += 2;		/* the newer WARN(): "CPU#3: init/1" */
	else if ((end = strstr(text, " invoked oom-killer: ")))
		begin = text;
	else if ((begin = strstr(text, ": Killed process ")) && (begin = strchr(begin, '(')) &&
		 (end = strchr(begin, ')')))
		begin++;
	else
		return;
	if (end > begin)
		set_comm(i, begin, (size_t)(end - begin));
}

/* "CPU: 3 UID: 0 PID: 12 Comm: init Not tainted ..." */
static void take_cpu_line(struct incident_finder *f, const char *text)
{
	const char *pid = strstr(text, "PID: "), *comm = strstr(text, " Comm: "), *end = NULL;
	static const char *const after[] = { " Not tainted", " Tainted: ", " Kdump: loaded" };
	size_t digits, i;

	if (!starts(text, "CPU: ") || !pid || !comm)
		return;
	pid += 5;
	digits = strspn(pid, "0123456789");
	if (f->pid && (strlen(f->pid) != digits || strncmp(f->pid, pid, digits))) {
		f->mixed |= !f->by_caller && f->trace == TRACE_BEFORE;
		return;
	}
	if (!f->pid)
		f->pid = xstrndup(pid, digits);
	comm += 7;
	for (i = 0; i < sizeof(after) / sizeof(after[0]) && !end; i++)
		end = strstr(comm, after[i]);
	set_comm(&f->found, comm, end ? (size_t)(end - comm) : strlen(comm));
}

/* "RIP: 0010:fn+0x1/0x2", "pc : fn+0x1/0x2": the innermost frame. The user's RIP is a mere number. */
static void take_registers(struct incident_finder *f, const char *text)
{
	const char *symbol;
	size_t len;

	if (f->mixed || f->trace != TRACE_BEFORE || f->found.nframes)
		return;
	if (!starts(text, "RIP: ") && !starts(text, "pc : "))
		return;
	len = symbol_in(text, &symbol);
	if (len)
		add_frame(&f->found, symbol, len);
}

/*
 * Two int3 before the instruction pointer are the padding between functions: a
 * wild jump, and the kernel's own fault.
 */
static void take_code(struct incident_finder *f, const char *text)
{
	if (f->found.kind == INCIDENT_EMULATOR && f->trace == TRACE_BEFORE && starts(text, "Code: ") &&
	    strstr(text, " cc cc <"))
		f->found.kind = INCIDENT_OOPS;
}

static void take_trace(struct incident_finder *f, const char *text)
{
	const char *symbol;
	size_t len;
	bool guess, frame = is_frame(text, &guess, &symbol, &len);

	if (f->trace == TRACE_BEFORE) {
		if (starts(text, "Call Trace:") || starts(text, "Call trace:"))
			f->trace = TRACE_IN;
		/* KFENCE and KCSAN have no headline over theirs. */
		if (!frame || f->end != ENDS_WITH_RULER)
			return;
		f->trace = TRACE_IN;
	}
	if (f->trace == TRACE_PAST)
		return;
	if (frame) {
		if (!guess && !f->mixed)
			add_frame(&f->found, symbol, len);
	} else if (starts(text, " </TASK>") || (!starts(text, " <") && !is_register_line(text))) {
		f->trace = TRACE_PAST;
	}
}

static void complete_when(struct incident_finder *f, const char *text)
{
	bool over = is_panics_end(text);

	if (starts(text, "---[ end trace ") && f->unmarked)
		over |= !--f->unmarked && f->end == ENDS_WITH_MARK;
	over |= f->end == ENDS_WITH_TRACE && f->trace == TRACE_PAST;
	over |= f->end == ENDS_WITH_RULER && is_ruler(text);
	f->complete |= over;
}

static void take_headline_within(struct incident_finder *f, const struct incident_headline *head, const char *text)
{
	if (head->kind == INCIDENT_PANIC)
		f->end = ENDS_WITH_PANIC;
	if (head->kind != INCIDENT_OOM || f->found.kind != INCIDENT_OOM || !strstr(text, "Killed process"))
		return;
	/* Who was killed says more than who wanted memory. */
	free(f->found.what);
	f->found.what = xstrdup(text);
	f->complete = true;
}

static void append(struct incident_finder *f, const char *whole)
{
	if (f->found.lines.len + strlen(whole) < LINES_BYTES) {
		buf_str(&f->found.lines, whole);
		buf_ch(&f->found.lines, '\n');
	} else {
		f->complete = f->closed = true;
	}
}

static bool is_ours(const struct incident_finder *f, const struct console_line *line)
{
	return (line->timed || !f->timed) && (!f->by_caller || !strcmp(line->caller, f->caller));
}

/*
 * A stalled CPU may starve the thread that watches for stalls; its trace then comes
 * before that of the CPU, and tells nothing.
 */
static bool is_about_victim(struct incident_finder *f, const char *text)
{
	if (f->found.kind != INCIDENT_RCU_STALL || f->trace != TRACE_BEFORE)
		return false;
	if (strstr(text, "RCU grace-period kthread stack dump"))
		f->victim = true;
	else if (strstr(text, "where RCU GP kthread last ran") || starts(text, "CPU: ") ||
		 starts(text, "NMI backtrace"))
		f->victim = false;
	return f->victim;
}

/* A line after the headline. */
static void go_on(struct incident_finder *f, const struct console_line *line)
{
	const struct incident_headline *head;

	append(f, line->whole);
	if (!is_ours(f, line))
		return;
	if (is_cut_here(line->text)) {
		f->unmarked++;
		f->mixed |= !f->by_caller;
	}
	if (is_about_victim(f, line->text))
		return;
	take_cpu_line(f, line->text);
	take_registers(f, line->text);
	take_code(f, line->text);
	take_trace(f, line->text);
	head = incident_headline(line->text);
	if (head)
		take_headline_within(f, head, line->text);
	complete_when(f, line->text);
}

/* A line after its end: what is still part of it goes with it. */
static void go_after(struct incident_finder *f, const struct console_line *line)
{
	const struct incident_headline *head;
	const char *symbol;
	size_t len;
	bool guess;

	if (f->closed || !is_ours(f, line))
		return;
	head = incident_headline(line->text);
	if (is_cut_here(line->text) || is_ruler(line->text) || (head && head->kind != INCIDENT_PANIC))
		f->closed = true;
	else if (is_aftermath(line->text) || is_frame(line->text, &guess, &symbol, &len))
		append(f, line->whole);
}

/* Lines that may be the head of what comes: from "cut here" or a ruler on. */
static void remember(struct incident_finder *f, const struct console_line *line)
{
	bool first = is_cut_here(line->text) || is_ruler(line->text);

	if (first || f->before_lines == BEFORE_LINES) {
		buf_reset(&f->before);
		f->before_lines = 0;
	}
	if (first || f->before_lines) {
		buf_str(&f->before, line->whole);
		buf_ch(&f->before, '\n');
		f->before_lines++;
	}
}

static void begin(struct incident_finder *f, const struct incident_headline *head, const struct console_line *line)
{
	struct incident *i = &f->found;
	const char *symbol, *pid;
	size_t len = strlen(line->text);

	while (len && line->text[len - 1] == ' ')
		len--;
	i->kind = head->kind;
	i->what = xstrndup(line->text, len);
	buf_add(&i->lines, f->before.s, f->before.len);
	append(f, line->whole);
	f->end = head->end;
	f->unmarked = 1;
	/* Of these, one CPU tells about another, which then speaks for itself. */
	f->by_caller = line->caller[0] && i->kind != INCIDENT_RCU_STALL && i->kind != INCIDENT_HARD_LOCKUP;
	strcpy(f->caller, line->caller);
	comm_of_headline(i, line->text);
	pid = i->kind == INCIDENT_WARN ? strstr(line->text, " PID: ") : NULL;
	if (pid)
		f->pid = xstrndup(pid + 6, strspn(pid + 6, "0123456789"));
	len = symbol_in(line->text, &symbol);
	if (len)
		add_frame(i, symbol, len);
	f->complete = head->end == ENDS_WITH_KILL && strstr(line->text, "Killed process");
}

static void take_line(const struct console_line *line, void *data)
{
	struct incident_finder *f = data;
	const struct incident_headline *head = NULL;

	f->timed |= line->timed;
	if (f->complete) {
		go_after(f, line);
	} else if (f->found.kind != INCIDENT_NONE) {
		go_on(f, line);
	} else {
		/* What the kernel says before it has a console has no time either. */
		if (line->timed || !f->timed || starts(line->text, "PANIC: early exception "))
			head = incident_headline(line->text);
		if (head)
			begin(f, head, line);
		else
			remember(f, line);
	}
}

struct incident_finder *incident_finder_new(void)
{
	return xcalloc(1, sizeof(struct incident_finder));
}

void incident_finder_free(struct incident_finder *f)
{
	if (!f)
		return;
	console_lines_release(&f->console);
	incident_release(&f->found);
	buf_release(&f->before);
	free(f->pid);
	free(f);
}

void incident_finder_feed(struct incident_finder *f, const char *text, size_t len)
{
	console_lines_feed(&f->console, text, len, take_line, f);
}

void incident_finder_end(struct incident_finder *f)
{
	console_lines_end(&f->console, take_line, f);
	f->complete = f->found.kind != INCIDENT_NONE;
}

const struct incident *incident_finder_found(const struct incident_finder *f, bool *complete)
{
	*complete = f->complete;
	return &f->found;
}

void incident_text(const struct incident *i, struct buf *out)
{
	size_t n;

	buf_str(out, incident_name(i->kind));
	if (i->what)
		buf_fmt(out, ": %s", i->what);
	buf_ch(out, '\n');
	if (i->comm)
		buf_fmt(out, "  task: %s\n", i->comm);
	for (n = 0; n < i->nframes; n++)
		buf_fmt(out, "  %s %s\n", n ? "      " : "where:", i->frame[n]);
}

void incident_release(struct incident *i)
{
	size_t n;

	free(i->what);
	free(i->comm);
	for (n = 0; n < i->nframes; n++)
		free(i->frame[n]);
	buf_release(&i->lines);
	*i = (struct incident){ 0 };
}

void incident_copy(struct incident *to, const struct incident *from)
{
	size_t n;

	*to = (struct incident){ .kind = from->kind, .what = xstrdup(from->what), .comm = xstrdup(from->comm),
				 .nframes = from->nframes };
	for (n = 0; n < from->nframes; n++)
		to->frame[n] = xstrdup(from->frame[n]);
	buf_add(&to->lines, from->lines.s, from->lines.len);
}
