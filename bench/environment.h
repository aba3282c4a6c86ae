/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A snapshot of everything known to change these figures, as one JSON object.
 * What cannot be read is left out, never guessed. docs/environment.md lists the keys.
 */
#ifndef BENCH_ENVIRONMENT_H
#define BENCH_ENVIRONMENT_H

#include "lib/json.h"

/*
 * root: "" for this system, or a directory that holds a recorded proc/ and sys/
 * (tests): what only system calls tell is then left out. dir: the directory that
 * test files go to; with a recorded system, its real path there. Never fails: of a
 * system without /proc and /sys little is left. The caller owns the result.
 *
 * "identity" is 16 hexadecimal digits over the part that must not change within a
 * run (kernel, build id, command line, mitigations, CPU, SMT, governor, THP, NUMA,
 * ..., not load, time or boot).
 */
json_t *environment_read(const char *root, const char *dir);

#endif
