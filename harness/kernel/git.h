/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * git as a tool: run without the user's and the system's configuration, which
 * could change what it does to a patch or a tree.
 */
#ifndef HARNESS_KERNEL_GIT_H
#define HARNESS_KERNEL_GIT_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

struct git_call {
	const char *const *argv;	/* after "git"; NULL at the end */
	const char *dir;		/* to run in; NULL: ours. Repositories around it are not looked for. */
	const char *input;
	size_t input_len;
	bool one_stream;		/* out gets its stderr too, and nothing is reported */
};

/* 0 with its stdout appended to out; else its exit code, after passing its words on. */
int git_read(const struct git_call *call, struct buf *out);

#endif
