/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two vmlinux by what is loaded of them: kernel_compare(). */
#include "harness/kernel/kernel.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "harness/kernel/elf.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/err.h"

#define NAMED 8		/* symbols of one section that differ */

struct vmlinux {
	struct elf_file file;
	bool *matched;			/* of each section: has been compared with one of the other file */
	struct elf_symbol *symbol;	/* by address */
	size_t nsymbols;
};

/* Of one section, what differs. */
struct finding {
	const char *name[NAMED];
	size_t names, more;	/* more: symbols that are not named */
	uint64_t bytes, expected;	/* expected: of these, where a difference is by design */
};

/* A symbol of no size holds nothing that could differ. */
static void take_symbols(struct vmlinux *v)
{
	size_t i;

	v->symbol = xcalloc(v->file.nsymbols + 1, sizeof(v->symbol[0]));
	for (i = 0; i < v->file.nsymbols; i++)
		if (v->file.symbol[i].kind != ELF_LABEL && v->file.symbol[i].size)
			v->symbol[v->nsymbols++] = v->file.symbol[i];
}

static int open_vmlinux(struct vmlinux *v, const char *path)
{
	struct buf why = BUF_INIT;
	int ret;

	*v = (struct vmlinux){ 0 };
	ret = elf_open(&v->file, path, &why);
	if (ret)
		err("%s", buf_text(&why));
	take_symbols(v);
	v->matched = xcalloc(v->file.nsections + 1, sizeof(v->matched[0]));
	buf_release(&why);
	return ret;
}

static void close_vmlinux(struct vmlinux *v)
{
	free(v->symbol);
	free(v->matched);
	elf_close(&v->file);
}

/* The symbol that holds an address, else NULL. */
static const struct elf_symbol *symbol_at(const struct vmlinux *v, uint64_t addr)
{
	size_t low = 0, high = v->nsymbols, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (v->symbol[middle].addr <= addr)
			low = middle + 1;
		else
			high = middle;
	}
	/* one that is nested in another may end before addr: look a little further back */
	for (high = low > 4 ? low - 4 : 0; low-- > high;)
		if (addr - v->symbol[low].addr < v->symbol[low].size)
			return &v->symbol[low];
	return NULL;
}

/* What holds the number, time or place of a build, and the identity that follows from them. */
static bool by_design(const char *section, const struct elf_symbol *s)
{
	static const char *const names[] = { "linux_banner", "linux_proc_banner", "init_uts_ns", "vermagic" };
	size_t i;

	if (!strcmp(section, ".notes") || !strcmp(section, ".note.gnu.build-id"))
		return true;
	for (i = 0; s && i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(s->name, names[i]))
			return true;
	return false;
}

static void note(struct finding *f, const char *name)
{
	size_t i;

	for (i = 0; i < f->names; i++)
		if (!strcmp(f->name[i], name))
			return;
	if (f->names < NAMED)
		f->name[f->names++] = name;
	else
		f->more++;
}

/* Of the same size: byte by byte. */
static void compare_bytes(const struct vmlinux *v, const struct elf_section *a, const struct elf_section *b,
			  struct finding *f)
{
	const struct elf_symbol *s = NULL, *last = NULL;
	uint64_t i;

	for (i = 0; i < a->size; i++) {
		if (a->data[i] == b->data[i])
			continue;
		f->bytes++;
		if (!s || a->addr + i - s->addr >= s->size)
			s = symbol_at(v, a->addr + i);
		f->expected += by_design(a->name, s);
		if (s && s != last)
			note(f, s->name);
		last = s;
	}
}

/* The next symbol of a section from index i on, or NULL. */
static const struct elf_symbol *next_in(const struct vmlinux *v, const struct elf_section *s, size_t *i)
{
	for (; *i < v->nsymbols; (*i)++)
		if (v->symbol[*i].addr >= s->addr && v->symbol[*i].addr - s->addr < s->size)
			return &v->symbol[(*i)++];
	return NULL;
}

static int by_name_and_size(const void *a, const void *b)
{
	const struct elf_symbol *x = a, *y = b;
	int d = strcmp(x->name, y->name);

	return d ? d : (x->size > y->size) - (x->size < y->size);
}

/* A section's symbols by name. The caller frees. */
static struct elf_symbol *symbols_of(const struct vmlinux *v, const struct elf_section *s, size_t *n)
{
	struct elf_symbol *out = xcalloc(v->nsymbols + 1, sizeof(out[0]));
	const struct elf_symbol *one;
	size_t i = 0;

	for (*n = 0; (one = next_in(v, s, &i));)
		out[(*n)++] = *one;
	qsort(out, *n, sizeof(out[0]), by_name_and_size);
	return out;
}

/* Of different sizes everything has moved: which symbols have grown, shrunk, come or gone? */
static void compare_symbols(const struct vmlinux *va, const struct elf_section *a, const struct vmlinux *vb,
			    const struct elf_section *b, struct finding *f)
{
	size_t na, nb, i = 0, j = 0;
	struct elf_symbol *x = symbols_of(va, a, &na), *y = symbols_of(vb, b, &nb);
	int d;

	while (i < na || j < nb) {
		d = i == na ? 1 : j == nb ? -1 : by_name_and_size(&x[i], &y[j]);
		if (d)
			note(f, d < 0 ? x[i].name : y[j].name);
		i += d <= 0;
		j += d >= 0;
	}
	free(x);
	free(y);
}

/* link: "in", say. */
static void list_names(const struct finding *f, const char *link, struct buf *out)
{
	size_t i;

	for (i = 0; i < f->names; i++)
		buf_fmt(out, "%s %s", i ? "," : link, f->name[i]);
	if (f->more)
		buf_str(out, " and others");
	buf_ch(out, '\n');
}

/* Two sections of one name; true where they are the same but for what is by design. */
static bool compare_sections(const struct vmlinux *va, const struct elf_section *a, const struct vmlinux *vb,
			     const struct elf_section *b, struct buf *out)
{
	struct finding f = { 0 }, sizes = { 0 };

	if (a->size != b->size) {
		compare_symbols(va, a, vb, b, &f);
		buf_fmt(out, "%s: %llu bytes against %llu, different", a->name, (unsigned long long)a->size,
			(unsigned long long)b->size);
		list_names(&f, " in", out);
		return false;
	}
	if (a->addr != b->addr) {
		buf_fmt(out, "%s: at %#llx against %#llx\n", a->name, (unsigned long long)a->addr,
			(unsigned long long)b->addr);
		return false;
	}
	if (!a->data != !b->data) {
		buf_fmt(out, "%s: all zeros in one of them\n", a->name);
		return false;
	}
	if (a->data)
		compare_bytes(va, a, b, &f);
	if (!f.bytes)
		return true;
	buf_fmt(out, "%s: %llu of %llu bytes differ", a->name, (unsigned long long)f.bytes,
		(unsigned long long)a->size);
	compare_symbols(va, a, vb, b, &sizes);
	if (sizes.names)	/* in a section that is padded: what comes after these has moved */
		list_names(&sizes, ", moved by", out);
	else
		list_names(&f, " in", out);
	return f.expected == f.bytes;
}

/* A section of that name which is not matched yet, and is now; or NULL. */
static const struct elf_section *match(struct vmlinux *v, const char *name)
{
	size_t i;

	for (i = 0; i < v->file.nsections; i++) {
		if (v->matched[i] || strcmp(v->file.section[i].name, name))
			continue;
		v->matched[i] = true;
		return &v->file.section[i];
	}
	return NULL;
}

static void compare(struct vmlinux *a, struct vmlinux *b, struct kernel_difference *d)
{
	struct buf differ = BUF_INIT, text = BUF_INIT;
	const struct elf_section *one, *other;
	uint64_t bytes = 0;
	size_t i;

	d->same = true;
	for (i = 0; i < a->file.nsections; i++) {
		one = &a->file.section[i];
		bytes += one->size;
		other = match(b, one->name);
		if (other) {
			d->same &= compare_sections(a, one, b, other, &differ);
		} else {
			d->same = false;
			buf_fmt(&differ, "%s: only in the first\n", one->name);
		}
	}
	for (i = 0; i < b->file.nsections; i++) {
		if (b->matched[i])
			continue;
		d->same = false;
		buf_fmt(&differ, "%s: only in the second\n", b->file.section[i].name);
	}
	if (d->same)
		buf_fmt(&text, "the same code and data: %llu bytes in %zu sections%s\n", (unsigned long long)bytes,
			a->file.nsections, differ.len ? ", but for what names the build:" : "");
	buf_str(&text, buf_text(&differ));
	d->text = buf_detach(&text);
	buf_release(&differ);
}

int kernel_compare(const char *a, const char *b, struct kernel_difference *d)
{
	struct vmlinux first, second;
	int ret = -1;

	*d = (struct kernel_difference){ 0 };
	if (!open_vmlinux(&first, a)) {
		if (!open_vmlinux(&second, b)) {
			compare(&first, &second, d);
			ret = 0;
		}
		close_vmlinux(&second);
	}
	close_vmlinux(&first);
	return ret;
}
