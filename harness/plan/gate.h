/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A gate file: what speaks against a patch. Pure: takes text. docs/gates.md
 * describes the keys.
 *
 *	gate: default
 *	crash: reject			# or cannot; of the kernel that is compared with the baseline
 *	wrong_data: reject		# or cannot
 */
#ifndef HARNESS_PLAN_GATE_H
#define HARNESS_PLAN_GATE_H

#include <stddef.h>
#include <stdint.h>

#include "harness/plan/schema.h"

struct buf;

enum gate_answer { GATE_REJECT, GATE_CANNOT };

struct gate {
	char *name, *about;	/* about may be NULL */
	uint32_t crash;		/* enum gate_answer: it panics, hangs, warns, ... while the baseline does not */
	uint32_t wrong_data;	/* it returns or writes what it must not, while the baseline does not */
};

extern const struct schema gate_schema;

/* 0, or -1 with the complaint, place first; the caller releases in both cases. */
int gate_parse(const char *file, const char *text, size_t len, struct gate *g, struct buf *why);
void gate_release(struct gate *g);

/* "reject", "cannot". */
const char *gate_answer_name(uint32_t answer);

#endif
