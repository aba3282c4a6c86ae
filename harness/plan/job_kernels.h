/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The part of a job that is about kernels and their guests: its keys `kernels`,
 * `guest` and `emulated`. For job.c; everyone else includes job.h. Pure.
 */
#ifndef HARNESS_PLAN_JOB_KERNELS_H
#define HARNESS_PLAN_JOB_KERNELS_H

#include <stdbool.h>

struct buf;
struct job;
struct yaml_value;

/* From the job's mapping. 0, or -1 and why with the place; what was read so far is the job's in both cases. */
int job_read_kernels(struct job *job, const struct yaml_value *root, struct buf *why);
void job_release_kernels(struct job *job);

/*
 * "guest.cpus", "4": one key of one of the sections. 0, or -1 and why, without a place, with the
 * job unchanged.
 */
int job_set_section(struct job *job, const char *name, const char *text, struct buf *why);

/* After a key of the job was set: what `emulated` says in its place is forgotten. */
void job_forget_emulated(struct job *job, const char *key);

/* What goes into plan.json must be UTF-8; a file's text is that already. */
bool job_is_utf8(const char *text);

#endif
