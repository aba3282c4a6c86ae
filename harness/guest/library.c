/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/guest/library.h"

#include <elf.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/child.h"
#include "lib/err.h"

static const Elf64_Half machines[] = { [ARCH_X86_64] = EM_X86_64, [ARCH_ARM64] = EM_AARCH64 };

static int check_header(const Elf64_Ehdr *h, ssize_t n, const char *program, enum arch arch)
{
	if (n < (ssize_t)sizeof(*h) || memcmp(h->e_ident, ELFMAG, SELFMAG))
		return err("%s is no program (not in ELF format)", program);
	if (h->e_ident[EI_CLASS] != ELFCLASS64 || h->e_ident[EI_DATA] != ELFDATA2LSB || h->e_machine != machines[arch])
		return err("%s is a program for another machine, not for %s", program, arch_name(arch));
	if ((h->e_type != ET_EXEC && h->e_type != ET_DYN) || h->e_phentsize != sizeof(Elf64_Phdr))
		return err("%s is an ELF file, but no program", program);
	return 0;
}

/* Its loader: 0 with *interp (NULL: a static program; the caller frees), or -1 after reporting. */
static int read_interp(const char *program, enum arch arch, char **interp)
{
	Elf64_Ehdr head;
	Elf64_Phdr ph;
	char name[256];
	int fd, ret = -1;
	ssize_t n;
	size_t i;

	*interp = NULL;
	fd = open(program, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err("open %s: %m", program);
	n = pread(fd, &head, sizeof(head), 0);
	if (n < 0) {
		err("read %s: %m", program);
		goto out;
	}
	if (check_header(&head, n, program, arch))
		goto out;
	for (i = 0; i < head.e_phnum && !*interp; i++) {
		n = pread(fd, &ph, sizeof(ph), (off_t)(head.e_phoff + i * sizeof(ph)));
		if (n == sizeof(ph) && ph.p_type != PT_INTERP)
			continue;
		if (n != sizeof(ph) || ph.p_filesz < 2 || ph.p_filesz > sizeof(name) ||
		    pread(fd, name, ph.p_filesz, (off_t)ph.p_offset) != (ssize_t)ph.p_filesz ||
		    name[0] != '/' || name[ph.p_filesz - 1]) {
			err("%s is a torn ELF file", program);
			goto out;
		}
		*interp = xstrdup(name);
	}
	ret = 0;
out:
	close(fd);
	return ret;
}

static void add(struct library_list *list, const char *from, char *to)
{
	size_t i;

	for (i = 0; i < list->n; i++) {
		if (!strcmp(list->lib[i].to, to)) {
			free(to);
			return;
		}
	}
	list->lib = xrealloc(list->lib, list->n + 1, sizeof(list->lib[0]));
	list->lib[list->n++] = (struct library){ xstrdup(from), to };
}

/* A library picked for this CPU has a plain one beside it, which every CPU can run. */
static char *without_hwcaps(const char *path)
{
	const char *begin = strstr(path, "/glibc-hwcaps/"), *end = begin ? strchr(begin + 14, '/') : NULL;
	char *plain;

	if (!end)
		return xstrdup(path);
	plain = xasprintf("%.*s%s", (int)(begin - path), path, end);
	if (!access(plain, R_OK))
		return plain;
	free(plain);
	return xstrdup(path);
}

struct listing {
	const char *program;
	const char *interp;
	char *dir;	/* where the C library lies: every loader looks there */
	struct library_list *list;
};

/*
 * "\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x...)": both sides. False for
 * the vDSO and for the loader itself.
 */
static bool parse_line(const char *line, const char *end, char **name, char **path)
{
	const char *arrow = memmem(line, (size_t)(end - line), " => ", 4), *begin = line, *stop;

	while (begin < end && (*begin == '\t' || *begin == ' '))
		begin++;
	if (!arrow)
		return false;
	*name = xstrndup(begin, (size_t)(arrow - begin));
	for (stop = end; stop > arrow + 4 && *stop != '(';)
		stop--;
	if (stop == arrow + 4)
		stop = end;	/* "not found" */
	while (stop > arrow + 4 && stop[-1] == ' ')
		stop--;
	*path = xstrndup(arrow + 4, (size_t)(stop - arrow - 4));
	return true;
}

static int take_library(struct listing *l, const char *name, const char *path)
{
	const char *slash = strrchr(name, '/');
	char *from;

	if (path[0] != '/')
		return err("%s needs the library %s, which is not there", l->program, name);
	from = without_hwcaps(path);
	add(l->list, from, slash ? xstrdup(name) : xasprintf("%s/%s", l->dir, name));
	free(from);
	return 0;
}

static int take_listing(struct listing *l, const char *text, bool only_libc)
{
	const char *at, *end, *slash;
	char *name, *path;
	int ret = 0;

	for (at = text; *at && !ret; at = *end ? end + 1 : end) {
		end = strchrnul(at, '\n');
		if (!parse_line(at, end, &name, &path))
			continue;
		slash = strrchr(path, '/');
		if (!only_libc)
			ret = take_library(l, name, path);
		else if (!strncmp(name, "libc.so", 7) && slash && !l->dir)
			l->dir = xstrndup(path, (size_t)(slash - path));
		free(name);
		free(path);
	}
	return ret;
}

/* Asks the program's own loader, which runs nothing of it. */
static int list_libraries(struct listing *l)
{
	char *absolute = realpath(l->program, NULL);
	const char *const argv[] = { l->interp, "--list", absolute ? absolute : l->program, NULL };
	/* What this shell preloads or searches is not what the guest will have. */
	const char *const env[] = { "LD_PRELOAD", "LD_LIBRARY_PATH", "LC_ALL=C", NULL };
	const struct child_call call = { .argv = argv, .env = env };
	struct buf out = BUF_INIT;
	int ret = -1;

	if (child_read(&call, &out))
		goto out;
	take_listing(l, buf_text(&out), true);
	if (!l->dir)
		l->dir = xasprintf("%.*s", (int)(strrchr(l->interp, '/') - l->interp), l->interp);
	ret = take_listing(l, buf_text(&out), false);
out:
	buf_release(&out);
	free(absolute);
	return ret;
}

int library_list_add(struct library_list *list, const char *program, enum arch arch)
{
	struct listing l = { .program = program, .list = list };
	char *interp;
	int ret;

	if (read_interp(program, arch, &interp))
		return -1;
	if (!interp)
		return 0;
	l.interp = interp;
	if (arch == arch_host()) {
		add(list, interp, xstrdup(interp));
		ret = list_libraries(&l);
	} else {
		ret = err("%s is linked dynamically, and the libraries of a program for %s cannot be found here: "
			  "link it statically", program, arch_name(arch));
	}
	free(interp);
	free(l.dir);
	return ret;
}

void library_list_release(struct library_list *list)
{
	size_t i;

	for (i = 0; i < list->n; i++) {
		free(list->lib[i].from);
		free(list->lib[i].to);
	}
	free(list->lib);
	*list = (struct library_list){ 0 };
}
