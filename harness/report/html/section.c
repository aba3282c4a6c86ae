/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/report/html/section.h"

#include <string.h>

#include "harness/report/html/html.h"
#include "lib/buf.h"

void section_begin(const char *id, const char *title, const char *about, struct buf *out)
{
	html_open(out, "section", "id", id, NULL);
	html_element(out, "h2", title, NULL);
	if (about)
		html_element(out, "p", about, "class", "remark", NULL);
	buf_ch(out, '\n');
}

void section_end(size_t from, size_t content, struct buf *out)
{
	if (out->len > content) {
		buf_str(out, "</section>\n");
		return;
	}
	out->len = from;
	out->s[from] = '\0';
}

void section_paragraphs(struct buf *text, const char *class, struct buf *out)
{
	char *at = text->s, *line;

	while (at && (line = strsep(&at, "\n")))
		if (*line) {
			html_open(out, "p", "class", class, NULL);
			html_prose(out, line);
			buf_str(out, "</p>\n");
		}
	buf_release(text);
}
