/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/report/report.h"

#include <string.h>

#include "harness/report/report_formats.h"
#include "lib/buf.h"
#include "lib/near.h"

#define ENTRY(name, extension, plots) { #name, extension, plots, report_##name },

const struct report_format report_formats[] = {
	REPORT_FORMATS(ENTRY)
	{ NULL, NULL, false, NULL }
};

const struct report_format *report_find(const char *name, struct buf *why)
{
	const struct report_format *f;
	struct near near;

	near_init(&near, name);
	for (f = report_formats; f->name; f++) {
		if (!strcmp(f->name, name))
			return f;
		near_offer(&near, f->name);
	}
	buf_fmt(why, "format '%s' is not one of %s", name, REPORT_FORMAT_NAMES);
	near_hint(&near, why);
	return NULL;
}
