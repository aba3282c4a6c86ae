/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This program in the place of QEMU: a copy of it under QEMU's name comes first in
 * PATH. What that one does is a word on its kernel's command line (fake=WORD)
 * as it boots, and the first word of a call afterwards. For tests of guests.
 */
#ifndef TESTS_UNIT_FAKE_QEMU_H
#define TESTS_UNIT_FAKE_QEMU_H

#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "harness/guest/qemu.h"
#include "harness/kernel/kernel.h"
#include "tests/unit/scratch.h"

#define OOPS \
	"[    5.000001] BUG: kernel NULL pointer dereference, address: 0000000000000018\n" \
	"[    5.000002] #PF: supervisor read access in kernel mode\n" \
	"[    5.000003] Oops: Oops: 0000 [#1] PREEMPT SMP NOPTI\n" \
	"[    5.000004] CPU: 1 UID: 0 PID: 81 Comm: foliobench Not tainted 6.12.0 #1\n" \
	"[    5.000005] RIP: 0010:filemap_read+0x123/0x6f0\n" \
	"[    5.000006] Call Trace:\n" \
	"[    5.000007]  <TASK>\n" \
	"[    5.000008]  vfs_read+0x245/0x370\n" \
	"[    5.000009]  do_syscall_64+0x87/0x180\n" \
	"[    5.000010]  </TASK>\n" \
	"[    5.000011] ---[ end trace 0000000000000000 ]---\n"
#define PANIC \
	"[    5.000012] Kernel panic - not syncing: Fatal exception\n" \
	"[    5.000013] ---[ end Kernel panic - not syncing: Fatal exception ]---\n"
#define WARNING \
	"[    6.000001] ------------[ cut here ]------------\n" \
	"[    6.000002] WARNING: CPU: 0 PID: 81 at mm/filemap.c:123 filemap_read+0x1/0x2\n" \
	"[    6.000003] CPU: 0 UID: 0 PID: 81 Comm: foliobench Not tainted 6.12.0 #1\n" \
	"[    6.000004] RIP: 0010:filemap_read+0x1/0x2\n" \
	"[    6.000005] Call Trace:\n" \
	"[    6.000006]  <TASK>\n" \
	"[    6.000007]  vfs_read+0x245/0x370\n" \
	"[    6.000008]  </TASK>\n" \
	"[    6.000009] ---[ end trace 0000000000000000 ]---\n"
#define SPINNING \
	"[    9.000001] NMI backtrace for cpu 1\n" \
	"[    9.000002] CPU: 1 UID: 0 PID: 81 Comm: foliobench Not tainted 6.12.0 #1\n" \
	"[    9.000003] RIP: 0010:filemap_read+0x99/0x6f0\n" \
	"[    9.000004] Call Trace:\n" \
	"[    9.000005]  <TASK>\n" \
	"[    9.000006]  vfs_read+0x245/0x370\n" \
	"[    9.000007]  do_syscall_64+0x87/0x180\n"

/* The fake QEMU. Everything it has, it has under the numbers that a real one would. */

static inline void put(int fd, const char *text)
{
	size_t len = strlen(text);
	ssize_t n;

	while (len && (n = write(fd, text, len)) > 0) {
		text += n;
		len -= (size_t)n;
	}
}

static inline void message(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static inline void message(const char *fmt, ...)
{
	char line[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	put(QEMU_FD_RELAY, line);
}

static _Noreturn void die_as_a_machine(int status)
{
	_exit(status);
}

static inline void fake_flood(void)
{
	char page[4097];
	int i;

	memset(page, 'x', sizeof(page) - 1);
	page[sizeof(page) - 2] = '\n';
	page[sizeof(page) - 1] = '\0';
	for (i = 0; i < 18 << 8; i++)
		put(QEMU_FD_CONSOLE, page);
}

/* A call: what its first word asks for. False: the program goes on running. */
static inline bool fake_call(const char *word, unsigned call)
{
	int code = 0;

	if (!strcmp(word, "lines")) {
		message("{\"call\":%u,\"out\":\"first\"}\n{\"call\":%u,\"out\":\"second\"}\n", call, call);
		message("{\"call\":%u,\"err\":\"a word\\n\"}\n", call);
	} else if (!strcmp(word, "many")) {
		for (int i = 0; i < 20000; i++)
			message("{\"call\":%u,\"out\":\"%d\"}\n", call, i);
	} else if (!strcmp(word, "fail")) {
		message("{\"call\":%u,\"err\":\"foliobench: error: no such luck\\n\"}\n", call);
		code = 2;
	} else if (!strcmp(word, "mute")) {
		code = 3;
	} else if (!strcmp(word, "segfault")) {
		code = 128 + SIGSEGV;
	} else if (!strcmp(word, "oops")) {
		put(QEMU_FD_CONSOLE, OOPS PANIC);
		die_as_a_machine(0);
	} else if (!strcmp(word, "warn")) {
		put(QEMU_FD_CONSOLE, WARNING);
	} else if (!strcmp(word, "flood")) {
		fake_flood();
	} else if (!strcmp(word, "die")) {
		put(STDERR_FILENO, "qemu-system-x86_64: warning: it is late\nqemu-system-x86_64: out of memory\n");
		die_as_a_machine(3);
	} else if (!strcmp(word, "reset")) {
		die_as_a_machine(0);
	} else if (!strcmp(word, "kvm-error")) {
		put(STDERR_FILENO, "KVM internal error. Suberror: 1\n");
		return false;
	} else if (!strcmp(word, "nonsense")) {
		put(QEMU_FD_RELAY, "what is this\n");
		return false;
	} else if (!strcmp(word, "orders")) {
		put(QEMU_FD_RELAY, "{\"halt\":true}\n");
		return false;
	} else if (!strcmp(word, "fatal")) {
		message("{\"fatal\":\"read what is no message\"}\n");
		return false;
	} else {
		return false;	/* hang, deaf */
	}
	message("{\"call\":%u,\"exit\":%d}\n", call, code);
	return true;
}

/* Numbers and words out of a line, for a reader that knows what was written. */
static inline unsigned number_after(const char *line, const char *key)
{
	const char *at = strstr(line, key);

	return at ? (unsigned)strtoul(at + strlen(key), NULL, 10) : 0;
}

struct fake {
	char word[32];		/* of the call that runs */
	unsigned call;
	bool stubborn;		/* does not even power off */
	bool late;		/* has an error only when it does */
};

static inline void fake_message(struct fake *f, const char *line)
{
	const char *word = strstr(line, "\"foliobench\",\"");

	if (strstr(line, "\"halt\"")) {
		put(QEMU_FD_CONSOLE, "[    7.0] reboot: Power down\n");
		if (f->late)
			put(STDERR_FILENO, "foliotrace: error: write the trace: Input/output error\n");
		if (!f->stubborn)
			die_as_a_machine(0);
	} else if (strstr(line, "\"kill\"") && f->call && strcmp(f->word, "deaf")) {
		message("{\"call\":%u,\"exit\":137}\n", number_after(line, "\"kill\":"));
		f->call = 0;
	} else if (word) {
		f->call = number_after(line, "\"call\":");
		snprintf(f->word, sizeof(f->word), "%.*s", (int)strcspn(word + 14, "\""), word + 14);
		if (fake_call(f->word, f->call))
			f->call = 0;
	}
}

static inline void fake_monitor(const char *line)
{
	if (strstr(line, "info registers"))
		put(QEMU_FD_QMP, "{\"return\": \"\\r\\nCPU#0\\r\\nRAX=0\\r\\nRIP=ffffffff81234567 RFL=00000246\\r\\n\"}\r\n");
	else
		put(QEMU_FD_QMP, "{\"return\": {}}\r\n");
	if (strstr(line, "\"quit\""))
		die_as_a_machine(0);
}

/* The lines of one descriptor, as they come. False: at its end. */
static inline bool fake_read(int fd, struct buf *in, struct fake *f)
{
	char piece[65536], *end;
	ssize_t n = read(fd, piece, sizeof(piece));

	if (n <= 0)
		return false;
	buf_add(in, piece, (size_t)n);
	while (in->len && (end = memchr(in->s, '\n', in->len))) {
		*end = '\0';
		if (fd == QEMU_FD_QMP)
			fake_monitor(in->s);
		else
			fake_message(f, in->s);
		in->len -= (size_t)(end + 1 - in->s);
		memmove(in->s, end + 1, in->len + 1);
	}
	return true;
}

#define FAKE_READY "{\"relay\":1,\"ready\":true,\"release\":\"6.12.0\"}\n"

/* A guest that is counted in, with a script of three calls. */
static inline void fake_script(const char *append)
{
	put(QEMU_FD_CONSOLE, "foliobench: call 1 of 3\n");
	put(QEMU_FD_TRACE, "a trace");
	if (strstr(append, "fake=script-oops")) {
		put(QEMU_FD_CONSOLE, "foliobench: call 2 of 3\n" OOPS PANIC);
		die_as_a_machine(0);
	}
	if (strstr(append, "fake=script-full")) {
		put(STDERR_FILENO, "foliotrace: error: write the trace: No space left on device\n");
		die_as_a_machine(1);
	}
	if (strstr(append, "fake=script-glib")) {
		put(STDERR_FILENO, "**\nERROR:accel/tcg/cpu-exec.c:954:cpu_loop_exec_tb: assertion failed\n");
		die_as_a_machine(1);
	}
	if (strstr(append, "fake=script-mute"))
		return;
	message(FAKE_READY);
	if (strstr(append, "fake=script-late-oops")) {
		put(QEMU_FD_CONSOLE, WARNING);
		message("{\"call\":1,\"exit\":0}\n");
		return;
	}
	message("{\"symbols\":\"ffffffff81000000 T _te\"}\n{\"symbols\":\"xt\\n\"}\n");
	message("{\"call\":1,\"out\":\"first\"}\n{\"call\":1,\"out\":\"second\"}\n{\"call\":1,\"exit\":0}\n");
	if (strstr(append, "fake=script-fails")) {
		message("{\"call\":2,\"err\":\"no such luck\\n\"}\n{\"call\":2,\"exit\":3}\n");
		return;
	}
	message("{\"call\":2,\"exit\":0}\n{\"call\":3,\"err\":\"a word\\n\"}\n{\"call\":3,\"exit\":0}\n");
}

static inline void fake_boot(const char *append, struct fake *f)
{
	put(QEMU_FD_QMP, "{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 9, \"minor\": 8, \"major\": 7}}}}\r\n");
	put(QEMU_FD_CONSOLE, "[    0.000000] Linux version 6.12.0\n[    1.000000] Run /init as init process\n");
	f->stubborn = strstr(append, "fake=stubborn");
	f->late = strstr(append, "fake=script-late");
	if (strstr(append, "fake=mute"))
		return;
	if (strstr(append, "fake=fatal")) {
		message("{\"fatal\":\"mount ext4 on /mnt/ext4: no such device\"}\n");
	} else if (strstr(append, "fake=panic")) {
		put(QEMU_FD_CONSOLE, "[    2.000000] Kernel panic - not syncing: VFS: Unable to mount root fs\n"
				     "[    2.000001] ---[ end Kernel panic - not syncing: VFS ]---\n");
		die_as_a_machine(0);
	} else if (strstr(append, "fake=script")) {
		fake_script(append);
	} else {
		message(FAKE_READY);
	}
}

/* Was it told what a real one would be? It says so on its stderr where not. */
static inline const char *fake_check(int argc, char **argv)
{
	const char *append = NULL;
	struct stat st;
	int i;

	for (i = 1; i + 1 < argc; i++)
		if (!strcmp(argv[i], "-append"))
			append = argv[i + 1];
	for (i = QEMU_FD_CONSOLE; i <= QEMU_FD_INITRAMFS; i++)
		if (fstat(i, &st))
			return NULL;
	for (i = QEMU_FD_DISK; i < 64; i++)
		if (!fstat(i, &st))
			return NULL;	/* it inherited what is none of its business */
	if (open("/proc/self/fd/6", O_RDONLY | O_CLOEXEC) < 0 || open("/proc/self/fd/7", O_RDONLY | O_CLOEXEC) < 0)
		return NULL;
	return append;
}

/* Is it this program's copy that was started? */
static inline bool fake_wanted(const char *name)
{
	const char *slash = strrchr(name, '/');

	return !strcmp(slash ? slash + 1 : name, "qemu-system-x86_64");
}

static inline int fake_main(int argc, char **argv)
{
	struct buf relay = BUF_INIT, monitor = BUF_INIT;
	const char *append = fake_check(argc, argv);
	struct fake f = { .call = 0 };
	struct pollfd p[3] = { { .fd = QEMU_FD_RELAY, .events = POLLIN }, { .fd = QEMU_FD_QMP, .events = POLLIN },
			       { .fd = QEMU_FD_CONSOLE, .events = POLLIN } };
	char key;

	if (!append) {
		put(STDERR_FILENO, "qemu-system-x86_64: this is not how QEMU is called\n");
		_exit(1);
	}
	if (strstr(append, "fake=abort")) {
		put(STDERR_FILENO, "qemu-system-x86_64: error: failed to set MSR 0x10a to 0x69\n");
		prctl(PR_SET_DUMPABLE, 0);
		abort();
	}
	fake_boot(append, &f);
	while (poll(p, 3, -1) > 0) {
		if (p[0].revents && !fake_read(QEMU_FD_RELAY, &relay, &f))
			_exit(0);
		if (p[1].revents && !fake_read(QEMU_FD_QMP, &monitor, &f))
			_exit(0);
		if (p[2].revents && read(QEMU_FD_CONSOLE, &key, 1) == 1 && key == 'l' &&
		    !strstr(append, "fake=mute-dead"))
			put(QEMU_FD_CONSOLE, SPINNING);
	}
	_exit(0);
}

/* What the tests share. */

static char *image, *config, *console;
static struct kernel kernel;

static inline void copy_program(const char *to)
{
	struct buf b = BUF_INIT;

	if (buf_read_file(&b, "/proc/self/exe"))
		abort();
	scratch_write(to, b.s, b.len);
	if (chmod(to, 0755))
		abort();
	buf_release(&b);
}

static inline int fake_begin(void **state)
{
	char *program, *path;

	(void)state;
	scratch_begin();
	chmod(scratch_dir, 0755);	/* QEMU runs as nobody where we are root */
	image = xasprintf("%s/image", scratch_dir);
	config = xasprintf("%s/config", scratch_dir);
	console = xasprintf("%s/console", scratch_dir);
	program = xasprintf("%s/qemu-system-x86_64", scratch_dir);
	copy_program(program);
	free(program);
	path = xasprintf("%s:%s", scratch_dir, getenv("PATH"));
	setenv("PATH", path, 1);
	free(path);
	scratch_write(image, "a kernel", 8);
	scratch_write(config, "CONFIG_VIRTIO_PCI=y\nCONFIG_VIRTIO_CONSOLE=y\n", 44);
	kernel = (struct kernel){ .name = (char *)"6.12", .key = (char *)"0", .arch = ARCH_X86_64,
				  .release = (char *)"6.12.0", .image = image, .config = config, .hold = -1 };
	return 0;
}

static inline int fake_end(void **state)
{
	(void)state;
	free(image);
	free(config);
	free(console);
	buf_release(&scratch_ear.text);
	scratch_end();
	return 0;
}

static inline void has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("'%s' is not in: %s", part, text);
}

/* valgrind 3.19 does not know the call, and no child can be watched without it. */
static inline bool have_pidfds(void)
{
	int fd = (int)syscall(SYS_pidfd_open, getpid(), 0);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

#endif
