/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "harness/guest/backtrace.h"
#include "harness/guest/incident.h"
#include "lib/buf.h"

static struct incident found;
static struct buf text;

static bool find(const char *console)
{
	incident_release(&found);
	memset(&found, 0, sizeof(found));
	return backtrace_find(console, strlen(console), &found);
}

/* "comm: frame frame ..." */
static const char *what(void)
{
	size_t i;

	buf_reset(&text);
	buf_fmt(&text, "%s:", found.comm ? found.comm : "nobody");
	for (i = 0; i < found.nframes; i++)
		buf_fmt(&text, " %s", found.frame[i]);
	return buf_text(&text);
}

static int release(void **state)
{
	(void)state;
	incident_release(&found);
	memset(&found, 0, sizeof(found));
	buf_release(&text);
	return 0;
}

/*
 * Recorded in an emulated guest of three CPUs: two idle, of which one took the interrupt
 * that asked, and a program that does nothing but pread().
 */
static void the_cpu_in_a_system_call_is_found_among_idle_ones(void **state)
{
	struct buf console = BUF_INIT;

	(void)state;
	assert_int_equal(buf_read_file(&console, "tests/unit/data/sysrq-x86-64.txt"), 0);
	assert_true(find(buf_text(&console)));
	assert_string_equal(what(),
			    "init: rep_movs_alternative+0x4a/0x90 _copy_to_iter+0xd1/0x700 "
			    "copy_page_to_iter+0x8a/0x140 shmem_file_read_iter+0x10a/0x3e0 vfs_read+0x245/0x370 "
			    "__x64_sys_pread64+0x98/0xd0 do_syscall_64+0x87/0x180 "
			    "entry_SYSCALL_64_after_hwframe+0x76/0x7e");
	buf_release(&console);
}

static void the_interrupt_that_asked_is_left_out(void **state)
{
	(void)state;
	assert_true(find("[    1.000001] NMI backtrace for cpu 0\n"
			 "[    1.000001] CPU: 0 UID: 0 PID: 80 Comm: folio bench Not tainted 6.12.0 #1\n"
			 "[    1.000001] Call Trace:\n"
			 "[    1.000001]  <IRQ>\n"
			 "[    1.000001]  dump_stack_lvl+0x64/0x80\n"
			 "[    1.000001]  </IRQ>\n"
			 "[    1.000001]  <TASK>\n"
			 "[    1.000001]  asm_common_interrupt+0x26/0x40\n"
			 "[    1.000001] RIP: 0010:filemap_read+0x10/0x300\n"
			 "[    1.000001]  ? filemap_read+0x1/0x300\n"
			 "[    1.000001]  vfs_read+0x245/0x370\n"
			 "[    1.000001]  do_syscall_64+0x87/0x180\n"));
	assert_string_equal(what(), "folio bench: filemap_read+0x10/0x300 vfs_read+0x245/0x370 do_syscall_64+0x87/0x180");
}

static void a_kernel_thread_is_better_than_nothing(void **state)
{
	(void)state;
	assert_true(find("NMI backtrace for cpu 0\n"
			 "CPU: 0 UID: 0 PID: 9 Comm: kworker/0:1 Tainted: G W 6.12.0 #1\n"
			 "RIP: 0010:spin+0x1/0x2\n"
			 "Call Trace:\n"
			 " worker_thread+0x1/0x2\n"));
	assert_string_equal(what(), "kworker/0:1: spin+0x1/0x2 worker_thread+0x1/0x2");
}

static void idle_cpus_alone_are_nothing(void **state)
{
	(void)state;
	assert_false(find("NMI backtrace for cpu 0\n"
			  "CPU: 0 UID: 0 PID: 0 Comm: swapper/0 Not tainted 6.12.0 #1\n"
			  "RIP: 0010:pv_native_safe_halt+0xf/0x20\n"
			  "Call Trace:\n default_idle+0x9/0x20\n"
			  "NMI backtrace for cpu 1 skipped: idling at default_idle+0x9/0x20\n"));
	assert_int_equal(found.nframes, 0);
	assert_null(found.comm);
}

static void a_task_that_sleeps_is_found(void **state)
{
	(void)state;
	assert_true(find("sysrq: Show Blocked State\n"
			 "task:foliobench      state:D stack:0     pid:81    tgid:80    ppid:1      flags:0x00004002\n"
			 "Call Trace:\n <TASK>\n __schedule+0x3fa/0xb30\n schedule+0x27/0xf0\n"
			 " io_schedule+0x46/0x70\n folio_wait_bit_common+0x13f/0x340\n do_syscall_64+0x87/0x180\n </TASK>\n"));
	assert_string_equal(what(), "foliobench: io_schedule+0x46/0x70 folio_wait_bit_common+0x13f/0x340 do_syscall_64+0x87/0x180");
}

static void arm64_writes_it_otherwise(void **state)
{
	(void)state;
	assert_true(find("NMI backtrace for cpu 1\n"
			 "CPU: 1 UID: 0 PID: 90 Comm: foliobench Not tainted 6.12.0 #1\n"
			 "pstate: 60400005 (nZCv daif +PAN -UAO -TCO -DIT -SSBS BTYPE=--)\n"
			 "pc : __arch_copy_to_user+0x180/0x240\n"
			 "lr : _copy_to_iter+0xa8/0x560\n"
			 "sp : ffff800080d0bb40\n"
			 "Call trace:\n"
			 " __arch_copy_to_user+0x180/0x240 (P)\n"
			 " filemap_read+0x110/0x3a0\n"
			 " invoke_syscall+0x50/0x120\n"));
	assert_string_equal(what(), "foliobench: __arch_copy_to_user+0x180/0x240 filemap_read+0x110/0x3a0 invoke_syscall+0x50/0x120");
}

static void more_frames_than_are_kept_are_cut(void **state)
{
	struct buf console = BUF_INIT;
	int i;

	(void)state;
	buf_str(&console, "NMI backtrace for cpu 1\nCPU: 1 PID: 1 Comm: a Not tainted 1\nCall Trace:\n");
	for (i = 0; i < 100; i++)
		buf_fmt(&console, " f%d+0x1/0x2\n", i);
	assert_true(find(buf_text(&console)));
	assert_int_equal(found.nframes, INCIDENT_FRAMES);
	assert_string_equal(found.frame[INCIDENT_FRAMES - 1], "f7+0x1/0x2");
	buf_release(&console);
}

static void noise_is_no_backtrace(void **state)
{
	(void)state;
	assert_false(find(""));
	assert_false(find("\n\n\xff\xfe  +0x/0x\n"));
	assert_false(find("Call Trace:\n a+0x1/0x2\n"));	/* of nobody */
	assert_false(find("NMI backtrace for cpu 0\nCPU: 0 Comm: a Not tainted\nCall Trace:\n +0x1/0x2\n a+0x1\n a/0x2\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_cpu_in_a_system_call_is_found_among_idle_ones),
		cmocka_unit_test(the_interrupt_that_asked_is_left_out),
		cmocka_unit_test(a_kernel_thread_is_better_than_nothing),
		cmocka_unit_test(idle_cpus_alone_are_nothing),
		cmocka_unit_test(a_task_that_sleeps_is_found),
		cmocka_unit_test(arm64_writes_it_otherwise),
		cmocka_unit_test(more_frames_than_are_kept_are_cut),
		cmocka_unit_test(noise_is_no_backtrace),
	};

	return cmocka_run_group_tests(tests, NULL, release);
}
