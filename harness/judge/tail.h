/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tails of the distributions that the judge needs: Student's t and the binomial.
 * Agreement with R is held by tests/reference/statistics.csv.
 */
#ifndef HARNESS_JUDGE_TAIL_H
#define HARNESS_JUDGE_TAIL_H

#include <stdint.h>

/* P(|T| >= |t|) for df > 0 degrees of freedom, which need not be whole. */
double tail_student(double t, double df);
/* The t that |T| exceeds with probability alpha, 0 < alpha < 1: 12.7 for 0.05 and df = 1. */
double tail_student_quantile(double alpha, double df);

/*
 * Clopper and Pearson's interval for a probability, of coverage 1 - alpha at least, after
 * `hits` in `draws` > 0 trials (Biometrika 26, 1934, 404-413).
 */
struct tail_bounds {
	double low, high;
};

struct tail_bounds tail_binomial(uint64_t hits, uint64_t draws, double alpha);

#endif
