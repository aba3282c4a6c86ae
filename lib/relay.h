/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a harness and the driver inside a guest say to each other over a serial
 * port, a JSON object a line (docs/relay.md has examples). Pure.
 *
 * From the guest, in this order:
 *	{"relay":1,"ready":true,"release":"6.12.117"}	once, when it takes calls
 *	{"fatal":"mount ext4 on /mnt/ext4: ..."}	in place of it: why there will be no guest
 *	{"call":N,"out":"..."}			a line of the program's stdout, without its newline
 *	{"call":N,"err":"..."}			a piece of its stderr, as it came
 *	{"call":N,"exit":CODE}			it has ended; 128 + signal where one killed it
 *	{"symbols":"..."}			a piece of /proc/kallsyms, after a script with `symbols`
 * To the guest:
 *	{"call":N,"argv":["foliobench","run",...]}	one at a time; argv[0] "foliobench" is the driver itself
 *	{"call":N,"argv":[...],"root":true}		in the host's root directory, on the guest's terminal streams
 *	{"kill":N}				end it at once; one that has ended is none to kill
 *	{"halt":true}				power off
 *
 * A fatal can also come later: what the guest then read was none of these.
 *
 * A guest whose setup has a script makes those calls, numbered from 1, before it opens
 * the port, up to the first that does not exit with 0. Then it says that it is ready,
 * the symbols, and what the calls said, as if they had been asked for; and takes calls.
 *
 * Words NAME=VALUE before the program in argv are its environment, as env(1) has
 * it. With "root" no program means a shell: $SHELL, else bash, else sh; and on a
 * terminal LINES=24 COLUMNS=80 is the size of its window.
 *
 * Any text (out, err, fatal, symbols, a word of argv, a string of the setup) is a string
 * where its bytes are UTF-8. Otherwise it is {"bytes":"..."}, where every character
 * stands for the byte of its number, U+0000 to U+00FF.
 */
#ifndef LIB_RELAY_H
#define LIB_RELAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/buf.h"

#define RELAY_VERSION 1
#define RELAY_LINE_MAX (1u << 20)	/* bytes; longer lines of a program's stdout are an error of the call */
#define RELAY_WIRE_MAX (6 * RELAY_LINE_MAX + 256)	/* of a line as it travels: a control character is \u00XX there */
/* Names of the virtio-serial ports, as /sys/class/virtio-ports/vport*p* /name has them. */
#define RELAY_PORT "org.foliobench.relay"
#define RELAY_PORT_STDIN "org.foliobench.stdin"	/* these three only in guests that have the host's root and no shell */
#define RELAY_PORT_STDOUT "org.foliobench.stdout"
#define RELAY_PORT_STDERR "org.foliobench.stderr"
/* The file in the initramfs that tells PID 1 what to do; see struct relay_setup. */
#define RELAY_SETUP_FILE "/etc/foliobench.json"
/* Where the driver is in the initramfs: what the kernel starts as PID 1 under this name takes calls. */
#define RELAY_INIT "/init"

enum relay_kind {
	RELAY_READY, RELAY_FATAL, RELAY_OUT, RELAY_ERR, RELAY_EXIT, RELAY_SYMBOLS,	/* from the guest */
	RELAY_CALL, RELAY_KILL, RELAY_HALT,				/* to the guest */
};

struct relay_message {
	enum relay_kind kind;
	uint32_t call;
	int code;		/* RELAY_EXIT: 0 to 255 */
	bool root;		/* RELAY_CALL */
	char *text;		/* READY: the release; FATAL, OUT, ERR, SYMBOLS */
	size_t len;		/* of text, which may hold any byte; a NUL stands behind it that is not counted */
	char **argv;		/* RELAY_CALL: NULL at the end; empty only with root */
};

/* Appends the line, with its newline. */
void relay_line(const struct relay_message *m, struct buf *out);
/* One line without its newline: 0, or -1 and why. The caller releases in both cases. */
int relay_parse(const char *line, size_t len, struct relay_message *m, struct buf *why);
void relay_release(struct relay_message *m);

/* A file system that PID 1 makes and mounts before it is ready. */
struct relay_mount {
	char *type;		/* "tmpfs", "ramfs", "ext4", "xfs", "btrfs" */
	char *dir;		/* "/mnt/ext4" */
	char *device;		/* "/dev/ram0", "/dev/vda"; NULL: none needed */
	char **mkfs;		/* the program and its arguments, the device among them; NULL at the end; NULL: it is made already */
	char *options;		/* mount(2) data, or NULL */
};

struct relay_setup {
	/*
	 * Paths in the initramfs in the order to be loaded; NULL at the end; or NULL. A module's
	 * parameters are those of the kernel's command line, as for one that is built in: "brd.rd_nr=1".
	 */
	char **module;
	struct relay_mount *mount;
	size_t nmounts;
	char *root_tag;		/* the 9p mount tag of the host's root, or NULL */
	char *cwd;		/* directory in it to start in; NULL: its "/" */
	bool shell;		/* calls with root get the terminal hvc0, not the three ports */
	char ***script;		/* calls to be made before the port is opened, each as argv of a RELAY_CALL; or NULL */
	size_t nscript;
	bool symbols;		/* and /proc/kallsyms is wanted */
};

void relay_setup_text(const struct relay_setup *s, struct buf *out);
/* 0, or -1 and why. The caller releases in both cases. */
int relay_setup_parse(const char *text, size_t len, struct relay_setup *s, struct buf *why);
void relay_setup_release(struct relay_setup *s);

#endif
