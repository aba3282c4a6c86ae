/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What workloads and parameters there are, asked of the driver itself.
 */
#ifndef HARNESS_COMMANDS_DESCRIBED_H
#define HARNESS_COMMANDS_DESCRIBED_H

struct catalogue;

#define DESCRIBED_LIMIT_NS 120000000000ull	/* of a driver that only answers */

/* driver: path. An enum exitcode; the error is reported. The caller releases the catalogue in every case. */
int described(const char *driver, struct catalogue *c);

#endif
