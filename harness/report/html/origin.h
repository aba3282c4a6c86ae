/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a page's figures come from: the machine and the kernels, what differs between them first; how to
 * measure the same again; and the run in numbers. Pure.
 */
#ifndef HARNESS_REPORT_HTML_ORIGIN_H
#define HARNESS_REPORT_HTML_ORIGIN_H

struct buf;
struct report_input;

void html_environment(const struct report_input *in, struct buf *out);
void html_reproduce(const struct report_input *in, struct buf *out);
void html_run(const struct report_input *in, struct buf *out);

#endif
