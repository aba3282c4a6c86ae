/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/report/mail_header.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/alloc.h"
#include "lib/buf.h"

#define LINE 76			/* RFC 2047's for lines with encoded words; all right for others */
#define WORD_START "=?utf-8?Q?"
#define WORD_END "?="

static bool is_plain(const char *s)
{
	if (strstr(s, "=?"))
		return false;
	for (; *s; s++)
		if ((unsigned char)*s < ' ' || (unsigned char)*s > '~')
			return false;
	return true;
}

/* Broken before a blank, which then begins the next line. */
static void add_plain(const char *s, size_t column, struct buf *out)
{
	size_t len;
	bool first = true;

	for (; *s; s += len, first = false) {
		len = 1 + strcspn(s + 1, " ");
		if (!first && column + len > LINE) {
			buf_ch(out, '\n');
			column = 0;
		}
		buf_add(out, s, len);
		column += len;
	}
}

/* A character, of one byte or several; how many. */
static size_t character(const char *s)
{
	size_t n = 1;

	while (((unsigned char)s[n] & 0xc0) == 0x80)
		n++;
	return n;
}

static bool is_as_it_is(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
	       c == '.' || c == '/' || c == ':';
}

static void encode(const char *s, size_t len, struct buf *out)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (is_as_it_is(s[i]))
			buf_ch(out, s[i]);
		else if (s[i] == ' ')
			buf_ch(out, '_');
		else
			buf_fmt(out, "=%02X", (unsigned char)s[i]);
}

/* No character is torn apart: each word is read by itself. */
static void add_encoded(const char *s, size_t column, struct buf *out)
{
	struct buf one = BUF_INIT;
	size_t len;

	buf_str(out, WORD_START);
	column += strlen(WORD_START);
	for (; *s; s += len) {
		len = character(s);
		buf_reset(&one);
		encode(s, len, &one);
		if (column + one.len + strlen(WORD_END) > LINE) {
			buf_str(out, WORD_END "\n " WORD_START);
			column = 1 + strlen(WORD_START);
		}
		buf_str(out, buf_text(&one));
		column += one.len;
	}
	buf_str(out, WORD_END);
	buf_release(&one);
}

void mail_header(const char *name, const char *value, struct buf *out)
{
	char *clean = xstrdup(value), *c;
	size_t column = strlen(name) + 2;

	for (c = clean; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = ' ';
	for (c = clean; *c == ' '; c++)
		;
	buf_fmt(out, "%s: ", name);
	if (is_plain(c))
		add_plain(c, column, out);
	else
		add_encoded(c, column, out);
	buf_ch(out, '\n');
	free(clean);
}

/* Something on either side of an @, and nothing that could end the field or the id. */
static bool is_id(const char *id, size_t len)
{
	const char *at = memchr(id, '@', len);
	size_t i;

	for (i = 0; i < len; i++)
		if (id[i] <= ' ' || id[i] > '~' || strchr("<>()\"\\", id[i]))
			return false;
	return at && at > id && at < id + len - 1;
}

/* What stands between the angles, if there are any. */
static const char *bare(const char *id, size_t *len)
{
	*len = strlen(id);
	if (*len < 2 || *id != '<' || id[*len - 1] != '>')
		return id;
	*len -= 2;
	return id + 1;
}

bool mail_is_id(const char *id)
{
	size_t len;

	id = bare(id, &len);
	return is_id(id, len);
}

void mail_answer(const char *id, struct buf *out)
{
	size_t len;

	if (!mail_is_id(id))
		return;
	id = bare(id, &len);
	buf_fmt(out, "In-Reply-To: <%.*s>\n", (int)len, id);
	buf_fmt(out, "References: <%.*s>\n", (int)len, id);
}

int mail_date(const char *at, struct buf *out)
{
	static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
					      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	struct tm given = { 0 }, tm;
	time_t t;

	if (sscanf(at, "%4d-%2d-%2dT%2d%*[:-]%2d%*[:-]%2d", &given.tm_year, &given.tm_mon, &given.tm_mday,
		   &given.tm_hour, &given.tm_min, &given.tm_sec) != 6)
		return -1;
	given.tm_year -= 1900;
	given.tm_mon--;
	tm = given;
	t = timegm(&tm);
	/* The 31st of February is none: it would have become another day. */
	if (!gmtime_r(&t, &tm) || tm.tm_mday != given.tm_mday || tm.tm_mon != given.tm_mon ||
	    tm.tm_hour != given.tm_hour || tm.tm_min != given.tm_min)
		return -1;
	buf_fmt(out, "Date: %s, %d %s %d %02d:%02d:%02d +0000\n", days[tm.tm_wday], tm.tm_mday,
		months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
	return 0;
}
