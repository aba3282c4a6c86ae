/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The model's figures beside published ones: error by error, whether a change has
 * the sign that was published, and what each constant of the machine file weighs. Pure.
 */
#ifndef HARNESS_REPORT_VALIDATION_H
#define HARNESS_REPORT_VALIDATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/plan/processor.h"
#include "harness/plan/published.h"

struct buf;

/* One published figure and what the model says of it. MiB/s; bytes_per_op 0: nothing was counted for it. */
struct validation {
	const struct published_cell *published;
	double predicted, low, high;
	double ns_per_op;
	double at_low[NCONSTANTS], at_high[NCONSTANTS];	/* ns per op with that one constant there */
	bool counted;			/* false: the run has no such cell, the rest means nothing */
};

struct validation_input {
	const struct published *published;
	const struct processor *machine;
	const struct validation *v;	/* one a published figure, in their order */
	size_t n;
};

/*
 * The figures, how good they are, and the table of constants. A figure counts as fitted where the machine's
 * constant that it settles is calibrated.
 */
void validation_render(const struct validation_input *in, struct buf *out);

#endif
