/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text of whatever origin (names from job files, console lines, mails) made fit for formats of lines
 * and for XML. Pure.
 */
#ifndef HARNESS_REPORT_ESCAPE_H
#define HARNESS_REPORT_ESCAPE_H

#include <stddef.h>

struct buf;

/*
 * Appends s as UTF-8 without control characters: these (newlines and tabs among them), what no XML
 * may hold (U+FFFE, U+FFFF), the characters in `also`, and, of a text that is no UTF-8, all bytes
 * above 0x7f become "\x0a" and so on. `also` is ASCII; NULL: none.
 */
void escape_text(const char *s, const char *also, struct buf *out);

/* The same as XML text or the value of an attribute: `&<>"'` are entities. */
void escape_xml(const char *s, struct buf *out);

/*
 * What no terminal and no mail may be given to act on: control characters of text from byte `from` on, but newlines,
 * become '?', byte for byte.
 */
void escape_controls(struct buf *text, size_t from);

#endif
