/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/report/html/html.h"

#include <stdarg.h>
#include <string.h>

#include "harness/report/escape.h"
#include "lib/buf.h"

void html_text(struct buf *out, const char *s)
{
	escape_xml(s, out);
}

void html_prose(struct buf *out, const char *s)
{
	static const char plain[] = " -> ", arrow[] = "\xc2\xa0\xe2\x86\x92\xc2\xa0";	/* no blanks to break a line at */
	const char *end;

	while ((end = strstr(s, plain))) {
		html_fmt(out, "%.*s", (int)(end - s), s);
		buf_str(out, arrow);
		s = end + strlen(plain);
	}
	html_text(out, s);
}

void html_fmt(struct buf *out, const char *fmt, ...)
{
	struct buf plain = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vfmt(&plain, fmt, ap);
	va_end(ap);
	html_text(out, buf_text(&plain));
	buf_release(&plain);
}

static void open_with(struct buf *out, const char *element, va_list ap)
{
	const char *name, *value;

	buf_fmt(out, "<%s", element);
	while ((name = va_arg(ap, const char *))) {
		value = va_arg(ap, const char *);
		if (!value)
			continue;
		buf_fmt(out, " %s=\"", name);
		html_text(out, value);
		buf_ch(out, '"');
	}
	buf_ch(out, '>');
}

void html_open(struct buf *out, const char *element, ...)
{
	va_list ap;

	va_start(ap, element);
	open_with(out, element, ap);
	va_end(ap);
}

void html_close(struct buf *out, const char *element)
{
	buf_fmt(out, "</%s>", element);
}

void html_element(struct buf *out, const char *element, const char *text, ...)
{
	va_list ap;

	va_start(ap, text);
	open_with(out, element, ap);
	va_end(ap);
	html_text(out, text);
	html_close(out, element);
}
