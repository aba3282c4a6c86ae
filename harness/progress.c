/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/progress.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/clock.h"
#include "lib/err.h"

#define ABOVE "\033[A\r\033[K"	/* to the line above, and empty it */

void progress_init(struct progress *p, size_t steps, size_t done, uint64_t step_ns)
{
	*p = (struct progress){ .steps = steps, .done = done, .before = done, .step_ns = step_ns };
	p->began_ns = clock_now_ns();
	p->terminal = isatty(STDERR_FILENO);
}

static void time_left(const struct progress *p, struct buf *out)
{
	uint64_t each = p->step_ns, seconds;

	if (p->done > p->before)
		each = (clock_now_ns() - p->began_ns) / (p->done - p->before);
	seconds = each * (p->steps - p->done) / 1000000000;
	if (seconds >= 3600)
		buf_fmt(out, "%uh%02um left", (unsigned)(seconds / 3600),
			(unsigned)(seconds / 60 % 60));
	else if (seconds >= 60)
		buf_fmt(out, "%um%02us left", (unsigned)(seconds / 60), (unsigned)(seconds % 60));
	else
		buf_fmt(out, "%us left", (unsigned)seconds);
}

static size_t width(void)
{
	struct winsize size;

	return !ioctl(STDERR_FILENO, TIOCGWINSZ, &size) && size.ws_col > 20 ? size.ws_col - 1u : 79;
}

void progress_step(struct progress *p, const char *what)
{
	struct buf line = BUF_INIT;

	buf_fmt(&line, "[%zu/%zu] ", p->done + 1, p->steps);
	time_left(p, &line);
	buf_fmt(&line, "  %s", what);
	if (!p->terminal) {
		info("%s", buf_text(&line));
	} else if (err_talks()) {
		if (line.len > width())
			line.s[width()] = '\0';
		/* It ends with a newline, so that an error comes below it and not into it. */
		fprintf(stderr, "%s%s\n", p->shown ? ABOVE : "", line.s);
		p->shown = true;
	}
	buf_release(&line);
}

void progress_done(struct progress *p)
{
	p->done++;
}

void progress_clear(struct progress *p)
{
	if (p->shown)
		fputs(ABOVE, stderr);
	p->shown = false;
}
