/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness/kernel/spec.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "tests/unit/scratch.h"

static void parse_good(const char *text, struct spec *s)
{
	struct buf why = BUF_INIT;

	if (spec_parse("f.yaml", text, strlen(text), s, &why))
		fail_msg("%s", buf_text(&why));
	buf_release(&why);
}

static void expect(const char *text, const char *complaint)
{
	struct buf why = BUF_INIT;
	struct spec s;

	assert_int_equal(spec_parse("f", text, strlen(text), &s, &why), -1);
	assert_string_equal(buf_text(&why), complaint);
	spec_release(&s);
	buf_release(&why);
}

/* spec_load() refuses: its message must hold this. */
static void expect_load(const char *what, const char *message)
{
	const char *heard;
	struct spec s;

	scratch_listen();
	assert_int_equal(spec_load(what, &s), -1);
	heard = scratch_heard();
	if (!strstr(heard, message))
		fail_msg("expected '%s' in '%s'", message, heard);
	spec_release(&s);
}

static char *file(const char *name, const char *text)
{
	char *path = xasprintf("%s/%s", scratch_dir, name);

	scratch_write(path, text, strlen(text));
	return path;
}

static void a_spec_is_read(void **state)
{
	struct spec s;

	(void)state;
	parse_good("kernel: \"6.12\"\nabout: for figures\narch: arm64\ndebian: linux-source-6.12=6.12.9-1\n"
		   "config: tinyconfig\nfragments: [a.config, /b.config]\npatches: [one.patch, two.patch]\n", &s);
	assert_string_equal(s.file, "f.yaml");
	assert_string_equal(s.name, "6.12");
	assert_string_equal(s.about, "for figures");
	assert_int_equal(s.arch, ARCH_ARM64);
	assert_int_equal(s.kind, SOURCE_DEBIAN);
	assert_string_equal(s.from, "linux-source-6.12=6.12.9-1");
	assert_string_equal(s.config, "tinyconfig");
	assert_false(s.config_is_file);
	assert_int_equal(s.nfragments, 2);
	assert_string_equal(s.fragment[1], "/b.config");
	assert_int_equal(s.npatches, 2);
	assert_string_equal(s.patch[0].path, "one.patch");
	assert_false(s.patch[0].reverse);
	assert_null(s.patch[0].text);
	spec_release(&s);
}

static void what_is_not_said_has_a_default(void **state)
{
	struct spec s;

	(void)state;
	parse_good("kernel: x\ntree: /src\nconfig: x86_64_defconfig\n", &s);
	assert_int_equal(s.arch, arch_host());
	assert_null(s.about);
	assert_int_equal(s.nfragments, 0);
	assert_int_equal(s.npatches, 0);
	spec_release(&s);
}

static void a_repository_and_its_revision_are_told_apart_at_the_last_at_sign(void **state)
{
	struct spec s;

	(void)state;
	parse_good("kernel: x\ngit: ~/me@home/linux@v6.12\nconfig: ./my.config\n", &s);
	assert_int_equal(s.kind, SOURCE_GIT);
	assert_string_equal(s.from, "~/me@home/linux");
	assert_string_equal(s.revision, "v6.12");
	assert_true(s.config_is_file);
	spec_release(&s);
	expect("kernel: x\ngit: ~/linux\nconfig: defconfig\n",
	       "f:2:6: git: expected REPOSITORY@REVISION, as ~/src/linux@v6.12");
	expect("kernel: x\ngit: ~/linux@\nconfig: defconfig\n",
	       "f:2:6: git: expected REPOSITORY@REVISION, as ~/src/linux@v6.12");
	expect("kernel: x\ngit: \"@v1\"\nconfig: defconfig\n",
	       "f:2:6: git: expected REPOSITORY@REVISION, as ~/src/linux@v6.12");
	expect("kernel: x\ngit: ~/linux@--output=x\nconfig: defconfig\n",
	       "f:2:6: git: what follows the '@' is no revision");
}

static void a_ready_image_takes_nothing_that_is_built(void **state)
{
	static const char refusal[] =
		"f:2:8: image: a ready kernel takes no 'config', 'fragments' or 'patches': they are for kernels that are "
		"built";
	struct spec s;

	(void)state;
	parse_good("kernel: x\narch: x86-64\nimage: linux-image-6.12-cloud-amd64\n", &s);
	assert_int_equal(s.kind, SOURCE_IMAGE);
	assert_null(s.config);
	spec_release(&s);
	expect("kernel: x\nimage: linux-image\nconfig: defconfig\n", refusal);
	expect("kernel: x\nimage: linux-image\nfragments: [a.config]\n", refusal);
	expect("kernel: x\nimage: linux-image\npatches: [a.patch]\n", refusal);
}

static void an_image_for_other_machines_than_the_spec_is_noticed(void **state)
{
	struct spec s;

	(void)state;
	expect("kernel: x\narch: x86-64\nimage: linux-image-cloud-arm64\n",
	       "f:3:8: image: 'linux-image-cloud-arm64' is for arm64, and this spec for x86-64: `arch: arm64` changes that");
	expect("kernel: x\narch: arm64\nimage: linux-image-amd64-unsigned=6.1.1-1\n",
	       "f:3:8: image: 'linux-image-amd64-unsigned=6.1.1-1' is for x86-64, and this spec for arm64: "
	       "`arch: x86-64` changes that");
	parse_good("kernel: x\narch: arm64\nimage: linux-image-rt-arm64=1-amd64\n", &s);
	spec_release(&s);
	parse_good("kernel: x\narch: arm64\nimage: linux-image-amd64ish\n", &s);
	spec_release(&s);
}

static void a_kernel_is_from_one_place_and_no_more(void **state)
{
	(void)state;
	expect("kernel: x\nconfig: defconfig\n",
	       "f: nothing says where the kernel is from: one of 'debian', 'tree', 'git', 'image' must");
	expect("kernel: x\ndebian: a\ntree: b\nconfig: defconfig\n",
	       "f:3:7: 'debian' and 'tree' both say where the kernel is from: only one may");
	expect("kernel: x\nimage: a\ngit: b@c\nconfig: defconfig\n",
	       "f:2:8: 'git' and 'image' both say where the kernel is from: only one may");
}

static void a_configuration_is_a_known_target_or_a_file(void **state)
{
	struct spec s;

	(void)state;
	parse_good("kernel: x\ntree: /s\nconfig: small.config\n", &s);
	assert_true(s.config_is_file);
	spec_release(&s);
	expect("kernel: x\ntree: /s\n", "f:2:7: a kernel that is built needs 'config': a target of make, or a file");
	expect("kernel: x\ntree: /s\nconfig: tinyconfg\n",
	       "f:3:9: config: 'tinyconfg' is no target that configures always alike (defconfig, NAME_defconfig, "
	       "tinyconfig, allnoconfig, allyesconfig, allmodconfig, alldefconfig), and a file's name holds a '/' or a "
	       "'.' (did you mean 'tinyconfig'?)");
	expect("kernel: x\ntree: /s\nconfig: localmodconfig\n",
	       "f:3:9: config: 'localmodconfig' is no target that configures always alike (defconfig, NAME_defconfig, "
	       "tinyconfig, allnoconfig, allyesconfig, allmodconfig, alldefconfig), and a file's name holds a '/' or a "
	       "'.'");
	expect("kernel: x\ntree: /s\nconfig: \"-f evil_defconfig\"\n",
	       "f:3:9: config: '-f evil_defconfig' is no target that configures always alike (defconfig, NAME_defconfig, "
	       "tinyconfig, allnoconfig, allyesconfig, allmodconfig, alldefconfig), and a file's name holds a '/' or a "
	       "'.'");
}

static void wrong_keys_and_values_are_named_with_their_place(void **state)
{
	(void)state;
	expect("", "f:1:1: the file is empty");
	expect("kernel: x\npatchs: [a]\n", "f:2:1: unknown key 'patchs' (did you mean 'patches'?)");
	expect("tree: /s\nconfig: defconfig\n",
	       "f:1:1: a kernel spec lacks the key 'kernel' (text: the spec's name, for people)");
	expect("kernel: x\narch: x86\ntree: /s\n", "f:2:7: arch: 'x86' is not one of x86-64|arm64");
	expect("kernel: x\ntree: /s\nconfig: defconfig\npatches: a.patch\n",
	       "f:4:10: patches: expected a list, found text");
	expect("kernel: x\ntree: /s\nconfig: defconfig\npatches: [a, [b]]\n",
	       "f:4:14: patches: expected the path of a file, found a list");
	expect("kernel: x\ntree: /s\nconfig: defconfig\nfragments: [\"\"]\n", "f:4:13: fragments: no value");
	expect("kernel: x\ntree: /s\nconfig: defconfig\npatches: [\"-\"]\n",
	       "f:4:11: patches: standard input is for the command line, not for a spec");
}

static void paths_are_relative_to_the_spec(void **state)
{
	char *path = file("rel.yaml", "kernel: r\ntree: ~/linux\nconfig: base.config\n"
				      "fragments: [a.config, ../b.config, /c.config]\npatches: [p/q.patch]\n");
	char *expected;
	struct spec s;

	(void)state;
	setenv("HOME", "/home/me", 1);
	assert_int_equal(spec_load(path, &s), 0);
	assert_string_equal(s.file, path);
	assert_string_equal(s.from, "/home/me/linux");
	expected = xasprintf("%s/base.config", scratch_dir);
	assert_string_equal(s.config, expected);
	free(expected);
	expected = xasprintf("%s/../b.config", scratch_dir);
	assert_string_equal(s.fragment[1], expected);
	free(expected);
	assert_string_equal(s.fragment[2], "/c.config");
	expected = xasprintf("%s/p/q.patch", scratch_dir);
	assert_string_equal(s.patch[0].path, expected);
	free(expected);
	spec_release(&s);
	free(path);
}

static void a_home_that_is_not_there_is_said(void **state)
{
	char *path = file("home.yaml", "kernel: r\ntree: ~/linux\nconfig: defconfig\n");

	(void)state;
	unsetenv("HOME");
	expect_load(path, "'~/linux': $HOME names no directory");
	free(path);
	path = file("home.yaml", "kernel: r\ntree: ~other/linux\nconfig: defconfig\n");
	expect_load(path, "'~other/linux': of paths with ~ only ~/ is known");
	free(path);
}

static void a_spec_is_found_by_its_name(void **state)
{
	char *kernels = xasprintf("%s/kernels", scratch_dir), *path;
	struct spec s;

	(void)state;
	mkdir(kernels, 0777);
	setenv("FOLIOBENCH_CONFIGS", scratch_dir, 1);
	path = file("kernels/6.12.yaml", "kernel: \"6.12\"\ntree: /s\nconfig: defconfig\n");
	assert_int_equal(spec_load("6.12", &s), 0);
	assert_string_equal(s.file, path);
	spec_release(&s);
	expect_load("6.21", "no kernel spec '6.21' in");
	expect_load("6.21", "(did you mean '6.12'?)");
	expect_load("nothing-like-it", "kernels\n");
	setenv("FOLIOBENCH_CONFIGS", "/nonexistent", 1);
	expect_load("6.12", "no kernel spec '6.12': open /nonexistent/kernels: No such file or directory");
	unsetenv("FOLIOBENCH_CONFIGS");
	free(path);
	free(kernels);
}

static void files_that_are_no_specs_are_refused(void **state)
{
	char *path = xasprintf("%s/big.yaml", scratch_dir), *big = xcalloc(1, 2u << 20);

	(void)state;
	expect_load("./nothing.yaml", "open the kernel spec ./nothing.yaml: No such file or directory");
	expect_load("/", "read the kernel spec /: Is a directory");
	expect_load("/dev/zero", "read the kernel spec /dev/zero: File too large");
	memset(big, ' ', 2u << 20);
	scratch_write(path, big, 2u << 20);
	expect_load(path, "File too large");
	free(path);
	free(big);
	path = file("empty.yaml", "");
	expect_load(path, "empty.yaml:1:1: the file is empty");
	free(path);
	path = file("crlf.yaml", "kernel: x\r\ntree: /s\r\nconfig: defconfig\r\nbogus: 1\r\n");
	expect_load(path, ":4:1: unknown key 'bogus'");
	free(path);
}

static void patches_are_read_once_whatever_they_hold(void **state)
{
	char *path = file("p.patch", "--- a/x\n+++ b/x\n");
	struct spec s;

	(void)state;
	parse_good("kernel: x\ntree: /s\nconfig: defconfig\n", &s);
	spec_add_patch(&s, path, true);
	assert_int_equal(spec_load_patches(&s), 0);
	assert_string_equal(s.patch[0].text, "--- a/x\n+++ b/x\n");
	assert_int_equal(s.patch[0].len, 16);
	assert_true(s.patch[0].reverse);
	scratch_write(path, "else", 4);
	assert_int_equal(spec_load_patches(&s), 0);
	assert_int_equal(s.patch[0].len, 16);
	spec_release(&s);
	free(path);
}

static void expect_patch(const char *first, const char *second, const char *message)
{
	const char *heard;
	struct spec s;

	parse_good("kernel: x\ntree: /s\nconfig: defconfig\n", &s);
	spec_add_patch(&s, first, false);
	if (second)
		spec_add_patch(&s, second, false);
	scratch_listen();
	assert_int_equal(spec_load_patches(&s), -1);
	heard = scratch_heard();
	if (!strstr(heard, message))
		fail_msg("expected '%s' in '%s'", message, heard);
	spec_release(&s);
}

static void patches_that_cannot_be_read_are_refused(void **state)
{
	int saved = dup(STDIN_FILENO), nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);

	(void)state;
	expect_patch("/nonexistent.patch", NULL, "open the patch /nonexistent.patch: No such file or directory");
	expect_patch("/", NULL, "read the patch /: Is a directory");
	dup2(nothing, STDIN_FILENO);
	expect_patch("-", "-", "standard input: it can be read only once");
	dup2(saved, STDIN_FILENO);
	close(saved);
	close(nothing);
}

static void the_documentation_has_the_keys_as_they_are(void **state)
{
	struct buf table = BUF_INIT, docs = BUF_INIT;

	(void)state;
	schema_describe(&spec_schema, &table);
	assert_int_equal(buf_read_file(&docs, "docs/kernels.md"), 0);
	if (!strstr(buf_text(&docs), buf_text(&table)))
		fail_msg("docs/kernels.md lacks:\n%s", buf_text(&table));
	buf_release(&table);
	buf_release(&docs);
}

static int begin(void **state)
{
	(void)state;
	scratch_begin();
	return 0;
}

static int end(void **state)
{
	(void)state;
	scratch_end();
	buf_release(&scratch_ear.text);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_spec_is_read),
		cmocka_unit_test(what_is_not_said_has_a_default),
		cmocka_unit_test(a_repository_and_its_revision_are_told_apart_at_the_last_at_sign),
		cmocka_unit_test(a_ready_image_takes_nothing_that_is_built),
		cmocka_unit_test(an_image_for_other_machines_than_the_spec_is_noticed),
		cmocka_unit_test(a_kernel_is_from_one_place_and_no_more),
		cmocka_unit_test(a_configuration_is_a_known_target_or_a_file),
		cmocka_unit_test(wrong_keys_and_values_are_named_with_their_place),
		cmocka_unit_test(paths_are_relative_to_the_spec),
		cmocka_unit_test(a_home_that_is_not_there_is_said),
		cmocka_unit_test(a_spec_is_found_by_its_name),
		cmocka_unit_test(files_that_are_no_specs_are_refused),
		cmocka_unit_test(patches_are_read_once_whatever_they_hold),
		cmocka_unit_test(patches_that_cannot_be_read_are_refused),
		cmocka_unit_test(the_documentation_has_the_keys_as_they_are),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
