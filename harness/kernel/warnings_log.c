/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/kernel/warnings.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "harness/kernel/makelog.h"
#include "lib/alloc.h"
#include "lib/buf.h"

#define TEXT_MAX 1000	/* bytes of one warning */
#define PATH_ENDS " \t'\"`(<,:="

static bool starts(const char *s, const char *with)
{
	return !strncmp(s, with, strlen(with));
}

/* Takes "/.../place/src/" off every path: the tree that was built, in whatever cache it was. */
static void strip_tree(char *s)
{
	char *at, *from, *to;

	while ((at = strstr(s, "/place/src/")) || (at = strstr(s, "/place/obj/"))) {
		to = at + strlen("/place/src/");
		for (from = at; from > s && !strchr(PATH_ENDS, from[-1]); from--)
			;
		memmove(from, to, strlen(to) + 1);
	}
}

/* "../include/linux/fs.h" is seen from the object tree; "a/b/../c" has other names. */
static void simplify(char *path)
{
	char *at, *dir;

	while (starts(path, "./") || starts(path, "../"))
		memmove(path, strchr(path, '/') + 1, strlen(strchr(path, '/') + 1) + 1);
	while ((at = strstr(path, "/../"))) {
		for (dir = at; dir > path && dir[-1] != '/'; dir--)
			;
		if (dir == at)
			return;	/* "//../": not one of ours */
		memmove(dir, at + 4, strlen(at + 4) + 1);
	}
}

/* Without its suffix: an object and its source are called the same. */
static char *object_of(const char *path)
{
	const char *slash = strrchr(path, '/'), *dot;
	char *object;

	dot = strrchr(slash ? slash + 1 : path, '.');
	if (dot && dot[1] && dot != path && dot[-1] != '/')
		object = xstrndup(path, (size_t)(dot - path));
	else
		object = xstrdup(path);
	simplify(object);
	return object;
}

/* Where make is: under which target, in which function. */
struct reading {
	struct warnings_log *l;
	struct makelog steps;
	char *object;		/* NULL: before the first */
	struct buf function;	/* "'filemap_read'": the outermost of those inlined */
};

/* The target is a step's last word: "  CC [M]  fs/xfs/xfs.o". */
static void take_step(struct reading *r, const char *line)
{
	free(r->object);
	r->object = object_of(strrchr(line, ' ') + 1);
	r->l->made = xrealloc(r->l->made, r->l->nmade + 1, sizeof(r->l->made[0]));
	r->l->made[r->l->nmade++] = xstrdup(r->object);
	buf_reset(&r->function);
}

/* "... 'filemap_read' at", "... 'filemap_read':" */
static void set_function(struct reading *r, const char *name)
{
	const char *end = strstr(name, " at ");

	buf_reset(&r->function);
	buf_add(&r->function, name, end ? (size_t)(end - name) : strcspn(name, ",:"));
}

/*
 * "mm/filemap.c: In function 'read':", "    inlined from 'read' at mm/filemap.c:12:3,". Of several of these the last
 * is the outermost.
 */
static bool take_context(struct reading *r, const char *line)
{
	static const char in[] = "In function ", inlined[] = "inlined from ";
	const char *name = strstr(line, in);

	if (name && (name == line || starts(name - 2, ": "))) {
		set_function(r, name + strlen(in));
		return true;
	}
	if (starts(line, "In file included from ") || strstr(line, ": At top level:")) {
		buf_reset(&r->function);
		return true;
	}
	name = line + strspn(line, " ");
	if (name == line || !starts(name, inlined))
		return false;
	set_function(r, name + strlen(inlined));
	return true;
}

/* "FILE:12:3": its numbers off, the last first. */
static unsigned take_number(char *place)
{
	char *colon = strrchr(place, ':'), *end;
	unsigned long n;

	if (!colon || !isdigit((unsigned char)colon[1]))
		return 0;
	n = strtoul(colon + 1, &end, 10);
	if (*end || n > UINT32_MAX)
		return 0;
	*colon = '\0';
	return (unsigned)n;
}

/* Splits what stands before ": warning: ". */
static void take_place(char *place, struct warning *w)
{
	char *program;

	w->line = take_number(place);
	w->column = 0;
	if (w->line) {
		w->column = w->line;
		w->line = take_number(place);
		if (!w->line) {		/* there was one number only: the line */
			w->line = w->column;
			w->column = 0;
		}
	}
	simplify(place);
	program = strrchr(place, '/');
	w->file = *place == '/' && !w->line ? program + 1 : place;
}

/* Is this a place or a program? Not "  12 | x", nor "make[1]". The linker names itself before a file. */
static char *check_place(char *place)
{
	char *blank;

	if (starts(place, "{standard input}"))
		return place;
	blank = strchr(place, ' ');
	if (blank && blank - place >= 3 && starts(blank - 3, "ld: ")) {
		place = blank + 1;
		blank = strchr(place, ' ');
	}
	if (!*place || blank || strchr(place, '\t') || !strcmp(place, "make") || starts(place, "make["))
		return NULL;
	return place;
}

static char *find_warning(char *line, char **text)
{
	static const char *const words[] = { ": warning: ", ": Warning: " };
	char *at;
	size_t i;

	if (starts(line, "WARNING: modpost: ")) {
		*text = line + strlen("WARNING: modpost: ");
		memcpy(line, "modpost", sizeof("modpost"));
		return line;
	}
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		at = strstr(line, words[i]);
		if (!at)
			continue;
		*at = '\0';
		*text = at + strlen(words[i]);
		return check_place(line);
	}
	return NULL;
}

/* A file's name and a source's text may hold what a terminal would obey. */
static void make_plain(char *s)
{
	for (; *s; s++)
		if (iscntrl((unsigned char)*s))
			*s = *s == '\t' ? ' ' : '?';
}

/* What it says is said of whoever includes it: only the function tells whose code it is. */
static bool is_header(const char *file)
{
	size_t len = strlen(file);

	return len > 2 && !strcmp(file + len - 2, ".h");
}

static void take_warning(struct reading *r, char *line)
{
	struct warning w = { 0 };
	struct buf full = BUF_INIT;
	char *text, *place = find_warning(line, &text), *object;

	if (!place || !*text)
		return;
	take_place(place, &w);
	buf_add(&full, text, strnlen(text, TEXT_MAX));
	if (r->function.len && is_header(w.file))
		buf_fmt(&full, " (in %s)", buf_text(&r->function));
	w.text = full.s;
	make_plain(w.text);
	make_plain(w.file);
	object = r->object ? xstrdup(r->object) : object_of(w.file);
	w.object = object;
	warnings_add(&r->l->said, &w);
	free(object);
	buf_release(&full);
}

static void take_line(struct reading *r, const char *text, size_t len)
{
	bool step = makelog_line(&r->steps, text, len);
	char *line = xstrndup(text, len);

	strip_tree(line);
	if (step)
		take_step(r, line);
	else if (!take_context(r, line))
		take_warning(r, line);
	free(line);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void warnings_log_read(const char *text, size_t len, struct warnings_log *l)
{
	struct reading r = { .l = l };
	const char *end = text + len, *newline;

	*l = (struct warnings_log){ .said = { .known = true } };
	makelog_init(&r.steps, NULL);
	for (; text < end; text = newline + 1) {
		newline = memchr(text, '\n', (size_t)(end - text));
		if (!newline)
			newline = end;
		take_line(&r, text, (size_t)(newline - text));
	}
	l->steps = r.steps.steps;
	if (l->nmade)
		qsort(l->made, l->nmade, sizeof(l->made[0]), by_text);
	makelog_release(&r.steps);
	free(r.object);
	buf_release(&r.function);
}

void warnings_log_complete(struct warnings_log *l, const struct warnings *base)
{
	size_t i;

	l->said.whole = base->known && base->whole;
	for (i = 0; i < base->n; i++)
		if (!l->nmade || !bsearch(&base->w[i].object, l->made, l->nmade, sizeof(l->made[0]), by_text))
			warnings_add(&l->said, &base->w[i]);
}

void warnings_log_release(struct warnings_log *l)
{
	size_t i;

	for (i = 0; i < l->nmade; i++)
		free(l->made[i]);
	free(l->made);
	warnings_release(&l->said);
	*l = (struct warnings_log){ 0 };
}
