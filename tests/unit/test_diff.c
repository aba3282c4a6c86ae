/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "harness/kernel/diff.h"
#include "lib/buf.h"

static struct diff d;
static struct buf why;

static int parse(const char *text)
{
	diff_release(&d);
	buf_reset(&why);
	return diff_parse("x.patch", 0, text, strlen(text), &d, &why);
}

#define HUNK "@@ -1,2 +1,2 @@ int f(void)\n \tkept\n-\told\n+\tnew\n"

static void only_the_diff_is_kept_of_a_text(void **state)
{
	(void)state;
	assert_int_equal(parse("Hello,\n\n--- \nsee below\n---\n one file\n\n--- a/mm/x.c\n+++ b/mm/x.c\n" HUNK
			       "-- \n2.39\n\n+ not of it\n"), 0);
	assert_string_equal(buf_text(&d.text), "--- a/mm/x.c\n+++ b/mm/x.c\n" HUNK);
	assert_int_equal(d.n, 1);
	assert_string_equal(d.file[0].old, "mm/x.c");
	assert_string_equal(d.file[0].new, "mm/x.c");
	assert_int_equal(d.file[0].nhunks, 1);
	assert_int_equal(d.file[0].hunk[0].old_line, 1);
	assert_int_equal(d.file[0].hunk[0].old_n, 2);
	assert_int_equal(d.file[0].hunk[0].len, strlen(HUNK));
}

static void every_way_to_write_paths_is_understood(void **state)
{
	static const char *const heads[] = {
		"--- a/mm/x.c~fix-the-thing\n+++ a/mm/x.c\n",
		"--- linux-6.12.orig/mm/x.c\t2026-11-21 10:00:00.000000000 +0000\n+++ linux-6.12/mm/x.c\t2026-11-21\n",
		"--- mm/x.c\n+++ mm/x.c\n",
		"diff --git a/mm/x.c b/mm/x.c\nindex 123..456 100644\n--- a/mm/x.c\n+++ b/mm/x.c\n",
		"diff --git mm/x.c mm/x.c\n--- mm/x.c\n+++ mm/x.c\n",
		"Index: mm/x.c\n===================\n--- a/mm/x.c   \n+++ b/mm/x.c\n",
	};
	struct buf text = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		buf_reset(&text);
		buf_fmt(&text, "%s" HUNK, heads[i]);
		assert_int_equal(parse(buf_text(&text)), 0);
		assert_int_equal(d.n, 1);
		assert_string_equal(d.file[0].old, "mm/x.c");
		assert_string_equal(d.file[0].new, "mm/x.c");
		assert_non_null(strstr(buf_text(&d.text), "--- a/mm/x.c\n+++ b/mm/x.c\n@@"));
	}
	buf_release(&text);
}

static void new_removed_renamed_and_chmodded_files_are_understood(void **state)
{
	(void)state;
	assert_int_equal(parse("--- /dev/null\n+++ b/mm/new.c\n@@ -0,0 +1 @@\n+\tx\n"
			       "diff --git a/mm/old.c b/mm/old.c\ndeleted file mode 100644\nindex 1..0\n"
			       "--- a/mm/old.c\n+++ /dev/null\n@@ -1 +0,0 @@\n-\tx\n"
			       "diff --git a/mm/a.c b/fs/b.c\nsimilarity index 100%\nrename from mm/a.c\nrename to fs/b.c\n"
			       "diff --git a/scripts/s b/scripts/s\nold mode 100644\nnew mode 100755\n"), 0);
	assert_int_equal(d.n, 4);
	assert_null(d.file[0].old);
	assert_string_equal(d.file[0].new, "mm/new.c");
	assert_null(d.file[1].new);
	assert_string_equal(diff_path(&d.file[1]), "mm/old.c");
	assert_string_equal(d.file[2].old, "mm/a.c");
	assert_string_equal(d.file[2].new, "fs/b.c");
	assert_int_equal(d.file[2].nhunks, 0);
	assert_string_equal(d.file[3].new, "scripts/s");
	assert_non_null(strstr(buf_text(&d.text), "new mode 100755\n"));
}

/* diff -N has no /dev/null: what is missing is dated to the epoch, in the time zone of whoever made it. */
static void files_dated_to_the_epoch_are_missing_ones(void **state)
{
	(void)state;
	assert_int_equal(parse("--- l.orig/mm/new.c\t1970-01-01 00:00:00.000000000 +0000\n"
			       "+++ l/mm/new.c\t2026-11-21 10:00:00.000000000 +0000\n@@ -0,0 +1 @@\n+\tx\n"
			       "--- l.orig/mm/old.c\t2026-11-21 10:00:00.000000000 +0000\n"
			       "+++ l/mm/old.c\t1969-12-31 16:00:00.000000000 -0800\n@@ -1 +0,0 @@\n-\tx\n"
			       "--- l.orig/mm/kept.c\t1970-01-01 00:00:01.000000000 +0000\n"
			       "+++ l/mm/kept.c\t1970-01-01 00:00:01.000000000 +0000\n" HUNK), 0);
	assert_int_equal(d.n, 3);
	assert_null(d.file[0].old);
	assert_null(d.file[1].new);
	assert_string_equal(d.file[2].old, "mm/kept.c");
	assert_string_equal(d.file[2].new, "mm/kept.c");
	assert_non_null(strstr(buf_text(&d.text), "--- a/mm/old.c\n+++ /dev/null\n"));
}

static void lines_that_look_like_heads_inside_a_hunk_belong_to_it(void **state)
{
	(void)state;
	/* "-- x" removed shows as "--- x", "++ y" added as "+++ y" */
	assert_int_equal(parse("--- a/mm/x.c\n+++ b/mm/x.c\n@@ -1,2 +1,2 @@\n \tk\n--- x\n+++ y\n@@ -9 +9 @@\n-\ta\n+\tb\n"), 0);
	assert_int_equal(d.n, 1);
	assert_int_equal(d.file[0].nhunks, 2);
}

static void a_blank_lost_from_an_empty_line_is_put_back(void **state)
{
	(void)state;
	assert_int_equal(parse("--- a/mm/x.c\n+++ b/mm/x.c\n@@ -1,2 +1,2 @@\n\n-\told\n+\tnew\n\\ No newline at end of file\n"), 0);
	assert_non_null(strstr(buf_text(&d.text), "@@\n \n-\told"));
	assert_non_null(strstr(buf_text(&d.text), "\\ No newline"));
}

static void a_text_without_a_diff_has_no_files(void **state)
{
	(void)state;
	assert_int_equal(parse(""), 0);
	assert_int_equal(d.n, 0);
	assert_int_equal(parse("> --- a/mm/x.c\n> +++ b/mm/x.c\n> @@ -1 +1 @@\n"), 0);
	assert_int_equal(d.n, 0);
	assert_int_equal(parse("--- x\n"), 0);
	assert_int_equal(d.n, 0);
	assert_int_equal(parse("@@ -1 +1 @@\n-a\n+b\n"), 0);
	assert_int_equal(d.n, 0);
}

static void damage_is_named_with_its_line(void **state)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{ "--- a/mm/x.c\n+++ b/mm/x.c\n@@ -1,3 +1,3 @@\n \ta\n-\tb\n+\tc\n",
		  "x.patch:3: this hunk is cut off" },
		{ "--- a/mm/x.c\n+++ b/mm/x.c\n@@ -1,2 +1,2 @@\n \ta long line that a mail\nprogram broke\n-\tb\n+\tc\n",
		  "x.patch:5: no line of a hunk: was a long line wrapped on the way?: \"program broke\"" },
		{ "--- a/mm/x.c\n+++ b/mm/x.c\n@@ -1,2 +1,2 @@\n \ta\n+\tb\n+\tc\n+\td\n",
		  "x.patch:6: the hunk has more such lines than it announces" },
		{ "--- a/mm/x.c\n+++ b/mm/x.c\n@@ -1 +1 @@\n-\tb\n+\tc\n+\td\n",
		  "x.patch:6: the hunk before this line announces fewer lines than it has" },
		{ "--- a/mm/x.c\n+++ b/mm/x.c\n@@ -1 +x @@\n-\tb\n+\tc\n", "x.patch:3: not the head of a hunk" },
		{ "--- a/mm/x.c\n+++ b/mm/x.c\n@@ -1,99999999999999999999 +1 @@\n-\tb\n+\tc\n", "x.patch:3: not the head" },
		{ "--- a/mm/x.c\n+++ b/mm/x.c\n", "x.patch:3: no hunk follows" },
		{ "--- /dev/null\n+++ /dev/null\n@@ -1 +1 @@\n-\tb\n+\tc\n", "x.patch:2: neither an old nor a new" },
		{ "--- a/../../etc/passwd\n+++ b/../../etc/passwd\n@@ -1 +1 @@\n-\tb\n+\tc\n", "x.patch:1: this path leads out of the tree" },
		{ "--- /etc/passwd\n+++ /etc/passwd\n@@ -1 +1 @@\n-\tb\n+\tc\n", "x.patch:1: no path of a file in the tree" },
		{ "--- a/.git/config\n+++ b/.git/config\n@@ -1 +1 @@\n-\tb\n+\tc\n", "x.patch:1: no path" },
		{ "diff --git a/x b/x\nGIT binary patch\nliteral 3\n", "x.patch:2: a change of a binary file" },
		{ "text\nBinary files a/fs/x and b/fs/x differ\n", "x.patch:2: a change of a binary file" },
		{ "diff --git a/mm/x.c b/mm/x.c\nindex 1..2\n", "x.patch:1: nothing of this file is changed" },
		{ "--- \"a/mm/\\303\\274.c\"\n+++ \"b/mm/\\303\\274.c\"\n@@ -1 +1 @@\n-\tb\n+\tc\n", "x.patch:1: a name in quotes" },
		/* would be left out, and the rest applied */
		{ " --- a/mm/y.c\n+++ b/mm/y.c\n@@ -1 +1 @@\n-\tb\n+\tc\n--- a/mm/x.c\n+++ b/mm/x.c\n" HUNK,
		  "x.patch:3: a hunk without `--- a/file`" },
		{ "--- a/mm/x.c\n+++ b/mm/x.c\n@@ -1,2 +1,2 @@\n         a\n-        b\n+        c\n",
		  "x.patch:4: tabs became blanks on the way" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(parse(cases[i].text), -1);
		if (!strstr(buf_text(&why), cases[i].why))
			fail_msg("wanted \"%s\", got \"%s\"", cases[i].why, buf_text(&why));
	}
}

/* Cut at any byte, a diff is whole, none, or complained of; never a wild read (under asan). */
static void a_diff_cut_anywhere_is_survived(void **state)
{
	static const char text[] = "diff --git a/mm/a.c b/fs/b.c\nsimilarity index 90%\nrename from mm/a.c\n"
		"rename to fs/b.c\n--- a/mm/a.c\n+++ b/fs/b.c\n" HUNK "\\ No newline at end of file\n";
	size_t n;

	(void)state;
	for (n = 0; n < sizeof(text); n++) {
		diff_release(&d);
		buf_reset(&why);
		if (diff_parse("x.patch", 0, text, n, &d, &why))
			assert_true(why.len > 0);
	}
	assert_int_equal(d.n, 1);
}

static int release(void **state)
{
	(void)state;
	diff_release(&d);
	buf_release(&why);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_diff_is_kept_of_a_text),
		cmocka_unit_test(every_way_to_write_paths_is_understood),
		cmocka_unit_test(new_removed_renamed_and_chmodded_files_are_understood),
		cmocka_unit_test(files_dated_to_the_epoch_are_missing_ones),
		cmocka_unit_test(lines_that_look_like_heads_inside_a_hunk_belong_to_it),
		cmocka_unit_test(a_blank_lost_from_an_empty_line_is_put_back),
		cmocka_unit_test(a_text_without_a_diff_has_no_files),
		cmocka_unit_test(damage_is_named_with_its_line),
		cmocka_unit_test(a_diff_cut_anywhere_is_survived),
	};

	return cmocka_run_group_tests_name("diff", tests, NULL, release);
}
