/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/guest/shape.h"

#include <string.h>

#include "lib/err.h"

const char *accel_name(enum accel a)
{
	switch (a) {
	case ACCEL_AUTO:
		return "auto";
	case ACCEL_KVM:
		return "kvm";
	case ACCEL_TCG:
		return "tcg";
	case ACCEL_TCG_MULTI:
		return "tcg-multi";
	}
	BUG("accelerator %d", (int)a);
}

const char *shape_dir(const char *fs)
{
	static const struct {
		const char *fs, *dir;
	} places[] = {
		{ "any", "/mnt/tmpfs" }, { "tmpfs", "/mnt/tmpfs" }, { "ramfs", "/mnt/ramfs" },
		{ "ext4", "/mnt/ext4" }, { "xfs", "/mnt/xfs" }, { "btrfs", "/mnt/btrfs" },
	};
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (!strcmp(places[i].fs, fs))
			return places[i].dir;
	BUG("no guest has the file system '%s'", fs);
}
