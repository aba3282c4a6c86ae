/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench/init.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "bench/modules.h"
#include "bench/mounts.h"
#include "bench/ports.h"
#include "bench/script.h"
#include "bench/serve.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/exitcode.h"
#include "lib/relay.h"

#define TERMINAL "/dev/hvc0"
#define HOST_NS 5000000000u		/* for the harness to listen */
#define HOST_STDIO_NS 100000000u	/* a stream may be closed from the start, and then is so for good */
#define FILES_MAX (1u << 20)		/* descriptors a process may ask for: the kernel's own limit */
#define SEED_BYTES 32			/* what the kernel takes for enough */

bool init_wanted(const char *name)
{
	return getpid() == 1 && name && !strcmp(name, RELAY_INIT);
}

/* Without ACPI or a device tree a kernel that is to power off may only halt, and QEMU would stay. */
static bool can_power_off(void)
{
	return !access("/sys/firmware/acpi", F_OK) || !access("/sys/firmware/devicetree", F_OK);
}

/*
 * However init ends, by exit() as well: if it just ended, the kernel would panic.
 * Nothing is synced: no file system here outlives the guest, and syncing could
 * wait for ever on a kernel that is not well.
 */
static void power_off(void)
{
	if (getpid() != 1)
		return;
	fflush(NULL);
	tcdrain(STDOUT_FILENO);		/* else the console's last lines are lost */
	reboot(can_power_off() ? RB_POWER_OFF : RB_AUTOBOOT);
	reboot(RB_AUTOBOOT);
	for (;;)
		pause();
}

/* An initramfs without /dev/console leaves init without stdin, stdout and stderr. */
static void open_console(void)
{
	int fd;

	while ((fd = open("/dev/console", O_RDWR)) >= 0 && fd <= STDERR_FILENO)
		;
	if (fd >= 0)
		close(fd);
	while ((fd = open("/dev/null", O_RDWR)) >= 0 && fd <= STDERR_FILENO)
		;
	if (fd >= 0)
		close(fd);
}

static void set_limits(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files))
		return;
	files.rlim_max = FILES_MAX;	/* the driver raises its own soft limit to this */
	setrlimit(RLIMIT_NOFILE, &files);
}

/*
 * The first to read random numbers would wait for the kernel to have gathered some,
 * which takes an emulated one seconds; and everyone does, hash tables and mkfs. A
 * constant is as good here: nobody keeps a secret in this guest.
 */
static void seed_random(void)
{
	union {
		struct rand_pool_info info;
		char room[sizeof(struct rand_pool_info) + SEED_BYTES];
	} seed = { .info = { .entropy_count = 8 * SEED_BYTES, .buf_size = SEED_BYTES } };
	int fd = open("/dev/urandom", O_WRONLY | O_CLOEXEC);

	if (fd < 0 || ioctl(fd, RNDADDENTROPY, &seed))
		warn("seed /dev/urandom: %m");
	if (fd >= 0)
		close(fd);
}

static int read_setup(struct relay_setup *setup, struct buf *why)
{
	struct buf text = BUF_INIT;
	int ret;

	if (buf_read_file(&text, RELAY_SETUP_FILE)) {
		buf_fmt(why, "read %s: %s", RELAY_SETUP_FILE, strerror(errno));
		return -1;
	}
	buf_str(why, RELAY_SETUP_FILE ": ");
	ret = relay_setup_parse(buf_text(&text), text.len, setup, why);
	if (!ret)
		buf_reset(why);
	buf_release(&text);
	return ret;
}

static int open_stdio(int fd[3], struct buf *why)
{
	static const char *const names[] = { RELAY_PORT_STDIN, RELAY_PORT_STDOUT, RELAY_PORT_STDERR };
	int i;

	for (i = 0; i < 3; i++) {
		fd[i] = port_open(names[i], i ? O_WRONLY : O_RDONLY, HOST_STDIO_NS, why);
		if (fd[i] < 0)
			return -1;
	}
	return 0;
}

/* The host's root directory, for calls that want it. */
static int prepare_root(const struct relay_setup *setup, struct call_place *place, struct buf *why)
{
	if (!setup->root_tag)
		return 0;
	if (mounts_host(setup->root_tag, why))
		return -1;
	place->root = MOUNTS_HOST_ROOT;
	place->cwd = setup->cwd;
	if (!setup->shell)
		return open_stdio(place->stdio, why);
	place->terminal = TERMINAL;
	return port_device(TERMINAL, why);
}

/*
 * All that is to be there before a call can come. libnuma and hwloc are of no use to
 * this process, which started before there was a /sys for them to look at; but it
 * measures nothing: each call is a fresh start of the driver.
 */
static int prepare(struct relay_setup *setup, struct call_place *place, struct buf *why)
{
	size_t i;

	if (mounts_system(why))
		return -1;
	open_console();
	seed_random();
	if (read_setup(setup, why) || modules_load(setup->module, why))
		return -1;
	for (i = 0; i < setup->nmounts; i++)
		if (mounts_make(&setup->mount[i], why))
			return -1;
	return prepare_root(setup, place, why);
}

int init_main(void)
{
	struct serve s = { .port = -1, .place = { .driver = "/proc/self/exe" } };
	struct buf why = BUF_INIT, no_port = BUF_INIT, said = BUF_INIT;
	struct relay_setup setup = { 0 };
	int failed;

	atexit(power_off);
	umask(022);
	if (chdir("/"))
		warn("go to /: %m");
	set_limits();
	sethostname("foliobench", 10);
	setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);	/* for mkfs */
	failed = prepare(&setup, &s.place, &why);
	if (!failed)
		failed = script_run(&setup, &s.place, &said, &why);
	if (failed)
		err("%s", buf_text(&why));
	s.first = &said;
	s.port = port_open(RELAY_PORT, O_RDWR | O_NONBLOCK, HOST_NS, &no_port);
	if (s.port < 0)
		failed = err("%s", buf_text(&no_port));
	else if (failed)
		serve_fatal(s.port, buf_text(&why));
	else
		failed = serve(&s);
	relay_setup_release(&setup);
	buf_release(&why);
	buf_release(&no_port);
	buf_release(&said);
	return failed ? EXIT_CANNOT : EXIT_ACCEPT;
}
