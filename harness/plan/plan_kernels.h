/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The part of a plan that is about kernels and their guests. For plan.c and
 * plan_json.c; everyone else includes plan.h. Pure.
 */
#ifndef HARNESS_PLAN_PLAN_KERNELS_H
#define HARNESS_PLAN_PLAN_KERNELS_H

#include "lib/json.h"

struct buf;
struct job;
struct plan;
struct plan_machine;

/* The job's kernels, or the running one; the guest; and what `emulated` changes. 0, or -1 and why. */
int plan_take_kernels(struct plan *plan, const struct job *job, const struct plan_machine *machine,
		      struct buf *why);
void plan_release_kernels(struct plan *plan);

/* Can a guest have that file system? 0, or -1 and why, which begins with "fs: ". */
int plan_check_fs(const char *fs, struct buf *why);

/* As parts of plan.json, put into and taken from its object. 0, or -1 and why; what was read is the plan's in both cases. */
void plan_put_kernels(const struct plan *plan, json_t *o);
int plan_get_kernels(const json_t *o, struct plan *plan, struct buf *why);

#endif
