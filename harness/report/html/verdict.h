/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a page begins with: the verdict, what decided it, and what is to be known beside. Pure.
 */
#ifndef HARNESS_REPORT_HTML_VERDICT_H
#define HARNESS_REPORT_HTML_VERDICT_H

struct buf;
struct report_input;

/* The banner: the verdict as sign, word and colour, the headline, and what it means in a sentence. */
void html_banner(const struct report_input *in, struct buf *out);
/* The findings that decided it; of a run that a kernel in trouble ended, what it ran into. */
void html_deciding(const struct report_input *in, struct buf *out);
/* Sentences, where there are any. */
void html_notes(const struct report_input *in, struct buf *out);

#endif
