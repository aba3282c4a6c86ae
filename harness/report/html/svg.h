/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Drawings as gnuplot writes them, made part of a page: what is no drawing is left out (scripts, styles,
 * handlers, links to elsewhere), ids get a prefix, so that those of two drawings do not meet. Pure.
 */
#ifndef HARNESS_REPORT_HTML_SVG_H
#define HARNESS_REPORT_HTML_SVG_H

struct buf;

/*
 * The text of an SVG file, called `label` for those who cannot see it. 0, or -1 with out unchanged where
 * it is not well-formed or not SVG.
 */
int html_svg(const char *svg, const char *prefix, const char *label, struct buf *out);

#endif
