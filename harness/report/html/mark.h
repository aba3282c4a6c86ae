/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a page shows verdicts: by a sign, a word and a colour, each of which is enough alone. Pure.
 */
#ifndef HARNESS_REPORT_HTML_MARK_H
#define HARNESS_REPORT_HTML_MARK_H

#include "harness/judge/judged.h"

struct buf;

/* "&#10003; improved" */
void html_mark(struct buf *out, enum verdict v);
/* The sign, and for those who cannot see it the word. */
void html_mark_short(struct buf *out, enum verdict v);

/* Of a run: the sign as it stands in a page, and what the run is called: "Rejected". Static. */
const char *html_outcome_sign(enum outcome o);
const char *html_outcome_word(enum outcome o);

#endif
