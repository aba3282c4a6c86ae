/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/guest/initramfs.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "harness/guest/disk.h"
#include "harness/guest/library.h"
#include "harness/guest/module.h"
#include "harness/kernel/kernel.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/relay.h"

#define SEAL_TRIES 50
#define SEAL_PAUSE_NS 20000000l
#define MODULES_DIR "/lib/modules"

struct entry {
	char *path;	/* as in the guest, from "/" */
	mode_t mode;
	char *from;	/* a file of this machine whose content it gets; or */
	struct buf data;
};

struct tree {
	struct entry *entry;
	size_t n;
};

static struct entry *find_entry(const struct tree *t, const char *path)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		if (!strcmp(t->entry[i].path, path))
			return &t->entry[i];
	return NULL;
}

/* An entry and the directories above it. One that is there already stays as it is, and is given. */
static struct entry *add_entry(struct tree *t, const char *path, mode_t mode)
{
	struct entry *e = find_entry(t, path);
	char *slash, *parent;

	if (e)
		return e;
	parent = xstrdup(path);
	slash = strrchr(parent, '/');
	*slash = '\0';
	if (slash > parent)
		add_entry(t, parent, S_IFDIR | 0755);
	free(parent);
	t->entry = xrealloc(t->entry, t->n + 1, sizeof(t->entry[0]));
	e = &t->entry[t->n++];
	*e = (struct entry){ .path = xstrdup(path), .mode = mode };
	return e;
}

static void add_file(struct tree *t, const char *path, const char *from, mode_t mode)
{
	struct entry *e = add_entry(t, path, S_IFREG | mode);

	if (!e->from)
		e->from = xstrdup(from);
}

static void tree_release(struct tree *t)
{
	size_t i;

	for (i = 0; i < t->n; i++) {
		free(t->entry[i].path);
		free(t->entry[i].from);
		buf_release(&t->entry[i].data);
	}
	free(t->entry);
}

/* The driver or another program, with all it links. */
static int add_program(struct tree *t, const char *path, const char *from, enum arch arch)
{
	struct library_list libs = { 0 };
	int ret = library_list_add(&libs, from, arch);
	size_t i;

	if (!ret) {
		add_file(t, path, from, 0755);
		for (i = 0; i < libs.n; i++)
			add_file(t, libs.lib[i].to, libs.lib[i].from, 0755);
	}
	library_list_release(&libs);
	return ret;
}

/* The caller frees; NULL after reporting. */
static char *find_program(const char *name)
{
	char *dirs = xasprintf("%s:/usr/sbin:/sbin", getenv("PATH") ? getenv("PATH") : "/usr/bin:/bin");
	char *dir, *save, *path = NULL;
	const char *package = disk_mkfs_package(name);

	for (dir = strtok_r(dirs, ":", &save); dir && !path; dir = strtok_r(NULL, ":", &save)) {
		path = xasprintf("%s/%s", dir, name);
		if (dir[0] == '/' && !access(path, X_OK))
			break;
		free(path);
		path = NULL;
	}
	free(dirs);
	if (!path && package)
		err("%s is not installed here, and the guest needs it: it is in the package %s", name, package);
	else if (!path)
		err("%s is not installed here, and the guest needs it", name);
	return path;
}

static int add_programs(struct tree *t, const struct initramfs_call *call)
{
	const char *const *name;
	struct relay_mount *m, *end = call->setup->mount + call->setup->nmounts;
	char *path;
	int ret = 0;

	for (name = call->program; name && *name && !ret; name++) {
		path = find_program(*name);
		if (!path)
			return -1;
		ret = add_program(t, path, path, call->kernel->arch);
		for (m = call->setup->mount; m < end && !ret; m++) {
			if (!m->mkfs || strcmp(m->mkfs[0], *name))
				continue;
			free(m->mkfs[0]);
			m->mkfs[0] = xstrdup(path);
		}
		free(path);
	}
	return ret;
}

/* A file's content, without what gzip, xz or zstd have done to it. */
static int read_decompressed(struct buf *out, const char *path)
{
	struct archive *a = archive_read_new();
	struct archive_entry *entry;
	char piece[65536];
	la_ssize_t n = -1;
	int ret = -1;

	archive_read_support_filter_all(a);
	archive_read_support_format_raw(a);
	if (archive_read_open_filename(a, path, sizeof(piece)) == ARCHIVE_OK &&
	    archive_read_next_header(a, &entry) == ARCHIVE_OK) {
		while ((n = archive_read_data(a, piece, sizeof(piece))) > 0)
			buf_add(out, piece, (size_t)n);
	}
	if (n < 0)
		err("read %s: %s", path, archive_error_string(a));
	else if (out->len < 4 || memcmp(out->s, "\177ELF", 4))
		err("%s is no kernel module", path);
	else
		ret = 0;
	archive_read_free(a);
	return ret;
}

static int add_modules(struct tree *t, const struct initramfs_call *call)
{
	struct relay_setup *s = call->setup;
	struct module_list list;
	struct entry *e;
	size_t i;
	int ret = module_list_make(&list, call->kernel, call->module);

	for (i = 0; s->module && s->module[i]; i++)
		free(s->module[i]);
	free(s->module);
	s->module = xcalloc(list.n + 1, sizeof(s->module[0]));
	for (i = 0; i < list.n && !ret; i++) {
		s->module[i] = xasprintf(MODULES_DIR "/%s.ko", list.file[i].name);
		e = add_entry(t, s->module[i], S_IFREG | 0644);
		ret = read_decompressed(&e->data, list.file[i].path);
	}
	module_list_release(&list);
	return ret;
}

/* What PID 1 mounts on, and the console that its first words go to. */
static void add_skeleton(struct tree *t)
{
	static const char *const dirs[] = { "/dev", "/mnt", "/proc", "/sys", "/tmp" };
	size_t i;

	for (i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		add_entry(t, dirs[i], S_IFDIR | 0755);
	add_entry(t, "/dev/console", S_IFCHR | 0600);
}

static int compare_entries(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->path, ((const struct entry *)b)->path);
}

static int refused(struct archive *a)
{
	return err("make the guest's initramfs: %s", archive_error_string(a));
}

static int write_entry(struct archive *a, struct entry *e, size_t number)
{
	struct archive_entry *entry;
	int ret = -1;

	if (e->from && buf_read_file(&e->data, e->from))
		return err("read %s: %m", e->from);
	entry = archive_entry_new();
	archive_entry_set_pathname(entry, e->path + 1);
	archive_entry_set_mode(entry, e->mode);
	archive_entry_set_ino(entry, (la_int64_t)number);
	archive_entry_set_nlink(entry, S_ISDIR(e->mode) ? 2 : 1);
	archive_entry_set_mtime(entry, 0, 0);
	archive_entry_set_size(entry, (la_int64_t)e->data.len);
	if (S_ISCHR(e->mode))
		archive_entry_set_rdev(entry, makedev(5, 1));	/* the only one there is: /dev/console */
	if (archive_write_header(a, entry) < ARCHIVE_WARN)
		refused(a);
	else if (e->data.len && archive_write_data(a, e->data.s, e->data.len) != (la_ssize_t)e->data.len)
		refused(a);
	else
		ret = 0;
	archive_entry_free(entry);
	buf_release(&e->data);	/* a driver and its libraries need not be in memory twice */
	return ret;
}

/* Sorted and numbered, so that the same files give the same bytes. */
static int write_archive(struct tree *t, int fd)
{
	struct archive *a = archive_write_new();
	int ret = -1;
	size_t i;

	qsort(t->entry, t->n, sizeof(t->entry[0]), compare_entries);
	if (archive_write_set_format_cpio_newc(a) || archive_write_add_filter_none(a) ||
	    archive_write_set_bytes_in_last_block(a, 1) || archive_write_open_fd(a, fd)) {
		refused(a);
		goto out;
	}
	for (i = 0; i < t->n; i++)
		if (write_entry(a, &t->entry[i], i + 1))
			goto out;
	ret = archive_write_close(a) ? refused(a) : 0;
out:
	archive_write_free(a);
	return ret;
}

/*
 * The kernel wants no reference to a page but the page cache's own, and waits for others to go: for 150 ms. On a
 * busy machine that may be too short.
 */
static int seal(int fd)
{
	const struct timespec pause = { .tv_nsec = SEAL_PAUSE_NS };
	int tries = SEAL_TRIES, ret;

	while ((ret = fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL)) &&
	       errno == EBUSY && --tries)
		nanosleep(&pause, NULL);
	return ret;
}

static int tree_to_memfd(struct tree *t)
{
	int fd = memfd_create("initramfs", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return err("memfd_create for the guest's initramfs: %m");
	if (write_archive(t, fd)) {
		close(fd);
		return -1;
	}
	if (seal(fd) || lseek(fd, 0, SEEK_SET)) {
		close(fd);
		return err("seal the guest's initramfs: %m");
	}
	return fd;
}

int initramfs_make(const struct initramfs_call *call)
{
	struct tree t = { 0 };
	struct entry *setup;
	int fd = -1;

	add_skeleton(&t);
	if (add_program(&t, "/init", call->driver, call->kernel->arch) || add_programs(&t, call) ||
	    add_modules(&t, call))
		goto out;
	setup = add_entry(&t, RELAY_SETUP_FILE, S_IFREG | 0644);
	relay_setup_text(call->setup, &setup->data);
	fd = tree_to_memfd(&t);
out:
	tree_release(&t);
	return fd;
}
