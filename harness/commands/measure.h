/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A session's cells measured: block by block, kernel by kernel, each in a boot
 * of its own where there are guests, and every sample put into the store.
 */
#ifndef HARNESS_COMMANDS_MEASURE_H
#define HARNESS_COMMANDS_MEASURE_H

#include <stdbool.h>

#include <stdint.h>

struct plan;
struct session;

/* What a cell is thought to take in one block, a share of its boot included, in nanoseconds. */
uint64_t measure_estimate(const struct plan *plan);

/*
 * What the store has already is not measured again. Returns an enum exitcode:
 * EXIT_ACCEPT where all cells are there; EXIT_REJECT or EXIT_CANNOT, reported and
 * recorded, where a kernel crashed or gave wrong data, as the gate says;
 * EXIT_CANNOT after reporting anything else, with the way to go on.
 */
int measure(struct session *s);

/* Are all cells there already? */
bool measure_done(const struct session *s);

#endif
