/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "lib/buf.h"
#include "lib/child.h"
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

/* Runs a shell script as the child, with our stderr caught. */
static int play(struct child_call *call, const char *script)
{
	const char *const argv[] = { "/bin/sh", "-c", script, NULL };
	int saved = dup(2), ret, n = 0;
	FILE *e = tmpfile();
	char text[4096];
	size_t got;

	call->argv = argv;
	buf_reset(&lines);
	buf_reset(&talk);
	dup2(fileno(e), 2);
	ret = child_run(call, take, &n);
	fflush(stderr);
	dup2(saved, 2);
	close(saved);
	rewind(e);
	got = fread(text, 1, sizeof(text), e);
	buf_add(&talk, text, got);
	fclose(e);
	return ret;
}

/* Expected: its exit code. Buggy: with SIGCHLD ignored by whoever started us, every child ended well. */
static void a_failure_is_seen_where_sigchld_was_ignored(void **state)
{
	struct child_call call = { .limit_ns = 0 };

	(void)state;
	signal(SIGCHLD, SIG_IGN);
	assert_int_equal(play(&call, "echo no >&2; exit 3"), 3);
	signal(SIGCHLD, SIG_IGN);
	call.family = true;
	assert_int_equal(play(&call, "echo no >&2; exit 3"), 3);
}

static double seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void lines_come_one_by_one_however_they_were_written(void **state)
{
	struct child_call call = { 0 };

	(void)state;
	assert_int_equal(play(&call, "printf 'a\\nb'; sleep 0.05; printf 'c\\n\\n'; printf torn"), EXIT_ACCEPT);
	assert_string_equal(buf_text(&lines), "a|bc||");
	assert_string_equal(buf_text(&talk), "");
}

static void long_output_is_not_lost(void **state)
{
	struct child_call call = { 0 };

	(void)state;
	assert_int_equal(play(&call, "i=0; while [ $i -lt 3000 ]; do echo $i-0123456789012345678901234567890123456789;"
			      " echo noise >&2; i=$((i+1)); done"), EXIT_ACCEPT);
	assert_non_null(strstr(buf_text(&lines), "|2999-0123456789"));
}

static void the_childs_own_exit_code_and_words_are_passed_on(void **state)
{
	struct child_call call = { 0 };

	(void)state;
	assert_int_equal(play(&call, "echo 'old talk' >&2; echo 'driver: error: no' >&2; exit 2"), EXIT_USAGE);
	assert_string_equal(buf_text(&talk), "old talk\ndriver: error: no\n");
	assert_int_equal(play(&call, "for i in 1 2 3 4 5 6 7 8; do echo line $i >&2; done; exit 4"), EXIT_CANNOT);
	assert_string_equal(buf_text(&talk), "line 4\nline 5\nline 6\nline 7\nline 8\n");
}

static void talk_of_a_child_that_succeeds_goes_to_the_log_only(void **state)
{
	char path[] = "/tmp/foliobench-log-XXXXXX";
	struct child_call call = { .log = path };
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

static void a_child_killed_by_a_signal_is_an_error(void **state)
{
	struct child_call call = { 0 };

	(void)state;
	assert_int_equal(play(&call, "echo last words >&2; kill -SEGV $$"), EXIT_CANNOT);
	assert_non_null(strstr(buf_text(&talk), "killed by signal 11"));
	assert_non_null(strstr(buf_text(&talk), "last words"));
}

static void a_child_that_does_not_end_is_killed(void **state)
{
	struct child_call call = { .limit_ns = 300000000 };
	double began = seconds();

	(void)state;
	assert_int_equal(play(&call, "exec sleep 30"), EXIT_CANNOT);
	assert_true(seconds() - began < 5);
	assert_non_null(strstr(buf_text(&talk), "ran longer than 0.3 s and was killed"));
}

/* Expected: its exit code is said. Buggy: a run ended with 4 and not a word of why. */
static void a_child_that_fails_without_a_word_is_an_error(void **state)
{
	struct buf why = BUF_INIT;
	struct child_call call = { 0 };

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
static void a_child_that_closes_its_output_and_lives_on_is_killed(void **state)
{
	struct child_call call = { .limit_ns = 300000000 };
	double began = seconds();

	(void)state;
	assert_int_equal(play(&call, "exec sleep 30 >&- 2>&-"), EXIT_CANNOT);
	assert_true(seconds() - began < 5);
	assert_non_null(strstr(buf_text(&talk), "ran longer than 0.3 s and was killed"));
}

/* Expected: refused. Buggy: kept in memory, however much came. */
static void a_line_without_end_is_refused(void **state)
{
	struct child_call call = { 0 };

	(void)state;
	assert_int_equal(play(&call, "exec tr '\\000' x </dev/zero"), EXIT_CANNOT);
	assert_non_null(strstr(buf_text(&talk), "without an end of line"));
	assert_string_equal(buf_text(&lines), "");
}

/* Expected: the log stops at 1 MiB, the last words are kept. Buggy: both grew without limit. */
static void a_flood_of_talk_fills_neither_log_nor_memory(void **state)
{
	char path[] = "/tmp/foliobench-log-XXXXXX";
	struct child_call call = { .log = path };
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
	assert_non_null(strstr(buf_text(&log), "[more was said than is kept]"));
	unlink(path);
	buf_release(&log);
}

static void a_refused_line_ends_the_child(void **state)
{
	struct child_call call = { 0 };
	double began = seconds();

	(void)state;
	limit = 1;
	assert_int_equal(play(&call, "echo a; echo b; echo c; exec sleep 30"), EXIT_CANNOT);
	limit = 0;
	assert_true(seconds() - began < 5);
	assert_string_equal(buf_text(&lines), "a|b|");
	assert_string_equal(buf_text(&talk), "");	/* whoever refused has said why */
}

static void a_set_stop_flag_ends_the_child(void **state)
{
	volatile sig_atomic_t flag = 1;
	struct child_call call = { .stop = &flag };
	double began = seconds();

	(void)state;
	assert_int_equal(play(&call, "exec sleep 30"), EXIT_CANNOT);
	assert_true(seconds() - began < 5);
}

static void a_child_that_cannot_be_started_is_named(void **state)
{
	const char *const argv[] = { "/nonexistent/foliobench", NULL };
	struct buf why = BUF_INIT;
	struct child_call call = { .argv = argv, .talk = &why };
	struct child c;
	int n = 0;

	(void)state;
	assert_int_equal(child_run(&call, take, &n), EXIT_CANNOT);
	assert_non_null(strstr(buf_text(&why), "run /nonexistent/foliobench: No such file or directory"));
	assert_int_equal(child_start(&c, &(struct child_spec){ .argv = argv }), -1);
	assert_int_equal(c.pid, 0);
	child_stop(&c);
	buf_release(&why);
}

static void input_environment_and_directory_are_as_asked_for(void **state)
{
	static const char *const env[] = { "FOLIO=a=b", "HOME", NULL };
	struct child_call call = { .env = env, .dir = "/usr", .input = "one\ntwo\n", .input_len = 8 };

	(void)state;
	assert_int_equal(play(&call, "cat; pwd; echo \"$FOLIO\" \"${HOME-unset}\""), EXIT_ACCEPT);
	assert_string_equal(buf_text(&lines), "one|two|/usr|a=b unset|");
	call.dir = "/nonexistent";
	assert_int_equal(play(&call, "true"), EXIT_CANNOT);
	assert_non_null(strstr(buf_text(&talk), "go to /nonexistent: No such file"));
}

static void a_childs_whole_output_is_read_as_it_is(void **state)
{
	static const char *const argv[] = { "printf", "a\\nb\\0c", NULL };
	struct buf out = BUF_INIT;

	(void)state;
	assert_int_equal(child_read(&(struct child_call){ .argv = argv }, &out), EXIT_ACCEPT);
	assert_int_equal(out.len, 5);
	assert_memory_equal(out.s, "a\nb\0c", 5);
	buf_release(&out);
}

static bool alive(pid_t pid)
{
	struct buf stat = BUF_INIT;
	char path[64];
	bool lives;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	lives = !buf_read_file(&stat, path) && !strstr(buf_text(&stat), ") Z ");
	buf_release(&stat);
	return lives;
}

static bool dies(pid_t pid)
{
	double began = seconds();

	while (alive(pid) && seconds() - began < 5)
		usleep(1000);
	return !alive(pid);
}

/* The numbers that the script printed. */
static size_t pids(pid_t *pid, size_t max)
{
	const char *at = buf_text(&lines);
	size_t n = 0;

	for (; *at && n < max; at = strchr(at, '|') + 1)
		pid[n++] = atoi(at);
	return n;
}

#define STRAYS "sleep 60 & echo $!; setsid sleep 60 & echo $!; (sleep 60 & echo $!);"

static void a_family_ends_with_its_head(void **state)
{
	struct child_call call = { .family = true };
	pid_t pid[3];
	size_t n, i;

	(void)state;
	assert_int_equal(play(&call, STRAYS "exit 3"), 3);
	n = pids(pid, 3);
	assert_int_equal(n, 3);
	for (i = 0; i < n; i++)
		assert_true(dies(pid[i]));
	assert_int_equal(play(&call, "kill -SEGV $$"), EXIT_CANNOT);
	assert_non_null(strstr(buf_text(&talk), "killed by signal 11"));
}

static void a_family_ends_when_it_is_told_to(void **state)
{
	struct child_call call = { .family = true, .limit_ns = 300000000 };
	pid_t pid[3];
	size_t n, i;

	(void)state;
	assert_int_equal(play(&call, STRAYS "sleep 60"), EXIT_CANNOT);
	n = pids(pid, 3);
	assert_int_equal(n, 3);
	for (i = 0; i < n; i++)
		assert_true(dies(pid[i]));
}

/* Expected: nothing is left. Buggy: make went on after a kill -9 of the harness. */
static void a_family_ends_when_its_parent_is_killed(void **state)
{
	char path[] = "/tmp/foliobench-pids-XXXXXX", script[256];
	const char *const argv[] = { "/bin/sh", "-c", script, NULL };
	int fd = mkstemp(path), status;
	struct buf text = BUF_INIT;
	double began = seconds();
	pid_t pid[3], parent;
	size_t n, i;

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	snprintf(script, sizeof(script), "exec >%s; " STRAYS "sleep 60", path);
	parent = fork();
	if (!parent) {
		child_run(&(struct child_call){ .argv = argv, .family = true }, NULL, NULL);
		_exit(0);
	}
	do {
		usleep(1000);
		buf_reset(&text);
		assert_int_equal(buf_read_file(&text, path), 0);
		buf_reset(&lines);
		for (n = i = 0; i < text.len; i++) {
			buf_ch(&lines, text.s[i] == '\n' ? '|' : text.s[i]);
			n += text.s[i] == '\n';
		}
	} while (n < 3 && seconds() - began < 10);
	assert_int_equal(n, 3);
	kill(parent, SIGKILL);
	waitpid(parent, &status, 0);
	pids(pid, 3);
	for (i = 0; i < 3; i++)
		assert_true(dies(pid[i]));
	unlink(path);
	buf_release(&text);
}

/* valgrind 3.19 does not know the call. */
static void need_pidfds(void)
{
	int fd = (int)syscall(SYS_pidfd_open, getpid(), 0);

	if (fd < 0) {
		print_message("no pidfd_open() here\n");
		skip();
	}
	close(fd);
}

/* Reads until the end of what the child wrote. */
static void read_all(int fd, struct buf *out)
{
	char chunk[512];
	ssize_t n;

	while ((n = read(fd, chunk, sizeof(chunk))) > 0)
		buf_add(out, chunk, (size_t)n);
}

static void a_started_child_has_the_descriptors_it_was_given_and_no_others(void **state)
{
	static const char *const argv[] = {
		"/bin/sh", "-c", "cat <&7 >&5; echo $(ls /proc/self/fd) >&5", NULL };
	int in[2], out[2], other = open("/dev/null", O_RDONLY);
	struct child_fd fd[2];
	struct buf got = BUF_INIT;
	struct child c;

	(void)state;
	need_pidfds();
	assert_int_equal(pipe(in) | pipe(out), 0);
	/* one's new number may be another's old one */
	fd[0] = (struct child_fd){ .from = in[0], .to = 7 };
	fd[1] = (struct child_fd){ .from = out[1], .to = 5 };
	assert_int_equal(child_start(&c, &(struct child_spec){ .argv = argv, .fd = fd, .nfds = 2 }), 0);
	close(out[1]);
	close(in[0]);
	assert_int_equal(write(in[1], "hello ", 6), 6);
	close(in[1]);
	read_all(out[0], &got);
	/* 3 is ls's own */
	assert_string_equal(buf_text(&got), "hello 0 1 2 3 5 7\n");
	close(out[0]);
	close(other);
	child_stop(&c);
	buf_release(&got);
}

static void a_started_child_is_seen_to_end_and_is_stopped(void **state)
{
	static const char *const ends[] = { "sh", "-c", "exit 7", NULL }, *const stays[] = { "sleep", "60", NULL };
	struct pollfd p;
	struct child c;
	int status;
	pid_t pid;

	(void)state;
	need_pidfds();
	assert_int_equal(child_start(&c, &(struct child_spec){ .argv = ends }), 0);
	p = (struct pollfd){ .fd = c.pidfd, .events = POLLIN };
	assert_int_equal(poll(&p, 1, 10000), 1);
	status = child_stop(&c);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 7);
	assert_int_equal(child_start(&c, &(struct child_spec){ .argv = stays }), 0);
	pid = c.pid;
	status = child_stop(&c);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	assert_false(alive(pid));
	assert_int_equal(child_stop(&c), 0);
}

static void a_started_child_is_reaped_where_sigchld_was_ignored(void **state)
{
	static const char *const argv[] = { "sleep", "100", NULL };
	struct child c;

	(void)state;
	need_pidfds();
	signal(SIGCHLD, SIG_IGN);
	assert_int_equal(child_start(&c, &(struct child_spec){ .argv = argv }), 0);
	assert_true(WIFSIGNALED(child_stop(&c)));
}

static void a_started_child_dies_with_its_parent_whoever_it_runs_as(void **state)
{
	static const char *const argv[] = { "sleep", "60", NULL };
	const struct child_spec spec = { .argv = argv, .drop = true };
	int report[2], status;
	pid_t parent, pid = 0;
	struct stat st;
	char path[64];
	struct child c;

	(void)state;
	need_pidfds();
	assert_int_equal(pipe(report), 0);
	parent = fork();
	if (!parent) {
		if (child_start(&c, &spec) || write(report[1], &c.pid, sizeof(c.pid)) < 0)
			_exit(1);
		pause();
	}
	close(report[1]);
	assert_int_equal(read(report[0], &pid, sizeof(pid)), sizeof(pid));
	snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	assert_int_equal(stat(path, &st), 0);
	assert_int_not_equal(st.st_uid, 0);	/* nobody, or whoever runs this test */
	kill(parent, SIGKILL);
	waitpid(parent, &status, 0);
	assert_true(dies(pid));
	close(report[0]);
}

static void a_program_is_found_in_path_or_not(void **state)
{
	(void)state;
	assert_true(child_exists("sh"));
	assert_true(child_exists("/bin/sh"));
	assert_false(child_exists("no-such-program-as-this"));
	assert_false(child_exists("/bin/no-such-program"));
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
		cmocka_unit_test(the_childs_own_exit_code_and_words_are_passed_on),
		cmocka_unit_test(talk_of_a_child_that_succeeds_goes_to_the_log_only),
		cmocka_unit_test(a_child_killed_by_a_signal_is_an_error),
		cmocka_unit_test(a_child_that_does_not_end_is_killed),
		cmocka_unit_test(a_child_that_fails_without_a_word_is_an_error),
		cmocka_unit_test(a_child_that_closes_its_output_and_lives_on_is_killed),
		cmocka_unit_test(a_line_without_end_is_refused),
		cmocka_unit_test(a_flood_of_talk_fills_neither_log_nor_memory),
		cmocka_unit_test(a_refused_line_ends_the_child),
		cmocka_unit_test(a_set_stop_flag_ends_the_child),
		cmocka_unit_test(a_child_that_cannot_be_started_is_named),
		cmocka_unit_test(input_environment_and_directory_are_as_asked_for),
		cmocka_unit_test(a_childs_whole_output_is_read_as_it_is),
		cmocka_unit_test(a_family_ends_with_its_head),
		cmocka_unit_test(a_family_ends_when_it_is_told_to),
		cmocka_unit_test(a_family_ends_when_its_parent_is_killed),
		cmocka_unit_test(a_started_child_has_the_descriptors_it_was_given_and_no_others),
		cmocka_unit_test(a_failure_is_seen_where_sigchld_was_ignored),
		cmocka_unit_test(a_started_child_is_seen_to_end_and_is_stopped),
		cmocka_unit_test(a_started_child_is_reaped_where_sigchld_was_ignored),
		cmocka_unit_test(a_started_child_dies_with_its_parent_whoever_it_runs_as),
		cmocka_unit_test(a_program_is_found_in_path_or_not),
	};

	return cmocka_run_group_tests_name("child", tests, NULL, release);
}
