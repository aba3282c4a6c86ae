/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is around a page's content: its head, with all that the browser is allowed, and style and script,
 * which are the files page.css and page.js, put into the program when it is built. Pure.
 */
#ifndef HARNESS_REPORT_HTML_PAGE_H
#define HARNESS_REPORT_HTML_PAGE_H

struct buf;

/* From the document type to the beginning of the body. */
void page_begin(const char *title, struct buf *out);
/* The script, and the end. */
void page_end(struct buf *out);

#endif
