/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/kernel/patch.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/kernel/cache.h"
#include "harness/kernel/diff.h"
#include "harness/kernel/git.h"
#include "harness/kernel/mismatch.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/err.h"

static const struct patch *nth(const struct series *s, size_t i)
{
	return &s->patch[s->reverse ? s->n - 1 - i : i];
}

/* git apply of one patch. Its exit code, its words in talk. */
static int git_apply(const char *tree, bool reverse, const struct patch *p, struct buf *talk)
{
	const char *const argv[] = { "apply", "-v", "--whitespace=nowarn", reverse ? "-R" : NULL,
				     NULL };

	buf_reset(talk);
	return git_read(&(struct git_call){ .argv = argv, .dir = tree, .input = p->diff,
					    .input_len = p->len, .one_stream = true }, talk);
}

/* git's "Hunk #3 succeeded at 120 (offset -5 lines)." under "Checking patch mm/filemap.c..." */
static void tell_offsets(const struct series *s, const struct buf *git)
{
	const char *at = buf_text(git), *end, *file = "";
	int hunk, line, offset, len = 0;

	for (; *at; at = *end ? end + 1 : end) {
		end = strchrnul(at, '\n');
		if (!strncmp(at, "Checking patch ", 15)) {
			file = at + 15;
			len = (int)(end - file) - (int)strlen("...");
		} else if (sscanf(at, "Hunk #%d succeeded at %d (offset %d line", &hunk, &line,
				  &offset) == 3) {
			info("%s: %.*s: hunk %d fits %d line%s further %s, at line %d", s->name, len,
			     file, hunk, abs(offset), abs(offset) == 1 ? "" : "s",
			     offset < 0 ? "up" : "down", line);
		}
	}
}

static void name_patch(const struct series *s, const struct patch *p, struct buf *out)
{
	buf_str(out, s->name);
	if (p->subject && *p->subject)
		buf_fmt(out, ": \"%s\"", p->subject);
	if (p->of)
		buf_fmt(out, " (%u/%u)", p->number, p->of);
}

/* A change between lines that are not named fits anywhere, and git takes it nowhere. */
static bool lacks_context(const struct diff *d)
{
	const struct diff_hunk *h;
	const struct diff_file *f;

	for (f = d->file; f < d->file + d->n; f++)
		for (h = f->hunk; h < f->hunk + f->nhunks; h++)
			if (f->old && f->new && !memmem(d->text.s + h->at, h->len, "\n ", 2))
				return true;
	return false;
}

/* What is wrong with one patch in the tree as it is, said as one message. */
static void complain(const struct series *s, const struct patch *p, const char *tree,
		     const struct buf *git)
{
	struct buf name = BUF_INIT, why = BUF_INIT, unused = BUF_INIT;
	struct diff d;

	name_patch(s, p, &name);
	if (diff_parse(s->name, 0, p->diff, p->len, &d, &unused))
		BUG("a diff of ours: %s", buf_text(&unused));
	mismatch_find(&d, s->reverse, tree, &why);
	if (!why.len && lacks_context(&d))
		buf_str(&why, "  it has hunks without a line of context (diff -U0): make it with three");
	err("%s cannot be %s:\n%s", buf_text(&name), s->reverse ? "taken out" : "applied",
	    why.len ? buf_text(&why) : buf_text(git));
	diff_release(&d);
	buf_release(&name);
	buf_release(&why);
	buf_release(&unused);
}

/* path's directories below the first `from` bytes of it. */
static int make_dirs(char *path, size_t from)
{
	char *slash;
	int ret;

	for (slash = strchr(path + from, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		ret = mkdir(path, 0777);
		*slash = '/';
		if (ret && errno != EEXIST)
			return err("mkdir for %s: %m", path);
	}
	return 0;
}

static int write_copy(const char *path, const struct buf *text)
{
	FILE *f = fopen(path, "we");
	bool failed = !f || fwrite(buf_text(text), 1, text->len, f) != text->len;

	if (f && fclose(f))
		failed = true;
	return failed ? err("write %s: %m", path) : 0;
}

/* One file of the tree into dir; one that the tree lacks is lacking there too. */
static int copy_file(const char *tree, const char *file, const char *dir)
{
	char *from = xasprintf("%s/%s", tree, file), *to = xasprintf("%s/%s", dir, file);
	struct buf text = BUF_INIT;
	int ret = -1;

	if (!buf_read_file(&text, from))
		ret = make_dirs(to, strlen(dir) + 1) || write_copy(to, &text) ? -1 : 0;
	else if (errno == ENOENT || errno == ENOTDIR || errno == EISDIR)
		ret = 0;
	else
		err("read %s: %m", from);
	free(from);
	free(to);
	buf_release(&text);
	return ret;
}

/* What the series touches, as it is in the tree, in a directory of its own. 0, or -1 after reporting. */
static int copy_touched(const struct series *s, const char *tree, const char *dir)
{
	char **file;
	int ret = 0;
	size_t n, i;

	series_files(s, &file, &n);
	for (i = 0; i < n; i++) {
		if (!ret)
			ret = copy_file(tree, file[i], dir);
		free(file[i]);
	}
	free(file);
	return ret;
}

/* How many of its patches go in (backwards: come out again), in their order. */
static size_t count_applied(const struct series *s, const char *dir, bool backwards,
			    struct buf *talk)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (git_apply(dir, s->reverse != backwards, nth(s, backwards ? s->n - 1 - i : i),
			      talk))
			break;
	return i;
}

static enum patch_outcome apply_for_real(const struct series *s, const char *tree)
{
	struct buf talk = BUF_INIT;
	enum patch_outcome outcome = PATCH_APPLIED;
	size_t i;

	for (i = 0; i < s->n && outcome == PATCH_APPLIED; i++) {
		if (git_apply(tree, s->reverse, nth(s, i), &talk)) {
			err("git apply failed in %s, after it had succeeded on a copy:\n%s", tree,
			    buf_text(&talk));
			outcome = PATCH_ERROR;
		}
		tell_offsets(s, &talk);
	}
	buf_release(&talk);
	return outcome;
}

static enum patch_outcome try_on_copies(const struct series *s, const char *tree,
					const char *forward, const char *backward)
{
	struct buf talk = BUF_INIT, unused = BUF_INIT;
	enum patch_outcome outcome = PATCH_FAILED;
	size_t n;

	n = count_applied(s, forward, false, &talk);
	if (n == s->n)
		outcome = apply_for_real(s, tree);
	else if (count_applied(s, backward, true, &unused) == s->n)
		outcome = PATCH_ALREADY;
	else
		complain(s, nth(s, n), forward, &talk);
	buf_release(&talk);
	buf_release(&unused);
	return outcome;
}

enum patch_outcome series_apply(const struct series *s, const char *tree)
{
	struct cache_new forward, backward;
	enum patch_outcome outcome = PATCH_ERROR;

	if (cache_make(&forward))
		return PATCH_ERROR;
	if (!cache_make(&backward)) {
		if (!copy_touched(s, tree, forward.path) && !copy_touched(s, tree, backward.path))
			outcome = try_on_copies(s, tree, forward.path, backward.path);
		cache_drop(&backward);
	}
	cache_drop(&forward);
	return outcome;
}
