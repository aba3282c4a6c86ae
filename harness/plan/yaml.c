/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Built on libyaml's events and not on its documents: a document is only handed
 * over whole, after its parser has spent time quadratic in the depth of nested
 * brackets, and no longer tells where an alias stood.
 */
#include "harness/plan/yaml.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "lib/alloc.h"
#include "lib/buf.h"

#define DEPTH_MAX 32	/* no configuration needs more than a few; bounds the recursion below */
#define KEY_MAX 128
#define QUOTED_MAX 60	/* characters of a foreign text that a message repeats */

struct reader {
	yaml_parser_t parser;
	const char *file;
	const char *text;
	size_t len;
	unsigned depth;
	struct buf *why;
};

static int read_value(struct reader *r, yaml_event_t *event, struct yaml_value *v);

const char *yaml_kind_name(enum yaml_kind kind)
{
	static const char *const names[] = {
		[YAML_TEXT] = "text", [YAML_LIST] = "a list", [YAML_MAPPING] = "a mapping",
	};

	return names[kind];
}

void yaml_place(const char *file, unsigned line, unsigned column, struct buf *out)
{
	buf_fmt(out, "%s:%u:%u: ", file, line, column);
}

void yaml_quote(const char *text, struct buf *out)
{
	int shown = 0;

	buf_ch(out, '\'');
	for (; *text; text++) {
		/* cut between characters, not within one */
		if (((unsigned char)*text & 0xc0) != 0x80 && shown++ == QUOTED_MAX) {
			buf_str(out, "...");
			break;
		}
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			buf_fmt(out, "\\x%02x", (unsigned char)*text);
		else
			buf_ch(out, *text);
	}
	buf_ch(out, '\'');
}

static int complain(struct reader *r, yaml_mark_t mark, const char *what)
{
	yaml_place(r->file, (unsigned)mark.line + 1, (unsigned)mark.column + 1, r->why);
	buf_str(r->why, what);
	return -1;
}

/* libyaml's reader tells a byte's offset, not its line. */
static yaml_mark_t mark_of(const struct reader *r, size_t offset)
{
	yaml_mark_t mark = { 0 };
	size_t i;

	for (i = 0; i < offset && i < r->len; i++) {
		if (r->text[i] == '\n') {
			mark.line++;
			mark.column = 0;
		} else if (((unsigned char)r->text[i] & 0xc0) != 0x80) {
			mark.column++;
		}
	}
	return mark;
}

/* Does a tab stand in the white space that a line begins with? */
static bool tab_indents(const struct reader *r, size_t line)
{
	const char *at = r->text, *end = r->text + r->len, *newline;
	size_t blanks = 0;

	while (line-- && at < end) {
		newline = memchr(at, '\n', (size_t)(end - at));
		at = newline ? newline + 1 : end;
	}
	while (at + blanks < end && at[blanks] == ' ')
		blanks++;
	return at + blanks < end && at[blanks] == '\t';
}

static int syntax_error(struct reader *r)
{
	const yaml_parser_t *p = &r->parser;

	if (p->error == YAML_READER_ERROR) {
		complain(r, mark_of(r, p->problem_offset), p->problem);
		buf_str(r->why, " (the file must be UTF-8 text)");
		return -1;
	}
	complain(r, p->problem_mark, p->problem ? p->problem : "out of memory");
	if (p->context)
		buf_fmt(r->why, ", %s that began at line %u", p->context,
			(unsigned)p->context_mark.line + 1);
	if (tab_indents(r, p->problem_mark.line))
		buf_str(r->why, " (a tab cannot indent: use blanks)");
	return -1;
}

/* The caller deletes the event, also after a failure. */
static int next(struct reader *r, yaml_event_t *event)
{
	if (yaml_parser_parse(&r->parser, event))
		return 0;
	memset(event, 0, sizeof(*event));
	return syntax_error(r);
}

static void add(struct yaml_value **array, size_t n, const struct yaml_value *v)
{
	if (!(n & (n - 1)))	/* full at every power of two */
		*array = xrealloc(*array, n ? 2 * n : 1, sizeof(**array));
	(*array)[n] = *v;
}

static int read_text(struct reader *r, const yaml_event_t *event, struct yaml_value *v)
{
	const char *text = (const char *)event->data.scalar.value;
	size_t len = event->data.scalar.length;

	if (memchr(text, '\0', len))
		return complain(r, event->start_mark, "the text holds a NUL character");
	v->text = xstrndup(text, len);
	return 0;
}

static int read_items(struct reader *r, struct yaml_value *list)
{
	struct yaml_value v;
	yaml_event_t event;
	bool end = false;
	int ret = 0;

	while (!end && !ret) {
		ret = next(r, &event);
		end = event.type == YAML_SEQUENCE_END_EVENT;
		if (!end && !ret) {
			ret = read_value(r, &event, &v);
			add(&list->item, list->n++, &v);
		}
		yaml_event_delete(&event);
	}
	return ret;
}

static int check_key(struct reader *r, const yaml_event_t *event, const struct yaml_value *key)
{
	const char *s = key->text;

	if (key->kind != YAML_TEXT)
		return complain(r, event->start_mark, "a key must be a word");
	if (strlen(s) > KEY_MAX)
		return complain(r, event->start_mark, "a key of more than 128 characters");
	for (; *s; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return complain(r, event->start_mark, "a key holds a control character");
	return 0;
}

/* Adds a pair even if it is wrong, so that one release frees all. */
static int read_pair(struct reader *r, yaml_event_t *event, struct yaml_value *mapping)
{
	struct yaml_value key, v = { 0 };
	yaml_event_t second;
	int ret;

	ret = read_value(r, event, &key);
	if (!ret)
		ret = check_key(r, event, &key);
	if (!ret) {
		ret = next(r, &second);
		if (!ret)
			ret = read_value(r, &second, &v);
		yaml_event_delete(&second);
	}
	add(&mapping->key, mapping->n, &key);
	add(&mapping->item, mapping->n++, &v);
	return ret;
}

static int by_text(const void *a, const void *b)
{
	const struct yaml_value *const *x = a, *const *y = b;
	int order = strcmp((*x)->text, (*y)->text);

	return order ? order : (*x > *y) - (*x < *y);
}

/* Sorted, because a hostile file may hold very many keys. */
static int check_duplicates(struct reader *r, const struct yaml_value *mapping)
{
	const struct yaml_value **key = xcalloc(mapping->n, sizeof(key[0])), *first = NULL,
				*again = NULL;
	size_t i;

	for (i = 0; i < mapping->n; i++)
		key[i] = &mapping->key[i];
	qsort(key, mapping->n, sizeof(key[0]), by_text);
	for (i = 1; i < mapping->n; i++)
		if (!strcmp(key[i - 1]->text, key[i]->text) && (!again || key[i] < again)) {
			first = key[i - 1];
			again = key[i];
		}
	free(key);
	if (!again)
		return 0;
	yaml_place(r->file, again->line, again->column, r->why);
	buf_str(r->why, "key ");
	yaml_quote(again->text, r->why);
	buf_fmt(r->why, " is given twice, first at line %u", first->line);
	return -1;
}

static int read_pairs(struct reader *r, struct yaml_value *mapping)
{
	yaml_event_t event;
	bool end = false;
	int ret = 0;

	while (!end && !ret) {
		ret = next(r, &event);
		end = event.type == YAML_MAPPING_END_EVENT;
		if (!end && !ret)
			ret = read_pair(r, &event, mapping);
		yaml_event_delete(&event);
	}
	return ret ? ret : check_duplicates(r, mapping);
}

static int read_inside(struct reader *r, const yaml_event_t *event, struct yaml_value *v)
{
	int ret;

	if (r->depth == DEPTH_MAX)
		return complain(r, event->start_mark, "nested too deeply (32 levels are allowed)");
	r->depth++;
	ret = v->kind == YAML_LIST ? read_items(r, v) : read_pairs(r, v);
	r->depth--;
	return ret;
}

static int check_properties(struct reader *r, const yaml_event_t *event, const yaml_char_t *anchor,
			    const yaml_char_t *tag)
{
	if (anchor)
		return complain(r, event->start_mark,
				"anchors are not supported: write the value where it is needed");
	if (tag)
		return complain(r, event->start_mark, "tags are not supported");
	return 0;
}

/* One value, of which the first event is there. Fills v even on failure. */
static int read_value(struct reader *r, yaml_event_t *event, struct yaml_value *v)
{
	*v = (struct yaml_value){
		.line = (unsigned)event->start_mark.line + 1, .column = (unsigned)event->start_mark.column + 1,
	};
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		v->kind = YAML_TEXT;
		if (check_properties(r, event, event->data.scalar.anchor, event->data.scalar.tag))
			return -1;
		return read_text(r, event, v);
	case YAML_SEQUENCE_START_EVENT:
		v->kind = YAML_LIST;
		if (check_properties(r, event, event->data.sequence_start.anchor,
				     event->data.sequence_start.tag))
			return -1;
		return read_inside(r, event, v);
	case YAML_MAPPING_START_EVENT:
		v->kind = YAML_MAPPING;
		if (check_properties(r, event, event->data.mapping_start.anchor,
				     event->data.mapping_start.tag))
			return -1;
		return read_inside(r, event, v);
	case YAML_ALIAS_EVENT:
		return complain(r, event->start_mark,
				"aliases are not supported: write the value out");
	default:
		return complain(r, event->start_mark, "expected a value");
	}
}

/* What may stand between values: passed over, up to one event of another type. */
static int next_of_stream(struct reader *r, yaml_event_t *event)
{
	bool skip;

	do {
		if (next(r, event))
			return -1;
		skip = event->type == YAML_STREAM_START_EVENT ||
		       event->type == YAML_DOCUMENT_END_EVENT;
		if (skip)
			yaml_event_delete(event);
	} while (skip);
	return 0;
}

static int read_stream(struct reader *r, struct yaml_value *root)
{
	yaml_event_t event;
	int ret;

	ret = next_of_stream(r, &event);
	if (!ret && event.type == YAML_STREAM_END_EVENT)
		ret = complain(r, (yaml_mark_t){ 0 }, "the file is empty");
	yaml_event_delete(&event);
	if (ret)
		return -1;
	ret = next(r, &event);
	if (!ret)
		ret = read_value(r, &event, root);
	yaml_event_delete(&event);
	if (ret)
		return -1;
	ret = next_of_stream(r, &event);
	if (!ret && event.type != YAML_STREAM_END_EVENT)
		ret = complain(r, event.start_mark,
			       "a second document begins here: one file holds one");
	yaml_event_delete(&event);
	return ret;
}

int yaml_read(const char *file, const char *text, size_t len, struct yaml_value *root,
	      struct buf *why)
{
	struct reader r = { .file = file, .text = text, .len = len, .why = why };
	const char *nul = len ? memchr(text, '\0', len) : NULL;
	int ret;

	*root = (struct yaml_value){ 0 };
	if (nul)	/* libyaml may take it for the end of the file */
		return complain(&r, mark_of(&r, (size_t)(nul - text)),
				"a NUL byte (the file must be UTF-8 text)");
	if (!yaml_parser_initialize(&r.parser)) {
		buf_fmt(why, "%s: out of memory", file);
		return -1;
	}
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)text, len);
	ret = read_stream(&r, root);
	yaml_parser_delete(&r.parser);
	return ret;
}

void yaml_release(struct yaml_value *v)
{
	size_t i;

	for (i = 0; i < v->n; i++) {
		if (v->kind == YAML_MAPPING)
			yaml_release(&v->key[i]);
		yaml_release(&v->item[i]);
	}
	free(v->text);
	free(v->key);
	free(v->item);
	*v = (struct yaml_value){ 0 };
}

const struct yaml_value *yaml_find(const struct yaml_value *mapping, const char *key)
{
	size_t i;

	for (i = 0; i < mapping->n; i++)
		if (!strcmp(mapping->key[i].text, key))
			return &mapping->item[i];
	return NULL;
}
