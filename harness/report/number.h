/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers as the published table prints them, and parameters of cells as
 * numbers. docs/tables.md states the rules. Pure.
 */
#ifndef HARNESS_REPORT_NUMBER_H
#define HARNESS_REPORT_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

struct buf;

/*
 * A mean, >= 0: four significant digits, at least one decimal below 10000 and
 * none above, zeros at the end left out: "10.96", "30.4", "7009.6", "103800",
 * "0.01234". From 1e15, and below 1e-6, with an exponent.
 */
void number_mean(double x, struct buf *out);

/*
 * A standard deviation with its parentheses: four significant digits but at
 * most three decimals (more where that would leave fewer than two significant
 * ones), zeros at the end kept: "(0.497)", "(28.00)", "(1953)", "(0.00012)".
 * Exactly 0 is "(0)"; NAN, as of a single number, "(-)".
 */
void number_deviation(double x, struct buf *out);

/* To four significant digits, whole numbers too: what no model knows better. */
double number_rounded(double x);

/* Both ends, rounded so, each as a deviation is printed: "(26.10-31.42)", "(38110-152400)". */
void number_range(double low, double high, struct buf *out);

/* A difference in percent, "+153.2%"; "-" where there is nothing to compare with (from is 0) or no number. */
void number_percent(double from, double to, struct buf *out);

/*
 * A cell's parameter as a number in base units: counts ("16"), and sizes where
 * key is one that holds bytes ("4k"). False where it is neither.
 */
bool number_parameter(const char *key, const char *text, uint64_t *n);

#endif
