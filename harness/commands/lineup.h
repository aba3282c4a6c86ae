/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernels of a plan, ready to boot: specs and patches read, built or found,
 * and the accelerator chosen that all of them run with.
 */
#ifndef HARNESS_COMMANDS_LINEUP_H
#define HARNESS_COMMANDS_LINEUP_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/guest/shape.h"
#include "harness/kernel/kernel.h"
#include "harness/kernel/spec.h"
#include "lib/json.h"

struct plan;

struct lineup {
	size_t n;		/* as many as the plan has kernels; 0: nothing was made ready */
	struct spec *spec;
	struct kernel *kernel;
	struct shape *shape;	/* of each one's guest; borrows texts from the lineup */
	char **cmdline;		/* the guest's and the kernel's own as one; NULL where there is neither */
	char **fs;		/* what the shapes' fs are */
	size_t nfs;
	json_t **patches;	/* what each one's patches are called: an array of texts */
	json_t **patch_files;	/* the same patches, whose they are and from which file: docs/formats.md */
	char *driver;		/* the guests' foliobench, once lineup_build() is done */
	bool emulated;		/* by choice of accelerator, once lineup_build() is done */
};

/*
 * Specs and patches of a plan in guests, read and checked, nothing built. piped: the text that was once
 * read from standard input, or NULL to read it where a patch asks for it. An enum
 * exitcode; the caller releases in every case.
 */
int lineup_load(struct lineup *l, const struct plan *plan, const char *piped);
/* The text that came from standard input, or NULL; borrowed. */
const char *lineup_piped(const struct lineup *l);

/* All guests are to be emulated, whatever the plan says. */
void lineup_emulate(struct lineup *l);

/* Builds what is missing and chooses the accelerator. driver: of this machine. An enum exitcode. */
int lineup_build(struct lineup *l, const struct plan *plan, const char *driver);
void lineup_release(struct lineup *l);

#endif
