/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * serve() in a process of its own, with a socket pair as its port and the test as
 * its harness.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "bench/serve.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/clock.h"
#include "lib/relay.h"

#define PATIENCE_MS 30000	/* far more than anything takes, valgrind included */

static struct {
	pid_t pid;
	int port;
	struct buf in;
	struct buf out, err;	/* what the last call printed; '|' ends a line of out */
	uint32_t calls;
} guest;

static void start_with(const struct call_place *place, const struct buf *first)
{
	const struct call_place usual = { .driver = "/bin/echo" };
	struct serve s = { .place = place ? *place : usual, .first = first };
	int ends[2], nowhere;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	fflush(NULL);
	guest.pid = fork();
	assert_true(guest.pid >= 0);
	if (!guest.pid) {
		close(ends[0]);
		nowhere = open("/dev/null", O_WRONLY);
		dup2(nowhere, STDERR_FILENO);
		s.port = ends[1];
		exit(serve(&s) ? 4 : 0);
	}
	close(ends[1]);
	guest.port = ends[0];
}

static void start(const struct call_place *place)
{
	start_with(place, NULL);
}

static void send_text(const char *text)
{
	assert_int_equal(send(guest.port, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

static void send_message(const struct relay_message *m)
{
	struct buf line = BUF_INIT;

	relay_line(m, &line);
	send_text(line.s);
	buf_release(&line);
}

/* 1, or 0 at the end of what the guest says. */
static int next(struct relay_message *m)
{
	struct pollfd port = { .fd = guest.port, .events = POLLIN };
	struct buf why = BUF_INIT;
	char piece[4096], *end;
	ssize_t n;

	while (!guest.in.len || !(end = memchr(guest.in.s, '\n', guest.in.len))) {
		if (poll(&port, 1, PATIENCE_MS) <= 0)
			fail_msg("the guest says nothing");
		n = read(guest.port, piece, sizeof(piece));
		if (n <= 0) {
			assert_int_equal(guest.in.len, 0);
			return 0;
		}
		buf_add(&guest.in, piece, (size_t)n);
	}
	if (relay_parse(guest.in.s, (size_t)(end - guest.in.s), m, &why))
		fail_msg("%s", buf_text(&why));
	guest.in.len -= (size_t)(end + 1 - guest.in.s);
	memmove(guest.in.s, end + 1, guest.in.len + 1);
	buf_release(&why);
	return 1;
}

static void expect_ready(void)
{
	struct relay_message m;
	struct utsname name;

	assert_int_equal(uname(&name), 0);
	assert_int_equal(next(&m), 1);
	assert_int_equal(m.kind, RELAY_READY);
	assert_string_equal(m.text, name.release);
	relay_release(&m);
}

static void begin(char **argv, bool root)
{
	const struct relay_message m = { .kind = RELAY_CALL, .call = ++guest.calls, .argv = argv, .root = root };

	buf_reset(&guest.out);
	buf_reset(&guest.err);
	send_message(&m);
}

/* Takes what one message says; true: the call has ended, with *code. */
static bool took_end(int *code)
{
	struct relay_message m;
	bool ended;

	assert_int_equal(next(&m), 1);
	assert_int_equal(m.call, guest.calls);
	ended = m.kind == RELAY_EXIT;
	if (m.kind == RELAY_OUT) {
		buf_add(&guest.out, m.text, m.len);
		buf_ch(&guest.out, '|');
	} else if (m.kind == RELAY_ERR) {
		buf_add(&guest.err, m.text, m.len);
	} else {
		assert_int_equal(m.kind, RELAY_EXIT);
		*code = m.code;
	}
	relay_release(&m);
	return ended;
}

static int finish(void)
{
	int code = -1;

	while (!took_end(&code))
		;
	return code;
}

static void begin_script(const char *script)
{
	char *argv[] = { "sh", "-c", (char *)script, NULL };

	begin(argv, false);
}

static int play(const char *script)
{
	begin_script(script);
	return finish();
}

/* Its exit code. */
static int ended(void)
{
	int status;

	assert_int_equal(waitpid(guest.pid, &status, 0), guest.pid);
	close(guest.port);
	buf_release(&guest.in);
	buf_release(&guest.out);
	buf_release(&guest.err);
	guest.pid = 0;
	if (WIFSIGNALED(status))
		fail_msg("killed by signal %d", WTERMSIG(status));
	return WEXITSTATUS(status);
}

static void halt(void)
{
	const struct relay_message m = { .kind = RELAY_HALT };

	send_message(&m);
	assert_int_equal(ended(), 0);
}

static int after_failure(void **state)
{
	(void)state;
	if (guest.pid > 0) {
		kill(guest.pid, SIGKILL);
		ended();
	}
	return 0;
}

/* Gone, or dead and nobody's: where the tests run, PID 1 may not reap orphans. */
static void expect_dead(pid_t pid)
{
	char path[64], text[512];
	int tries, fd;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	for (tries = 0; tries < 3000; tries++) {
		fd = open(path, O_RDONLY);
		n = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);
		if (fd >= 0)
			close(fd);
		if (n <= 0)
			return;
		text[n] = '\0';
		if (strstr(text, ") Z ") || strstr(text, ") X "))
			return;
		usleep(10000);
	}
	fail_msg("process %d lives on", (int)pid);
}

static void a_program_comes_back_as_lines_talk_and_exit_code(void **state)
{
	(void)state;
	start(NULL);
	expect_ready();
	assert_int_equal(play("printf 'a\\nb'; printf 'c\\n\\n'; echo talk >&2; exit 3"), 3);
	assert_string_equal(buf_text(&guest.out), "a|bc||");
	assert_string_equal(buf_text(&guest.err), "talk\n");
	assert_int_equal(play("exit 0"), 0);
	assert_string_equal(buf_text(&guest.out), "");
	assert_int_equal(play("kill -TERM $$"), 128 + SIGTERM);
	halt();
}

static void what_was_said_before_comes_right_after_ready(void **state)
{
	struct buf first = BUF_INIT;
	struct relay_message m;

	(void)state;
	buf_str(&first, "{\"call\":1,\"out\":\"counted\"}\n{\"call\":1,\"exit\":0}\n");
	start_with(NULL, &first);
	expect_ready();
	assert_int_equal(next(&m), 1);
	assert_int_equal(m.kind, RELAY_OUT);
	assert_string_equal(m.text, "counted");
	relay_release(&m);
	assert_int_equal(next(&m), 1);
	assert_int_equal(m.kind, RELAY_EXIT);
	relay_release(&m);
	guest.calls = 1;
	assert_int_equal(play("echo and it takes calls"), 0);
	assert_string_equal(buf_text(&guest.out), "and it takes calls|");
	halt();
	buf_release(&first);
}

static void lines_come_when_they_are_printed(void **state)
{
	uint64_t first, end;
	int code;

	(void)state;
	start(NULL);
	expect_ready();
	begin_script("echo a; sleep 0.5; echo b");
	assert_false(took_end(&code));
	first = clock_now_ns();
	assert_string_equal(buf_text(&guest.out), "a|");
	assert_int_equal(finish(), 0);
	end = clock_now_ns();
	assert_true(end - first > 300000000);
	halt();
}

static void foliobench_is_the_driver_itself(void **state)
{
	char *argv[] = { "foliobench", "run", "null", "caf\xe9", NULL };

	(void)state;
	start(NULL);
	begin(argv, false);	/* before it is ready is no fault */
	expect_ready();
	assert_int_equal(finish(), 0);
	assert_string_equal(buf_text(&guest.out), "run null caf\xe9|");
	halt();
}

static void programs_have_nothing_to_read_and_a_fixed_environment(void **state)
{
	char *argv[] = { "FOO=a b", "HOME=/root", "env", NULL };

	(void)state;
	setenv("LEAKED", "1", 1);
	start(NULL);
	expect_ready();
	assert_int_equal(play("cat; echo end; ls /proc/self/fd"), 0);
	assert_string_equal(buf_text(&guest.out), "end|0|1|2|3|");	/* 3 is ls's own */
	begin(argv, false);
	assert_int_equal(finish(), 0);
	assert_string_equal(buf_text(&guest.out),
			    "HOME=/root|PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin|"
			    "LC_ALL=C|TMPDIR=/tmp|FOO=a b|");
	halt();
}

static void signals_are_a_programs_own_again(void **state)
{
	(void)state;
	start(NULL);
	expect_ready();
	assert_int_equal(play("grep -E '^Sig(Blk|Ign)' /proc/self/status"), 0);
	assert_string_equal(buf_text(&guest.out), "SigBlk:\t0000000000000000|SigIgn:\t0000000000000000|");
	halt();
}

static void what_cannot_be_run_says_so(void **state)
{
	char *missing[] = { "no-such-program", NULL }, *data[] = { "/etc/passwd", NULL }, *none[] = { "A=1", NULL };

	(void)state;
	start(NULL);
	expect_ready();
	begin(missing, false);
	assert_int_equal(finish(), 127);
	assert_string_equal(buf_text(&guest.err),
			    "foliobench: error: run no-such-program: No such file or directory\n");
	begin(data, false);
	assert_int_equal(finish(), 126);
	assert_string_equal(buf_text(&guest.err), "foliobench: error: run /etc/passwd: Permission denied\n");
	begin(none, false);
	assert_int_equal(finish(), 2);
	begin(missing, true);
	assert_int_equal(finish(), 4);
	assert_string_equal(buf_text(&guest.err), "foliobench: error: this guest has no root directory of its host\n");
	assert_int_equal(play("echo on"), 0);
	halt();
}

/* Runs a program that starts another and prints its number. */
static pid_t begin_family(void)
{
	int code;

	begin_script("sleep 1000 & echo $!; wait");
	assert_false(took_end(&code));
	return (pid_t)strtol(buf_text(&guest.out), NULL, 10);
}

static void a_kill_ends_a_call_and_all_it_started(void **state)
{
	struct relay_message m = { .kind = RELAY_KILL };
	pid_t child;

	(void)state;
	start(NULL);
	expect_ready();
	child = begin_family();
	m.call = guest.calls + 1;
	send_message(&m);	/* another's, to be ignored */
	assert_int_equal(kill(child, 0), 0);
	m.call = guest.calls;
	send_message(&m);
	assert_int_equal(finish(), 128 + SIGKILL);
	expect_dead(child);
	send_message(&m);	/* too late, and no fault */
	assert_int_equal(play("echo next"), 0);
	assert_string_equal(buf_text(&guest.out), "next|");
	halt();
}

static void what_a_program_leaves_behind_ends_with_it(void **state)
{
	(void)state;
	start(NULL);
	expect_ready();
	assert_int_equal(play("sleep 1000 & echo $!"), 0);
	expect_dead((pid_t)strtol(buf_text(&guest.out), NULL, 10));
	halt();
}

static void one_that_left_the_group_keeps_nobody_waiting(void **state)
{
	uint64_t before;
	pid_t stray;

	(void)state;
	start(NULL);
	expect_ready();
	before = clock_now_ns();
	assert_int_equal(play("setsid sleep 25 & sleep 0.2; echo $!"), 0);
	assert_true(clock_now_ns() - before < 20000000000u);
	stray = (pid_t)strtol(buf_text(&guest.out), NULL, 10);
	assert_true(stray > 1);
	assert_int_equal(kill(stray, SIGKILL), 0);	/* it is there still, nobody having to wait for it */
	halt();
}

static void much_output_waits_for_a_slow_harness(void **state)
{
	const char *at;
	int i;

	(void)state;
	start(NULL);
	expect_ready();
	begin_script("yes 0123456789012345678901234567890123456789 | head -n 100000 | cat -n; echo end >&2");
	usleep(300000);
	assert_int_equal(finish(), 0);
	at = buf_text(&guest.out);
	for (i = 1; i <= 100000; i++) {
		if (strtol(at, NULL, 10) != i)
			fail_msg("line %d is %.60s", i, at);
		at = strchr(at, '|') + 1;
	}
	assert_string_equal(at, "");
	assert_string_equal(buf_text(&guest.err), "end\n");
	halt();
}

static void any_bytes_come_through(void **state)
{
	static const char expected[] = "\xff\0\x80" "a|\xc3|";

	(void)state;
	start(NULL);
	expect_ready();
	assert_int_equal(play("printf '\\377\\000\\200a\\n\\303\\n'; printf '\\303' >&2; sleep 0.1; printf '\\251' >&2"), 0);
	assert_int_equal(guest.out.len, sizeof(expected) - 1);
	assert_memory_equal(guest.out.s, expected, sizeof(expected) - 1);
	assert_string_equal(buf_text(&guest.err), "\xc3\xa9");
	halt();
}

static void the_longest_line_comes_and_a_longer_one_is_an_error(void **state)
{
	(void)state;
	start(NULL);
	expect_ready();
	assert_int_equal(play("head -c 1048576 /dev/zero | tr '\\0' x; echo"), 0);
	assert_int_equal(guest.out.len, RELAY_LINE_MAX + 1);
	assert_int_equal(play("echo a; head -c 1048577 /dev/zero | tr '\\0' x; echo; sleep 1000"), 4);
	assert_string_equal(buf_text(&guest.out), "a|");
	assert_string_equal(buf_text(&guest.err),
			    "foliobench: error: the program printed a line of more than 1 MiB, and was killed\n");
	assert_int_equal(play("echo after"), 0);
	assert_string_equal(buf_text(&guest.out), "after|");
	halt();
}

static void a_line_without_its_end_is_none(void **state)
{
	(void)state;
	start(NULL);
	expect_ready();
	assert_int_equal(play("echo whole; printf torn"), 0);
	assert_string_equal(buf_text(&guest.out), "whole|");
	assert_int_equal(play("echo next"), 0);
	assert_string_equal(buf_text(&guest.out), "next|");
	halt();
}

static void calls_may_come_in_pieces_or_together(void **state)
{
	static const char call[] = "{\"call\":1,\"argv\":[\"echo\",\"pieces\"]}\n";
	const char *at;

	(void)state;
	start(NULL);
	expect_ready();
	guest.calls = 1;
	for (at = call; *at; at++) {
		assert_int_equal(send(guest.port, at, 1, MSG_NOSIGNAL), 1);
		usleep(1000);
	}
	assert_int_equal(finish(), 0);
	assert_string_equal(buf_text(&guest.out), "pieces|");
	send_text("{\"kill\":1}\n{\"kill\":1}\n{\"halt\":true}\n{\"what\":1}\n");
	assert_int_equal(ended(), 0);
}

static void expect_fatal(const char *text)
{
	struct relay_message m;

	while (next(&m) && m.kind != RELAY_FATAL)
		relay_release(&m);
	assert_int_equal(m.kind, RELAY_FATAL);
	if (!strstr(m.text, text))
		fail_msg("not \"%s\" but \"%s\"", text, m.text);
	relay_release(&m);
	assert_int_equal(next(&m), 0);
	assert_int_equal(ended(), 4);
}

static void nonsense_from_the_harness_is_fatal(void **state)
{
	static const char *const bad[][2] = {
		{ "nonsense\n", "cannot read what the harness says: the line is not JSON" },
		{ "\n", "cannot read what the harness says" },
		{ "{\"call\":1,\"argv\":[]}\n", "argv: no program" },
		{ "{\"call\":1,\"out\":\"x\"}\n", "as if it were the guest" },
		{ "{\"call\":1,\"argv\":[\"sleep\",\"1000\"]}\n{\"call\":2,\"argv\":[\"true\"]}\n",
		  "call 2 came while call 1 ran" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		start(NULL);
		expect_ready();
		send_text(bad[i][0]);
		expect_fatal(bad[i][1]);
	}
}

static void a_line_without_end_from_the_harness_is_fatal(void **state)
{
	char *blanks = xcalloc(1, RELAY_WIRE_MAX + 2);

	(void)state;
	memset(blanks, ' ', RELAY_WIRE_MAX + 1);
	start(NULL);
	expect_ready();
	send_text(blanks);
	free(blanks);
	expect_fatal("a line of more than");
}

static void a_halt_ends_what_runs(void **state)
{
	pid_t child;

	(void)state;
	start(NULL);
	expect_ready();
	child = begin_family();
	halt();
	expect_dead(child);
}

static void a_harness_that_is_gone_ends_what_runs(void **state)
{
	pid_t child;

	(void)state;
	start(NULL);
	expect_ready();
	child = begin_family();
	shutdown(guest.port, SHUT_RDWR);
	assert_int_equal(ended(), 0);
	expect_dead(child);
}

static long ticks(pid_t pid)
{
	struct buf text = BUF_INIT;
	char path[64];
	long user = 0, system = 0;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	assert_int_equal(buf_read_file(&text, path), 0);
	assert_int_equal(sscanf(strrchr(text.s, ')'), ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %ld %ld",
				&user, &system), 2);
	buf_release(&text);
	return user + system;
}

static void it_sleeps_while_a_program_runs(void **state)
{
	long before;

	(void)state;
	start(NULL);
	expect_ready();
	begin_script("exec >&- 2>&-; sleep 1");	/* closed pipes are nothing to wake up for either */
	usleep(300000);
	before = ticks(guest.pid);
	assert_int_equal(finish(), 0);
	assert_true(ticks(guest.pid) - before <= 20);
	halt();
}

static void why_there_is_no_guest_is_said(void **state)
{
	struct relay_message m;
	int ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	guest.port = ends[0];
	serve_fatal(ends[1], "no \xff module");
	close(ends[1]);
	assert_int_equal(next(&m), 1);
	assert_int_equal(m.kind, RELAY_FATAL);
	assert_string_equal(m.text, "no \xff module");
	relay_release(&m);
	assert_int_equal(next(&m), 0);
	close(guest.port);
	buf_release(&guest.in);
}

/* The rest needs chroot(). */
static void need_root(void)
{
	if (!geteuid())
		return;
	print_message("# skipped: not root\n");
	skip();
}

static void calls_in_the_root_have_its_streams(void **state)
{
	struct call_place place = { .driver = "/bin/echo", .root = "/", .cwd = "/no/such/directory" };
	char *argv[] = { NULL }, text[256];
	int in[2], out[2], errs[2];

	(void)state;
	need_root();
	assert_int_equal(pipe2(in, O_CLOEXEC) | pipe2(out, O_CLOEXEC) | pipe2(errs, O_CLOEXEC), 0);
	place.stdio[0] = in[0];
	place.stdio[1] = out[1];
	place.stdio[2] = errs[1];
	assert_int_equal(write(in[1], "pwd; exit 7\n", 12), 12);
	close(in[1]);
	start(&place);
	expect_ready();
	begin(argv, true);
	assert_int_equal(finish(), 7);
	assert_string_equal(buf_text(&guest.out), "");
	memset(text, 0, sizeof(text));
	assert_int_equal(read(out[0], text, sizeof(text) - 1), 2);
	assert_string_equal(text, "/\n");
	memset(text, 0, sizeof(text));
	assert_true(read(errs[0], text, sizeof(text) - 1) > 0);
	assert_string_equal(text, "foliobench: warning: /no/such/directory: No such file or directory; in / instead\n");
	halt();
	close(in[0]);
	close(out[0]);
	close(out[1]);
	close(errs[0]);
	close(errs[1]);
}

static void calls_on_a_terminal_have_a_session_and_a_window(void **state)
{
	struct call_place place = { .driver = "/bin/echo", .root = "/", .cwd = "/tmp" };
	char *argv[] = { "TERM=vt100", "LINES=33", "COLUMNS=99", "sh", "-c",
			 "tty; stty size; pwd; echo $TERM $LINES; cut -d' ' -f8 /proc/$$/stat; echo $$", NULL };
	char expected[256], text[512] = "", *end;
	int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), slave;
	long foreground;
	size_t len = 0;
	ssize_t n;

	(void)state;
	need_root();
	assert_true(terminal >= 0);
	assert_int_equal(grantpt(terminal) | unlockpt(terminal), 0);
	place.terminal = ptsname(terminal);
	slave = open(place.terminal, O_RDWR | O_NOCTTY | O_CLOEXEC);	/* else what is said is lost with the last end */
	start(&place);
	expect_ready();
	begin(argv, true);
	assert_int_equal(finish(), 0);
	fcntl(terminal, F_SETFL, O_NONBLOCK);
	while ((n = read(terminal, text + len, sizeof(text) - 1 - len)) > 0)
		len += (size_t)n;
	text[len] = '\0';
	snprintf(expected, sizeof(expected), "%s\r\n33 99\r\n/tmp\r\nvt100\r\n", place.terminal);
	assert_memory_equal(text, expected, strlen(expected));
	/* its own session's foreground: both numbers are the same */
	foreground = strtol(text + strlen(expected), &end, 10);
	assert_true(foreground > 0);
	assert_int_equal(strtol(end, NULL, 10), foreground);
	halt();
	close(slave);
	close(terminal);
}

#define TEST(f) cmocka_unit_test_teardown(f, after_failure)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_program_comes_back_as_lines_talk_and_exit_code),
		TEST(what_was_said_before_comes_right_after_ready),
		TEST(lines_come_when_they_are_printed),
		TEST(foliobench_is_the_driver_itself),
		TEST(programs_have_nothing_to_read_and_a_fixed_environment),
		TEST(signals_are_a_programs_own_again),
		TEST(what_cannot_be_run_says_so),
		TEST(a_kill_ends_a_call_and_all_it_started),
		TEST(what_a_program_leaves_behind_ends_with_it),
		TEST(one_that_left_the_group_keeps_nobody_waiting),
		TEST(much_output_waits_for_a_slow_harness),
		TEST(any_bytes_come_through),
		TEST(the_longest_line_comes_and_a_longer_one_is_an_error),
		TEST(a_line_without_its_end_is_none),
		TEST(calls_may_come_in_pieces_or_together),
		TEST(nonsense_from_the_harness_is_fatal),
		TEST(a_line_without_end_from_the_harness_is_fatal),
		TEST(a_halt_ends_what_runs),
		TEST(a_harness_that_is_gone_ends_what_runs),
		TEST(it_sleeps_while_a_program_runs),
		TEST(why_there_is_no_guest_is_said),
		TEST(calls_in_the_root_have_its_streams),
		TEST(calls_on_a_terminal_have_a_session_and_a_window),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
