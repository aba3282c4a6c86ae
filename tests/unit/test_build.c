/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What make says in a build: steps, and why it failed. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness/kernel/makelog.h"
#include "lib/alloc.h"
#include "lib/buf.h"

#define SRC "/c/place/src/"
#define GAVE_UP                                                                  \
	"make[3]: *** [" SRC "scripts/Makefile.build:471: mm] Error 2\n"         \
	"make[3]: *** Waiting for unfinished jobs....\n"                         \
	"make[2]: *** [" SRC "Makefile:2008: .] Error 2\n"                       \
	"make[1]: *** [" SRC "Makefile:236: __sub-make] Error 2\n"               \
	"make: *** [Makefile:236: __sub-make] Error 2\n"

static void feed(struct makelog *l, const char *text)
{
	const char *end;

	for (; *text; text = *end ? end + 1 : end) {
		end = strchrnul(text, '\n');
		makelog_line(l, text, (size_t)(end - text));
	}
}

static char *complaints(const char *text)
{
	struct buf out = BUF_INIT;
	struct makelog l;

	makelog_init(&l, SRC);
	feed(&l, text);
	makelog_complaints(&l, &out);
	makelog_release(&l);
	return buf_detach(&out);
}

static void expect(const char *text, const char *shown)
{
	char *found = complaints(text);

	assert_string_equal(found, shown);
	free(found);
}

static void expect_step(const char *line, const char *step)
{
	struct makelog l;

	makelog_init(&l, SRC);
	assert_int_equal(makelog_line(&l, line, strlen(line)), step != NULL);
	assert_int_equal(l.steps, step != NULL);
	if (step)
		assert_string_equal(l.step, step);
	makelog_release(&l);
}

static void steps_are_counted_and_named(void **state)
{
	(void)state;
	expect_step("  CC      mm/filemap.o", "CC mm/filemap.o");
	expect_step("  LD [M]  fs/xfs/xfs.ko", "LD [M] fs/xfs/xfs.ko");
	expect_step("  HOSTCC  scripts/basic/fixdep", "HOSTCC scripts/basic/fixdep");
	expect_step("  VDSO2C  arch/x86/entry/vdso/vdso-image-64.c", "VDSO2C arch/x86/entry/vdso/vdso-image-64.c");
	expect_step("  OBJCOPY arch/x86/boot/vmlinux.bin", "OBJCOPY arch/x86/boot/vmlinux.bin");
	expect_step("  DESCEND objtool", "DESCEND objtool");
	expect_step("  SYSTBL_X  a", "SYSTBL_X a");
}

static void what_only_looks_like_a_step_is_none(void **state)
{
	(void)state;
	expect_step("", NULL);
	expect_step("  ", NULL);
	expect_step("  CC", NULL);
	expect_step("  CC      ", NULL);
	expect_step(" CC      mm/filemap.o", NULL);
	expect_step("   CC      mm/filemap.o", NULL);
	expect_step("CC mm/filemap.o", NULL);
	expect_step(" 2616 | { foo_undeclared = 1;", NULL);
	expect_step("      |   ^~~~", NULL);
	expect_step("  Merging x", NULL);
	expect_step("make: Entering directory '/x'", NULL);
	expect_step("Kernel: arch/x86/boot/bzImage is ready  (#1)", NULL);
}

static void a_long_step_is_cut(void **state)
{
	struct buf line = BUF_INIT;
	struct makelog l;

	(void)state;
	buf_str(&line, "  CC      ");
	buf_pad(&line, 'x', 100000);
	makelog_init(&l, SRC);
	assert_true(makelog_line(&l, line.s, line.len));
	assert_int_equal(strlen(l.step), sizeof(l.step) - 1);
	makelog_release(&l);
	buf_release(&line);
}

static void a_compilers_error_is_shown_with_its_source_and_without_its_warnings(void **state)
{
	(void)state;
	expect("  CC      mm/gup.o\n"
	       "  CC      mm/filemap.o\n"
	       SRC "mm/filemap.c: In function 'filemap_read':\n"
	       SRC "mm/filemap.c:2610:9: warning: unused variable 'x' [-Wunused-variable]\n"
	       " 2610 | int x;\n"
	       "      |     ^\n"
	       SRC "mm/filemap.c:2616:3: error: 'foo' undeclared (first use in this function)\n"
	       " 2616 | { foo = 1;\n"
	       "      |   ^~~\n"
	       SRC "mm/filemap.c:2616:3: note: each undeclared identifier is reported only once\n"
	       SRC "mm/filemap.c:2620:9: warning: unused variable 'y' [-Wunused-variable]\n"
	       " 2620 | int y;\n"
	       "make[4]: *** [" SRC "scripts/Makefile.build:234: mm/filemap.o] Error 1\n" GAVE_UP
	       "  CC      mm/later.o\n",
	       "mm/filemap.c: In function 'filemap_read':\n"
	       "mm/filemap.c:2616:3: error: 'foo' undeclared (first use in this function)\n"
	       " 2616 | { foo = 1;\n"
	       "      |   ^~~\n"
	       "mm/filemap.c:2616:3: note: each undeclared identifier is reported only once\n");
}

static void an_error_in_a_header_says_who_included_it(void **state)
{
	static const char block[] = "In file included from include/linux/swap.h:13,\n"
				    "                 from include/linux/suspend.h:5,\n"
				    "                 from arch/x86/kernel/asm-offsets.c:14:\n"
				    "include/linux/pagemap.h: In function 'f':\n"
				    "include/linux/pagemap.h:1648:36: error: 'nosuch' undeclared\n"
				    " 1648 | static inline int f(void) { return nosuch; }\n"
				    "      |                                    ^~~~~~\n"
				    "include/linux/pagemap.h:1650:1: error: once more\n";
	char *text = xasprintf("  CC      arch/x86/kernel/asm-offsets.s\n%s" GAVE_UP, block);

	(void)state;
	expect(text, block);
	free(text);
}

static void context_of_another_file_is_not_shown_with_an_error(void **state)
{
	(void)state;
	expect("In file included from a.h:1,\n"
	       "                 from a.c:2:\n"
	       "b.h:3:4: warning: odd\n"
	       "  CC      c.o\n"
	       "c.c: In function 'g':\n"
	       "c.c:1:2: fatal error: gelf.h: No such file or directory\n"
	       "    1 | #include <gelf.h>\n"
	       "compilation terminated.\n",
	       "c.c: In function 'g':\n"
	       "c.c:1:2: fatal error: gelf.h: No such file or directory\n"
	       "    1 | #include <gelf.h>\n"
	       "compilation terminated.\n");
}

static void a_warning_made_an_error_is_one(void **state)
{
	(void)state;
	expect("mm/a.c:1:2: error: unused variable 'x' [-Werror=unused-variable]\n"
	       "cc1: all warnings being treated as errors\n" GAVE_UP,
	       "mm/a.c:1:2: error: unused variable 'x' [-Werror=unused-variable]\n"
	       "cc1: all warnings being treated as errors\n");
}

static void complaints_of_linker_assembler_and_tools_are_found(void **state)
{
	(void)state;
	expect("  LD      .tmp_vmlinux1\n"
	       "ld: warning: orphan section `.x'\n"
	       "ld: mm/filemap.o: in function `filemap_read':\n"
	       "filemap.c:(.text+0x2830): undefined reference to `nowhere'\n" GAVE_UP,
	       "ld: mm/filemap.o: in function `filemap_read':\n"
	       "filemap.c:(.text+0x2830): undefined reference to `nowhere'\n");
	expect("/usr/bin/aarch64-linux-gnu-ld: cannot find x.o: No such file or directory\n",
	       "/usr/bin/aarch64-linux-gnu-ld: cannot find x.o: No such file or directory\n");
	expect("ld: vmlinux.o:(.bss+0x0): multiple definition of `x'; a.o:(.bss+0x0): first defined here\n",
	       "ld: vmlinux.o:(.bss+0x0): multiple definition of `x'; a.o:(.bss+0x0): first defined here\n");
	expect(SRC "lib/memcpy.S: Assembler messages:\n" SRC "lib/memcpy.S:3: Error: no such instruction: `nope'\n",
	       "lib/memcpy.S: Assembler messages:\nlib/memcpy.S:3: Error: no such instruction: `nope'\n");
	expect("ERROR: modpost: \"x\" [a.ko] undefined!\n", "ERROR: modpost: \"x\" [a.ko] undefined!\n");
	expect("vmlinux.o: error: objtool: f+0x1: unreachable\n", "vmlinux.o: error: objtool: f+0x1: unreachable\n");
	expect("vmlinux.o: warning: objtool: f+0x1: unreachable\n/bin/sh: 1: bison: not found\n",
	       "/bin/sh: 1: bison: not found\n");
	expect("gcc: fatal error: Killed signal terminated program cc1\ncompilation terminated.\n",
	       "gcc: fatal error: Killed signal terminated program cc1\ncompilation terminated.\n");
}

static void complaints_of_make_and_kconfig_are_found(void **state)
{
	(void)state;
	expect("make[4]: *** No rule to make target 'mm/nosuch.o', needed by 'mm/built-in.a'.  Stop.\n"
	       "make[4]: *** Waiting for unfinished jobs....\n" GAVE_UP,
	       "make[4]: *** No rule to make target 'mm/nosuch.o', needed by 'mm/built-in.a'.  Stop.\n");
	expect(SRC "mm/Makefile:148: *** missing separator.  Stop.\n" GAVE_UP,
	       "mm/Makefile:148: *** missing separator.  Stop.\n");
	expect("mm/Kconfig:5: syntax error\nmm/Kconfig:5: unknown statement \"blah\"\n" GAVE_UP,
	       "mm/Kconfig:5: syntax error\nmm/Kconfig:5: unknown statement \"blah\"\n");
	expect("lib/Kconfig.debug:7:error: recursive dependency detected!\n",
	       "lib/Kconfig.debug:7:error: recursive dependency detected!\n");
	expect("mm/Kconfig:5:warning: config symbol defined without type\n*** Default configuration is based on 'x'\n",
	       "mm/Kconfig:5:warning: config symbol defined without type\n*** Default configuration is based on 'x'\n");
}

static void where_nothing_looks_like_a_complaint_the_last_lines_are_shown(void **state)
{
	struct buf text = BUF_INIT;
	char *shown;
	int i;

	(void)state;
	for (i = 0; i < 100; i++)
		buf_fmt(&text, "line %d\n", i);
	buf_str(&text, "fixdep: cannot go on\nmake[4]: *** [" SRC "x:1: y.o] Error 2\n" GAVE_UP);
	for (i = 0; i < 100; i++)
		buf_str(&text, "  CC      later.o\n");
	shown = complaints(buf_text(&text));
	assert_non_null(strstr(shown, "line 87\n"));
	assert_null(strstr(shown, "line 86\n"));
	assert_non_null(strstr(shown, "fixdep: cannot go on\nmake[4]: *** [x:1: y.o] Error 2\n"));
	assert_null(strstr(shown, "later"));
	free(shown);
	buf_release(&text);
	expect("", "");
}

static void no_more_than_forty_lines_are_shown(void **state)
{
	struct buf text = BUF_INIT;
	char *shown, *at;
	int i, lines = 0;

	(void)state;
	for (i = 0; i < 100; i++)
		buf_fmt(&text, "a.c:%d:1: error: no\n  %3d | x;\n      | ^\n", i, i);
	shown = complaints(buf_text(&text));
	for (at = shown; (at = strchr(at, '\n')); at++)
		lines++;
	assert_int_equal(lines, MAKELOG_SHOWN + 1);
	assert_non_null(strstr(shown, "\n... and 86 more errors\n"));
	free(shown);
	buf_release(&text);
}

static void what_a_terminal_would_obey_is_not_passed_on(void **state)
{
	struct buf text = BUF_INIT;
	char *shown;

	(void)state;
	expect("a.c:1:1: error: no\n    1 |\t\033[2Jx\r\n", "a.c:1:1: error: no\n    1 |\t?[2Jx?\n");
	buf_str(&text, "a.c:1:1: error: ");
	buf_pad(&text, 'x', 100000);
	shown = complaints(buf_text(&text));
	assert_true(strlen(shown) < 400);
	assert_non_null(strstr(shown, "xxx...\n"));
	free(shown);
	buf_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(steps_are_counted_and_named),
		cmocka_unit_test(what_only_looks_like_a_step_is_none),
		cmocka_unit_test(a_long_step_is_cut),
		cmocka_unit_test(a_compilers_error_is_shown_with_its_source_and_without_its_warnings),
		cmocka_unit_test(an_error_in_a_header_says_who_included_it),
		cmocka_unit_test(context_of_another_file_is_not_shown_with_an_error),
		cmocka_unit_test(a_warning_made_an_error_is_one),
		cmocka_unit_test(complaints_of_linker_assembler_and_tools_are_found),
		cmocka_unit_test(complaints_of_make_and_kconfig_are_found),
		cmocka_unit_test(where_nothing_looks_like_a_complaint_the_last_lines_are_shown),
		cmocka_unit_test(no_more_than_forty_lines_are_shown),
		cmocka_unit_test(what_a_terminal_would_obey_is_not_passed_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
