/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/kernel/diff.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/alloc.h"

struct text {		/* one line, without its newline */
	const char *s;
	size_t len;
};

struct parser {
	const char *name;
	const char *at, *end;	/* the next line */
	unsigned line;		/* its number */
	struct diff *diff;
	struct buf *why;
	bool tab;		/* seen in a hunk */
	unsigned spaces;	/* first line of a hunk that is indented by eight of them; 0: none */
	unsigned stray;		/* first head of a hunk that belongs to no file; 0: none */
};

static int complain(const struct parser *p, unsigned line, const char *what, struct text t)
{
	int shown = (int)(t.len < 60 ? t.len : 60);

	buf_fmt(p->why, "%s:%u: %s", p->name, line, what);
	if (t.s)
		buf_fmt(p->why, ": \"%.*s\"", shown, t.s);
	return -1;
}

static const struct text no_text = { NULL, 0 };

static bool peek(const struct parser *p, struct text *t)
{
	const char *newline;

	if (p->at >= p->end)
		return false;
	newline = memchr(p->at, '\n', (size_t)(p->end - p->at));
	*t = (struct text){ p->at, (size_t)((newline ? newline : p->end) - p->at) };
	return true;
}

static void next(struct parser *p, struct text t)
{
	p->at = t.s + t.len + 1;
	p->line++;
}

static bool starts(struct text t, const char *with)
{
	size_t n = strlen(with);

	return t.len >= n && !memcmp(t.s, with, n);
}

/* "@@ -A[,N] +B[,M] @@..." */
static bool read_range(const char **s, const char *end, char sign, unsigned *line, unsigned *n)
{
	uint64_t value[2] = { 0, 1 };
	int i;

	if (*s >= end || *(*s)++ != sign)
		return false;
	for (i = 0; i < 2; i++) {
		if (*s >= end || !isdigit((unsigned char)**s))
			return false;
		for (value[i] = 0; *s < end && isdigit((unsigned char)**s); (*s)++) {
			value[i] = value[i] * 10 + (uint64_t)(**s - '0');
			if (value[i] > 100000000)
				return false;
		}
		if (*s >= end || **s != ',')
			break;
		(*s)++;
	}
	*line = (unsigned)value[0];
	*n = (unsigned)value[1];
	return true;
}

static bool read_hunk_head(struct text t, struct diff_hunk *h)
{
	const char *s = t.s + 3, *end = t.s + t.len;

	if (!starts(t, "@@ ") || !read_range(&s, end, '-', &h->old_line, &h->old_n) ||
	    s >= end || *s++ != ' ' || !read_range(&s, end, '+', &h->new_line, &h->new_n))
		return false;
	return end - s >= 3 && !memcmp(s, " @@", 3);
}

static void look_at_indent(struct parser *p, struct text t)
{
	if (memchr(t.s, '\t', t.len))
		p->tab = true;
	else if (!p->spaces && t.len > 9 && !memcmp(t.s + 1, "        ", 8))
		p->spaces = p->line;
}

/*
 * Reads as many lines as the hunk's head announces. A line that lost its only
 * blank on the way is an empty line of context, as git and patch take it.
 */
static int read_hunk_lines(struct parser *p, const struct diff_hunk *h, unsigned head)
{
	unsigned old_left = h->old_n, new_left = h->new_n;
	struct buf *out = &p->diff->text;
	struct text t;
	char kind;

	while (old_left || new_left) {
		if (!peek(p, &t))
			return complain(p, head, "this hunk is cut off: its lines are fewer than it announces", no_text);
		kind = t.len ? t.s[0] : ' ';
		if ((kind == ' ' && old_left && new_left) || (kind == '-' && old_left) ||
		    (kind == '+' && new_left)) {
			old_left -= kind != '+';
			new_left -= kind != '-';
		} else if (kind != '\\') {
			return complain(p, p->line,
					strchr(" +-", kind) ?
						"the hunk has more such lines than it announces" :
						"no line of a hunk: was a long line wrapped on the way?", t);
		}
		look_at_indent(p, t);
		if (!t.len)
			buf_ch(out, ' ');
		buf_add(out, t.s, t.len);
		buf_ch(out, '\n');
		next(p, t);
	}
	if (peek(p, &t) && starts(t, "\\ ")) {
		buf_add(out, t.s, t.len);
		buf_ch(out, '\n');
		next(p, t);
	}
	return 0;
}

static int read_hunks(struct parser *p, struct diff_file *f)
{
	struct diff_hunk h;
	unsigned head;
	struct text t;

	while (peek(p, &t) && starts(t, "@@ ")) {
		memset(&h, 0, sizeof(h));
		if (!read_hunk_head(t, &h))
			return complain(p, p->line, "not the head of a hunk", t);
		h.at = p->diff->text.len;
		buf_add(&p->diff->text, t.s, t.len);
		buf_ch(&p->diff->text, '\n');
		head = p->line;
		next(p, t);
		if (read_hunk_lines(p, &h, head))
			return -1;
		h.len = p->diff->text.len - h.at;
		f->hunk = xrealloc(f->hunk, f->nhunks + 1, sizeof(h));
		f->hunk[f->nhunks++] = h;
	}
	/* "-- " is a mail's signature */
	if (peek(p, &t) && (starts(t, "+") || starts(t, "-")) && !starts(t, "--"))
		return complain(p, p->line, "the hunk before this line announces fewer lines than it has", t);
	return 0;
}

/* Directories that a path without prefix begins with. */
static bool is_kernel_dir(const char *s, size_t len)
{
	static const char *const dirs[] = {
		"arch", "block", "certs", "crypto", "Documentation", "drivers", "fs", "include",
		"init", "io_uring", "ipc", "kernel", "lib", "mm", "net", "rust", "samples",
		"scripts", "security", "sound", "tools", "usr", "virt",
	};
	size_t i;

	for (i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		if (strlen(dirs[i]) == len && !memcmp(dirs[i], s, len))
			return true;
	return false;
}

/* The path of a `--- ` or `+++ ` line without its prefix: 0 with NULL for /dev/null, or -1 after complaining. */
static int read_path(const struct parser *p, struct text t, char **path)
{
	const char *s = t.s + 4, *end = memchr(s, '\t', t.len - 4), *slash, *at;

	if (!end)
		end = t.s + t.len;
	while (end > s && end[-1] == ' ')
		end--;
	*path = NULL;
	if (end - s == 9 && !memcmp(s, "/dev/null", 9))
		return 0;
	if (*s == '"')
		return complain(p, p->line, "a name in quotes, which cannot be taken", t);
	slash = memchr(s, '/', (size_t)(end - s));
	if (slash && !is_kernel_dir(s, (size_t)(slash - s)))
		s = slash + 1;
	*path = xstrndup(s, (size_t)(end - s));
	for (at = *path; at; at = strchr(at, '/')) {
		at += *at == '/';
		if (!strncmp(at, "..", 2) && (!at[2] || at[2] == '/'))
			return complain(p, p->line, "this path leads out of the tree", t);
	}
	if (!**path || **path == '/' || t.s[4] == '/' || !strncmp(*path, ".git/", 5))
		return complain(p, p->line, "no path of a file in the tree", t);
	return 0;
}

/* -mm names a patch after the old path: mm/filemap.c~fix-it. */
static void cut_mm_suffix(struct diff_file *f)
{
	size_t n;

	if (!f->old || !f->new)
		return;
	n = strlen(f->new);
	if (!strncmp(f->old, f->new, n) && f->old[n] == '~')
		f->old[n] = '\0';
}

/* Does a `--- ` or `+++ ` line end with the start of all time, as diff -N dates what is not there? In any time zone. */
static bool is_undated(struct text t)
{
	const char *tab = memchr(t.s, '\t', t.len);
	struct text date = { tab ? tab + 1 : t.s, tab ? (size_t)(t.s + t.len - tab - 1) : 0 };

	return starts(date, "1970-01-01 ") || starts(date, "1969-12-31 ");
}

/* diff -N names a file that is not there on one side: no /dev/null, but that date and no lines. */
static void drop_missing(struct diff_file *f, struct text old, struct text new, struct text head)
{
	struct diff_hunk h = { 0 };

	if (!f->old || !f->new || !read_hunk_head(head, &h))
		return;
	if (is_undated(old) && !h.old_line && !h.old_n) {
		free(f->old);
		f->old = NULL;
	} else if (is_undated(new) && !h.new_line && !h.new_n) {
		free(f->new);
		f->new = NULL;
	}
}

static void write_paths(struct parser *p, const struct diff_file *f)
{
	struct buf *out = &p->diff->text;

	buf_fmt(out, "--- %s%s\n", f->old ? "a/" : "/dev/null", f->old ? f->old : "");
	buf_fmt(out, "+++ %s%s\n", f->new ? "b/" : "/dev/null", f->new ? f->new : "");
}

static struct diff_file *new_file(struct diff *d)
{
	d->file = xrealloc(d->file, d->n + 1, sizeof(d->file[0]));
	memset(&d->file[d->n], 0, sizeof(d->file[0]));
	return &d->file[d->n++];
}

/* At "--- path", with "+++ path" after it. */
static int read_file(struct parser *p, struct diff_file *f)
{
	struct text old, new, t;

	peek(p, &old);
	if (read_path(p, old, &f->old))
		return -1;
	next(p, old);
	peek(p, &new);
	if (read_path(p, new, &f->new))
		return -1;
	if (!f->old && !f->new)
		return complain(p, p->line, "neither an old nor a new file", new);
	next(p, new);
	if (!peek(p, &t) || !starts(t, "@@ "))
		return complain(p, p->line, "no hunk follows the names of the files", no_text);
	drop_missing(f, old, new, t);
	cut_mm_suffix(f);
	write_paths(p, f);
	return read_hunks(p, f);
}

/* Do "--- x" and "+++ y" stand here? */
static bool at_file(const struct parser *p)
{
	struct parser ahead = *p;
	struct text t;

	if (!peek(&ahead, &t) || !starts(t, "--- ") || t.len < 5)
		return false;
	next(&ahead, t);
	return peek(&ahead, &t) && starts(t, "+++ ") && t.len > 4;
}

static bool is_extended(struct text t)
{
	static const char *const words[] = {
		"old mode ", "new mode ", "deleted file mode ", "new file mode ", "copy from ",
		"copy to ", "rename from ", "rename to ", "similarity index ",
		"dissimilarity index ", "index ",
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (starts(t, words[i]))
			return true;
	return false;
}

/* "a/x b/x" of a diff --git line, where both are the same but for the prefix. */
static int names_of_git_line(const struct parser *p, struct text t, struct diff_file *f)
{
	const char *s = t.s + strlen("diff --git "), *end = t.s + t.len;
	size_t half = (size_t)(end - s) / 2;
	struct text one = { s - 4, half + 4 };

	if ((size_t)(end - s) != 2 * half + 1 || s[half] != ' ')
		return complain(p, p->line, "names of two files are due", t);
	if (read_path(p, one, &f->old))
		return -1;
	f->new = xstrdup(f->old);
	return 0;
}

static char *after(struct text t, const char *word)
{
	return xstrndup(t.s + strlen(word), t.len - strlen(word));
}

static void set(char **name, char *to)
{
	free(*name);
	*name = to;
}

/* At "diff --git": its headers as they are, then a file's hunks where there are any. */
static int read_git_file(struct parser *p, struct diff_file *f)
{
	struct diff_file named = { 0 };
	struct buf *out = &p->diff->text, heads = BUF_INIT;
	struct text t, first = no_text;
	unsigned line = p->line, here;
	bool counts = false;	/* is there something to do without hunks? */
	int ret = -1;

	peek(p, &first);
	next(p, first);
	while (peek(p, &t) && is_extended(t)) {
		buf_add(&heads, t.s, t.len);
		buf_ch(&heads, '\n');
		counts |= !starts(t, "index ") && !starts(t, "similarity");
		if (starts(t, "rename from ") || starts(t, "copy from "))
			set(&named.old, after(t, t.s[0] == 'r' ? "rename from " : "copy from "));
		if (starts(t, "rename to ") || starts(t, "copy to "))
			set(&named.new, after(t, t.s[0] == 'r' ? "rename to " : "copy to "));
		next(p, t);
	}
	if (peek(p, &t) && (starts(t, "GIT binary patch") || starts(t, "Binary files "))) {
		complain(p, p->line, "a change of a binary file, which cannot be taken", no_text);
		goto out;
	}
	if (!named.old || !named.new) {
		free(named.old);
		free(named.new);
		named = (struct diff_file){ 0 };
		here = p->line;
		p->line = line;	/* which a complaint is about */
		ret = names_of_git_line(p, first, &named);
		p->line = here;
		if (ret && !at_file(p))
			goto out;
		buf_reset(p->why);
		ret = -1;
	}
	if (named.old && named.new)
		buf_fmt(out, "diff --git a/%s b/%s\n%s", named.old, named.new, buf_text(&heads));
	if (at_file(p)) {
		ret = read_file(p, f);
	} else if (!counts) {
		complain(p, line, "nothing of this file is changed: is the rest cut off?", first);
	} else {
		*f = named;
		named = (struct diff_file){ 0 };
		ret = 0;
	}
out:
	free(named.old);
	free(named.new);
	buf_release(&heads);
	return ret;
}

int diff_parse(const char *name, unsigned line, const char *text, size_t len, struct diff *d,
	       struct buf *why)
{
	struct parser p = {
		.name = name, .at = text, .end = text + len, .line = line + 1, .diff = d, .why = why,
	};
	struct diff_hunk unused;
	struct text t;

	*d = (struct diff){ 0 };
	while (peek(&p, &t)) {
		if (starts(t, "diff --git ")) {
			if (read_git_file(&p, new_file(d)))
				return -1;
		} else if (at_file(&p)) {
			if (read_file(&p, new_file(d)))
				return -1;
		} else if (starts(t, "Binary files ") && t.len > 21 &&
			   !memcmp(t.s + t.len - 7, " differ", 7)) {
			return complain(&p, p.line, "a change of a binary file, which cannot be taken", t);
		} else {
			if (!p.stray && read_hunk_head(t, &unused))
				p.stray = p.line;
			next(&p, t);
		}
	}
	if (d->n && p.stray)
		return complain(&p, p.stray, "a hunk without `--- a/file` and `+++ b/file` before it", no_text);
	/* the kernel's sources are indented with tabs: a change of them that has none has lost them */
	if (p.spaces && !p.tab)
		return complain(&p, p.spaces, "tabs became blanks on the way (a mail program or a paste does that)", no_text);
	return 0;
}

void diff_release(struct diff *d)
{
	size_t i;

	for (i = 0; i < d->n; i++) {
		free(d->file[i].old);
		free(d->file[i].new);
		free(d->file[i].hunk);
	}
	free(d->file);
	buf_release(&d->text);
	*d = (struct diff){ 0 };
}

const char *diff_path(const struct diff_file *f)
{
	return f->new ? f->new : f->old;
}
