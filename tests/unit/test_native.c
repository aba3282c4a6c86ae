/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "harness/guest/native.h"
#include "lib/buf.h"
#include "lib/exitcode.h"

static struct buf lines, talk;
static int limit;	/* refuse the line after so many; 0: none */

static int take(const char *text, size_t len, void *data)
{
	int *n = data;

	buf_add(&lines, text, len);
	buf_ch(&lines, '|');
	return limit && ++*n > limit ? -1 : 0;
}

/* Runs a shell script as if it were the driver, with our stderr caught. */
static int play(struct native_call *call, const char *script)
{
	const char *const argv[] = { "-c", script, NULL };
	int saved = dup(2), ret, n = 0;
	FILE *e = tmpfile();
	char text[4096];
	size_t got;

	call->driver = "/bin/sh";
	call->argv = argv;
	buf_reset(&lines);
	buf_reset(&talk);
	dup2(fileno(e), 2);
	ret = native_run(call, take, &n);
	fflush(stderr);
	dup2(saved, 2);
	close(saved);
	rewind(e);
	got = fread(text, 1, sizeof(text), e);
	buf_add(&talk, text, got);
	fclose(e);
	return ret;
}

static double seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void lines_come_one_by_one_however_they_were_written(void **state)
{
	struct native_call call = { 0 };

	(void)state;
	assert_int_equal(play(&call, "printf 'a\\nb'; sleep 0.05; printf 'c\\n\\n'; printf torn"), EXIT_ACCEPT);
	assert_string_equal(buf_text(&lines), "a|bc||");
	assert_string_equal(buf_text(&talk), "");
}

static void long_output_is_not_lost(void **state)
{
	struct native_call call = { 0 };

	(void)state;
	assert_int_equal(play(&call, "i=0; while [ $i -lt 3000 ]; do echo $i-0123456789012345678901234567890123456789;"
			      " echo noise >&2; i=$((i+1)); done"), EXIT_ACCEPT);
	assert_non_null(strstr(buf_text(&lines), "|2999-0123456789"));
}

static void the_drivers_own_exit_code_and_words_are_passed_on(void **state)
{
	struct native_call call = { 0 };

	(void)state;
	assert_int_equal(play(&call, "echo 'old talk' >&2; echo 'driver: error: no' >&2; exit 2"), EXIT_USAGE);
	assert_string_equal(buf_text(&talk), "old talk\ndriver: error: no\n");
	assert_int_equal(play(&call, "for i in 1 2 3 4 5 6 7 8; do echo line $i >&2; done; exit 4"), EXIT_CANNOT);
	assert_string_equal(buf_text(&talk), "line 4\nline 5\nline 6\nline 7\nline 8\n");
}

static void talk_of_a_driver_that_succeeds_goes_to_the_log_only(void **state)
{
	char path[] = "/tmp/foliobench-log-XXXXXX";
	struct native_call call = { .log = path };
	struct buf log = BUF_INIT;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(play(&call, "echo one >&2"), EXIT_ACCEPT);
	assert_int_equal(play(&call, "echo two >&2"), EXIT_ACCEPT);
	assert_string_equal(buf_text(&talk), "");
	assert_int_equal(buf_read_file(&log, path), 0);
	assert_string_equal(buf_text(&log), "one\ntwo\n");
	unlink(path);
	buf_release(&log);
}

static void a_driver_killed_by_a_signal_is_an_error(void **state)
{
	struct native_call call = { 0 };

	(void)state;
	assert_int_equal(play(&call, "echo last words >&2; kill -SEGV $$"), EXIT_CANNOT);
	assert_non_null(strstr(buf_text(&talk), "killed by signal 11"));
	assert_non_null(strstr(buf_text(&talk), "last words"));
}

static void a_driver_that_does_not_end_is_killed(void **state)
{
	struct native_call call = { .limit_ns = 300000000 };
	double began = seconds();

	(void)state;
	assert_int_equal(play(&call, "exec sleep 30"), EXIT_CANNOT);
	assert_true(seconds() - began < 5);
	assert_non_null(strstr(buf_text(&talk), "ran longer than 0.3 s and was killed"));
}

/* Expected: its exit code is said. Buggy: a run ended with 4 and not a word of why. */
static void a_driver_that_fails_without_a_word_is_an_error(void **state)
{
	struct buf why = BUF_INIT;
	struct native_call call = { 0 };

	(void)state;
	assert_int_equal(play(&call, "exit 3"), 3);
	assert_non_null(strstr(buf_text(&talk), "ended with exit code 3 and without a word"));
	call.talk = &why;
	assert_int_equal(play(&call, "exit 3"), 3);
	assert_non_null(strstr(buf_text(&why), "ended with exit code 3 and without a word\n"));
	buf_reset(&why);
	assert_int_equal(play(&call, "kill -9 $$"), EXIT_CANNOT);
	assert_non_null(strstr(buf_text(&why), "killed by signal 9"));
	assert_string_equal(buf_text(&talk), "");
	buf_release(&why);
}

/* Expected: killed at its limit. Buggy: waited for without end, deaf to signals. */
static void a_driver_that_closes_its_output_and_lives_on_is_killed(void **state)
{
	struct native_call call = { .limit_ns = 300000000 };
	double began = seconds();

	(void)state;
	assert_int_equal(play(&call, "exec sleep 30 >&- 2>&-"), EXIT_CANNOT);
	assert_true(seconds() - began < 5);
	assert_non_null(strstr(buf_text(&talk), "ran longer than 0.3 s and was killed"));
}

/* Expected: refused. Buggy: kept in memory, however much came. */
static void a_line_without_end_is_refused(void **state)
{
	struct native_call call = { 0 };

	(void)state;
	assert_int_equal(play(&call, "exec tr '\\000' x </dev/zero"), EXIT_CANNOT);
	assert_non_null(strstr(buf_text(&talk), "without an end of line"));
	assert_string_equal(buf_text(&lines), "");
}

/* Expected: the log stops at 1 MiB, the last words are kept. Buggy: both grew without limit. */
static void a_flood_of_talk_fills_neither_log_nor_memory(void **state)
{
	char path[] = "/tmp/foliobench-log-XXXXXX";
	struct native_call call = { .log = path };
	struct buf log = BUF_INIT;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(play(&call, "yes flood | head -n 500000 >&2; echo last >&2; exit 4"),
			 EXIT_CANNOT);
	assert_string_equal(buf_text(&talk), "flood\nflood\nflood\nflood\nlast\n");
	assert_int_equal(buf_read_file(&log, path), 0);
	assert_in_range(log.len, 1 << 20, 5 << 18);
	assert_non_null(strstr(buf_text(&log), "[the driver said more than is kept]"));
	unlink(path);
	buf_release(&log);
}

static void a_refused_line_ends_the_driver(void **state)
{
	struct native_call call = { 0 };
	double began = seconds();

	(void)state;
	limit = 1;
	assert_int_equal(play(&call, "echo a; echo b; echo c; exec sleep 30"), EXIT_CANNOT);
	limit = 0;
	assert_true(seconds() - began < 5);
	assert_string_equal(buf_text(&lines), "a|b|");
	assert_string_equal(buf_text(&talk), "");	/* whoever refused has said why */
}

static void a_set_stop_flag_ends_the_driver(void **state)
{
	volatile sig_atomic_t flag = 1;
	struct native_call call = { .stop = &flag };
	double began = seconds();

	(void)state;
	assert_int_equal(play(&call, "exec sleep 30"), EXIT_CANNOT);
	assert_true(seconds() - began < 5);
}

static void a_driver_that_cannot_be_started_is_named(void **state)
{
	const char *const argv[] = { NULL };
	struct native_call call = { .driver = "/nonexistent/foliobench", .argv = argv };
	int n = 0;

	(void)state;
	assert_int_equal(native_run(&call, take, &n), EXIT_CANNOT);
}

static int release(void **state)
{
	(void)state;
	buf_release(&lines);
	buf_release(&talk);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_come_one_by_one_however_they_were_written),
		cmocka_unit_test(long_output_is_not_lost),
		cmocka_unit_test(the_drivers_own_exit_code_and_words_are_passed_on),
		cmocka_unit_test(talk_of_a_driver_that_succeeds_goes_to_the_log_only),
		cmocka_unit_test(a_driver_killed_by_a_signal_is_an_error),
		cmocka_unit_test(a_driver_that_does_not_end_is_killed),
		cmocka_unit_test(a_driver_that_fails_without_a_word_is_an_error),
		cmocka_unit_test(a_driver_that_closes_its_output_and_lives_on_is_killed),
		cmocka_unit_test(a_line_without_end_is_refused),
		cmocka_unit_test(a_flood_of_talk_fills_neither_log_nor_memory),
		cmocka_unit_test(a_refused_line_ends_the_driver),
		cmocka_unit_test(a_set_stop_flag_ends_the_driver),
		cmocka_unit_test(a_driver_that_cannot_be_started_is_named),
	};

	return cmocka_run_group_tests_name("native", tests, NULL, release);
}
