/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench/testfile.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "lib/alloc.h"
#include "lib/buf.h"

#define CHUNK (1u << 20)	/* of filling and verifying */

#ifndef BCACHEFS_SUPER_MAGIC
#define BCACHEFS_SUPER_MAGIC 0xca451a4e
#endif

/* A mixing step whose output passes BigCrush: Steele, Lea and Flood, "SplittableRandom" (2014). */
static uint64_t mix(uint64_t x)
{
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
	return x ^ (x >> 31);
}

static uint64_t stamp_word(const struct stamp *s, uint64_t word)
{
	uint64_t w = mix(s->key + (word + 1) * 0x9e3779b97f4a7c15);

	return s->flip ? ~w : w;
}

void stamp_fill(const struct stamp *s, void *data, size_t len, uint64_t offset)
{
	uint64_t period = s->period ? s->period : UINT64_MAX, at = offset % period, word;
	unsigned char *p = data;
	size_t i, n;

	for (i = 0; i < len; i += n) {
		word = stamp_word(s, at / 8) >> (at % 8 * 8);
		n = 8 - at % 8;
		if (n > period - at)
			n = period - at;
		if (n > len - i)
			n = len - i;
		memcpy(p + i, &word, n);	/* little-endian, as are all machines that this runs on */
		at += n;
		if (at == period)
			at = 0;
	}
}

ssize_t stamp_check(const struct stamp *s, const void *data, size_t len, uint64_t offset)
{
	const unsigned char *p = data;
	unsigned char want[512];
	size_t i, j, n;

	for (i = 0; i < len; i += n) {
		n = len - i < sizeof(want) ? len - i : sizeof(want);
		stamp_fill(s, want, n, offset + i);
		if (!memcmp(p + i, want, n))
			continue;
		for (j = 0; p[i + j] == want[j]; j++)
			;
		return (ssize_t)(i + j);
	}
	return -1;
}

/* In the order of testfile_fs_choices; ext2 and ext3 share ext4's number. */
static const long fs_magic[] = {
	[1] = V9FS_MAGIC, BCACHEFS_SUPER_MAGIC, BTRFS_SUPER_MAGIC, EROFS_SUPER_MAGIC_V1, EXT4_SUPER_MAGIC,
	F2FS_SUPER_MAGIC, NFS_SUPER_MAGIC, OVERLAYFS_SUPER_MAGIC, RAMFS_MAGIC, TMPFS_MAGIC, XFS_SUPER_MAGIC,
};
const char *const testfile_fs_choices[] = {
	"any", "9p", "bcachefs", "btrfs", "erofs", "ext4", "f2fs", "nfs", "overlay", "ramfs", "tmpfs", "xfs", NULL,
};

static int check_fs(int fd, const char *dir, const char *fs, struct buf *why)
{
	const char *found = NULL;
	struct statfs st;
	size_t i;

	if (!strcmp(fs, "any"))
		return 0;
	if (fstatfs(fd, &st)) {
		buf_fmt(why, "statfs %s: %m", dir);
		return -1;
	}
	for (i = 1; testfile_fs_choices[i]; i++)
		if (st.f_type == fs_magic[i])
			found = testfile_fs_choices[i];
	if (found && !strcmp(found, fs))
		return 0;
	if (found)
		buf_fmt(why, "%s is on %s, not on %s as asked: give dir= on a %s", dir, found, fs,
			fs);
	else
		buf_fmt(why,
			"%s is on a file system of type 0x%lx, not on %s as asked: give dir= on a %s",
			dir, (unsigned long)st.f_type, fs, fs);
	return -1;
}

int testfile_room(const char *dir, uint64_t bytes, struct buf *why)
{
	struct statfs st;
	struct sysinfo si;
	uint64_t room;

	if (!statfs(dir, &st) && st.f_blocks) {	/* ramfs has no limit and says 0 */
		room = (uint64_t)st.f_bfree * (uint64_t)st.f_bsize;
		if (bytes > room) {
			buf_fmt(why,
				"test files of %" PRIu64 " bytes do not fit %s, which has %" PRIu64
				" free: %s",
				bytes, dir, room, strerror(ENOSPC));
			return -1;
		}
	}
	if (sysinfo(&si))
		return 0;
	room = (uint64_t)si.totalram * si.mem_unit;
	if (bytes > room) {
		buf_fmt(why,
			"test files of %" PRIu64 " bytes cannot all be cached in %" PRIu64
			" bytes of memory",
			bytes, room);
		return -1;
	}
	return 0;
}

/* O_TMPFILE never shows a name; where it is not known, the name lives for a moment. */
static int open_unnamed(const char *dir, struct buf *why)
{
	char *path;
	int fd;

	fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd >= 0)
		return fd;
	if (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL) {
		path = xasprintf("%s/.foliobench-XXXXXX", dir);
		fd = mkostemp(path, O_CLOEXEC);
		if (fd >= 0)
			unlink(path);
		free(path);
	}
	if (fd < 0)
		buf_fmt(why, "make a test file in %s: %m", dir);
	return fd;
}

static int fill(const struct testfile *f, const char *dir, const struct stamp *content,
		struct buf *why)
{
	char *chunk = xcalloc(1, CHUNK);
	uint64_t at;
	ssize_t done;
	size_t n;

	for (at = 0; at < f->size; at += (uint64_t)done) {
		n = f->size - at < CHUNK ? f->size - at : CHUNK;
		stamp_fill(content, chunk, n, at);
		done = pwrite(f->fd, chunk, n, (off_t)at);
		if (done <= 0) {
			buf_fmt(why, "fill a test file of %" PRIu64 " bytes in %s: %s", f->size,
				dir, done < 0 ? strerror(errno) : "nothing written");
			free(chunk);
			return -1;
		}
	}
	free(chunk);
	if (fsync(f->fd)) {	/* else writeback would come in the middle of a window */
		buf_fmt(why, "fsync a test file in %s: %m", dir);
		return -1;
	}
	return 0;
}

int testfile_make(struct testfile *f, const char *dir, const char *fs, uint64_t size,
		  const struct stamp *content, struct buf *why)
{
	f->size = size;
	f->fd = open_unnamed(dir, why);
	if (f->fd < 0)
		return -1;
	if (check_fs(f->fd, dir, fs, why) || fill(f, dir, content, why) ||
	    testfile_verify(f, content, why))
		return -1;
	return testfile_resident(f, why);
}

void testfile_close(struct testfile *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
}

int testfile_open(const struct testfile *f, int flags, struct buf *why)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", f->fd);
	fd = open(path, flags | O_CLOEXEC);
	if (fd < 0)
		buf_fmt(why, "open the test file again through %s: %m%s", path,
			errno == ENOENT ? " (is /proc mounted?)" : "");
	return fd;
}

static atomic_bool was_wrong;

bool testfile_was_wrong(void)
{
	return atomic_load(&was_wrong);
}

int testfile_sized(const struct testfile *f, struct buf *why)
{
	struct stat st;

	if (fstat(f->fd, &st)) {
		buf_fmt(why, "stat the test file: %m");
		return -1;
	}
	if ((uint64_t)st.st_size != f->size) {
		buf_fmt(why, "test file: size is %lld, should be %" PRIu64, (long long)st.st_size,
			f->size);
		atomic_store(&was_wrong, true);
		return -1;
	}
	return 0;
}

int testfile_verify(const struct testfile *f, const struct stamp *content, struct buf *why)
{
	char *chunk;
	uint64_t at;
	ssize_t n, bad;
	int ret = -1;

	if (testfile_sized(f, why))
		return -1;
	chunk = xcalloc(1, CHUNK);
	for (at = 0; at < f->size; at += (uint64_t)n) {
		n = pread(f->fd, chunk, CHUNK, (off_t)at);
		if (n <= 0) {
			buf_fmt(why, "test file: read at offset %" PRIu64 ": %s", at,
				n < 0 ? strerror(errno) : "end of file too early");
			if (!n)
				atomic_store(&was_wrong, true);
			goto out;
		}
		bad = stamp_check(content, chunk, (size_t)n, at);
		if (bad >= 0) {
			buf_fmt(why, "test file: wrong byte 0x%02x at offset %" PRIu64,
				(unsigned char)chunk[bad], at + (uint64_t)bad);
			atomic_store(&was_wrong, true);
			goto out;
		}
	}
	ret = 0;
out:
	free(chunk);
	return ret;
}

int testfile_resident(const struct testfile *f, struct buf *why)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), pages = (f->size + page - 1) / page,
		 missing = 0, i;
	unsigned char *vec;
	void *map;

	map = mmap(NULL, f->size, PROT_READ, MAP_SHARED, f->fd, 0);
	if (map == MAP_FAILED) {
		buf_fmt(why, "map the test file: %m");
		return -1;
	}
	vec = xcalloc(pages, 1);
	if (mincore(map, f->size, vec)) {
		buf_fmt(why, "mincore on the test file: %m");
		missing = pages;
	} else {
		for (i = 0; i < pages; i++)
			missing += !(vec[i] & 1);
		if (missing)
			buf_fmt(why,
				"test file: %" PRIu64 " of %" PRIu64
				" pages left the page cache: too little memory",
				missing, pages);
	}
	free(vec);
	munmap(map, f->size);
	return missing ? -1 : 0;
}
