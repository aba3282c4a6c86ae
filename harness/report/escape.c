/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/report/escape.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/json.h"

/* U+FFFE and U+FFFF are characters for UTF-8, but not for XML. */
static bool is_noncharacter(const char *at)
{
	return !strncmp(at, "\xef\xbf\xbe", 3) || !strncmp(at, "\xef\xbf\xbf", 3);
}

static bool is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f;
}

void escape_text(const char *s, const char *also, struct buf *out)
{
	json_t *text = json_text(s);	/* valid UTF-8 from here on */
	const char *at = json_string_value(text);
	size_t hex = 0;			/* bytes to come that are shown as numbers */

	for (; at && *at; at++) {
		if (!hex && is_noncharacter(at))
			hex = 3;
		if (!hex && (is_control(*at) || (also && strchr(also, *at))))
			hex = 1;
		if (hex) {
			buf_fmt(out, "\\x%02x", (unsigned char)*at);
			hex--;
		} else {
			buf_ch(out, *at);
		}
	}
	json_decref(text);
}

void escape_xml(const char *s, struct buf *out)
{
	struct buf plain = BUF_INIT;
	const char *at;

	escape_text(s, NULL, &plain);
	for (at = buf_text(&plain); *at; at++) {
		switch (*at) {
		case '&':
			buf_str(out, "&amp;");
			break;
		case '<':
			buf_str(out, "&lt;");
			break;
		case '>':
			buf_str(out, "&gt;");
			break;
		case '"':
			buf_str(out, "&quot;");
			break;
		case '\'':
			buf_str(out, "&apos;");
			break;
		default:
			buf_ch(out, *at);
		}
	}
	buf_release(&plain);
}

/* U+0080 to U+009F: terminals know them as ESC and a letter. */
static bool is_high_control(const char *at)
{
	return (unsigned char)at[0] == 0xc2 && (unsigned char)at[1] >= 0x80 && (unsigned char)at[1] <= 0x9f;
}

void escape_controls(struct buf *text, size_t from)
{
	for (; from < text->len; from++)
		if (is_high_control(text->s + from))
			text->s[from] = text->s[from + 1] = '?';
		else if (is_control(text->s[from]) && text->s[from] != '\n')
			text->s[from] = '?';
}
