/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What cells are called for short: "write/256/tmpfs", the workload and the values of those parameters in which the
 * plan's cells of that workload differ. Pure.
 */
#ifndef HARNESS_PLAN_BRIEF_H
#define HARNESS_PLAN_BRIEF_H

#include <stddef.h>

struct buf;
struct plan;

/* Fills plan->cell[].brief. plan_make() and plan_from_json() have done it. */
void brief_make(struct plan *plan);
/* Appended; of a plan made by hand it is worked out each time. */
void brief_add(const struct plan *plan, size_t cell, struct buf *out);

#endif
