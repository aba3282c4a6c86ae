/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel's console cut into lines, and each line's text apart from what printk
 * put before it: "<4>", "[    1.234567]", "[  T123]". Pure.
 *
 * Bytes come in pieces torn anywhere. Carriage returns and terminal sequences
 * are dropped, other control bytes and what is not ASCII become '?', so that a
 * line is fit for any terminal. A message that a kernel began in the middle of
 * a program's line is a line of its own.
 */
#ifndef HARNESS_GUEST_CONSOLE_LINE_H
#define HARNESS_GUEST_CONSOLE_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/buf.h"

#define CONSOLE_LINE_MAX 4096	/* bytes; what a line has beyond them is dropped */

/* Lives as long as the call that gives it. */
struct console_line {
	const char *whole;	/* the line as it stands on the console, NUL-terminated */
	const char *text;	/* the part of it after the time and the caller */
	bool timed;
	char caller[16];	/* "T123", "C0" with CONFIG_PRINTK_CALLER; "" */
};

enum console_escape { ESCAPE_NONE, ESCAPE_BEGUN, ESCAPE_CSI, ESCAPE_OSC };

struct console_lines {
	struct buf part;	/* of a line that has not ended yet */
	enum console_escape escape;
};
#define CONSOLE_LINES_INIT { 0 }

void console_lines_feed(struct console_lines *c, const char *text, size_t len,
			void (*take)(const struct console_line *line, void *data), void *data);
/* What came after the last newline is a line, too. */
void console_lines_end(struct console_lines *c, void (*take)(const struct console_line *line, void *data), void *data);
void console_lines_release(struct console_lines *c);

#endif
