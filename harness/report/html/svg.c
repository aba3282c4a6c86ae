/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/report/html/svg.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "harness/report/html/html.h"
#include "lib/buf.h"

#define DEEPEST 64
#define BLANK " \t\r\n"

struct piece {
	const char *s;
	size_t len;
};

struct drawing {
	const char *at;			/* what is left of the file */
	const char *prefix, *label;
	struct piece open[DEEPEST];	/* elements that have begun and not ended */
	size_t depth;
	size_t hidden;			/* depth of the outermost of them that is left out; 0: none is */
	bool done;			/* the root has ended */
	struct buf *out;
};

struct tag {
	struct piece name, attributes;
	bool empty;			/* <name/> */
};

/* "&lt;", "&#39;", and no & by itself. */
static bool is_entity(const char *s, size_t len)
{
	size_t n = 1 + (len > 1 && s[1] == '#'), first = n;

	while (n < len && isalnum((unsigned char)s[n]))
		n++;
	return n > first && n < len && s[n] == ';';
}

/* Text or a value of an attribute, whose entities are there already. */
static void add_text(struct buf *out, struct piece p)
{
	size_t i;

	for (i = 0; i < p.len; i++) {
		if (p.s[i] == '"')
			buf_str(out, "&quot;");
		else if (p.s[i] == '<')
			buf_str(out, "&lt;");
		else if (p.s[i] == '>')
			buf_str(out, "&gt;");
		else if (p.s[i] == '&' && !is_entity(p.s + i, p.len - i))
			buf_str(out, "&amp;");
		else if ((unsigned char)p.s[i] >= ' ' || strchr(BLANK, p.s[i]))
			buf_ch(out, p.s[i]);
	}
}

static bool is(struct piece p, const char *word)
{
	return p.len == strlen(word) && !memcmp(p.s, word, p.len);
}

static bool among(struct piece p, const char *const *words)
{
	for (; *words; words++)
		if (is(p, *words))
			return true;
	return false;
}

/* What draws, and does nothing else. */
static bool is_drawing(struct piece name)
{
	static const char *const words[] = {
		"svg", "g", "defs", "symbol", "use", "title", "desc", "path", "rect", "circle", "ellipse", "line",
		"polyline", "polygon", "text", "tspan", "clipPath", "mask", "pattern", "marker", "linearGradient",
		"radialGradient", "stop", "filter", "feFlood", "feComposite", NULL
	};

	return among(name, words);
}

/* The root's title is that of all gnuplot's drawings, and would show wherever the mouse is. */
static bool is_shown(const struct drawing *d, struct piece name)
{
	return is_drawing(name) && !(d->depth == 1 && (is(name, "title") || is(name, "desc")));
}

/* Moves past one name=value; false at the end, or where there is none. */
static bool next_attribute(struct piece *left, struct piece *name, struct piece *value)
{
	size_t n = 0;
	char quote;

	while (left->len && strchr(BLANK, *left->s))
		left->s++, left->len--;
	while (n < left->len && !strchr(BLANK "=", left->s[n]))
		n++;
	*name = (struct piece){ left->s, n };
	while (n < left->len && strchr(BLANK "=", left->s[n]))
		n++;
	if (!name->len || n == left->len)
		return false;
	quote = left->s[n++];
	*value = (struct piece){ left->s + n, 0 };
	while (n + value->len < left->len && value->s[value->len] != quote)
		value->len++;
	if ((quote != '"' && quote != '\'') || n + value->len == left->len)
		return false;
	left->s += n + value->len + 1;
	left->len -= n + value->len + 1;
	return true;
}

static void add_value(const struct drawing *d, const char *name, const char *lead, struct piece id)
{
	buf_fmt(d->out, " %s=\"%s%s", name, lead, d->prefix);
	add_text(d->out, id);
}

/* url(#id), and no url that leads elsewhere. */
static void add_reference(const struct drawing *d, struct piece name, struct piece value)
{
	static const char lead[] = "url(#";
	const size_t n = sizeof(lead) - 1;

	if (value.len <= n + 1 || memcmp(value.s, lead, n) || memchr(value.s + n, '(', value.len - n) ||
	    memchr(value.s, ')', value.len) != value.s + value.len - 1)
		return;
	buf_ch(d->out, ' ');
	buf_add(d->out, name.s, name.len);
	buf_fmt(d->out, "=\"%s%s", lead, d->prefix);
	add_text(d->out, (struct piece){ value.s + n, value.len - n });
	buf_ch(d->out, '"');
}

static bool is_plain(struct piece name)
{
	static const char *const never[] = { "style", "class", "role", "tabindex", NULL };
	size_t i;

	for (i = 0; i < name.len; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-0123456789", name.s[i]))
			return false;
	return (name.len < 2 || strncasecmp(name.s, "on", 2)) && (name.len < 5 || memcmp(name.s, "xmlns", 5)) &&
	       !among(name, never);
}

static void add_attribute(const struct drawing *d, struct piece name, struct piece value)
{
	if (is(name, "id")) {
		add_value(d, "id", "", value);
		buf_ch(d->out, '"');
	} else if (is(name, "href") || is(name, "xlink:href")) {
		if (value.len < 2 || value.s[0] != '#')
			return;
		add_value(d, "href", "#", (struct piece){ value.s + 1, value.len - 1 });
		buf_ch(d->out, '"');
	} else if (!is_plain(name)) {
		return;
	} else if (memmem(value.s, value.len, "url", 3)) {
		add_reference(d, name, value);
	} else {
		buf_ch(d->out, ' ');
		buf_add(d->out, name.s, name.len);
		buf_str(d->out, "=\"");
		add_text(d->out, value);
		buf_ch(d->out, '"');
	}
}

static int add_tag(const struct drawing *d, const struct tag *t)
{
	struct piece left = t->attributes, name, value;

	buf_ch(d->out, '<');
	buf_add(d->out, t->name.s, t->name.len);
	if (!d->depth) {
		buf_str(d->out, " role=\"img\" aria-label=\"");
		html_text(d->out, d->label);
		buf_ch(d->out, '"');
	}
	while (next_attribute(&left, &name, &value))
		add_attribute(d, name, value);
	buf_str(d->out, t->empty ? "/>" : ">");
	return strspn(left.s, BLANK) >= left.len ? 0 : -1;
}

static int begin(struct drawing *d, const struct tag *t)
{
	bool shown = !d->hidden && is_shown(d, t->name);

	if (d->done || d->depth == DEEPEST || (!d->depth && (!is(t->name, "svg") || t->empty)))
		return -1;
	if (shown && add_tag(d, t))
		return -1;
	if (t->empty)
		return 0;
	d->open[d->depth++] = t->name;
	if (!shown && !d->hidden)
		d->hidden = d->depth;
	return 0;
}

static int end(struct drawing *d, struct piece name)
{
	struct piece open = d->depth ? d->open[d->depth - 1] : (struct piece){ 0 };

	if (!d->depth || open.len != name.len || memcmp(open.s, name.s, name.len))
		return -1;
	if (!d->hidden) {
		buf_str(d->out, "</");
		buf_add(d->out, name.s, name.len);
		buf_ch(d->out, '>');
	}
	if (d->hidden == d->depth)
		d->hidden = 0;
	d->done = !--d->depth;
	return 0;
}

/* Past what is between two marks: <?...?>, <!--...-->. */
static int skip(struct drawing *d, const char *to)
{
	const char *at = strstr(d->at, to);

	if (!at)
		return -1;
	d->at = at + strlen(to);
	return 0;
}

/* The > that ends a tag: none within quotes. NULL: there is none. */
static const char *tag_end(const char *s)
{
	char quote = 0;

	for (; *s; s++) {
		if (quote ? *s == quote : *s == '"' || *s == '\'')
			quote = quote ? 0 : *s;
		else if (!quote && *s == '>')
			return s;
	}
	return NULL;
}

static int element(struct drawing *d)
{
	bool closing = d->at[1] == '/';
	const char *from = d->at + 1 + closing, *to = tag_end(from);
	struct tag t = { .name = { from, strcspn(from, BLANK "/>") } };

	if (!to || !t.name.len)
		return -1;
	d->at = to + 1;
	if (closing)
		return end(d, t.name);
	t.empty = to[-1] == '/';
	t.attributes = (struct piece){ from + t.name.len, (size_t)(to - t.empty - from) - t.name.len };
	return begin(d, &t);
}

/* What stands between tags; outside of the root there is nothing to be kept. */
static void text(struct drawing *d)
{
	size_t n = strcspn(d->at, "<");

	if (d->depth && !d->hidden)
		add_text(d->out, (struct piece){ d->at, n });
	d->at += n;
}

static int next(struct drawing *d)
{
	if (*d->at != '<')
		text(d);
	else if (d->at[1] == '?')
		return skip(d, "?>");
	else if (!strncmp(d->at, "<!--", 4))
		return skip(d, "-->");
	else if (!strncmp(d->at, "<![CDATA[", 9))
		return d->hidden ? skip(d, "]]>") : -1;
	else if (d->at[1] == '!')
		return d->depth || memchr(d->at, '[', strcspn(d->at, ">")) ? -1 : skip(d, ">");
	else
		return element(d);
	return 0;
}

int html_svg(const char *svg, const char *prefix, const char *label, struct buf *out)
{
	struct drawing d = { .at = svg, .prefix = prefix, .label = label, .out = out };
	size_t start = out->len;
	int ret = 0;

	while (*d.at && !ret)
		ret = next(&d);
	if (!ret && d.done)
		return 0;
	if (out->s) {
		out->len = start;
		out->s[start] = '\0';
	}
	return -1;
}
