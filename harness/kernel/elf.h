/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A vmlinux, or any ELF file, as libelf reads it: what of it is loaded, and its
 * symbols. libelf is included here only.
 */
#ifndef HARNESS_KERNEL_ELF_H
#define HARNESS_KERNEL_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

struct elf_section {
	const char *name;
	uint64_t addr, size;
	const unsigned char *data;	/* NULL: zeros, which the file does not hold */
};

enum elf_symbol_kind { ELF_FUNCTION, ELF_VARIABLE, ELF_LABEL };	/* a label has no type: assembly, linker scripts */

struct elf_symbol {
	const char *name;
	uint64_t addr, size;	/* size may be 0 */
	enum elf_symbol_kind kind;
	bool global;		/* weak ones included */
};

/* Texts and data lie in the mapped file. */
struct elf_file {
	struct elf_section *section;	/* those that are loaded, as they come in the file */
	size_t nsections;
	struct elf_symbol *symbol;	/* by address, then name; only those that stand for an address */
	size_t nsymbols;
	int fd;
	void *handle;
};

/* 0, or -1 and why, which begins with the path. End with elf_close() in both cases. */
int elf_open(struct elf_file *f, const char *path, struct buf *why);
void elf_close(struct elf_file *f);

#endif
