/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Decimal numbers and shares as people write them: "0.35", "2%". Pure.
 */
#ifndef HARNESS_PLAN_DECIMAL_H
#define HARNESS_PLAN_DECIMAL_H

#include <stddef.h>

/*
 * Digits, and perhaps a point and more digits; no sign, no exponent, no blank, at most 16 characters. 0, or -1 with
 * *out 0.
 */
int decimal_parse(const char *s, size_t len, double *out);

/* The same with a percent sign at its end, as a share: 0.02 for "2%". */
int decimal_parse_percent(const char *s, double *share);

#endif
