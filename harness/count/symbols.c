/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/count/symbols.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness/kernel/elf.h"
#include "lib/alloc.h"
#include "lib/buf.h"

#define REACH (1u << 20)	/* of a symbol of unknown size into what follows it, where that is a hole */

struct symbol {
	const char *name;	/* "": nobody gave it one; it only ends what is before it */
	uint64_t addr, size;	/* size 0: not known */
	bool global, code_or_data;	/* false: a label, which may lie inside of another symbol */
};

struct symbols {
	char *names;		/* all of them, each with its NUL */
	struct symbol *named;	/* by name; all that were found */
	size_t n;
	struct symbol *at;	/* by address, one an address, their ends set; none within another */
	size_t nat;
};

static bool is_prefix_padding(const char *name)
{
	return !strncmp(name, "__pfx_", 6) || !strncmp(name, "__cfi_", 6);
}

/* Which of two at one address is its name? Below 0: x. */
static int better(const struct symbol *x, const struct symbol *y)
{
	size_t lx = strlen(x->name), ly = strlen(y->name);

	if (!lx != !ly)
		return lx ? -1 : 1;
	if (is_prefix_padding(x->name) != is_prefix_padding(y->name))
		return is_prefix_padding(x->name) ? 1 : -1;
	if (x->code_or_data != y->code_or_data)
		return x->code_or_data ? -1 : 1;
	if (x->global != y->global)
		return x->global ? -1 : 1;
	if (lx != ly)
		return lx < ly ? -1 : 1;
	return strcmp(x->name, y->name);
}

static int by_address(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	if (x->addr != y->addr)
		return x->addr < y->addr ? -1 : 1;
	return better(x, y);
}

static int by_name(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;
	int d = strcmp(x->name, y->name);

	return d ? d : (x->addr > y->addr) - (x->addr < y->addr);
}

/* Of those at one address the best; the size is the largest that any of them has. */
static void merge_aliases(struct symbols *s)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		if (s->nat && s->at[s->nat - 1].addr == s->at[i].addr) {
			if (s->at[s->nat - 1].size < s->at[i].size)
				s->at[s->nat - 1].size = s->at[i].size;
			continue;
		}
		s->at[s->nat++] = s->at[i];
	}
}

/* Labels inside of what has a size are part of it; what has none reaches to the next. */
static void settle_sizes(struct symbols *s)
{
	uint64_t end = 0, room;
	size_t i, n = 0;

	for (i = 0; i < s->nat; i++) {
		if (!s->at[i].size && s->at[i].addr < end)
			continue;
		if (s->at[i].size && s->at[i].addr + s->at[i].size > end)
			end = s->at[i].addr + s->at[i].size;
		s->at[n++] = s->at[i];
	}
	s->nat = n;
	for (i = 0; i < n; i++) {
		if (s->at[i].size)
			continue;
		room = i + 1 < n ? s->at[i + 1].addr - s->at[i].addr : REACH;
		s->at[i].size = room < REACH ? room : REACH;
	}
}

/* From s->at as it was gathered, whose names lie in s->names. */
static void arrange(struct symbols *s)
{
	s->named = xcalloc(s->n + 1, sizeof(s->named[0]));
	memcpy(s->named, s->at, s->n * sizeof(s->at[0]));
	qsort(s->named, s->n, sizeof(s->named[0]), by_name);
	qsort(s->at, s->n, sizeof(s->at[0]), by_address);
	merge_aliases(s);
	settle_sizes(s);
}

/* Nobody gave the names of assemblers and compilers: arm64's "$x", ".Ltmp12", ".LC0". */
static const char *given(const char *name)
{
	return *name == '$' || *name == '.' ? "" : name;
}

static void take_elf(struct symbols *s, const struct elf_file *f)
{
	const struct elf_symbol *from;
	size_t i, len = 0;
	char *name;

	for (i = 0; i < f->nsymbols; i++)
		len += strlen(f->symbol[i].name) + 1;
	name = s->names = xcalloc(len, 1);
	s->at = xcalloc(f->nsymbols, sizeof(s->at[0]));
	for (i = 0; i < f->nsymbols; i++) {
		from = &f->symbol[i];
		s->at[s->n++] = (struct symbol){
			.name = strcpy(name, given(from->name)), .addr = from->addr, .size = from->size,
			.global = from->global, .code_or_data = from->kind != ELF_LABEL,
		};
		name += strlen(name) + 1;
	}
}

struct symbols *symbols_from_vmlinux(const char *path, struct buf *why)
{
	struct symbols *s = xcalloc(1, sizeof(*s));
	struct elf_file f;
	int ret = elf_open(&f, path, why);

	if (!ret)
		take_elf(s, &f);
	if (!ret && !s->n) {
		buf_fmt(why, "%s has no symbol table", path);
		ret = -1;
	}
	elf_close(&f);
	if (!ret) {
		arrange(s);
		return s;
	}
	symbols_free(s);
	return NULL;
}

/* "ffffffff81234560 T vfs_read", or with "\t[brd]" behind it; the line ends in a NUL here. False: it is no such line. */
static bool parse_line(char *line, struct symbol *out)
{
	char *at, *end;

	errno = 0;
	*out = (struct symbol){ .addr = strtoull(line, &at, 16), .code_or_data = true };
	if (errno || !isxdigit((unsigned char)*line) || at[0] != ' ' || !at[1] || at[2] != ' ')
		return false;
	end = at + 3 + strcspn(at + 3, "\t ");
	if (end == at + 3)
		return false;
	*end = '\0';
	out->name = given(at + 3);
	out->global = at[1] >= 'A' && at[1] <= 'Z';
	return true;
}

/* 0, or -1 and why. */
static int take_lines(struct symbols *s, struct buf *why)
{
	char *line = s->names, *end;
	size_t number = 1, known = 0;
	struct symbol one;

	for (; *line; line = end + 1, number++) {
		end = strchr(line, '\n');
		if (!end) {
			buf_fmt(why, "kallsyms:%zu: a line without its end", number);
			return -1;
		}
		*end = '\0';
		if (!parse_line(line, &one)) {
			buf_fmt(why, "kallsyms:%zu: not \"ADDRESS TYPE NAME\": %.80s", number, line);
			return -1;
		}
		known += one.addr != 0;
		s->at[s->n++] = one;
	}
	if (known)
		return 0;
	buf_str(why, s->n ? "kallsyms: all addresses are 0: its reader may not see them (kernel.kptr_restrict)" :
			    "kallsyms: no symbols");
	return -1;
}

struct symbols *symbols_from_kallsyms(const char *text, size_t len, struct buf *why)
{
	struct symbols *s = xcalloc(1, sizeof(*s));
	size_t lines = 0, i;

	if (len && memchr(text, '\0', len)) {
		buf_str(why, "kallsyms: not a text");
		symbols_free(s);
		return NULL;
	}
	for (i = 0; i < len; i++)
		lines += text[i] == '\n';
	s->names = xstrndup(text, len);
	s->at = xcalloc(lines, sizeof(s->at[0]));
	if (!take_lines(s, why)) {
		arrange(s);
		return s;
	}
	symbols_free(s);
	return NULL;
}

void symbols_free(struct symbols *s)
{
	if (!s)
		return;
	free(s->names);
	free(s->named);
	free(s->at);
	free(s);
}

/* How many begin at or below it. */
static size_t below(const struct symbols *s, uint64_t address)
{
	size_t low = 0, high = s->nat, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (s->at[middle].addr <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const char *symbols_find(const struct symbols *s, uint64_t address, uint64_t *offset)
{
	size_t i = below(s, address), last = i > 8 ? i - 8 : 0;

	/* one that lies within another may end before the address: a few steps back is the other */
	while (i-- > last) {
		if (address - s->at[i].addr >= s->at[i].size)
			continue;
		if (offset)
			*offset = address - s->at[i].addr;
		return *s->at[i].name ? s->at[i].name : NULL;
	}
	return NULL;
}

uint64_t symbols_address(const struct symbols *s, const char *name)
{
	size_t low = 0, high = s->n, middle;
	int d;

	while (low < high) {
		middle = low + (high - low) / 2;
		d = strcmp(s->named[middle].name, name);
		if (d < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < s->n && !strcmp(s->named[low].name, name) ? s->named[low].addr : 0;
}
