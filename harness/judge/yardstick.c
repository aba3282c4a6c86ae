/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/judge/yardstick.h"

#include <string.h>

#include "lib/near.h"

static const char *const labels[NCOUNTS] = {
	[COUNT_KERNEL_INSNS] = "kernel instructions",
	[COUNT_USER_INSNS] = "user instructions",
	[COUNT_STAC] = "STAC",
	[COUNT_CLAC] = "CLAC",
	[COUNT_ATOMICS] = "atomics",
	[COUNT_LOADS] = "loads",
	[COUNT_STORES] = "stores",
	[COUNT_EXCEPTIONS] = "exceptions",
	[COUNT_STRING_BYTES] = "string bytes",
	[COUNT_PAN] = "PAN switches",
	[COUNT_LDTR] = "LDTR",
	[COUNT_STTR] = "STTR",
	[COUNT_LSE] = "LSE atomics",
	[COUNT_EXCLUSIVES] = "exclusives",
	[COUNT_USER_ATOMICS] = "user atomics",
	[COUNT_LOOPED] = "looped instructions",
	[COUNT_SYSCALLS] = "system calls",
};

const char *yardstick_name(struct yardstick y)
{
	if (!y.exact)
		return metric_name((enum metric)y.which);
	return y.which == YARDSTICK_TRANSFERS ? "transfers" : count_name((enum count)y.which);
}

const char *yardstick_label(struct yardstick y)
{
	if (!y.exact)
		return metric_unit((enum metric)y.which);
	return y.which == YARDSTICK_TRANSFERS ? "transfers" : labels[y.which];
}

int yardstick_parse(const char *name, struct yardstick *y, struct near *near)
{
	static const int last[] = { NMETRICS, YARDSTICK_TRANSFERS + 1 };
	struct yardstick at;
	int exact;

	for (exact = 0; exact < 2; exact++)
		for (at = (struct yardstick){ .exact = exact }; at.which < last[exact]; at.which++) {
			if (!strcmp(yardstick_name(at), name)) {
				*y = at;
				return 0;
			}
			if (near)
				near_offer(near, yardstick_name(at));
		}
	return -1;
}

enum better yardstick_better(struct yardstick y)
{
	return y.exact ? LOWER_IS_BETTER : metric_better((enum metric)y.which);
}

bool yardstick_same(struct yardstick a, struct yardstick b)
{
	return a.exact == b.exact && a.which == b.which;
}
