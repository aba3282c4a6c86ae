/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/kernel/makelog.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/alloc.h"

#define LINE_SHOWN 300	/* bytes of one line */

void makelog_init(struct makelog *l, const char *strip)
{
	*l = (struct makelog){ .strip = strip };
}

void makelog_release(struct makelog *l)
{
	size_t i;

	for (i = 0; i < MAKELOG_LAST; i++)
		free(l->last[i]);
	buf_release(&l->context);
	buf_release(&l->shown);
	*l = (struct makelog){ 0 };
}

/* "  CC      mm/filemap.o", "  LD [M]  fs/xfs/xfs.ko": two blanks, a word in capitals, what it is done to. */
static bool take_step(struct makelog *l, const char *s)
{
	const char *tag = s + 2, *end;

	if (s[0] != ' ' || s[1] != ' ' || !isupper((unsigned char)*tag))
		return false;
	for (end = tag; isupper((unsigned char)*end) || isdigit((unsigned char)*end) || *end == '_'; end++)
		;
	if (end[0] == ' ' && end[1] == '[' && end[2] && end[3] == ']')
		end += 4;
	if (*end != ' ')
		return false;
	s = end + strspn(end, " ");
	if (!*s)
		return false;
	l->steps++;
	snprintf(l->step, sizeof(l->step), "%.*s %s", (int)(end - tag), tag, s);
	return true;
}

static bool starts(const char *s, const char *with)
{
	return !strncmp(s, with, strlen(with));
}

static bool ends(const char *s, const char *with)
{
	size_t len = strlen(s), n = strlen(with);

	return len >= n && !strcmp(s + len - n, with);
}

static bool has_any(const char *s, const char *const *words)
{
	for (; *words; words++)
		if (strstr(s, *words))
			return true;
	return false;
}

/* What comes before an error and belongs to it. */
static bool is_context(const char *s)
{
	size_t blanks = strspn(s, " ");

	if (starts(s, "In file included from ") || (blanks && starts(s + blanks, "from ")))
		return true;
	if (ends(s, ": At top level:") || ends(s, ": Assembler messages:"))
		return true;
	return ends(s, ":") && has_any(s, (const char *const[]){ ": In function ", ": in function ",
								": In member ", NULL });
}

/* A source line with its number, or the line with the caret under it: "  123 |   x = y;". */
static bool is_source(const char *s)
{
	if (*s != ' ')
		return false;
	s += strspn(s, " ");
	s += strspn(s, "0123456789");
	s += strspn(s, " ");
	return *s == '|' || starts(s, "+++ |+");
}

/* "make[2]: ..."; make's other complaints have a place first: "mm/Makefile:3: *** missing separator.  Stop." */
static bool is_make(const char *s)
{
	if (!starts(s, "make"))
		return false;
	s += 4;
	if (*s == '[')
		s += strcspn(s, "]") + 1;
	return starts(s, ": ");
}

/* "make[3]: *** [scripts/Makefile.build:229: mm/filemap.o] Error 1": that somebody failed, not why. */
static bool is_giving_up(const char *s)
{
	return is_make(s) && strstr(s, "*** [");
}

static bool is_make_error(const char *s)
{
	const char *stars = strstr(s, "*** ");

	if (!stars || is_giving_up(s) || has_any(stars, (const char *const[]){ "Waiting for unfinished jobs",
									       "Deleting file", NULL }))
		return false;
	return is_make(s) || (stars > s + 3 && starts(stars - 2, ": ") && isdigit((unsigned char)stars[-3]));
}

/* "mm/Kconfig:12: syntax error", "mm/Kconfig.debug:7:error: recursive dependency detected!" */
static bool is_kconfig_error(const char *s)
{
	const char *name = strstr(s, "Kconfig"), *colon;

	if (!name || memchr(s, ' ', (size_t)(name - s)) || strstr(s, "warning:"))
		return false;
	colon = name + strcspn(name, ": ");
	return *colon == ':' && isdigit((unsigned char)colon[1]);
}

/* The linker under any of its names: "ld: ...", "/usr/bin/aarch64-linux-gnu-ld: ..." */
static bool is_linker(const char *s)
{
	const char *end = strstr(s, "ld: ");

	return end && (end == s || end[-1] == '/' || end[-1] == '-') && !memchr(s, ' ', (size_t)(end - s)) &&
	       !strstr(end, "warning:");
}

static bool is_error(const char *s)
{
	static const char *const words[] = {
		": error: ", ": fatal error: ", ": Error: ", ": Fatal error: ", ": internal compiler error",
		": undefined reference to ", ": multiple definition of ", ": syntax error", "error: objtool: ",
		NULL
	};

	if (starts(s, "ERROR: ") || starts(s, "Error: ") || starts(s, "error: ") || starts(s, "FAILED"))
		return true;
	if (starts(s, "/bin/sh: ") || starts(s, "sh: ") || starts(s, "/bin/bash: "))
		return true;
	return has_any(s, words) || is_make_error(s) || is_kconfig_error(s) || is_linker(s) ||
	       (is_make(s) && ends(s, ": No such file or directory"));
}

/* Belongs to the complaint right above it. */
static bool is_more(const char *s)
{
	return is_source(s) || strstr(s, ": note: ") || starts(s, "compilation terminated") ||
	       starts(s, "cc1: ") || starts(s, "collect2: ");
}

static void show(struct makelog *l, const char *s)
{
	size_t strip = l->strip ? strlen(l->strip) : 0, n = 0;

	if (l->lines++ >= MAKELOG_SHOWN)
		return;
	for (; *s && n < LINE_SHOWN; n++) {
		if (strip && !strncmp(s, l->strip, strip)) {
			s += strip;
			continue;
		}
		/* a source line may hold what a terminal would obey */
		buf_ch(&l->shown, iscntrl((unsigned char)*s) && *s != '\t' ? '?' : *s);
		s++;
	}
	buf_str(&l->shown, *s ? "...\n" : "\n");
}

static void show_context(struct makelog *l)
{
	char *at = l->context.s, *end;

	if (l->context_shown || !l->context.len)
		return;
	for (; (end = strchr(at, '\n')); at = end + 1) {
		*end = '\0';
		show(l, at);
	}
	l->context_shown = true;
}

static void take_context(struct makelog *l, const char *s)
{
	if (!l->context_open) {
		buf_reset(&l->context);
		l->context_shown = false;
	}
	buf_str(&l->context, s);
	buf_ch(&l->context, '\n');
}

static void take_error(struct makelog *l, const char *s)
{
	l->errors++;
	if (l->lines < MAKELOG_SHOWN) {
		show_context(l);
		show(l, s);
		l->errors_shown++;
	}
	l->in_block = true;
}

static void remember(struct makelog *l, char *s)
{
	if (l->nlast == MAKELOG_LAST) {
		free(l->last[0]);
		memmove(l->last, l->last + 1, (MAKELOG_LAST - 1) * sizeof(l->last[0]));
		l->nlast--;
	}
	l->last[l->nlast++] = s;
}

static void sort_out(struct makelog *l, const char *s)
{
	bool context = is_context(s);

	if (context) {
		take_context(l, s);
		l->in_block = false;
	} else if (is_error(s)) {
		take_error(l, s);
	} else if (l->in_block && is_more(s)) {
		show(l, s);
	} else {
		l->in_block = false;
	}
	l->context_open = context;
}

bool makelog_line(struct makelog *l, const char *text, size_t len)
{
	char *s = xstrndup(text, len);
	bool step = take_step(l, s);

	if (step)
		l->in_block = l->context_open = false;
	else
		sort_out(l, s);
	if (l->failed) {
		free(s);
		return step;
	}
	l->failed = is_giving_up(s);
	remember(l, s);
	return step;
}

void makelog_complaints(const struct makelog *l, struct buf *out)
{
	struct makelog plain;
	size_t i;

	if (l->lines) {
		buf_str(out, buf_text(&l->shown));
		if (l->errors > l->errors_shown)
			buf_fmt(out, "... and %u more errors\n", l->errors - l->errors_shown);
		else if (l->lines > MAKELOG_SHOWN)
			buf_fmt(out, "... and %u more lines\n", l->lines - MAKELOG_SHOWN);
		return;
	}
	makelog_init(&plain, l->strip);
	for (i = 0; i < l->nlast; i++)
		show(&plain, l->last[i]);
	buf_str(out, buf_text(&plain.shown));
	makelog_release(&plain);
}
