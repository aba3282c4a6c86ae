/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HTML as text in a buffer: elements, attributes, and text that stays text, whatever is in it. Pure.
 */
#ifndef HARNESS_REPORT_HTML_HTML_H
#define HARNESS_REPORT_HTML_HTML_H

struct buf;

/* Escaped, for content and attribute values alike, as harness/report/escape.h does it. */
void html_text(struct buf *out, const char *s);
/* The same of a sentence: "2 -> 3" has an arrow, and stays in one line. */
void html_prose(struct buf *out, const char *s);
void html_fmt(struct buf *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * A start tag; then pairs of an attribute's name and value, NULL at the end. An attribute whose value
 * is NULL is left out: html_open(out, "tr", "class", odd ? "odd" : NULL, NULL).
 */
void html_open(struct buf *out, const char *element, ...) __attribute__((sentinel));
void html_close(struct buf *out, const char *element);
/* Start tag, text, end tag. */
void html_element(struct buf *out, const char *element, const char *text, ...) __attribute__((sentinel));

#endif
