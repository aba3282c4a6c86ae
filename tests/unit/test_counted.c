/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Guests that are counted in, with this program in the place of QEMU. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/guest/counted.h"
#include "lib/exitcode.h"
#include "tests/unit/fake_qemu.h"

static const char *const first[] = { "run", "read", "threads=2", NULL };
static const char *const second[] = { "run", "write", NULL };
static const char *const third[] = { "list", NULL };
static const char *const *const calls[] = { first, second, third };
static char *plugin, *trace_path;
static int trace = -1;
static volatile sig_atomic_t stop;

static int begin(void **state)
{
	fake_begin(state);
	plugin = xasprintf("%s/plugin.so", scratch_dir);
	trace_path = xasprintf("%s/trace", scratch_dir);
	scratch_write(plugin, "a plugin", 8);
	return 0;
}

static int end(void **state)
{
	free(plugin);
	free(trace_path);
	return fake_end(state);
}

/* Counts in a guest that does `word`; shape and call may differ from the usual. */
static int count(const char *word, struct shape shape, struct guest_call guest, struct counted *c)
{
	char *cmdline = xasprintf("fake=%s", word);
	const struct counted_call call = { .guest = &guest, .plugin = plugin, .call = calls, .ncalls = 3,
					   .symbols = true, .trace = trace };
	int ret;

	shape.arch = ARCH_X86_64;
	shape.cpus = 2;
	shape.memory = 1ull << 30;
	shape.numa_node = -1;
	shape.cmdline = cmdline;
	unlink(console);
	guest.kernel = &kernel;
	guest.shape = &shape;
	guest.driver = "/bin/true";
	guest.console = console;
	scratch_listen();
	ret = guest_counted(&call, c);
	scratch_heard();
	free(cmdline);
	return ret;
}

static int counted(const char *word, struct counted *c)
{
	return count(word, (struct shape){ 0 }, (struct guest_call){ 0 }, c);
}

static const char *heard(void)
{
	return buf_text(&scratch_ear.text);
}

static int open_trace(void **state)
{
	(void)state;
	trace = open(trace_path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	return trace < 0 ? -1 : 0;
}

static int close_trace(void **state)
{
	(void)state;
	close(trace);
	return 0;
}

static void every_call_is_answered_and_the_trace_written(void **state)
{
	struct buf written = BUF_INIT, log = BUF_INIT;
	struct counted c;

	(void)state;
	assert_int_equal(counted("script", &c), EXIT_ACCEPT);
	assert_string_equal(heard(), "");
	assert_int_equal(c.n, 3);
	assert_int_equal(c.answer[0].code, 0);
	assert_string_equal(buf_text(&c.answer[0].out), "first\nsecond\n");
	assert_string_equal(buf_text(&c.answer[0].err), "");
	assert_int_equal(c.answer[1].code, 0);
	assert_string_equal(buf_text(&c.answer[2].err), "a word\n");
	assert_int_equal(c.answer[2].code, 0);
	assert_string_equal(buf_text(&c.symbols), "ffffffff81000000 T _text\n");
	assert_int_equal(c.incident.kind, INCIDENT_NONE);
	assert_string_equal(c.qemu, "7.8.9");
	counted_release(&c);
	assert_int_equal(buf_read_file(&written, trace_path), 0);
	assert_string_equal(buf_text(&written), "a trace");
	assert_int_equal(buf_read_file(&log, console), 0);
	has(buf_text(&log), "Power down");
	buf_release(&written);
	buf_release(&log);
}

static void the_trace_stays_the_callers(void **state)
{
	struct counted c;

	(void)state;
	assert_int_equal(counted("script", &c), EXIT_ACCEPT);
	assert_int_equal(write(trace, "+", 1), 1);
	counted_release(&c);
}

static void a_call_that_fails_is_the_last_and_no_error_of_the_guest(void **state)
{
	struct counted c;

	(void)state;
	assert_int_equal(counted("script-fails", &c), EXIT_ACCEPT);
	assert_string_equal(heard(), "");
	assert_int_equal(c.answer[0].code, 0);
	assert_int_equal(c.answer[1].code, 3);
	assert_string_equal(buf_text(&c.answer[1].err), "no such luck\n");
	assert_int_equal(c.answer[2].code, -1);
	counted_release(&c);
}

static void an_oops_is_an_incident_of_the_call_it_happened_in(void **state)
{
	struct counted c;

	(void)state;
	assert_int_equal(counted("script-oops", &c), EXIT_CANNOT);
	has(heard(), "guest with kernel '6.12': oops: BUG: kernel NULL pointer dereference");
	assert_int_equal(c.incident.kind, INCIDENT_OOPS);
	assert_int_equal(c.begun, 2);
	assert_int_equal(c.answer[0].code, -1);
	counted_release(&c);
}

static void a_warning_among_the_answers_spoils_them(void **state)
{
	struct counted c;

	(void)state;
	assert_int_equal(counted("script-late-oops", &c), EXIT_CANNOT);
	has(heard(), "mm/filemap.c:123");
	assert_int_equal(c.incident.kind, INCIDENT_WARN);
	counted_release(&c);
}

static void what_the_plugin_fails_with_is_the_error(void **state)
{
	struct counted c;

	(void)state;
	assert_int_equal(counted("script-full", &c), EXIT_CANNOT);
	has(heard(), "QEMU ended with exit code 1: foliotrace: error: write the trace: No space left on device");
	assert_int_equal(c.incident.kind, INCIDENT_DIED);
	counted_release(&c);
}

static void a_plugin_that_fails_last_is_heard_too(void **state)
{
	struct counted c;

	(void)state;
	assert_int_equal(counted("script-late", &c), EXIT_CANNOT);
	has(heard(), "plugin.so failed: write the trace: Input/output error");
	assert_null(strstr(strstr(heard(), "error: ") + 1, "error: "));
	counted_release(&c);
}

static void an_assertion_of_qemus_is_told_without_its_asterisks(void **state)
{
	struct counted c;

	(void)state;
	assert_int_equal(counted("script-glib", &c), EXIT_CANNOT);
	has(heard(), "QEMU ended with exit code 1: ERROR:accel/tcg/cpu-exec.c:954:cpu_loop_exec_tb: assertion failed");
	counted_release(&c);
}

static void a_silent_one_is_given_up_after_its_limit_with_the_call_it_is_in(void **state)
{
	const struct guest_call guest = { .limit_ns = 300000000 };
	struct counted c;

	(void)state;
	assert_int_equal(count("script-mute", (struct shape){ 0 }, guest, &c), EXIT_CANNOT);
	has(heard(), "not ready after 0.3 s");
	assert_int_equal(c.incident.kind, INCIDENT_SILENT);
	assert_int_equal(c.begun, 1);
	counted_release(&c);
}

static void a_stop_ends_it_without_a_word(void **state)
{
	const struct guest_call guest = { .stop = &stop };
	struct counted c;

	(void)state;
	stop = 1;
	assert_int_equal(count("script-mute", (struct shape){ 0 }, guest, &c), EXIT_CANNOT);
	assert_string_equal(heard(), "");
	assert_int_equal(c.incident.kind, INCIDENT_NONE);
	counted_release(&c);
	stop = 0;
}

static void whatever_the_shape_says_it_is_emulated(void **state)
{
	const struct shape kvm = { .accel = ACCEL_KVM };
	struct counted c;

	(void)state;
	assert_int_equal(count("script", kvm, (struct guest_call){ 0 }, &c), EXIT_ACCEPT);
	counted_release(&c);
}

static void what_has_the_hosts_timing_is_refused(void **state)
{
	const struct shape root = { .host_root = true };
	const struct shape disk = { .fs = { "ramfs", "ext4" }, .nfs = 2, .disk = DISK_VIRTIO, .disk_size = 1 << 30 };
	const struct shape none = { .fs = { "ramfs", "tmpfs" }, .nfs = 2, .disk = DISK_VIRTIO };
	struct counted c;

	(void)state;
	assert_int_equal(count("script", root, (struct guest_call){ 0 }, &c), EXIT_USAGE);
	has(heard(), "cannot have the host's root directory");
	counted_release(&c);
	assert_int_equal(count("script", disk, (struct guest_call){ 0 }, &c), EXIT_USAGE);
	has(heard(), "cannot have virtio disks");
	counted_release(&c);
	/* none of these lies on a disk */
	assert_int_equal(count("script", none, (struct guest_call){ 0 }, &c), EXIT_ACCEPT);
	counted_release(&c);
}

static void a_plugin_that_is_not_there_is_named(void **state)
{
	struct counted c;

	(void)state;
	unlink(plugin);
	assert_int_equal(counted("script", &c), EXIT_CANNOT);
	has(heard(), "plugin.so: No such file");
	counted_release(&c);
	scratch_write(plugin, "a plugin", 8);
}

static void guests_are_not_tried_without_pidfd_open(void **state)
{
	(void)state;
	print_message("no pidfd_open() here\n");
	skip();
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, open_trace, close_trace)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(every_call_is_answered_and_the_trace_written),
		TEST(the_trace_stays_the_callers),
		TEST(a_call_that_fails_is_the_last_and_no_error_of_the_guest),
		TEST(an_oops_is_an_incident_of_the_call_it_happened_in),
		TEST(a_warning_among_the_answers_spoils_them),
		TEST(what_the_plugin_fails_with_is_the_error),
		TEST(a_plugin_that_fails_last_is_heard_too),
		TEST(an_assertion_of_qemus_is_told_without_its_asterisks),
		TEST(a_silent_one_is_given_up_after_its_limit_with_the_call_it_is_in),
		TEST(a_stop_ends_it_without_a_word),
		TEST(whatever_the_shape_says_it_is_emulated),
		TEST(what_has_the_hosts_timing_is_refused),
		TEST(a_plugin_that_is_not_there_is_named),
	};
	const struct CMUnitTest none[] = {
		cmocka_unit_test(guests_are_not_tried_without_pidfd_open),
	};

	if (fake_wanted(argv[0]))
		return fake_main(argc, argv);
	if (!have_pidfds())
		return cmocka_run_group_tests(none, NULL, NULL);
	return cmocka_run_group_tests(tests, begin, end);
}
