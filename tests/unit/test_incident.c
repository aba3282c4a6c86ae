/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Consoles recorded from real kernels, and written after their formats: tests/consoles/README.md */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/guest/incident.h"
#include "lib/buf.h"

#define DIR_OF_CONSOLES "tests/consoles"

static const struct expected {
	const char *file;
	enum incident_kind kind;
	const char *what;	/* its beginning */
	const char *comm;
	const char *frame[3];	/* the innermost ones, as far as given */
	const char *last;	/* in the last of its lines */
} expected[] = {
	{ .file = "boot-x86-64" },
	{ .file = "boot-arm64" },
	{ .file = "x86-64-none-backtraces" },
	{ .file = "x86-64-none-talk" },
	{ .file = "written-none" },

	{ "x86-64-oops-null", INCIDENT_OOPS, "BUG: kernel NULL pointer dereference, address: 0000000000000000", "init",
	  { "deref.isra.0+0xc/0x20 [trouble]", "trouble_init+0x745/0xff0 [trouble]", "do_one_initcall+0x5b/0x320" },
	  "Kernel Offset: " },
	{ "x86-64-oops-paging", INCIDENT_OOPS, "BUG: unable to handle page fault for address: ffff800000001000", "init",
	  { "deref.isra.0+0xc/0x20 [trouble]" }, "Kernel Offset: " },
	{ "x86-64-oops-gpf", INCIDENT_OOPS, "Oops: general protection fault, probably for non-canonical address 0xdead",
	  "init", { "deref.isra.0+0xc/0x20 [trouble]" }, "Kernel Offset: " },
	{ "x86-64-oops-jump-to-null", INCIDENT_OOPS, "BUG: kernel NULL pointer dereference", "init",
	  { "trouble_init+0xb3/0xff0 [trouble]" }, "Kernel Offset: " },
	{ "x86-64-oops-stack-guard", INCIDENT_OOPS, "BUG: TASK stack guard page was hit at ", "init",
	  { "eat.isra.0+0x35/0x80 [trouble]", "eat.isra.0+0x47/0x80 [trouble]", "eat.isra.0+0x47/0x80 [trouble]" },
	  "Kernel Offset: " },
	{ "x86-64-oops-divide", INCIDENT_OOPS, "Oops: divide error: 0000 [#1]", "init",
	  { "trouble_init+0x3ff/0xff0 [trouble]" }, "Kernel Offset: " },
	{ "x86-64-oops-then-panic", INCIDENT_OOPS, "BUG: kernel NULL pointer dereference", "init",
	  { "deref.isra.0+0xc/0x20 [trouble]" }, "Kernel Offset: " },
	{ "x86-64-oops-int3", INCIDENT_EMULATOR, "Oops: int3: 0000 [#1] PREEMPT SMP NOPTI", "init",
	  { "trouble_init+0x150/0xff0 [trouble]" }, "Kernel Offset: " },
	{ "written-int3-multi", INCIDENT_EMULATOR, "Oops: int3: 0000 [#1]", "swapper/11",
	  { "sched_clock_cpu+0x9/0x1a0", "update_rq_clock+0x2e/0x250" }, "Kernel Offset: " },
	{ "written-int3-padding", INCIDENT_OOPS, "int3: 0000 [#1]", "foliobench",
	  { "filemap_read_fast+0x2a1/0x2b0", "filemap_read+0x2e/0x250" }, "end trace" },
	{ "written-gpf-5.10", INCIDENT_OOPS, "general protection fault, probably for non-canonical", "a b: c",
	  { "filemap_read+0x11/0x22", "vfs_read+0x9d/0x150" }, "end trace" },
	{ "x86-64-bug", INCIDENT_BUG, "kernel BUG at trouble.c:31!", "init", { "trouble_init+0x800/0xff0 [trouble]" },
	  "Kernel Offset: " },
	{ "x86-64-bug-list-corruption", INCIDENT_BUG, "kernel BUG at lib/list_debug.c:62!", "init",
	  { "__list_del_entry_valid_or_report+0xa7/0xc0", "trouble_init+0x64b/0xff0 [trouble]" }, "Kernel Offset: " },
	{ "x86-64-bug-bad-page", INCIDENT_BUG, "BUG: Bad page state in process init  pfn:01e30", "init",
	  { "bad_page+0x70/0x110", "free_unref_page+0x347/0x580" }, " </TASK>" },
	{ "x86-64-bug-atomic", INCIDENT_BUG, "BUG: scheduling while atomic: init/1/0x00000002", "init",
	  { "__schedule_bug+0x56/0x70" }, " </TASK>" },
	{ "written-slub", INCIDENT_BUG, "BUG kmalloc-64 (Not tainted): Right Redzone overwritten", "foliobench",
	  { "check_bytes_and_report+0xc1/0x110" }, " </TASK>" },
	{ "x86-64-warn", INCIDENT_WARN, "WARNING: CPU: 1 PID: 1 at trouble.c:32 trouble_init+0x450/0xff0 [trouble]",
	  "init", { "trouble_init+0x450/0xff0 [trouble]", "do_one_initcall+0x5b/0x320" }, "end trace" },
	{ "x86-64-warn-refcount", INCIDENT_WARN, "WARNING: CPU: 0 PID: 1 at lib/refcount.c:25", "init",
	  { "refcount_warn_saturate+0x9b/0x110", "trouble_init+0x7e9/0xff0 [trouble]" }, "end trace" },
	{ "x86-64-warn-three-times", INCIDENT_WARN, "WARNING: CPU: 1 PID: 1 at trouble.c:34", "init",
	  { "trouble_init+0x7b1/0xff0 [trouble]" }, "end trace" },
	{ "x86-64-warn-then-panic", INCIDENT_WARN, "WARNING: CPU: 1 PID: 1 at trouble.c:32", "init",
	  { "trouble_init+0x450/0xff0 [trouble]", "do_one_initcall+0x5b/0x320" }, "Kernel Offset: " },
	{ "x86-64-warn-four-cpus", INCIDENT_WARN, "WARNING: CPU: 0 PID: 176 at trouble.c:20", "warner/0",
	  { "warner+0x18/0x30 [trouble]" }, "end trace" },
	{ "written-warn-callers", INCIDENT_WARN, "WARNING: CPU: 0 PID: 176 at fs/read_write.c:20", "one",
	  { "first+0x18/0x30", "first_caller+0xd2/0x100", "first_root+0x1/0x2" }, "end trace" },
	{ "written-warn-6.19", INCIDENT_WARN, "WARNING: mm/filemap.c:2611 at filemap_read", "foliobench",
	  { "filemap_read+0x1c3/0x6f0", "vfs_read+0x2a1/0x3c0" }, "end trace" },
	{ "x86-64-kfence", INCIDENT_SANITIZER, "BUG: KFENCE: out-of-bounds write in trouble_init", "init",
	  { "trouble_init+0x326/0xff0 [trouble]", "do_one_initcall+0x5b/0x320" }, "=====" },
	{ "written-kasan", INCIDENT_SANITIZER, "BUG: KASAN: slab-use-after-free in filemap_read+0x4d1/0x6f0",
	  "foliobench", { "filemap_read+0x4d1/0x6f0", "vfs_read+0x2a1/0x3c0" }, "=====" },
	{ "written-kcsan", INCIDENT_SANITIZER, "BUG: KCSAN: data-race in filemap_read / folio_mark_accessed",
	  "foliobench", { "folio_mark_accessed+0x94/0x190", "filemap_read+0x3a9/0x6f0" }, "=====" },
	{ "written-ubsan", INCIDENT_SANITIZER, "UBSAN: array-index-out-of-bounds in mm/filemap.c:2371:14", "foliobench",
	  { "__ubsan_handle_out_of_bounds.cold+0x46/0x4b", "filemap_get_pages+0x612/0x640" }, "end trace" },
	{ "written-lockdep-circular", INCIDENT_LOCKDEP, "WARNING: possible circular locking dependency detected",
	  "foliobench", { "print_circular_bug.cold+0x178/0x1be", "check_noncircular+0x148/0x160" }, " </TASK>" },
	{ "written-lockdep-rcu", INCIDENT_LOCKDEP, "WARNING: suspicious RCU usage", "foliobench",
	  { "lockdep_rcu_suspicious+0x151/0x1c0", "xas_load+0x8b/0xa0" }, " </TASK>" },
	{ "written-sleeping", INCIDENT_LOCKDEP, "BUG: sleeping function called from invalid context at mm/filemap.c:2511",
	  "foliobench", { "__might_resched+0x1a8/0x270", "filemap_read_fast+0x9f/0x2a0" }, " </TASK>" },
	{ "x86-64-soft-lockup", INCIDENT_SOFT_LOCKUP, "watchdog: BUG: soft lockup - CPU#1 stuck for 9s! [spinner:140]",
	  "spinner", { "spinner+0x3d/0x80 [trouble]", "kthread+0xd2/0x100" }, " </TASK>" },
	{ "written-hard-lockup", INCIDENT_HARD_LOCKUP, "watchdog: Watchdog detected hard LOCKUP on cpu 2", "foliobench",
	  { "native_queued_spin_lock_slowpath+0x64/0x2a0", "_raw_spin_lock_irqsave+0x3d/0x50" }, " </TASK>" },
	{ "x86-64-hung-task", INCIDENT_HUNG_TASK, "INFO: task sleeper:140 blocked for more than 4 seconds.", "sleeper",
	  { "__schedule+0x4e0/0xbf0", "schedule+0x27/0xc0", "schedule_timeout+0x9e/0x170" }, " </TASK>" },
	{ "x86-64-rcu-stall-self", INCIDENT_RCU_STALL, "rcu: INFO: rcu_preempt self-detected stall on CPU", "init",
	  { "trouble_init+0x564/0xff0 [trouble]" }, " </TASK>" },
	{ "written-rcu-starved", INCIDENT_RCU_STALL, "rcu: INFO: rcu_preempt self-detected stall on CPU", "init",
	  { "trouble_init+0x564/0xff0 [trouble]" }, " </TASK>" },
	{ "x86-64-rcu-stall-other", INCIDENT_RCU_STALL, "rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:", "irqoff",
	  { "delay_tsc+0x37/0xa0", "irqoff+0x34/0x60 [trouble]" }, " </TASK>" },
	{ "x86-64-oom", INCIDENT_OOM, "Out of memory: Killed process 140 (init) total-vm:197604kB", "init",
	  { "oom_kill_process+0xfa/0x200", "out_of_memory+0x257/0x520" }, "Out of memory: Killed process 140" },
	{ "x86-64-oom-panic", INCIDENT_OOM, "init invoked oom-killer: gfp_mask=0x140dca", "init",
	  { "out_of_memory+0x395/0x520" }, "Kernel Offset: " },
	{ "x86-64-panic-init-exits", INCIDENT_PANIC,
	  "Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000300", "init", { "do_exit+0x9a3/0xaf0" },
	  "Kernel Offset: " },
	{ "x86-64-panic-init-segv", INCIDENT_PANIC,
	  "Kernel panic - not syncing: Attempted to kill init! exitcode=0x0000000b", "init", { "do_exit+0x9a3/0xaf0" },
	  "Kernel Offset: " },
	{ "x86-64-panic-no-root", INCIDENT_PANIC,
	  "Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)", "swapper/0",
	  { "mount_root_generic+0x1ac/0x350" }, "Kernel Offset: " },
	{ "x86-64-panic-sysrq", INCIDENT_PANIC, "Kernel panic - not syncing: sysrq triggered crash", "init",
	  { "sysrq_handle_crash+0x1a/0x20" }, "Kernel Offset: " },

	{ "arm64-oops-null", INCIDENT_OOPS, "Unable to handle kernel NULL pointer dereference at virtual address 0000",
	  "init", { "deref.isra.0+0x10/0x18 [trouble]", "do_one_initcall+0x64/0x280" }, "Memory Limit: none" },
	{ "arm64-oops-paging", INCIDENT_OOPS, "Unable to handle kernel paging request at virtual address ffff800000001000",
	  "init", { "deref.isra.0+0x10/0x18 [trouble]" }, "Memory Limit: none" },
	{ "arm64-oops-stack", INCIDENT_OOPS, "Insufficient stack space to handle exception!", "init",
	  { "eat.isra.0+0x14/0xa8 [trouble]" }, "Memory Limit: none" },
	{ "arm64-bug", INCIDENT_BUG, "kernel BUG at trouble.c:31!", "init", { "trouble_init+0x7e8/0xff8 [trouble]" },
	  "Memory Limit: none" },
	{ "arm64-bug-bad-page", INCIDENT_BUG, "BUG: Bad page state in process init  pfn:43a00", "init",
	  { "bad_page+0x8c/0x138" }, NULL },
	{ "arm64-warn", INCIDENT_WARN, "WARNING: CPU: 0 PID: 1 at trouble.c:32 trouble_init+0x50c/0xff8", "init",
	  { "trouble_init+0x50c/0xff8 [trouble]", "do_one_initcall+0x64/0x280" }, "end trace" },
	{ "written-arm64-warn-6.14", INCIDENT_WARN, "WARNING: CPU: 1 PID: 130 at mm/filemap.c:2611", "foliobench",
	  { "filemap_read+0x5e8/0x600", "generic_file_read_iter+0xf4/0x168" }, "end trace" },
	{ "arm64-hung-task", INCIDENT_HUNG_TASK, "INFO: task sleeper:134 blocked for more than 4 seconds.", "sleeper",
	  { "__switch_to+0xfc/0x160", "__schedule+0x3ac/0xf50" }, NULL },
	{ "arm64-hung-worker", INCIDENT_HUNG_TASK, "INFO: task kworker/1:1:31 blocked for more than 4 seconds.",
	  "kworker/1:1", { "__switch_to+0xfc/0x160" }, NULL },
	{ "arm64-kfence", INCIDENT_SANITIZER, "BUG: KFENCE: out-of-bounds write in trouble_init", "init",
	  { "trouble_init+0x200/0xff8 [trouble]", "do_one_initcall+0x64/0x280" }, "=====" },
	{ "arm64-panic-sysrq", INCIDENT_PANIC, "Kernel panic - not syncing: sysrq triggered crash", "init",
	  { "sysrq_handle_crash+0x20/0x28" }, "Memory Limit: none" },
};

#define N_EXPECTED (sizeof(expected) / sizeof(expected[0]))

static void read_console(const char *file, struct buf *out)
{
	char path[256];

	snprintf(path, sizeof(path), DIR_OF_CONSOLES "/%s.txt", file);
	if (buf_read_file(out, path))
		fail_msg("cannot read %s", path);
}

static const struct incident *found(const struct incident_finder *f)
{
	bool complete;

	return incident_finder_found(f, &complete);
}

static bool is_complete(const struct incident_finder *f)
{
	bool complete;

	incident_finder_found(f, &complete);
	return complete;
}

static void feed(struct incident_finder *f, const char *text)
{
	incident_finder_feed(f, text, strlen(text));
}

static const char *last_line(const struct buf *lines)
{
	const char *end = lines->s + lines->len - 1;	/* the last newline */

	while (end > lines->s && end[-1] != '\n')
		end--;
	return end;
}

static void check(const struct expected *e, const struct incident *i)
{
	size_t n;

	if (i->kind != e->kind)
		fail_msg("%s: %s (%s), not %s", e->file, incident_name(i->kind), i->what, incident_name(e->kind));
	if (e->kind == INCIDENT_NONE)
		return;
	if (strncmp(i->what, e->what, strlen(e->what)))
		fail_msg("%s: what is \"%s\", not \"%s\"", e->file, i->what, e->what);
	if (!i->comm || strcmp(i->comm, e->comm))
		fail_msg("%s: in %s, not %s", e->file, i->comm, e->comm);
	for (n = 0; n < 3 && e->frame[n]; n++)
		if (n >= i->nframes || strcmp(i->frame[n], e->frame[n]))
			fail_msg("%s: frame %zu is %s, not %s", e->file, n, n < i->nframes ? i->frame[n] : "none",
				 e->frame[n]);
	if (e->last && !strstr(last_line(&i->lines), e->last))
		fail_msg("%s: its last line is %s", e->file, last_line(&i->lines));
	assert_true(strchr(i->lines.s, '[') == i->lines.s || i->lines.s[0] == '<');
}

static void every_console_says_what_is_expected_of_it(void **state)
{
	struct incident_finder *f;
	struct buf text = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < N_EXPECTED; i++) {
		buf_reset(&text);
		read_console(expected[i].file, &text);
		f = incident_finder_new();
		incident_finder_feed(f, text.s, text.len);
		incident_finder_end(f);
		check(&expected[i], found(f));
		incident_finder_free(f);
	}
	buf_release(&text);
}

static void every_console_in_the_directory_is_expected(void **state)
{
	DIR *dir = opendir(DIR_OF_CONSOLES);
	const struct dirent *d;
	char name[300];
	size_t i;

	(void)state;
	assert_non_null(dir);
	while ((d = readdir(dir))) {
		if (!strstr(d->d_name, ".txt"))
			continue;
		for (i = 0; i < N_EXPECTED; i++) {
			snprintf(name, sizeof(name), "%s.txt", expected[i].file);
			if (!strcmp(name, d->d_name))
				break;
		}
		if (i == N_EXPECTED)
			fail_msg("nothing is expected of %s", d->d_name);
	}
	closedir(dir);
}

/* One byte at a time, and pieces of changing size. */
static void a_console_torn_anywhere_says_the_same(void **state)
{
	struct incident_finder *f;
	struct buf text = BUF_INIT;
	size_t i, at, len, round;

	(void)state;
	for (i = 0; i < N_EXPECTED; i++) {
		buf_reset(&text);
		read_console(expected[i].file, &text);
		for (round = 0; round < 2; round++) {
			f = incident_finder_new();
			for (at = 0; at < text.len; at += len) {
				len = round ? 1 + (at * 7919 + i) % 97 : 1;
				if (len > text.len - at)
					len = text.len - at;
				incident_finder_feed(f, text.s + at, len);
			}
			incident_finder_end(f);
			check(&expected[i], found(f));
			incident_finder_free(f);
		}
	}
	buf_release(&text);
}

/* As a serial console sends it, with a terminal's colours and a log level. */
static void carriage_returns_colours_and_levels_do_not_matter(void **state)
{
	struct incident_finder *f;
	struct buf text = BUF_INIT;
	size_t i, at;

	(void)state;
	for (i = 0; i < N_EXPECTED; i++) {
		buf_reset(&text);
		read_console(expected[i].file, &text);
		f = incident_finder_new();
		for (at = 0; at < text.len; at++) {
			if (text.s[at] == '[' && (!at || text.s[at - 1] == '\n'))
				feed(f, "\033[1;31m<6>\033[0m");
			if (text.s[at] == '\n')
				feed(f, "\033[K\r");
			incident_finder_feed(f, text.s + at, 1);
		}
		incident_finder_end(f);
		check(&expected[i], found(f));
		if (expected[i].kind != INCIDENT_NONE) {
			assert_null(strchr(found(f)->lines.s, '\r'));
			assert_null(strchr(found(f)->lines.s, '\033'));
		}
		incident_finder_free(f);
	}
	buf_release(&text);
}

static void an_incident_is_complete_before_the_console_ends(void **state)
{
	struct incident_finder *f;
	struct buf text = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < N_EXPECTED; i++) {
		buf_reset(&text);
		read_console(expected[i].file, &text);
		f = incident_finder_new();
		incident_finder_feed(f, text.s, text.len);
		if (is_complete(f) != (expected[i].kind != INCIDENT_NONE))
			fail_msg("%s: complete: %d", expected[i].file, is_complete(f));
		incident_finder_end(f);
		assert_int_equal(is_complete(f), expected[i].kind != INCIDENT_NONE);
		incident_finder_free(f);
	}
	buf_release(&text);
}

static void it_is_complete_at_the_end_of_its_trace_and_not_before(void **state)
{
	struct incident_finder *f = incident_finder_new();

	(void)state;
	feed(f, "[    1.000000] ------------[ cut here ]------------\n[    1.000001] three folios\n");
	assert_int_equal(found(f)->kind, INCIDENT_NONE);
	feed(f, "[    1.000002] WARNING: CPU: 0 PID: 7 at mm/x.c:1 f+0x1/0x2\n");
	assert_int_equal(found(f)->kind, INCIDENT_WARN);
	assert_string_equal(found(f)->lines.s,
			    "[    1.000000] ------------[ cut here ]------------\n[    1.000001] three folios\n"
			    "[    1.000002] WARNING: CPU: 0 PID: 7 at mm/x.c:1 f+0x1/0x2\n");
	feed(f, "[    1.000003] Call Trace:\n[    1.000004]  g+0x1/0x2\n");
	assert_false(is_complete(f));
	feed(f, "[    1.000005] ---[ end trace 0000000000000000 ]---\n");
	assert_true(is_complete(f));
	feed(f, "[    1.000006] nothing to do with it\n");
	assert_null(strstr(found(f)->lines.s, "nothing to do"));
	incident_finder_free(f);
}

#define WARNED "[    1.000000] WARNING: CPU: 0 PID: 7 at mm/x.c:1 f+0x1/0x2\n"
#define ENDED "[    1.000009] ---[ end trace 0000000000000000 ]---\n"

/* Without callers nothing tells whose trace it is: better none than another task's. */
static void frames_of_another_cpus_report_are_not_taken(void **state)
{
	static const char *const between[] = {
		"[    1.000001] ------------[ cut here ]------------\n",
		"[    1.000001] CPU: 1 UID: 0 PID: 8 Comm: other Not tainted 6.12.0\n",
	};
	struct incident_finder *f;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		f = incident_finder_new();
		feed(f, WARNED);
		feed(f, between[i]);
		feed(f, "[    1.000002] Call Trace:\n[    1.000003]  <TASK>\n[    1.000004]  others+0x1/0x2\n"
			"[    1.000005]  </TASK>\n[    1.000006] CPU: 0 UID: 0 PID: 7 Comm: mine Not tainted 6.12.0\n");
		incident_finder_end(f);
		assert_string_equal(found(f)->comm, "mine");
		assert_int_equal(found(f)->nframes, 1);
		incident_finder_free(f);
	}
}

static void reports_in_each_other_end_with_the_last_of_them(void **state)
{
	struct incident_finder *f = incident_finder_new();

	(void)state;
	feed(f, WARNED "[    1.000001] ------------[ cut here ]------------\n" ENDED);
	assert_false(is_complete(f));
	feed(f, ENDED);
	assert_true(is_complete(f));
	incident_finder_free(f);
}

static void a_programs_words_within_a_report_are_not_the_kernels(void **state)
{
	struct incident_finder *f = incident_finder_new();

	(void)state;
	feed(f, WARNED "CPU: 0 UID: 0 PID: 7 Comm: liar Not tainted\nCall Trace:\n lie+0x1/0x2\n---[ end trace ]---\n");
	assert_false(is_complete(f));
	feed(f, "[    1.000001] CPU: 0 UID: 0 PID: 7 Comm: mine Not tainted 6.12.0\n" ENDED);
	assert_true(is_complete(f));
	assert_string_equal(found(f)->comm, "mine");
	assert_int_equal(found(f)->nframes, 1);
	assert_non_null(strstr(found(f)->lines.s, "lie+0x1/0x2"));	/* said all the same */
	incident_finder_free(f);
}

static void a_console_that_ends_within_a_line_is_heard_out(void **state)
{
	struct incident_finder *f = incident_finder_new();

	(void)state;
	feed(f, "[    1.000000] Kernel panic - not syncing: the last words");
	assert_int_equal(found(f)->kind, INCIDENT_NONE);
	incident_finder_end(f);
	assert_true(is_complete(f));
	assert_int_equal(found(f)->kind, INCIDENT_PANIC);
	assert_string_equal(found(f)->what, "Kernel panic - not syncing: the last words");
	assert_null(found(f)->comm);
	assert_int_equal(found(f)->nframes, 0);
	incident_finder_free(f);
}

static void the_first_of_several_incidents_is_found(void **state)
{
	struct incident_finder *f = incident_finder_new();

	(void)state;
	feed(f, "[    1.000000] WARNING: CPU: 0 PID: 7 at mm/x.c:1 f+0x1/0x2\n"
		"[    1.000001] ---[ end trace 0000000000000000 ]---\n"
		"[    2.000000] BUG: kernel NULL pointer dereference, address: 0000000000000008\n"
		"[    2.000001] RIP: 0010:later+0x1/0x2\n");
	assert_int_equal(found(f)->kind, INCIDENT_WARN);
	assert_int_equal(found(f)->nframes, 1);
	assert_null(strstr(found(f)->lines.s, "later"));
	incident_finder_free(f);
}

static void a_message_in_the_middle_of_a_programs_line_is_found(void **state)
{
	struct incident_finder *f = incident_finder_new();

	(void)state;
	feed(f, "foliobench: half a li[    1.000000] kernel BUG at mm/filemap.c:7!\nne\n");
	assert_int_equal(found(f)->kind, INCIDENT_BUG);
	assert_string_equal(found(f)->what, "kernel BUG at mm/filemap.c:7!");
	assert_memory_equal(found(f)->lines.s, "[    1.000000] kernel", 21);
	incident_finder_free(f);
}

static void a_kernel_without_times_is_understood(void **state)
{
	struct incident_finder *f = incident_finder_new();

	(void)state;
	feed(f, "Booting\nWARNING: CPU: 0 PID: 7 at mm/x.c:1 f+0x1/0x2 [m]\n"
		"CPU: 0 UID: 0 PID: 7 Comm: task Tainted: G        W\nCall Trace:\n <TASK>\n ? no+0x1/0x2\n g+0x1/0x2\n </TASK>\n"
		"---[ end trace 0000000000000000 ]---\n");
	assert_true(is_complete(f));
	assert_string_equal(found(f)->comm, "task");
	assert_int_equal(found(f)->nframes, 2);
	assert_string_equal(found(f)->frame[0], "f+0x1/0x2 [m]");
	assert_string_equal(found(f)->frame[1], "g+0x1/0x2");
	incident_finder_free(f);
}

static void an_early_exception_is_found_though_it_has_no_time(void **state)
{
	struct incident_finder *f = incident_finder_new();

	(void)state;
	feed(f, "[    0.000000] Linux version 6.12\n"
		"PANIC: early exception 0x0e IP 10:ffffffff81000000 error 0 cr2 0x0\n");
	assert_int_equal(found(f)->kind, INCIDENT_OOPS);
	incident_finder_free(f);
}

static void frames_are_at_most_as_many_as_fit(void **state)
{
	struct incident_finder *f = incident_finder_new();
	char line[64];
	int i;

	(void)state;
	feed(f, "[    1.000000] BUG: unable to handle page fault for address: 0000000000000008\n"
		"[    1.000000] Call Trace:\n");
	for (i = 0; i < 100; i++) {
		snprintf(line, sizeof(line), "[    1.000000]  f%d+0x1/0x2\n", i);
		feed(f, line);
	}
	incident_finder_end(f);
	assert_int_equal(found(f)->nframes, INCIDENT_FRAMES);
	assert_string_equal(found(f)->frame[INCIDENT_FRAMES - 1], "f7+0x1/0x2");
	incident_finder_free(f);
}

/* A kernel that repeats itself for ever fills no memory, and is not waited for. */
static void endless_words_and_lines_are_cut(void **state)
{
	struct incident_finder *f = incident_finder_new();
	int i;

	(void)state;
	for (i = 0; i < 100000; i++)
		feed(f, "garbage without an end\001\377");
	feed(f, "\n[    1.000000] BUG: unable to handle page fault for address: 0000000000000008\n");
	assert_int_equal(found(f)->kind, INCIDENT_OOPS);
	for (i = 0; i < 5000; i++)
		feed(f, "[    1.000000] and on and on it goes, nobody knows for how long and what for\n");
	assert_true(is_complete(f));
	assert_true(found(f)->lines.len <= 64 << 10);
	incident_finder_free(f);
}

static void bytes_that_are_no_text_become_question_marks(void **state)
{
	struct incident_finder *f = incident_finder_new();

	(void)state;
	incident_finder_feed(f, "[    1.000000] BUG: \0\001\377 bad\n", 28);
	assert_string_equal(found(f)->what, "BUG: ??? bad");
	incident_finder_free(f);
}

static void nothing_at_all_is_no_incident(void **state)
{
	struct incident_finder *f = incident_finder_new();

	(void)state;
	feed(f, "");
	feed(f, "\n\n\r\n\033[\n[\n[ 1.\n[1.000000\n<\n<9\n[    1.000000]\n[    1.000000][\n[    1.000000][ T]\n");
	incident_finder_end(f);
	assert_int_equal(found(f)->kind, INCIDENT_NONE);
	assert_false(is_complete(f));
	incident_finder_free(f);
	incident_finder_free(NULL);
}

static void the_text_for_people_has_kind_task_and_frames(void **state)
{
	struct incident i = { .kind = INCIDENT_OOPS, .what = "BUG: bad", .comm = "foliobench",
			      .frame = { "f+0x1/0x2", "g+0x1/0x2" }, .nframes = 2 };
	struct incident silent = { .kind = INCIDENT_SILENT };
	struct buf out = BUF_INIT;

	(void)state;
	incident_text(&i, &out);
	assert_string_equal(out.s, "oops: BUG: bad\n  task: foliobench\n  where: f+0x1/0x2\n         g+0x1/0x2\n");
	buf_reset(&out);
	incident_text(&silent, &out);
	assert_string_equal(out.s, "silent\n");
	buf_release(&out);
}

static void a_copy_shares_nothing(void **state)
{
	struct incident_finder *f = incident_finder_new();
	struct incident copy, empty;

	(void)state;
	incident_copy(&empty, found(f));
	assert_int_equal(empty.kind, INCIDENT_NONE);
	incident_release(&empty);
	feed(f, "[    1.000000] WARNING: CPU: 0 PID: 7 at mm/x.c:1 f+0x1/0x2\n");
	incident_copy(&copy, found(f));
	incident_finder_free(f);
	assert_int_equal(copy.kind, INCIDENT_WARN);
	assert_string_equal(copy.frame[0], "f+0x1/0x2");
	assert_non_null(strstr(copy.lines.s, "mm/x.c:1"));
	incident_release(&copy);
	assert_int_equal(copy.kind, INCIDENT_NONE);
	assert_null(copy.what);
}

static void kinds_have_the_names_that_stored_data_has(void **state)
{
	static const char *const names[] = {
		"none", "panic", "oops", "bug", "warn", "sanitizer", "lockdep", "soft lockup", "hard lockup",
		"hung task", "rcu stall", "oom", "silent", "died", "emulator",
	};
	size_t i;

	(void)state;
	assert_int_equal(sizeof(names) / sizeof(names[0]), INCIDENT_EMULATOR + 1);
	for (i = 0; i <= INCIDENT_EMULATOR; i++)
		assert_string_equal(incident_name((enum incident_kind)i), names[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_console_says_what_is_expected_of_it),
		cmocka_unit_test(every_console_in_the_directory_is_expected),
		cmocka_unit_test(a_console_torn_anywhere_says_the_same),
		cmocka_unit_test(carriage_returns_colours_and_levels_do_not_matter),
		cmocka_unit_test(an_incident_is_complete_before_the_console_ends),
		cmocka_unit_test(it_is_complete_at_the_end_of_its_trace_and_not_before),
		cmocka_unit_test(frames_of_another_cpus_report_are_not_taken),
		cmocka_unit_test(reports_in_each_other_end_with_the_last_of_them),
		cmocka_unit_test(a_programs_words_within_a_report_are_not_the_kernels),
		cmocka_unit_test(a_console_that_ends_within_a_line_is_heard_out),
		cmocka_unit_test(the_first_of_several_incidents_is_found),
		cmocka_unit_test(a_message_in_the_middle_of_a_programs_line_is_found),
		cmocka_unit_test(a_kernel_without_times_is_understood),
		cmocka_unit_test(an_early_exception_is_found_though_it_has_no_time),
		cmocka_unit_test(frames_are_at_most_as_many_as_fit),
		cmocka_unit_test(endless_words_and_lines_are_cut),
		cmocka_unit_test(bytes_that_are_no_text_become_question_marks),
		cmocka_unit_test(nothing_at_all_is_no_incident),
		cmocka_unit_test(the_text_for_people_has_kind_task_and_frames),
		cmocka_unit_test(a_copy_shares_nothing),
		cmocka_unit_test(kinds_have_the_names_that_stored_data_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
