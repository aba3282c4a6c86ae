/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/store/run.h"

#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include <cmocka.h>

#include "lib/err.h"
#include "tests/unit/scratch.h"

static char *results;	/* a fresh name for every test; not there yet */

static int setup(void **state)
{
	static int n;

	(void)state;
	results = xasprintf("%s/results-%d", scratch_dir, n++);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	scratch_remove(results);
	free(results);
	return 0;
}

static void assert_says(const char *said, const char *part)
{
	if (!strstr(said, part))
		fail_msg("\"%s\" is not in: %s", part, said);
}

/* A run directory with a plan, of that very name. */
static void make_run(const char *id)
{
	char *dir = xasprintf("%s/%s", results, id), *plan = xasprintf("%s/plan.json", dir);

	mkdir(results, 0777);
	assert_int_equal(mkdir(dir, 0777), 0);
	scratch_write(plan, "{}\n", 3);
	free(plan);
	free(dir);
}

static void create(struct run *r, const char *job)
{
	assert_int_equal(run_create(r, results, job), 0);
	assert_int_equal(run_write_file(r, "plan.json", "{}\n", 3), 0);
}

static void assert_holds(const struct run *r, const char *name, const char *text)
{
	struct buf b = BUF_INIT;

	assert_int_equal(run_read_file(r, name, &b), 0);
	assert_string_equal(buf_text(&b), text);
	buf_release(&b);
}

static void assert_opens(const char *what, const char *id)
{
	struct run r;

	assert_int_equal(run_open(&r, results, what), 0);
	assert_string_equal(r.id, id);
	assert_true(r.dir >= 0);
	assert_int_equal(r.samples, -1);
	assert_int_equal(r.lock, -1);
	run_close(&r);
}

static void assert_open_fails(const char *what, const char *says)
{
	struct run r;
	int ret;

	scratch_listen();
	ret = run_open(&r, results, what);
	assert_says(scratch_heard(), says);
	assert_int_equal(ret, -1);
}

static bool is_there(const char *name)
{
	char *path = xasprintf("%s/%s", results, name);
	struct stat st;
	bool there = !lstat(path, &st);

	free(path);
	return there;
}

static int wait_for(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

/* Creating */

static void a_new_run_has_its_parts(void **state)
{
	struct run r;
	struct stat st;

	(void)state;
	assert_int_equal(run_create(&r, results, "reads"), 0);
	assert_true(run_started(r.id) >= time(NULL) - 5 && run_started(r.id) <= time(NULL));
	assert_string_equal(r.id + 19, "-reads");
	assert_int_equal(fstatat(r.dir, "samples.jsonl", &st, 0), 0);
	assert_int_equal(st.st_size, 0);
	assert_int_equal(fstatat(r.dir, "logs", &st, 0), 0);
	assert_int_equal(fstatat(r.dir, "report", &st, 0), 0);
	run_close(&r);
}

static void the_results_directory_is_made_with_its_parents(void **state)
{
	char *deep = xasprintf("%s/a//b/c/", results), *id;
	struct run r;

	(void)state;
	assert_int_equal(run_create(&r, deep, "reads"), 0);
	assert_null(strstr(r.path, "c//"));
	id = xasprintf("a/b/c/%s", r.id);
	assert_true(is_there(id));
	run_close(&r);
	free(id);
	free(deep);
}

static void a_taken_id_gets_a_number(void **state)
{
	time_t now = time(NULL);
	char id[64];
	struct run r, s;
	int i;

	(void)state;
	mkdir(results, 0777);
	for (i = 0; i < 4; i++, now++) {
		strftime(id, sizeof(id), "%Y-%m-%dT%H-%M-%S-reads", gmtime(&now));
		make_run(id);
	}
	create(&r, "reads");
	assert_string_equal(r.id + 19, "-reads-2");
	create(&s, "reads");
	assert_true(!strcmp(s.id + 19, "-reads-3") || strncmp(s.id, r.id, 19));
	run_close(&r);
	run_close(&s);
}

static void a_job_name_never_leaves_the_results_directory(void **state)
{
	static const char *const name[][2] = {
		{ "../../etc", "-.._.._etc" }, { "a b\nc", "-a_b_c" }, { "", "-run" }, { "/", "-_" },
		{ "l\xc3\xa4nge", "-l__nge" },
	};
	char *longest = xasprintf("%0300d", 1);
	struct run r;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(name) / sizeof(name[0]); i++) {
		assert_int_equal(run_create(&r, results, name[i][0]), 0);
		assert_string_equal(r.id + 19, name[i][1]);
		assert_true(is_there(r.id));
		run_close(&r);
	}
	assert_int_equal(run_create(&r, results, longest), 0);
	assert_true(strlen(r.id) < 240);
	run_close(&r);
	free(longest);
}

static void results_that_are_a_file_are_refused(void **state)
{
	struct run r;
	char *below = xasprintf("%s/below", results);

	(void)state;
	scratch_write(results, "x", 1);
	scratch_listen();
	assert_int_equal(run_create(&r, results, "reads"), -1);
	assert_says(scratch_heard(), "not a directory");
	scratch_listen();
	assert_int_equal(run_create(&r, below, "reads"), -1);
	assert_says(scratch_heard(), "not a directory");
	assert_open_fails("last", "not a directory");
	free(below);
}

/* In a child that may not write: root may everything. 0 where the run was refused with the right words. */
static int create_unprivileged(void)
{
	struct run r;

	if (!getuid() && (setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534)))
		return 2;
	if (!run_create(&r, results, "reads"))
		return 3;
	return 0;
}

static void an_unwritable_directory_is_said_with_a_remedy(void **state)
{
	const char *said;
	pid_t pid;
	int status;

	(void)state;
	mkdir(results, 0777);
	chmod(scratch_dir, 0755);
	chmod(results, 0555);
	scratch_listen();
	pid = fork();
	if (!pid)
		_exit(create_unprivileged());
	status = wait_for(pid);
	said = scratch_heard();
	assert_int_equal(status, 0);
	assert_says(said, "Permission denied");
	assert_says(said, "--results");
	assert_says(said, results);
}

static void many_processes_get_runs_of_their_own(void **state)
{
	enum { N = 8 };
	pid_t pid[N];
	struct run r;
	char **ids;
	size_t n, i;

	(void)state;
	for (i = 0; i < N; i++) {
		pid[i] = fork();
		if (!pid[i])
			_exit(run_create(&r, results, "reads") || run_write_file(&r, "plan.json", "{}", 2));
	}
	for (i = 0; i < N; i++)
		assert_int_equal(wait_for(pid[i]), 0);
	assert_int_equal(run_list(results, &ids, &n), 0);
	assert_int_equal(n, N);
	while (n--)
		free(ids[n]);
	free(ids);
}

/* Finding */

static void last_is_the_newest(void **state)
{
	(void)state;
	make_run("2026-01-02T03-04-05-b");
	make_run("2026-01-02T03-04-05-b-10");
	make_run("2026-01-02T03-04-05-b-9");
	make_run("2025-12-31T23-59-59-z");
	assert_opens("last", "2026-01-02T03-04-05-b-10");
}

static void a_renamed_run_is_found_but_never_last(void **state)
{
	(void)state;
	make_run("zzz-baseline");
	assert_opens("last", "zzz-baseline");
	make_run("2026-01-02T03-04-05-b");
	assert_opens("last", "2026-01-02T03-04-05-b");
	assert_opens("zzz-baseline", "zzz-baseline");
}

static void last_without_runs_says_how_to_make_one(void **state)
{
	(void)state;
	assert_open_fails("last", "no runs yet; `foliogate run JOB` makes one");
	mkdir(results, 0777);
	assert_open_fails("last", "no runs yet");
	assert_open_fails("anything", "nor any other");
}

static void a_run_is_found_by_id_beginning_and_path(void **state)
{
	char *path, *absolute, *slashes, cwd[512];

	(void)state;
	make_run("2026-01-02T03-04-05-reads");
	make_run("2026-01-02T03-04-06-reads");
	make_run("2026-01-02T03-04-05-reads-2");
	path = xasprintf("%s/2026-01-02T03-04-05-reads", results);
	slashes = xasprintf("%s//", path);
	absolute = realpath(path, NULL);
	assert_opens("2026-01-02T03-04-05-reads", "2026-01-02T03-04-05-reads");
	assert_opens("2026-01-02T03-04-05-reads/", "2026-01-02T03-04-05-reads");
	assert_opens("2026-01-02T03-04-06", "2026-01-02T03-04-06-reads");
	assert_opens(path, "2026-01-02T03-04-05-reads");
	assert_opens(slashes, "2026-01-02T03-04-05-reads");
	assert_opens(absolute, "2026-01-02T03-04-05-reads");
	assert_non_null(getcwd(cwd, sizeof(cwd)));
	assert_int_equal(chdir(path), 0);
	assert_opens(".", "2026-01-02T03-04-05-reads");
	assert_opens("../2026-01-02T03-04-06-reads", "2026-01-02T03-04-06-reads");
	assert_opens("..//2026-01-02T03-04-06-reads//", "2026-01-02T03-04-06-reads");
	assert_int_equal(chdir(cwd), 0);
	free(absolute);
	free(slashes);
	free(path);
}

static void what_is_no_run_is_told_apart(void **state)
{
	char *path = xasprintf("%s/missing", results), *file = xasprintf("%s/file", results);
	char *dir = xasprintf("%s/dir", results), *plan = xasprintf("%s/dir/plan.json", results);

	(void)state;
	make_run("2026-01-02T03-04-05-reads");
	make_run("2026-01-02T03-04-06-reads");
	scratch_write(file, "x", 1);
	mkdir(dir, 0777);
	assert_open_fails("", "no run named");
	assert_open_fails("2026", "is the beginning of 2 runs");
	assert_open_fails("2026-01-02T03-04-05-raeds", "did you mean '2026-01-02T03-04-05-reads'?");
	assert_open_fails("writes", "the newest is 2026-01-02T03-04-06-reads");
	assert_open_fails(path, "no such directory");
	assert_open_fails("file", "a file, where a run's directory was expected");
	assert_open_fails(file, "a file, where a run's directory was expected");
	assert_open_fails("dir", "no plan.json in it");
	assert_open_fails("/", "no plan.json in it");
	assert_open_fails("..", "no plan.json in it");
	mkdir(plan, 0777);
	assert_open_fails("dir", "no plan.json in it");
	free(plan);
	free(dir);
	free(file);
	free(path);
}

static void junk_is_not_listed(void **state)
{
	char *path, **ids;
	size_t n;

	(void)state;
	make_run("2026-01-02T03-04-05-reads");
	make_run(".2026-01-02T03-04-05-hidden");
	path = xasprintf("%s/2026-01-02T03-04-07-file", results);
	scratch_write(path, "x", 1);
	free(path);
	path = xasprintf("%s/2026-01-02T03-04-08-loop", results);
	assert_int_equal(symlink("2026-01-02T03-04-08-loop", path), 0);
	free(path);
	path = xasprintf("%s/2026-01-02T03-04-09-fifo", results);
	assert_int_equal(mkfifo(path, 0666), 0);
	free(path);
	assert_int_equal(run_list(results, &ids, &n), 0);
	assert_int_equal(n, 1);
	assert_string_equal(ids[0], "2026-01-02T03-04-05-reads");
	free(ids[0]);
	free(ids);
}

static void an_id_says_when_the_run_began(void **state)
{
	(void)state;
	assert_int_equal(run_started("2026-11-21T11-02-03-x"), 1795258923);
	assert_int_equal(run_started("1970-01-01T00-00-00"), 0);
	assert_int_equal(run_started(""), -1);
	assert_int_equal(run_started("2026-11-21"), -1);
	assert_int_equal(run_started("2026-1-21T11-02-03-x"), -1);
	assert_int_equal(run_started("2026-13-21T11-02-03-x"), -1);
	assert_int_equal(run_started("baseline-2026-11-21T11-02-03"), -1);
}

/* The writer's lock */

/* A child that holds the run open for writing until it is killed. */
static pid_t spawn_writer(const char *id)
{
	struct run r;
	int ready[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (!pid) {
		if (run_resume(&r, results, id) || write(ready[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	close(ready[1]);
	return pid;
}

static void a_second_writer_is_told_who_the_first_is(void **state)
{
	const char *id = "2026-01-02T03-04-05-reads";
	const char *said;
	struct run r;
	char *who;
	pid_t pid;

	(void)state;
	make_run(id);
	assert_int_equal(run_writer(results, id), 0);
	pid = spawn_writer(id);
	assert_int_equal(run_writer(results, id), pid);
	who = xasprintf("process %d is writing this run", (int)pid);
	scratch_listen();
	assert_int_equal(run_resume(&r, results, id), -1);
	said = scratch_heard();
	assert_says(said, who);
	assert_says(said, id);
	assert_opens(id, id);	/* readers are not kept out */
	scratch_listen();
	assert_int_equal(run_remove(results, id), -1);
	assert_says(scratch_heard(), who);
	assert_true(is_there(id));
	kill(pid, SIGKILL);
	wait_for(pid);
	assert_int_equal(run_writer(results, id), 0);
	assert_int_equal(run_resume(&r, results, id), 0);
	assert_int_equal(run_writer(results, id), getpid());
	run_close(&r);
	free(who);
}

static void a_new_run_is_locked_at_once(void **state)
{
	struct run r, s;

	(void)state;
	create(&r, "reads");
	scratch_listen();
	assert_int_equal(run_resume(&s, results, r.id), -1);
	assert_says(scratch_heard(), "is writing this run");
	run_close(&r);
	assert_int_equal(run_resume(&s, results, "last"), 0);
	run_close(&s);
}

/* Appending */

static void lines_follow_each_other(void **state)
{
	struct run r;

	(void)state;
	create(&r, "reads");
	assert_int_equal(run_append(&r, "{\"a\":1}", 7), 0);
	assert_int_equal(run_append(&r, "{\"a\":2}xxx", 7), 0);
	assert_int_equal(run_sync(&r), 0);
	assert_holds(&r, "samples.jsonl", "{\"a\":1}\n{\"a\":2}\n");
	run_close(&r);
	assert_int_equal(run_resume(&r, results, "last"), 0);
	assert_int_equal(run_append(&r, "3", 1), 0);
	assert_holds(&r, "samples.jsonl", "{\"a\":1}\n{\"a\":2}\n3\n");
	run_close(&r);
}

static void a_tail_torn_at_any_byte_is_cut(void **state)
{
	static const char two[] = "{\"first\":1}\n{\"second\":\"0123456789\"}\n";
	size_t first = strcspn(two, "\n") + 1, len;
	const char *said;
	struct run r;
	char *path;

	(void)state;
	create(&r, "reads");
	path = run_path(&r, "samples.jsonl");
	run_close(&r);
	for (len = 0; len <= strlen(two); len++) {
		size_t whole = len == strlen(two) ? len : len >= first ? first : 0;
		char *expected = xasprintf("%.*sX\n", (int)whole, two);

		scratch_write(path, two, len);
		scratch_listen();
		assert_int_equal(run_resume(&r, results, "last"), 0);
		said = scratch_heard();
		assert_int_equal(!!strstr(said, "cut off a torn last line"), len != whole);
		assert_int_equal(run_append(&r, "X", 1), 0);
		assert_holds(&r, "samples.jsonl", expected);
		run_close(&r);
		free(expected);
	}
	free(path);
}

static void a_torn_tail_longer_than_a_page_is_cut(void **state)
{
	struct buf text = BUF_INIT;
	struct run r;
	char *path;

	(void)state;
	create(&r, "reads");
	path = run_path(&r, "samples.jsonl");
	run_close(&r);
	buf_str(&text, "whole\n");
	buf_pad(&text, 'x', 12288);
	scratch_write(path, text.s, text.len);
	scratch_listen();
	assert_int_equal(run_resume(&r, results, "last"), 0);
	assert_says(scratch_heard(), "12288 bytes");
	assert_holds(&r, "samples.jsonl", "whole\n");
	run_close(&r);
	buf_release(&text);
	free(path);
}

#define SAMPLE "{\"schema\":1,\"kind\":\"sample\"}"

static void a_failed_write_keeps_the_lines_before_it(void **state)
{
	const char *said;
	struct run r;
	int full, whole;

	(void)state;
	create(&r, "reads");
	assert_int_equal(run_append(&r, "{\"kind\":\"environment\"}", 22), 0);
	assert_int_equal(run_append(&r, SAMPLE, strlen(SAMPLE)), 0);
	full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	assert_true(full >= 0);
	whole = r.samples;
	r.samples = full;	/* a device cannot be cut either: part of a line stays behind for now */
	scratch_listen();
	assert_int_equal(run_append(&r, SAMPLE, strlen(SAMPLE)), -1);
	said = scratch_heard();
	assert_says(said, "samples.jsonl: No space left on device: 1 sample kept; make room, then "
			  "`foliogate run --resume 20");
	assert_true(r.torn);
	scratch_listen();
	assert_int_equal(run_append(&r, SAMPLE, strlen(SAMPLE)), -1);
	scratch_heard();
	r.samples = whole;
	close(full);
	assert_int_equal(write(whole, "{\"half", 6), 6);
	assert_int_equal(run_append(&r, SAMPLE, strlen(SAMPLE)), 0);
	assert_false(r.torn);
	assert_holds(&r, "samples.jsonl", "{\"kind\":\"environment\"}\n" SAMPLE "\n" SAMPLE "\n");
	run_close(&r);
}

/* Appends samples until one fails, in a child, as a limit is for the whole process. 0: failed as it shall. */
static int append_to_limit(void)
{
	struct rlimit limit = { 100, 100 };
	struct run r;
	int n = 0;

	if (run_create(&r, results, "reads") || run_write_file(&r, "plan.json", "{}", 2) ||
	    setrlimit(RLIMIT_FSIZE, &limit))
		return 2;
	while (n < 10 && !run_append(&r, SAMPLE, strlen(SAMPLE)))
		n++;
	return n == 100 / (int)strlen(SAMPLE "\n") && !r.torn ? 0 : 3;
}

static void a_file_size_limit_is_an_error_and_not_the_end(void **state)
{
	const char *said;
	struct run r;
	pid_t pid;
	int status;

	(void)state;
	scratch_listen();
	pid = fork();
	if (!pid)
		_exit(append_to_limit());
	status = wait_for(pid);
	said = scratch_heard();
	assert_int_equal(status, 0);
	assert_says(said, "samples.jsonl: File too large: 3 samples kept; raise the limit");
	assert_int_equal(run_open(&r, results, "last"), 0);
	assert_holds(&r, "samples.jsonl", SAMPLE "\n" SAMPLE "\n" SAMPLE "\n");
	run_close(&r);
}

/* A small file system of our own, gone with this process. Skips the test where it may not be mounted. */
static void mount_small(const char *options)
{
	mkdir(results, 0777);
	if (unshare(CLONE_NEWNS) || mount("none", "/", "", MS_REC | MS_PRIVATE, NULL) ||
	    mount("none", results, "tmpfs", 0, options)) {
		print_message("skipped: cannot mount a tmpfs: %s\n", strerror(errno));
		skip();
	}
}

static void a_full_disk_takes_back_the_part_of_a_line(void **state)
{
	struct buf line = BUF_INIT, text = BUF_INIT;
	const char *said;
	struct run r;
	size_t n = 0;

	(void)state;
	mount_small("size=64k");
	buf_str(&line, "{\"kind\":\"sample\",\"pad\":\"");
	buf_pad(&line, 'x', 3000);
	buf_str(&line, "\"}");
	create(&r, "reads");
	scratch_listen();
	while (n < 100 && !run_append(&r, line.s, line.len))
		n++;
	said = scratch_heard();
	assert_true(n > 0 && n < 100);
	assert_says(said, "No space left on device");
	assert_false(r.torn);
	assert_int_equal(run_read_file(&r, "samples.jsonl", &text), 0);
	assert_int_equal(text.len, n * (line.len + 1));
	buf_reset(&line);
	buf_fmt(&line, "%zu samples kept; make room, then `foliogate run --resume %s`", n, r.id);
	assert_says(said, buf_text(&line));
	/* Expected: a run that is counted goes on so. Buggy: it was sent to `foliogate run`, which measures. */
	r.command = "count";
	buf_reset(&line);
	buf_str(&line, "{\"kind\":\"count\",\"pad\":\"");
	buf_pad(&line, 'x', 60000);
	buf_str(&line, "\"}");
	scratch_listen();
	assert_int_equal(run_append(&r, line.s, line.len), -1);
	buf_reset(&line);
	buf_fmt(&line, "0 counts kept; make room, then `foliogate count --resume %s`", r.id);
	assert_says(scratch_heard(), buf_text(&line));
	/* What there is no room for leaves the file before it, and no debris. */
	scratch_listen();
	assert_int_equal(run_write_file(&r, "plan.json", text.s, text.len), -1);
	assert_says(scratch_heard(), "No space left on device");
	assert_holds(&r, "plan.json", "{}\n");
	run_close(&r);
	scratch_listen();
	assert_int_equal(run_resume(&r, results, "last"), 0);	/* there is room for that */
	assert_string_equal(scratch_heard(), "");
	run_close(&r);
	umount(results);
	buf_release(&line);
	buf_release(&text);
}

static void a_run_that_cannot_be_made_leaves_nothing(void **state)
{
	struct run r;
	int n;

	(void)state;
	mount_small("size=64k,nr_inodes=4");	/* the root and three more: not enough for a run */
	for (n = 0; n < 3; n++) {
		scratch_listen();
		assert_int_equal(run_create(&r, results, "reads"), -1);
		assert_says(scratch_heard(), "No space left on device");
		assert_int_equal(rmdir(results), -1);
		assert_int_equal(errno, EBUSY);
	}
	umount(results);
	assert_int_equal(rmdir(results), 0);
}

static void a_read_only_file_system_is_said(void **state)
{
	struct run r;

	(void)state;
	mount_small("size=64k");
	create(&r, "reads");
	run_close(&r);
	assert_int_equal(mount("none", results, "", MS_REMOUNT | MS_RDONLY, NULL), 0);
	scratch_listen();
	assert_int_equal(run_create(&r, results, "reads"), -1);
	assert_says(scratch_heard(), "Read-only file system");
	scratch_listen();
	assert_int_equal(run_resume(&r, results, "last"), -1);
	assert_says(scratch_heard(), "Read-only file system");
	assert_int_equal(run_open(&r, results, "last"), 0);
	run_close(&r);
	umount(results);
}

static void numbered_line(unsigned n, struct buf *line)
{
	buf_reset(line);
	buf_fmt(line, "{\"n\":%u,\"pad\":\"", n);
	buf_pad(line, 'x', n * 37 % 9000);
	buf_str(line, "\"}");
}

/* Goes on from the line n until it is killed. */
static void append_for_ever(unsigned n, int ready)
{
	struct buf line = BUF_INIT;
	struct run r;

	if (run_resume(&r, results, "last") || write(ready, "x", 1) != 1)
		_exit(1);
	for (;; n++) {
		numbered_line(n, &line);
		if (run_append(&r, line.s, line.len))
			_exit(1);
	}
}

/* The file is lines 0, 1, 2, ... each whole; returns how many. */
static unsigned check_numbered(const struct run *r)
{
	struct buf text = BUF_INIT, line = BUF_INIT;
	size_t at = 0;
	unsigned n;

	assert_int_equal(run_read_file(r, "samples.jsonl", &text), 0);
	for (n = 0; at < text.len; n++) {
		numbered_line(n, &line);
		assert_true(at + line.len < text.len);
		assert_memory_equal(text.s + at, line.s, line.len);
		assert_int_equal(text.s[at + line.len], '\n');
		at += line.len + 1;
	}
	buf_release(&text);
	buf_release(&line);
	return n;
}

static void kill_9_at_any_moment_leaves_whole_lines(void **state)
{
	unsigned n = 0, round, seed = 1;
	struct run r;
	int ready[2];
	char byte;
	pid_t pid;

	(void)state;
	create(&r, "reads");
	run_close(&r);
	assert_int_equal(pipe(ready), 0);
	for (round = 0; round < 25; round++) {
		pid = fork();
		if (!pid)
			append_for_ever(n, ready[1]);
		assert_int_equal(read(ready[0], &byte, 1), 1);
		usleep((useconds_t)rand_r(&seed) % 3000);
		kill(pid, SIGKILL);
		assert_int_equal(wait_for(pid), SIGKILL);
		scratch_listen();
		assert_int_equal(run_resume(&r, results, "last"), 0);
		scratch_heard();
		n = check_numbered(&r);
		run_close(&r);
	}
	assert_true(n > 25);
	close(ready[0]);
	close(ready[1]);
}

/* What a broken caller gets: the program's end, by SIGABRT. */
static void assert_aborts(void (*fn)(struct run *r), struct run *r)
{
	struct rlimit none = { 0, 0 };
	pid_t pid;
	int status;

	scratch_listen();
	pid = fork();
	if (!pid) {
		setrlimit(RLIMIT_CORE, &none);
		signal(SIGABRT, SIG_DFL);
		fn(r);
		_exit(0);
	}
	status = wait_for(pid);
	assert_says(scratch_heard(), "BUG");
	assert_true(WIFSIGNALED(status));
}

static void append_two_lines(struct run *r)
{
	run_append(r, "a\nb", 3);
}

static void append_nothing(struct run *r)
{
	run_append(r, "", 0);
}

static void write_outside(struct run *r)
{
	run_write_file(r, "../escaped", "x", 1);
}

static void what_is_not_one_line_of_the_run_is_a_bug(void **state)
{
	struct run r;

	(void)state;
	create(&r, "reads");
	assert_aborts(append_two_lines, &r);
	assert_aborts(append_nothing, &r);
	assert_aborts(write_outside, &r);
	run_close(&r);
	assert_int_equal(run_open(&r, results, "last"), 0);
	assert_aborts(append_nothing, &r);
	run_close(&r);
}

/* Whole files */

static void a_file_is_replaced_whole(void **state)
{
	struct dirent *entry;
	struct run r;
	DIR *d;

	(void)state;
	create(&r, "reads");
	assert_int_equal(run_write_file(&r, "report/a.txt", "long text", 9), 0);
	assert_int_equal(run_write_file(&r, "report/a.txt", "short", 5), 0);
	assert_int_equal(run_write_file(&r, "report/empty", "", 0), 0);
	assert_int_equal(run_write_file(&r, "new/b.txt", "b", 1), 0);
	assert_holds(&r, "report/a.txt", "short");
	assert_holds(&r, "report/empty", "");
	assert_holds(&r, "new/b.txt", "b");
	d = fdopendir(openat(r.dir, "report", O_RDONLY | O_DIRECTORY));
	while ((entry = readdir(d)))
		assert_null(strstr(entry->d_name, ".tmp"));
	closedir(d);
	scratch_listen();
	assert_int_equal(run_write_file(&r, "report", "x", 1), -1);
	assert_says(scratch_heard(), "/report: Is a directory");
	scratch_listen();
	assert_int_equal(run_write_file(&r, "lock/x", "x", 1), -1);
	assert_says(scratch_heard(), "lock/x: Not a directory");
	run_close(&r);
}

static void a_missing_file_is_named(void **state)
{
	struct buf b = BUF_INIT;
	struct run r;

	(void)state;
	create(&r, "reads");
	scratch_listen();
	assert_int_equal(run_read_file(&r, "verdict.json", &b), -1);
	assert_says(scratch_heard(), "/verdict.json: No such file");
	run_close(&r);
}

/* Removing */

static void a_removed_run_is_gone_and_nothing_else(void **state)
{
	char *link, *outside = xasprintf("%s/outside", scratch_dir), *inside;
	struct run r;

	(void)state;
	mkdir(outside, 0777);
	inside = xasprintf("%s/precious", outside);
	scratch_write(inside, "x", 1);
	make_run("2026-01-02T03-04-05-reads");
	create(&r, "reads");
	assert_int_equal(run_write_file(&r, "report/deep.txt", "x", 1), 0);
	link = run_path(&r, "report/link");
	assert_int_equal(symlink(outside, link), 0);
	run_close(&r);
	assert_int_equal(run_open(&r, results, "last"), 0);
	assert_int_equal(run_remove(results, r.id), 0);
	assert_false(is_there(r.id));
	assert_true(is_there("2026-01-02T03-04-05-reads"));
	assert_int_equal(access(inside, F_OK), 0);
	run_close(&r);
	scratch_remove(outside);
	free(inside);
	free(outside);
	free(link);
}

static void only_runs_are_removed(void **state)
{
	static const char *const id[] = { "", ".", "..", "../x", "a/b", "missing", "notes", "link" };
	char *notes = xasprintf("%s/notes", results), *link = xasprintf("%s/link", results);
	const char *said;
	size_t i;

	(void)state;
	make_run("2026-01-02T03-04-05-reads");
	mkdir(notes, 0777);
	assert_int_equal(symlink("2026-01-02T03-04-05-reads", link), 0);
	for (i = 0; i < sizeof(id) / sizeof(id[0]); i++) {
		scratch_listen();
		assert_int_equal(run_remove(results, id[i]), -1);
		said = scratch_heard();
		assert_true(strstr(said, "not the id of a run") || strstr(said, "nothing was removed"));
	}
	assert_true(is_there("notes"));
	assert_true(is_there("link"));
	assert_true(is_there("2026-01-02T03-04-05-reads/plan.json"));
	free(link);
	free(notes);
}

static void leftovers_are_told_from_other_directories(void **state)
{
	char *path, **ids, *id;
	struct run r;
	size_t n;

	(void)state;
	make_run("2026-01-02T03-04-05-reads");
	path = xasprintf("%s/2026-01-02T03-04-06-mine", results);
	mkdir(path, 0777);	/* dated, yet nothing says that we made it */
	free(path);
	assert_int_equal(run_create(&r, results, "reads"), 0);
	id = xstrdup(r.id);
	run_close(&r);
	assert_int_equal(run_leftovers(results, &ids, &n), 0);
	assert_int_equal(n, 1);
	assert_string_equal(ids[0], id);
	assert_int_equal(run_remove(results, id), 0);
	assert_false(is_there(id));
	free(ids[0]);
	free(ids);
	free(id);
}

static void the_results_directory_comes_from_the_environment(void **state)
{
	(void)state;
	unsetenv("FOLIOBENCH_RESULTS");
	assert_string_equal(run_results_dir(), "results");
	setenv("FOLIOBENCH_RESULTS", "", 1);
	assert_string_equal(run_results_dir(), "results");
	setenv("FOLIOBENCH_RESULTS", "/srv/runs", 1);
	assert_string_equal(run_results_dir(), "/srv/runs");
	unsetenv("FOLIOBENCH_RESULTS");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_new_run_has_its_parts),
		TEST(the_results_directory_is_made_with_its_parents),
		TEST(a_taken_id_gets_a_number),
		TEST(a_job_name_never_leaves_the_results_directory),
		TEST(results_that_are_a_file_are_refused),
		TEST(an_unwritable_directory_is_said_with_a_remedy),
		TEST(many_processes_get_runs_of_their_own),
		TEST(last_is_the_newest),
		TEST(a_renamed_run_is_found_but_never_last),
		TEST(last_without_runs_says_how_to_make_one),
		TEST(a_run_is_found_by_id_beginning_and_path),
		TEST(what_is_no_run_is_told_apart),
		TEST(junk_is_not_listed),
		TEST(an_id_says_when_the_run_began),
		TEST(a_second_writer_is_told_who_the_first_is),
		TEST(a_new_run_is_locked_at_once),
		TEST(lines_follow_each_other),
		TEST(a_tail_torn_at_any_byte_is_cut),
		TEST(a_torn_tail_longer_than_a_page_is_cut),
		TEST(a_failed_write_keeps_the_lines_before_it),
		TEST(a_file_size_limit_is_an_error_and_not_the_end),
		TEST(a_full_disk_takes_back_the_part_of_a_line),
		TEST(a_run_that_cannot_be_made_leaves_nothing),
		TEST(a_read_only_file_system_is_said),
		TEST(kill_9_at_any_moment_leaves_whole_lines),
		TEST(what_is_not_one_line_of_the_run_is_a_bug),
		TEST(a_file_is_replaced_whole),
		TEST(a_missing_file_is_named),
		TEST(a_removed_run_is_gone_and_nothing_else),
		TEST(only_runs_are_removed),
		TEST(leftovers_are_told_from_other_directories),
		TEST(the_results_directory_comes_from_the_environment),
	};
	int failed;

	scratch_begin();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	scratch_end();
	buf_release(&scratch_ear.text);
	return failed;
}
