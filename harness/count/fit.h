/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Constants of a processor from figures that somebody published: each figure
 * settles one, within the range that is plausible for it. What is fitted is no
 * longer predicted, so at most three are. Pure.
 */
#ifndef HARNESS_COUNT_FIT_H
#define HARNESS_COUNT_FIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/count/predict.h"

struct buf;

#define FIT_FIGURES_MAX 3
#define FIT_TOLERANCE 0.01	/* of the figure: what a fit may miss it by */

struct fit_figure {
	const struct predict_cell *cell;
	uint32_t threads;
	double ns_per_op;		/* published, of one thread */
	enum constant constant;		/* that this figure settles: one on which the cell's time depends */
};

struct fit_result {
	double value;			/* of the constant */
	double ns_per_op;		/* what the model gives with all fitted values */
	double error;			/* relative to the figure, signed */
};

/*
 * Sets the figures' constants in p; all its other values stay. 0 with result[n], or -1 and why: "busy_ns: 1392.0 ns per op
 * is out of reach: 1290.5 at its low 20, 1340.2 at its high 60". p and result are then as far as it came.
 */
int fit_run(const struct fit_figure *figure, size_t n, struct processor *p, struct fit_result *result,
	    struct buf *why);

#endif
