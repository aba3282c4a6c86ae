/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The formats of report_formats[], a file each. Everyone but report.c goes
 * through that table. docs/tables.md and docs/reports.md describe what is in them.
 */
#ifndef HARNESS_REPORT_REPORT_FORMATS_H
#define HARNESS_REPORT_REPORT_FORMATS_H

struct buf;
struct report_input;

/* Name, extension of its files, does it hold plots? Text comes first. */
#define REPORT_FORMATS(FORMAT)				\
	FORMAT(text, "txt", false)			\
	FORMAT(mail, "eml", false)			\
	FORMAT(html, "html", true)			\
	FORMAT(json, "json", false)			\
	FORMAT(csv, "csv", false)			\
	FORMAT(ktap, "ktap", false)			\
	FORMAT(junit, "junit.xml", false)		\
	FORMAT(kcidb, "kcidb.json", false)		\
	FORMAT(benchfmt, "bench", false)

#define REPORT_FORMAT_FUNCTION(name, extension, plots)	\
	void report_##name(const struct report_input *in, struct buf *out);
REPORT_FORMATS(REPORT_FORMAT_FUNCTION)

/* "text|mail|...", for help. */
#define REPORT_FORMAT_NAME(name, extension, plots) "|" #name
#define REPORT_FORMAT_NAMES (&(REPORT_FORMATS(REPORT_FORMAT_NAME))[1])

#endif
