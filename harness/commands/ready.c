/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/commands/ready.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "harness/commands/interrupt.h"
#include "harness/kernel/kernel.h"
#include "lib/buf.h"
#include "lib/clock.h"
#include "lib/err.h"
#include "lib/exitcode.h"

#define SECOND_NS 1000000000ull
#define LINE_EVERY_NS (30 * SECOND_NS)	/* where stderr is no terminal */
#define REDRAW_NS (SECOND_NS / 10)
#define ABOVE "\033[A\r\033[K"		/* to the line above, and empty it */

/* A build as it is watched. */
struct watch {
	const char *name;
	uint64_t began_ns, said_ns;	/* said_ns: 0 before the first line */
	unsigned done;
	bool terminal, shown;		/* shown: a changing line stands on the terminal */
};

static size_t width(void)
{
	struct winsize size;

	return !ioctl(STDERR_FILENO, TIOCGWINSZ, &size) && size.ws_col > 20 ? size.ws_col - 1u : 79;
}

static void draw(struct watch *w, char *line)
{
	if (!w->terminal) {
		info("%s", line);
		return;
	}
	if (!err_talks())
		return;
	if (strlen(line) > width())
		line[width()] = '\0';
	/* It ends with a newline, so that an error comes below it and not into it. */
	fprintf(stderr, "%s%s\n", w->shown ? ABOVE : "", line);
	w->shown = true;
}

static void add_time(uint64_t ns, struct buf *out)
{
	uint64_t seconds = ns / SECOND_NS;

	if (seconds >= 60)
		buf_fmt(out, "%" PRIu64 "m%02us", seconds / 60, (unsigned)(seconds % 60));
	else
		buf_fmt(out, "%us", (unsigned)seconds);
}

/* "kernel small: [120/950] 41s, 4m40s left: CC mm/filemap.o" */
static void watch(void *data, unsigned done, unsigned expected, const char *what)
{
	struct watch *w = data;
	struct buf line = BUF_INIT;
	uint64_t now = clock_now_ns(), every = w->terminal ? REDRAW_NS : LINE_EVERY_NS;

	/* make's first step, not what is copied before it; and again in the second of two builds */
	if (!w->began_ns || done < w->done || (done && !w->done))
		w->began_ns = now;
	w->done = done;
	/* what is no step of make is said in any case */
	if (done && w->said_ns && now - w->said_ns < every)
		return;
	w->said_ns = now;
	buf_fmt(&line, "kernel %s: ", w->name);
	if (done && done < expected)
		buf_fmt(&line, "[%u/%u] ", done, expected);
	else if (done)
		buf_fmt(&line, "[%u] ", done);
	if (done)
		add_time(now - w->began_ns, &line);
	if (done && done < expected) {
		buf_str(&line, ", ");
		add_time((now - w->began_ns) / done * (expected - done), &line);
		buf_str(&line, " left");
	}
	buf_fmt(&line, "%s%s", done ? ": " : "", what);
	draw(w, line.s);
	buf_release(&line);
}

int ready_kernel(struct spec *spec, bool clean, struct kernel *k)
{
	struct watch w = { .name = spec->name, .terminal = isatty(STDERR_FILENO) };
	const struct kernel_call call = { .spec = spec, .stop = &interrupted, .clean = clean, .progress = watch,
					  .data = &w };
	int ret = kernel_get(&call, k);

	if (ret == EXIT_ACCEPT && w.shown)
		fputs(ABOVE, stderr);
	if (ret != EXIT_ACCEPT && interrupted)
		err("kernel '%s': interrupted before it was ready", spec->name);
	return ret;
}
