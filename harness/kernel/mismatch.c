/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/kernel/mismatch.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "harness/kernel/diff.h"
#include "lib/alloc.h"
#include "lib/buf.h"

#define HUNKS_SHOWN 3
#define LINES_SHOWN 3	/* pairs that differ, of one hunk */

struct line {
	const char *s;
	size_t len;
};

struct lines {
	struct line *line;
	size_t n;
};

static bool equal(struct line a, struct line b)
{
	return a.len == b.len && !memcmp(a.s, b.s, a.len);
}

/* Equal but for blanks and tabs. */
static bool alike(struct line a, struct line b)
{
	size_t i = 0, k = 0;

	for (;;) {
		while (i < a.len && isspace((unsigned char)a.s[i]))
			i++;
		while (k < b.len && isspace((unsigned char)b.s[k]))
			k++;
		if (i == a.len || k == b.len)
			return i == a.len && k == b.len;
		if (a.s[i++] != b.s[k++])
			return false;
	}
}

static void add(struct lines *l, const char *s, size_t len)
{
	if ((l->n & (l->n + 1)) == 0)	/* at 0, 1, 3, 7, ... there is room for none more */
		l->line = xrealloc(l->line, 2 * l->n + 1, sizeof(l->line[0]));
	l->line[l->n++] = (struct line){ s, len };
}

static struct lines lines_of(const char *s, size_t len)
{
	const char *end = s + len, *newline;
	struct lines l = { 0 };

	for (; s < end; s = newline + 1) {
		newline = memchr(s, '\n', (size_t)(end - s));
		if (!newline)
			newline = end;
		add(&l, s, (size_t)(newline - s));
	}
	return l;
}

/* One side of a hunk: what is wanted before it ('-') or what it leaves ('+'). */
static struct lines side_of(const struct diff *d, const struct diff_hunk *h, char side)
{
	struct lines all = lines_of(d->text.s + h->at, h->len), l = { 0 };
	size_t i;

	for (i = 1; i < all.n; i++)	/* 0: the @@ line */
		if (all.line[i].s[0] == ' ' || all.line[i].s[0] == side)
			add(&l, all.line[i].s + 1, all.line[i].len - 1);
	free(all.line);
	return l;
}

/* Two points for an equal line, one for a line that is alike. */
static size_t score(const struct lines *file, size_t at, const struct lines *want)
{
	size_t i, n = 0;

	for (i = 0; i < want->n && at + i < file->n; i++)
		n += equal(file->line[at + i], want->line[i]) ? 2 :
		     alike(file->line[at + i], want->line[i]);
	return n;
}

/* The place with most points, of those the one nearest to `near`. */
static size_t best_place(const struct lines *file, const struct lines *want, size_t near,
			 size_t *points)
{
	size_t at, n, best = near, away, best_away = 0;

	*points = 0;
	for (at = 0; at < file->n; at++) {
		n = score(file, at, want);
		away = at > near ? at - near : near - at;
		if (n > *points || (n == *points && n && away < best_away)) {
			*points = n;
			best = at;
			best_away = away;
		}
	}
	return best;
}

static void show(struct buf *out, const char *what, struct line l)
{
	buf_fmt(out, "    %s\t%.*s\n", what, (int)(l.len < 120 ? l.len : 120), l.s);
}

static void show_difference(const struct lines *file, size_t at, const struct lines *want,
			    struct buf *out)
{
	unsigned shown = 0;
	bool blanks = true;
	size_t i;

	for (i = 0; i < want->n; i++) {
		if (at + i < file->n && equal(file->line[at + i], want->line[i]))
			continue;
		if (at + i >= file->n || !alike(file->line[at + i], want->line[i]))
			blanks = false;
		if (shown++ >= LINES_SHOWN)
			continue;
		buf_fmt(out, "    line %zu:\n", at + i + 1);
		show(out, "wanted", want->line[i]);
		if (at + i < file->n)
			show(out, "there is", file->line[at + i]);
		else
			buf_str(out, "    there is\tthe end of the file\n");
	}
	if (shown > LINES_SHOWN)
		buf_fmt(out, "    and %u more lines differ\n", shown - LINES_SHOWN);
	if (blanks)
		buf_str(out, "    (they differ in blanks and tabs alone: changed on the way by a mail program or a paste?)\n");
}

struct search {
	const struct diff *diff;
	bool reverse;
	const char *tree;
	struct buf *out;
	unsigned shown, there;	/* hunks */
};

static void judge_hunk(struct search *s, const struct diff_file *f, size_t number,
		       const struct lines *file)
{
	const struct diff_hunk *h = &f->hunk[number];
	struct lines want = side_of(s->diff, h, s->reverse ? '+' : '-');
	struct lines left = side_of(s->diff, h, s->reverse ? '-' : '+');
	size_t near = s->reverse ? h->new_line : h->old_line, at, n;
	const char *newline = strchr(s->diff->text.s + h->at, '\n');

	near -= near != 0;
	at = best_place(file, &want, near, &n);
	if (n == 2 * want.n)
		goto out;
	if (s->shown++ >= HUNKS_SHOWN)
		goto out;
	buf_fmt(s->out, "  %s: hunk %zu of %zu, %.*s\n", diff_path(f), number + 1, f->nhunks,
		(int)(newline - (s->diff->text.s + h->at)), s->diff->text.s + h->at);
	if (n)
		show_difference(file, at, &want, s->out);
	else
		buf_str(s->out, "    none of its lines is in the file\n");
	best_place(file, &left, near, &n);
	if (left.n && n == 2 * left.n) {
		s->there++;
		buf_fmt(s->out, "    what this hunk would leave stands there already\n");
	}
out:
	free(want.line);
	free(left.line);
}

static void judge_file(struct search *s, const struct diff_file *f)
{
	const char *name = s->reverse ? f->new : f->old, *result = s->reverse ? f->old : f->new;
	char *path = xasprintf("%s/%s", s->tree, name ? name : result);
	struct buf text = BUF_INIT;
	struct lines file;
	bool found = !buf_read_file(&text, path);
	size_t i;

	free(path);
	if (!name) {
		if (found)
			buf_fmt(s->out, "  %s: to be made, but there already\n", result);
	} else if (!found) {
		buf_fmt(s->out, "  %s: %s in this source\n", name,
			errno == ENOENT ? "no such file" : strerror(errno));
	} else {
		file = lines_of(text.s, text.len);
		for (i = 0; i < f->nhunks; i++)
			judge_hunk(s, f, i, &file);
		free(file.line);
	}
	buf_release(&text);
}

void mismatch_find(const struct diff *d, bool reverse, const char *tree, struct buf *out)
{
	struct search s = { .diff = d, .reverse = reverse, .tree = tree, .out = out };
	size_t i;

	for (i = 0; i < d->n; i++)
		judge_file(&s, &d->file[i]);
	if (s.shown > HUNKS_SHOWN)
		buf_fmt(out, "  and %u more hunks do not fit\n", s.shown - HUNKS_SHOWN);
	if (s.there)
		buf_fmt(out, "  %u of these hunks %s in the tree already\n", s.there,
			s.there == 1 ? "is" : "are");
}
