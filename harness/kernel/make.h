/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * make run on a kernel in its place: with an environment that is the same
 * everywhere, its output logged and followed, its complaints shown.
 */
#ifndef HARNESS_KERNEL_MAKE_H
#define HARNESS_KERNEL_MAKE_H

#include <stdbool.h>
#include <stdio.h>

#include "harness/kernel/makelog.h"
#include "harness/kernel/spec.h"

struct kernel_call;
struct place;

/* "aarch64-linux-gnu-" where `arch` is not this machine's, else "". */
const char *make_cross(enum arch arch);
/* Is there what a build needs? 0, or -1 after reporting what to install. */
int make_check(enum arch arch);
/* The first lines of the compiler's and the linker's --version. 0, or -1 after reporting. */
int make_toolchain(enum arch arch, struct buf *out);
/* Where the image lies in an object tree: "arch/x86/boot/bzImage". */
const char *make_image(enum arch arch);

/* The runs of make that one build takes. */
struct make {
	const struct kernel_call *call;
	const struct place *place;
	const char *phase;	/* before each `what` of the progress: "baseline: ", or "" */
	unsigned expected;	/* steps in all; 0: not known */
	const char *log_path;	/* written anew */
	/* The rest is the module's own. */
	struct makelog said;	/* by the run under way */
	unsigned before;	/* steps of earlier runs */
	FILE *log, *copy;	/* copy: the caller's log, or NULL */
};

/* 0, or -1 after reporting. The caller closes in both cases. */
int make_open(struct make *m);
void make_close(struct make *m);

/*
 * Two targets, the second perhaps NULL. configure: they make place->config, and no
 * kernel. EXIT_ACCEPT, or EXIT_CANNOT after reporting (unreported when stopped).
 */
int make_run(struct make *m, bool configure, const char *first, const char *second);

/* To call->progress, if any: what is being done now. */
void make_tell(const struct make *m, const char *what);
/* Steps of all runs so far. */
unsigned make_steps(const struct make *m);
bool make_stopped(const struct make *m);

#endif
