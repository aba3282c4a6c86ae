/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/power/rule.h"

static const char *const givens[] = {
	[GIVEN_ONE_BOOT] = "10 windows of 1 boot",
	[GIVEN_WINDOWS] = "40 windows of 8 boots",
	[GIVEN_BOOTS] = "8 boots",
	[GIVEN_BLOCKS] = "blocks",
};

const char *given_text(enum given g)
{
	return givens[g];
}

#define OTHER(rule, promise, function) \
	{ .name = rule, .level = promise, .call = function, .given = GIVEN_ONE_BOOT }, \
	{ .name = rule, .level = promise, .call = function, .given = GIVEN_WINDOWS }, \
	{ .name = rule, .level = promise, .call = function, .given = GIVEN_BOOTS }

const struct rule rules[] = {
	{ .name = "ours, 8 blocks", .level = "1 % a run", .given = GIVEN_BLOCKS, .judge = ours_fixed },
	{ .name = "ours, 12 to 20 blocks", .level = "1 % a run", .given = GIVEN_BLOCKS,
	  .judge = ours_sequential, .adds_blocks = true },
	{ .name = "ours, 8 blocks, no minimum", .level = "1 % a run", .given = GIVEN_BLOCKS,
	  .judge = ours_fixed_no_minimum },
	{ .name = "paired t, Bonferroni", .level = "1 % a run", .given = GIVEN_BOOTS, .call = call_paired },
	OTHER("LKP, apart", "none", call_lkp_apart),
	OTHER("LKP, listed", "none", call_lkp_listed),
	OTHER("mmtests", "5 % a cell", call_mmtests),
	OTHER("benchstat", "5 % a cell", call_benchstat),
	OTHER("ministat", "5 % a cell", call_ministat),
	OTHER("t-test", "1 % a cell", call_student),
};

const size_t nrules = sizeof(rules) / sizeof(rules[0]);
