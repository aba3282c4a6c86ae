/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/kernel/patch.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "harness/kernel/cache.h"
#include "harness/kernel/diff.h"
#include "harness/kernel/git.h"
#include "harness/kernel/spec.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/child.h"
#include "lib/err.h"
#include "lib/exitcode.h"

#define MAILS_MAX 5000

static bool starts(const char *s, const char *with)
{
	return !strncmp(s, with, strlen(with));
}

/* Mail programs and Windows end lines so; the kernel's sources never do. */
static void drop_carriage_returns(struct buf *text)
{
	size_t i, n = 0;

	for (i = 0; i < text->len; i++)
		if (text->s[i] != '\r' || i + 1 == text->len || text->s[i + 1] != '\n')
			text->s[n++] = text->s[i];
	if (text->s)
		text->s[text->len = n] = '\0';
}

/* What Windows' editors begin a text with: a diff's first line would be none. */
static void drop_mark(struct buf *text)
{
	const char *s = buf_text(text);

	if (!starts(s, "\xef\xbb\xbf"))
		return;
	text->len -= 3;
	memmove(text->s, text->s + 3, text->len + 1);
}

/* Does it begin as a mail does: "From " of an mbox, or header lines with one that every mail has? */
static bool is_mail(const char *s)
{
	const char *colon, *end;

	s += strspn(s, "\n");
	if (starts(s, "From "))
		return true;
	for (; *s && *s != '\n'; s = *end ? end + 1 : end) {
		end = strchrnul(s, '\n');
		if (*s == ' ' || *s == '\t')
			continue;	/* folded */
		colon = memchr(s, ':', (size_t)(end - s));
		if (!colon || memchr(s, ' ', (size_t)(colon - s)) || colon == s)
			return false;
		if (!strncasecmp(s, "from:", 5) || !strncasecmp(s, "subject:", 8) ||
		    !strncasecmp(s, "message-id:", 11))
			return true;
	}
	return false;
}

/* The text after "KEY: " of a line, or NULL. The caller frees. */
static char *field(const char *text, const char *key)
{
	size_t n = strlen(key);
	const char *end;
	char *last = NULL;

	for (; *text; text = *end ? end + 1 : end) {
		end = strchrnul(text, '\n');
		if (strncasecmp(text, key, n) || text[n] != ':')
			continue;
		free(last);
		for (text += n + 1; *text == ' '; text++)
			;
		last = xstrndup(text, (size_t)(end - text));
	}
	return last;
}

/*
 * Takes "[PATCH v2 2/7]" and its like off a subject; n/m where it is there. It is shown on terminals, and anybody may
 * have sent it: no control characters.
 */
static void read_subject(char *subject, struct patch *p)
{
	char *at, *close, *slash;

	for (at = subject; *at; at++)
		if (iscntrl((unsigned char)*at))
			*at = ' ';
	at = subject;
	while (*at == '[' && (close = strchr(at, ']'))) {
		*close = '\0';
		slash = strrchr(at, '/');
		if (slash && isdigit((unsigned char)slash[1])) {
			while (slash > at && isdigit((unsigned char)slash[-1]))
				slash--;
			if (sscanf(slash, "%9u/%9u", &p->number, &p->of) != 2)
				p->number = p->of = 0;
		}
		for (at = close + 1; *at == ' '; at++)
			;
	}
	p->subject = xstrdup(at);
}

static void patch_release(struct patch *p)
{
	free(p->subject);
	free(p->author);
	free(p->message_id);
	free(p->diff);
}

/* Adds a patch whose diff is in this text. 1 if there is one, 0 if not, -1 after reporting. */
static int add_diff(struct series *s, struct patch *p, unsigned line, const struct buf *text)
{
	struct buf why = BUF_INIT;
	struct diff d;
	int ret = -1;

	if (diff_parse(s->name, line, buf_text(text), text->len, &d, &why)) {
		if (p->subject)
			buf_fmt(&why, " (in \"%s\")", p->subject);
		err_at(buf_text(&why));
	} else if (!d.n) {
		ret = 0;
	} else {
		p->len = d.text.len;
		p->diff = buf_detach(&d.text);
		s->patch = xrealloc(s->patch, s->n + 1, sizeof(s->patch[0]));
		s->patch[s->n++] = *p;
		ret = 1;
	}
	diff_release(&d);
	buf_release(&why);
	return ret;
}

static int read_piece(const char *dir, const char *name, struct buf *out)
{
	char *path = xasprintf("%s/%s", dir, name);
	int ret = 0;

	buf_reset(out);
	if (buf_read_file(out, path))
		ret = err("read %s: %m", path);
	free(path);
	return ret;
}

static char *join_author(const char *info)
{
	char *name = field(info, "Author"), *mail = field(info, "Email"), *both = NULL;

	if (name && mail)
		both = xasprintf("%s <%s>", name, mail);
	free(name);
	free(mail);
	return both;
}

static char *strip_angles(char *id)
{
	size_t n = id ? strlen(id) : 0;

	if (n > 2 && id[0] == '<' && id[n - 1] == '>') {
		memmove(id, id + 1, n - 2);
		id[n - 2] = '\0';
	}
	return id;
}

struct mails {
	const char *dir;	/* where git mailsplit put them */
	unsigned n;
	unsigned answers;	/* with a diff in them, passed over */
	bool take_answers;
};

/* One mail: git mailinfo decodes it. 0, or -1 after reporting. */
static int add_mail(struct series *s, struct mails *m, unsigned number)
{
	struct buf mail = BUF_INIT, info = BUF_INIT, message = BUF_INIT, diff = BUF_INIT;
	char *const msg = xasprintf("%s/msg", m->dir), *const patch = xasprintf("%s/patch", m->dir);
	const char *const argv[] = { "mailinfo", "-k", "-m", msg, patch, NULL };
	struct patch p = { 0 };
	char name[16], *subject = NULL;
	bool answer;
	int ret = -1, found;

	snprintf(name, sizeof(name), "%04u", number);
	if (read_piece(m->dir, name, &mail))
		goto out;
	if (git_read(&(struct git_call){ .argv = argv, .input = mail.s, .input_len = mail.len }, &info))
		goto out;
	if (read_piece(m->dir, "msg", &message) || read_piece(m->dir, "patch", &diff))
		goto out;
	drop_carriage_returns(&diff);	/* those that an encoding hid */
	subject = field(buf_text(&info), "Subject");
	answer = subject && !strncasecmp(subject, "re:", 3);
	if (answer && !m->take_answers) {
		/* a whole diff in an answer is a suggestion, not a part of the series */
		m->answers += strstr(buf_text(&diff), "\n@@ -") != NULL;
		ret = 0;
		goto out;
	}
	read_subject(subject ? subject : (char[]){ "" }, &p);
	p.author = join_author(buf_text(&info));
	p.message_id = strip_angles(field(buf_text(&message), "Message-ID"));
	found = add_diff(s, &p, 0, &diff);
	if (found > 0)
		p = (struct patch){ 0 };
	ret = found < 0 ? -1 : 0;
out:
	patch_release(&p);
	free(subject);
	free(msg);
	free(patch);
	buf_release(&mail);
	buf_release(&info);
	buf_release(&message);
	buf_release(&diff);
	return ret;
}

static int add_mails(struct series *s, struct mails *m)
{
	unsigned i;

	for (i = 1; i <= m->n; i++)
		if (add_mail(s, m, i))
			return -1;
	return 0;
}

/* git mailsplit into a directory; -1 after reporting. */
static int split(const struct buf *text, struct mails *m)
{
	char *out = xasprintf("-o%s", m->dir);
	const char *const argv[] = { "mailsplit", "-b", "-d4", out, NULL };
	struct buf answer = BUF_INIT;
	int ret = git_read(&(struct git_call){ .argv = argv, .input = text->s, .input_len = text->len },
			   &answer);

	m->n = (unsigned)strtoul(buf_text(&answer), NULL, 10);
	if (!ret && m->n > MAILS_MAX)
		ret = err("%u mails are more than a series has: at most %d", m->n, MAILS_MAX);
	free(out);
	buf_release(&answer);
	return ret;
}

static int read_mails(struct series *s, const struct buf *text)
{
	struct cache_new dir;
	struct mails m = { 0 };
	int ret = -1;

	if (cache_make(&dir))
		return -1;
	m.dir = dir.path;
	if (split(text, &m) || add_mails(s, &m))
		goto out;
	if (!s->n && m.answers) {	/* then they are all there is */
		m.take_answers = true;
		if (add_mails(s, &m))
			goto out;
	} else if (m.answers) {
		info("%s: diffs in %u answer%s are passed over", s->name, m.answers,
		     m.answers == 1 ? "" : "s");
	}
	ret = 0;
out:
	cache_drop(&dir);
	return ret;
}

/* What a text without a diff looks like. */
static const char *what_it_is(const struct buf *text)
{
	const char *s = buf_text(text);

	if (!text->len)
		return "it is empty";
	if (starts(s, "\xff\xfe") || starts(s, "\xfe\xff"))
		return "it is UTF-16 text (PowerShell's `>` writes it): make it UTF-8";
	if (memchr(s, '\0', text->len))
		return "it is a binary file (compressed? then unpack it)";
	if (starts(s, "<!DOCTYPE") || strcasestr(s, "<html"))
		return "it is HTML: save the mail itself (\"raw\"), not the page that shows it";
	if (strstr(s, "\n> diff --git") || strstr(s, "\n> @@ -"))
		return "what diff there is is quoted by an answer (`> `): take the mail that was answered";
	if (strstr(s, "\033["))
		return "it is coloured: make it without colours (git diff --no-color)";
	if (strstr(s, "\n@@ -"))
		return "there are hunks, but no `--- a/file` and `+++ b/file` before them";
	if (strstr(s, "\n*** ") && strstr(s, "\n--- "))
		return "it is a context diff: make a unified one (diff -u)";
	return is_mail(s) ? "it is mail without a patch" : "it holds no lines of a diff";
}

static int by_number(const void *a, const void *b)
{
	const struct patch *x = a, *y = b;

	return (x->number > y->number) - (x->number < y->number);
}

/* Are these 1 to m of m? Then in that order. 0, or -1 after reporting. */
static int put_in_order(struct series *s)
{
	unsigned of = s->n ? s->patch[0].of : 0, expected = 1;
	size_t i;

	if (s->n == 1) {	/* its others may be files of their own */
		if (of > 1)
			info("%s: patch %u/%u of a series, alone", s->name, s->patch[0].number, of);
		return 0;
	}
	for (i = 0; i < s->n; i++)
		if (!s->patch[i].number || s->patch[i].of != of)
			return 0;	/* not one numbered series: as they come */
	qsort(s->patch, s->n, sizeof(s->patch[0]), by_number);
	for (i = 0; i < s->n; i++, expected++) {
		if (s->patch[i].number == expected)
			continue;
		if (i && s->patch[i].number == s->patch[i - 1].number)
			return err("%s: patch %u/%u is there twice (\"%s\" and \"%s\"): keep one version of the series",
				   s->name, s->patch[i].number, of, s->patch[i - 1].subject,
				   s->patch[i].subject);
		return err("%s: patch %u/%u of the series is missing", s->name, expected, of);
	}
	return of && expected <= of ?
		       err("%s: patch %u/%u of the series is missing", s->name, expected, of) : 0;
}

int series_parse(const struct spec_patch *file, struct series *s)
{
	struct buf text = BUF_INIT;
	struct patch plain = { 0 };
	int ret;

	*s = (struct series){ .reverse = file->reverse,
			      .name = xstrdup(strcmp(file->path, "-") ? file->path : "standard input") };
	buf_add(&text, file->text, file->len);
	drop_carriage_returns(&text);
	drop_mark(&text);
	if (is_mail(buf_text(&text)))
		ret = read_mails(s, &text);
	else
		ret = add_diff(s, &plain, 0, &text) < 0 ? -1 : 0;
	if (!ret && !s->n)
		ret = err("%s: no patch in it: %s", s->name, what_it_is(&text));
	if (!ret)
		ret = put_in_order(s);
	buf_release(&text);
	return ret;
}

void series_release(struct series *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		patch_release(&s->patch[i]);
	free(s->patch);
	free(s->name);
	*s = (struct series){ 0 };
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void add_name(char ***file, size_t *n, const char *name)
{
	if (!name)
		return;
	*file = xrealloc(*file, *n + 1, sizeof((*file)[0]));
	(*file)[(*n)++] = xstrdup(name);
}

void series_files(const struct series *s, char ***file, size_t *n)
{
	struct buf why = BUF_INIT;
	size_t i, k, kept = 0;
	struct diff d;

	*file = NULL;
	*n = 0;
	for (i = 0; i < s->n; i++) {
		if (diff_parse(s->name, 0, s->patch[i].diff, s->patch[i].len, &d, &why))
			BUG("a diff of ours: %s", buf_text(&why));
		for (k = 0; k < d.n; k++) {
			add_name(file, n, d.file[k].old);
			add_name(file, n, d.file[k].new);
		}
		diff_release(&d);
	}
	if (*n)
		qsort(*file, *n, sizeof((*file)[0]), by_text);
	for (i = 0; i < *n; i++) {
		if (kept && !strcmp((*file)[kept - 1], (*file)[i]))
			free((*file)[i]);
		else
			(*file)[kept++] = (*file)[i];
	}
	*n = kept;
}
