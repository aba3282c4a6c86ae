/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The way from a kernel to a guest whose driver has said that it is ready.
 */
#ifndef HARNESS_GUEST_BOOT_H
#define HARNESS_GUEST_BOOT_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/guest/session.h"
#include "harness/guest/vcpus.h"

struct counted_call;
struct guest_call;

struct boot {
	struct session session;
	struct vcpus vcpus;
	char *kernel, *console, *symbols;	/* what the session borrows */
	bool ready;
	uint64_t ns;				/* from the start to ready, or until that was given up */
};

/*
 * counted: whose call->guest is `call`; NULL for an ordinary guest. 0, or -1 after reporting, and
 * session.lost is set then. End with boot_end() in both cases.
 */
int boot_begin(struct boot *b, const struct guest_call *call, const struct counted_call *counted);

/*
 * Powers off where it still runs: politely for so long, then through its monitor, then not. 0 where it
 * went politely.
 */
int boot_power_off(struct boot *b, uint64_t polite_ns);
void boot_end(struct boot *b);

#endif
