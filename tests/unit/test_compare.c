/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernels compared by what is loaded of them. The vmlinux here are made by the tests: a few sections and symbols. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <gelf.h>
#include <libelf.h>

#include "harness/kernel/kernel.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "tests/unit/scratch.h"

#define TEXT_ADDR 0x1000
#define DATA_ADDR 0x2000
#define BANNER_ADDR 0x2010

/* A vmlinux: .text with do_read at 0 and do_write at 8, .data with state at 0 and linux_banner at 16, and the rest. */
struct made {
	const char *text, *data;
	size_t text_len, data_len;	/* 0: of the string */
	size_t bss;
	size_t read_len;		/* of do_read; 0: 8 */
	const char *notes, *debug;	/* NULL: no such section */
	const char *extra;		/* name of one more loaded section, or NULL */
};

static const struct made usual = { .text = "readreadwritwrit", .data = "0123456789abcdefLinux version 6.1",
				   .bss = 64, .notes = "id-1", .debug = "line 1" };

struct writer {
	Elf *elf;
	char names[256];	/* of sections; does not move, as libelf points into it */
	size_t len;
};

static Elf_Scn *add(struct writer *w, const char *name, unsigned type, uint64_t flags, uint64_t addr, const void *data,
		    size_t len)
{
	Elf_Scn *scn = elf_newscn(w->elf);
	Elf_Data *d = elf_newdata(scn);
	GElf_Shdr header;

	d->d_buf = (void *)data;
	d->d_size = len;
	d->d_align = 1;
	d->d_type = type == SHT_SYMTAB ? ELF_T_SYM : ELF_T_BYTE;
	d->d_version = EV_CURRENT;
	gelf_getshdr(scn, &header);
	header.sh_name = (GElf_Word)w->len;
	header.sh_type = type;
	header.sh_flags = flags;
	header.sh_addr = addr;
	gelf_update_shdr(scn, &header);
	memcpy(w->names + w->len, name, strlen(name) + 1);
	w->len += strlen(name) + 1;
	return scn;
}

static void add_symbols(struct writer *w, const struct made *m, Elf64_Sym *sym)
{
	static const char strings[] = "\0do_read\0do_write\0state\0linux_banner";
	size_t read_len = m->read_len ? m->read_len : 8;
	Elf_Scn *names = add(w, ".strtab", SHT_STRTAB, 0, 0, strings, sizeof(strings)), *scn;
	GElf_Shdr header;

	memset(sym, 0, 5 * sizeof(sym[0]));
	sym[1] = (Elf64_Sym){ .st_name = 1, .st_info = STT_FUNC, .st_value = TEXT_ADDR, .st_size = read_len };
	sym[2] = (Elf64_Sym){ .st_name = 9, .st_info = STT_FUNC, .st_value = TEXT_ADDR + read_len, .st_size = 8 };
	sym[3] = (Elf64_Sym){ .st_name = 18, .st_info = STT_OBJECT, .st_value = DATA_ADDR, .st_size = 16 };
	sym[4] = (Elf64_Sym){ .st_name = 24, .st_info = STT_OBJECT, .st_value = BANNER_ADDR, .st_size = 17 };
	scn = add(w, ".symtab", SHT_SYMTAB, 0, 0, sym, 5 * sizeof(sym[0]));
	gelf_getshdr(scn, &header);
	header.sh_link = (GElf_Word)elf_ndxscn(names);
	header.sh_entsize = sizeof(sym[0]);
	gelf_update_shdr(scn, &header);
}

static void add_sections(struct writer *w, const struct made *m, Elf64_Sym *sym)
{
	add(w, ".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, TEXT_ADDR, m->text,
	    m->text_len ? m->text_len : strlen(m->text));
	add(w, ".data", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, DATA_ADDR, m->data,
	    m->data_len ? m->data_len : strlen(m->data));
	add(w, ".bss", SHT_NOBITS, SHF_ALLOC | SHF_WRITE, 0x3000, NULL, m->bss);
	if (m->notes)
		add(w, ".notes", SHT_NOTE, SHF_ALLOC, 0x4000, m->notes, strlen(m->notes));
	if (m->debug)
		add(w, ".debug_line", SHT_PROGBITS, 0, 0, m->debug, strlen(m->debug));
	if (m->extra)
		add(w, m->extra, SHT_PROGBITS, SHF_ALLOC, 0x5000, "x", 1);
	add_symbols(w, m, sym);
}

/* Writes it. The caller frees the path. */
static char *make(const char *name, const struct made *m)
{
	char *path = xasprintf("%s/%s", scratch_dir, name);
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	struct writer w = { .len = 1 };
	Elf64_Sym sym[5];
	GElf_Ehdr header;
	Elf_Scn *scn;

	elf_version(EV_CURRENT);
	w.elf = elf_begin(fd, ELF_C_WRITE, NULL);
	assert_non_null(w.elf);
	gelf_newehdr(w.elf, ELFCLASS64);
	add_sections(&w, m, sym);
	scn = add(&w, ".shstrtab", SHT_STRTAB, 0, 0, w.names, sizeof(w.names));
	gelf_getehdr(w.elf, &header);
	header.e_type = ET_EXEC;
	header.e_machine = EM_X86_64;
	header.e_version = EV_CURRENT;
	header.e_shstrndx = (GElf_Half)elf_ndxscn(scn);
	gelf_update_ehdr(w.elf, &header);
	assert_true(elf_update(w.elf, ELF_C_WRITE) > 0);
	elf_end(w.elf);
	close(fd);
	return path;
}

static void expect(const struct made *a, const struct made *b, bool same, const char *text)
{
	char *first = make("a", a), *second = make("b", b);
	struct kernel_difference d;

	assert_int_equal(kernel_compare(first, second, &d), 0);
	assert_string_equal(d.text, text);
	assert_int_equal(d.same, same);
	free(d.text);
	free(first);
	free(second);
}

static void a_kernel_is_the_same_as_itself(void **state)
{
	(void)state;
	expect(&usual, &usual, true, "the same code and data: 117 bytes in 4 sections\n");
}

static void what_is_not_loaded_does_not_count(void **state)
{
	struct made other = usual;

	(void)state;
	other.debug = "line 22";
	expect(&usual, &other, true, "the same code and data: 117 bytes in 4 sections\n");
	other.debug = NULL;
	expect(&usual, &other, true, "the same code and data: 117 bytes in 4 sections\n");
}

static void one_changed_byte_of_code_names_its_function(void **state)
{
	struct made other = usual;

	(void)state;
	other.text = "readreadwritwriT";
	expect(&usual, &other, false, ".text: 1 of 16 bytes differ in do_write\n");
	other.text = "READreadwritwriT";
	expect(&usual, &other, false, ".text: 5 of 16 bytes differ in do_read, do_write\n");
	other = usual;
	other.data = "0123456789abcdeXLinux version 6.1";
	expect(&usual, &other, false, ".data: 1 of 33 bytes differ in state\n");
}

static void a_function_that_has_grown_is_named_and_those_that_only_moved_are_not(void **state)
{
	struct made other = usual;

	(void)state;
	other.text = "readreadREADwritwrit";
	other.read_len = 12;
	expect(&usual, &other, false, ".text: 16 bytes against 20, different in do_read\n");
	/* the same in a section that is padded to one size */
	other.text = "READwritwritxxxx";
	other.read_len = 4;
	expect(&usual, &other, false, ".text: 12 of 16 bytes differ, moved by do_read\n");
}

static void the_banner_alone_is_named_and_no_difference(void **state)
{
	struct made other = usual;

	(void)state;
	other.data = "0123456789abcdefLinux version 6.2";
	other.notes = "id-2";
	expect(&usual, &other, true,
	       "the same code and data: 117 bytes in 4 sections, but for what names the build:\n"
	       ".data: 1 of 33 bytes differ in linux_banner\n.notes: 1 of 4 bytes differ\n");
	other.data = "X123456789abcdefLinux version 6.2";
	expect(&usual, &other, false,
	       ".data: 2 of 33 bytes differ in state, linux_banner\n.notes: 1 of 4 bytes differ\n");
}

static void sections_of_one_kernel_only_are_a_difference(void **state)
{
	struct made other = usual;

	(void)state;
	other.extra = ".init.more";
	expect(&usual, &other, false, ".init.more: only in the second\n");
	expect(&other, &usual, false, ".init.more: only in the first\n");
	other = usual;
	other.bss = 65;
	expect(&usual, &other, false, ".bss: 64 bytes against 65, different\n");
}

static void expect_refusal(const char *path, const char *message)
{
	char *good = make("a", &usual);
	struct kernel_difference d;
	const char *heard;
	int i;

	for (i = 0; i < 2; i++) {
		scratch_listen();
		assert_int_equal(kernel_compare(i ? path : good, i ? good : path, &d), -1);
		heard = scratch_heard();
		if (!strstr(heard, message))
			fail_msg("expected '%s' in '%s'", message, heard);
	}
	free(good);
}

static void what_is_no_kernel_is_refused(void **state)
{
	char *path = xasprintf("%s/bad", scratch_dir), *good = make("good", &usual);
	struct buf text = BUF_INIT;
	size_t len;

	(void)state;
	expect_refusal("/nonexistent/vmlinux", "open /nonexistent/vmlinux: No such file or directory");
	scratch_write(path, "", 0);
	expect_refusal(path, "is no vmlinux");
	scratch_write(path, "plain text, long enough to hold the header of an ELF file, which it is not", 74);
	expect_refusal(path, "is no vmlinux: not an ELF file");
	expect_refusal("/", "is no vmlinux");
	/* cut off anywhere: an error or, where only what is not loaded is gone, none; never a crash */
	assert_int_equal(buf_read_file(&text, good), 0);
	for (len = 1; len < text.len; len += 7) {
		struct kernel_difference d;

		scratch_write(path, text.s, len);
		scratch_listen();
		if (!kernel_compare(good, path, &d))
			free(d.text);
		scratch_heard();
	}
	buf_release(&text);
	free(good);
	free(path);
}

static int begin(void **state)
{
	(void)state;
	scratch_begin();
	return 0;
}

static int end(void **state)
{
	(void)state;
	scratch_end();
	buf_release(&scratch_ear.text);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_kernel_is_the_same_as_itself),
		cmocka_unit_test(what_is_not_loaded_does_not_count),
		cmocka_unit_test(one_changed_byte_of_code_names_its_function),
		cmocka_unit_test(a_function_that_has_grown_is_named_and_those_that_only_moved_are_not),
		cmocka_unit_test(the_banner_alone_is_named_and_no_difference),
		cmocka_unit_test(sections_of_one_kernel_only_are_a_difference),
		cmocka_unit_test(what_is_no_kernel_is_refused),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
