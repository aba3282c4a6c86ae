/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench/workload.h"

#include <string.h>

extern const struct workload bounce_workload, null_workload, read_workload, write_workload;

const struct workload *const workloads[] = {
	&bounce_workload,
	&null_workload,
	&read_workload,
	&write_workload,
	NULL
};

const struct workload *workload_find(const char *name)
{
	const struct workload *const *w;

	for (w = workloads; *w; w++)
		if (!strcmp((*w)->name, name))
			return *w;
	return NULL;
}
