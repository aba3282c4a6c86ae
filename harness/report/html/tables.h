/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A run's tables in a page, in the layout of harness/report/table.h and exact.h, with the verdicts'
 * signs where a difference was judged. Sections with their headings; nothing where there is nothing. Pure.
 */
#ifndef HARNESS_REPORT_HTML_TABLES_H
#define HARNESS_REPORT_HTML_TABLES_H

struct buf;
struct report_input;

/* The figures are there: not for a run that a kernel in trouble ended. */
void html_measured(const struct report_input *in, struct buf *out);
void html_predicted(const struct report_input *in, struct buf *out);
void html_counts(const struct report_input *in, struct buf *out);

#endif
