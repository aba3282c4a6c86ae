/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a cache line is, in the words of a kernel developer, as far as addresses
 * and the functions that touch it can tell. Pure.
 */
#ifndef HARNESS_COUNT_OBJECT_H
#define HARNESS_COUNT_OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct symbols;

/* One of those who touch a line. */
struct object_toucher {
	uint64_t pc;		/* of the instruction */
	uint64_t virt;		/* the address it touched */
	uint8_t kind;		/* enum access_kind */
	const uint8_t *insn;	/* the instruction's bytes, or NULL: x86-64's per-CPU data is told by them */
	uint8_t len;
};

struct object_line {
	uint64_t line, virt;	/* physical and a virtual address of the line */
	bool arm64;
	const struct object_toucher *toucher;
	size_t n;
};

/*
 * Appends "folio: reference count (page frame 0x11a2f)", "struct file", "inode", "xarray node", "kernel data
 * 'jiffies'", "per-CPU data", "user memory", or as little as "kernel memory" where nothing tells more. What is concluded
 * from a function's name, not from the address, says so: "inode (by ext4_file_write_iter)".
 */
void object_describe(const struct object_line *l, const struct symbols *s, struct buf *out);

#endif
