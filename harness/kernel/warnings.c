/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/kernel/warnings.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/alloc.h"
#include "lib/buf.h"

#define FORMAT 1

static void release_one(struct warning *w)
{
	free(w->file);
	free(w->text);
	free(w->object);
}

void warnings_release(struct warnings *w)
{
	size_t i;

	for (i = 0; i < w->n; i++)
		release_one(&w->w[i]);
	free(w->w);
	*w = (struct warnings){ 0 };
}

static bool same_place(const struct warning *a, const struct warning *b)
{
	return a->line == b->line && a->column == b->column && !strcmp(a->file, b->file) &&
	       !strcmp(a->text, b->text);
}

void warnings_add(struct warnings *w, const struct warning *more)
{
	size_t i;

	for (i = 0; i < w->n; i++)
		if (same_place(&w->w[i], more))
			return;	/* a header's, that many objects include */
	w->w = xrealloc(w->w, w->n + 1, sizeof(w->w[0]));
	w->w[w->n] = *more;
	w->w[w->n].file = xstrdup(more->file);
	w->w[w->n].text = xstrdup(more->text);
	w->w[w->n++].object = xstrdup(more->object);
}

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/*
 * A text without its numbers: sizes, offsets and lines are others after any edit, and the kernel's macros number
 * what they name ("__UNIQUE_ID_x12"). Other names keep theirs.
 */
static void add_numberless(const char *s, struct buf *out)
{
	size_t len;
	bool name;

	while (*s) {
		for (len = 0; is_word(s[len]); len++)
			;
		if (!len) {
			buf_ch(out, *s++);
			continue;
		}
		name = !isdigit((unsigned char)*s);
		if (name && strncmp(s, "__", 2)) {
			buf_add(out, s, len);
		} else {
			for (; name && len && !isdigit((unsigned char)*s); len--)
				buf_ch(out, *s++);
			if (len)
				buf_ch(out, '#');
		}
		s += len;
	}
}

static char *key_of(const struct warning *w)
{
	struct buf key = BUF_INIT;

	buf_str(&key, w->file);
	buf_ch(&key, '\n');
	add_numberless(w->text, &key);
	return buf_detach(&key);
}

static char **keys_of(const struct warnings *w)
{
	char **key = xcalloc(w->n + 1, sizeof(key[0]));
	size_t i;

	for (i = 0; i < w->n; i++)
		key[i] = key_of(&w->w[i]);
	return key;
}

static void free_keys(char **key, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		free(key[i]);
	free(key);
}

/* How far one of the base is from one of the patched with the same key: an equal text is the nearest. */
static uint64_t distance(const struct warning *a, const struct warning *b)
{
	uint64_t lines = a->line > b->line ? a->line - b->line : b->line - a->line;

	return lines + (strcmp(a->text, b->text) ? UINT64_C(1) << 32 : 0);
}

/* Each of the base takes the nearest of its like: those that are left over are new. */
static void mark_old(const struct warnings *base, const struct warnings *patched, bool *old)
{
	char **theirs = keys_of(base), **ours = keys_of(patched);
	uint64_t least, d;
	size_t i, k, best;

	for (i = 0; i < base->n; i++) {
		best = patched->n;
		least = UINT64_MAX;
		for (k = 0; k < patched->n; k++) {
			d = distance(&base->w[i], &patched->w[k]);
			if (old[k] || d >= least || strcmp(theirs[i], ours[k]))
				continue;
			best = k;
			least = d;
		}
		if (best < patched->n)
			old[best] = true;
	}
	free_keys(theirs, base->n);
	free_keys(ours, patched->n);
}

void warnings_new(const struct warnings *base, const struct warnings *patched, struct warnings *out)
{
	bool *old;
	size_t i;

	*out = (struct warnings){ .known = base->known && patched->known, .whole = patched->whole };
	if (!out->known)
		return;
	old = xcalloc(patched->n + 1, sizeof(old[0]));
	mark_old(base, patched, old);
	for (i = 0; i < patched->n; i++)
		if (!old[i])
			warnings_add(out, &patched->w[i]);
	free(old);
	if (out->n && !base->whole)
		warnings_release(out);
}

static json_t *one_json(const struct warning *w)
{
	json_t *o = json_object();

	json_put(o, "file", json_text(w->file));
	json_put(o, "line", json_u64(w->line));
	json_put(o, "column", json_u64(w->column));
	json_put(o, "text", json_text(w->text));
	return o;
}

json_t *warnings_list_json(const struct warnings *w)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < w->n; i++)
		json_array_append_new(list, one_json(&w->w[i]));
	return list;
}

json_t *warnings_json(const struct warnings *w)
{
	json_t *o = json_object(), *list = warnings_list_json(w);
	size_t i;

	for (i = 0; i < w->n; i++)
		json_put(json_array_get(list, i), "object", json_text(w->w[i].object));
	json_put(o, "warnings_format", json_u64(FORMAT));
	json_put(o, "whole", json_boolean(w->whole));
	json_put(o, "warnings", list);
	return o;
}

static int read_one(const json_t *o, struct warning *w)
{
	uint64_t line, column;

	w->file = (char *)json_get_text(o, "file");
	w->text = (char *)json_get_text(o, "text");
	w->object = (char *)json_get_text(o, "object");
	if (!w->file || !w->text || !w->object || json_get_u64(o, "line", &line) ||
	    json_get_u64(o, "column", &column) || line > UINT32_MAX || column > UINT32_MAX)
		return -1;
	w->line = (unsigned)line;
	w->column = (unsigned)column;
	return 0;
}

void warnings_from_json(const json_t *o, struct warnings *w)
{
	const json_t *list = json_object_get(o, "warnings");
	struct warning borrowed;
	uint64_t format;
	size_t i;

	*w = (struct warnings){ 0 };
	if (json_get_u64(o, "warnings_format", &format) || format != FORMAT || !json_is_array(list))
		return;
	for (i = 0; i < json_array_size(list); i++) {
		if (read_one(json_array_get(list, i), &borrowed)) {
			warnings_release(w);
			return;
		}
		warnings_add(w, &borrowed);
	}
	w->known = true;
	w->whole = json_is_true(json_object_get(o, "whole"));
}
