/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The counted part of a run: each of its kernels booted once more, every cell of it
 * counted in that boot, and what the coherence model makes of the counts. Traces
 * are kept in the run's directory, counts and predictions in samples.jsonl.
 */
#ifndef HARNESS_COMMANDS_COUNTING_H
#define HARNESS_COMMANDS_COUNTING_H

#include <stdbool.h>

struct session;

/*
 * Is this run to be counted: because that is all it is for, or as its guests are emulated, so that times say
 * nothing? After counting_prepare().
 */
bool counting_wanted(const struct session *s);
/* Is nothing left to count: not wanted, not possible, or all cells of all kernels there for all machines? */
bool counting_done(const struct session *s);

/*
 * Before anything is built: can the run be counted as it is planned, and are its machine files right? An
 * enum exitcode. What stands in the way of counting is an error where the run is for nothing else; otherwise
 * it is kept in s->uncountable.
 */
int counting_prepare(struct session *s);

/*
 * Counts what is wanted and was not counted yet; where that cannot be, says why not. An enum exitcode; the
 * errors are reported.
 */
int counting(struct session *s);

#endif
