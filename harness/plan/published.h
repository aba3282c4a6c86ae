/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Figures that somebody published, as data: what the model's answers are held
 * against, and which of them it was fitted to. Pure.
 *
 *	published: fast-short-reads
 *	source: "..."
 *	threads: 16
 *	cells:
 *	  - {kernel: baseline, workload: read, file_size: 4k, block: 1, sharing: diff,
 *	     mean: 27.56, sd: 0.114, fit: instruction_ns}
 *
 * mean and sd are MiB/s of all threads. Every key of a cell but kernel, mean, sd and fit is a
 * parameter whose value the cell it is about has.
 */
#ifndef HARNESS_PLAN_PUBLISHED_H
#define HARNESS_PLAN_PUBLISHED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/plan/processor.h"

struct published_field {
	char *key, *value;
};

struct published_cell {
	char *kernel;
	struct published_field *field;
	size_t nfields;
	double mean, sd;		/* MiB/s; sd 0 where none was given */
	int fit;			/* the enum constant that was fitted to this figure, or -1 */
	unsigned line;			/* in the file */
};

struct published {
	char *name, *source;
	uint32_t threads;
	struct published_cell *cell;
	size_t n;
};

#define PUBLISHED_FITS_MAX 3		/* figures that a model may be fitted to */

/* 0, or -1 with "FILE:LINE:COL: what, and what would be right" in why. The caller releases in both cases. */
int published_parse(const char *file, const char *text, size_t len, struct published *p, struct buf *why);
void published_release(struct published *p);

/* Is this figure about the cell of that name (see cell_name()) on that kernel? */
bool published_matches(const struct published_cell *c, const char *kernel, const char *cell_name);

#endif
