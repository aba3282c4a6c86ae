/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Findings as a table in a page: cell, old, new, change with its interval drawn, p, verdict. Pure.
 */
#ifndef HARNESS_REPORT_HTML_FINDINGS_H
#define HARNESS_REPORT_HTML_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct finding;
struct report_input;
struct yardstick;

struct html_findings {
	const struct report_input *in;	/* judged is there */
	const size_t *which;		/* in judged->finding; STAC and CLAC that moved alike are one row */
	size_t n;
	const char *label;		/* of the box that it scrolls in */
	bool sortable;			/* for page.js */
	bool reasons;			/* under the verdict, where it is inconclusive */
};

void html_findings(const struct html_findings *f, struct buf *out);

/*
 * What was found of a cell (below 0: none) on a kernel by a yardstick, or, with NULL, by the first that is a
 * time; NULL: nothing.
 */
const struct finding *html_finding(const struct report_input *in, size_t kernel, int cell, const struct yardstick *y);

#endif
