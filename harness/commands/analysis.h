/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the trace of one kernel to what is kept of it: for every cell its exact
 * counts, and for every machine what the coherence model makes of them.
 */
#ifndef HARNESS_COMMANDS_ANALYSIS_H
#define HARNESS_COMMANDS_ANALYSIS_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/commands/machines.h"
#include "harness/store/counted.h"

struct plan;
struct symbols;

struct analysis_call {
	const struct plan *plan;
	const char *kernel;		/* its name in the plan */
	const char *trace;		/* path */
	const char *qemu;		/* version */
	const uint64_t *bytes_per_op;	/* [plan->ncells] */
	uint64_t ops;			/* counted a thread */
	const struct symbols *symbols;	/* NULL: none are known */
	const struct machines *machines;
	const volatile sig_atomic_t *stop;
	/* Each record in its turn, the count of a cell first; 0, or -1 after reporting, which ends it. Borrowed. */
	int (*count)(const struct count_record *c, void *data);
	int (*prediction)(const struct prediction_record *p, void *data);
	void *data;
};

/* 0; or after reporting 1 where the trace is damaged or not of this plan, else -1. */
int analyse(const struct analysis_call *call);

/* Threads of a cell, as its name says. */
uint32_t analysis_threads(const char *cell_name);

#endif
