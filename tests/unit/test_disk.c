/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/guest/disk.h"
#include "lib/buf.h"
#include "lib/child.h"
#include "tests/unit/scratch.h"

#define MIB (UINT64_C(1) << 20)
#define DISK_BYTES (304 * MIB)

/* Where a super block says what it is, from each file system's own documentation. */
static const struct {
	const char *fs, *magic;
	off_t at;
} magics[] = {
	{ "ext4", "\x53\xef", 0x438 },
	{ "xfs", "XFSB", 0 },
	{ "btrfs", "_BHRfS_M", 0x10040 },
};

static bool installed(const char *program)
{
	char path[256];

	snprintf(path, sizeof(path), "/usr/sbin/%s", program);
	return child_exists(program) || !access(path, X_OK);
}

static void check_disk(int fd, size_t i)
{
	char there[16];
	struct stat st;

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_size, DISK_BYTES);
	assert_int_equal(st.st_nlink, 0);
	assert_true((uint64_t)st.st_blocks * 512 < DISK_BYTES / 2);	/* sparse */
	assert_int_equal(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDWR);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(pread(fd, there, strlen(magics[i].magic), magics[i].at), strlen(magics[i].magic));
	assert_memory_equal(there, magics[i].magic, strlen(magics[i].magic));
}

static void make_and_check(size_t i)
{
	const char *program = disk_mkfs_program(magics[i].fs);
	int fd;

	if (!installed(program)) {
		print_message("skipped: no %s here (package %s)\n", program, disk_mkfs_package(program));
		skip();
	}
	fd = disk_make(magics[i].fs, DISK_BYTES);
	check_disk(fd, i);
	close(fd);
}

static void an_ext4_disk_holds_ext4(void **state)
{
	(void)state;
	make_and_check(0);
}

static void an_xfs_disk_holds_xfs(void **state)
{
	(void)state;
	make_and_check(1);
}

static void a_btrfs_disk_holds_btrfs(void **state)
{
	(void)state;
	make_and_check(2);
}

static void a_disk_is_made_in_memory_where_no_file_can_be(void **state)
{
	int fd;

	(void)state;
	if (!installed("mkfs.ext4")) {
		print_message("skipped: no mkfs.ext4 here (package e2fsprogs)\n");
		skip();
	}
	setenv("TMPDIR", "/proc", 1);
	fd = disk_make("ext4", DISK_BYTES);
	unsetenv("TMPDIR");
	check_disk(fd, 0);
	close(fd);
}

static void nothing_is_left_where_disks_are_made(void **state)
{
	struct dirent **list;
	int fd, n;

	(void)state;
	if (!installed("mkfs.ext4")) {
		print_message("skipped: no mkfs.ext4 here (package e2fsprogs)\n");
		skip();
	}
	setenv("TMPDIR", scratch_dir, 1);
	fd = disk_make("ext4", DISK_BYTES);
	unsetenv("TMPDIR");
	check_disk(fd, 0);
	n = scandir(scratch_dir, &list, NULL, NULL);
	assert_int_equal(n, 2);	/* . and .. */
	while (n--)
		free(list[n]);
	free(list);
	close(fd);
}

static void file_systems_without_a_disk_have_no_mkfs(void **state)
{
	(void)state;
	assert_null(disk_mkfs_program("tmpfs"));
	assert_null(disk_mkfs_program("ramfs"));
	assert_null(disk_mkfs_options("tmpfs"));
	assert_null(disk_mkfs_package("mkfs.tmpfs"));
	assert_string_equal(disk_mkfs_program("xfs"), "mkfs.xfs");
	assert_string_equal(disk_mkfs_package("mkfs.ext4"), "e2fsprogs");
	assert_string_equal(disk_mkfs_package("mkfs.xfs"), "xfsprogs");
	assert_string_equal(disk_mkfs_package("mkfs.btrfs"), "btrfs-progs");
	assert_non_null(disk_mkfs_options("btrfs")[0]);
}

static void a_disk_too_small_is_refused_with_the_size_that_would_do(void **state)
{
	struct buf why = BUF_INIT;

	(void)state;
	assert_int_equal(disk_fits("xfs", 64 * MIB, &why), -1);
	assert_string_equal(why.s, "xfs wants at least 300M, not 64M");
	buf_reset(&why);
	assert_int_equal(disk_fits("ext4", 16 * MIB - 1, &why), -1);
	assert_int_equal(disk_fits("btrfs", 0, &why), -1);
	buf_reset(&why);
	assert_int_equal(disk_fits("xfs", 300 * MIB, &why), 0);
	assert_int_equal(disk_fits("tmpfs", 0, &why), 0);
	assert_string_equal(buf_text(&why), "");
	buf_release(&why);
}

static void bad_requests_are_reported_once(void **state)
{
	(void)state;
	scratch_listen();
	assert_int_equal(disk_make("xfs", 64 * MIB), -1);
	assert_non_null(strstr(scratch_heard(), "xfs wants at least 300M, not 64M\n"));
	scratch_listen();
	assert_int_equal(disk_make("tmpfs", DISK_BYTES), -1);
	assert_non_null(strstr(scratch_heard(), "tmpfs"));
}

/* A mkfs before the real one in PATH. */
static void put_mkfs(const char *script)
{
	char path[128], search[256];

	snprintf(path, sizeof(path), "%s/mkfs.ext4", scratch_dir);
	scratch_write(path, script, strlen(script));
	chmod(path, 0755);
	snprintf(search, sizeof(search), "%s:/usr/bin:/bin", scratch_dir);
	setenv("PATH", search, 1);
}

static void what_a_failing_mkfs_said_is_passed_on(void **state)
{
	char *path = xstrdup(getenv("PATH"));
	const char *heard;

	(void)state;
	put_mkfs("#!/bin/sh\necho 'the moon is in the wrong phase' >&2\nexit 1\n");
	scratch_listen();
	assert_int_equal(disk_make("ext4", DISK_BYTES), -1);
	heard = scratch_heard();
	assert_non_null(strstr(heard, "ext4"));
	assert_non_null(strstr(heard, "the moon is in the wrong phase"));
	setenv("PATH", path, 1);
	free(path);
}

static void a_mkfs_that_made_nothing_is_caught(void **state)
{
	char *path = xstrdup(getenv("PATH"));

	(void)state;
	put_mkfs("#!/bin/sh\nexit 0\n");
	scratch_listen();
	assert_int_equal(disk_make("ext4", DISK_BYTES), -1);
	assert_non_null(strstr(scratch_heard(), "holds no ext4"));
	setenv("PATH", path, 1);
	free(path);
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
		cmocka_unit_test(an_ext4_disk_holds_ext4),
		cmocka_unit_test(an_xfs_disk_holds_xfs),
		cmocka_unit_test(a_btrfs_disk_holds_btrfs),
		cmocka_unit_test(a_disk_is_made_in_memory_where_no_file_can_be),
		cmocka_unit_test(nothing_is_left_where_disks_are_made),
		cmocka_unit_test(file_systems_without_a_disk_have_no_mkfs),
		cmocka_unit_test(a_disk_too_small_is_refused_with_the_size_that_would_do),
		cmocka_unit_test(bad_requests_are_reported_once),
		cmocka_unit_test(what_a_failing_mkfs_said_is_passed_on),
		cmocka_unit_test(a_mkfs_that_made_nothing_is_caught),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
