/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names for a kernel's addresses: from its vmlinux (libelf), or from the text of
 * /proc/kallsyms where there is only a distribution's image.
 */
#ifndef HARNESS_COUNT_SYMBOLS_H
#define HARNESS_COUNT_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct symbols;

/* NULL and why: not an ELF file, no symbol table, no line of the form "ADDRESS TYPE NAME", addresses all 0 (kptr_restrict). */
struct symbols *symbols_from_vmlinux(const char *path, struct buf *why);
struct symbols *symbols_from_kallsyms(const char *text, size_t len, struct buf *why);
void symbols_free(struct symbols *s);	/* NULL is fine */

/* The symbol that covers an address, and how far in it that is; NULL where none does. Lives as long as s. */
const char *symbols_find(const struct symbols *s, uint64_t address, uint64_t *offset);
/* A symbol's address, or 0. */
uint64_t symbols_address(const struct symbols *s, const char *name);

#endif
