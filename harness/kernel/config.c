/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/kernel/config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "lib/alloc.h"
#include "lib/buf.h"

#define PREFIX "CONFIG_"
#define PREFIX_LEN (sizeof(PREFIX) - 1)
#define NOT_SET " is not set"
#define NOT_SET_LEN (sizeof(NOT_SET) - 1)
#define SHOWN 60	/* bytes of a wrong line that messages repeat */

static size_t name_len(const char *s, size_t len)
{
	size_t n = 0;

	while (n < len && (isalnum((unsigned char)s[n]) || s[n] == '_'))
		n++;
	return n;
}

/* A line under examination. */
struct line {
	const char *file;
	unsigned number;
	const char *s;
	size_t len;	/* without the newline and blanks before it */
	struct buf *why;
};

static int complain(const struct line *l, const char *what)
{
	size_t i;

	buf_fmt(l->why, "%s:%u: '", l->file, l->number);
	for (i = 0; i < l->len && i < SHOWN; i++)
		buf_ch(l->why, isprint((unsigned char)l->s[i]) ? l->s[i] : '?');
	buf_fmt(l->why, "%s' %s", l->len > SHOWN ? "..." : "", what);
	return -1;
}

/* Takes over value. */
static void add(struct config *c, const struct line *l, const char *name, size_t len, char *value)
{
	if (!(c->n & (c->n - 1)))
		c->symbol = xrealloc(c->symbol, c->n ? 2 * c->n : 1, sizeof(c->symbol[0]));
	c->symbol[c->n++] = (struct config_symbol){
		.name = xstrndup(name, len),
		.value = value,
		.file = (char *)l->file,
		.line = l->number,
	};
}

static bool is_number(const char *s, size_t len)
{
	size_t i = 0;

	if (len > 2 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X')) {
		for (i = 2; i < len && isxdigit((unsigned char)s[i]); i++)
			;
		return i == len;
	}
	if (len > 1 && s[0] == '-')
		i++;
	for (; i < len && isdigit((unsigned char)s[i]); i++)
		;
	return len && i == len;
}

/* A text in quotes, in which \ takes the meaning off what follows it. */
static bool is_quoted(const char *s, size_t len)
{
	size_t i;

	if (len < 2 || s[0] != '"')
		return false;
	for (i = 1; i < len && s[i] != '"'; i++)
		if (s[i] == '\\')
			i++;
	return i == len - 1;
}

static bool is_value(const char *s, size_t len)
{
	if (len == 1 && (*s == 'y' || *s == 'm' || *s == 'n'))
		return true;
	return is_number(s, len) || is_quoted(s, len);
}

static int take_value(struct config *c, const struct line *l)
{
	const char *name = l->s + PREFIX_LEN, *value;
	size_t len, left;

	if (l->len < PREFIX_LEN || memcmp(l->s, PREFIX, PREFIX_LEN))
		return complain(l, "is no line of a configuration: expected CONFIG_NAME=value or "
				   "`# CONFIG_NAME is not set`");
	len = name_len(name, l->len - PREFIX_LEN);
	left = l->len - PREFIX_LEN - len;
	if (!len || !left || name[len] != '=')
		return complain(l, "lacks '=' after the symbol's name (without blanks)");
	value = name + len + 1;
	left--;
	if (!is_value(value, left))
		return complain(l, "has no value that kconfig knows: y, m, n, a number, or a text in "
				   "double quotes");
	add(c, l, name, len, left == 1 && *value == 'n' ? NULL : xstrndup(value, left));
	return 0;
}

/* `# CONFIG_NAME is not set` is an order; what nearly says so was meant as one, and would be passed over. */
static int take_comment(struct config *c, const struct line *l)
{
	const char *name = memmem(l->s, l->len, PREFIX, PREFIX_LEN);
	size_t len, left;

	if (!name)
		return 0;
	name += PREFIX_LEN;
	left = l->len - (size_t)(name - l->s);
	len = name_len(name, left);
	left -= len;
	if (!len || left < NOT_SET_LEN || memcmp(name + len, NOT_SET, NOT_SET_LEN))
		return 0;
	if (left > NOT_SET_LEN || name != l->s + 2 + PREFIX_LEN || l->s[1] != ' ')
		return complain(l, "is only a comment: exactly `# CONFIG_NAME is not set` unsets a symbol");
	add(c, l, name, len, NULL);
	return 0;
}

static int take_line(struct config *c, struct line *l)
{
	if (memchr(l->s, '\0', l->len))
		return complain(l, "holds a NUL byte: this is no configuration");
	if (l->len && l->s[l->len - 1] == '\r') {
		l->len--;
		return complain(l, "ends in a carriage return: its lines must end as Unix has them (dos2unix)");
	}
	while (l->len && (l->s[l->len - 1] == ' ' || l->s[l->len - 1] == '\t'))
		l->len--;
	if (!l->len)
		return 0;
	return *l->s == '#' ? take_comment(c, l) : take_value(c, l);
}

static int by_name(const void *a, const void *b)
{
	const struct config_symbol *x = a, *y = b;

	return strcmp(x->name, y->name);
}

/* By name; of equal names in the order they came, which qsort() may not keep: position breaks the tie. */
static int by_name_and_position(const void *a, const void *b)
{
	const struct config_symbol *const *x = a, *const *y = b;
	int d = strcmp((*x)->name, (*y)->name);

	return d ? d : (*x > *y) - (*x < *y);
}

static void release_symbol(const struct config_symbol *s)
{
	free(s->name);
	free(s->value);
}

/* Sorted, and of each name only the last. */
static void settle(struct config *c)
{
	const struct config_symbol **order = xcalloc(c->n + 1, sizeof(order[0]));
	struct config_symbol *kept = xcalloc(c->n + 1, sizeof(kept[0]));
	size_t i, n = 0;

	for (i = 0; i < c->n; i++)
		order[i] = &c->symbol[i];
	qsort(order, c->n, sizeof(order[0]), by_name_and_position);
	for (i = 0; i < c->n; i++) {
		if (i + 1 < c->n && !strcmp(order[i]->name, order[i + 1]->name))
			release_symbol(order[i]);
		else
			kept[n++] = *order[i];
	}
	free(order);
	free(c->symbol);
	/* add() grows at powers of two: the array must hold as many as it believes */
	for (i = 1; i < n; i *= 2)
		;
	c->symbol = xrealloc(kept, i, sizeof(kept[0]));
	c->n = n;
}

int config_add(struct config *c, const char *file, const char *text, size_t len, struct buf *why)
{
	struct line l = { .file = file, .why = why };
	const char *end = text + len, *stop;
	int ret = 0;

	for (; text < end && !ret; text = stop + 1) {
		stop = memchr(text, '\n', (size_t)(end - text));
		if (!stop)
			stop = end;
		l.number++;
		l.s = text;
		l.len = (size_t)(stop - text);
		ret = take_line(c, &l);
	}
	settle(c);
	return ret;
}

void config_release(struct config *c)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		release_symbol(&c->symbol[i]);
	free(c->symbol);
	*c = (struct config){ 0 };
}

const struct config_symbol *config_find(const struct config *c, const char *name)
{
	const struct config_symbol key = { .name = (char *)name };

	if (!c->n)
		return NULL;
	return bsearch(&key, c->symbol, c->n, sizeof(key), by_name);
}

bool config_has(const struct config *c, const char *name)
{
	const struct config_symbol *s = config_find(c, name);

	return s && s->value && (!strcmp(s->value, "y") || !strcmp(s->value, "m"));
}

/* What became of a wish. NULL: it came true. */
static const char *outcome(const struct config_symbol *wish, const struct config_symbol *is)
{
	if (!wish->value)
		return !is || !is->value ? NULL : "something else selects it, or it cannot be turned off";
	if (!is)
		return "it is not there: no such symbol, or what it depends on is not set";
	if (!is->value)
		return "it is not set";
	return strcmp(wish->value, is->value) ? "" : NULL;
}

int config_check(const struct config *wanted, const struct config *final, struct buf *why)
{
	const struct config_symbol *wish, *is;
	const char *what;
	int ret = 0;
	size_t i;

	for (i = 0; i < wanted->n; i++) {
		wish = &wanted->symbol[i];
		is = config_find(final, wish->name);
		what = outcome(wish, is);
		if (!what)
			continue;
		ret = -1;
		if (why->len)
			buf_ch(why, '\n');
		buf_fmt(why, "%s:%u: ", wish->file, wish->line);
		if (wish->value)
			buf_fmt(why, "CONFIG_%s=%s was asked for, but ", wish->name, wish->value);
		else
			buf_fmt(why, "CONFIG_%s was not to be set, but ", wish->name);
		if (is && is->value)
			buf_fmt(why, "it is %s%s", is->value, *what ? ": " : "");
		buf_str(why, what);
	}
	return ret;
}
