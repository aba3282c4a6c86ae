/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Header fields of a mail (RFC 5322), non-ASCII text as RFC 2047 wants it. What
 * a value holds, it stays one field: no line break gets through. Pure.
 */
#ifndef HARNESS_REPORT_MAIL_HEADER_H
#define HARNESS_REPORT_MAIL_HEADER_H

#include <stdbool.h>

struct buf;

/* "Subject: value", folded, newline at the end. UTF-8. */
void mail_header(const char *name, const char *value, struct buf *out);

/* Is it a Message-ID, with or without <>? */
bool mail_is_id(const char *id);

/* In-Reply-To and References of an answer; id with or without <>. Nothing for an id that is none. */
void mail_answer(const char *id, struct buf *out);

/* Date, of "2026-11-21T11:02:03Z" or "2026-11-21T11-02-03-..."; nothing where it is no such thing. 0 or -1. */
int mail_date(const char *at, struct buf *out);

#endif
