/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/kernel/git.h"

#include <stdlib.h>
#include <string.h>

#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/child.h"
#include "lib/err.h"

#define LIMIT_NS 300000000000ull

int git_read(const struct git_call *call, struct buf *out)
{
	char *ceiling = xasprintf("GIT_CEILING_DIRECTORIES=%.*s",
				  (int)(call->dir ? strrchr(call->dir, '/') - call->dir : 1),
				  call->dir ? call->dir : "/");
	const char *const env[] = { "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null",
				    "LC_ALL=C", "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE",
				    ceiling, NULL };
	struct buf unsaid = BUF_INIT;	/* "git ended with exit code 1 and without a word" */
	struct child_call child = {
		.env = env, .dir = call->dir, .input = call->input, .input_len = call->input_len,
		.talk = call->one_stream ? &unsaid : NULL, .one_stream = call->one_stream,
		.limit_ns = LIMIT_NS, .family = true,
	};
	const char **argv;
	size_t n = 0;
	int ret;

	while (call->argv[n])
		n++;
	argv = xcalloc(n + 2, sizeof(argv[0]));
	argv[0] = "git";
	memcpy(argv + 1, call->argv, n * sizeof(argv[0]));
	child.argv = argv;
	ret = child_read(&child, out);
	free(argv);
	free(ceiling);
	buf_release(&unsaid);
	return ret;
}
