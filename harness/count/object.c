/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/count/object.h"

#include <inttypes.h>
#include <string.h>

#include "harness/count/op.h"
#include "harness/count/symbols.h"
#include "lib/buf.h"

#define PAGE_STRUCT 64u	/* bytes of a struct page, as every distribution's kernel has it */

enum area {
	AREA_USER,
	AREA_LINEAR,	/* all memory, by its physical address: slab objects, page cache, most per-CPU data */
	AREA_VMALLOC,	/* stacks, mostly */
	AREA_PAGES,	/* vmemmap: an array of struct page */
	AREA_ENTRY,	/* x86-64's cpu_entry_area */
	AREA_IMAGE,	/* the kernel and its modules */
	AREA_UNKNOWN,
};

struct range {
	uint64_t first, last;
	enum area area;
	uint64_t frame;		/* AREA_PAGES: of the page whose struct page is the first */
};

/*
 * Without KASLR. x86-64: Documentation/arch/x86/x86_64/mm.rst, with page tables of 4 levels and of 5; user memory ends where
 * the higher of the two has it end.
 */
static const struct range x86_ranges[] = {
	{ 0x0000000000000000, 0x00ffffffffffffff, AREA_USER, 0 },
	{ 0xff11000000000000, 0xff90ffffffffffff, AREA_LINEAR, 0 },
	{ 0xffa0000000000000, 0xffd1ffffffffffff, AREA_VMALLOC, 0 },
	{ 0xffd4000000000000, 0xffd5ffffffffffff, AREA_PAGES, 0 },
	{ 0xffff888000000000, 0xffffc87fffffffff, AREA_LINEAR, 0 },
	{ 0xffffc90000000000, 0xffffe8ffffffffff, AREA_VMALLOC, 0 },
	{ 0xffffea0000000000, 0xffffeaffffffffff, AREA_PAGES, 0 },
	{ 0xfffffe0000000000, 0xfffffe7fffffffff, AREA_ENTRY, 0 },
	{ 0xffffffff80000000, 0xfffffffffeffffff, AREA_IMAGE, 0 },
	{ 0 }
};

/*
 * arm64 with 48 bits of virtual addresses, which is what the emulated Neoverse N1 has even where a kernel is made for 52:
 * arch/arm64/include/asm/memory.h. VMEMMAP_START is -1 GiB - 2 TiB since 6.9, before -4 TiB (Documentation/arch/arm64/memory.rst
 * still says so). Its first entry is that of the first page of memory: on QEMU's `virt` that is 1 GiB. The image
 * begins MODULES_VSIZE (2 GiB) behind the modules, in what is vmalloc's otherwise: its symbols tell it.
 */
#define VIRT_FRAME 0x40000	/* of 4 KiB */
static const struct range arm64_ranges[] = {
	{ 0x0000000000000000, 0x000fffffffffffff, AREA_USER, 0 },
	{ 0xffff000000000000, 0xffff7fffffffffff, AREA_LINEAR, 0 },
	{ 0xffff800000000000, 0xffff80007fffffff, AREA_IMAGE, 0 },
	{ 0xffff800080000000, 0xfffffbffefffffff, AREA_VMALLOC, 0 },
	{ 0xfffffc0000000000, 0xfffffdffbfffffff, AREA_PAGES, VIRT_FRAME },
	{ 0xfffffdffc0000000, 0xffffffffbfffffff, AREA_PAGES, VIRT_FRAME },
	{ 0 }
};

static const struct range *range_of(const struct object_line *l)
{
	static const struct range nowhere = { .area = AREA_UNKNOWN };
	const struct range *r = l->arm64 ? arm64_ranges : x86_ranges;

	for (; r->last; r++)
		if (l->virt >= r->first && l->virt <= r->last)
			return r;
	return &nowhere;
}

/* A function's name: whole, or up to or from a '*'. */
static bool matches(const char *name, const char *pattern)
{
	size_t len = strlen(pattern), n = strlen(name);

	if (*pattern == '*')
		return n >= len - 1 && !strcmp(name + n - (len - 1), pattern + 1);
	if (pattern[len - 1] == '*')
		return !strncmp(name, pattern, len - 1);
	return !strcmp(name, pattern);
}

/* What functions work on, where that is one thing or nearly so. The first that matches counts. */
static const struct trade {
	const char *function, *what;
} trades[] = {
	{ "_raw_spin_*", "lock" }, { "_raw_read_*", "lock" }, { "_raw_write_*", "lock" },
	{ "queued_*", "lock" }, { "native_queued_*", "lock" }, { "down_*", "lock" }, { "up_*", "lock" },
	{ "mutex_*", "lock" }, { "rwsem_*", "lock" }, { "osq_*", "lock" },
	{ "filemap_get_read_batch", "xarray node" }, { "filemap_get_entry", "xarray node" },
	{ "filemap_get_folios*", "xarray node" }, { "xas_*", "xarray node" }, { "xa_*", "xarray node" },
	{ "__xa_*", "xarray node" },
	{ "fput", "struct file" }, { "__fput*", "struct file" }, { "fdget*", "struct file" },
	{ "__fdget*", "struct file" }, { "fget*", "struct file" }, { "__fget*", "struct file" },
	{ "touch_atime", "inode" }, { "atime_needs_update", "inode" }, { "inode_*", "inode" }, { "*_inode", "inode" },
	{ "file_update_time", "inode" }, { "file_modified*", "inode" }, { "generic_update_time", "inode" },
	{ "i_size_*", "inode" }, { "iput", "inode" }, { "*_file_read_iter", "inode" },
	{ "*_file_write_iter", "inode" }, { "*_dirty_inode", "inode" },
	{ "dput", "dentry" }, { "dget*", "dentry" }, { "lockref_*", "dentry" }, { "d_*", "dentry" },
	{ "__d_*", "dentry" }, { "lookup_fast", "dentry" },
	{ "percpu_counter_*", "counter" }, { "__percpu_counter_*", "counter" },
	{ NULL, NULL }
};

static const struct trade *trade_of(const char *function)
{
	const struct trade *t = trades;

	while (t->function && !matches(function, t->function))
		t++;
	return t->function ? t : NULL;
}

static const char *function_of(const struct object_toucher *t, const struct symbols *s)
{
	return s ? symbols_find(s, t->pc, NULL) : NULL;
}

/* Those that change a folio's reference count by an atomic instruction, as the page cache does on its way. */
static bool counts_references(const char *function)
{
	static const char *const names[] = {
		"filemap_get_read_batch", "filemap_get_entry", "filemap_get_folios*", "filemap_read", "folio_put*",
		"__folio_put*", "folio_try_get*", "folios_put*", "release_pages", "find_get_*", NULL
	};
	size_t i = 0;

	while (names[i] && !matches(function, names[i]))
		i++;
	return names[i];
}

static bool locks_folio(const char *function)
{
	return matches(function, "*folio_lock") || matches(function, "folio_unlock") ||
	       matches(function, "folio_trylock") || matches(function, "folio_wait_bit*") ||
	       matches(function, "folio_end_*");
}

static void describe_folio(const struct object_line *l, const struct symbols *s, const struct range *r,
			   struct buf *out)
{
	const char *function, *part = NULL;
	size_t i;

	for (i = 0; i < l->n && !part; i++) {
		function = l->toucher[i].kind == ACCESS_RMW ? function_of(&l->toucher[i], s) : NULL;
		if (function && counts_references(function))
			part = "reference count";
		else if (function && locks_folio(function))
			part = "flags (its lock)";
	}
	buf_fmt(out, "folio%s%s (page frame 0x%" PRIx64 ")", part ? ": " : "", part ? part : "",
		r->frame + (l->virt - r->first) / PAGE_STRUCT);
}

static bool describe_symbol(const struct object_line *l, const struct symbols *s, struct buf *out)
{
	uint64_t offset = 0;
	const char *name = s ? symbols_find(s, l->virt, &offset) : NULL;

	if (!name)
		return false;
	buf_fmt(out, "kernel data '%s", name);
	if (offset >= OP_LINE)
		buf_fmt(out, "+0x%" PRIx64, offset);
	buf_ch(out, '\'');
	return true;
}

/* x86-64 has its per-CPU data behind %gs. Prefixes come in any order, REX last; what a push or pop has on the stack is not meant. */
static bool through_gs(const struct object_toucher *t)
{
	bool gs = false;
	uint8_t i;

	for (i = 0; t->insn && i < t->len; i++) {
		gs |= t->insn[i] == 0x65;
		if (!memchr("\x26\x2e\x36\x3e\x64\x65\x66\x67\xf0\xf2\xf3", t->insn[i], 11) && (t->insn[i] & 0xf0) != 0x40)
			break;
	}
	if (!gs || i == t->len)
		return gs;
	return !(t->insn[i] == 0xff && t->kind == ACCESS_STORE) && !(t->insn[i] == 0x8f && t->kind == ACCESS_LOAD);
}

static bool is_percpu(const struct object_line *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (!l->arm64 && through_gs(&l->toucher[i]))
			return true;
	return false;
}

/* What those who touch it work on; else the area, and the first of them. */
static void describe_by_function(const struct object_line *l, const struct symbols *s, const char *area,
				 struct buf *out)
{
	const char *function, *first = NULL;
	const struct trade *t;
	size_t i;

	for (i = 0; i < l->n; i++) {
		function = function_of(&l->toucher[i], s);
		t = function ? trade_of(function) : NULL;
		if (t) {
			buf_fmt(out, "%s (by %s)", t->what, function);
			return;
		}
		if (!first)
			first = function;
	}
	buf_str(out, area);
	if (first)
		buf_fmt(out, " (by %s)", first);
}

void object_describe(const struct object_line *l, const struct symbols *s, struct buf *out)
{
	const struct range *r = range_of(l);

	if (r->area == AREA_USER)
		buf_str(out, "user memory");
	else if (r->area == AREA_PAGES)
		describe_folio(l, s, r, out);
	else if (r->area == AREA_ENTRY)
		buf_str(out, "per-CPU entry area");
	else if (r->area != AREA_LINEAR && describe_symbol(l, s, out))
		;	/* arm64 has the kernel's image among vmalloc's */
	else if (r->area == AREA_IMAGE)
		buf_str(out, "kernel data");
	else if (is_percpu(l))
		buf_str(out, "per-CPU data");
	else if (r->area == AREA_VMALLOC)
		buf_str(out, "vmalloc memory, perhaps a stack");
	else
		describe_by_function(l, s, "kernel memory", out);
}
