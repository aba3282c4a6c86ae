/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * QEMU's monitor in JSON: one command at a time, its answer waited for. Events
 * are let pass. Nothing is reported: a guest that does not answer is its
 * guest's to explain.
 */
#ifndef HARNESS_GUEST_QMP_H
#define HARNESS_GUEST_QMP_H

#include <stdint.h>

#include "lib/buf.h"
#include "lib/json.h"

struct qmp {
	int fd;			/* ours: closed by qmp_close() */
	struct buf in;		/* read, not yet taken */
	char version[32];	/* "7.2.22"; "" before qmp_open() */
};

/* Takes the greeting of a QEMU just started, and begins. 0, or -1 and why. The caller closes in both cases. */
int qmp_open(struct qmp *q, int fd, uint64_t limit_ns, struct buf *why);
void qmp_close(struct qmp *q);

/*
 * One command; arguments (NULL: none) are consumed. *answer (may be NULL) is what
 * it returned; the caller decrefs. 0, or -1 and why: QEMU's refusal, no answer within
 * limit_ns, the end of QEMU.
 */
struct qmp_call {
	const char *command;
	json_t *arguments;
	uint64_t limit_ns;
};
int qmp_call(struct qmp *q, const struct qmp_call *call, json_t **answer, struct buf *why);

/* A command for people ("info registers -a"), its text appended to out, within 2 s. 0, or -1 and why. */
int qmp_monitor(struct qmp *q, const char *line, struct buf *out, struct buf *why);

#endif
