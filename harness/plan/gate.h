/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A gate file: what speaks against a patch. Pure: takes text. docs/gates.md
 * describes the keys.
 *
 *	gate: default
 *	crash: reject			# or cannot; of the kernel that is compared with the baseline
 *	wrong_data: reject		# or cannot
 *	new_warning: reject		# or note; the compiler's, that the baseline's build has not
 *	inconclusive: blocks		# or passes: may a run with undecided gating cells be accepted?
 *	family_error: 1%		# chance that any time is called changed though none is
 *	metrics:			# what cells are judged by; the standard list where it is missing
 *	  - metric: ops_per_s
 *	    minimum: 2%			# smaller changes are none
 *	  - metric: stac
 *	  - metric: kernel_instructions
 *	    minimum: 1%
 *	  - metric: transfers
 *	    minimum: 0.05		# a count's may also be absolute, per op
 *	    gating: no			# shown and judged, but decides nothing; default yes
 *	    better: lower		# default by the metric
 *	    cells:			# decides only in these; default all
 *	      - block: [4k, 32k]
 *	cells:				# optional: only these decide; default all
 *	  - workload: read
 *	    fs: [ext4, tmpfs]
 *	    block: 4k
 */
#ifndef HARNESS_PLAN_GATE_H
#define HARNESS_PLAN_GATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/plan/schema.h"

struct buf;
struct catalogue;

enum gate_answer { GATE_REJECT, GATE_CANNOT, GATE_NOTE };
enum gate_inconclusive { GATE_BLOCKS, GATE_PASSES };
enum gate_better { GATE_BETTER_DEFAULT, GATE_HIGHER, GATE_LOWER };

/* Cells with all of these parameters ("workload" is one). */
struct gate_where {
	struct schema_text name;
	struct schema_text *value;	/* any of these, canonical as in cell names: "4k", "same" */
	size_t n;
};

struct gate_cells {
	struct gate_where *where;
	size_t n;
};

/* Those of any of these; n 0: all. */
struct gate_choice {
	struct gate_cells *cells;
	size_t n;
};

struct gate_metric {
	struct schema_text metric;	/* which there are is the judge's to know: harness/judge/yardstick.h */
	bool relative;			/* minimum is a share: 0.02 for 2 % */
	double minimum;			/* 0 or more; absolute ones in the metric's unit per op */
	bool gating;
	uint32_t better;		/* enum gate_better */
	struct gate_choice choice;	/* of the gate's cells those where it decides */
};

struct gate {
	char *file;		/* as named, for messages */
	char *name, *about;	/* about may be NULL */
	uint32_t crash;		/* GATE_REJECT or GATE_CANNOT: it panics, hangs, warns, ... while the baseline does not */
	uint32_t wrong_data;	/* likewise: it returns or writes what it must not, while the baseline does not */
	uint32_t new_warning;	/* GATE_REJECT or GATE_NOTE: the compiler warns of what it does not in the baseline */
	uint32_t inconclusive;	/* enum gate_inconclusive */
	double family_error;	/* above 0, below 0.5 */
	struct gate_metric *metric;
	size_t nmetrics;	/* 1 or more, no two of one name */
	struct gate_choice choice;	/* cells that decide */
};

extern const struct schema gate_schema, gate_metric_schema;

/* 0, or -1 with the complaint, place first; the caller releases in both cases. */
int gate_parse(const char *file, const char *text, size_t len, struct gate *g, struct buf *why);
void gate_release(struct gate *g);

/*
 * Are the parameters and values that `cells` names ones that the driver knows? Values become canonical
 * ("4096" is "4k"). 0, or -1 with the complaint, place first, and a near miss.
 */
int gate_check_cells(struct gate *g, const struct catalogue *catalogue, struct buf *why);
/* Does the cell of that name (struct plan_cell) decide? Also where gate_check_cells() was not called. */
bool gate_selects(const struct gate *g, const char *cell_name);
/* And by that metric of the gate? */
bool gate_selects_for(const struct gate *g, const struct gate_metric *m, const char *cell_name);

/* "reject", "cannot", "note". */
const char *gate_answer_name(uint32_t answer);

#endif
