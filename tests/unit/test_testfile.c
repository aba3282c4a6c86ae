/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <cmocka.h>

#include "bench/testfile.h"
#include "lib/buf.h"

static char dir[] = "/tmp/foliobench-test-XXXXXX";

static int make_dir(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	(void)state;
	return rmdir(dir);	/* fails if a test file left a name behind */
}

static void a_stamp_is_the_same_however_it_is_cut(void **state)
{
	static const uint64_t periods[] = { 0, 1, 3, 8, 13, 4096 };
	unsigned char whole[5000], part[5000];
	size_t i, at, n;

	(void)state;
	for (i = 0; i < sizeof(periods) / sizeof(periods[0]); i++) {
		const struct stamp s = { .key = 42, .period = periods[i] };

		stamp_fill(&s, whole, sizeof(whole), 7);
		for (at = 0, n = 1; at < sizeof(part); at += n, n = n * 3 % 67 + 1) {
			if (n > sizeof(part) - at)
				n = sizeof(part) - at;
			stamp_fill(&s, part + at, n, 7 + at);
		}
		assert_memory_equal(whole, part, sizeof(whole));
		assert_int_equal(stamp_check(&s, whole, sizeof(whole), 7), -1);
	}
}

static void a_period_repeats_and_a_flip_changes_every_byte(void **state)
{
	const struct stamp plain = { .key = 1, .period = 100 };
	struct stamp flipped = plain;
	unsigned char a[300], b[300];
	size_t i;

	(void)state;
	flipped.flip = true;
	stamp_fill(&plain, a, sizeof(a), 0);
	stamp_fill(&flipped, b, sizeof(b), 0);
	assert_memory_equal(a, a + 100, 200);
	for (i = 0; i < sizeof(a); i++)
		assert_int_equal(a[i] ^ b[i], 0xff);
}

static void keys_and_offsets_tell_files_and_places_apart(void **state)
{
	const struct stamp one = { .key = 1 }, two = { .key = 2 };
	unsigned char a[4096];

	(void)state;
	stamp_fill(&one, a, sizeof(a), 0);
	assert_true(stamp_check(&two, a, sizeof(a), 0) >= 0);
	assert_true(stamp_check(&one, a, sizeof(a), 8) >= 0);
}

static void the_first_wrong_byte_is_found(void **state)
{
	static const size_t places[] = { 0, 1, 511, 512, 513, 4095 };
	const struct stamp s = { .key = 9 };
	unsigned char a[4096];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		stamp_fill(&s, a, sizeof(a), 0);
		a[places[i]] ^= 0x10;
		a[4095] ^= 1;
		assert_int_equal(stamp_check(&s, a, sizeof(a), 0), places[i]);
	}
}

static size_t names_in(const char *path)
{
	DIR *d = opendir(path);
	size_t n = 0;

	assert_non_null(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

static void a_file_is_made_without_a_name_and_found_again(void **state)
{
	const struct stamp s = { .key = 5 };
	struct testfile f = TESTFILE_INIT;
	struct buf why = BUF_INIT;
	unsigned char byte;
	int fd;

	(void)state;
	assert_int_equal(testfile_make(&f, dir, "any", 3 << 20 | 123, &s, &why), 0);
	assert_int_equal(names_in(dir), 0);
	fd = testfile_open(&f, O_RDONLY, &why);
	assert_true(fd >= 0);
	assert_int_equal(lseek(fd, 100, SEEK_SET), 100);
	assert_int_equal(lseek(f.fd, 0, SEEK_CUR), 0);	/* a description of its own */
	assert_int_equal(read(fd, &byte, 1), 1);
	assert_int_equal(stamp_check(&s, &byte, 1, 100), -1);
	close(fd);
	testfile_close(&f);
	buf_release(&why);
}

static void verify_sees_a_changed_byte_and_a_changed_size(void **state)
{
	const struct stamp s = { .key = 5 };
	struct testfile f = TESTFILE_INIT;
	struct buf why = BUF_INIT;
	unsigned char byte;

	(void)state;
	assert_int_equal(testfile_make(&f, dir, "any", 70000, &s, &why), 0);
	assert_int_equal(pread(f.fd, &byte, 1, 66000), 1);
	byte ^= 1;
	assert_int_equal(pwrite(f.fd, &byte, 1, 66000), 1);
	assert_int_equal(testfile_verify(&f, &s, &why), -1);
	assert_non_null(strstr(buf_text(&why), "at offset 66000"));
	buf_reset(&why);
	assert_int_equal(ftruncate(f.fd, 69999), 0);
	assert_int_equal(testfile_verify(&f, &s, &why), -1);
	assert_string_equal(buf_text(&why), "test file: size is 69999, should be 70000");
	testfile_close(&f);
	buf_release(&why);
}

static void pages_that_left_the_cache_are_counted(void **state)
{
	const struct stamp s = { .key = 5 };
	struct testfile f = TESTFILE_INIT;
	struct buf why = BUF_INIT;

	(void)state;
	assert_int_equal(testfile_make(&f, dir, "any", 64 << 10, &s, &why), 0);
	assert_int_equal(testfile_resident(&f, &why), 0);
	assert_int_equal(posix_fadvise(f.fd, 0, 0, POSIX_FADV_DONTNEED), 0);
	if (!testfile_resident(&f, &why)) {
		testfile_close(&f);
		skip();		/* the file system keeps its pages: tmpfs does */
	}
	assert_non_null(strstr(buf_text(&why), "of 16 pages left the page cache"));
	testfile_close(&f);
	buf_release(&why);
}

static void a_directory_that_cannot_be_used_is_named(void **state)
{
	const struct stamp s = { .key = 5 };
	struct testfile f = TESTFILE_INIT;
	struct buf why = BUF_INIT;

	(void)state;
	assert_int_equal(testfile_make(&f, "/nonexistent/x", "any", 4096, &s, &why), -1);
	assert_string_equal(buf_text(&why), "make a test file in /nonexistent/x: No such file or directory");
	testfile_close(&f);
	buf_reset(&why);
	assert_int_equal(testfile_make(&f, "/proc", "any", 4096, &s, &why), -1);
	assert_non_null(strstr(buf_text(&why), "/proc"));
	testfile_close(&f);
	buf_release(&why);
}

static void a_file_that_cannot_grow_is_an_error_before_anything_is_measured(void **state)
{
	const struct rlimit small = { 1 << 20, RLIM_INFINITY };
	const struct stamp s = { .key = 5 };
	struct testfile f = TESTFILE_INIT;
	struct buf why = BUF_INIT;
	struct rlimit before;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(testfile_make(&f, dir, "any", 4 << 20, &s, &why), -1);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	testfile_close(&f);
	assert_non_null(strstr(buf_text(&why), "fill a test file of 4194304 bytes in /tmp/"));
	assert_non_null(strstr(buf_text(&why), "File too large"));
	buf_release(&why);
}

/*
 * Expected: what cannot fit is refused before a byte is written.
 * Buggy:    a disk was filled for minutes, or a tmpfs up to the memory's end.
 */
static void files_that_cannot_fit_are_refused(void **state)
{
	struct buf why = BUF_INIT;

	(void)state;
	assert_int_equal(testfile_room(dir, 1, &why), 0);
	assert_int_equal(testfile_room(dir, 1ull << 61, &why), -1);
	assert_non_null(strstr(buf_text(&why), "of 2305843009213693952 bytes do not fit /tmp/"));
	buf_reset(&why);
	assert_int_equal(testfile_room("/nonexistent", 1ull << 61, &why), -1);
	assert_non_null(strstr(buf_text(&why), "bytes of memory"));
	buf_release(&why);
}

static void the_file_system_asked_for_is_checked(void **state)
{
	const struct stamp s = { .key = 5 };
	struct testfile f = TESTFILE_INIT;
	struct buf why = BUF_INIT;
	int is_tmpfs, is_xfs;

	(void)state;
	is_tmpfs = !testfile_make(&f, dir, "tmpfs", 4096, &s, &why);
	testfile_close(&f);
	is_xfs = !testfile_make(&f, dir, "xfs", 4096, &s, &why);
	testfile_close(&f);
	assert_false(is_tmpfs && is_xfs);
	assert_non_null(strstr(buf_text(&why), "not on "));
	assert_non_null(strstr(buf_text(&why), dir));
	buf_release(&why);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stamp_is_the_same_however_it_is_cut),
		cmocka_unit_test(a_period_repeats_and_a_flip_changes_every_byte),
		cmocka_unit_test(keys_and_offsets_tell_files_and_places_apart),
		cmocka_unit_test(the_first_wrong_byte_is_found),
		cmocka_unit_test(a_file_is_made_without_a_name_and_found_again),
		cmocka_unit_test(verify_sees_a_changed_byte_and_a_changed_size),
		cmocka_unit_test(pages_that_left_the_cache_are_counted),
		cmocka_unit_test(a_directory_that_cannot_be_used_is_named),
		cmocka_unit_test(a_file_that_cannot_grow_is_an_error_before_anything_is_measured),
		cmocka_unit_test(files_that_cannot_fit_are_refused),
		cmocka_unit_test(the_file_system_asked_for_is_checked),
	};

	return cmocka_run_group_tests_name("testfile", tests, make_dir, remove_dir);
}
