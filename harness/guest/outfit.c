/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/guest/outfit.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/guest/disk.h"
#include "harness/guest/qemu.h"
#include "lib/alloc.h"
#include "lib/buf.h"

static void want_module(struct outfit *o, const char *name)
{
	size_t i;

	for (i = 0; o->module[i]; i++)
		if (!strcmp(o->module[i], name))
			return;
	o->module[i] = name;
}

/* The program with its options and the device, as PID 1 is to run it. */
static char **mkfs_argv(const char *fs, const char *device)
{
	const char *const *option = disk_mkfs_options(fs);
	char **argv;
	size_t n = 0, i;

	while (option && option[n])
		n++;
	argv = xcalloc(n + 3, sizeof(argv[0]));
	argv[0] = xstrdup(disk_mkfs_program(fs));
	for (i = 0; i < n; i++)
		argv[1 + i] = xstrdup(option[i]);
	argv[1 + n] = xstrdup(device);
	return argv;
}

static void on_ramdisk(struct outfit *o, struct relay_mount *m)
{
	size_t n = 0;

	m->device = xasprintf("/dev/ram%zu", o->ramdisks++);
	m->mkfs = mkfs_argv(m->type, m->device);
	while (o->program[n])
		n++;
	o->program[n] = disk_mkfs_program(m->type);
	want_module(o, "brd");
}

static void on_virtio(struct outfit *o, struct relay_mount *m, const char *fs)
{
	m->device = xasprintf("/dev/vd%c", 'a' + (int)o->ndisks);
	o->disk_fs[o->ndisks++] = fs;
	want_module(o, "virtio_blk");
}

static int add_mount(struct outfit *o, const struct shape *s, const char *fs, struct buf *why)
{
	struct relay_mount *m = &o->setup.mount[o->setup.nmounts++];

	m->type = xstrdup(fs);
	m->dir = xstrdup(shape_dir(fs));
	if (!disk_mkfs_program(fs))
		return 0;	/* it lies in memory */
	want_module(o, fs);
	if (disk_fits(fs, s->disk_size, why))
		return -1;
	if (s->disk == DISK_VIRTIO) {
		on_virtio(o, m, fs);
		return 0;
	}
	on_ramdisk(o, m);
	if (s->arch == arch_host())
		return 0;
	buf_fmt(why,
		"%s on a RAM disk is made inside the guest, and this machine's %s is not for %s: "
		"put it on a virtio disk",
		fs, disk_mkfs_program(fs), arch_name(s->arch));
	return -1;
}

static bool named_before(const struct shape *s, size_t i)
{
	size_t k;

	for (k = 0; k < i; k++)
		if (!strcmp(s->fs[k], s->fs[i]))
			return true;
	return false;
}

static void add_root(struct outfit *o, const struct shape *s)
{
	o->setup.root_tag = xstrdup(QEMU_ROOT_TAG);
	o->setup.cwd = getcwd(NULL, 0);
	if (!o->setup.cwd)
		o->setup.cwd = xstrdup("/");	/* ours was removed */
	o->setup.shell = s->terminal;
	want_module(o, "9p");
	want_module(o, "9pnet_virtio");
	want_module(o, "overlay");
}

int outfit_plan(struct outfit *o, const struct shape *shape, struct buf *why)
{
	size_t i;

	memset(o, 0, sizeof(*o));
	o->setup.mount = xcalloc(shape->nfs + 1, sizeof(o->setup.mount[0]));
	/* what everything goes through, where a distribution's kernel has it as a module */
	want_module(o, "virtio_pci");
	want_module(o, "virtio_console");
	for (i = 0; i < shape->nfs; i++)
		if (!named_before(shape, i) && add_mount(o, shape, shape->fs[i], why))
			return -1;
	if (shape->host_root)
		add_root(o, shape);
	return 0;
}

void outfit_release(struct outfit *o)
{
	relay_setup_release(&o->setup);
	memset(o, 0, sizeof(*o));
}
