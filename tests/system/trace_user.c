/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Prints a trace; for trace.sh.
 *
 *	trace-user FILE		a line a region, and one an op: "vcpu 3 kernel_instructions 1317 ... path 9c..."
 *
 * Exits with 1, and says why on stderr, where the trace is not whole.
 */
#include <inttypes.h>
#include <stdio.h>

#include "harness/count/trace.h"
#include "lib/buf.h"

static void print_op(const struct op *op, bool arm64)
{
	int c;

	printf("vcpu %" PRIu32, op->vcpu);
	for (c = 0; c < NCOUNTS; c++)
		if (count_exists((enum count)c, arm64))
			printf(" %s %" PRIu32, count_name((enum count)c), op->count[c]);
	printf(" accesses %zu path %016" PRIx64 "\n", op->naccesses, op->path);
}

static int print_trace(struct trace *t, struct buf *why)
{
	struct region r;
	size_t i;
	int got;

	while ((got = trace_next(t, &r, why)) > 0) {
		printf("region %" PRIu32 " of %zu ops\n", r.number, r.nops);
		for (i = 0; i < r.nops; i++)
			print_op(&r.op[i], trace_is_arm64(t));
		region_release(&r);
	}
	region_release(&r);
	return got;
}

int main(int argc, char **argv)
{
	struct buf why = BUF_INIT;
	struct trace *t = argc == 2 ? trace_open(argv[1], &why) : NULL;
	int ret = t ? print_trace(t, &why) : -1;

	if (ret)
		fprintf(stderr, "%s\n", buf_text(&why));
	trace_close(t);
	buf_release(&why);
	return ret ? 1 : 0;
}
