/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a reader of the tables must know to trust them, or not to: a line a
 * note, of whatever length, under the last table. Pure.
 */
#ifndef HARNESS_REPORT_NOTES_H
#define HARNESS_REPORT_NOTES_H

struct buf;
struct report_input;

/* Adds nothing where there is nothing to say. in->figures is there. */
void notes_render(const struct report_input *in, struct buf *out);

#endif
