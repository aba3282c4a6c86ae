/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the driver offers, for people and, as JSON, for the harness: all from the
 * tables that the arguments are parsed by. The JSON's form stands in docs/formats.md.
 */
#ifndef BENCH_DESCRIBE_H
#define BENCH_DESCRIBE_H

struct buf;
struct workload;

void describe_list(struct buf *out);				/* a line a workload */
void describe_text(const struct workload *w, struct buf *out);	/* one, with its parameters */
void describe_json(struct buf *out);				/* all, one line */

#endif
