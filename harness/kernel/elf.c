/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/kernel/elf.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/alloc.h"
#include "lib/buf.h"

/* One file as it is read. */
struct reading {
	struct elf_file *f;
	const char *path;
	Elf *elf;
	struct buf *why;
};

static int refuse(const struct reading *r, const char *what)
{
	buf_fmt(r->why, "%s is no vmlinux: %s", r->path, what);
	return -1;
}

static int refuse_as_libelf(const struct reading *r)
{
	return refuse(r, elf_errmsg(-1));
}

static int take_section(const struct reading *r, Elf_Scn *scn, const GElf_Shdr *header, const char *name)
{
	struct elf_section s = { .name = name, .addr = header->sh_addr, .size = header->sh_size };
	struct elf_file *f = r->f;
	Elf_Data *data;

	if (header->sh_type != SHT_NOBITS && header->sh_size) {
		data = elf_rawdata(scn, NULL);
		if (!data || data->d_size != header->sh_size)
			return refuse_as_libelf(r);
		s.data = data->d_buf;
	}
	f->section = xrealloc(f->section, f->nsections + 1, sizeof(f->section[0]));
	f->section[f->nsections++] = s;
	return 0;
}

/* False: it stands for no address. */
static bool kind_of(const GElf_Sym *sym, enum elf_symbol_kind *kind)
{
	switch (GELF_ST_TYPE(sym->st_info)) {
	case STT_FUNC:
		*kind = ELF_FUNCTION;
		return true;
	case STT_OBJECT:
		*kind = ELF_VARIABLE;
		return true;
	case STT_NOTYPE:
		*kind = ELF_LABEL;
		return sym->st_shndx != SHN_UNDEF && sym->st_shndx != SHN_ABS;
	default:
		return false;
	}
}

static int by_address(const void *a, const void *b)
{
	const struct elf_symbol *x = a, *y = b;

	if (x->addr != y->addr)
		return x->addr < y->addr ? -1 : 1;
	return strcmp(x->name, y->name);
}

static int take_symbols(const struct reading *r, Elf_Scn *scn, const GElf_Shdr *header)
{
	Elf_Data *data = elf_getdata(scn, NULL);
	size_t i, n = header->sh_entsize ? header->sh_size / header->sh_entsize : 0;
	struct elf_file *f = r->f;
	struct elf_symbol *s;
	GElf_Sym sym;

	if (!data)
		return refuse_as_libelf(r);
	f->symbol = xcalloc(n + 1, sizeof(f->symbol[0]));
	for (i = 0; i < n; i++) {
		s = &f->symbol[f->nsymbols];
		if (!gelf_getsym(data, (int)i, &sym))
			return refuse_as_libelf(r);
		if (!kind_of(&sym, &s->kind))
			continue;
		s->name = elf_strptr(r->elf, header->sh_link, sym.st_name);
		s->addr = sym.st_value;
		s->size = sym.st_size;
		s->global = GELF_ST_BIND(sym.st_info) != STB_LOCAL;
		f->nsymbols += s->name && *s->name;
	}
	qsort(f->symbol, f->nsymbols, sizeof(f->symbol[0]), by_address);
	return 0;
}

static int take_sections(const struct reading *r)
{
	Elf_Scn *scn = NULL;
	GElf_Shdr header;
	const char *name;
	size_t names;

	if (elf_getshdrstrndx(r->elf, &names))
		return refuse_as_libelf(r);
	while ((scn = elf_nextscn(r->elf, scn))) {
		if (!gelf_getshdr(scn, &header))
			return refuse_as_libelf(r);
		name = elf_strptr(r->elf, names, header.sh_name);
		if (!name)
			return refuse_as_libelf(r);
		if ((header.sh_flags & SHF_ALLOC) && take_section(r, scn, &header, name))
			return -1;
		if (header.sh_type == SHT_SYMTAB && !r->f->symbol && take_symbols(r, scn, &header))
			return -1;
	}
	return r->f->nsections ? 0 : refuse(r, "nothing of it is loaded");
}

int elf_open(struct elf_file *f, const char *path, struct buf *why)
{
	struct reading r = { .f = f, .path = path, .why = why };

	*f = (struct elf_file){ .fd = open(path, O_RDONLY | O_CLOEXEC) };
	if (f->fd < 0) {
		buf_fmt(why, "open %s: %s", path, strerror(errno));
		return -1;
	}
	elf_version(EV_CURRENT);
	f->handle = r.elf = elf_begin(f->fd, ELF_C_READ_MMAP, NULL);
	if (!r.elf)
		return refuse_as_libelf(&r);
	if (elf_kind(r.elf) != ELF_K_ELF)
		return refuse(&r, "not an ELF file");
	return take_sections(&r);
}

void elf_close(struct elf_file *f)
{
	free(f->section);
	free(f->symbol);
	if (f->handle)
		elf_end(f->handle);
	if (f->fd >= 0)
		close(f->fd);
	*f = (struct elf_file){ .fd = -1 };
}
