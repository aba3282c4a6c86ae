/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "harness/kernel/patch.h"
#include "harness/kernel/spec.h"
#include "tests/unit/scratch.h"

static char *tree;	/* one that the mails under tests/mails/ fit */
static char *filemap;	/* mm/filemap.c in it */

static void put(const char *name, const char *text)
{
	char *path = xasprintf("%s/%s", tree, name);

	unlink(path);
	scratch_write(path, text, strlen(text));
	free(path);
}

static void make_tree(void)
{
	struct buf text = BUF_INIT;
	char *dir;
	int i;

	dir = xasprintf("%s/mm", tree);
	mkdir(dir, 0777);
	free(dir);
	dir = xasprintf("%s/fs", tree);
	mkdir(dir, 0777);
	free(dir);
	buf_str(&text, "/* page cache */\n");
	for (i = 0; i < 12; i++)
		buf_fmt(&text, "static int step_%d(int folio)\n{\n\treturn folio + %d;\n}\n\n", i, i);
	put("mm/filemap.c", buf_text(&text));
	buf_reset(&text);
	for (i = 0; i < 30; i++)
		buf_fmt(&text, "\tint line%d;\n", i);
	put("fs/inode.c", buf_text(&text));
	buf_release(&text);
}

static int parse_text(const char *name, const char *text, bool reverse, struct series *s)
{
	struct spec_patch p = { .path = (char *)name, .text = (char *)text, .len = strlen(text), .reverse = reverse };

	return series_parse(&p, s);
}

static int parse_mail(const char *name, bool reverse, struct series *s)
{
	char *path = xasprintf("tests/mails/%s", name);
	struct buf text = BUF_INIT;
	int ret;

	assert_int_equal(buf_read_file(&text, path), 0);
	ret = parse_text(name, buf_text(&text), reverse, s);
	free(path);
	buf_release(&text);
	return ret;
}

static bool holds(const char *path, const char *what)
{
	struct buf text = BUF_INIT;
	bool found;

	assert_int_equal(buf_read_file(&text, path), 0);
	found = strstr(buf_text(&text), what) != NULL;
	buf_release(&text);
	return found;
}

static bool holds_in(const char *name, const char *what)
{
	char *path = xasprintf("%s/%s", tree, name);
	bool found = holds(path, what);

	free(path);
	return found;
}

static void a_series_in_any_encoding_is_put_in_order_and_applied(void **state)
{
	static const char *const names[] = { "series-quoted-printable.mbox", "series-base64.mbox" };
	struct series s;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		make_tree();
		scratch_listen();
		assert_int_equal(parse_mail(names[i], false, &s), 0);
		/* the answer in the first one holds another diff of the same line */
		assert_true(!i == (strstr(scratch_heard(), "diffs in 1 answer are passed over") != NULL));
		assert_int_equal(s.n, 2);
		assert_string_equal(s.patch[0].subject, "mm: take three off");
		assert_string_equal(s.patch[1].subject, "mm, fs: thirty-three");
		assert_string_equal(s.patch[0].author, "Ünal Ö <u@example.org>");
		assert_string_equal(s.patch[0].message_id, "2026-1@example.org");
		assert_int_equal(s.patch[1].number, 2);
		assert_int_equal(s.patch[1].of, 2);
		assert_int_equal(series_apply(&s, tree), PATCH_APPLIED);
		assert_true(holds(filemap, "\treturn folio - 33;\n"));
		assert_true(holds(filemap, "longer than mail programs like it, é */\n"));
		series_release(&s);
	}
}

static void a_flowed_mail_and_a_formatted_patch_apply(void **state)
{
	static const char *const names[] = { "flowed.eml", "format-patch.patch" };
	struct series s;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		make_tree();
		scratch_listen();
		assert_int_equal(parse_mail(names[i], false, &s), 0);
		assert_non_null(strstr(scratch_heard(), "patch 1/2 of a series, alone"));
		assert_int_equal(s.n, 1);
		assert_int_equal(series_apply(&s, tree), PATCH_APPLIED);
		assert_true(holds(filemap, "\treturn folio - 3;\n"));
		series_release(&s);
	}
}

static void an_answer_is_taken_where_it_is_all_there_is(void **state)
{
	struct series s;

	(void)state;
	make_tree();
	assert_int_equal(parse_mail("answer-only.mbox", false, &s), 0);
	assert_int_equal(series_apply(&s, tree), PATCH_APPLIED);
	assert_true(holds(filemap, "\treturn folio * 3;\n"));
	series_release(&s);
}

static void what_is_applied_can_be_taken_out_again(void **state)
{
	struct series s, back;
	char **file;
	size_t n, i;

	(void)state;
	make_tree();
	scratch_listen();
	assert_int_equal(parse_mail("series-quoted-printable.mbox", false, &s), 0);
	assert_int_equal(parse_mail("series-quoted-printable.mbox", true, &back), 0);
	scratch_heard();
	assert_int_equal(series_apply(&back, tree), PATCH_ALREADY);
	assert_int_equal(series_apply(&s, tree), PATCH_APPLIED);
	assert_int_equal(series_apply(&s, tree), PATCH_ALREADY);
	assert_true(holds(filemap, "folio - 33"));
	assert_int_equal(series_apply(&back, tree), PATCH_APPLIED);
	assert_true(holds(filemap, "folio + 3;"));
	series_files(&s, &file, &n);
	assert_int_equal(n, 2);
	assert_string_equal(file[0], "fs/inode.c");
	assert_string_equal(file[1], "mm/filemap.c");
	for (i = 0; i < n; i++)
		free(file[i]);
	free(file);
	series_release(&s);
	series_release(&back);
}

/* The cache's pristine tree and the one that is patched share files. */
static void hard_links_to_a_patched_file_keep_what_they_held(void **state)
{
	char *link_path = xasprintf("%s/pristine.c", tree);
	struct series s;

	(void)state;
	make_tree();
	unlink(link_path);
	assert_int_equal(link(filemap, link_path), 0);
	scratch_listen();
	assert_int_equal(parse_mail("flowed.eml", false, &s), 0);
	scratch_heard();
	assert_int_equal(series_apply(&s, tree), PATCH_APPLIED);
	assert_true(holds(filemap, "folio - 3;"));
	assert_false(holds(link_path, "folio - 3;"));
	unlink(link_path);
	free(link_path);
	series_release(&s);
}

static void what_does_not_fit_is_shown_beside_what_is_there(void **state)
{
	static const char text[] = "--- a/mm/filemap.c\n+++ b/mm/filemap.c\n@@ -16,5 +16,5 @@\n"
		" \n static int step_3(int folio)\n {\n-\treturn folio + 4711;\n+\treturn folio;\n }\n";
	struct series s;
	const char *said;

	(void)state;
	make_tree();
	assert_int_equal(parse_text("bad.patch", text, false, &s), 0);
	scratch_listen();
	assert_int_equal(series_apply(&s, tree), PATCH_FAILED);
	said = scratch_heard();
	assert_non_null(strstr(said, "bad.patch cannot be applied:\n  mm/filemap.c: hunk 1 of 1, @@ -16,5 +16,5 @@\n"));
	assert_non_null(strstr(said, "    line 19:\n    wanted\t\treturn folio + 4711;\n    there is\t\treturn folio + 3;\n"));
	series_release(&s);
}

static void a_half_applied_series_is_said_to_be_so(void **state)
{
	struct series one, both;
	const char *said;

	(void)state;
	make_tree();
	scratch_listen();
	assert_int_equal(parse_mail("flowed.eml", false, &one), 0);
	assert_int_equal(parse_mail("series-base64.mbox", false, &both), 0);
	assert_int_equal(series_apply(&one, tree), PATCH_APPLIED);
	assert_int_equal(series_apply(&both, tree), PATCH_FAILED);
	said = scratch_heard();
	assert_non_null(strstr(said, "series-base64.mbox: \"mm: take three off\" (1/2) cannot be applied"));
	assert_non_null(strstr(said, "what this hunk would leave stands there already"));
	series_release(&one);
	series_release(&both);
}

static void other_reasons_not_to_fit_are_told(void **state)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{ "--- a/mm/nosuch.c\n+++ b/mm/nosuch.c\n@@ -1 +1 @@\n-\tb\n+\tc\n",
		  "mm/nosuch.c: no such file in this source" },
		{ "--- /dev/null\n+++ b/mm/filemap.c\n@@ -0,0 +1 @@\n+\tc\n", "mm/filemap.c: to be made, but there already" },
		{ "--- a/fs/inode.c\n+++ b/fs/inode.c\n@@ -1,2 +1,2 @@\n \tint  line0;\n-        int line1;\n+\tint l;\n",
		  "differ in blanks and tabs alone" },
		{ "--- a/fs/inode.c\n+++ b/fs/inode.c\n@@ -1,2 +1,2 @@\n \talpha\n-\tbeta\n+\tgamma\n",
		  "none of its lines is in the file" },
		{ "--- a/fs/inode.c\n+++ b/fs/inode.c\n@@ -29,3 +29,3 @@\n \tint line28;\n \tint line29;\n-\tint line30;\n+\tint l;\n",
		  "there is\tthe end of the file" },
	};
	struct series s;
	const char *said;
	size_t i;

	(void)state;
	make_tree();
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(parse_text("bad.patch", cases[i].text, false, &s), 0);
		scratch_listen();
		assert_int_equal(series_apply(&s, tree), PATCH_FAILED);
		said = scratch_heard();
		if (!strstr(said, cases[i].why))
			fail_msg("wanted \"%s\", got \"%s\"", cases[i].why, said);
		series_release(&s);
	}
}

static void an_offset_is_taken_and_said(void **state)
{
	static const char text[] = "--- a/fs/inode.c\n+++ b/fs/inode.c\n@@ -2,3 +2,3 @@\n"
		" \tint line11;\n-\tint line12;\n+\tint twelve;\n \tint line13;\n";
	struct series s;

	(void)state;
	make_tree();
	assert_int_equal(parse_text("far.patch", text, false, &s), 0);
	scratch_listen();
	assert_int_equal(series_apply(&s, tree), PATCH_APPLIED);
	assert_string_equal(scratch_heard(), "far.patch: fs/inode.c: hunk 1 fits 10 lines further down, at line 12\n");
	series_release(&s);
}

static void files_without_a_patch_are_said_to_be_what_they_are(void **state)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{ "", "it is empty" },
		{ "just words\n", "it holds no lines of a diff" },
		{ "<!DOCTYPE html>\n<pre>--- a/x</pre>\n", "it is HTML" },
		{ "From: a@b.c\nSubject: Re: hello\n\nno patch\n", "it is mail without a patch" },
		{ "Hello\n> diff --git a/x b/x\n> @@ -1 +1 @@\n", "quoted by an answer" },
		{ "\033[1mdiff --git a/mm/x.c b/mm/x.c\033[m\n", "it is coloured" },
		{ "\xff\xfe" "d", "UTF-16" },
		{ "x\n*** a/x\n--- b/x\n***************\n*** 1 ****\n", "context diff" },
	};
	const char *said;
	struct series s;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		scratch_listen();
		assert_int_equal(parse_text("x", cases[i].text, false, &s), -1);
		said = scratch_heard();
		if (!strstr(said, cases[i].why))
			fail_msg("wanted \"%s\", got \"%s\"", cases[i].why, said);
		series_release(&s);
	}
}

static void a_series_that_is_not_whole_is_refused(void **state)
{
	static const char two_of_three[] =
		"From x Mon Sep 17 00:00:00 2001\nFrom: A <a@b.c>\nSubject: [PATCH 1/3] one\n\n---\n"
		"--- a/mm/x.c\n+++ b/mm/x.c\n@@ -1 +1 @@\n-\ta\n+\tb\n\n"
		"From x Mon Sep 17 00:00:00 2001\nFrom: A <a@b.c>\nSubject: [PATCH 3/3] three\n\n---\n"
		"--- a/mm/x.c\n+++ b/mm/x.c\n@@ -1 +1 @@\n-\ta\n+\tb\n";
	struct series s;

	(void)state;
	scratch_listen();
	assert_int_equal(parse_text("x.mbox", two_of_three, false, &s), -1);
	assert_non_null(strstr(scratch_heard(), "x.mbox: patch 2/3 of the series is missing"));
	series_release(&s);
	scratch_listen();
	assert_int_equal(parse_mail("series-twice.mbox", false, &s), -1);
	assert_non_null(strstr(scratch_heard(), "patch 2/2 is there twice"));
	series_release(&s);
}

/* Whoever sends a patch writes its subject, and terminals show it. */
static void a_subject_has_no_control_characters(void **state)
{
	struct series s;

	(void)state;
	make_tree();
	assert_int_equal(parse_text("escape.patch", "From: A <a@example.org>\nSubject: [PATCH] fs: \033[2Jaccept\a: \x7f" "all fine\n\n"
				    "--- a/fs/inode.c\n+++ b/fs/inode.c\n@@ -1,2 +1,2 @@\n"
				    "-int line0;\n+int zero;\n int line1;\n", false, &s), 0);
	assert_string_equal(s.patch[0].subject, "fs:  [2Jaccept :  all fine");
	series_release(&s);
}

static void carriage_returns_are_dropped(void **state)
{
	struct series s;

	(void)state;
	make_tree();
	assert_int_equal(parse_text("crlf.patch", "--- a/fs/inode.c\r\n+++ b/fs/inode.c\r\n@@ -1,2 +1,2 @@\r\n"
				    "-\tint line0;\r\n+\tint zero;\r\n \tint line1;\r\n", false, &s), 0);
	assert_int_equal(series_apply(&s, tree), PATCH_APPLIED);
	series_release(&s);
}

/* Expected: applied, or nothing of it. Buggy: the first file was not seen, and the second one changed. */
static void a_byte_order_mark_hides_no_file(void **state)
{
	struct series s;

	(void)state;
	make_tree();
	assert_int_equal(parse_text("bom.patch", "\xef\xbb\xbf--- a/fs/inode.c\n+++ b/fs/inode.c\n@@ -1,2 +1,2 @@\n"
				    "-\tint line0;\n+\tint zero;\n \tint line1;\n"
				    "--- /dev/null\n+++ b/fs/new.c\n@@ -0,0 +1 @@\n+\tint x;\n", false, &s), 0);
	assert_int_equal(series_apply(&s, tree), PATCH_APPLIED);
	series_release(&s);
	assert_true(holds_in("fs/inode.c", "int zero"));
	assert_true(holds_in("fs/new.c", "int x"));
}

static void carriage_returns_in_an_encoding_are_dropped_too(void **state)
{
	struct series s;

	(void)state;
	make_tree();
	assert_int_equal(parse_text("qp.eml", "\nFrom: A <a@b.c>\nSubject: [PATCH] fs: zero\n"
				    "Content-Type: text/plain; charset=UTF-8\n"
				    "Content-Transfer-Encoding: quoted-printable\n\nWhy=0D\n---=0D\n"
				    "diff --git a/fs/empty.c b/fs/empty.c=0D\nnew file mode 100644=0D\n"
				    "index 000000000000..e69de29bb2d1=0D\n"
				    "diff --git a/fs/inode.c b/fs/inode.c=0D\n--- a/fs/inode.c=0D\n+++ b/fs/inode.c=0D\n@@ -1,2 +1,2 @@=0D\n"
				    "-\tint line0;=0D\n+\tint zero;=0D\n \tint line1;=0D\n", false, &s), 0);
	assert_string_equal(s.patch[0].subject, "fs: zero");
	assert_int_equal(series_apply(&s, tree), PATCH_APPLIED);
	series_release(&s);
	assert_true(holds_in("fs/inode.c", "int zero;\n"));
	assert_true(holds_in("fs/empty.c", ""));
}

/* Expected: gone. Buggy: left behind, empty. */
static void a_file_that_diff_N_removes_is_gone(void **state)
{
	char *path = xasprintf("%s/fs/inode.c", tree);
	struct series s;

	(void)state;
	make_tree();
	put("fs/inode.c", "\tint a;\n");
	assert_int_equal(parse_text("n.patch", "--- linux.orig/fs/inode.c\t2026-11-21 10:00:00.000000000 +0000\n"
				    "+++ linux/fs/inode.c\t1970-01-01 00:00:00.000000000 +0000\n@@ -1 +0,0 @@\n"
				    "-\tint a;\n", false, &s), 0);
	assert_int_equal(series_apply(&s, tree), PATCH_APPLIED);
	assert_int_equal(access(path, F_OK), -1);
	s.reverse = true;
	assert_int_equal(series_apply(&s, tree), PATCH_APPLIED);
	assert_int_equal(access(path, F_OK), 0);
	series_release(&s);
	free(path);
}

static void a_diff_without_context_is_said_to_be_one(void **state)
{
	struct series s;

	(void)state;
	make_tree();
	scratch_listen();
	assert_int_equal(parse_text("u0.patch", "--- a/fs/inode.c\n+++ b/fs/inode.c\n@@ -9 +9 @@\n"
				    "-\tint line8;\n+\tint eight;\n", false, &s), 0);
	assert_int_equal(series_apply(&s, tree), PATCH_FAILED);
	assert_non_null(strstr(scratch_heard(), "without a line of context"));
	series_release(&s);
}

static int begin(void **state)
{
	(void)state;
	scratch_begin();
	tree = xasprintf("%s/tree", scratch_dir);
	filemap = xasprintf("%s/mm/filemap.c", tree);
	mkdir(tree, 0777);
	setenv("XDG_CACHE_HOME", scratch_dir, 1);
	return 0;
}

static int end(void **state)
{
	(void)state;
	scratch_end();
	free(tree);
	free(filemap);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_series_in_any_encoding_is_put_in_order_and_applied),
		cmocka_unit_test(a_flowed_mail_and_a_formatted_patch_apply),
		cmocka_unit_test(an_answer_is_taken_where_it_is_all_there_is),
		cmocka_unit_test(what_is_applied_can_be_taken_out_again),
		cmocka_unit_test(hard_links_to_a_patched_file_keep_what_they_held),
		cmocka_unit_test(what_does_not_fit_is_shown_beside_what_is_there),
		cmocka_unit_test(a_half_applied_series_is_said_to_be_so),
		cmocka_unit_test(other_reasons_not_to_fit_are_told),
		cmocka_unit_test(an_offset_is_taken_and_said),
		cmocka_unit_test(files_without_a_patch_are_said_to_be_what_they_are),
		cmocka_unit_test(a_series_that_is_not_whole_is_refused),
		cmocka_unit_test(a_subject_has_no_control_characters),
		cmocka_unit_test(carriage_returns_are_dropped),
		cmocka_unit_test(carriage_returns_in_an_encoding_are_dropped_too),
		cmocka_unit_test(a_byte_order_mark_hides_no_file),
		cmocka_unit_test(a_file_that_diff_N_removes_is_gone),
		cmocka_unit_test(a_diff_without_context_is_said_to_be_one),
	};

	return cmocka_run_group_tests_name("patch", tests, begin, end);
}
