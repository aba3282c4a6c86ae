/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The workloads that the driver offers, read from `foliobench describe --json`,
 * so that a job file is checked by the same tables as the driver's arguments
 * and the two can never disagree. Pure: takes text.
 *
 *	{"schema":1, "common":[PARAM...],
 *	 "workloads":[{"name":"read","summary":"...","params":[PARAM...]}, ...]}
 *	PARAM = {"name":"block","kind":"size","default":"4k"|null,"min":1,"max":1048576,
 *		 "choices":["same","diff"],"help":"...","where":false}
 *
 * kind: count, size, duration, choice, text; min and max only with numbers (max may
 * be absent: no limit), choices only with choice.
 */
#ifndef HARNESS_PLAN_CATALOGUE_H
#define HARNESS_PLAN_CATALOGUE_H

#include <stddef.h>

#include "lib/param.h"

struct catalogue_workload {
	char *name;
	char *summary;
	struct param *params;	/* PARAM_END at the end */
};

struct catalogue {
	struct catalogue_workload *workload;
	size_t n;
	struct param *common;	/* threads, placement, ..., dir; PARAM_END at the end */
};

/* 0, or -1 and why; the caller releases in both cases. */
int catalogue_parse(const char *text, size_t len, struct catalogue *c, struct buf *why);
void catalogue_release(struct catalogue *c);
const struct catalogue_workload *catalogue_find(const struct catalogue *c, const char *name);

#endif
