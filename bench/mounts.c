/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench/mounts.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "bench/ports.h"
#include "lib/alloc.h"
#include "lib/child.h"
#include "lib/exitcode.h"

#define HOST "/host"
#define LOWER HOST "/lower"
#define UPPER HOST "/upper"

/* What mount(2) and the rest of its words are. */
struct point {
	const char *from, *dir, *type;
	unsigned long flags;
	const char *options;
	bool optional;		/* a kernel without this type can do without */
};

static const char *config_of(const char *type)
{
	static const char *const configs[][2] = {
		{ "proc", "PROC_FS" }, { "sysfs", "SYSFS" }, { "devtmpfs", "DEVTMPFS" },
		{ "devpts", "UNIX98_PTYS" }, { "tmpfs", "TMPFS" }, { "ext4", "EXT4_FS" },
		{ "xfs", "XFS_FS" }, { "btrfs", "BTRFS_FS" }, { "9p", "9P_FS" }, { "overlay", "OVERLAY_FS" },
	};
	size_t i;

	for (i = 0; i < sizeof(configs) / sizeof(configs[0]); i++)
		if (!strcmp(configs[i][0], type))
			return configs[i][1];
	return NULL;
}

/* mkdir -p. */
static int make_dir(const char *dir, struct buf *why)
{
	char *path = xstrdup(dir), *at = path, end;
	int ret = 0;

	do {
		at += strspn(at, "/");
		at += strcspn(at, "/");
		end = *at;
		*at = '\0';
		if (*path && mkdir(path, 0755) && errno != EEXIST) {
			buf_fmt(why, "make directory %s: %s", path, strerror(errno));
			ret = -1;
		}
		*at = end;
	} while (end && !ret);
	free(path);
	return ret;
}

/* 0, or -1 or a negative error number, and why. */
static int mount_one(const struct point *p, struct buf *why)
{
	const char *config = config_of(p->type);
	int error;

	if (make_dir(p->dir, why))
		return -1;
	if (!mount(p->from, p->dir, p->type, p->flags, p->options))
		return 0;
	error = errno;
	if (error == ENODEV && p->optional)
		return 0;
	buf_fmt(why, "mount %s on %s: ", p->type, p->dir);
	if (error == ENODEV && config)
		buf_fmt(why, "the kernel lacks CONFIG_%s, or this guest its module", config);
	else
		buf_str(why, error == ENODEV ? "no such file system in the kernel" : strerror(error));
	return -error;
}

int mounts_system(struct buf *why)
{
	static const struct point points[] = {
		{ "proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL, false },
		{ "sysfs", "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL, false },
		{ "devtmpfs", "/dev", "devtmpfs", MS_NOSUID, "mode=0755", false },
		{ "devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "mode=0620,ptmxmode=0666", true },
		{ "tmpfs", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777", true },
		{ "tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777", true },
		{ "tmpfs", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755", true },
	};
	size_t i;

	for (i = 0; i < sizeof(points) / sizeof(points[0]); i++)
		if (mount_one(&points[i], why))
			return -1;
	return 0;
}

static int make_fs(const struct relay_mount *m, struct buf *why)
{
	struct buf talk = BUF_INIT;
	const struct child_call call = { .argv = (const char *const *)m->mkfs, .talk = &talk };
	int code;

	if (!m->mkfs)
		return 0;
	code = child_run(&call, NULL, NULL);
	if (code != EXIT_ACCEPT) {
		while (talk.len && talk.s[talk.len - 1] == '\n')
			talk.s[--talk.len] = '\0';
		buf_fmt(why, "make %s for %s: %s", m->type, m->dir,
			talk.len ? talk.s : "it could not be started");
	}
	buf_release(&talk);
	return code == EXIT_ACCEPT ? 0 : -1;
}

int mounts_make(const struct relay_mount *m, struct buf *why)
{
	const struct point point = {
		.from = m->device ? m->device : m->type, .dir = m->dir, .type = m->type, .options = m->options,
	};

	if ((m->device && port_device(m->device, why)) || make_fs(m, why) || mount_one(&point, why))
		return -1;
	/* as in /tmp: whoever measures need not be root */
	if (!chmod(m->dir, 01777))
		return 0;
	buf_fmt(why, "let everyone write to %s: %s", m->dir, strerror(errno));
	return -1;
}

static int mount_share(const char *tag, struct buf *why)
{
	const struct point share = {
		tag, LOWER, "9p", MS_RDONLY, "trans=virtio,version=9p2000.L,msize=262144,cache=loose", false,
	};

	int ret = mount_one(&share, why);

	if (ret == -EINVAL)
		buf_str(why, " (does the kernel lack CONFIG_NET_9P_VIRTIO?)");
	else if (ret == -ENOENT)
		buf_fmt(why, " (QEMU shares nothing with the tag %s)", tag);
	return ret;
}

int mounts_host(const char *tag, struct buf *why)
{
	static const struct point upper = { "tmpfs", UPPER, "tmpfs", 0, "mode=0755", false };
	static const struct point points[] = {
		{ "overlay", MOUNTS_HOST_ROOT, "overlay", 0,
		  "lowerdir=" LOWER ",upperdir=" UPPER "/data,workdir=" UPPER "/work", false },
		{ "/proc", MOUNTS_HOST_ROOT "/proc", "bind", MS_BIND, NULL, false },
		{ "/sys", MOUNTS_HOST_ROOT "/sys", "bind", MS_BIND, NULL, false },
		{ "/dev", MOUNTS_HOST_ROOT "/dev", "bind", MS_BIND | MS_REC, NULL, false },
		{ "tmpfs", MOUNTS_HOST_ROOT "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777", false },
		{ "tmpfs", MOUNTS_HOST_ROOT "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755", false },
	};
	size_t i;

	if (mount_share(tag, why) || mount_one(&upper, why) || make_dir(UPPER "/data", why) ||
	    make_dir(UPPER "/work", why))
		return -1;
	for (i = 0; i < sizeof(points) / sizeof(points[0]); i++)
		if (mount_one(&points[i], why))
			return -1;
	return 0;
}
