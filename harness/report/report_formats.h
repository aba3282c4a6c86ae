/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The formats of report_formats[], a file each. Everyone but report.c goes
 * through that table. docs/tables.md describes what is in them.
 */
#ifndef HARNESS_REPORT_REPORT_FORMATS_H
#define HARNESS_REPORT_REPORT_FORMATS_H

struct buf;
struct report_input;

void report_text(const struct report_input *in, struct buf *out);
void report_json(const struct report_input *in, struct buf *out);
void report_csv(const struct report_input *in, struct buf *out);

#endif
