/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/count/op.h"

#define X86 1
#define ARM64 2

static const struct {
	const char *name;
	unsigned on;
} counts[NCOUNTS] = {
	[COUNT_KERNEL_INSNS] = { "kernel_instructions", X86 | ARM64 },
	[COUNT_USER_INSNS] = { "user_instructions", X86 | ARM64 },
	[COUNT_STAC] = { "stac", X86 },
	[COUNT_CLAC] = { "clac", X86 },
	[COUNT_ATOMICS] = { "atomics", X86 | ARM64 },
	[COUNT_LOADS] = { "loads", X86 | ARM64 },
	[COUNT_STORES] = { "stores", X86 | ARM64 },
	[COUNT_EXCEPTIONS] = { "exceptions", X86 | ARM64 },
	[COUNT_STRING_BYTES] = { "string_bytes", X86 },
	[COUNT_PAN] = { "pan", ARM64 },
	[COUNT_LDTR] = { "ldtr", ARM64 },
	[COUNT_STTR] = { "sttr", ARM64 },
	[COUNT_LSE] = { "lse", ARM64 },
	[COUNT_EXCLUSIVES] = { "exclusives", ARM64 },
	[COUNT_USER_ATOMICS] = { "user_atomics", X86 | ARM64 },
	[COUNT_LOOPED] = { "looped_instructions", X86 | ARM64 },
	[COUNT_SYSCALLS] = { "syscalls", X86 | ARM64 },
};

const char *count_name(enum count c)
{
	return counts[c].name;
}

bool count_exists(enum count c, bool arm64)
{
	return counts[c].on & (arm64 ? ARM64 : X86);
}
