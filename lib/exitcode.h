/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Exit codes, one set for every command of both programs. Scripts and
 * `git bisect run` depend on the numbers: add, never renumber.
 */
#ifndef LIB_EXITCODE_H
#define LIB_EXITCODE_H

enum exitcode {
	EXIT_ACCEPT = 0,	/* accepted, or simply done */
	EXIT_REJECT = 1,	/* measured, and worse than allowed */
	EXIT_USAGE = 2,		/* usage or configuration error: nothing was run */
	EXIT_INCONCLUSIVE = 3,	/* measured, and undecided */
	EXIT_CANNOT = 4,	/* could not measure: harness, environment or build */
	EXIT_SKIP = 125,	/* 3 and 4 under --bisect, as git bisect wants it */
};

#endif
