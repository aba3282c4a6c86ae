/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A place for a test's cache: in memory where the system has room for files there,
 * for what takes time in these tests is to sync. Needs scratch_begin() before it.
 */
#ifndef TESTS_UNIT_CACHE_PLACE_H
#define TESTS_UNIT_CACHE_PLACE_H

#include "tests/unit/scratch.h"

static char cache_place[80];

/* Makes XDG_CACHE_HOME that place. */
static inline void cache_place_begin(void)
{
	snprintf(cache_place, sizeof(cache_place), "/dev/shm/%s", strrchr(scratch_dir, '/') + 1);
	if (mkdir(cache_place, 0700))
		snprintf(cache_place, sizeof(cache_place), "%s/cache", scratch_dir);
	setenv("XDG_CACHE_HOME", cache_place, 1);
}

static inline void cache_place_end(void)
{
	scratch_remove(cache_place);
}

#endif
