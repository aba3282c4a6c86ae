/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static struct {
	const char *program;
	enum verbosity level;
	bool color;
} state = { .program = "foliobench" };

void err_program(const char *name)
{
	state.program = name;
}

void err_verbosity(enum verbosity level)
{
	state.level = level;
}

void err_color(bool on)
{
	state.color = on;
}

/* One write a message, so that lines of two processes do not interleave. */
static void say(const char *sgr, const char *kind, const char *fmt, va_list ap)
{
	int saved = errno;	/* vasprintf() reads it for %m, and callers may look at it after us */
	char *text = NULL;

	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	if (!kind)
		fprintf(stderr, "%s\n", text ? text : fmt);
	else if (state.color)
		fprintf(stderr, "%s: \033[%sm%s:\033[0m %s\n", state.program, sgr, kind,
			text ? text : fmt);
	else
		fprintf(stderr, "%s: %s: %s\n", state.program, kind, text ? text : fmt);
	free(text);
	errno = saved;
}

int err(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say("1;31", "error", fmt, ap);
	va_end(ap);
	return -1;
}

int err_at(const char *message)
{
	fprintf(stderr, "%s\n", message);
	return -1;
}

void warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say("1;33", "warning", fmt, ap);
	va_end(ap);
}

bool err_talks(void)
{
	return state.level >= NORMAL;
}

void info(const char *fmt, ...)
{
	va_list ap;

	if (state.level < NORMAL)
		return;
	va_start(ap, fmt);
	say(NULL, NULL, fmt, ap);
	va_end(ap);
}

void detail(const char *fmt, ...)
{
	va_list ap;

	if (state.level < VERBOSE)
		return;
	va_start(ap, fmt);
	say(NULL, NULL, fmt, ap);
	va_end(ap);
}

void err_bug(const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "%s: BUG at %s:%d: ", state.program, file, line);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	abort();
}
