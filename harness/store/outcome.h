/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verdict.json of a run: what the judge said of it at its end.
 *
 *	{"schema":1,"kind":"verdict","outcome":"reject","final":true,...}
 */
#ifndef HARNESS_STORE_OUTCOME_H
#define HARNESS_STORE_OUTCOME_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

#define OUTCOME_FILE "verdict.json"

struct outcome {
	const char *verdict;	/* "accept", "reject", "inconclusive", "cannot"; static; NULL: none was given */
	bool final;		/* the run ended when it was decided: no more blocks are to come */
};

/* From text (pure): 0, or -1 and why. */
int outcome_parse(const char *text, size_t len, struct outcome *o, struct buf *why);
/* Of a run's directory, which may have none: 0, or -1 and why, which names the file. */
int outcome_read(const char *dir, struct outcome *o, struct buf *why);

#endif
