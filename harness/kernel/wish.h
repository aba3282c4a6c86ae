/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration that a spec asks for: its files read, and put through
 * kconfig in a place, which may answer with something else.
 */
#ifndef HARNESS_KERNEL_WISH_H
#define HARNESS_KERNEL_WISH_H

#include "harness/kernel/config.h"
#include "lib/buf.h"

struct make;
struct spec;

struct wish {
	struct buf base;	/* the base's text; empty where it is a target of make */
	struct buf fragments;	/* all of them, one after the other */
	struct config wanted;	/* what they say; borrows their names from the spec */
};

/* 0, or -1 after reporting a file that cannot be read or is no configuration. The caller releases in both cases. */
int wish_read(struct wish *w, const struct spec *spec);
void wish_release(struct wish *w);

/*
 * Configures the object tree of m's place, in which the source lies patched. An enum
 * exitcode: EXIT_USAGE after reporting what kconfig has dropped, each with the fragment's line.
 */
int wish_configure(const struct wish *w, struct make *m);

#endif
