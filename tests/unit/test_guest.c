/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Guests, with this program in the place of QEMU. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <poll.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "harness/guest/guest.h"
#include "harness/guest/running.h"
#include "harness/guest/session.h"
#include "lib/clock.h"
#include "lib/err.h"
#include "lib/exitcode.h"
#include "tests/unit/fake_qemu.h"

static struct buf lines;

static int end(void **state)
{
	buf_release(&lines);
	return fake_end(state);
}

/* Boots one that does `word` as it boots. Its arch is x86-64, which the driver (any program of this machine) must be. */
static int start(struct guest **g, const char *word, struct guest_call with)
{
	char *cmdline = xasprintf("fake=%s", word);
	const struct shape shape = { .arch = ARCH_X86_64, .accel = ACCEL_TCG, .cpus = 2,
				     .memory = 1ull << 30, .cmdline = cmdline, .numa_node = -1 };
	int ret;

	unlink(console);
	with.kernel = &kernel;
	with.shape = &shape;
	with.driver = "/bin/true";
	with.console = console;
	ret = guest_start(g, &with);
	free(cmdline);
	return ret;
}

static struct guest *started(void)
{
	struct guest *g;

	assert_int_equal(start(&g, "well", (struct guest_call){ 0 }), 0);
	return g;
}

static int take_line(const char *text, size_t len, void *data)
{
	unsigned *left = data;

	buf_add(&lines, text, len);
	buf_ch(&lines, '\n');
	return left && !--*left ? -1 : 0;
}

static int run(struct guest *g, const char *word)
{
	const char *argv[] = { word, NULL };

	buf_reset(&lines);
	return guest_run(g, &(struct machine_call){ .argv = argv }, take_line, NULL);
}

static void a_guest_boots_runs_and_ends(void **state)
{
	struct guest *g = started();
	struct buf log = BUF_INIT;

	(void)state;
	assert_int_equal(guest_incident(g)->kind, INCIDENT_NONE);
	assert_string_equal(guest_qemu(g), "7.8.9");
	assert_true(guest_boot_ns(g) > 0);
	assert_int_equal(guest_accel(g), ACCEL_TCG);
	assert_int_equal(run(g, "lines"), EXIT_ACCEPT);
	assert_string_equal(buf_text(&lines), "first\nsecond\n");
	assert_int_equal(run(g, "lines"), EXIT_ACCEPT);
	guest_stop(g);
	assert_int_equal(buf_read_file(&log, console), 0);
	has(buf_text(&log), "Run /init");
	has(buf_text(&log), "Power down");	/* politely */
	buf_release(&log);
}

static void many_lines_arrive_in_their_order(void **state)
{
	struct guest *g = started();
	const char *at;
	int i;

	(void)state;
	assert_int_equal(run(g, "many"), EXIT_ACCEPT);
	guest_stop(g);
	at = buf_text(&lines);
	for (i = 0; i < 20000; i++) {
		assert_int_equal(strtol(at, (char **)&at, 10), i);
		at++;
	}
	assert_int_equal(*at, '\0');
}

static void an_exit_code_comes_with_its_last_words(void **state)
{
	struct guest *g = started();

	(void)state;
	scratch_listen();
	assert_int_equal(run(g, "fail"), 2);
	assert_string_equal(scratch_heard(), "foliobench: error: no such luck\n");
	scratch_listen();
	assert_int_equal(run(g, "mute"), 3);
	has(scratch_heard(), "foliobench ended with exit code 3 and without a word");
	scratch_listen();
	assert_int_equal(run(g, "segfault"), EXIT_CANNOT);
	has(scratch_heard(), "foliobench was killed by signal 11 (Segmentation fault)");
	assert_int_equal(run(g, "lines"), EXIT_ACCEPT);	/* the guest is none the worse */
	guest_stop(g);
}

static void stderr_goes_to_the_log_and_the_talk(void **state)
{
	const char *argv[] = { "fail", NULL };
	struct buf talk = BUF_INIT, log = BUF_INIT;
	struct guest *g = started();
	char *path = xasprintf("%s/log", scratch_dir);

	(void)state;
	scratch_listen();
	assert_int_equal(guest_run(g, &(struct machine_call){ .argv = argv, .talk = &talk, .log = path },
				   take_line, NULL), 2);
	assert_string_equal(scratch_heard(), "");
	assert_string_equal(buf_text(&talk), "foliobench: error: no such luck\n");
	assert_int_equal(buf_read_file(&log, path), 0);
	assert_string_equal(buf_text(&log), "foliobench: error: no such luck\n");
	guest_stop(g);
	buf_release(&talk);
	buf_release(&log);
	free(path);
}

static void one_that_runs_too_long_is_killed(void **state)
{
	const char *argv[] = { "hang", NULL };
	struct guest *g = started();

	(void)state;
	scratch_listen();
	assert_int_equal(guest_run(g, &(struct machine_call){ .argv = argv, .limit_ns = 50000000 }, take_line,
				   NULL), EXIT_CANNOT);
	has(scratch_heard(), "foliobench ran longer than 0.05 s and was killed");
	assert_int_equal(guest_incident(g)->kind, INCIDENT_NONE);
	assert_int_equal(run(g, "lines"), EXIT_ACCEPT);
	guest_stop(g);
}

static void a_refused_line_ends_the_run_without_a_second_message(void **state)
{
	const char *argv[] = { "many", NULL };
	struct guest *g = started();
	unsigned left = 3;

	(void)state;
	buf_reset(&lines);
	scratch_listen();
	assert_int_equal(guest_run(g, &(struct machine_call){ .argv = argv }, take_line, &left), EXIT_CANNOT);
	assert_string_equal(scratch_heard(), "");
	assert_string_equal(buf_text(&lines), "0\n1\n2\n");
	assert_int_equal(run(g, "lines"), EXIT_ACCEPT);
	assert_string_equal(buf_text(&lines), "first\nsecond\n");
	guest_stop(g);
}

static volatile sig_atomic_t stop;

static void on_alarm(int number)
{
	(void)number;
	stop = 1;
}

static void a_stop_ends_a_run_without_a_word(void **state)
{
	const struct itimerval soon = { .it_value = { .tv_usec = 300000 } };
	const char *argv[] = { "hang", NULL };
	struct guest *g = started();

	(void)state;
	stop = 0;
	signal(SIGALRM, on_alarm);
	setitimer(ITIMER_REAL, &soon, NULL);
	scratch_listen();
	assert_int_equal(guest_run(g, &(struct machine_call){ .argv = argv, .stop = &stop }, take_line, NULL),
			 EXIT_CANNOT);
	assert_string_equal(scratch_heard(), "");
	guest_stop(g);
	signal(SIGALRM, SIG_DFL);
	stop = 0;
}

static void an_oops_in_a_run_is_told_with_its_frames(void **state)
{
	struct guest *g = started();
	const struct incident *i;
	const char *said;

	(void)state;
	scratch_listen();
	assert_int_equal(run(g, "oops"), EXIT_CANNOT);
	said = scratch_heard();
	has(said, "guest with kernel '6.12'");
	has(said, "NULL pointer dereference");
	has(said, "filemap_read+0x123/0x6f0");
	has(said, console);
	i = guest_incident(g);
	assert_int_equal(i->kind, INCIDENT_OOPS);
	has(buf_text(&i->lines), "Kernel panic");
	scratch_listen();
	assert_int_equal(run(g, "lines"), EXIT_CANNOT);
	has(scratch_heard(), "nothing runs in it any more: oops");
	guest_stop(g);
}

static void a_warning_spoils_a_run_that_ended_well(void **state)
{
	struct guest *g = started();

	(void)state;
	scratch_listen();
	assert_int_equal(run(g, "warn"), EXIT_CANNOT);
	has(scratch_heard(), "mm/filemap.c:123");
	assert_int_equal(guest_incident(g)->kind, INCIDENT_WARN);
	guest_stop(g);
}

static void a_flooded_console_blocks_nothing_and_is_cut(void **state)
{
	struct guest *g = started();
	struct stat st;

	(void)state;
	assert_int_equal(run(g, "flood"), EXIT_ACCEPT);
	guest_stop(g);
	assert_int_equal(stat(console, &st), 0);
	assert_true(st.st_size > 15 << 20);
	assert_true(st.st_size < 17 << 20);
}

static void a_qemu_that_dies_is_told_with_its_words(void **state)
{
	struct guest *g = started();

	(void)state;
	scratch_listen();
	assert_int_equal(run(g, "die"), EXIT_CANNOT);
	has(scratch_heard(), "QEMU ended with exit code 3: out of memory");
	assert_int_equal(guest_incident(g)->kind, INCIDENT_DIED);
	has(buf_text(&guest_incident(g)->lines), "it is late");
	guest_stop(g);
}

static void a_guest_that_resets_itself_is_told(void **state)
{
	struct guest *g = started();

	(void)state;
	scratch_listen();
	assert_int_equal(run(g, "reset"), EXIT_CANNOT);
	has(scratch_heard(), "the guest switched itself off or was reset");
	guest_stop(g);
}

static void an_internal_error_of_kvm_needs_no_limit(void **state)
{
	struct guest *g = started();

	(void)state;
	scratch_listen();
	assert_int_equal(run(g, "kvm-error"), EXIT_CANNOT);
	has(scratch_heard(), "QEMU cannot go on: KVM internal error. Suberror: 1");
	guest_stop(g);
}

static void what_is_no_message_ends_the_guest(void **state)
{
	struct guest *g = started();

	(void)state;
	scratch_listen();
	assert_int_equal(run(g, "nonsense"), EXIT_CANNOT);
	has(scratch_heard(), "no longer speaks as it should");
	assert_int_equal(guest_incident(g)->kind, INCIDENT_SILENT);
	guest_stop(g);

	g = started();
	scratch_listen();
	assert_int_equal(run(g, "orders"), EXIT_CANNOT);
	has(scratch_heard(), "it gives orders");
	guest_stop(g);
}

static void a_driver_that_gives_up_is_believed(void **state)
{
	struct guest *g = started();

	(void)state;
	scratch_listen();
	assert_int_equal(run(g, "fatal"), EXIT_CANNOT);
	has(scratch_heard(), "read what is no message");
	scratch_listen();
	assert_int_equal(run(g, "lines"), EXIT_CANNOT);
	has(scratch_heard(), "nothing runs in it any more");
	guest_stop(g);
}

static void a_boot_that_panics_is_told(void **state)
{
	struct guest *g;

	(void)state;
	scratch_listen();
	assert_int_equal(start(&g, "panic", (struct guest_call){ 0 }), -1);
	has(scratch_heard(), "Unable to mount root fs");
	assert_int_equal(guest_incident(g)->kind, INCIDENT_PANIC);
	guest_stop(g);
}

static void a_guest_without_its_file_systems_is_told(void **state)
{
	struct guest *g;

	(void)state;
	scratch_listen();
	assert_int_equal(start(&g, "fatal", (struct guest_call){ 0 }), -1);
	has(scratch_heard(), "guest with kernel '6.12': mount ext4 on /mnt/ext4: no such device");
	assert_int_equal(guest_incident(g)->kind, INCIDENT_NONE);
	guest_stop(g);
}

static void a_boot_that_falls_silent_is_asked_where_it_is(void **state)
{
	struct guest *g;
	const struct incident *i;

	(void)state;
	scratch_listen();
	assert_int_equal(start(&g, "mute", (struct guest_call){ .limit_ns = 300000000 }), -1);
	has(scratch_heard(), "not ready after 0.3 s");
	i = guest_incident(g);
	assert_int_equal(i->kind, INCIDENT_SILENT);
	assert_string_equal(i->comm, "foliobench");
	assert_int_equal(i->nframes, 3);
	assert_string_equal(i->frame[0], "filemap_read+0x99/0x6f0");
	has(buf_text(&i->lines), "Run /init as init process");
	guest_stop(g);
}

static void a_kernel_that_cannot_be_asked_is_looked_into(void **state)
{
	static const char map[] = "ffffffff81000000 T _text\nffffffff81234560 t shmem_file_read_iter\n"
				  "ffffffff81234600 T shmem_other\nffffffff82000000 D data\n";
	char *path = xasprintf("%s/System.map", scratch_dir);
	struct guest *g;

	(void)state;
	scratch_write(path, map, strlen(map));
	kernel.dir = scratch_dir;
	scratch_listen();
	assert_int_equal(start(&g, "mute-dead", (struct guest_call){ .limit_ns = 300000000 }), -1);
	has(scratch_heard(), "not ready after 0.3 s");
	kernel.dir = NULL;
	assert_int_equal(guest_incident(g)->nframes, 1);
	assert_string_equal(guest_incident(g)->frame[0], "shmem_file_read_iter+0x7");
	has(buf_text(&guest_incident(g)->lines), "CPU#0 at ffffffff81234567 shmem_file_read_iter+0x7\n");
	guest_stop(g);
	free(path);
}

static void a_quiet_boot_says_nothing(void **state)
{
	struct guest *g;

	(void)state;
	scratch_listen();
	assert_int_equal(start(&g, "abort", (struct guest_call){ .quiet = true }), -1);
	assert_string_equal(scratch_heard(), "");
	assert_int_equal(guest_incident(g)->kind, INCIDENT_DIED);
	assert_string_equal(guest_incident(g)->what,
			    "QEMU was killed by signal 6 (Aborted): error: failed to set MSR 0x10a to 0x69");
	guest_stop(g);
}

static void a_stubborn_guest_is_ended_by_its_monitor(void **state)
{
	struct guest *g;
	uint64_t t;

	(void)state;
	assert_int_equal(start(&g, "stubborn", (struct guest_call){ 0 }), 0);
	t = clock_now_ns();
	guest_stop(g);
	assert_true(clock_now_ns() - t > 2000000000ull);
	assert_true(clock_now_ns() - t < 20000000000ull);
}

static void a_kernel_of_another_architecture_is_refused(void **state)
{
	const struct shape shape = { .arch = ARCH_ARM64, .accel = ACCEL_TCG, .cpus = 1, .memory = 1 << 30,
				     .numa_node = -1 };
	const struct guest_call call = { .kernel = &kernel, .shape = &shape, .driver = "/bin/true",
					 .console = console };
	struct guest *g;

	(void)state;
	scratch_listen();
	assert_int_equal(guest_start(&g, &call), -1);
	has(scratch_heard(), "the kernel is x86-64, the guest arm64");
	guest_stop(g);
}

static void a_missing_qemu_names_its_package(void **state)
{
	char *path = xstrdup(getenv("PATH"));
	struct guest *g;

	(void)state;
	setenv("PATH", "/nonexistent", 1);
	scratch_listen();
	assert_int_equal(start(&g, "well", (struct guest_call){ 0 }), -1);
	has(scratch_heard(), "qemu-system-x86_64 is not installed (Debian: apt install qemu-system-x86)");
	guest_stop(g);
	setenv("PATH", path, 1);
	free(path);
}

static void huge_pages_that_are_not_there_are_counted(void **state)
{
	const struct shape shape = { .arch = ARCH_X86_64, .accel = ACCEL_TCG, .cpus = 1, .memory = 1ull << 50,
				     .numa_node = -1, .huge_pages = true };
	const struct guest_call call = { .kernel = &kernel, .shape = &shape, .driver = "/bin/true",
					 .console = console };
	struct guest *g;

	(void)state;
	scratch_listen();
	assert_int_equal(guest_start(&g, &call), -1);
	has(scratch_heard(), "a guest of 1073741824 MiB on huge pages");
	guest_stop(g);
}

/* A session without a guest around it, for the one time that is too long for a test. */
static void one_that_cannot_be_killed_is_asked_where_it_is(void **state)
{
	const char *argv[] = { "deaf", NULL };
	char *line[] = { (char *)"qemu-system-x86_64", (char *)"-append", (char *)"x", NULL };
	struct session s = { .kernel = "6.12", .console = console, .kill_ns = 100000000 };
	const struct machine_call call = { .argv = argv, .limit_ns = 100000000 };
	int file = open(image, O_RDONLY | O_CLOEXEC);
	struct emulator_call e = { .argv = line, .kernel = file, .initramfs = file, .console = console };
	struct buf why = BUF_INIT;

	(void)state;
	assert_int_equal(session_open(&s, &e), 0);
	assert_int_equal(qmp_open(&s.e.qmp, s.e.qmp.fd, 10000000000ull, &why), 0);
	scratch_listen();
	assert_int_equal(running_go(&(struct running_call){ &s, 1, &call, take_line, NULL }), EXIT_CANNOT);
	has(scratch_heard(), "foliobench ran longer than 0.1 s, was killed, and does not end");
	assert_int_equal(s.incident.kind, INCIDENT_SILENT);
	assert_string_equal(s.incident.frame[0], "filemap_read+0x99/0x6f0");
	assert_true(s.lost);
	session_close(&s);
	close(file);
	buf_release(&why);
}

/* Does one with that word run anywhere? */
static bool a_fake_runs(void)
{
	char *path;
	DIR *proc = opendir("/proc");
	const struct dirent *d;
	struct buf words = BUF_INIT;
	bool found = false;

	while ((d = readdir(proc))) {
		path = xasprintf("/proc/%s/cmdline", d->d_name);
		buf_reset(&words);
		if (d->d_name[0] >= '1' && d->d_name[0] <= '9' && !buf_read_file(&words, path) &&
		    words.len && memmem(words.s, words.len, "fake=orphan", 11))
			found = true;
		free(path);
	}
	closedir(proc);
	buf_release(&words);
	return found;
}

static void a_killed_harness_leaves_no_qemu(void **state)
{
	struct guest *g;
	int ready[2], status, i;
	char c;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (!pid) {
		if (start(&g, "orphan", (struct guest_call){ 0 }) || write(ready[1], "x", 1) != 1)
			_exit(1);
		pause();
		_exit(1);
	}
	assert_int_equal(read(ready[0], &c, 1), 1);
	assert_true(a_fake_runs());
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	for (i = 0; i < 100 && a_fake_runs(); i++)
		usleep(20000);
	assert_false(a_fake_runs());
	close(ready[0]);
	close(ready[1]);
}

static void guests_are_not_tried_without_pidfd_open(void **state)
{
	(void)state;
	print_message("no pidfd_open() here\n");
	skip();
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_guest_boots_runs_and_ends),
		cmocka_unit_test(many_lines_arrive_in_their_order),
		cmocka_unit_test(an_exit_code_comes_with_its_last_words),
		cmocka_unit_test(stderr_goes_to_the_log_and_the_talk),
		cmocka_unit_test(one_that_runs_too_long_is_killed),
		cmocka_unit_test(a_refused_line_ends_the_run_without_a_second_message),
		cmocka_unit_test(a_stop_ends_a_run_without_a_word),
		cmocka_unit_test(an_oops_in_a_run_is_told_with_its_frames),
		cmocka_unit_test(a_warning_spoils_a_run_that_ended_well),
		cmocka_unit_test(a_flooded_console_blocks_nothing_and_is_cut),
		cmocka_unit_test(a_qemu_that_dies_is_told_with_its_words),
		cmocka_unit_test(a_guest_that_resets_itself_is_told),
		cmocka_unit_test(an_internal_error_of_kvm_needs_no_limit),
		cmocka_unit_test(what_is_no_message_ends_the_guest),
		cmocka_unit_test(a_driver_that_gives_up_is_believed),
		cmocka_unit_test(a_boot_that_panics_is_told),
		cmocka_unit_test(a_guest_without_its_file_systems_is_told),
		cmocka_unit_test(a_boot_that_falls_silent_is_asked_where_it_is),
		cmocka_unit_test(a_kernel_that_cannot_be_asked_is_looked_into),
		cmocka_unit_test(a_quiet_boot_says_nothing),
		cmocka_unit_test(a_stubborn_guest_is_ended_by_its_monitor),
		cmocka_unit_test(a_kernel_of_another_architecture_is_refused),
		cmocka_unit_test(a_missing_qemu_names_its_package),
		cmocka_unit_test(huge_pages_that_are_not_there_are_counted),
		cmocka_unit_test(one_that_cannot_be_killed_is_asked_where_it_is),
		cmocka_unit_test(a_killed_harness_leaves_no_qemu),
	};
	const struct CMUnitTest none[] = {
		cmocka_unit_test(guests_are_not_tried_without_pidfd_open),
	};

	if (fake_wanted(argv[0]))
		return fake_main(argc, argv);
	if (!have_pidfds())
		return cmocka_run_group_tests(none, NULL, NULL);
	return cmocka_run_group_tests(tests, fake_begin, end);
}
