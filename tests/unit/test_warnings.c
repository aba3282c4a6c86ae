/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was warned of while a kernel was built, and what of it is new. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/kernel/cache.h"
#include "harness/kernel/entry.h"
#include "harness/kernel/kernel.h"
#include "harness/kernel/log.h"
#include "harness/kernel/warnings.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "tests/unit/cache_place.h"

#define SRC "/home/me/.cache/foliobench/place/src/"
#define UNUSED "unused variable 'x' [-Wunused-variable]"

/* As gcc 12 and make -Otarget print it: a frame, a variable, an inlined call twice, one in a header alone. */
static const char filemap[] =
	"  CC      mm/filemap.o\n"
	SRC "mm/filemap.c: In function 'filemap_read':\n"
	SRC "mm/filemap.c:2677:1: warning: the frame size of 1112 bytes is larger than 1024 bytes [-Wframe-larger-than=]\n"
	" 2677 | }\n"
	"      | ^\n"
	SRC "mm/filemap.c:2590:13: warning: unused variable 'x' [-Wunused-variable]\n"
	" 2590 |         int x;\n"
	"      |             ^\n"
	"In file included from ./include/linux/string.h:390,\n"
	"                 from " SRC "include/linux/bitmap.h:13,\n"
	"                 from " SRC "mm/filemap.c:14:\n"
	"In function 'fortify_memset_chk',\n"
	"    inlined from 'clear' at " SRC "mm/filemap.c:100:2,\n"
	"    inlined from 'filemap_read' at " SRC "mm/filemap.c:2600:3:\n"
	SRC "include/linux/fortify-string.h:493:25: warning: call to '__write_overflow_field' declared with attribute warning: detected write beyond size of field [-Wattribute-warning]\n"
	"  493 |                         __write_overflow_field(p_size_field, size);\n"
	"      |                         ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~\n"
	SRC "include/linux/fortify-string.h: In function 'filemap_write':\n"
	SRC "include/linux/fortify-string.h:493:25: warning: call to '__write_overflow_field' declared with attribute warning: detected write beyond size of field [-Wattribute-warning]\n"
	"  CC      mm/shmem.o\n"
	"../include/linux/fs.h: At top level:\n"
	"../include/linux/fs.h:12:5: warning: 'a' defined but not used [-Wunused-function]\n"
	"  AR      mm/built-in.a\n";

static struct warnings_log read_text(const char *text)
{
	struct warnings_log l;

	warnings_log_read(text, strlen(text), &l);
	return l;
}

/* "FILE:LINE:COLUMN TEXT @OBJECT", a line each. */
static void expect_list(const struct warnings *w, const char *list)
{
	struct buf found = BUF_INIT;
	size_t i;

	for (i = 0; i < w->n; i++)
		buf_fmt(&found, "%s:%u:%u %s @%s\n", w->w[i].file, w->w[i].line, w->w[i].column, w->w[i].text,
			w->w[i].object);
	assert_string_equal(buf_text(&found), list);
	buf_release(&found);
}

static void expect(const char *text, const char *list)
{
	struct warnings_log l = read_text(text);

	assert_true(l.said.known);
	expect_list(&l.said, list);
	warnings_log_release(&l);
}

static void the_compilers_warnings_are_found_with_their_places(void **state)
{
	(void)state;
	expect(filemap,
	       "mm/filemap.c:2677:1 the frame size of 1112 bytes is larger than 1024 bytes [-Wframe-larger-than=] @mm/filemap\n"
	       "mm/filemap.c:2590:13 unused variable 'x' [-Wunused-variable] @mm/filemap\n"
	       "include/linux/fortify-string.h:493:25 call to '__write_overflow_field' declared with attribute warning: detected write beyond size of field [-Wattribute-warning] (in 'filemap_read') @mm/filemap\n"
	       "include/linux/fortify-string.h:493:25 call to '__write_overflow_field' declared with attribute warning: detected write beyond size of field [-Wattribute-warning] (in 'filemap_write') @mm/filemap\n"
	       "include/linux/fs.h:12:5 'a' defined but not used [-Wunused-function] @mm/shmem\n");
}

static void a_headers_warning_is_one_however_many_include_it(void **state)
{
	(void)state;
	expect("  CC      mm/a.o\n./include/linux/x.h:1:2: warning: w [-Wx]\n"
	       "  CC      mm/b.o\n" SRC "include/linux/x.h:1:2: warning: w [-Wx]\n"
	       SRC "include/linux/x.h:1:2: warning: v [-Wx]\n",
	       "include/linux/x.h:1:2 w [-Wx] @mm/a\ninclude/linux/x.h:1:2 v [-Wx] @mm/b\n");
}

static void who_else_warns_is_named_in_place_of_a_file(void **state)
{
	(void)state;
	expect("  LD      vmlinux.o\nvmlinux.o: warning: objtool: filemap_read+0x1f: unreachable instruction\n",
	       "vmlinux.o:0:0 objtool: filemap_read+0x1f: unreachable instruction @vmlinux\n");
	expect("  LD      vmlinux\nld: warning: vmlinux has a LOAD segment with RWX permissions\n"
	       "/usr/bin/aarch64-linux-gnu-ld: warning: orphan section `.x' from `mm/a.o'\n"
	       "ld: mm/a.o: warning: relocation in read-only section `.text'\n",
	       "ld:0:0 vmlinux has a LOAD segment with RWX permissions @vmlinux\n"
	       "aarch64-linux-gnu-ld:0:0 orphan section `.x' from `mm/a.o' @vmlinux\n"
	       "mm/a.o:0:0 relocation in read-only section `.text' @vmlinux\n");
	expect("  MODPOST vmlinux.symvers\nWARNING: modpost: vmlinux: section mismatch in reference: a+0x1 (section: .text)\n",
	       "modpost:0:0 vmlinux: section mismatch in reference: a+0x1 (section: .text) @vmlinux\n");
	expect("  AS      arch/x86/a.o\narch/x86/a.S: Assembler messages:\narch/x86/a.S:2: Warning: value 0x12c truncated to 0x2c\n",
	       "arch/x86/a.S:2:0 value 0x12c truncated to 0x2c @arch/x86/a\n");
	expect("  CC      mm/a.o\n{standard input}: Assembler messages:\n{standard input}:7: Warning: w\n",
	       "{standard input}:7:0 w @mm/a\n");
	expect("  CALL    " SRC "scripts/checksyscalls.sh\n<stdin>:1519:2: warning: #warning syscall clone3 not implemented [-Wcpp]\n",
	       "<stdin>:1519:2 #warning syscall clone3 not implemented [-Wcpp] @scripts/checksyscalls\n");
	expect("cc1: warning: command-line option '-x' is not valid\n",
	       "cc1:0:0 command-line option '-x' is not valid @cc1\n");
}

static void what_is_no_warning_of_a_compiler_is_none(void **state)
{
	(void)state;
	expect("", "");
	expect("  CC      mm/a.o\n", "");
	expect("   12 |         pr_info(\"a: warning: b\");\n", "");
	expect("make[1]: warning:  Clock skew detected.  Your build may be incomplete.\n", "");
	expect("make: warning: -j8 forced in submake\n", "");
	expect("/c/place/tmp/config:1495:warning: override: reassigning to symbol THERMAL\n", "");
	expect("arch/x86/Kconfig:12:warning: 'A': number is invalid\n", "");
	expect("WARNING: unmet direct dependencies detected for A\n", "");
	expect("mm/a.c:1:2: error: no\n", "");
	expect("mm/a.c:1:2: note: see: warning: here\n", "");
	expect(": warning: \n", "");
	expect("mm/a.c:1:2: warning: ", "");
	expect(": warning: a", "");
}

static void odd_places_are_read_as_far_as_they_go(void **state)
{
	(void)state;
	expect("mm/a.c:12: warning: w\n", "mm/a.c:12:0 w @mm/a\n");
	expect("mm/a.c:x:3: warning: w\n", "mm/a.c:x:3:0 w @mm/a\n");
	expect("mm/a.c:99999999999:3: warning: w\n", "mm/a.c:99999999999:3:0 w @mm/a\n");
	expect("arch/x86/entry/vdso/vdso32/../vclock.c:1:2: warning: w\n",
	       "arch/x86/entry/vdso/vclock.c:1:2 w @arch/x86/entry/vdso/vclock\n");
	expect("../../mm/a.c:1:2: warning: w\n", "mm/a.c:1:2 w @mm/a\n");
	expect("/../a.c:1:2: warning: w\n", "/../a.c:1:2 w @/../a\n");
	expect("/: warning: w\n", ":0:0 w @\n");
	expect("mm/a.c:1:2: warning: a\033[31mb\tc\n", "mm/a.c:1:2 a?[31mb c @mm/a\n");
	expect("mm/a.c:1:2: warning: no newline", "mm/a.c:1:2 no newline @mm/a\n");
}

static void a_path_in_a_text_is_seen_from_the_source(void **state)
{
	(void)state;
	expect("mm/a.c:1:2: warning: \"" SRC "mm/b.h\" and '" SRC "mm/c.h' differ\n",
	       "mm/a.c:1:2 \"mm/b.h\" and 'mm/c.h' differ @mm/a\n");
}

static void a_text_of_any_length_is_kept_short(void **state)
{
	struct buf line = BUF_INIT;
	struct warnings_log l;

	(void)state;
	buf_str(&line, "mm/a.c:1:2: warning: ");
	buf_pad(&line, 'x', 100000);
	l = read_text(buf_text(&line));
	assert_int_equal(l.said.n, 1);
	assert_int_equal(strlen(l.said.w[0].text), 1000);
	warnings_log_release(&l);
	buf_release(&line);
}

static void steps_are_counted_and_targets_named(void **state)
{
	struct warnings_log l = read_text("  GEN     Makefile\n  CC [M]  fs/xfs/xfs.o\n  AR      built-in.a\nmake: done\n");

	(void)state;
	assert_int_equal(l.steps, 3);
	assert_int_equal(l.nmade, 3);
	assert_string_equal(l.made[0], "Makefile");
	assert_string_equal(l.made[1], "built-in");
	assert_string_equal(l.made[2], "fs/xfs/xfs");
	warnings_log_release(&l);
}

/* A log's warnings, whole. */
static struct warnings whole(const char *text)
{
	struct warnings_log l = read_text(text);
	struct warnings w = l.said;

	l.said = (struct warnings){ 0 };
	warnings_log_release(&l);
	w.whole = true;
	return w;
}

static void expect_new(const char *base, const char *patched, const char *list)
{
	struct warnings a = whole(base), b = whole(patched), fresh;

	warnings_new(&a, &b, &fresh);
	assert_true(fresh.known);
	expect_list(&fresh, list);
	warnings_release(&a);
	warnings_release(&b);
	warnings_release(&fresh);
}

static void a_warning_that_the_baseline_has_not_is_new(void **state)
{
	(void)state;
	expect_new("", "mm/a.c:1:2: warning: " UNUSED "\n", "mm/a.c:1:2 " UNUSED " @mm/a\n");
	expect_new("mm/b.c:1:2: warning: " UNUSED "\n", "mm/a.c:1:2: warning: " UNUSED "\n",
		   "mm/a.c:1:2 " UNUSED " @mm/a\n");
	expect_new("mm/a.c:1:2: warning: unused variable 'y' [-Wunused-variable]\n",
		   "mm/a.c:1:2: warning: " UNUSED "\n", "mm/a.c:1:2 " UNUSED " @mm/a\n");
	expect_new("mm/a.c:1:2: warning: " UNUSED "\n", "", "");
}

static void a_warning_that_only_moved_is_not_new(void **state)
{
	(void)state;
	expect_new("mm/a.c:10:2: warning: " UNUSED "\n", "mm/a.c:14:9: warning: " UNUSED "\n", "");
	expect_new("mm/a.c:10:2: warning: " UNUSED "\nmm/a.c:20:2: warning: " UNUSED "\n",
		   "mm/a.c:14:2: warning: " UNUSED "\nmm/a.c:24:2: warning: " UNUSED "\n", "");
}

static void one_more_of_the_same_is_new_and_the_right_one_is_named(void **state)
{
	(void)state;
	expect_new("mm/a.c:100:2: warning: " UNUSED "\n",
		   "mm/a.c:50:2: warning: " UNUSED "\nmm/a.c:103:2: warning: " UNUSED "\n",
		   "mm/a.c:50:2 " UNUSED " @mm/a\n");
	expect_new("mm/a.c:100:2: warning: " UNUSED "\n",
		   "mm/a.c:98:2: warning: " UNUSED "\nmm/a.c:150:2: warning: " UNUSED "\n",
		   "mm/a.c:150:2 " UNUSED " @mm/a\n");
}

static void numbers_alone_make_no_warning_new(void **state)
{
	(void)state;
	expect_new("mm/a.c:1:1: warning: the frame size of 1112 bytes is larger than 1024 bytes\n",
		   "mm/a.c:2:1: warning: the frame size of 1120 bytes is larger than 1024 bytes\n", "");
	expect_new("vmlinux.o: warning: objtool: filemap_read+0x1f: unreachable\n",
		   "vmlinux.o: warning: objtool: filemap_read+0x2c4: unreachable\n", "");
	expect_new("mm/a.c:1:1: warning: '__UNIQUE_ID_x12' is unused\n",
		   "mm/a.c:1:1: warning: '__UNIQUE_ID_x13' is unused\n", "");
	expect_new("mm/a.c:1:1: warning: 'i1' is unused\n", "mm/a.c:1:1: warning: 'i2' is unused\n",
		   "mm/a.c:1:1 'i2' is unused @mm/a\n");
}

static void the_same_text_is_nearer_than_another_number(void **state)
{
	(void)state;
	expect_new("mm/a.c:10:1: warning: index 5 is too large\n",
		   "mm/a.c:10:1: warning: index 6 is too large\nmm/a.c:90:1: warning: index 5 is too large\n",
		   "mm/a.c:10:1 index 6 is too large @mm/a\n");
}

static void what_is_not_known_makes_nothing_new(void **state)
{
	struct warnings none = { 0 }, some = whole("mm/a.c:1:1: warning: w\n"), fresh;

	(void)state;
	warnings_new(&none, &some, &fresh);
	assert_false(fresh.known);
	assert_int_equal(fresh.n, 0);
	warnings_release(&fresh);
	warnings_new(&some, &none, &fresh);
	assert_false(fresh.known);
	assert_int_equal(fresh.n, 0);
	warnings_release(&fresh);
	warnings_release(&some);
}

static void a_base_of_which_only_part_is_known_cannot_tell_what_is_new(void **state)
{
	struct warnings base = whole("mm/a.c:1:1: warning: w\n"), same = whole("mm/a.c:3:1: warning: w\n");
	struct warnings more = whole("mm/b.c:1:1: warning: v\n"), fresh;

	(void)state;
	base.whole = false;
	warnings_new(&base, &more, &fresh);
	assert_false(fresh.known);
	assert_int_equal(fresh.n, 0);
	warnings_release(&fresh);
	warnings_new(&base, &same, &fresh);
	assert_true(fresh.known);
	assert_int_equal(fresh.n, 0);
	warnings_release(&fresh);
	warnings_release(&base);
	warnings_release(&same);
	warnings_release(&more);
}

static void what_was_not_made_again_keeps_the_baselines_warnings(void **state)
{
	struct warnings base = whole("  CC      mm/a.o\nmm/a.c:1:1: warning: gone\nmm/a.c:9:1: warning: stays\n"
				     "  CC      mm/b.o\nmm/b.c:1:1: warning: untouched\n"
				     "  LD      vmlinux.o\nvmlinux.o: warning: objtool: x\n");
	struct warnings_log l = read_text("  CC      mm/a.o\nmm/a.c:11:1: warning: stays\n  LD      vmlinux.o\n");

	(void)state;
	warnings_log_complete(&l, &base);
	assert_true(l.said.known);
	assert_true(l.said.whole);
	expect_list(&l.said, "mm/a.c:11:1 stays @mm/a\nmm/b.c:1:1 untouched @mm/b\n");
	warnings_log_release(&l);
	l = read_text("  CC      mm/a.o\n");
	base.whole = false;
	warnings_log_complete(&l, &base);
	assert_false(l.said.whole);
	warnings_log_release(&l);
	warnings_release(&base);
}

static void what_is_kept_is_read_back(void **state)
{
	struct warnings w = whole(filemap), back;
	json_t *o = warnings_json(&w), *again;
	struct buf first = BUF_INIT, second = BUF_INIT;

	(void)state;
	warnings_from_json(o, &back);
	assert_true(back.known);
	assert_true(back.whole);
	again = warnings_json(&back);
	json_line(&first, o);
	json_line(&second, again);
	assert_string_equal(buf_text(&first), buf_text(&second));
	json_decref(o);
	json_decref(again);
	warnings_release(&w);
	warnings_release(&back);
	buf_release(&first);
	buf_release(&second);
}

static void what_was_damaged_is_not_known(void **state)
{
	static const char *const bad[] = {
		"{}", "[]", "null", "7",
		"{\"warnings_format\":2,\"whole\":true,\"warnings\":[]}",
		"{\"warnings_format\":1,\"whole\":true}",
		"{\"warnings_format\":1,\"whole\":true,\"warnings\":{}}",
		"{\"warnings_format\":1,\"whole\":true,\"warnings\":[7]}",
		"{\"warnings_format\":1,\"whole\":true,\"warnings\":[{\"file\":\"a\",\"line\":1,\"column\":1,\"text\":\"t\"}]}",
		"{\"warnings_format\":1,\"warnings\":[{\"file\":\"a\",\"line\":1,\"column\":1,\"text\":\"t\",\"object\":\"a\"},"
		"{\"file\":\"a\",\"line\":-1,\"column\":1,\"text\":\"t\",\"object\":\"a\"}]}",
		"{\"warnings_format\":1,\"warnings\":[{\"file\":7,\"line\":1,\"column\":1,\"text\":\"t\",\"object\":\"a\"}]}",
		"{\"warnings_format\":1,\"warnings\":[{\"file\":\"a\",\"line\":4294967296,\"column\":1,\"text\":\"t\",\"object\":\"a\"}]}",
	};
	struct warnings w;
	json_t *o;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		o = json_loads(bad[i], JSON_DECODE_ANY, NULL);
		assert_non_null(o);
		warnings_from_json(o, &w);
		assert_false(w.known);
		assert_int_equal(w.n, 0);
		json_decref(o);
	}
	warnings_from_json(NULL, &w);
	assert_false(w.known);
}

static void a_report_gets_the_four_fields_it_was_promised(void **state)
{
	struct warnings w = whole("  CC      mm/a.o\nmm/a.c:1:2: warning: w\n");
	struct buf line = BUF_INIT;
	json_t *list = warnings_list_json(&w);

	(void)state;
	json_line(&line, list);
	assert_string_equal(buf_text(&line), "[{\"file\":\"mm/a.c\",\"line\":1,\"column\":2,\"text\":\"w\"}]");
	json_decref(list);
	warnings_release(&w);
	buf_release(&line);
}

#define KEY "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void write_text(const char *dir, const char *name, const char *text)
{
	char *path = xasprintf("%s/%s", dir, name);

	scratch_write(path, text, strlen(text));
	free(path);
}

/* A kernel in an empty cache; w: NULL where it was made before warnings were kept. Steps as in `log`, two. */
static void keep_kernel(const struct warnings *w, bool from_nothing, struct kernel *k)
{
	const struct entry e = { .name = "k", .arch = ARCH_X86_64, .release = "6.12", .source = "s", .compiler = "c",
				 .steps = 2, .from_nothing = from_nothing, .warnings = w };
	struct cache_new n;

	scratch_remove(cache_place);
	assert_int_equal(mkdir(cache_place, 0700), 0);
	assert_int_equal(cache_make(&n), 0);
	write_text(n.path, "image", "");
	write_text(n.path, "config", "");
	assert_int_equal(entry_describe(&e, n.path), 0);
	assert_int_equal(cache_keep(&n, CACHE_KERNELS, KEY), 0);
	assert_int_equal(entry_load(KEY, "k", k), 1);
}

static const char kept_log[] = "  CC      mm/a.o\nmm/a.c:1:2: warning: w\n  LD      vmlinux\n";

static void keep_log(const char *text)
{
	char *path = log_path(KEY);

	scratch_write(path, text, strlen(text));
	free(path);
}

static void expect_of(const struct kernel *k, const char *list, bool is_whole)
{
	struct warnings w;

	assert_int_equal(warnings_of(k, &w), 0);
	assert_int_equal(w.known, list != NULL);
	assert_int_equal(w.whole, is_whole);
	expect_list(&w, list ? list : "");
	warnings_release(&w);
}

static void a_kernel_in_the_cache_has_its_warnings_without_a_log(void **state)
{
	struct warnings w = whole(kept_log);
	struct kernel k;

	(void)state;
	keep_kernel(&w, true, &k);
	expect_of(&k, "mm/a.c:1:2 w @mm/a\n", true);
	kernel_release(&k);
	w.whole = false;
	keep_kernel(&w, false, &k);
	expect_of(&k, "mm/a.c:1:2 w @mm/a\n", false);
	kernel_release(&k);
	warnings_release(&w);
}

static void an_older_kernels_warnings_are_in_its_log(void **state)
{
	struct kernel k;

	(void)state;
	keep_kernel(NULL, true, &k);
	expect_of(&k, NULL, false);
	keep_log(kept_log);
	expect_of(&k, "mm/a.c:1:2 w @mm/a\n", true);
	kernel_release(&k);
	keep_kernel(NULL, false, &k);
	keep_log(kept_log);
	expect_of(&k, "mm/a.c:1:2 w @mm/a\n", false);
	kernel_release(&k);
}

static void a_log_that_was_cut_off_tells_nothing(void **state)
{
	struct kernel k;

	(void)state;
	keep_kernel(NULL, true, &k);
	keep_log("  CC      mm/a.o\n");
	expect_of(&k, NULL, false);
	keep_log("");
	expect_of(&k, NULL, false);
	kernel_release(&k);
}

static void a_kept_file_that_is_damaged_leaves_the_log(void **state)
{
	struct warnings w = whole("");
	struct kernel k;

	(void)state;
	keep_kernel(&w, true, &k);
	write_text(k.dir, WARNINGS_FILE, "{\"warnings_format\":1,");
	expect_of(&k, NULL, false);
	keep_log(kept_log);
	expect_of(&k, "mm/a.c:1:2 w @mm/a\n", true);
	kernel_release(&k);
	warnings_release(&w);
}

static void a_kernel_that_is_in_no_cache_has_none_known(void **state)
{
	const struct kernel k = { .hold = -1 };

	(void)state;
	expect_of(&k, NULL, false);
}

static int prepare(void **state)
{
	(void)state;
	scratch_begin();
	cache_place_begin();
	return 0;
}

static int clean_up(void **state)
{
	(void)state;
	cache_place_end();
	scratch_end();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_compilers_warnings_are_found_with_their_places),
		cmocka_unit_test(a_headers_warning_is_one_however_many_include_it),
		cmocka_unit_test(who_else_warns_is_named_in_place_of_a_file),
		cmocka_unit_test(what_is_no_warning_of_a_compiler_is_none),
		cmocka_unit_test(odd_places_are_read_as_far_as_they_go),
		cmocka_unit_test(a_path_in_a_text_is_seen_from_the_source),
		cmocka_unit_test(a_text_of_any_length_is_kept_short),
		cmocka_unit_test(steps_are_counted_and_targets_named),
		cmocka_unit_test(a_warning_that_the_baseline_has_not_is_new),
		cmocka_unit_test(a_warning_that_only_moved_is_not_new),
		cmocka_unit_test(one_more_of_the_same_is_new_and_the_right_one_is_named),
		cmocka_unit_test(numbers_alone_make_no_warning_new),
		cmocka_unit_test(the_same_text_is_nearer_than_another_number),
		cmocka_unit_test(what_is_not_known_makes_nothing_new),
		cmocka_unit_test(a_base_of_which_only_part_is_known_cannot_tell_what_is_new),
		cmocka_unit_test(what_was_not_made_again_keeps_the_baselines_warnings),
		cmocka_unit_test(what_is_kept_is_read_back),
		cmocka_unit_test(what_was_damaged_is_not_known),
		cmocka_unit_test(a_report_gets_the_four_fields_it_was_promised),
		cmocka_unit_test(a_kernel_in_the_cache_has_its_warnings_without_a_log),
		cmocka_unit_test(an_older_kernels_warnings_are_in_its_log),
		cmocka_unit_test(a_log_that_was_cut_off_tells_nothing),
		cmocka_unit_test(a_kept_file_that_is_damaged_leaves_the_log),
		cmocka_unit_test(a_kernel_that_is_in_no_cache_has_none_known),
	};

	return cmocka_run_group_tests_name("warnings", tests, prepare, clean_up);
}
