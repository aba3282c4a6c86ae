/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/guest/console_line.h"

#include <ctype.h>
#include <string.h>

typedef void take_fn(const struct console_line *line, void *data);

/* "[    1.234567]" at s: its length, or 0. The kernel writes six places, always. */
static size_t stamp_len(const char *s)
{
	const char *at = s;
	size_t digits;

	if (*at++ != '[')
		return 0;
	at += strspn(at, " ");
	digits = strspn(at, "0123456789");
	if (!digits || at[digits] != '.')
		return 0;
	at += digits + 1;
	if (strspn(at, "0123456789") != 6 || at[6] != ']')
		return 0;
	return (size_t)(at + 7 - s);
}

/* "[  T123]" or "[    C0]" at s goes to caller: its length, or 0. */
static size_t caller_len(const char *s, char caller[16])
{
	const char *at = s;
	size_t digits;

	if (*at++ != '[')
		return 0;
	at += strspn(at, " ");
	if (*at != 'T' && *at != 'C')
		return 0;
	digits = strspn(at + 1, "0123456789");
	if (!digits || digits > 12 || at[1 + digits] != ']')
		return 0;
	memcpy(caller, at, 1 + digits);
	caller[1 + digits] = '\0';
	return (size_t)(at + digits + 2 - s);
}

/* "<4>" at s: its length, or 0. */
static size_t level_len(const char *s)
{
	size_t digits = s[0] == '<' ? strspn(s + 1, "0123456789") : 0;

	return digits && digits <= 3 && s[1 + digits] == '>' ? digits + 2 : 0;
}

static void give(const char *whole, take_fn *take, void *data)
{
	struct console_line line = { .whole = whole };
	const char *at = whole + level_len(whole);
	size_t n = stamp_len(at);

	if (n) {
		line.timed = true;
		at += n;
		at += caller_len(at, line.caller);
		if (*at == ' ')
			at++;
		at += level_len(at);
	}
	line.text = at;
	take(&line, data);
}

/* Where a message begins that cut into a program's unfinished line, or NULL. */
static char *second_line(char *s)
{
	char *at = s + 1;

	if (!*s || stamp_len(s + level_len(s)))
		return NULL;
	while ((at = strchr(at, '['))) {
		if (stamp_len(at))
			return at;
		at++;
	}
	return NULL;
}

static void line_ends(struct console_lines *c, take_fn *take, void *data)
{
	char *second, kept;

	buf_str(&c->part, "");	/* an empty line has a text as well */
	second = second_line(c->part.s);
	if (second) {
		kept = *second;
		*second = '\0';
		give(c->part.s, take, data);
		*second = kept;
	}
	give(second ? second : c->part.s, take, data);
	buf_reset(&c->part);
	c->escape = ESCAPE_NONE;
}

/* Is c part of a terminal's sequence? */
static bool swallow(enum console_escape *state, unsigned char c)
{
	switch (*state) {
	case ESCAPE_NONE:
		if (c != 0x1b)
			return false;
		*state = ESCAPE_BEGUN;
		break;
	case ESCAPE_BEGUN:
		if (c == '[')
			*state = ESCAPE_CSI;
		else if (c == ']')
			*state = ESCAPE_OSC;
		else if (c < 0x20 || c > 0x2f)	/* those are followed by one more: "ESC ( B" */
			*state = ESCAPE_NONE;
		break;
	case ESCAPE_CSI:
		if (c >= 0x40 && c <= 0x7e)
			*state = ESCAPE_NONE;
		break;
	case ESCAPE_OSC:
		if (c == '\a')
			*state = ESCAPE_NONE;
		else if (c == 0x1b)
			*state = ESCAPE_BEGUN;
		break;
	}
	return true;
}

void console_lines_feed(struct console_lines *c, const char *text, size_t len, take_fn *take, void *data)
{
	unsigned char ch;
	size_t i;

	for (i = 0; i < len; i++) {
		ch = (unsigned char)text[i];
		if (ch == '\n')
			line_ends(c, take, data);
		else if (!swallow(&c->escape, ch) && ch != '\r' && c->part.len < CONSOLE_LINE_MAX)
			buf_ch(&c->part, ch == '\t' || (ch < 0x80 && isprint(ch)) ? (char)ch : '?');
	}
}

void console_lines_end(struct console_lines *c, take_fn *take, void *data)
{
	if (c->part.len)
		line_ends(c, take, data);
}

void console_lines_release(struct console_lines *c)
{
	buf_release(&c->part);
}
