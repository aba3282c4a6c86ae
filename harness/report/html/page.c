/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/report/html/page.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "harness/kernel/cache.h"
#include "harness/report/html/html.h"
#include "lib/buf.h"

/* A file's text, NUL at the end. Makefile has the dependence. */
#define FILE_TEXT(name, path)				\
	extern const char name[];			\
	__asm__(".pushsection .rodata\n"		\
		#name ":\t.incbin \"" path "\"\n"	\
		"\t.byte 0\n"				\
		".popsection")

FILE_TEXT(page_style, "harness/report/html/page.css");
FILE_TEXT(page_script, "harness/report/html/page.js");

static int hex_digit(char c)
{
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

/* The digest in base64, as a content security policy names a script. */
static void add_digest(const char *text, struct buf *out)
{
	static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned bits = 0, have = 0;
	char hex[65];
	size_t i;

	cache_sha256(text, strlen(text), hex);
	for (i = 0; i < 64; i++) {
		bits = bits << 4 | (unsigned)hex_digit(hex[i]);
		have += 4;
		if (have < 6)
			continue;
		have -= 6;
		buf_ch(out, digit[bits >> have & 63]);
	}
	buf_ch(out, digit[bits << (6 - have) & 63]);	/* 256 = 42 * 6 + 4 */
	buf_ch(out, '=');
}

/* Nothing from elsewhere, no script but ours, and nothing that is sent anywhere. */
static void add_policy(struct buf *out)
{
	buf_str(out, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
		     "style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
		     "script-src 'sha256-");
	add_digest(page_script, out);
	buf_str(out, "'\">\n");
}

void page_begin(const char *title, struct buf *out)
{
	buf_str(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
	add_policy(out);
	buf_str(out, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		     "<meta name=\"color-scheme\" content=\"light dark\">\n"
		     "<meta name=\"referrer\" content=\"no-referrer\">\n"
		     "<meta name=\"generator\" content=\"foliogate\">\n"
		     "<link rel=\"icon\" href=\"data:,\">\n");	/* or browsers ask the server for one */
	html_element(out, "title", title, NULL);
	buf_fmt(out, "\n<style>\n%s</style>\n</head>\n<body>\n", page_style);
}

void page_end(struct buf *out)
{
	buf_fmt(out, "<script>%s</script>\n</body>\n</html>\n", page_script);
}
