/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A judged history as people and as programs read it.
 */
#ifndef HARNESS_COMMANDS_HISTORY_SHOW_H
#define HARNESS_COMMANDS_HISTORY_SHOW_H

#include <stddef.h>

#include "harness/commands/history_judge.h"

struct buf;

struct shown_history {
	const struct history *h;
	const struct past *past;	/* [h->n] */
	const struct history_judge_how *how;
};

/* A line a series: its newest value, and its newest change point. */
void history_list(const struct shown_history *s, struct buf *out);
/* The head of one series and a few lines a change point; what the one before has in common is not said again. */
void history_text(const struct shown_history *s, size_t series, struct buf *out);
/* Schema 1: docs/history.md. points: those of every series, too. */
void history_json(const struct shown_history *s, bool points, struct buf *out);
/* A line a point, RFC 4180. */
void history_csv(const struct shown_history *s, struct buf *out);

/* Of a cell's name the parameters that not all of the series share, "read block=4k"; all where there is one cell. */
void history_cell(const struct shown_history *s, size_t series, struct buf *out);
/* "2026-11-21" */
void history_date(int64_t at, char text[16]);

#endif
