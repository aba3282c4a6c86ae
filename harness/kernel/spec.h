/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel spec as written: where the source is, how it is configured, what is
 * patched in. docs/kernels.md describes the keys.
 *
 *	kernel: "6.12"			# required; the spec's name
 *	about: what for			# optional
 *	arch: x86-64			# or arm64
 *	debian: linux-source-6.12	# one of these four
 *	tree: ~/src/linux
 *	git: ~/src/linux@v6.12
 *	image: linux-image-6.12-cloud-amd64
 *	config: tinyconfig		# a make target, or a file; not with image
 *	fragments: [x86-64.config]	# applied in order
 *	patches: [fix.patch]		# applied in order
 *
 * Paths in a spec are relative to its file; `~/` is the home directory.
 */
#ifndef HARNESS_KERNEL_SPEC_H
#define HARNESS_KERNEL_SPEC_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/plan/schema.h"

struct buf;

enum arch { ARCH_X86_64, ARCH_ARM64, ARCHS };
/* "x86-64", "arm64"; Debian's "amd64", "arm64"; the kernel's "x86", "arm64". */
const char *arch_name(enum arch arch);
const char *arch_debian(enum arch arch);
const char *arch_linux(enum arch arch);
enum arch arch_host(void);

enum source_kind { SOURCE_DEBIAN, SOURCE_TREE, SOURCE_GIT, SOURCE_IMAGE };

#define SPEC_STDIN "-"

struct spec_patch {
	char *path;		/* SPEC_STDIN: standard input, whose text is then in `text` */
	char *text;		/* of the file, once spec_load_patches() has read it; NULL before */
	size_t len;
	bool reverse;
};

struct spec {
	char *file;		/* as named, for messages */
	char *name, *about;
	enum arch arch;
	enum source_kind kind;
	char *from;		/* the package (with "=VERSION" perhaps), the directory, or the repository */
	char *revision;		/* SOURCE_GIT */
	char *config;		/* a make target, or an absolute path; NULL for SOURCE_IMAGE */
	bool config_is_file;
	char **fragment;	/* absolute paths */
	size_t nfragments;
	struct spec_patch *patch;
	size_t npatches;
};

extern const struct schema spec_schema;

/*
 * what: a path (it holds a '/' or ends in .yaml), or the name of a file in the
 * directory of kernel specs ($FOLIOBENCH_CONFIGS/kernels, else configs/kernels beside the
 * programs' tree). 0, or -1 after reporting, with near misses. The caller
 * releases in both cases.
 */
int spec_load(const char *what, struct spec *s);
/* From text; relative paths stay as they are. Pure. */
int spec_parse(const char *file, const char *text, size_t len, struct spec *s, struct buf *why);
void spec_release(struct spec *s);

/* One more patch at the end: a path relative to the working directory, or "-". Copies. */
void spec_add_patch(struct spec *s, const char *path, bool reverse);
/* Reads all patches that were not read yet, standard input at most once. 0, or -1 after reporting. */
int spec_load_patches(struct spec *s);

/* $FOLIOBENCH_CONFIGS, or the configs/ of the tree this program lies in. The caller frees; NULL after reporting. */
char *spec_configs(void);

#endif
