/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One run of the driver inside a guest, from its call to its end.
 */
#ifndef HARNESS_GUEST_RUNNING_H
#define HARNESS_GUEST_RUNNING_H

#include <stddef.h>
#include <stdint.h>

struct machine_call;
struct session;

/*
 * number: of the call, each one its own. Returns as guest_run() does; where
 * the guest is not to be used any more, s->lost is set.
 */
struct running_call {
	struct session *s;
	uint32_t number;
	const struct machine_call *call;
	int (*line)(const char *text, size_t len, void *data);
	void *data;
};
int running_go(const struct running_call *what);

#endif
