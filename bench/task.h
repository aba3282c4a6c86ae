/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What of a task is the crew's business and not the workload's: bench/workload.h
 * has the rest.
 */
#ifndef BENCH_TASK_H
#define BENCH_TASK_H

#include <stdint.h>

#include "bench/workload.h"

void task_init(struct task *t, struct bench *b, unsigned index);

/* In its next run() the task does n ops, each between markers. Before the thread enters it. */
void task_count(struct task *t, uint64_t n);

#endif
