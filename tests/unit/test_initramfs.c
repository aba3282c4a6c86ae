/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is in the archive, read back with libarchive. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <archive.h>
#include <archive_entry.h>
#include <cmocka.h>
#include <elf.h>
#include <sys/mman.h>
#include <sys/sysmacros.h>

#include "harness/guest/initramfs.h"
#include "harness/kernel/kernel.h"
#include "lib/relay.h"
#include "tests/unit/scratch.h"

#define DRIVER "/bin/true"	/* as good as any dynamic program */
#define TREE "lib/modules"

static struct kernel kernel;
static struct relay_setup setup;
static char *paths[8];	/* freed at the end */
static size_t npaths;

/* A path in the scratch directory. */
static char *in_scratch(const char *name)
{
	char *path = xasprintf("%s/%s", scratch_dir, name);

	if (npaths == sizeof(paths) / sizeof(paths[0])) {
		free(paths[0]);
		memmove(paths, paths + 1, sizeof(paths) - sizeof(paths[0]));
		npaths--;
	}
	paths[npaths++] = path;
	return path;
}

static void write_text(const char *name, const char *text)
{
	scratch_write(in_scratch(name), text, strlen(text));
}

/* A module as the kernel's build leaves it, compressed by what its name ends in. */
static void write_module(const char *name, const char *content)
{
	struct archive *a = archive_write_new();
	struct archive_entry *e = archive_entry_new();
	char *text = xasprintf("\177ELF %s", content), *path = in_scratch(name);

	archive_write_set_format_raw(a);
	if (strstr(name, ".xz"))
		archive_write_add_filter_xz(a);
	else if (strstr(name, ".gz"))
		archive_write_add_filter_gzip(a);
	else if (strstr(name, ".zst"))
		archive_write_add_filter_zstd(a);
	assert_int_equal(archive_write_open_filename(a, path), ARCHIVE_OK);
	archive_entry_set_pathname(e, "x");
	archive_entry_set_filetype(e, AE_IFREG);
	assert_int_equal(archive_write_header(a, e), ARCHIVE_OK);
	assert_int_equal(archive_write_data(a, text, strlen(text)), strlen(text));
	assert_int_equal(archive_write_close(a), ARCHIVE_OK);
	archive_entry_free(e);
	archive_write_free(a);
	free(text);
}

struct file {
	char *path;
	mode_t mode;
	struct buf data;
};

static struct file files[256];
static size_t nfiles;

static void forget_files(void)
{
	while (nfiles) {
		free(files[--nfiles].path);
		buf_release(&files[nfiles].data);
	}
}

/* The whole archive into files[], checking what holds for every entry. */
static void read_archive(int fd)
{
	struct archive *a = archive_read_new();
	struct archive_entry *e;
	struct file *f;
	char piece[4096];
	la_ssize_t n;

	forget_files();
	assert_true(fd >= 0);
	archive_read_support_format_cpio(a);
	assert_int_equal(archive_read_open_fd(a, fd, 65536), ARCHIVE_OK);
	while (archive_read_next_header(a, &e) == ARCHIVE_OK) {
		assert_true(nfiles < 256);
		f = &files[nfiles++];
		*f = (struct file){ .path = xstrdup(archive_entry_pathname(e)), .mode = archive_entry_mode(e) };
		assert_int_equal(archive_entry_mtime(e), 0);
		assert_int_equal(archive_entry_uid(e), 0);
		assert_int_equal(archive_entry_gid(e), 0);
		if (S_ISCHR(f->mode))
			assert_true(archive_entry_rdev(e) == makedev(5, 1));
		while ((n = archive_read_data(a, piece, sizeof(piece))) > 0)
			buf_add(&f->data, piece, (size_t)n);
		assert_int_equal(n, 0);
	}
	assert_int_equal(archive_format(a), ARCHIVE_FORMAT_CPIO_SVR4_NOCRC);
	assert_int_equal(archive_filter_code(a, 0), ARCHIVE_FILTER_NONE);
	archive_read_free(a);
	close(fd);
}

static const struct file *file_at(const char *path)
{
	size_t i;

	for (i = 0; i < nfiles; i++)
		if (!strcmp(files[i].path, path))
			return &files[i];
	return NULL;
}

static const struct file *file_ending_in(const char *end)
{
	size_t i, len;

	for (i = 0; i < nfiles; i++) {
		len = strlen(files[i].path);
		if (len >= strlen(end) && !strcmp(files[i].path + len - strlen(end), end))
			return &files[i];
	}
	return NULL;
}

static void assert_same_content(const struct file *f, const char *path)
{
	struct buf there = BUF_INIT;

	assert_non_null(f);
	assert_int_equal(buf_read_file(&there, path), 0);
	assert_int_equal(f->data.len, there.len);
	assert_memory_equal(f->data.s, there.s, there.len);
	buf_release(&there);
}

static int make(const char *driver, const char *const *program, const char *const *module)
{
	const struct initramfs_call call = { .kernel = &kernel, .driver = driver, .program = program, .module = module,
					     .setup = &setup };

	return initramfs_make(&call);
}

/* Makes it in vain: what was said of it. */
static const char *refused(const char *driver, const char *const *program, const char *const *module)
{
	scratch_listen();
	assert_int_equal(make(driver, program, module), -1);
	return scratch_heard();
}

static int fresh(void **state)
{
	(void)state;
	scratch_begin();
	mkdir(in_scratch("lib"), 0777);
	mkdir(in_scratch(TREE), 0777);
	kernel = (struct kernel){ .name = xstrdup("tested"), .release = xstrdup("6.12.1"), .arch = arch_host(),
				  .modules = xasprintf("%s/" TREE, scratch_dir),
				  .config = xasprintf("%s/config", scratch_dir) };
	write_text("config", "CONFIG_EXT4_FS=y\nCONFIG_XFS_FS=m\n# CONFIG_BTRFS_FS is not set\nCONFIG_VIRTIO_BLK=y\n");
	write_text(TREE "/modules.dep",
		   "kernel/xfs.ko.xz: kernel/libcrc32c.ko.gz\n"
		   "kernel/libcrc32c.ko.gz:\n"
		   "kernel/virtio-blk.ko: kernel/virtio_pci.ko.zst kernel/virtio.ko kernel/virtio_ring.ko\n"
		   "kernel/virtio_pci.ko.zst: kernel/virtio.ko kernel/virtio_ring.ko\n"
		   "kernel/virtio.ko: kernel/virtio_ring.ko\n"
		   "kernel/virtio_ring.ko:\n"
		   "kernel/btrfs.ko: kernel/libcrc32c.ko.gz\n"
		   "kernel/xxhash_generic.ko:\n"
		   "kernel/crc32c-fast.ko:\nkernel/crc32c_generic.ko:\n"
		   "kernel/circle_a.ko: kernel/circle_b.ko\nkernel/circle_b.ko: kernel/circle_a.ko\n"
		   "kernel/torn.ko.xz:\nkernel/gone.ko:\n");
	write_text(TREE "/modules.builtin", "kernel/fs/jbd2/jbd2.ko\nkernel/fs/ext4/ext4.ko\nkernel/crypto/sha-256.ko\n");
	write_text(TREE "/modules.softdep",
		   "# Soft dependencies extracted from modules themselves.\n"
		   "softdep btrfs pre: crypto-crc32c post: circle_a\nsoftdep btrfs pre: xxhash-generic sha256 nobody blake\n");
	write_text(TREE "/modules.alias",
		   "alias blake circle_b\nalias crypto-crc32c crc32c_fast\nalias crypto-crc32c crc32c_generic\n"
		   "alias crypto-crc32c-intel crc32c_fast\n");
	scratch_write(in_scratch(TREE "/modules.builtin.modinfo"), "jbd2.license=GPL\0x.alias=blake\0", 31);
	mkdir(in_scratch(TREE "/kernel"), 0777);
	write_module(TREE "/kernel/xfs.ko.xz", "xfs");
	write_module(TREE "/kernel/libcrc32c.ko.gz", "libcrc32c");
	write_module(TREE "/kernel/virtio-blk.ko", "virtio_blk");
	write_module(TREE "/kernel/virtio_pci.ko.zst", "virtio_pci");
	write_module(TREE "/kernel/virtio.ko", "virtio");
	write_module(TREE "/kernel/virtio_ring.ko", "virtio_ring");
	write_module(TREE "/kernel/btrfs.ko", "btrfs");
	write_module(TREE "/kernel/xxhash_generic.ko", "xxhash_generic");
	write_module(TREE "/kernel/crc32c-fast.ko", "fast");
	write_module(TREE "/kernel/crc32c_generic.ko", "generic");
	write_module(TREE "/kernel/circle_a.ko", "a");
	write_module(TREE "/kernel/circle_b.ko", "b");
	write_text(TREE "/kernel/torn.ko.xz", "\xfd" "7zXZ");
	setup = (struct relay_setup){ 0 };
	return 0;
}

static int gone(void **state)
{
	(void)state;
	forget_files();
	free(kernel.name);
	free(kernel.release);
	free(kernel.modules);
	free(kernel.config);
	relay_setup_release(&setup);
	while (npaths)
		free(paths[--npaths]);
	scratch_end();
	buf_release(&scratch_ear.text);
	return 0;
}

static void the_archive_has_what_a_guest_starts_from(void **state)
{
	static const char *const dirs[] = { "dev", "mnt", "proc", "sys", "tmp" };
	size_t i;

	(void)state;
	read_archive(make(DRIVER, NULL, NULL));
	assert_same_content(file_at("init"), DRIVER);
	assert_int_equal(file_at("init")->mode, S_IFREG | 0755);
	for (i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		assert_non_null(file_at(dirs[i]));
		assert_int_equal(file_at(dirs[i])->mode, S_IFDIR | 0755);
	}
	assert_non_null(file_at("dev/console"));
	assert_int_equal(file_at("dev/console")->mode, S_IFCHR | 0600);
}

static void the_c_library_and_the_loader_come_with_a_dynamic_driver(void **state)
{
	char path[128];
	size_t i;
	bool loader = false;

	(void)state;
	read_archive(make(DRIVER, NULL, NULL));
	assert_non_null(file_ending_in("/libc.so.6"));
	snprintf(path, sizeof(path), "/%s", file_ending_in("/libc.so.6")->path);
	assert_same_content(file_ending_in("/libc.so.6"), path);
	for (i = 0; i < nfiles; i++)
		loader |= !!strstr(files[i].path, "/ld-linux");
	assert_true(loader);
}

static void a_directory_comes_before_what_is_in_it(void **state)
{
	size_t i, k, len;
	bool found;

	(void)state;
	read_archive(make(DRIVER, NULL, NULL));
	for (i = 0; i < nfiles; i++) {
		if (i)
			assert_true(strcmp(files[i - 1].path, files[i].path) < 0);
		if (!strrchr(files[i].path, '/'))
			continue;
		len = (size_t)(strrchr(files[i].path, '/') - files[i].path);
		for (found = false, k = 0; k < i; k++)
			found |= strlen(files[k].path) == len && !strncmp(files[k].path, files[i].path, len) &&
				 S_ISDIR(files[k].mode);
		assert_true(found);
	}
}

static void read_all(int fd, struct buf *out)
{
	char piece[65536];
	ssize_t n;

	assert_true(fd >= 0);
	while ((n = read(fd, piece, sizeof(piece))) > 0)
		buf_add(out, piece, (size_t)n);
	close(fd);
}

static void the_same_input_gives_the_same_bytes(void **state)
{
	static const char *const module[] = { "xfs", "virtio_blk", NULL };
	struct buf one = BUF_INIT, two = BUF_INIT;

	(void)state;
	read_all(make(DRIVER, NULL, module), &one);
	read_all(make(DRIVER, NULL, module), &two);
	assert_int_equal(one.len, two.len);
	assert_memory_equal(one.s, two.s, one.len);
	assert_memory_equal(one.s, "070701", 6);
	buf_release(&one);
	buf_release(&two);
}

static void the_archive_is_sealed_and_at_its_beginning(void **state)
{
	int fd = make(DRIVER, NULL, NULL);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(lseek(fd, 0, SEEK_CUR), 0);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(fcntl(fd, F_GET_SEALS), F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL);
	assert_int_equal(write(fd, "x", 1), -1);
	close(fd);
}

static void expect_modules(const char *const *expected)
{
	size_t i;

	for (i = 0; expected[i]; i++) {
		assert_non_null(setup.module[i]);
		assert_string_equal(setup.module[i], expected[i]);
		assert_non_null(file_at(expected[i] + 1));
	}
	assert_null(setup.module[i]);
}

static void modules_come_after_what_they_need(void **state)
{
	static const char *const wanted[] = { "virtio_blk", "xfs", "libcrc32c", NULL };
	static const char *const expected[] = {
		"/lib/modules/virtio_ring.ko", "/lib/modules/virtio.ko", "/lib/modules/virtio_pci.ko",
		"/lib/modules/virtio_blk.ko", "/lib/modules/libcrc32c.ko", "/lib/modules/xfs.ko", NULL
	};

	(void)state;
	read_archive(make(DRIVER, NULL, wanted));
	expect_modules(expected);
}

static void modules_are_decompressed(void **state)
{
	static const char *const wanted[] = { "virtio-blk", "xfs", NULL };

	(void)state;
	read_archive(make(DRIVER, NULL, wanted));
	assert_string_equal(file_at("lib/modules/xfs.ko")->data.s, "\177ELF xfs");
	assert_string_equal(file_at("lib/modules/libcrc32c.ko")->data.s, "\177ELF libcrc32c");
	assert_string_equal(file_at("lib/modules/virtio_pci.ko")->data.s, "\177ELF virtio_pci");
	assert_string_equal(file_at("lib/modules/virtio_blk.ko")->data.s, "\177ELF virtio_blk");
	assert_int_equal(file_at("lib/modules/xfs.ko")->mode, S_IFREG | 0644);
}

/* Nobody in the guest can load what a module asks for by an alias: the generic one, and none for what is built in. */
static void soft_dependencies_come_too(void **state)
{
	static const char *const wanted[] = { "btrfs", NULL };
	static const char *const expected[] = {
		"/lib/modules/crc32c_generic.ko", "/lib/modules/xxhash_generic.ko", "/lib/modules/libcrc32c.ko",
		"/lib/modules/btrfs.ko", NULL
	};

	(void)state;
	read_archive(make(DRIVER, NULL, wanted));
	expect_modules(expected);
}

static void modules_that_need_each_other_do_not_loop(void **state)
{
	static const char *const wanted[] = { "circle_a", NULL };

	(void)state;
	read_archive(make(DRIVER, NULL, wanted));
	assert_non_null(file_at("lib/modules/circle_a.ko"));
	assert_non_null(file_at("lib/modules/circle_b.ko"));
}

static void what_is_built_in_needs_no_module(void **state)
{
	static const char *const wanted[] = { "ext4", "sha_256", NULL }, *const built[] = { "ext4", "virtio-blk", NULL };

	(void)state;
	read_archive(make(DRIVER, NULL, wanted));
	assert_null(setup.module[0]);
	free(kernel.modules);
	kernel.modules = NULL;	/* a kernel that was built, whole */
	read_archive(make(DRIVER, NULL, built));
	assert_null(setup.module[0]);
}

static void a_module_that_is_nowhere_is_named_with_its_symbol(void **state)
{
	static const char *const overlay[] = { "overlay", NULL }, *const odd[] = { "odd-one", NULL };
	static const char *const xfs[] = { "xfs", NULL };

	(void)state;
	assert_non_null(strstr(refused(DRIVER, NULL, overlay),
			       "kernel tested (6.12.1) has no overlay, neither built in nor as a module: it needs "
			       "CONFIG_OVERLAY_FS\n"));
	assert_non_null(strstr(refused(DRIVER, NULL, odd), "CONFIG_ODD_ONE"));
	free(kernel.modules);
	kernel.modules = NULL;
	assert_non_null(strstr(refused(DRIVER, NULL, xfs), "CONFIG_XFS_FS=m"));
}

static void a_torn_or_missing_module_file_is_reported(void **state)
{
	static const char *const torn[] = { "torn", NULL }, *const missing[] = { "gone", NULL };
	static const char *const xfs[] = { "xfs", NULL };

	(void)state;
	assert_non_null(strstr(refused(DRIVER, NULL, torn), "torn.ko.xz"));
	assert_non_null(strstr(refused(DRIVER, NULL, missing), "gone.ko"));
	write_text(TREE "/kernel/xfs.ko.xz", "no module at all");
	assert_non_null(strstr(refused(DRIVER, NULL, xfs), "is no kernel module"));
	write_text(TREE "/kernel/xfs.ko.xz", "");
	refused(DRIVER, NULL, xfs);
	remove(in_scratch(TREE "/modules.dep"));
	assert_non_null(strstr(refused(DRIVER, NULL, xfs), "modules.dep"));
}

static void the_setup_is_in_the_archive_with_its_modules(void **state)
{
	static const char *const wanted[] = { "libcrc32c", NULL };
	struct relay_setup there = { 0 };
	struct buf why = BUF_INIT;
	const struct file *f;

	(void)state;
	setup.root_tag = xstrdup("root");
	read_archive(make(DRIVER, NULL, wanted));
	f = file_at(RELAY_SETUP_FILE + 1);
	assert_non_null(f);
	assert_int_equal(relay_setup_parse(f->data.s, f->data.len, &there, &why), 0);
	assert_string_equal(there.root_tag, "root");
	assert_string_equal(there.module[0], "/lib/modules/libcrc32c.ko");
	relay_setup_release(&there);
	buf_release(&why);
}

static void a_program_lies_where_it_was_found_and_mkfs_is_called_by_that_path(void **state)
{
	static const char *const program[] = { "env", NULL };
	const struct file *f;
	char path[128];

	(void)state;
	setup.mount = xcalloc(1, sizeof(setup.mount[0]));
	setup.nmounts = 1;
	setup.mount[0].type = xstrdup("ext4");
	setup.mount[0].dir = xstrdup("/mnt/ext4");
	setup.mount[0].mkfs = xcalloc(3, sizeof(char *));
	setup.mount[0].mkfs[0] = xstrdup("env");
	setup.mount[0].mkfs[1] = xstrdup("-q");
	read_archive(make(DRIVER, program, NULL));
	f = file_ending_in("/env");
	assert_non_null(f);
	assert_int_equal(f->mode, S_IFREG | 0755);
	snprintf(path, sizeof(path), "/%s", f->path);
	assert_same_content(f, path);
	assert_string_equal(setup.mount[0].mkfs[0], path);
	assert_string_equal(setup.mount[0].mkfs[1], "-q");
}

static void a_program_that_is_not_installed_is_named(void **state)
{
	static const char *const program[] = { "mkfs.nosuch", NULL };

	(void)state;
	assert_non_null(strstr(refused(DRIVER, program, NULL), "mkfs.nosuch is not installed here"));
}

/* An ELF file with one program header: type, and a text that follows it. */
static void write_elf(const char *name, Elf64_Half machine, Elf64_Word type, const char *text)
{
	struct {
		Elf64_Ehdr head;
		Elf64_Phdr ph;
		char text[64];
	} elf = {
		.head = { .e_type = ET_EXEC, .e_machine = machine, .e_phoff = sizeof(Elf64_Ehdr), .e_phnum = 1,
			  .e_phentsize = sizeof(Elf64_Phdr) },
		.ph = { .p_type = type, .p_offset = sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr), .p_filesz = strlen(text) + 1 },
	};

	memcpy(elf.head.e_ident, ELFMAG, SELFMAG);
	elf.head.e_ident[EI_CLASS] = ELFCLASS64;
	elf.head.e_ident[EI_DATA] = ELFDATA2LSB;
	strcpy(elf.text, text);
	scratch_write(in_scratch(name), &elf, sizeof(elf));
}

static const Elf64_Half machine_of[] = { [ARCH_X86_64] = EM_X86_64, [ARCH_ARM64] = EM_AARCH64 };

static void a_static_driver_for_another_architecture_is_fine(void **state)
{
	enum arch other = arch_host() == ARCH_X86_64 ? ARCH_ARM64 : ARCH_X86_64;
	size_t i;

	(void)state;
	kernel.arch = other;
	write_elf("driver", machine_of[other], PT_LOAD, "");
	read_archive(make(in_scratch("driver"), NULL, NULL));
	assert_same_content(file_at("init"), in_scratch("driver"));
	for (i = 0; i < nfiles; i++)
		assert_null(strstr(files[i].path, "libc.so"));
}

static void a_dynamic_driver_for_another_architecture_is_refused(void **state)
{
	enum arch other = arch_host() == ARCH_X86_64 ? ARCH_ARM64 : ARCH_X86_64;

	(void)state;
	kernel.arch = other;
	write_elf("driver", machine_of[other], PT_INTERP, "/lib/ld-linux-other.so.1");
	assert_non_null(strstr(refused(in_scratch("driver"), NULL, NULL), "link it statically"));
	assert_non_null(strstr(refused(DRIVER, NULL, NULL), "for another machine"));
}

static void what_is_no_program_is_refused(void **state)
{
	(void)state;
	assert_non_null(strstr(refused(in_scratch("nosuch"), NULL, NULL), "No such file"));
	write_text("driver", "#!/bin/sh\n");
	assert_non_null(strstr(refused(in_scratch("driver"), NULL, NULL), "is no program"));
	write_text("driver", "");
	assert_non_null(strstr(refused(in_scratch("driver"), NULL, NULL), "is no program"));
	write_elf("driver", machine_of[arch_host()], PT_INTERP, "not/absolute");
	assert_non_null(strstr(refused(in_scratch("driver"), NULL, NULL), "torn"));
	write_elf("driver", machine_of[arch_host()], PT_INTERP, "/nosuch/loader");
	assert_non_null(strstr(refused(in_scratch("driver"), NULL, NULL), "/nosuch/loader"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_archive_has_what_a_guest_starts_from, fresh, gone),
		cmocka_unit_test_setup_teardown(the_c_library_and_the_loader_come_with_a_dynamic_driver, fresh, gone),
		cmocka_unit_test_setup_teardown(a_directory_comes_before_what_is_in_it, fresh, gone),
		cmocka_unit_test_setup_teardown(the_same_input_gives_the_same_bytes, fresh, gone),
		cmocka_unit_test_setup_teardown(the_archive_is_sealed_and_at_its_beginning, fresh, gone),
		cmocka_unit_test_setup_teardown(modules_come_after_what_they_need, fresh, gone),
		cmocka_unit_test_setup_teardown(modules_are_decompressed, fresh, gone),
		cmocka_unit_test_setup_teardown(soft_dependencies_come_too, fresh, gone),
		cmocka_unit_test_setup_teardown(modules_that_need_each_other_do_not_loop, fresh, gone),
		cmocka_unit_test_setup_teardown(what_is_built_in_needs_no_module, fresh, gone),
		cmocka_unit_test_setup_teardown(a_module_that_is_nowhere_is_named_with_its_symbol, fresh, gone),
		cmocka_unit_test_setup_teardown(a_torn_or_missing_module_file_is_reported, fresh, gone),
		cmocka_unit_test_setup_teardown(the_setup_is_in_the_archive_with_its_modules, fresh, gone),
		cmocka_unit_test_setup_teardown(a_program_lies_where_it_was_found_and_mkfs_is_called_by_that_path, fresh,
						gone),
		cmocka_unit_test_setup_teardown(a_program_that_is_not_installed_is_named, fresh, gone),
		cmocka_unit_test_setup_teardown(a_static_driver_for_another_architecture_is_fine, fresh, gone),
		cmocka_unit_test_setup_teardown(a_dynamic_driver_for_another_architecture_is_refused, fresh, gone),
		cmocka_unit_test_setup_teardown(what_is_no_program_is_refused, fresh, gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
