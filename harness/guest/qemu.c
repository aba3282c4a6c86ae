/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/guest/qemu.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/child.h"
#include "lib/err.h"
#include "lib/exitcode.h"
#include "lib/relay.h"

#define ICOUNT_SHIFT 1	/* an instruction takes 2 ns */

struct words {
	char **word;
	size_t n;
};

static void add(struct words *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void add(struct words *w, const char *fmt, ...)
{
	struct buf b = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vfmt(&b, fmt, ap);
	va_end(ap);
	w->word = xrealloc(w->word, w->n + 2, sizeof(w->word[0]));
	w->word[w->n++] = buf_detach(&b);
	w->word[w->n] = NULL;
}

static void add_plain(struct words *w, const char *const *word)
{
	for (; *word; word++)
		add(w, "%s", *word);
}

const char *qemu_program(enum arch arch)
{
	return arch == ARCH_ARM64 ? "qemu-system-aarch64" : "qemu-system-x86_64";
}

const char *qemu_package(enum arch arch)
{
	return arch == ARCH_ARM64 ? "qemu-system-arm" : "qemu-system-x86";
}

static void add_machine(struct words *w, const struct shape *s)
{
	bool kvm = s->accel == ACCEL_KVM;

	add(w, "-machine");
	if (s->arch == ARCH_ARM64)
		add(w, "virt,gic-version=max,memory-backend=ram");
	else
		add(w, "q35,smm=off,vmport=off,i8042=off,hpet=off,memory-backend=ram");
	add(w, "-accel");
	if (kvm)
		add(w, "kvm");
	else
		add(w, "tcg,thread=%s", s->accel == ACCEL_TCG_MULTI ? "multi" : "single");
	add(w, "-cpu");
	if (s->arch == ARCH_ARM64)
		add(w, "%s", kvm ? "host" : "neoverse-n1");
	else
		add(w, "%s", kvm ? "host,migratable=off" : "max");
	add(w, "-smp");
	add(w, "%u", s->cpus);
}

/* One backend for all memory, so that where it lies can be said. */
static void add_memory(struct words *w, const struct shape *s)
{
	uint64_t kib = s->memory >> 10;
	char node[64] = "";

	if (s->numa_node >= 0)
		snprintf(node, sizeof(node), ",host-nodes=%d,policy=bind", s->numa_node);
	add(w, "-m");
	add(w, "%" PRIu64 "K", kib);
	add(w, "-object");
	if (s->huge_pages)
		add(w, "memory-backend-memfd,id=ram,size=%" PRIu64 "K,hugetlb=on,prealloc=on%s", kib,
		    node);
	else
		add(w, "memory-backend-ram,id=ram,size=%" PRIu64 "K%s%s", kib,
		    s->numa_node >= 0 ? ",prealloc=on" : "", node);
}

/* So that QEMU finds it as the file /dev/fdset/FD. */
static void add_fdset(struct words *w, int fd)
{
	add(w, "-add-fd");
	add(w, "fd=%d,set=%d", fd, fd);
}

static void add_port(struct words *w, enum qemu_fd fd, const char *id, const char *name)
{
	add(w, "-chardev");
	add(w, "socket,id=%s,fd=%d", id, (int)fd);
	add(w, "-device");
	add(w, "virtserialport,chardev=%s,name=%s", id, name);
}

/*
 * A guest whose every boot is the same to the instruction: one thread, time that is a
 * number of instructions (and jumps to the next timer when all are idle), a date, and
 * one seed for all that QEMU and its guest have of randomness.
 */
static void add_counted(struct words *w)
{
	add(w, "-icount");
	add(w, "shift=%d,sleep=off", ICOUNT_SHIFT);
	add(w, "-rtc");
	add(w, "base=2026-01-01,clock=vm");
	add(w, "-seed");
	add(w, "1");
	add(w, "-plugin");
	add(w, "/proc/self/fd/%d,fd=%d", QEMU_FD_PLUGIN, QEMU_FD_TRACE);
}

static void add_channels(struct words *w, const struct shape *s, bool counted)
{
	if (counted)
		add_fdset(w, QEMU_FD_CONSOLE);
	add(w, "-chardev");
	if (counted)	/* without append it would be truncated, which a pipe cannot be */
		add(w, "file,id=console,path=/dev/fdset/%d,append=on", QEMU_FD_CONSOLE);
	else
		add(w, "socket,id=console,fd=%d", QEMU_FD_CONSOLE);
	add(w, "-serial");
	add(w, "chardev:console");
	add(w, "-chardev");
	add(w, "socket,id=qmp,fd=%d", QEMU_FD_QMP);
	add(w, "-mon");
	add(w, "chardev=qmp,mode=control");
	add(w, "-device");
	/* by an eventfd the guest's kicks would reach QEMU's main thread, whenever that has time */
	add(w, "virtio-serial-pci%s", counted ? ",ioeventfd=off" : "");
	add_port(w, QEMU_FD_RELAY, "relay", RELAY_PORT);
	if (!s->host_root)
		return;
	if (s->terminal) {
		add(w, "-chardev");
		add(w, "socket,id=terminal,fd=%d", QEMU_FD_TERMINAL);
		add(w, "-device");
		add(w, "virtconsole,chardev=terminal,nr=0");	/* the number that is kept for a console */
		return;
	}
	add_port(w, QEMU_FD_STDIN, "stdin", RELAY_PORT_STDIN);
	add_port(w, QEMU_FD_STDOUT, "stdout", RELAY_PORT_STDOUT);
	add_port(w, QEMU_FD_STDERR, "stderr", RELAY_PORT_STDERR);
}

/* What lies on a guest's disks is worth nothing after it: flushes are not waited for, files not locked. */
static void add_disk(struct words *w, size_t i)
{
	int fd = QEMU_FD_DISK + (int)i;

	add_fdset(w, fd);
	add(w, "-blockdev");
	add(w, "driver=file,node-name=file%zu,filename=/dev/fdset/%d,locking=off,cache.no-flush=on",
	    i, fd);
	add(w, "-blockdev");
	add(w, "driver=raw,node-name=disk%zu,file=file%zu", i, i);
	add(w, "-device");
	add(w, "virtio-blk-pci,drive=disk%zu", i);
}

static void add_root(struct words *w)
{
	add(w, "-fsdev");
	add(w, "local,id=root,path=/,security_model=none,readonly=on,multidevs=remap");
	add(w, "-device");
	add(w, "virtio-9p-pci,fsdev=root,mount_tag=" QEMU_ROOT_TAG);
}

char **qemu_argv(const struct qemu_line *line)
{
	static const char *const bare[] = {
		"-name", "foliobench,debug-threads=on", "-nodefaults", "-no-user-config",
		"-display", "none", "-nic", "none", "-no-reboot", "-sandbox",
		"on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny", NULL,
	};
	const struct shape *s = line->shape;
	struct words w = { 0 };
	size_t i;

	if (s->accel == ACCEL_AUTO)
		BUG("a command line for an accelerator that is not decided");
	add(&w, "%s", qemu_program(s->arch));
	add_plain(&w, bare);
	if (line->paused)
		add(&w, "-S");
	add_machine(&w, s);
	add_memory(&w, s);
	if (line->counted)
		add_counted(&w);
	add_channels(&w, s, line->counted);
	for (i = 0; i < line->ndisks; i++)
		add_disk(&w, i);
	if (s->host_root)
		add_root(&w);
	add(&w, "-kernel");
	add(&w, "/proc/self/fd/%d", QEMU_FD_KERNEL);
	add(&w, "-initrd");
	add(&w, "/proc/self/fd/%d", QEMU_FD_INITRAMFS);
	add(&w, "-append");
	add(&w, "%s", line->append);
	return w.word;
}

void qemu_argv_free(char **argv)
{
	size_t i;

	for (i = 0; argv && argv[i]; i++)
		free(argv[i]);
	free(argv);
}

/*
 * The kernel's own watchdogs, in seconds: how long it may spin, sleep or hold up
 * RCU. An emulated guest's CPUs may have to wait long for their turn on a busy
 * host without anything being wrong.
 */
static void append_watchdogs(const struct shape *s, bool counted, struct buf *out)
{
	bool kvm = s->accel == ACCEL_KVM;

	/* a soft lockup is twice the first; where time is instructions, nobody waits, and a second is half a billion */
	buf_fmt(out, " watchdog_thresh=%d softlockup_panic=1", counted ? 2 : kvm ? 10 : 15);
	/* looked for every five seconds: else one is found only after up to twice its time */
	buf_fmt(out, " sysctl.kernel.hung_task_timeout_secs=%d sysctl.kernel.hung_task_check_interval_secs=5"
		     " hung_task_panic=1", kvm ? 25 : 35);
	buf_fmt(out, " rcupdate.rcu_cpu_stall_timeout=%d", kvm ? 21 : 35);
}

/* What makes every boot the same, beside nokaslr, and short. */
static void append_counted(const struct shape *s, struct buf *out)
{
	/* addresses: of a program, and where in its stack a system call begins */
	buf_str(out, " norandmaps randomize_kstack_offset=off");
	/* a console that is slow to be read would hold the guest up: warnings and worse only */
	buf_str(out, " loglevel=5");
	/*
	 * QEMU's counter then counts the nanoseconds that instructions stand for. And to wait for a CPU to get
	 * ready is to execute so many: the 10 ms that ancient ones were given are half a second of ours.
	 */
	if (s->arch == ARCH_X86_64)
		buf_str(out, " tsc_early_khz=1000000 cpu_init_udelay=0");
}

void qemu_append(const struct shape *shape, size_t ramdisks, bool counted, struct buf *out)
{
	if (shape->arch == ARCH_ARM64)
		buf_str(out, "console=ttyAMA0 earlycon=pl011,0x9000000");
	else
		buf_str(out, "console=ttyS0 earlyprintk=serial,ttyS0,115200");
	buf_str(out, " panic=-1 oops=panic sysrq_always_enabled");
	append_watchdogs(shape, counted, out);
	if (shape->accel != ACCEL_KVM)
		buf_str(out, " nokaslr");
	if (shape->accel != ACCEL_KVM && shape->arch == ARCH_X86_64)
		buf_str(out, " no_timer_check tsc=reliable lpj=4000000");
	if (counted)
		append_counted(shape, out);
	if (ramdisks)
		buf_fmt(out, " brd.rd_nr=%zu brd.rd_size=%" PRIu64, ramdisks, shape->disk_size >> 10);
	if (shape->cmdline && *shape->cmdline)
		buf_fmt(out, " %s", shape->cmdline);
}

/* "QEMU emulator version 7.2.22 (Debian ...)" */
int qemu_version(enum arch arch, struct buf *version)
{
	static const char before[] = " version ";
	const char *program = qemu_program(arch), *at;
	const char *argv[] = { program, "--version", NULL };
	struct buf out = BUF_INIT;
	int ret = -1;

	if (!child_exists(program))
		return err("%s is not installed (Debian: apt install %s)", program,
			   qemu_package(arch));
	if (child_read(&(struct child_call){ .argv = argv }, &out) == EXIT_ACCEPT) {
		at = strstr(buf_text(&out), before);
		if (at) {
			at += strlen(before);
			buf_add(version, at, strcspn(at, " (\n"));
			ret = 0;
		} else {
			err("%s --version does not tell a version: %s", program, buf_text(&out));
		}
	}
	buf_release(&out);
	return ret;
}
