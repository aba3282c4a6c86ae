/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of the kernel test robot's mails, whose readers know it:
 *
 *	        baseline                     patched
 *	---------------- ---------------------------
 *	         %stddev     %change         %stddev
 *	             \          |                \
 *	   9100000            -4.5%    8690500 ±  3%  foliobench.write.256.tmpfs.ops_per_s
 *	      2.00           +50.0%       3.00        foliobench.write.256.tmpfs.stac
 *
 * As the robot does it: a deviation is shown where it is more than 2 % of the mean; a change
 * without a percent sign is a difference. Pure.
 */
#ifndef HARNESS_REPORT_LKP_H
#define HARNESS_REPORT_LKP_H

struct buf;
struct report_input;

/*
 * One for each kernel after the first: all that was measured, by the metric that the cell's table has, then
 * the counts and transfers that differ. Times that are withheld are left out. Nothing where there is no
 * second kernel, or nothing to show.
 */
void lkp_render(const struct report_input *in, struct buf *out);

#endif
