/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is a text well-formed markup, as far as a browser must not have to guess? A check of our
 * own, which knows tags, attributes and void elements, and nothing of what may stand where.
 * After cmocka.h.
 */
#ifndef TESTS_UNIT_MARKUP_H
#define TESTS_UNIT_MARKUP_H

#include <stdbool.h>
#include <string.h>

#include "lib/alloc.h"
#include "lib/buf.h"

enum { MARKUP_DEEPEST = 64, MARKUP_IDS = 4096 };

struct markup {
	char *open[MARKUP_DEEPEST];
	size_t depth;
	char *id[MARKUP_IDS], *target[MARKUP_IDS];	/* what href="#..." and for="..." name */
	size_t nids, ntargets;
	size_t elements;
};

static inline bool markup_is(const char *name, const char *list)
{
	char *padded = xasprintf(" %s ", name);
	bool found = strstr(list, padded);

	free(padded);
	return found;
}

/* Of one start tag, from after its name to its '>': each attribute has its value in double quotes, and no two one name. */
static inline void markup_attributes(struct markup *m, const char *at, const char *end)
{
	struct buf names = BUF_INIT;
	const char *value;
	char *name, *text;
	size_t n;

	buf_ch(&names, ' ');
	while (at < end && *at != '/') {
		at += strspn(at, " \n\t");
		n = strcspn(at, "= >/");
		if (at >= end || !n)
			break;
		name = xstrndup(at, n);
		if (markup_is(name, buf_text(&names)))
			fail_msg("two attributes '%s': %.60s", name, at);
		buf_fmt(&names, "%s ", name);
		at += n;
		if (*at == '=') {
			if (at[1] != '"')
				fail_msg("a value without quotes: %.60s", at);
			value = at + 2;
			at = strchr(value, '"');
			if (!at || at > end)
				fail_msg("a value that does not end: %.60s", value);
			text = xstrndup(value, (size_t)(at - value));
			if (strchr(text, '<') || strchr(text, '>'))
				fail_msg("markup in a value: %s", text);
			if (!strcmp(name, "id"))
				m->id[m->nids++] = xstrdup(text);
			if (!strcmp(name, "for") || (!strcmp(name, "href") && text[0] == '#'))
				m->target[m->ntargets++] = xstrdup(text + (text[0] == '#'));
			if (!strncmp(name, "on", 2) || !strcmp(name, "src") || !strcmp(name, "style") ||
			    (!strcmp(name, "href") && text[0] != '#' && strcmp(text, "data:,")))
				fail_msg("attribute %s=\"%s\"", name, text);
			if (strstr(text, "url(") && strncmp(text, "url(#", 5))
				fail_msg("%s from elsewhere: %s", name, text);
			free(text);
			at++;
		}
		free(name);
	}
	buf_release(&names);
	if (m->nids == MARKUP_IDS || m->ntargets == MARKUP_IDS)
		fail_msg("too many ids for this test");
}

static inline const char *markup_tag_end(const char *s)
{
	bool quoted = false;

	for (; *s; s++) {
		quoted ^= *s == '"';
		if (*s == '>' && !quoted)
			return s;
	}
	fail_msg("a tag that does not end");
	return NULL;
}

static inline const char *markup_start(struct markup *m, const char *at)
{
	static const char without_end[] = " meta link input wbr br hr img ";
	const char *end = markup_tag_end(at), *close;
	char *name = xstrndup(at + 1, strcspn(at + 1, " >/\n")), *tag;
	bool raw = !strcmp(name, "style") || !strcmp(name, "script");

	m->elements++;
	markup_attributes(m, at + 1 + strlen(name), end);
	if (raw) {
		tag = xasprintf("</%s>", name);
		close = strstr(end, tag);
		if (!close)
			fail_msg("<%s> does not end", name);
		end = close + strlen(tag) - 1;
		free(tag);
	}
	if (raw || end[-1] == '/' || markup_is(name, without_end)) {
		free(name);
	} else {
		if (m->depth == MARKUP_DEEPEST)
			fail_msg("too deep: <%s>", name);
		m->open[m->depth++] = name;
	}
	return end + 1;
}

static inline const char *markup_end(struct markup *m, const char *at)
{
	size_t n = strcspn(at + 2, ">");
	char *open = m->depth ? m->open[--m->depth] : NULL;

	if (!open || strlen(open) != n || memcmp(open, at + 2, n))
		fail_msg("</%.*s> ends <%s>", (int)n, at + 2, open ? open : "nothing");
	free(open);
	return at + 2 + n + 1;
}

/* & begins an entity, and there is no other > in text than a script's. */
static inline const char *markup_text(const char *at)
{
	size_t n = strcspn(at, "<"), i;

	for (i = 0; i < n; i++) {
		if (at[i] == '&' && strcspn(at + i, ";") > 8)
			fail_msg("a bare &: %.40s", at + i);
		if (at[i] == '>')
			fail_msg("a bare >: %.40s", at + i);
	}
	return at + n;
}

/* All that this header says; no two ids are the same. m is zeroed before, and released after. */
static inline void markup_check(struct markup *m, const char *text)
{
	size_t i, k;

	while (*text) {
		if (!strncmp(text, "<!DOCTYPE html>", 15))
			text += 15;
		else if (!strncmp(text, "</", 2))
			text = markup_end(m, text);
		else if (*text == '<')
			text = markup_start(m, text);
		else
			text = markup_text(text);
	}
	if (m->depth)
		fail_msg("<%s> does not end", m->open[m->depth - 1]);
	for (i = 0; i < m->nids; i++)
		for (k = 0; k < i; k++)
			if (!strcmp(m->id[i], m->id[k]))
				fail_msg("two elements have the id %s", m->id[i]);
}

/* Is there all that is named? After markup_check(). */
static inline void markup_targets(const struct markup *m)
{
	size_t i, k;

	for (i = 0; i < m->ntargets; i++) {
		for (k = 0; k < m->nids && strcmp(m->id[k], m->target[i]); k++)
			;
		if (k == m->nids)
			fail_msg("there is no id %s", m->target[i]);
	}
}

static inline void markup_release(struct markup *m)
{
	while (m->nids)
		free(m->id[--m->nids]);
	while (m->ntargets)
		free(m->target[--m->ntargets]);
	while (m->depth)
		free(m->open[--m->depth]);
}

#endif
