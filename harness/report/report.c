/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/report/report.h"

#include <string.h>

#include "harness/report/report_formats.h"
#include "lib/buf.h"
#include "lib/near.h"

const struct report_format report_formats[] = {
	{ "text", "txt", report_text },
	{ "json", "json", report_json },
	{ "csv", "csv", report_csv },
	{ NULL, NULL, NULL }
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
	buf_fmt(why, "format '%s' is not one of ", name);
	for (f = report_formats; f->name; f++)
		buf_fmt(why, "%s%s", f == report_formats ? "" : "|", f->name);
	near_hint(&near, why);
	return NULL;
}
