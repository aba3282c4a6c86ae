/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The calls that a setup brings along, made one after another with nobody to talk
 * to: whatever the host did meanwhile would show in what is counted.
 */
#ifndef BENCH_SCRIPT_H
#define BENCH_SCRIPT_H

struct buf;
struct call_place;
struct relay_setup;

/*
 * Up to the first that does not exit with 0. Appends the messages that are the answer, the
 * symbols first; none where there is no script. The number of each call goes to stdout, the
 * console, before it begins. 0, or -1 and why: no call could be made, or no symbols are to be had.
 */
int script_run(const struct relay_setup *setup, const struct call_place *place, struct buf *said, struct buf *why);

#endif
