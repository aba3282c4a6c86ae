/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench/ports.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/clock.h"

#define PORTS "/sys/class/virtio-ports"
#define PATIENCE_NS 5000000000u	/* for a device: usually it is there before we are */

/* Neither sysfs nor a port without its host wakes a sleeper: look again after a moment. */
static bool wait_more(uint64_t until_ns)
{
	const struct timespec moment = { .tv_nsec = 1000000 };

	if (clock_now_ns() >= until_ns)
		return false;
	nanosleep(&moment, NULL);
	return true;
}

static bool is_called(const char *port, const char *name)
{
	char *path = xasprintf(PORTS "/%s/name", port);
	struct buf text = BUF_INIT;
	size_t len = strlen(name);
	bool same;

	same = *port != '.' && !buf_read_file(&text, path) && !strncmp(buf_text(&text), name, len) &&
	       (text.len == len || text.s[len] == '\n');
	buf_release(&text);
	free(path);
	return same;
}

/* Its device's path, which the caller frees, or NULL: not there, or not yet. */
static char *find(const char *name)
{
	DIR *ports = opendir(PORTS);
	const struct dirent *e;
	char *path = NULL;

	while (ports && !path && (e = readdir(ports)))
		if (is_called(e->d_name, name))
			path = xasprintf("/dev/%s", e->d_name);
	if (ports)
		closedir(ports);
	return path;
}

/* A port may be found a moment before it is told of its host. */
static void await_host(int fd, uint64_t host_ns)
{
	uint64_t until = clock_now_ns() + host_ns;
	struct pollfd port = { .fd = fd };

	do {
		if (poll(&port, 1, 0) < 0 || !(port.revents & POLLHUP))
			return;
	} while (wait_more(until));
}

int port_open(const char *name, int flags, uint64_t host_ns, struct buf *why)
{
	uint64_t until = clock_now_ns() + PATIENCE_NS;
	char *path;
	int fd;

	do
		path = find(name);
	while (!path && wait_more(until));
	if (!path) {
		buf_fmt(why, "no virtio port %s: %s", name, access(PORTS, F_OK) ?
			"the kernel lacks CONFIG_VIRTIO_CONSOLE" :
			"QEMU was given none of that name, or the kernel lacks CONFIG_VIRTIO_PCI");
		return -1;
	}
	fd = open(path, flags | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		buf_fmt(why, "open %s (%s): %s", path, name, strerror(errno));
	else
		await_host(fd, host_ns);
	free(path);
	return fd;
}

int port_device(const char *path, struct buf *why)
{
	uint64_t until = clock_now_ns() + PATIENCE_NS;

	while (access(path, F_OK)) {
		if (wait_more(until))
			continue;
		buf_fmt(why, "%s: no such device", path);
		return -1;
	}
	return 0;
}
