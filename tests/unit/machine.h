/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For tests that need another machine: those of tests/machines/ by name.
 */
#ifndef TESTS_UNIT_MACHINE_H
#define TESTS_UNIT_MACHINE_H

#include <stdio.h>
#include <stdlib.h>

#include "lib/topo.h"
#include "lib/buf.h"

/* "xeon-2s": its .synthetic or .xml file. Ends the program where there is none, or a bad one. */
static inline void machine_load(struct topo *t, const char *name)
{
	struct buf path = BUF_INIT, source = BUF_INIT, why = BUF_INIT;

	buf_fmt(&path, "tests/machines/%s.synthetic", name);
	if (buf_read_file(&source, buf_text(&path))) {
		buf_reset(&path);
		buf_fmt(&path, "tests/machines/%s.xml", name);
		buf_str(&source, buf_text(&path));
	} else if (source.len && source.s[source.len - 1] == '\n') {
		source.s[--source.len] = '\0';
	}
	if (topo_load(t, buf_text(&source), &why)) {
		fprintf(stderr, "machine %s: %s\n", name, buf_text(&why));
		abort();
	}
	buf_release(&path);
	buf_release(&source);
	buf_release(&why);
}

#endif
