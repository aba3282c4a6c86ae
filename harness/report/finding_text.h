/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words and figures of one finding, as the tables of a verdict have them. STAC and CLAC
 * of a cell that moved alike are one finding there: pairs. Pure.
 */
#ifndef HARNESS_REPORT_FINDING_TEXT_H
#define HARNESS_REPORT_FINDING_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/judge/judged.h"

struct buf;

/* How many findings, from the i-th on, are of its kernel and cell: they follow each other. */
size_t finding_run(const struct judged *j, size_t i);

/* Does the i-th stand for a pair, or is it the other half of one, which is not shown? */
bool finding_is_pair(const struct judged *j, size_t i);
bool finding_is_half(const struct judged *j, size_t i);

/* Did the verdict rest on it? */
bool finding_decided(const struct judged *j, size_t i);

/* "ops/s", "kernel insns", "STAC". Static. */
const char *finding_label(struct yardstick y);
/* The same, or "STAC/CLAC pairs". */
void finding_metric(const struct judged *j, size_t i, struct buf *out);
/* Either side, in the unit that tables show. "-" where it is not known. */
void finding_value(const struct finding *f, double value, struct buf *out);
/* "-4.5%", "+1", "+5 (+0.3%)", "0"; "-" where a side is not known. */
void finding_change(const struct finding *f, struct buf *out);
/* "-5.4% to -3.6%", "no bound"; nothing for counts, and where nothing was found. */
void finding_interval(const struct finding *f, struct buf *out);

#endif
