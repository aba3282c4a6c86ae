/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sections of a page: a heading, a word on what follows, and the content. Pure.
 */
#ifndef HARNESS_REPORT_HTML_SECTION_H
#define HARNESS_REPORT_HTML_SECTION_H

#include <stddef.h>

struct buf;

/* about: NULL for nothing. */
void section_begin(const char *id, const char *title, const char *about, struct buf *out);
/* Ends the section that begins at `from`, or takes it back where nothing came after `content`. */
void section_end(size_t from, size_t content, struct buf *out);

/* Each line of a text becomes a paragraph of that class (NULL: none). Releases the text. */
void section_paragraphs(struct buf *text, const char *class, struct buf *out);

#endif
