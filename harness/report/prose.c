/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/report/prose.h"

#include <string.h>

#include "harness/report/grid.h"

static const char blanks[] = " \t\r\n";

/* What is in `backquotes` is to be copied: it stays in one line if it fits into one. */
static size_t word_length(const char *s, size_t room)
{
	size_t len = strcspn(s, blanks), whole;
	const char *from = memchr(s, '`', len), *to = from ? from + 1 + strcspn(from + 1, "`\t\r\n") : NULL;

	if (!to || *to != '`' || to < s + len)
		return len;
	whole = (size_t)(to - s) + strcspn(to, blanks);
	return whole <= room ? whole : len;
}

void prose_add(const struct prose *p, const char *text, struct buf *out)
{
	const char *first = p->first ? p->first : "";
	size_t indent = grid_length(first), column = 0, len, length;
	struct buf word = BUF_INIT;

	for (text += strspn(text, blanks); *text; text += len + strspn(text + len, blanks)) {
		len = word_length(text, p->width - indent);
		buf_reset(&word);
		buf_add(&word, text, len);
		length = grid_length(buf_text(&word));
		if (!column) {
			buf_str(out, first);
			column = indent;
		} else if (column + 1 + length > p->width) {
			buf_ch(out, '\n');
			buf_pad(out, ' ', indent);
			column = indent;
		} else {
			buf_ch(out, ' ');
			column++;
		}
		buf_str(out, buf_text(&word));
		column += length;
	}
	if (column)
		buf_ch(out, '\n');
	buf_release(&word);
}
