/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names for addresses: from ELF files that the tests make, from this program itself, and from texts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <elf.h>

#include "harness/count/symbols.h"
#include "tests/unit/scratch.h"

#define TEXT 0x1000u
#define DATA 0x2000u

/* An ELF file of a section of code, one of data, and these symbols; the first is the empty one. */
struct made {
	Elf64_Ehdr head;
	Elf64_Shdr section[6];
	Elf64_Sym symbol[24];
	char names[512], sections[64];
};

static struct made made;
static size_t nsymbols, names_len;

static void make_begin(void)
{
	memset(&made, 0, sizeof(made));
	nsymbols = 1;
	names_len = 1;
}

static void make_symbol(const char *name, uint64_t addr, uint64_t size, unsigned char info)
{
	Elf64_Sym *s = &made.symbol[nsymbols++];

	*s = (Elf64_Sym){ .st_name = (Elf64_Word)names_len, .st_info = info, .st_value = addr, .st_size = size,
			  .st_shndx = addr < DATA ? 1 : 2 };
	strcpy(made.names + names_len, name);
	names_len += strlen(name) + 1;
}

#define GLOBAL(type) ELF64_ST_INFO(STB_GLOBAL, type)
#define LOCAL(type) ELF64_ST_INFO(STB_LOCAL, type)

static Elf64_Shdr *make_section(size_t i, const char *name, Elf64_Word type)
{
	static size_t at;

	at = i == 1 ? 1 : at;
	made.section[i].sh_name = (Elf64_Word)at;
	made.section[i].sh_type = type;
	strcpy(made.sections + at, name);
	at += strlen(name) + 1;
	return &made.section[i];
}

/* Its path, which the caller frees. */
static char *make_file(void)
{
	char *path = xasprintf("%s/vmlinux", scratch_dir);
	Elf64_Shdr *s;

	memcpy(made.head.e_ident, ELFMAG "\2\1\1", 7);
	made.head.e_type = ET_EXEC;
	made.head.e_machine = EM_X86_64;
	made.head.e_version = EV_CURRENT;
	made.head.e_ehsize = sizeof(made.head);
	made.head.e_shoff = offsetof(struct made, section);
	made.head.e_shentsize = sizeof(made.section[0]);
	made.head.e_shnum = 6;
	made.head.e_shstrndx = 5;
	s = make_section(1, ".text", SHT_NOBITS);
	s->sh_flags = SHF_ALLOC | SHF_EXECINSTR;
	s->sh_addr = TEXT;
	s->sh_size = 0x1000;
	s = make_section(2, ".data", SHT_NOBITS);
	s->sh_flags = SHF_ALLOC | SHF_WRITE;
	s->sh_addr = DATA;
	s->sh_size = 0x1000;
	s = make_section(3, ".symtab", SHT_SYMTAB);
	s->sh_offset = offsetof(struct made, symbol);
	s->sh_size = nsymbols * sizeof(made.symbol[0]);
	s->sh_entsize = sizeof(made.symbol[0]);
	s->sh_link = 4;
	s = make_section(4, ".strtab", SHT_STRTAB);
	s->sh_offset = offsetof(struct made, names);
	s->sh_size = sizeof(made.names);
	s = make_section(5, ".shstrtab", SHT_STRTAB);
	s->sh_offset = offsetof(struct made, sections);
	s->sh_size = sizeof(made.sections);
	scratch_write(path, &made, sizeof(made));
	return path;
}

static struct symbols *read_made(void)
{
	struct buf why = BUF_INIT;
	char *path = make_file();
	struct symbols *s = symbols_from_vmlinux(path, &why);

	if (!s)
		fail_msg("%s", buf_text(&why));
	buf_release(&why);
	free(path);
	return s;
}

static struct symbols *read_text(const char *text)
{
	struct buf why = BUF_INIT;
	struct symbols *s = symbols_from_kallsyms(text, strlen(text), &why);

	if (!s)
		fail_msg("%s", buf_text(&why));
	buf_release(&why);
	return s;
}

/* name NULL: nothing covers it. */
static void at(const struct symbols *s, uint64_t address, const char *name, uint64_t offset)
{
	uint64_t got = 77;
	const char *found = symbols_find(s, address, &got);

	if (!name) {
		assert_null(found);
		return;
	}
	if (!found)
		fail_msg("nothing at %#llx, not %s", (unsigned long long)address, name);
	assert_string_equal(found, name);
	assert_int_equal(got, offset);
	assert_string_equal(symbols_find(s, address, NULL), name);
}

static void functions_and_variables_cover_what_their_sizes_say(void **state)
{
	struct symbols *s;

	(void)state;
	make_begin();
	make_symbol("vfs_read", TEXT + 0x10, 0x20, GLOBAL(STT_FUNC));
	make_symbol("helper", TEXT + 0x40, 0x8, LOCAL(STT_FUNC));
	make_symbol("jiffies", DATA, 8, GLOBAL(STT_OBJECT));
	s = read_made();
	at(s, TEXT, NULL, 0);
	at(s, TEXT + 0x10, "vfs_read", 0);
	at(s, TEXT + 0x2f, "vfs_read", 0x1f);
	at(s, TEXT + 0x30, NULL, 0);
	at(s, TEXT + 0x41, "helper", 1);
	at(s, DATA + 7, "jiffies", 7);
	at(s, DATA + 8, NULL, 0);
	assert_int_equal(symbols_address(s, "jiffies"), DATA);
	assert_int_equal(symbols_address(s, "helper"), TEXT + 0x40);
	assert_int_equal(symbols_address(s, "helpe"), 0);
	assert_int_equal(symbols_address(s, "zebra"), 0);
	symbols_free(s);
}

static void of_aliases_the_global_and_then_the_short_one_is_the_name(void **state)
{
	struct symbols *s;

	(void)state;
	make_begin();
	make_symbol("a_local", TEXT, 16, LOCAL(STT_FUNC));
	make_symbol("__se_sys_read", TEXT, 16, GLOBAL(STT_FUNC));
	make_symbol("sys_read", TEXT, 16, GLOBAL(STT_FUNC));
	make_symbol("__pfx_x", TEXT + 16, 16, GLOBAL(STT_FUNC));
	make_symbol("prefixed_by_nobody", TEXT + 16, 16, LOCAL(STT_FUNC));
	make_symbol("__pfx_alone", TEXT + 32, 16, LOCAL(STT_FUNC));
	s = read_made();
	at(s, TEXT + 1, "sys_read", 1);
	at(s, TEXT + 17, "prefixed_by_nobody", 1);
	at(s, TEXT + 33, "__pfx_alone", 1);
	/* all of them have an address all the same */
	assert_int_equal(symbols_address(s, "__se_sys_read"), TEXT);
	assert_int_equal(symbols_address(s, "a_local"), TEXT);
	symbols_free(s);
}

static void what_has_no_size_reaches_to_the_next(void **state)
{
	struct symbols *s;

	(void)state;
	make_begin();
	make_symbol("asm_entry", TEXT, 0, GLOBAL(STT_NOTYPE));
	make_symbol("next", TEXT + 0x100, 0x10, GLOBAL(STT_FUNC));
	make_symbol("last", DATA, 0, GLOBAL(STT_OBJECT));
	s = read_made();
	at(s, TEXT + 0xff, "asm_entry", 0xff);
	at(s, TEXT + 0x100, "next", 0);
	at(s, TEXT + 0x110, NULL, 0);
	at(s, DATA + 0xfffff, "last", 0xfffff);
	at(s, DATA + 0x100000, NULL, 0);	/* nobody knows what is so far behind */
	symbols_free(s);
}

static void a_label_inside_of_a_function_is_part_of_it(void **state)
{
	struct symbols *s;

	(void)state;
	make_begin();
	make_symbol("entry", TEXT, 0x40, GLOBAL(STT_FUNC));
	make_symbol("entry_inner", TEXT + 0x10, 0, GLOBAL(STT_NOTYPE));
	make_symbol("table", DATA, 0x40, GLOBAL(STT_OBJECT));
	make_symbol("nested", DATA + 0x10, 8, GLOBAL(STT_OBJECT));
	s = read_made();
	at(s, TEXT + 0x20, "entry", 0x20);
	assert_int_equal(symbols_address(s, "entry_inner"), TEXT + 0x10);
	at(s, DATA + 0x11, "nested", 1);
	at(s, DATA + 0x20, "table", 0x20);	/* behind what is nested in it */
	symbols_free(s);
}

static void what_nobody_named_has_no_name_but_an_end(void **state)
{
	struct symbols *s;

	(void)state;
	make_begin();
	make_symbol("blob", DATA, 0, GLOBAL(STT_NOTYPE));
	make_symbol(".LC0", DATA + 0x10, 0, LOCAL(STT_NOTYPE));
	make_symbol("$d", DATA + 0x20, 0, LOCAL(STT_NOTYPE));
	make_symbol("variable", DATA + 0x20, 4, LOCAL(STT_OBJECT));
	s = read_made();
	at(s, DATA + 0xf, "blob", 0xf);
	at(s, DATA + 0x10, NULL, 0);
	at(s, DATA + 0x1f, NULL, 0);
	at(s, DATA + 0x21, "variable", 1);
	symbols_free(s);
}

int symbols_test_landmark(int n);
int symbols_test_landmark(int n)
{
	return n + 1;
}

static void this_programs_own_symbols_are_found(void **state)
{
	struct buf why = BUF_INIT;
	struct symbols *s = symbols_from_vmlinux("/proc/self/exe", &why);
	uint64_t address;

	(void)state;
	assert_non_null(s);
	address = symbols_address(s, "symbols_test_landmark");
	assert_true(address);
	at(s, address, "symbols_test_landmark", 0);
	/* as far from main() as it is in memory */
	assert_int_equal(address - symbols_address(s, "this_programs_own_symbols_are_found"),
			 (uint64_t)(uintptr_t)symbols_test_landmark -
				 (uint64_t)(uintptr_t)this_programs_own_symbols_are_found);
	symbols_free(s);
	buf_release(&why);
}

static void what_is_no_vmlinux_is_refused(void **state)
{
	struct buf why = BUF_INIT;
	char *path;

	(void)state;
	assert_null(symbols_from_vmlinux("/nonexistent/vmlinux", &why));
	assert_string_equal(buf_text(&why), "open /nonexistent/vmlinux: No such file or directory");
	buf_reset(&why);
	assert_null(symbols_from_vmlinux("/dev/null", &why));
	assert_non_null(strstr(buf_text(&why), "/dev/null is no vmlinux"));
	make_begin();
	path = make_file();
	buf_reset(&why);
	assert_null(symbols_from_vmlinux(path, &why));
	assert_non_null(strstr(buf_text(&why), "has no symbol table"));
	scratch_write(path, "#!/bin/sh\n", 10);
	buf_reset(&why);
	assert_null(symbols_from_vmlinux(path, &why));
	assert_non_null(strstr(buf_text(&why), "is no vmlinux: not an ELF file"));
	free(path);
	buf_release(&why);
}

static void a_cut_or_damaged_vmlinux_does_no_harm(void **state)
{
	struct buf why = BUF_INIT;
	size_t len, i;
	char *path;

	(void)state;
	make_begin();
	make_symbol("vfs_read", TEXT, 16, GLOBAL(STT_FUNC));
	path = make_file();
	for (len = 0; len < sizeof(made); len += 13) {
		scratch_write(path, &made, len);
		buf_reset(&why);
		symbols_free(symbols_from_vmlinux(path, &why));
	}
	for (i = 0; i < offsetof(struct made, names); i += 3) {
		((unsigned char *)&made)[i] ^= 0xff;
		scratch_write(path, &made, sizeof(made));
		((unsigned char *)&made)[i] ^= 0xff;
		buf_reset(&why);
		symbols_free(symbols_from_vmlinux(path, &why));
	}
	free(path);
	buf_release(&why);
}

static void kallsyms_name_modules_functions_too(void **state)
{
	struct symbols *s = read_text("0000000000000000 A fixed_percpu_data\n"
				      "ffffffff81000000 T _stext\n"
				      "ffffffff81000000 T _text\n"
				      "ffffffff81000010 t helper\n"
				      "ffffffff81000040 T vfs_read\n"
				      "ffffffff81000140 D jiffies\n"
				      "ffffffffc0000000 t brd_init\t[brd]\n"
				      "ffffffffc0000100 b brd_devices\t[brd]\n");

	(void)state;
	at(s, 0xffffffff81000005, "_text", 5);
	at(s, 0xffffffff8100003f, "helper", 0x2f);
	at(s, 0xffffffff81000041, "vfs_read", 1);
	at(s, 0xffffffff81000144, "jiffies", 4);
	at(s, 0xffffffffb0000000, NULL, 0);	/* between kernel and modules */
	at(s, 0xffffffffc0000001, "brd_init", 1);
	at(s, 0xffffffffc0000100, "brd_devices", 0);
	assert_int_equal(symbols_address(s, "brd_init"), 0xffffffffc0000000);
	assert_int_equal(symbols_address(s, "_stext"), 0xffffffff81000000);
	symbols_free(s);
}

static void kallsyms_need_not_be_in_order(void **state)
{
	struct symbols *s = read_text("ffff800080001000 T second\nffff800080000000 T first\n"
				      "ffff800080000000 t __pfx_f\nffff800080000800 t middle\n");

	(void)state;
	at(s, 0xffff800080000010, "first", 0x10);
	at(s, 0xffff800080000800, "middle", 0);
	at(s, 0xffff800080001000, "second", 0);
	symbols_free(s);
}

static void bad_kallsyms_are_refused_with_their_line(void **state)
{
	static const char *const bad[][2] = {
		{ "", "no symbols" },
		{ "0000000000000000 T _text\n0000000000000000 T vfs_read\n", "all addresses are 0" },
		{ "ffffffff81000000 T _text", "kallsyms:1: a line without its end" },
		{ "ffffffff81000000 T _text\nffffffff81000", "kallsyms:2: a line without its end" },
		{ "ffffffff81000000 T _text\n\n", "kallsyms:2: not \"ADDRESS TYPE NAME\": " },
		{ "ffffffff81000000 _text\n", "kallsyms:1: not" },
		{ "ffffffff81000000 TT _text\n", "kallsyms:1: not" },
		{ "ffffffff81000000 T \n", "kallsyms:1: not" },
		{ "ffffffff81000000 T\n", "kallsyms:1: not" },
		{ "ffffffff81000000\n", "kallsyms:1: not" },
		{ "fffffffffffffffff T _text\n", "kallsyms:1: not" },	/* 17 digits */
		{ "-1 T _text\n", "kallsyms:1: not" },
		{ " 1 T _text\n", "kallsyms:1: not" },
		{ "vfs_read T _text\n", "kallsyms:1: not" },
	};
	struct buf why = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		buf_reset(&why);
		assert_null(symbols_from_kallsyms(bad[i][0], strlen(bad[i][0]), &why));
		if (!strstr(buf_text(&why), bad[i][1]))
			fail_msg("\"%s\": not \"%s\" but \"%s\"", bad[i][0], bad[i][1], buf_text(&why));
	}
	buf_reset(&why);
	assert_null(symbols_from_kallsyms("1 T a\0b\n", 8, &why));
	assert_string_equal(buf_text(&why), "kallsyms: not a text");
	buf_release(&why);
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
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(functions_and_variables_cover_what_their_sizes_say),
		cmocka_unit_test(of_aliases_the_global_and_then_the_short_one_is_the_name),
		cmocka_unit_test(what_has_no_size_reaches_to_the_next),
		cmocka_unit_test(a_label_inside_of_a_function_is_part_of_it),
		cmocka_unit_test(what_nobody_named_has_no_name_but_an_end),
		cmocka_unit_test(this_programs_own_symbols_are_found),
		cmocka_unit_test(what_is_no_vmlinux_is_refused),
		cmocka_unit_test(a_cut_or_damaged_vmlinux_does_no_harm),
		cmocka_unit_test(kallsyms_name_modules_functions_too),
		cmocka_unit_test(kallsyms_need_not_be_in_order),
		cmocka_unit_test(bad_kallsyms_are_refused_with_their_line),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
