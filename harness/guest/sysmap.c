/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/guest/sysmap.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/buf.h"

/* "ffffffff81000000 T _text": the last line of code at or below the address is the one. */
bool sysmap_find(const char *map, size_t len, uint64_t address, struct buf *out)
{
	const char *at = map, *end, *last = map + len, *name = NULL;
	uint64_t here, start = 0;
	char *after;

	for (; at < last; at = end + 1) {
		end = memchr(at, '\n', (size_t)(last - at));
		if (!end)
			break;	/* a line cut off */
		here = strtoull(at, &after, 16);
		if (end - after < 4 || after[0] != ' ' || after[2] != ' ')
			continue;
		if (here > address) {
			if (!name)
				return false;
			buf_add(out, name, strcspn(name, "\n"));
			buf_fmt(out, "+0x%" PRIx64, address - start);
			return true;
		}
		if (strchr("tTwW", after[1])) {
			name = after + 3;
			start = here;
		} else if (here > start) {
			name = NULL;	/* data begins: what follows is no code until told otherwise */
		}
	}
	return false;
}
