/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/guest/disk.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/child.h"
#include "lib/err.h"
#include "lib/exitcode.h"
#include "lib/units.h"

#define FS_OPTIONS_MAX 16
#define MKFS_LIMIT_NS (60 * UINT64_C(1000000000))

struct disk_fs {
	const char *fs, *program, *package;
	uint64_t least;		/* bytes, what the mkfs itself wants at least */
	off_t magic_at;		/* where its super block says what it is */
	const char *magic;
	const char *options[FS_OPTIONS_MAX];
};

/*
 * Everything that a mkfs would else take from its configuration, the disk's size or its
 * version is said here: a guest has no /etc/mke2fs.conf. No discard: images are new.
 */
static const struct disk_fs all[] = {
	{
		.fs = "ext4", .program = "mkfs.ext4", .package = "e2fsprogs",
		.least = 16 << 20, .magic_at = 1024 + 56, .magic = "\x53\xef",
		.options = { "-q", "-F", "-b", "4096", "-I", "256", "-i", "16384", "-m", "0", "-O",
			     "none,has_journal,ext_attr,resize_inode,dir_index,filetype,extent,64bit,flex_bg,"
			     "sparse_super,large_file,huge_file,dir_nlink,extra_isize,metadata_csum",
			     "-E", "lazy_itable_init=1,lazy_journal_init=1,nodiscard" },
	}, {
		.fs = "xfs", .program = "mkfs.xfs", .package = "xfsprogs",
		.least = 300 << 20, .magic_at = 0, .magic = "XFSB",
		.options = { "-q", "-f", "-K", "-b", "size=4096", "-s", "size=4096", "-d", "agcount=4", "-l", "size=64m",
			     "-m", "crc=1,reflink=1" },
	}, {
		.fs = "btrfs", .program = "mkfs.btrfs", .package = "btrfs-progs",
		.least = 128 << 20, .magic_at = 0x10040, .magic = "_BHRfS_M",
		.options = { "-q", "-f", "-K", "-d", "single", "-m", "single", "-s", "4096", "-n", "16384" },
	},
};

static const struct disk_fs *find_fs(const char *fs)
{
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (!strcmp(all[i].fs, fs))
			return &all[i];
	return NULL;
}

const char *disk_mkfs_program(const char *fs)
{
	const struct disk_fs *d = find_fs(fs);

	return d ? d->program : NULL;
}

const char *const *disk_mkfs_options(const char *fs)
{
	const struct disk_fs *d = find_fs(fs);

	return d ? d->options : NULL;
}

const char *disk_mkfs_package(const char *program)
{
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (!strcmp(all[i].program, program))
			return all[i].package;
	return NULL;
}

int disk_fits(const char *fs, uint64_t bytes, struct buf *why)
{
	const struct disk_fs *d = find_fs(fs);
	char least[UNITS_TEXT_MAX], given[UNITS_TEXT_MAX];

	if (!d || bytes >= d->least)
		return 0;
	buf_fmt(why, "%s wants at least %s, not %s", fs, units_size_text(d->least, least),
		units_size_text(bytes, given));
	return -1;
}

/* A file that no name leads to. */
static int nameless_file(void)
{
	const char *dir = getenv("TMPDIR");
	int fd = open(dir && *dir ? dir : "/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	return fd >= 0 ? fd : memfd_create("disk", MFD_CLOEXEC);
}

/* Where mkfs is not in PATH: a user's PATH often lacks the directories of root's programs. */
static char *find_mkfs(const char *program)
{
	static const char *const dirs[] = { "/usr/sbin", "/sbin", "/usr/local/sbin" };
	char *path;
	size_t i;

	if (child_exists(program))
		return xstrdup(program);
	for (i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		path = xasprintf("%s/%s", dirs[i], program);
		if (!access(path, X_OK))
			return path;
		free(path);
	}
	return NULL;
}

static int run_mkfs(const struct disk_fs *d, const char *mkfs, int fd)
{
	/* A configuration that is not there leaves mke2fs with what is compiled in, as in a guest. */
	static const char *const env[] = { "MKE2FS_CONFIG=/nonexistent/mke2fs.conf", "LC_ALL=C", NULL };
	const char *argv[FS_OPTIONS_MAX + 3] = { mkfs };
	/* The child does not have our descriptor: it opens ours by the number that we have here. */
	char *image = xasprintf("/proc/%d/fd/%d", getpid(), fd);
	struct buf said = BUF_INIT;
	const struct child_call call = { .argv = argv, .env = env, .name = d->program, .talk = &said,
					 .limit_ns = MKFS_LIMIT_NS };
	size_t n = 0;
	int ret;

	while (d->options[n]) {
		argv[1 + n] = d->options[n];
		n++;
	}
	argv[1 + n] = image;
	ret = child_run(&call, NULL, NULL) == EXIT_ACCEPT ? 0 : -1;
	if (ret)
		err("make a disk with %s: %s", d->fs, buf_text(&said));
	buf_release(&said);
	free(image);
	return ret;
}

static int check_magic(const struct disk_fs *d, int fd)
{
	char there[16] = "";
	size_t len = strlen(d->magic);

	if (pread(fd, there, len, d->magic_at) != (ssize_t)len || memcmp(there, d->magic, len))
		return err("%s said that it was done, but its disk holds no %s", d->program, d->fs);
	return 0;
}

static int fill(const struct disk_fs *d, uint64_t bytes, int fd)
{
	char *mkfs;
	int ret;

	if (ftruncate(fd, (off_t)bytes))
		return err("make a disk of %" PRIu64 " bytes: %m", bytes);
	mkfs = find_mkfs(d->program);
	if (!mkfs)
		return err("%s is not installed: it is in the package %s", d->program, d->package);
	ret = run_mkfs(d, mkfs, fd);
	if (!ret)
		ret = check_magic(d, fd);
	free(mkfs);
	return ret;
}

int disk_make(const char *fs, uint64_t bytes)
{
	const struct disk_fs *d = find_fs(fs);
	struct buf why = BUF_INIT;
	int fd;

	if (!d)
		return err("no disk can be made with the file system %s", fs);
	if (disk_fits(fs, bytes, &why)) {
		err("%s", buf_text(&why));
		buf_release(&why);
		return -1;
	}
	fd = nameless_file();
	if (fd < 0)
		return err("make a file for a disk: %m");
	if (!fill(d, bytes, fd))
		return fd;
	close(fd);
	return -1;
}
