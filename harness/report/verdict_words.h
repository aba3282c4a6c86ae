/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A verdict in words for somebody who has never seen one: what it means, what the worst of
 * it is, how sure it is, and what the metrics are that it speaks of. Pure.
 */
#ifndef HARNESS_REPORT_VERDICT_WORDS_H
#define HARNESS_REPORT_VERDICT_WORDS_H

#include <stddef.h>

struct buf;
struct report_input;

/* Paragraphs, broken at so many characters, blank lines between them. in->judged is there. */
void verdict_words(const struct report_input *in, size_t width, struct buf *out);

#endif
