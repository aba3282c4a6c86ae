/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a kernel says when something is wrong, found in the lines of its console:
 * a guest that has said any of it measures nothing any more. Pure.
 */
#ifndef HARNESS_GUEST_INCIDENT_H
#define HARNESS_GUEST_INCIDENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/buf.h"

enum incident_kind {
	INCIDENT_NONE,
	INCIDENT_PANIC,		/* "Kernel panic - not syncing: ..." without an earlier cause */
	INCIDENT_OOPS,		/* page fault, general protection, invalid opcode, unhandled abort on arm64, ... */
	INCIDENT_BUG,		/* BUG(), "kernel BUG at", "BUG: Bad page state", ... */
	INCIDENT_WARN,		/* WARN() */
	INCIDENT_SANITIZER,	/* KASAN, UBSAN, KCSAN, KFENCE */
	INCIDENT_LOCKDEP,	/* "possible circular locking", "suspicious RCU usage", "sleeping function called", ... */
	INCIDENT_SOFT_LOCKUP,
	INCIDENT_HARD_LOCKUP,
	INCIDENT_HUNG_TASK,
	INCIDENT_RCU_STALL,
	INCIDENT_OOM,		/* out of memory: a process was killed */
	INCIDENT_SILENT,	/* said by the watchdog, not the console: no word for too long */
	INCIDENT_DIED,		/* QEMU ended by itself, or could not be started */
	INCIDENT_EMULATOR,	/* a known fault of the emulator, not of the kernel */
};
const char *incident_name(enum incident_kind kind);	/* "panic", "oops", "soft lockup", ... for people and files */
/* Names for a gate file and for stored data are these, never renamed. */

#define INCIDENT_FRAMES 8

struct incident {
	enum incident_kind kind;
	char *what;			/* its first line, without the time: "BUG: kernel NULL pointer dereference, address: ..." */
	char *comm;			/* the task it happened in, or NULL */
	char *frame[INCIDENT_FRAMES];	/* "filemap_read+0x123/0x6f0", innermost first, "? " guesses left out */
	size_t nframes;
	struct buf lines;		/* the console's lines, from the first that belongs to it to its end; at most 64 KiB */
};

/* Fed with the console's bytes as they come; finds the first incident that matters. */
struct incident_finder;
struct incident_finder *incident_finder_new(void);
void incident_finder_free(struct incident_finder *f);
void incident_finder_feed(struct incident_finder *f, const char *text, size_t len);
/* The console is at its end, or nothing came for long: what was begun is complete. */
void incident_finder_end(struct incident_finder *f);
/*
 * INCIDENT_NONE: nothing yet. An incident is `complete` once its trace has ended
 * (or incident_finder_end() was called); what follows it (a panic after an oops) is
 * part of it.
 *
 * INCIDENT_EMULATOR is a shape, and only a suspicion: the first that the kernel
 * complains of is an x86 Oops whose trap is an int3 ("Oops: int3: 0000 [#1]"; before
 * 6.10 "int3: 0000 [#1]"), and the bytes before its instruction pointer are not the
 * int3 padding between functions ("cc cc <"), where a kernel gets by a wild jump of
 * its own. QEMU's multi-threaded TCG makes such an Oops where the kernel patches its
 * text (static keys, alternatives) while another CPU runs it; whether it was
 * multi-threaded, the caller knows: else, it is an oops like any other.
 */
const struct incident *incident_finder_found(const struct incident_finder *f, bool *complete);

/* For people, several lines: kind, what, task, frames. */
void incident_text(const struct incident *i, struct buf *out);
void incident_release(struct incident *i);
/* Deep. */
void incident_copy(struct incident *to, const struct incident *from);

#endif
