/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/guest/supplies.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/guest/counted.h"
#include "harness/guest/disk.h"
#include "harness/guest/guest.h"
#include "harness/guest/initramfs.h"
#include "harness/kernel/kernel.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/err.h"

/* A copy that nobody can change, and that QEMU may open again whoever it runs as. */
static int image_fd(const char *path, const char *what)
{
	int from = open(path, O_RDONLY | O_CLOEXEC), to = -1;
	struct stat st;
	ssize_t n = 0;

	if (from < 0 || fstat(from, &st))
		err("open %s: %m", path);
	else if ((to = memfd_create(what, MFD_CLOEXEC | MFD_ALLOW_SEALING)) < 0)
		err("hold a %s in memory: %m", what);
	while (to >= 0 && lseek(to, 0, SEEK_CUR) < st.st_size &&
	       (n = sendfile(to, from, NULL, (size_t)st.st_size)) > 0)
		;
	if (to >= 0 && (n < 0 || lseek(to, 0, SEEK_CUR) != st.st_size ||
			fcntl(to, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW))) {
		err("read %s: %m", path);
		close(to);
		to = -1;
	}
	if (from >= 0)
		close(from);
	return to;
}

/* "HugePages_Free:  12" in /proc/meminfo; 0 where it is not there. */
static uint64_t meminfo(const char *key)
{
	struct buf text = BUF_INIT;
	uint64_t n = 0;
	char *at;

	if (!buf_read_file(&text, "/proc/meminfo") && (at = strstr(text.s, key)))
		n = strtoull(at + strlen(key), NULL, 10);
	buf_release(&text);
	return n;
}

/* Here, since QEMU would only say that it cannot allocate memory. */
static int check_huge_pages(const struct shape *shape)
{
	uint64_t kib = meminfo("Hugepagesize:"), have = meminfo("HugePages_Free:"), want;

	if (!shape->huge_pages)
		return 0;
	if (!kib)
		return err("a guest on huge pages: this kernel has none (CONFIG_HUGETLBFS)");
	want = (shape->memory / 1024 + kib - 1) / kib;
	if (have >= want)
		return 0;
	return err("a guest of %llu MiB on huge pages wants %llu of %llu KiB, and %llu are free "
		   "(as root: echo %llu >/proc/sys/vm/nr_hugepages)",
		   (unsigned long long)shape->memory >> 20, (unsigned long long)want,
		   (unsigned long long)kib, (unsigned long long)have, (unsigned long long)want);
}

static int make_disks(struct supplies *s, uint64_t bytes)
{
	int fd;

	while (s->ndisks < s->outfit.ndisks) {
		fd = disk_make(s->outfit.disk_fs[s->ndisks], bytes);
		if (fd < 0)
			return -1;
		s->disk[s->ndisks++] = fd;
	}
	return 0;
}

/* The calls as PID 1 is to make them: of the driver. */
static void write_script(struct relay_setup *setup, const struct counted_call *counted)
{
	const char *const *word;
	char **argv;
	size_t i, n;

	setup->script = xcalloc(counted->ncalls, sizeof(setup->script[0]));
	for (i = 0; i < counted->ncalls; i++) {
		word = counted->call[i];
		for (n = 0; word[n]; n++)
			;
		argv = xcalloc(n + 2, sizeof(argv[0]));
		argv[0] = xstrdup("foliobench");
		while (n--)
			argv[n + 1] = xstrdup(word[n]);
		setup->script[i] = argv;
	}
	setup->nscript = counted->ncalls;
	setup->symbols = counted->symbols;
}

static int gather_counted(struct supplies *s, const struct counted_call *counted)
{
	if (!counted)
		return 0;
	write_script(&s->outfit.setup, counted);
	s->plugin = image_fd(counted->plugin, "plugin");
	return s->plugin < 0 ? -1 : 0;
}

int supplies_gather(struct supplies *s, const struct guest_call *call, const struct counted_call *counted)
{
	struct initramfs_call archive = {
		.kernel = call->kernel, .driver = call->driver, .program = s->outfit.program,
		.module = s->outfit.module, .setup = &s->outfit.setup,
	};
	struct buf why = BUF_INIT;
	int ret = -1;

	memset(s, 0, sizeof(*s));
	s->kernel = s->initramfs = s->plugin = -1;
	if (check_huge_pages(call->shape))
		return -1;
	if (outfit_plan(&s->outfit, call->shape, &why))
		err("guest with kernel '%s': %s", call->kernel->name, buf_text(&why));
	else if (!make_disks(s, call->shape->disk_size) && !gather_counted(s, counted) &&
		 (s->kernel = image_fd(call->kernel->image, "kernel")) >= 0 &&
		 (s->initramfs = initramfs_make(&archive)) >= 0)
		ret = 0;
	buf_release(&why);
	return ret;
}

void supplies_release(struct supplies *s)
{
	outfit_release(&s->outfit);
	if (s->kernel >= 0)
		close(s->kernel);
	if (s->initramfs >= 0)
		close(s->initramfs);
	if (s->plugin >= 0)
		close(s->plugin);
	while (s->ndisks)
		close(s->disk[--s->ndisks]);
}
