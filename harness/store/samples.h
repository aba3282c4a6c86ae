/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * samples.jsonl read back: lines of kind "sample" (lib/record.h), of kinds "count" and
 * "prediction" (harness/store/counted.h), of kind "environment", and of kind "incident",
 * in the order they were written.
 *
 *	{"schema":1,"kind":"environment","kernel":"running","block":0,"at":"2026-11-21T11:02:03Z",
 *	 "environment":{...},
 *	 "guest":{"accel":"kvm",...}, "build":{"key":"...",...}}	(where it was measured in a guest)
 *
 *	{"schema":1,"kind":"incident","kernel":"patched","block":0,"cell":"9f..." or null,
 *	 "incident":"oops","what":"...","task":"..." or null,"frames":["..."],"verdict":"reject"}
 *
 * A torn last line (no newline) is passed over and counted. A damaged line
 * elsewhere is an error that names file and line. Unknown kinds are passed over:
 * a later version may have written them.
 */
#ifndef HARNESS_STORE_SAMPLES_H
#define HARNESS_STORE_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/store/counted.h"
#include "lib/json.h"
#include "lib/record.h"

struct samples {
	struct sample *sample;	/* of a cell that was measured anew, in another boot, the later windows alone */
	size_t n;
	struct count_record *count;	/* one for a kernel and cell, the last */
	size_t ncounts;
	struct prediction_record *prediction;	/* one for a kernel, cell and machine, the last */
	size_t npredictions;
	json_t *environments;	/* array of the environment lines, whole */
	json_t *incidents;	/* likewise */
	bool torn;
	bool booted;		/* an environment line came after the last sample */
};

struct run;

/* From text (pure; name is for messages): 0, or -1 and why. The caller releases in both cases. */
int samples_parse(const char *name, const char *text, size_t len, struct samples *s,
		  struct buf *why);
/* From a run: 0, or -1 after reporting. A run without samples.jsonl has none. */
int samples_read(const struct run *r, struct samples *s);
void samples_release(struct samples *s);

/*
 * Does this environment line tell of emulation: a guest without hardware support, or a machine
 * that is one? Times measured there are no performance.
 */
bool samples_emulated(const json_t *line);

/*
 * How many of the first windows of one cell of one kernel and block are there
 * without a gap: where --resume goes on.
 */
uint32_t samples_done(const struct samples *s, const char *kernel, uint32_t block,
		      const char *cell);

/* What was counted of a kernel's cell, and predicted of it for a machine: NULL where nothing was. */
const struct count_record *samples_count(const struct samples *s, const char *kernel,
					 const char *cell);
const struct prediction_record *samples_prediction(const struct samples *s, const char *kernel,
						   const char *cell, const char *machine);
/* The machines that there are predictions for, from 0, in the order first seen; NULL after the last. */
const char *samples_machine(const struct samples *s, size_t i);

#endif
