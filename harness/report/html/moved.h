/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cache lines that move between cores, as a section of a page; harness/report/moved.h says the same
 * as text. Nothing where nothing was predicted. Pure.
 */
#ifndef HARNESS_REPORT_HTML_MOVED_H
#define HARNESS_REPORT_HTML_MOVED_H

struct buf;
struct report_input;

void html_moved(const struct report_input *in, struct buf *out);

#endif
