/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scripts of calls as PID 1 makes them, with a shell in the place of the driver. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bench/call.h"
#include "bench/script.h"
#include "lib/relay.h"
#include "tests/unit/scratch.h"

static const struct call_place place = { .driver = "/bin/sh" };
static struct buf said, why;
static char console[256];	/* what went to stdout */

/* Runs those commands, each in a "driver" of its own. */
static int run(const char *const *command, size_t n, bool symbols)
{
	char *argv[8][4], **script[8];
	const struct relay_setup setup = { .script = script, .nscript = n, .symbols = symbols };
	int ends[2], saved, ret;
	ssize_t len;
	size_t i;

	for (i = 0; i < n; i++) {
		argv[i][0] = (char *)"foliobench";
		argv[i][1] = (char *)"-c";
		argv[i][2] = (char *)command[i];
		argv[i][3] = NULL;
		script[i] = argv[i];
	}
	buf_reset(&said);
	buf_reset(&why);
	assert_int_equal(pipe(ends), 0);
	fflush(stdout);
	saved = dup(STDOUT_FILENO);
	dup2(ends[1], STDOUT_FILENO);
	close(ends[1]);
	ret = script_run(&setup, &place, &said, &why);
	fflush(stdout);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	len = read(ends[0], console, sizeof(console) - 1);
	console[len > 0 ? len : 0] = '\0';
	close(ends[0]);
	return ret;
}

static void calls_are_made_in_order_and_answered_with_their_numbers(void **state)
{
	static const char *const commands[] = { "echo one; echo two", "echo three", "true" };

	(void)state;
	assert_int_equal(run(commands, 3, false), 0);
	assert_string_equal(buf_text(&said), "{\"call\":1,\"out\":\"one\"}\n"
					     "{\"call\":1,\"out\":\"two\"}\n"
					     "{\"call\":1,\"exit\":0}\n"
					     "{\"call\":2,\"out\":\"three\"}\n"
					     "{\"call\":2,\"exit\":0}\n"
					     "{\"call\":3,\"exit\":0}\n");
	assert_string_equal(console, "foliobench: call 1 of 3\nfoliobench: call 2 of 3\nfoliobench: call 3 of 3\n");
}

static void none_is_made_after_one_that_fails(void **state)
{
	static const char *const commands[] = { "true", "echo no such luck >&2; exit 3", "echo never" };

	(void)state;
	assert_int_equal(run(commands, 3, false), 0);
	assert_string_equal(buf_text(&said), "{\"call\":1,\"exit\":0}\n"
					     "{\"call\":2,\"err\":\"no such luck\\n\"}\n"
					     "{\"call\":2,\"exit\":3}\n");
	assert_null(strstr(console, "call 3"));
}

static void one_that_a_signal_killed_has_failed(void **state)
{
	static const char *const commands[] = { "kill -9 $$", "echo never" };

	(void)state;
	assert_int_equal(run(commands, 2, false), 0);
	assert_string_equal(buf_text(&said), "{\"call\":1,\"exit\":137}\n");
}

static void what_one_leaves_behind_does_not_run_beside_the_next(void **state)
{
	char *path = xasprintf("%s/left", scratch_dir), *leave = xasprintf("(sleep 0.2; echo >%s) & true", path);
	const char *const commands[] = { leave, "sleep 0.5" };

	(void)state;
	assert_int_equal(run(commands, 2, false), 0);
	assert_int_equal(access(path, F_OK), -1);
	free(path);
	free(leave);
}

static void much_output_is_kept(void **state)
{
	static const char *const commands[] = { "i=0; while [ $i -lt 20000 ]; do echo a line, number $i; i=$((i+1)); done" };
	const char *at = NULL;
	size_t n = 0;

	(void)state;
	assert_int_equal(run(commands, 1, false), 0);
	for (at = buf_text(&said); (at = strstr(at, "\"out\"")); at++)
		n++;
	assert_int_equal(n, 20000);
	assert_non_null(strstr(buf_text(&said), "number 19999"));
}

static void symbols_come_first_and_in_pieces_that_make_the_whole(void **state)
{
	static const char *const commands[] = { "true" };
	struct buf whole = BUF_INIT, got = BUF_INIT;
	struct relay_message m;
	char *at, *end;

	(void)state;
	if (buf_read_file(&whole, "/proc/kallsyms")) {
		print_message("no /proc/kallsyms here\n");
		skip();
	}
	assert_int_equal(run(commands, 1, true), 0);
	for (at = said.s; (end = strchr(at, '\n')); at = end + 1) {
		assert_int_equal(relay_parse(at, (size_t)(end - at), &m, &why), 0);
		if (m.kind != RELAY_SYMBOLS)
			break;
		assert_true(m.len > 0);
		buf_add(&got, m.text, m.len);
		relay_release(&m);
	}
	assert_int_equal(m.kind, RELAY_EXIT);
	relay_release(&m);
	assert_int_equal(got.len, whole.len);
	assert_memory_equal(got.s, whole.s, whole.len);
	buf_release(&whole);
	buf_release(&got);
}

static void without_a_script_nothing_is_said(void **state)
{
	(void)state;
	assert_int_equal(run(NULL, 0, false), 0);
	assert_int_equal(said.len, 0);
	assert_string_equal(console, "");
}

/* valgrind 3.19 does not know the call. */
static void scripts_are_not_tried_without_pidfd_open(void **state)
{
	(void)state;
	print_message("no pidfd_open() here\n");
	skip();
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
	buf_release(&said);
	buf_release(&why);
	scratch_end();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls_are_made_in_order_and_answered_with_their_numbers),
		cmocka_unit_test(none_is_made_after_one_that_fails),
		cmocka_unit_test(one_that_a_signal_killed_has_failed),
		cmocka_unit_test(what_one_leaves_behind_does_not_run_beside_the_next),
		cmocka_unit_test(much_output_is_kept),
		cmocka_unit_test(symbols_come_first_and_in_pieces_that_make_the_whole),
		cmocka_unit_test(without_a_script_nothing_is_said),
	};
	const struct CMUnitTest none[] = {
		cmocka_unit_test(scripts_are_not_tried_without_pidfd_open),
	};
	int fd = (int)syscall(SYS_pidfd_open, getpid(), 0);

	if (fd < 0)
		return cmocka_run_group_tests(none, NULL, NULL);
	close(fd);
	return cmocka_run_group_tests(tests, begin, end);
}
