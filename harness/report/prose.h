/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sentences broken into lines at blanks. Widths are in characters, not bytes. Pure.
 */
#ifndef HARNESS_REPORT_PROSE_H
#define HARNESS_REPORT_PROSE_H

#include <stddef.h>

#include "lib/buf.h"

enum { PROSE_TERMINAL = 98, PROSE_MAIL = 72 };

struct prose {
	size_t width;		/* of a line, blanks before it included; a longer word has a line of its own */
	const char *first;	/* before the first line, "- "; the others are indented as far. NULL: nothing */
};

/*
 * Blanks and newlines of the text become one blank or a line's end; a newline at the end. What is in `backquotes` is
 * not broken. No text: nothing.
 */
void prose_add(const struct prose *p, const char *text, struct buf *out);

#endif
